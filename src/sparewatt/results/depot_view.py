"""DepotView: everything that one depot scenario shows, whether just planned or read back from files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.schedule import DayReport
from sparewatt.results.depot_demand import demand_slice, demand_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.depot import Mode
    from sparewatt.model.horizon import Horizon
    from sparewatt.model.schedule import DepotSchedule, Level

__all__ = ["DepotView", "SessionBars", "demand_table"]

COUNTED_KWH = 1e-6
"""Energy of a day below this is noise of the arithmetic and makes no breach or magic day [kWh]."""

MODE_WORDS: dict[Mode, str] = {"BAU": "unmanaged", "opt": "smart"}
"""Modes as people read them."""


@dataclass(frozen=True)
class SessionBars:
    """Stays as a Gantt shows them, ordered by vehicle and then by time; one entry per stay.

    Parameters
    ----------
    vehicle
        Row of the vehicle.
    plug_in_s, plug_out_s
        Ends of the stay [s since the epoch]; equal for a vehicle still away at the end.
    charger
        ``NO_CHARGER``, ``AC`` or ``DC``.
    energy_kwh
        Meter-side energy of the stay [kWh].
    use_kwh, unserved_kwh
        Battery-side energy of the routes before the stay, and what of it was unserved [kWh].
    """

    vehicle: NDArray[np.int64]
    plug_in_s: NDArray[np.int64]
    plug_out_s: NDArray[np.int64]
    charger: NDArray[np.int8]
    energy_kwh: NDArray[np.float64]
    use_kwh: NDArray[np.float64]
    unserved_kwh: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of stays."""
        return len(self.vehicle)


