"""The best contracts, had all been known: every job wholly on one producer or on the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.board import Plan
from sparewatt.decide.optimise.community_effort import most_entries, most_looks
from sparewatt.decide.optimise.community_exchange_kernel import exchange_jobs
from sparewatt.decide.optimise.community_flexible import fill_charging, find_charging
from sparewatt.decide.optimise.community_model import build_job_model, find_choices
from sparewatt.errors import SolverError
from sparewatt.model.starts import KW_ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.community_flexible import Charging
    from sparewatt.decide.optimise.community_model import JobModel
    from sparewatt.decide.optimise.matrix import Deadline
    from sparewatt.model.jobs import Jobs
    from sparewatt.model.starts import Starts

MOST_CHOICES = 20_000_000
"""Starts times producers up to which the model is built."""
MOST_EXACT_MINUTES = 2_000
"""Minutes of flexible jobs times producers up to which their least power is a constraint."""
NEAR_KWH = 1e-9
"""Plans that differ by less cover the same [kWh]."""
MOST_PROBES = 100_000_000
"""Starts on producers that an exchange of jobs may look at, about."""
LEAST_ROUNDS, ROUNDS_PER_JOB = 12, 1_000
HEAT = 0.2
"""Loss let pass at first, in mean energies of a job."""


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


def solve_contract(task: Task, deadline: Deadline, probes: int = MOST_PROBES) -> CommonPlan:
    """The plan that covers most.

    max Σ energy·z: each job at most once, no minute of a producer above what there is

    A plan is found by exchanging jobs, in a number of rounds that depends on the size only; where the model
    is small enough, HiGHS begins from it and proves how much more there could be.

    Parameters
    ----------
    task
        Jobs and sun.
    deadline
        When to stop.
    probes
        As of `plan_by_exchange`.
    """
    most = min(task.energy_kwh, float(task.free_kw.sum()) / 60.0)
    found = plan_by_exchange(task, most, probes)
    is_left = deadline.is_stopped is not None and deadline.is_stopped()
    model = None if is_left else _build(task, most_entries(deadline))
    if model is None:
        return found
    if model.columns == 0:
        return CommonPlan({}, 0.0, 0.0)
    sizes = task.jobs.energy_kwh[task.places][model.choices.job]
    worth = np.concatenate([sizes, [charge.charging.need / 60.0 for charge in model.charges]])
    start, powers = _columns_of(task, model, found), _powers_of(task, model, found)
    try:
        looks = most_looks(model.solver, deadline)
        solution = model.solve(worth, deadline, start=start, powers=powers, looks=looks)
    except SolverError:
        return found
    upper = min(most, -solution.bound) if np.isfinite(solution.bound) else most
    if solution.x is not None:
        solved = _plan_of(task, model, solution.x, upper)
        if solved.energy_kwh > found.energy_kwh + NEAR_KWH:
            return solved
    return CommonPlan(found.plans, found.energy_kwh, max(upper, found.energy_kwh))


def _columns_of(task: Task, model: JobModel, plan: CommonPlan) -> NDArray[np.int64]:
    """Columns of the model that a plan of jobs with profiles takes."""
    choices = model.choices
    producer, row = np.full(len(task.places), -1), np.full(len(task.places), -1)
    for n, job in enumerate(task.places.tolist()):
        if job in plan.plans:
            producer[n], row[n] = plan.plans[job][0], plan.plans[job][1].start
    taken = (producer[choices.job] == choices.producer) & (row[choices.job] == choices.row)
    return np.asarray(np.flatnonzero(taken), np.int64)


def _powers_of(task: Task, model: JobModel, plan: CommonPlan) -> dict[int, NDArray[np.float64]]:
    """What flexible jobs draw in a plan, by place among the charges of the model [kW]."""
    powers = {}
    for place, charge in enumerate(model.charges):
        producer, own = plan.plans.get(charge.charging.job, (-1, None))
        if own is not None and producer == charge.producer:
            load_kw = np.zeros(task.free_kw.shape[1])
            load_kw[own.minute : own.minute + len(own.kw)] = own.kw
            powers[place] = load_kw[charge.charging.minutes]
    return powers


def _build(task: Task, entries: int) -> JobModel | None:
    """The model, None where it would be too large."""
    starts, free_kw = task.starts, task.free_kw
    if sum(len(own) for own in task.rows) * len(free_kw) > MOST_CHOICES:
        return None
    choices = find_choices(starts, task.rows, free_kw)
    shape = starts.shape[choices.row]
    minutes = int((starts.shape_offset[shape + 1] - starts.shape_offset[shape]).sum())
    charging_minutes = sum(len(each.most_kw) for each in task.charging) * len(free_kw)
    if minutes + charging_minutes > entries:
        return None
    return build_job_model(
        starts,
        choices,
        len(task.rows),
        free_kw,
        charging=task.charging,
        is_exact=charging_minutes <= MOST_EXACT_MINUTES,
    )


def _plan_of(task: Task, model: JobModel, x: NDArray[np.float64], upper_kwh: float) -> CommonPlan:
    """What a solution of the model means."""
    plans: dict[int, tuple[int, Plan]] = {}
    free_kw = task.free_kw.copy()
    choices = model.choices
    for column in np.flatnonzero(x[: len(choices)] > 0.5):  # noqa: PLR2004 - binaries
        job, producer = int(task.places[choices.job[column]]), int(choices.producer[column])
        _take(free_kw, plans, producer, _plan_at(task.starts, job, int(choices.row[column])))
    odd = []
    for charge in model.charges:
        if x[charge.taken] > 0.5:  # noqa: PLR2004 - binaries
            charging = charge.charging
            kw = np.clip(x[charge.power], 0.0, charging.room_kw(task.free_kw[charge.producer]))
            if ((kw > KW_ZERO) & charging.is_dim(kw)).sum() > 1:
                odd.append(charging)
            else:
                _take(free_kw, plans, charge.producer, charging.plan(kw))
    _fill_in(task, odd, free_kw, plans)
    return _summed(task, plans, upper_kwh)


def plan_by_exchange(task: Task, upper_kwh: float, probes: int = MOST_PROBES) -> CommonPlan:
    """A good plan without a solver: first fit, then jobs exchanged, then flexible jobs in what is left.

    Where there are flexible jobs it is made the other way round too; the better one counts.

    Parameters
    ----------
    task
        Jobs and sun.
    upper_kwh
        What is proven already [kWh].
    probes
        Starts on producers that are looked at, about; it takes the place of a deadline, so that the same
        jobs get the same plan on any machine.
    """
    if not task.charging:
        return _exchanged(task, upper_kwh, probes, is_charged_first=False)
    orders = (_exchanged(task, upper_kwh, probes // 2, is_charged_first=first) for first in (False, True))
    return max(orders, key=lambda plan: plan.energy_kwh)


def _exchanged(task: Task, upper_kwh: float, probes: int, *, is_charged_first: bool) -> CommonPlan:
    """Jobs with a profile exchanged, flexible jobs in what is left, or the other way round."""
    starts = task.starts
    free_kw = task.free_kw.copy()
    charged: dict[int, tuple[int, Plan]] = {}
    if is_charged_first:
        largest = sorted(task.charging, key=lambda charging: -charging.need)
        _fill_in(task, largest, free_kw, charged)
    lengths = np.array([len(own) for own in task.rows], np.int64)
    begin = np.array([own[0] if len(own) else 0 for own in task.rows], np.int64)
    producer, row = np.full(len(begin), -1, np.int64), np.full(len(begin), -1, np.int64)
    worth = task.jobs.energy_kwh[task.places]
    each_job = max(1, int(lengths.sum()) // max(1, len(lengths)) * len(free_kw))
    each_round = each_job * (2 + len(begin) // 6)
    rounds = int(np.clip(probes // each_round, LEAST_ROUNDS, max(LEAST_ROUNDS, ROUNDS_PER_JOB * len(begin))))
    exchange_jobs(
        free_kw,
        begin,
        begin + lengths,
        worth,
        producer,
        row,
        starts.minute,
        starts.shape,
        starts.shape_offset,
        starts.shape_kw,
        rounds,
        HEAT * float(worth.mean()) if len(worth) else 0.0,
        1,
    )
    plans = charged | {
        int(job): (int(producer[n]), _plan_at(starts, int(job), int(row[n])))
        for n, job in enumerate(task.places)
        if producer[n] >= 0
    }
    _fill_in(task, [each for each in task.charging if each.job not in plans], free_kw, plans)
    return _summed(task, plans, upper_kwh)


def _fill_in(
    task: Task,
    chargings: Iterable[Charging],
    free_kw: NDArray[np.float64],
    plans: dict[int, tuple[int, Plan]],
) -> None:
    """Give flexible jobs to the first producers that have enough left."""
    for charging in chargings:
        for producer in range(len(task.free_kw)):
            kw = fill_charging(charging, free_kw[producer])
            if kw is not None:
                _take(free_kw, plans, producer, charging.plan(kw))
                break


def _plan_at(starts: Starts, job: int, row: int) -> Plan:
    minute, kw = starts.load(row)
    return Plan(job, row, int(starts.start_s[row]), minute, kw)


def _take(
    free_kw: NDArray[np.float64], plans: dict[int, tuple[int, Plan]], producer: int, plan: Plan
) -> None:
    """A producer supplies a load."""
    part = free_kw[producer, plan.minute : plan.minute + len(plan.kw)]
    part -= plan.kw
    plans[plan.job] = (producer, plan)


def _summed(task: Task, plans: dict[int, tuple[int, Plan]], upper_kwh: float) -> CommonPlan:
    energy = float(task.jobs.energy_kwh[np.array(list(plans), np.int64)].sum())
    return CommonPlan(plans, energy, max(upper_kwh, energy))
