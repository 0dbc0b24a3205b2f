"""Who gets which charger when nobody plans: first come, first served, kept until plug-out."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.schedule import AC, DC, NO_CHARGER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.depot import Depot


class _Pool:
    """Chargers of one kind; one that serves a stay is free again from the stay's ``end`` on."""

    def __init__(self, count: int) -> None:
        self._idle = count
        self._busy_until: list[int] = []

    def take(self, first: int, end: int) -> bool:
        """Take a charger for periods first..end-1; calls come in ascending order of ``first``."""
        while self._busy_until and self._busy_until[0] <= first:
            heappop(self._busy_until)
            self._idle += 1
        if self._idle == 0:
            return False
        self._idle -= 1
        heappush(self._busy_until, end)
        return True


def queue_for_chargers(depot: Depot) -> NDArray[np.int8]:
    """Charger kind per session as the vehicles come in.

    Vehicles come in by their real plug-in time, ties in the order of the fleet. A session takes a
    DC charger when one is free and charges it faster than AC, else AC. Nothing is re-assigned in
    the middle: who found none keeps what it got. A charger counts as occupied in every period in
    which its session is plugged in for any share, so the next one may have it only from the first
    period without. With ``limit_ac`` AC chargers are taken in the same way, a slower DC charger is
    taken before none, and who finds neither gets no charger. Sessions without a period take none.

    Returns
    -------
    charger
        ``NO_CHARGER``, ``AC`` or ``DC``, shape (sessions,).
    """
    s, c = depot.sessions, depot.chargers
    charger = np.full(len(s), NO_CHARGER, dtype=np.int8)
    dc, ac = _Pool(c.num_dc), _Pool(c.num_ac)
    ac_kw, dc_kw = depot.session_ac_kw.tolist(), depot.session_dc_kw.tolist()
    first, end = s.first.tolist(), s.end.tolist()
    for i in np.lexsort((s.vehicle, s.plug_in_s)).tolist():
        if first[i] >= end[i]:
            continue
        if dc_kw[i] > ac_kw[i] and dc.take(first[i], end[i]):
            charger[i] = DC
        elif ac_kw[i] > 0 and (not c.limit_ac or ac.take(first[i], end[i])):
            charger[i] = AC
        elif 0 < dc_kw[i] <= ac_kw[i] and dc.take(first[i], end[i]):
            charger[i] = DC
    return charger