@dataclass(frozen=True)
class DepotView:
    """One scenario (allocation x mode), inputs and decisions, ready to be shown.

    Parameters
    ----------
    scenario_id, allocation_id, site_id, mode
        Which scenario this is.
    horizon
        All periods, UTC, with the site's time zone and the planning days.
    asc_kw
        Agreed supply capacity [kW].
    asc_margin
        Share of ``asc_kw`` that a breach may add [-].
    utilisation
        Share of ``asc_kw`` that is planned for [0-1].
    excess_capacity_price
        Price per kW above ``asc_kw`` and day [currency/kW].
    reserve
        Share of the battery that a route must leave [0-1].
    site_load_kw
        Other load, shape (periods,) [kW].
    price_per_kwh
        Price, shape (periods,) [currency/kWh].
    vehicle_ids
        Ids, one per row of the arrays below.
    battery_kwh
        Usable battery, shape (vehicles,) [kWh].
    energy_kwh
        Meter-side energy, shape (vehicles, periods) [kWh].
    soc
        State of charge on the boundaries, shape (vehicles, periods + 1) [0-1].
    charger
        Charger kind, ``NO_CHARGER`` while not plugged in, shape (vehicles, periods).
    unserved_kwh
        Unserved energy in the period of the plug-in, battery side, shape (vehicles, periods) [kWh].
    sessions
        The stays.
    days
        How each planning day was decided.
    magic_fill_kwh
        The same unserved energy spread evenly over the day's plugged-in periods, same shape [kWh];
        ``None`` where ``magic_fill`` is off.
    limit_kw
        Limit on the charging power from elsewhere, shape (periods,) [kW]; ``None`` = none.
    """

    scenario_id: int
    allocation_id: str
    site_id: str
    mode: Mode
    horizon: Horizon
    asc_kw: float
    asc_margin: float
    utilisation: float
    excess_capacity_price: float
    reserve: float
    site_load_kw: NDArray[np.float64]
    price_per_kwh: NDArray[np.float64]
    vehicle_ids: tuple[str, ...]
    battery_kwh: NDArray[np.float64]
    energy_kwh: NDArray[np.float64]
    soc: NDArray[np.float64]
    charger: NDArray[np.int8]
    unserved_kwh: NDArray[np.float64]
    sessions: SessionBars
    days: tuple[DayReport, ...]
    magic_fill_kwh: NDArray[np.float64] | None = None
    limit_kw: NDArray[np.float64] | None = None

    @classmethod
    def from_schedule(
        cls,
        schedule: DepotSchedule,
        *,
        scenario_id: int,
        mode: Mode,
        days: Sequence[DayReport] | None = None,
        magic_fill: bool = False,
    ) -> DepotView:
        """What a schedule shows; without day reports (a rule needs none) they are told from the schedule."""
        depot, stays = schedule.depot, schedule.depot.sessions
        whole = demand_slice(schedule, None, magic_fill=magic_fill)
        session_kwh = np.bincount(stays.entry_session, weights=schedule.energy_kwh, minlength=len(stays))
        view = cls(
            scenario_id=scenario_id,
            allocation_id=depot.allocation_id,
            site_id=depot.site_id,
            mode=mode,
            horizon=depot.horizon,
            asc_kw=float(depot.asc_kw),
            asc_margin=float(depot.asc_margin),
            utilisation=float(depot.utilisation),
            excess_capacity_price=float(depot.excess_capacity_price),
            reserve=float(depot.reserve),
            site_load_kw=depot.site_load_kw,
            price_per_kwh=depot.price_per_kwh,
            vehicle_ids=depot.vehicles.ids,
            battery_kwh=depot.vehicles.battery_kwh,
            energy_kwh=whole.energy_kwh,
            soc=whole.soc,
            charger=whole.charger,
            unserved_kwh=whole.booked_kwh,
            sessions=SessionBars(
                vehicle=stays.vehicle,
                plug_in_s=stays.plug_in_s,
                plug_out_s=stays.plug_out_s,
                charger=schedule.charger,
                energy_kwh=np.asarray(session_kwh, dtype=np.float64),
                use_kwh=stays.use_kwh,
                unserved_kwh=schedule.unserved_kwh,
            ),
            days=tuple(days or ()),
            magic_fill_kwh=whole.unserved_kwh if magic_fill else None,
            limit_kw=depot.limit_kw,
        )
        return view if days is not None else replace(view, days=view.rule_days())

    @property
    def title(self) -> str:
        """What people call this scenario."""
        return f"allocation {self.allocation_id}, {MODE_WORDS[self.mode]}"

    @cached_property
    def charging_kw(self) -> NDArray[np.float64]:
        """Charging of all vehicles, shape (periods,) [kW]."""
        return np.asarray(self.energy_kwh.sum(axis=0) / self.horizon.step_h)

    @cached_property
    def free_kw(self) -> NDArray[np.float64]:
        """Power left for charging, shape (periods,) [kW].

        free[t] = max(0, min(utilisation·asc − load[t], limit[t])).
        """
        room = self.utilisation * self.asc_kw - self.site_load_kw
        return np.maximum(0.0, room if self.limit_kw is None else np.minimum(room, self.limit_kw))

    @cached_property
    def breach_kw(self) -> NDArray[np.float64]:
        """Charging above ``free_kw``, shape (periods,) [kW]."""
        over = self.charging_kw - self.free_kw
        return np.where(over > 1e-9 * max(1.0, self.asc_kw), over, 0.0)

    @cached_property
    def site_kw(self) -> NDArray[np.float64]:
        """Site demand: other load plus charging, shape (periods,) [kW]."""
        return self.site_load_kw + self.charging_kw

    def per_day(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of per-period ``values`` over each planning day, shape (days,)."""
        return np.add.reduceat(values, np.asarray(self.horizon.day_edges[:-1]))

    @cached_property
    def day_breach_kwh(self) -> NDArray[np.float64]:
        """Breach energy of each planning day, noise left out, shape (days,) [kWh]."""
        breach = self.per_day(self.breach_kw) * self.horizon.step_h
        return np.where(breach > COUNTED_KWH, breach, 0.0)

    @cached_property
    def day_unserved_kwh(self) -> NDArray[np.float64]:
        """Unserved energy of each planning day, noise left out, shape (days,) [kWh]."""
        unserved = self.per_day(self.unserved_kwh.sum(axis=0))
        return np.where(unserved > COUNTED_KWH, unserved, 0.0)

    @cached_property
    def day_peak_kw(self) -> NDArray[np.float64]:
        """Highest half-hour site demand of each planning day, shape (days,) [kW].

        Shorter periods are averaged to half-hours where they divide them; longer ones stand as they are.
        """
        per_half_hour = max(1, 1800 // self.horizon.step_s) if 1800 % self.horizon.step_s == 0 else 1
        peaks = []
        for lo, hi in zip(self.horizon.day_edges[:-1], self.horizon.day_edges[1:], strict=True):
            starts = np.arange(lo, hi, per_half_hour)
            count = np.diff(np.append(starts, hi))
            peaks.append(float(np.max(np.add.reduceat(self.site_kw[:hi], starts) / count)))
        return np.asarray(peaks)

    @property
    def level(self) -> Level:
        """The worst level of any day."""
        if self.day_unserved_kwh.any():
            return "magic"
        return "breach" if self.day_breach_kwh.any() else "normal"

    def rule_days(self) -> tuple[DayReport, ...]:
        """Day reports of a rule that decides without a solver, from the schedule itself."""
        delivered = self.per_day(self.energy_kwh.sum(axis=0))
        cost = self.per_day(self.energy_kwh.sum(axis=0) * self.price_per_kwh)
        breach, unserved = self.day_breach_kwh, self.day_unserved_kwh
        return tuple(
            DayReport(
                day=d,
                level="magic" if unserved[d] > 0 else "breach" if breach[d] > 0 else "normal",
                status="rule",
                unserved_kwh=float(unserved[d]),
                breach_kwh=float(breach[d]),
                delivered_kwh=float(delivered[d]),
                cost=float(cost[d]),
                gap=0.0,
                solve_s=0.0,
            )
            for d in range(self.horizon.days)
        )
