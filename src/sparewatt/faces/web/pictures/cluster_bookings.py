"""Hub: bookings as outlines around the units they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.style import GREY, PURPLE, moments, plain, spans
from sparewatt.model.trace import BookingState
from sparewatt.results.hub_promises import BOOKING_WORDS, GIVEN_UP, bookings_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.cluster_windows import ClusterWindows

_MOST = 1000
_CLEAR = "rgba(0,0,0,0)"


def booking_outlines(
    windows: ClusterWindows, lo: int, hi: int, units: NDArray[np.int64], labels: Sequence[str]
) -> list[Trace]:
    """Bookings of some units in a window: outlines, hatched where the unit was given free or another taken.

    Parameters
    ----------
    windows
        The hub.
    lo, hi
        Periods of the window.
    units
        Rows of the units that are shown.
    labels
        What every unit is called on the axis.

    Walk-ins book when they arrive, until their declared departure. Very many are not drawn.
    """
    b = bookings_between(windows, lo, hi)
    seen = np.flatnonzero(np.isin(b.evse, units))
    if not 0 < len(seen) <= _MOST:
        return []
    h = windows.horizon
    begin_s, end_s = h.boundaries_s[b.first], h.boundaries_s[b.end]
    ids = windows.part("visits", ["ids"])["ids"][b.vehicle[seen]]
    since, until = moments(begin_s[seen], h.timezone).words, moments(end_s[seen], h.timezone).words
    made = moments(h.boundaries_s[b.made[seen]], h.timezone).words
    words = [
        f"{plain(str(v))}<br>booked {a} to {z}<br>on {m}; {BOOKING_WORDS[BookingState(state)]}"
        for v, a, z, m, state in zip(ids, since, until, made, b.state[seen].tolist(), strict=True)
    ]
    given_up = np.isin(b.state[seen], GIVEN_UP)
    traces = []
    for name, own, colour, shape in (
        ("booked", ~given_up, PURPLE, ""),
        ("booked, given free", given_up, GREY, "x"),
    ):
        at = np.flatnonzero(own)
        if not len(at):
            continue
        rows = seen[at]
        trace = spans(
            [labels[u] for u in b.evse[rows]],
            begin_s[rows],
            end_s[rows],
            name,
            _CLEAR,
            words=[words[k] for k in at.tolist()],
            thick=0.94,
        )
        marker = {"color": _CLEAR, "line": {"color": colour, "width": 1.6}}
        if shape:
            marker["pattern"] = {
                "shape": shape,
                "fgcolor": colour,
                "bgcolor": _CLEAR,
                "size": 7,
                "solidity": 0.1,
            }
        traces.append({**trace, "marker": marker})
    return traces
