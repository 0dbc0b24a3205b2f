"""One solve of the depot planner: a window of a depot's horizon as arrays in solver units.

Energies of the battery are divided by the charging efficiency, so that every coefficient of the
model is ±1 and a problem with fixed chargers is a pure network (``docs/maths/depot.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.depot import Depot

UNDECIDED = -1
# A session that can take less is no reason for a charger.
NEGLIGIBLE_KWH = 1e-9


@dataclass(frozen=True)
class ChargingProblem:
    """Sessions of some vehicles over ``periods`` periods.

    Parameters
    ----------
    periods
        Number of periods.
    price
        Price per period, shape (periods,) [currency/kWh].
    earliness
        Weight of a period in the last rank, shape (periods,) [-].
    free_kwh, breach_kwh
        Meter-side energy under the site limit and at most above it, shape (periods,) [kWh].
    num_ac, num_dc
        Chargers; ``num_ac`` is ``None`` where every vehicle has an AC socket.
    vehicle, first, end, use
        Per session, ordered by vehicle and time: row of the vehicle, periods, route energy / η [kWh].
    offset, period, ac_kwh, dc_kwh
        Compressed rows of the sessions: period, and the most energy on AC and on DC [kWh].
    held
        Charger kind a session already has, or ``UNDECIDED``, shape (sessions,).
    least_kwh
        Least energy of a period that is not zero, per entry, shape (entries,) [kWh].
    battery, deficit, floor
        Per vehicle: battery / η, missing energy at the start / η (≥ 0), and the greatest deficit a
        route may leave / η [kWh].
    """

    periods: int
    price: NDArray[np.float64]
    earliness: NDArray[np.float64]
    free_kwh: NDArray[np.float64]
    breach_kwh: NDArray[np.float64]
    num_ac: int | None
    num_dc: int
    vehicle: NDArray[np.int64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    use: NDArray[np.float64]
    offset: NDArray[np.int64]
    period: NDArray[np.int64]
    ac_kwh: NDArray[np.float64]
    dc_kwh: NDArray[np.float64]
    held: NDArray[np.int8]
    least_kwh: NDArray[np.float64]
    battery: NDArray[np.float64]
    deficit: NDArray[np.float64]
    floor: NDArray[np.float64]

    @property
    def sessions(self) -> int:
        """Number of sessions."""
        return len(self.vehicle)

    @cached_property
    def session(self) -> NDArray[np.int64]:
        """Session of each entry."""
        return np.repeat(np.arange(self.sessions), np.diff(self.offset))

    @cached_property
    def is_first(self) -> NDArray[np.bool_]:
        """Whether a session is its vehicle's first in this window."""
        out: NDArray[np.bool_] = np.ones(self.sessions, dtype=bool)
        out[1:] = self.vehicle[1:] != self.vehicle[:-1]
        return out

    def sum_by_session(self, entry: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of an entry array per session."""
        out: NDArray[np.float64] = np.bincount(self.session, weights=entry, minlength=self.sessions).astype(
            np.float64
        )
        return out

    @cached_property
    def most_ac(self) -> NDArray[np.float64]:
        """Most energy per session on AC [kWh]."""
        return self.sum_by_session(self.ac_kwh)

    @cached_property
    def most_dc(self) -> NDArray[np.float64]:
        """Most energy per session on DC [kWh]."""
        return self.sum_by_session(self.dc_kwh)

    @cached_property
    def taken(self) -> NDArray[np.float64]:
        """What the start and the routes so far have taken from the battery, per session [kWh]."""
        total = np.cumsum(self.use)
        before = np.where(self.is_first, total - self.use, 0.0)
        start = np.maximum.accumulate(np.where(self.is_first, np.arange(self.sessions), 0))
        return np.asarray(total - before[start] + self.deficit[self.vehicle])

    @cached_property
    def need(self) -> NDArray[np.float64]:
        """Least energy up to and with each session, so that the next routes stay above the floor [kWh]."""
        out = np.zeros(self.sessions)
        later = np.flatnonzero(~self.is_first)
        out[later - 1] = np.maximum(0.0, self.taken[later] - self.floor[self.vehicle[later]])
        return out

    @cached_property
    def room(self) -> NDArray[np.float64]:
        """Most that the battery can take in a session: what was taken, at most to the floor [kWh]."""
        return np.minimum(self.taken, np.maximum(self.floor, self.deficit)[self.vehicle])

    @cached_property
    def can_choose(self) -> NDArray[np.bool_]:
        """Sessions for which DC is open and gives more than AC could use."""
        useful = (self.most_dc > 0) & (self.num_dc > 0) & (self.room > NEGLIGIBLE_KWH)
        if self.num_ac is None:
            useful &= self.most_dc > self.most_ac
        out: NDArray[np.bool_] = useful & (self.held == UNDECIDED)
        return out


def window_problem(
    depot: Depot, first: int, end: int, deficit_kwh: NDArray[np.float64], held: NDArray[np.int8]
) -> tuple[ChargingProblem, NDArray[np.int64], NDArray[np.int64]]:
    """Cut periods ``first..end-1`` out of a depot.

    Sessions that began earlier keep what they hold; a route that departs in the window and
    returns after it is asked for at the window's end, so that the plan knows of it.

    Parameters
    ----------
    depot
        The whole depot.
    first, end
        The window.
    deficit_kwh
        Missing battery energy per vehicle at ``first`` (≥ 0) [kWh].
    held
        Charger kind per session of the depot, ``UNDECIDED`` where open.

    Returns
    -------
    problem, sessions, entries
        The problem, and for each of its sessions and entries the row in ``depot.sessions``
        (entries of the problem are those of the window, in order).
    """
    s, d = depot.sessions, depot
    periods, step_h, eta = end - first, d.horizon.step_h, d.efficiency
    window_end_s = int(d.horizon.boundaries_s[end])
    present = (s.first < end) & (s.end > first)
    point = (s.first == s.end) & (s.first >= first) & (s.first < end)
    if end == d.horizon.periods:
        point |= s.first >= end
    previous = np.concatenate([[-1], s.vehicle[:-1]]) == s.vehicle
    earlier = np.maximum(np.arange(len(s)) - 1, 0)
    away = (s.first >= end) & previous & (s.first[earlier] < end) & (s.plug_out_s[earlier] <= window_end_s)
    rows = np.flatnonzero(present | point | away)
    lo, hi = np.clip(s.first[rows], first, end), np.clip(s.end[rows], first, end)
    length = hi - lo
    offset = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    begin = s.offset[rows] + np.maximum(0, first - s.first[rows])
    entries = np.repeat(begin - offset[:-1], length) + np.arange(offset[-1])
    fraction = s.fraction[entries]
    session = np.repeat(np.arange(len(rows)), length)
    begun = s.first[rows] < first
    battery = d.vehicles.battery_kwh / eta
    problem = ChargingProblem(
        periods=periods,
        price=d.price_per_kwh[first:end],
        earliness=np.arange(periods, dtype=np.float64),
        free_kwh=d.free_kw[first:end] * step_h,
        breach_kwh=np.full(periods, d.asc_kw * d.asc_margin * step_h),
        num_ac=d.chargers.num_ac if d.chargers.limit_ac else None,
        num_dc=d.chargers.num_dc,
        vehicle=s.vehicle[rows],
        first=lo - first,
        end=hi - first,
        use=np.where(begun, 0.0, s.use_kwh[rows]) / eta,
        offset=offset,
        period=np.repeat(lo - first - offset[:-1], length) + np.arange(offset[-1]),
        ac_kwh=d.session_ac_kw[rows][session] * fraction * step_h,
        dc_kwh=d.session_dc_kw[rows][session] * fraction * step_h,
        held=np.where(begun, held[rows], UNDECIDED).astype(np.int8),
        least_kwh=d.min_power_kw * fraction * step_h,
        battery=battery,
        deficit=deficit_kwh / eta,
        floor=(1.0 - d.reserve) * battery,
    )
    return problem, rows, entries
