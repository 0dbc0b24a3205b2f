"""Hosting capacity: samples over the pool of processes, chunk by chunk, each kept once it is done."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.network_hosting import CaseRisk, Hosting, HostingResult
from sparewatt.simulate.network_days import find_worst_days, noon_days, periods_within
from sparewatt.simulate.network_headroom import lowest_of_taken
from sparewatt.simulate.network_hosting import HostingTask, run_samples
from sparewatt.studies.network_zones import zone_room
from sparewatt.tasks import tasks_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.customers import Case, Profiles
    from sparewatt.model.horizon import Horizon
    from sparewatt.results.network_view import Charging
    from sparewatt.studies.network_cases import Cases
    from sparewatt.studies.network_work import Work

LOG = logging.getLogger(__name__)
CHUNK, MANAGED_CHUNK = 50, 5
"""Samples of a chunk."""
Key = tuple["Charging", int, int]
"""Way of charging, row of the penetration (without EVs: of the case), first sample."""

Way = tuple["Charging", int, int]
"""Way of charging, samples per penetration, samples of a chunk."""


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
    plan: tuple[Way, ...] = (
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
    tasks_for(min(work.workers, max(1, len(left))), work.cluster).map(
        run_samples,
        [tasks[key] for key in left],
        names=[_name(key) for key in left],
        on_done=done,
        on_progress=progress,
        cancel=work.cancel,
    )
    LOG.info("hosting: %d chunks of samples, %d kept from before", whole, whole - len(left))
    penetrations = np.array(asked.penetrations)
    violating: dict[tuple[Charging, int], int] = defaultdict(int)
    for (charging, row, _), broken in found.items():
        violating[charging, row] += int(broken.sum())
    curves = tuple(
        Hosting(
            charging,
            penetrations,
            np.full(len(penetrations), samples, dtype=np.int64),
            np.array([violating[charging, row] for row in range(len(penetrations))], dtype=np.int64),
        )
        for charging, samples, _ in ways
    )
    without = tuple(
        CaseRisk(c.name, c.pv_share, c.hp_share, _own_samples(c, ways), violating["none", row])
        for row, c in enumerate(work.inputs.cases)
    )
    name = work.inputs.cases[_case(work)].name
    what = (
        f"EVs per customer, homes and cars drawn, PV and heat pumps drawn as in {name}; a sample of "
        f"{asked.days} days violates where any step has an overload, a voltage beyond the statutory bounds "
        "or no solution, and optimised charging also where cars miss more than 1 % of what they take"
    )
    return HostingResult(curves, asked.risk, what, name, without)


def _case(work: Work) -> int:
    """Row of the case whose shares are drawn."""
    asked = work.inputs.settings.hosting.case
    names = [c.name for c in work.inputs.cases]
    return names.index(asked) if asked else 0


def _own_samples(case: Case, ways: Sequence[Way]) -> int:
    """Samples of a case without EVs: one where everybody or nobody has PV and heat pumps."""
    if {case.pv_share, case.hp_share} <= {0.0, 1.0}:
        return 1
    return max(samples for _, samples, _ in ways)


def _tasks(work: Work, cases: Cases, ways: Sequence[Way]) -> dict[Key, HostingTask]:
    """All chunks by their names, the long ones first."""
    inputs, s = work.inputs, work.inputs.settings
    own = _case(work)
    profile = cases.results[own].profile
    rooms = tuple(zone_room(work, profile, z) for z in range(len(inputs.zones)))
    points = list(enumerate(s.hosting.penetrations))
    bases = _bases(work, cases)
    tasks: dict[Key, HostingTask] = {}
    for charging, samples, chunk in ways:
        for row, penetration in reversed(points):
            for first, end in _chunks(samples, chunk):
                tasks[charging, row, first] = replace(
                    bases[own],
                    rooms=rooms if charging == "optimised" else (),
                    penetration=penetration,
                    first=first,
                    end=end,
                )
    for row, case in enumerate(inputs.cases):
        for first, end in _chunks(_own_samples(case, ways), CHUNK):
            tasks["none", row, first] = replace(bases[row], first=first, end=end)
    return tasks


def _chunks(samples: int, chunk: int) -> list[tuple[int, int]]:
    """First sample and end of every chunk."""
    return [(first, min(first + chunk, samples)) for first in range(0, samples, chunk)]


def _bases(work: Work, cases: Cases) -> list[HostingTask]:
    """Per case no sample of it without EVs, on the days that load it most."""
    inputs, s = work.inputs, work.inputs.settings
    known: dict[int, tuple[Horizon, Profiles]] = {}
    tasks = []
    for row, case in enumerate(inputs.cases):
        lowest = lowest_of_taken([c.series for c in cases.results], np.full(len(inputs.zones), row))
        first = find_worst_days(lowest, inputs.horizon, s.hosting.days)
        if first not in known:
            work.check()
            days = noon_days(inputs.horizon, first, s.hosting.days)
            periods = periods_within(days, inputs.horizon)
            known[first] = days, inputs.profiles.profiles(int(periods[0]), int(periods[-1]) + 1)
        horizon, profiles = known[first]
        tasks.append(
            HostingTask(
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
                pv_share=case.pv_share,
                hp_share=case.hp_share,
                rooms=(),
                penetration=0.0,
                first=0,
                end=0,
                floor_pu=s.judged_floor_pu,
                ceiling_pu=s.judged_ceiling_pu,
                seed=work.seed,
            )
        )
    return tasks


def _name(key: Key) -> str:
    return f"hosting-{key[0]}-{key[1]}-{key[2]}"
