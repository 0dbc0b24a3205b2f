"""EVs of a zone: how many are served inside its headroom, and what they charge on real days."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sparewatt.decide.optimise.network_charging import plan_zone_charging
from sparewatt.decide.optimise.network_realised import find_realised_evs
from sparewatt.decide.optimise.network_task import ChargingRoom
from sparewatt.decide.rules.plug_in import plan_plug_in
from sparewatt.model.clock import clock_slots
from sparewatt.model.headroom import active_kw
from sparewatt.model.limit import Limit
from sparewatt.simulate.network_days import epoch_day, join_days, land_sessions

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_task import ZonePlan
    from sparewatt.model.ev_schedule import EvSchedule
    from sparewatt.model.ev_sessions import EvSessions
    from sparewatt.model.horizon import Horizon
    from sparewatt.tasks import Control

LOG = logging.getLogger(__name__)
DRAWS = 41
"""Stream of the draws of EVs."""


class Cars(Protocol):
    """Cars that EVs are drawn from."""

    def __len__(self) -> int:
        """Number of cars."""

    def on_day(self, day: int) -> EvSessions:
        """All cars with their stays of a day (days since 1970-01-01) on steps from noon."""


@dataclass(frozen=True)
class ZoneRoom:
    """What a zone leaves by local time of day, from midnight, and what energy costs, from noon.

    Parameters
    ----------
    headroom_kva, footroom_kva
        Daily profile at the chosen risk, shape (slots,) [kVA].
    price_per_kwh
        Shape (slots,) from noon [currency/kWh].
    ev_power_factor
        From kVA to kW [0-1].
    v2g_per_kwh
        What power that is asked is worth beside [currency/kWh].
    export_share
        Share of the footroom that EVs may use [0-1].
    reason
        Of the limit.
    only_asked
        Whether no more is given back than is asked.
    """

    headroom_kva: NDArray[np.float64]
    footroom_kva: NDArray[np.float64]
    price_per_kwh: NDArray[np.float64]
    ev_power_factor: float
    v2g_per_kwh: float
    export_share: float
    reason: str
    only_asked: bool = True

    def of_slots(self, slot: NDArray[np.int64]) -> ChargingRoom:
        """The room of periods that begin in slots of the local clock, shape (periods,)."""
        noon = len(self.headroom_kva) // 2
        room = ChargingRoom.in_headroom(
            active_kw(self.headroom_kva[slot], self.ev_power_factor),
            active_kw(self.footroom_kva[slot], self.ev_power_factor),
            self.price_per_kwh[(slot - noon) % len(self.price_per_kwh)],
            v2g_per_kwh=self.v2g_per_kwh,
            export_share=self.export_share,
            reason=self.reason,
        )
        if not self.only_asked:
            return room
        lower = np.maximum(room.limit.lower_kw, -room.asked_kw)
        return replace(room, limit=replace(room.limit, lower_kw=lower))

    def of_day(self) -> ChargingRoom:
        """The room of a day of 24 hours from noon."""
        slots = len(self.headroom_kva)
        return self.of_slots((np.arange(slots) + slots // 2) % slots)


@dataclass(frozen=True)
class ZoneTask:
    """The EVs of one zone.

    Parameters
    ----------
    zone
        Row of the zone.
    room
        What it leaves.
    customers
        Rows of its customers in the order in which they get EVs, shape (customers,).
    pool
        Cars.
    horizon
        Days from noon to noon that are planned; ``None`` for none.
    streak
        Draws in a row that must be served.
    seed
        Of the draws.
    """

    zone: int
    room: ZoneRoom
    customers: NDArray[np.int64]
    pool: Cars
    horizon: Horizon | None
    streak: int
    seed: int


@dataclass(frozen=True)
class ZoneResult:
    """How many EVs a zone has, which, and what they charge.

    Parameters
    ----------
    cars
        Rows of the pool, shape (evs,).
    attempts
        Draws that the streak took.
    optimised, unmanaged
        On the horizon of the task; ``None`` where there are no EVs or no days.
    """

    cars: NDArray[np.int64]
    attempts: int
    optimised: EvSchedule | None
    unmanaged: EvSchedule | None


def plan_zone(task: ZoneTask, control: Control) -> ZoneResult:
    """Find how many EVs a zone can serve, and plan them on the days of the task.

    Raises
    ------
    RunCancelled
        It was asked to stop.
    """
    control.check()
    draws = np.random.default_rng(np.random.SeedSequence(task.seed, spawn_key=(DRAWS, task.zone)))
    found = find_realised_evs(
        task.pool.on_day(0), len(task.customers), task.room.of_day(), streak=task.streak, seed=draws
    )
    cars, attempts = found.cars, len(found.attempts)
    control.report(0.5)
    if not found.count or task.horizon is None:
        return ZoneResult(cars, attempts, None, None)
    optimised = plan_days(task.room, task.pool, cars, task.horizon, control)
    return ZoneResult(cars, attempts, optimised, plan_plug_in(optimised.sessions))


def tell_gap(plan: ZonePlan, what: str, day: date) -> None:
    """Log a plan that is not proven optimal: it stands, as the best that was found by the deadline."""
    if plan.status != "optimal":
        short = float(plan.short_kwh.sum())
        LOG.warning(
            "%s, noon of %s: plan %s, proven to %.1e of its cost, %.3f kWh short",
            what,
            day,
            plan.status.replace("_", " "),
            plan.gap,
            short,
        )


def plan_days(
    room: ZoneRoom, pool: Cars, cars: NDArray[np.int64], horizon: Horizon, control: Control | None = None
) -> EvSchedule:
    """Charge the cars of a zone day by day inside what it leaves by the local clock.

    A day that asks bit for bit what an earlier one asked (diaries bring the same stays every day) has
    the plan of that day; one that the deadline ended is made anew.

    Parameters
    ----------
    room
        What the zone leaves.
    pool, cars
        Cars, and the rows of those that charge here, shape (evs,).
    horizon
        Days from noon to noon.
    control
        Where to say how far it is.
    """
    _, slot = clock_slots(horizon)
    parts = []
    known: dict[tuple[object, ...], ZonePlan] = {}
    for day in range(horizon.days):
        first, end = horizon.day_edges[day : day + 2]
        noon = horizon.day_date(day)
        sessions = land_sessions(pool.on_day(epoch_day(noon)).take(cars), horizon, day)
        space = room.of_slots(slot[first:end])
        asked = (*_bits(sessions), *_bits(space))
        plan = known.get(asked) or plan_zone_charging(sessions, space)
        if plan.status != "timed_out":
            known[asked] = plan
        tell_gap(plan, room.reason, noon)
        parts.append(plan.schedule)
        if control is not None:
            control.check()
            control.report(0.5 + 0.5 * (day + 1) / horizon.days)
    return join_days(parts, horizon)


def _bits(noun: EvSessions | ChargingRoom | Limit) -> tuple[object, ...]:
    """All that a struct of arrays holds, arrays by their bytes, so that equal means the same bits."""
    values = [getattr(noun, f.name) for f in fields(noun)]
    return tuple(
        (v.dtype.str, v.tobytes()) if isinstance(v, np.ndarray) else _bits(v) if isinstance(v, Limit) else v
        for v in values
    )
