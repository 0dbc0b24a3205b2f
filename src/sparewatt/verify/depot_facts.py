"""What the judge works out anew from a depot, without asking the planner or the schedule's views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.depot import Depot


@dataclass(frozen=True)
class DepotFacts:
    """Entries, rates and names of a depot, from its raw arrays.

    Parameters
    ----------
    depot
        One allocation; its sessions must be of consistent shape.
    """

    depot: Depot

    @cached_property
    def session(self) -> NDArray[np.int64]:
        """Session of each entry, shape (entries,)."""
        offset = self.depot.sessions.offset
        marks = np.zeros(int(offset[-1]) + 1, dtype=np.int64)
        np.add.at(marks, offset[1:], 1)
        return np.cumsum(marks[:-1])

    @cached_property
    def period(self) -> NDArray[np.int64]:
        """Period of each entry, shape (entries,)."""
        s = self.depot.sessions
        return np.arange(int(s.offset[-1])) - s.offset[self.session] + s.first[self.session]

    @cached_property
    def vehicle(self) -> NDArray[np.int64]:
        """Vehicle of each entry, shape (entries,)."""
        return self.depot.sessions.vehicle[self.session]

    @cached_property
    def step_h(self) -> float:
        """Length of a period [h]."""
        return self.depot.horizon.step.total_seconds() / 3600.0

    @cached_property
    def left_s(self) -> NDArray[np.int64]:
        """Left edge of each entry's period, shape (entries,) [s since the epoch]."""
        h = self.depot.horizon
        return int(h.start.timestamp()) + self.period * int(h.step.total_seconds())

    def rate_kw(self, charger: NDArray[np.int8]) -> NDArray[np.float64]:
        """Lesser of vehicle and charger on the charger each session got, shape (sessions,) [kW]."""
        d = self.depot
        on_ac = np.minimum(d.vehicles.ac_kw, d.chargers.ac_kw)
        on_dc = np.minimum(d.vehicles.dc_kw, d.chargers.dc_kw if d.chargers.num_dc > 0 else 0.0)
        kinds = np.stack([np.zeros_like(on_ac), on_ac, on_dc])
        rate: NDArray[np.float64] = kinds[charger.astype(np.int64), d.sessions.vehicle]
        return rate

    def stamp(self, period: int) -> str:
        """Left edge of a period as people on the site read it."""
        h = self.depot.horizon
        moment = datetime.fromtimestamp(h.start.timestamp() + period * h.step.total_seconds(), UTC)
        return moment.astimezone(ZoneInfo(h.timezone)).isoformat(sep=" ", timespec="minutes")

    def session_name(self, session: int) -> str:
        """``vehicle 7, session 12 from 2026-10-05 17:30+01:00``."""
        s = self.depot.sessions
        vehicle = self.depot.vehicles.ids[int(s.vehicle[session])]
        return f"vehicle {vehicle}, session {session} from {self.stamp(int(s.first[session]))}"

    def entry_name(self, entry: int) -> str:
        """``vehicle 7, session 12, period 40 (2026-10-05 20:00+01:00)``."""
        session, period = int(self.session[entry]), int(self.period[entry])
        vehicle = self.depot.vehicles.ids[int(self.depot.sessions.vehicle[session])]
        return f"vehicle {vehicle}, session {session}, period {period} ({self.stamp(period)})"

    def ids(self, session: int) -> tuple[str, ...]:
        """Allocation and vehicle of a session, for ``Finding.ids``."""
        d = self.depot
        return (d.allocation_id, d.vehicles.ids[int(d.sessions.vehicle[session])])
