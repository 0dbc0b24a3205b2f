"""EVs of all zones planned together: each zone in its own room, their sum in that of the transformer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.network_charging import plan_zones_charging
from sparewatt.model.clock import clock_slots
from sparewatt.model.headroom import Binding, Headroom
from sparewatt.model.limit import Limit
from sparewatt.simulate.network_days import epoch_day, join_days, land_sessions
from sparewatt.simulate.network_evs import tell_gap
from sparewatt.simulate.network_headroom import daily_profile_of, headroom_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_task import ChargingRoom
    from sparewatt.model.ev_schedule import EvSchedule
    from sparewatt.model.headroom import DailyProfile, HeadroomSettings
    from sparewatt.model.horizon import Horizon
    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.simulate.network_evs import Cars, ZoneRoom
    from sparewatt.simulate.network_flow import Grid
    from sparewatt.simulate.network_headroom import Sides
    from sparewatt.tasks import Control

BOUNDLESS = 1e9
"""Share of its rating at which a transformer takes nothing off its zones [-]."""


def profiles_apart(
    grid: Grid,
    series: Sequence[ZonalSeries],
    limits: Sides,
    case: NDArray[np.int64],
    horizon: Horizon,
    settings: HeadroomSettings,
) -> tuple[DailyProfile, DailyProfile]:
    """Daily profiles of the zones without the transformer, and of the transformer by itself.

    Of several cases that zones take, the one with the most flow counts for the transformer.

    Parameters
    ----------
    grid
        The network.
    series
        Of every case.
    limits
        Of every zone in the case that it takes.
    case
        Row of that case, shape (zones,).
    horizon, settings
        What headroom is worked out for, and how.

    Returns
    -------
    zones, transformer
        Shapes (zones, slots) and (1, slots).
    """
    free = replace(settings, transformer_share=BOUNDLESS)
    used = np.unique(case).tolist()
    rooms = {c: headroom_of(grid, series[c], limits, free) for c in used}
    picked = {
        name: np.stack([getattr(rooms[c], name)[z] for z, c in enumerate(case.tolist())])
        for name in ("headroom_kva", "footroom_kva", "headroom_binding", "footroom_binding")
    }
    most = settings.transformer_share * grid.network.transformer.rating_kva
    flow = np.stack([series[c].transformer_flow_kva for c in used])
    known = np.stack([series[c].converged for c in used]).all(axis=0)
    taken, given = (np.where(known, most - f, 0.0)[None, :] for f in (flow.max(axis=0), -flow.min(axis=0)))
    binding = np.full(taken.shape, np.int8(Binding.TRANSFORMER))
    top = Headroom(taken, given, binding, binding)
    return (
        daily_profile_of(Headroom(**picked), horizon, settings),
        daily_profile_of(top, horizon, settings),
    )


def rooms_together(
    rooms: Sequence[ZoneRoom], transformer: ZoneRoom, slot: NDArray[np.int64]
) -> tuple[tuple[ChargingRoom, ...], Limit]:
    """Rooms of the zones and the limit of their sum.

    What the transformer lacks is asked back of every zone: in equal parts, though each may give all of it.
    With ``only_asked`` no zone gives more than it lacks itself and the transformer lacks, nor do all of
    them together.

    Parameters
    ----------
    rooms
        Of the zones, without the transformer.
    transformer
        What it leaves.
    slot
        Slots of the local clock of the periods, shape (periods,).
    """
    top = replace(transformer, only_asked=False).of_slots(slot)
    lack, own_lack, found = top.asked_kw, np.zeros(len(slot)), []
    for room in rooms:
        own = replace(room, only_asked=False).of_slots(slot)
        own_lack += own.asked_kw
        lower = own.limit.lower_kw
        if room.only_asked:
            lower = np.maximum(lower, -own.asked_kw - lack)
        price = own.price_per_kwh + room.v2g_per_kwh * ((lack > 0.0) & (own.asked_kw <= 0.0))
        limit = replace(own.limit, lower_kw=lower)
        found.append(
            replace(own, limit=limit, price_per_kwh=price, asked_kw=own.asked_kw + lack / len(rooms))
        )
    lowest = top.limit.lower_kw
    if transformer.only_asked:
        lowest = np.maximum(lowest, -own_lack - lack)
    return tuple(found), Limit(lowest, top.limit.upper_kw, transformer.reason)


def plan_days_together(
    rooms: Sequence[ZoneRoom],
    transformer: ZoneRoom,
    pool: Cars,
    cars: Sequence[NDArray[np.int64]],
    horizon: Horizon,
    control: Control,
) -> tuple[EvSchedule, ...]:
    """Charge the cars of all zones day by day, each zone in its room and all of them in the transformer's.

    Parameters
    ----------
    rooms, transformer
        See `rooms_together`.
    pool, cars
        Cars, and rows of those that charge in each zone, shape (evs,) each.
    horizon
        Days from noon to noon.
    control
        Where to say how far it is.

    Returns
    -------
    The schedule of every zone.
    """
    _, slot = clock_slots(horizon)
    parts: list[list[EvSchedule]] = [[] for _ in rooms]
    for day in range(horizon.days):
        first, end = horizon.day_edges[day : day + 2]
        noon = horizon.day_date(day)
        drawn = pool.on_day(epoch_day(noon))
        sessions = [land_sessions(drawn.take(c), horizon, day) for c in cars]
        own, limit = rooms_together(rooms, transformer, slot[first:end])
        plans = plan_zones_charging(sessions, own, limit)
        for part, plan in zip(parts, plans, strict=True):
            part.append(plan.schedule)
        tell_gap(plans[0], limit.reason, noon)
        control.check()
        control.report((day + 1) / horizon.days)
    return tuple(join_days(part, horizon) for part in parts)
