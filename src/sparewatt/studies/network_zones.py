"""EVs of all zones: how many each can serve, and what they charge on the days that are replayed."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.plug_in import plan_plug_in
from sparewatt.model.clock import clock_slots
from sparewatt.results.network_view import ZoneEvs
from sparewatt.simulate.network_days import find_worst_days, noon_days
from sparewatt.simulate.network_evs import ZoneResult, ZoneRoom, ZoneTask, plan_zone
from sparewatt.simulate.network_headroom import lowest_of_taken
from sparewatt.simulate.network_placement import place_evs
from sparewatt.simulate.network_together import plan_days_together, profiles_apart, rooms_together
from sparewatt.studies.network_arrays import zone_arrays, zone_result_of
from sparewatt.tasks import tasks_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_task import ChargingRoom
    from sparewatt.model.headroom import DailyProfile
    from sparewatt.model.horizon import Horizon
    from sparewatt.studies.network_cases import Cases
    from sparewatt.studies.network_work import Work

LOG = logging.getLogger(__name__)
FEW_ZONES = 2
"""Zones up to which starting processes is not worth it."""


def replayed_days(work: Work, cases: Cases) -> Horizon | None:
    """The days from noon to noon that are replayed; ``None`` for none."""
    asked, horizon = work.inputs.settings.validate_days, work.inputs.horizon
    if asked == 0:
        return None
    if asked == "all":
        return noon_days(horizon, 0, horizon.days - 1)
    lowest = lowest_of_taken([c.series for c in cases.results], cases.taken.case)
    return noon_days(horizon, find_worst_days(lowest, horizon, asked), asked)


def zone_room(work: Work, profile: DailyProfile, zone: int) -> ZoneRoom:
    """What a zone leaves by a daily profile."""
    s = work.inputs.settings
    return ZoneRoom(
        profile.headroom_kva[zone],
        profile.footroom_kva[zone],
        work.inputs.price_per_kwh,
        s.ev_power_factor,
        s.v2g_value,
        s.export_share,
        f"headroom of zone {work.inputs.zones.ids[zone]}",
        s.v2g_use == "asked",
    )


def study_zones(
    work: Work, cases: Cases, horizon: Horizon | None, begin: float, share: float
) -> tuple[ZoneResult, ...]:
    """Find the EVs of every zone, several zones side by side.

    Parameters
    ----------
    work, cases
        The run.
    horizon
        Days that are replayed.
    begin, share
        Where this part of the run begins and how much of it it is, for the progress [0-1].
    """
    inputs = work.inputs
    tasks = [
        ZoneTask(
            zone,
            zone_room(work, cases.results[cases.taken.case[zone]].profile, zone),
            place_evs(
                inputs.customers, inputs.network, inputs.feeders, zone, inputs.settings.placement, work.seed
            ),
            inputs.pool,
            horizon if inputs.settings.ev_planning == "apart" else None,
            inputs.settings.streak,
            work.seed,
        )
        for zone in range(len(inputs.zones))
    ]
    kept = [work.pieces.read(_name(t.zone)) for t in tasks]
    results = {
        t.zone: zone_result_of(p, inputs.pool.cars) for t, p in zip(tasks, kept, strict=True) if p is not None
    }
    left = [t for t in tasks if t.zone not in results]
    part = np.zeros(len(left))

    def done(index: int, result: ZoneResult) -> None:
        work.pieces.keep(_name(left[index].zone), zone_arrays(result))
        results[left[index].zone] = result
        progress(index, 1.0)

    def progress(index: int, value: float) -> None:
        part[index] = value
        work.tell(begin + share * (part.sum() + len(tasks) - len(left)) / len(tasks))
        if work.is_stopped():
            work.cancel.set()

    work.check()
    workers = min(work.workers, max(1, len(left))) if len(left) > FEW_ZONES else 1
    tasks_for(workers, work.cluster if len(left) > FEW_ZONES else "").map(
        plan_zone,
        left,
        names=[f"zone {inputs.zones.ids[t.zone]}" for t in left],
        on_done=done,
        on_progress=progress,
        cancel=work.cancel,
    )
    LOG.info(
        "zones: %d EVs in %d zones, %d zones kept from before",
        *(sum(len(r.cars) for r in results.values()), len(tasks), len(tasks) - len(left)),
    )
    found = tuple(results[t.zone] for t in tasks)
    if horizon is None or inputs.settings.ev_planning == "apart":
        return found
    return _planned_together(work, cases, found, horizon)


def _planned_together(
    work: Work, cases: Cases, found: tuple[ZoneResult, ...], horizon: Horizon
) -> tuple[ZoneResult, ...]:
    """The EVs that were found, planned for all zones of the transformer at once."""
    active = [zone for zone, r in enumerate(found) if len(r.cars)]
    kept = {zone: work.pieces.read(f"together-{zone}") for zone in active}
    if not active:
        return found
    planned = {z: zone_result_of(p, work.inputs.pool.cars) for z, p in kept.items() if p is not None}
    if len(planned) < len(active):
        rooms, transformer = _rooms_apart(work, cases, active)
        cars = [found[zone].cars for zone in active]
        schedules = plan_days_together(rooms, transformer, work.inputs.pool, cars, horizon, _Watch(work))
        for zone, schedule in zip(active, schedules, strict=True):
            unmanaged = plan_plug_in(schedule.sessions)
            planned[zone] = ZoneResult(found[zone].cars, found[zone].attempts, schedule, unmanaged)
            work.pieces.keep(f"together-{zone}", zone_arrays(planned[zone]))
    return tuple(planned.get(zone, r) for zone, r in enumerate(found))


class _Watch:
    """Stops a plan of all zones where the run is to be stopped; its progress is not told apart."""

    def __init__(self, work: Work) -> None:
        self.check, self.cancelled = work.check, work.is_stopped

    def report(self, progress: float) -> None:
        """Nothing: the part of the zones is done by then."""


def _rooms_apart(work: Work, cases: Cases, active: list[int]) -> tuple[list[ZoneRoom], ZoneRoom]:
    """What zones leave without the transformer, and what the transformer leaves."""
    inputs = work.inputs
    series = [c.series for c in cases.results]
    zones, top = profiles_apart(
        work.grid, series, cases.mixed, cases.taken.case, inputs.horizon, work.headroom
    )
    transformer = replace(zone_room(work, top, 0), reason="headroom of the transformer")
    return [zone_room(work, zones, zone) for zone in active], transformer


def planned_rooms(
    work: Work, cases: Cases, active: list[int], slot: NDArray[np.int64]
) -> tuple[ChargingRoom, ...]:
    """The rooms that plans of some zones were made in."""
    if work.inputs.settings.ev_planning == "together":
        return rooms_together(*_rooms_apart(work, cases, active), slot)[0]
    profiles = [cases.results[cases.taken.case[zone]].profile for zone in active]
    return tuple(zone_room(work, p, z).of_slots(slot) for z, p in zip(active, profiles, strict=True))


def _name(zone: int) -> str:
    return f"zone-{zone}"


def zone_evs(
    work: Work, cases: Cases, results: Sequence[ZoneResult], horizon: Horizon | None
) -> tuple[ZoneEvs, ...]:
    """EVs of the zones that have any, with the bounds that they were planned in."""
    if horizon is None:
        return ()
    inputs = work.inputs
    _, slot = clock_slots(horizon)
    out, active = [], [zone for zone, r in enumerate(results) if len(r.cars)]
    rooms = dict(zip(active, planned_rooms(work, cases, active, slot), strict=True))
    for zone, result in enumerate(results):
        if result.optimised is None or result.unmanaged is None:
            continue
        room = rooms[zone]
        homes = place_evs(
            inputs.customers, inputs.network, inputs.feeders, zone, inputs.settings.placement, work.seed
        )
        out.append(
            ZoneEvs(
                zone,
                homes[: len(result.cars)],
                room.limit.lower_kw,
                room.limit.upper_kw,
                room.asked_kw,
                result.optimised,
                result.unmanaged,
            )
        )
    return tuple(out)
