"""Hosting capacity: samples over the pool of processes, chunk by chunk, each kept once it is done."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.network_view import Hosting, HostingResult
from sparewatt.simulate.network_days import find_worst_days, noon_days, periods_within
from sparewatt.simulate.network_headroom import lowest_of_taken
from sparewatt.simulate.network_hosting import HostingTask, run_samples
from sparewatt.studies.network_zones import zone_room
from sparewatt.tasks import tasks_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.network_view import Charging
    from sparewatt.studies.network_cases import Cases
    from sparewatt.studies.network_work import Work

LOG = logging.getLogger(__name__)
CHUNK, MANAGED_CHUNK = 50, 5
"""Samples of a chunk."""
Key = tuple[str, int, int]
"""Way of charging, row of the penetration, first sample."""


def study_hosting(work: Work, cases: Cases, begin: float, share: float) -> HostingResult | None:
    """Draw and judge all samples; ``None`` where none is asked for.

    Parameters
    ----------
    work, cases
        The run.
    begin, share
        Where this part of the run begins and how much of it it is, for the progress [0-1].
    """
    asked = work.inputs.settings.hosting
    plan: tuple[tuple[Charging, int, int], ...] = (
        ("optimised", asked.managed_samples, MANAGED_CHUNK),
        ("unmanaged", asked.samples, CHUNK),
    )
    ways = [way for way in plan if way[1]]
    if not ways:
        return None
    tasks = _tasks(work, cases, ways)
    found: dict[Key, NDArray[np.bool_]] = {}
    for key in tasks:
        if (piece := work.pieces.read(_name(key))) is not None:
            found[key] = piece["violating"]
    left = [key for key in tasks if key not in found]
    part, whole = np.zeros(len(left)), len(tasks)

    def done(index: int, violating: NDArray[np.bool_]) -> None:
        work.pieces.keep(_name(left[index]), {"violating": violating})
        found[left[index]] = violating
        progress(index, 1.0)

    def progress(index: int, value: float) -> None:
        part[index] = value
        work.tell(begin + share * (part.sum() + whole - len(left)) / whole)
        if work.is_stopped():
            work.cancel.set()

    work.check()
    tasks_for(min(work.workers, max(1, len(left)))).map(
        run_samples,
        [tasks[key] for key in left],
        names=[_name(key) for key in left],
        on_done=done,
        on_progress=progress,
        cancel=work.cancel,
    )
    LOG.info("hosting: %d chunks of samples, %d kept from before", whole, whole - len(left))
    penetrations = np.array(asked.penetrations)
    curves = []
    for charging, samples, _ in ways:
        violating = [
            sum(int(v.sum()) for key, v in found.items() if key[:2] == (charging, row))
            for row in range(len(penetrations))
        ]
        curves.append(
            Hosting(
                charging,
                penetrations,
                np.full(len(penetrations), samples, dtype=np.int64),
                np.array(violating, dtype=np.int64),
            )
        )
    case = _case(work)
    what = (
        f"EVs per customer, homes and cars drawn, PV and heat pumps drawn as in "
        f"{work.inputs.cases[case].name}; a sample of {asked.days} days violates where any step has an "
        "overload, a voltage beyond the statutory bounds or no solution, and optimised charging also where "
        "cars miss more than 1 % of what they take"
    )
    return HostingResult(tuple(curves), asked.risk, what)


def _case(work: Work) -> int:
    """Row of the case whose shares are drawn."""
    asked = work.inputs.settings.hosting.case
    names = [c.name for c in work.inputs.cases]
    return names.index(asked) if asked else 0


def _tasks(work: Work, cases: Cases, ways: list[tuple[Charging, int, int]]) -> dict[Key, HostingTask]:
    """All chunks by their names, the long ones first."""
    inputs, s = work.inputs, work.inputs.settings
    row = _case(work)
    chosen = cases.results[row]
    same = np.full(len(inputs.zones), row)
    lowest = lowest_of_taken([c.series for c in cases.results], same)
    horizon = noon_days(
        inputs.horizon, find_worst_days(lowest, inputs.horizon, s.hosting.days), s.hosting.days
    )
    periods = periods_within(horizon, inputs.horizon)
    profiles = inputs.profiles.profiles(int(periods[0]), int(periods[-1]) + 1)
    rooms = tuple(zone_room(work, chosen.profile, z) for z in range(len(inputs.zones)))
    tasks: dict[Key, HostingTask] = {}
    for charging, samples, chunk in ways:
        for p, penetration in reversed(list(enumerate(s.hosting.penetrations))):
            for first in range(0, samples, chunk):
                tasks[charging, p, first] = HostingTask(
                    network=inputs.network,
                    feeders=inputs.feeders,
                    zones=inputs.zones,
                    customers=inputs.customers,
                    factors=work.grid.factors,
                    engine=s.engine,
                    demand_kw=profiles.demand_kw,
                    heat_pump_kw=profiles.heat_pump_kw,
                    pv_kw_per_kwp=profiles.pv_kw_per_kwp,
                    horizon=horizon,
                    pool=inputs.pool,
                    pv_share=chosen.case.pv_share,
                    hp_share=chosen.case.hp_share,
                    rooms=rooms if charging == "optimised" else (),
                    penetration=penetration,
                    first=first,
                    end=min(first + chunk, samples),
                    floor_pu=s.judged_floor_pu,
                    ceiling_pu=s.judged_ceiling_pu,
                    seed=work.seed,
                )
    return tasks


def _name(key: Key) -> str:
    return f"hosting-{key[0]}-{key[1]}-{key[2]}"
