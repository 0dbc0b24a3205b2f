"""A network run over time in two lines, and its worst moment: where to look on the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.network_part_reading import read_zonal
from sparewatt.results.run_folder import SERIES
from sparewatt.simulate.network_moment import worst_moment
from sparewatt.studies.network_steps import CASE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.results.network_grid_state import GridState


@dataclass(frozen=True)
class Strip:
    """The network over the moments that can be shown.

    Parameters
    ----------
    times_s
        Left edges of the periods, seconds since 1970 [s].
    lowest_pu
        Lowest voltage of any zone; NaN where there is no solution [pu].
    transformer_loading
        Apparent power over rating.
    worst
        Period of the horizon to look at first.
    what
        What is worst there, in words.
    """

    times_s: NDArray[np.int64]
    lowest_pu: NDArray[np.float64]
    transformer_loading: NDArray[np.float64]
    worst: int
    what: str


def find_strip(directory: Path, state: GridState, shown: str) -> Strip:
    """The strip of what is shown: a way of charging that was replayed, or a case by its row."""
    kind, _, row = shown.partition(":")
    case = state.cases[int(row)].name if kind == CASE else ""
    part = read_zonal(
        directory / SERIES,
        state.horizon,
        zones=state.zones.ids,
        case=case,
        charging="" if case else shown,
    )
    rating, series = state.network.transformer.rating_kva, part.series
    at, what = worst_moment(series, state.floor_pu, state.ceiling_pu, rating)
    known = series.converged
    return Strip(
        state.horizon.start_s + part.periods * state.horizon.step_s,
        np.where(known, series.min_pu.min(axis=0), np.nan),
        np.where(known, series.transformer_kva / rating, np.nan),
        int(part.periods[at]),
        what,
    )
