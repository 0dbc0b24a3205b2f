"""Overlay: the main picture of several runs of a study in one."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.faces.web.pictures.style import (
    CYCLE,
    DASHES,
    GREY,
    figure,
    line,
    line_of,
    moments,
    timed,
    value_axis,
)
from sparewatt.results.buckets import bucket_highest, shared_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.model.horizon import Horizon
    from sparewatt.results.run_folder import RunFolder

MOST_RUNS = 8
"""Lines that can be told apart."""
_DAY_S = 86_400


class RunLine(NamedTuple):
    """What is drawn of one run.

    Parameters
    ----------
    name
        Of the run, for people.
    horizon
        Its periods.
    values
        One per period, shape (periods,).
    """

    name: str
    horizon: Horizon
    values: NDArray[np.float64]


def overlay(runs: Sequence[tuple[str, RunFolder]], study: str) -> Figure | None:
    """The main picture of a study with a line for each run; ``None`` where the study has none.

    Parameters
    ----------
    runs
        Names for people, and files of runs that are done; those beyond `MOST_RUNS` are left out.
    study
        Their study; the module ``<study>_overlay`` draws it.
    """
    name = f"sparewatt.faces.web.pictures.{study}_overlay"
    if not study.isidentifier() or importlib.util.find_spec(name) is None or not runs:
        return None
    found: Figure | None = importlib.import_module(name).overlay(runs[:MOST_RUNS])
    return found


def overlaid(
    lines: Sequence[RunLine], title: str, unit: str, look: Look, level: float | None = None
) -> Figure:
    """Runs as lines, on the clock where their times overlap, else from the beginning of each.

    Parameters
    ----------
    lines
        The runs.
    title
        Of the vertical axis, with the unit.
    unit
        Under the pointer.
    look
        How many points lines may have.
    level
        A limit that all runs share.

    Where a run is long every line tells the highest of each 24 hours of it.
    """
    start, end = min(one.horizon.start for one in lines), max(one.horizon.end for one in lines)
    together = max(one.horizon.start for one in lines) < min(one.horizon.end for one in lines)
    zone = lines[0].horizon.timezone
    is_long = any(one.horizon.periods > look.points for one in lines)
    data: list[Trace] = []
    for k, one in enumerate(lines):
        h = one.horizon
        edges, values = _by_day(one) if is_long else _kept(one, look.points)
        colour, dash = CYCLE[k % len(CYCLE)], DASHES[k % len(DASHES)]
        if together:
            at = moments(h.boundaries_s[edges], zone)
            data.append(line(at, values, one.name, colour, unit=unit, dash=dash))
        else:
            hours = (edges * h.step_h).tolist()
            data.append(line_of(hours, values, one.name, colour, unit=unit, dash=dash))
    longest = max(one.horizon.periods * one.horizon.step_h for one in lines)
    if level is not None:
        x = moments([start, end], zone).x if together else [0.0, longest]
        data.append(line_of(x, [level, level], "limit", GREY, unit=unit, width=2.0))
    layout = (
        timed(start, end, zone, look)
        if together
        else {"xaxis": {"title": {"text": "time since the start of each run [h]"}, "automargin": True}}
    )
    return figure(
        data, {**layout, "yaxis": value_axis(f"{title}, highest of each 24 h" if is_long else title)}
    )


def _kept(one: RunLine, points: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Boundaries and values of a line with its minima and maxima, the last value once more for its end."""
    rows = shared_rows([one.values], points)
    return np.append(rows, one.horizon.periods), np.append(one.values[rows], one.values[rows[-1]])


def _by_day(one: RunLine) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Boundaries and highest values of each 24 hours since the start of a run."""
    h = one.horizon
    size = max(1, _DAY_S // h.step_s)
    edges = np.append(np.arange(0, h.periods, size), h.periods)
    highest = bucket_highest(one.values, edges)
    return edges, np.append(highest, highest[-1])
