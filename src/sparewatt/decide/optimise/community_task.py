"""The jobs to place among all producers, and plans that place them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.board import Plan
from sparewatt.decide.optimise.community_flexible import find_charging

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.community_flexible import Charging
    from sparewatt.model.jobs import Jobs
    from sparewatt.model.starts import Starts


@dataclass(frozen=True)
class CommonPlan:
    """Who supplies which job when.

    Parameters
    ----------
    plans
        Producer and load of each job that a producer supplies.
    energy_kwh
        Energy of those jobs [kWh].
    upper_kwh
        Proven: no plan covers more [kWh].
    """

    plans: dict[int, tuple[int, Plan]]
    energy_kwh: float
    upper_kwh: float


@dataclass(frozen=True)
class Task:
    """The jobs to place and what there is for them.

    Parameters
    ----------
    jobs, starts
        All jobs and starts.
    places
        Rows of the jobs with a profile.
    rows
        Starts that each of them may choose from.
    charging
        The flexible jobs.
    free_kw
        What there is at each producer, shape (producers, minutes) [kW].
    """

    jobs: Jobs
    starts: Starts
    places: NDArray[np.int64]
    rows: tuple[NDArray[np.int64], ...]
    charging: tuple[Charging, ...]
    free_kw: NDArray[np.float64]

    @property
    def energy_kwh(self) -> float:
        """Energy of all jobs [kWh]."""
        flexible = sum(each.need for each in self.charging) / 60.0
        return float(self.jobs.energy_kwh[self.places].sum()) + flexible


def find_task(
    jobs: Jobs, starts: Starts, production_kw: NDArray[np.float64], left_out: NDArray[np.int64] | None = None
) -> Task:
    """All jobs, each from its registration on.

    Parameters
    ----------
    jobs, starts
        The jobs and their starts.
    production_kw
        Shape (producers, minutes) [kW].
    left_out
        Rows of jobs that are not simulated.
    """
    is_asked = np.ones(len(jobs), bool)
    if left_out is not None:
        is_asked[left_out] = False
    places = np.flatnonzero(is_asked & ~jobs.is_flexible)
    rows = []
    for job in places:
        begin, end = int(starts.offset[job]), int(starts.offset[job + 1])
        begin += int(np.searchsorted(starts.start_s[begin:end], jobs.registered_s[job]))
        rows.append(np.arange(begin, end, dtype=np.int64))
    flexible = np.flatnonzero(is_asked & jobs.is_flexible)
    charging = tuple(find_charging(jobs, int(job), int(jobs.registered_s[job])) for job in flexible)
    return Task(jobs, starts, places, tuple(rows), charging, production_kw)


def plan_at(starts: Starts, job: int, row: int) -> Plan:
    """A job at one of its starts."""
    minute, kw = starts.load(row)
    return Plan(job, row, int(starts.start_s[row]), minute, kw)


def take(free_kw: NDArray[np.float64], plans: dict[int, tuple[int, Plan]], producer: int, plan: Plan) -> None:
    """A producer supplies a load."""
    part = free_kw[producer, plan.minute : plan.minute + len(plan.kw)]
    part -= plan.kw
    plans[plan.job] = (producer, plan)


def summed(task: Task, plans: dict[int, tuple[int, Plan]], upper_kwh: float) -> CommonPlan:
    """The plan, with the energy of its jobs."""
    energy = float(task.jobs.energy_kwh[np.array(list(plans), np.int64)].sum())
    return CommonPlan(plans, energy, max(upper_kwh, energy))
