"""Overlay: pictures in which several runs of a study lie over each other."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sparewatt.faces.web.pictures.style import (
    CYCLE,
    DASHES,
    GREY,
    Trace,
    figure,
    line,
    line_of,
    moments,
    timed,
    value_axis,
)
from sparewatt.results.buckets import bucket_highest, bucket_lowest, periods_between, shared_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look, Picture
    from sparewatt.model.horizon import Horizon
    from sparewatt.results.run_folder import RunFolder

Runs = tuple[tuple[str, "RunFolder"], ...]
"""Names for people, and files of runs that are done."""
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


def compared_pictures(runs: Sequence[tuple[str, RunFolder]], study: str) -> tuple[Picture, ...]:
    """The pictures of a study in which runs are compared; none where the study has none.

    Parameters
    ----------
    runs
        Names for people, and files of runs that are done; those beyond `MOST_RUNS` are left out.
    study
        Their study; the function ``compared`` of the module ``<study>_overlay`` makes them. Their ``draw``
        and ``choices`` look at all runs, whichever folder they are given.
    """
    name = f"sparewatt.faces.web.pictures.{study}_overlay"
    if not study.isidentifier() or importlib.util.find_spec(name) is None or not runs:
        return ()
    found: tuple[Picture, ...] = importlib.import_module(name).compared(tuple(runs[:MOST_RUNS]))
    return found


def share_the_clock(horizons: Sequence[Horizon]) -> bool:
    """Whether the times of runs overlap, so that they can lie on one axis of time."""
    return max(h.start for h in horizons) < min(h.end for h in horizons)


def run_look(k: int) -> tuple[str, str]:
    """Colour and dash of the ``k``-th of several runs; no two of `MOST_RUNS` are the same."""
    return CYCLE[k % len(CYCLE)], DASHES[(k + k // len(CYCLE)) % len(DASHES)]


def overlaid(
    lines: Sequence[RunLine], title: str, unit: str, look: Look, limit: RunLine | None = None
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
        The window, and how many points lines may have.
    limit
        A limit that all runs share.

    Where very much is looked at, every line tells the highest of each 24 hours of it.
    """
    start, end = min(one.horizon.start for one in lines), max(one.horizon.end for one in lines)
    together = share_the_clock([one.horizon for one in lines])
    zone = lines[0].horizon.timezone
    window = (look.start, look.end) if together else (None, None)
    spans = [_seen(one.horizon, window) for one in lines]
    is_long = any(hi - lo > look.points for lo, hi in spans)
    data: list[Trace] = []
    for k, (one, (lo, hi)) in enumerate(zip(lines, spans, strict=True)):
        if lo == hi:
            continue  # nothing of it in this window
        edges, values = _by_day(one, lo, hi) if is_long else _kept(one, lo, hi, look.points)
        colour, dash = run_look(k)
        data.append(_drawn(one, edges, values, colour, zone if together else "", unit=unit, dash=dash))
    if limit is not None and data:
        lo, hi = _seen(limit.horizon, window)
        if lo < hi:
            edges, values = (
                _by_day(limit, lo, hi, bucket_lowest) if is_long else _kept(limit, lo, hi, look.points)
            )
            named = limit._replace(name=f"{limit.name}, lowest") if is_long else limit
            at = zone if together else ""
            data.append(_drawn(named, edges, values, GREY, at, unit=unit, width=2.0))
    apart = {"xaxis": {"title": {"text": "time since the start of each run [h]"}, "automargin": True}}
    layout = timed(start, end, zone, look) if together else apart
    return figure(
        data, {**layout, "yaxis": value_axis(f"{title},<br>highest of each 24 h" if is_long else title)}
    )


def _seen(h: Horizon, window: tuple[datetime | None, datetime | None]) -> tuple[int, int]:
    """Periods of a run in a window; none where it lies elsewhere."""
    start, end = window
    if (start is not None and start >= h.end) or (end is not None and end <= h.start):
        return 0, 0
    return periods_between(h, start, end)


def _drawn(
    one: RunLine,
    edges: NDArray[np.int64],
    values: NDArray[np.float64],
    colour: str,
    zone: str,
    **more: object,
) -> Trace:
    """A line on the clock of a zone; without one over hours since the start of the run."""
    h = one.horizon
    if zone:
        return line(moments(h.boundaries_s[edges], zone), values, one.name, colour, **more)  # type: ignore[arg-type]
    return line_of((edges * h.step_h).tolist(), values, one.name, colour, **more)  # type: ignore[arg-type]


def _kept(one: RunLine, lo: int, hi: int, points: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Boundaries and values of a line with its minima and maxima, the last value once more for its end."""
    rows = shared_rows([one.values[lo:hi]], points) + lo
    return np.append(rows, hi), np.append(one.values[rows], one.values[rows[-1]])


def _by_day(
    one: RunLine, lo: int, hi: int, tell: Callable[..., NDArray[np.floating[Any]]] = bucket_highest
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Boundaries and highest (or lowest) values of each 24 hours since the start of a window."""
    size = max(1, _DAY_S // one.horizon.step_s)
    edges = np.append(np.arange(lo, hi, size), hi)
    told = tell(one.values[lo:hi], edges)
    return edges, np.append(told, told[-1])
