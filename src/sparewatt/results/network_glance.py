"""A network run at a glance, for lists: its size, and a small map of its cables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.results.network_columns import ROW_LIMIT
from sparewatt.results.network_grid_reading import read_grid
from sparewatt.results.network_places import place_nodes
from sparewatt.results.network_state import ZONES
from sparewatt.results.network_state_files import GRID, fitting, read_state_files
from sparewatt.results.series_files import read_horizon, refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_WIDE, _HIGH, _PAD = 320.0, 150.0, 8.0


@dataclass(frozen=True)
class NetworkSize:
    """How large a network run is.

    Parameters
    ----------
    customers, feeders, zones, days
        Numbers of them.
    evs
        EVs that fit, all zones together.
    is_planned
        Whether they were planned, or fit by their energy alone.
    """

    customers: int
    feeders: int
    zones: int
    days: int
    evs: int
    is_planned: bool


def read_network_size(directory: Path) -> NetworkSize:
    """The size of a run from its series folder, without reading what is long.

    Raises
    ------
    InputError
        A file is missing, or does not hold what it should.
    """
    with fitting():
        files = read_state_files(directory, (ZONES,))
        zones = files.found[ZONES]
        return NetworkSize(
            _rows(directory, "customers"),
            _rows(directory, "feeders"),
            len(zones),
            read_horizon(files.meta["horizon"]).days,
            int(np.asarray(zones["evs_realised"].to_numpy(), dtype=np.int64).sum()),
            files.meta["ev_horizon"] is not None,
        )


def _rows(directory: Path, name: str) -> int:
    path = directory / f"{name}.parquet"
    try:
        rows = int(pq.read_metadata(path).num_rows)
    except FileNotFoundError:
        raise refused(path.name, "the file is not there") from None
    except (pa.ArrowException, OSError) as error:
        raise refused(path.name, f"not readable as Parquet ({type(error).__name__})") from None
    if rows > ROW_LIMIT:
        raise refused(path.name, f"more than {ROW_LIMIT:,} rows")
    return rows


def draw_small_map(directory: Path, colours: Sequence[str], other: str) -> str:
    """The cables of a run as an SVG, a colour per feeder, from its series folder.

    Parameters
    ----------
    directory
        The folder.
    colours
        Of feeders, in turn.
    other
        Colour of the transformer, and of cables between feeders.

    Raises
    ------
    InputError
        A file is missing, or does not hold what it should.
    """
    with fitting():
        files = read_state_files(directory, GRID)
        network, feeders, _, _ = read_grid(files.found, files.meta["network"])
    at, is_drawn = place_nodes(network, feeders)
    low, span = at.min(axis=0), np.maximum(np.ptp(at, axis=0), 1e-9)
    room = np.array([_WIDE - 2 * _PAD, _HIGH - 2 * _PAD])
    scale = room / span if is_drawn else np.full(2, float((room / span).min()))
    x, y = ((at - low) * scale + (np.array([_WIDE, _HIGH]) - span * scale) / 2).T
    b, feeder = network.branches, feeders.branch_feeder
    paths = []
    for f in np.unique(feeder).tolist():
        rows = np.flatnonzero(feeder == f)
        ends = zip(b.from_node[rows].tolist(), b.to_node[rows].tolist(), strict=True)
        d = "".join(f"M{x[m]:.1f} {_HIGH - y[m]:.1f}L{x[n]:.1f} {_HIGH - y[n]:.1f}" for m, n in ends)
        paths.append(f'<path d="{d}" stroke="{colours[f % len(colours)] if f >= 0 else other}"/>')
    k = network.busbar
    paths.append(f'<circle cx="{x[k]:.1f}" cy="{_HIGH - y[k]:.1f}" r="4.5" fill="{other}" stroke="none"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE:g} {_HIGH:g}">'
        f'<g fill="none" stroke-width="1.6" stroke-linecap="round">{"".join(paths)}</g></svg>\n'
    )
