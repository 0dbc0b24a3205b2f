"""The best contracts, had all been known: every job wholly on one producer or on the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.community_effort import most_entries, most_looks
from sparewatt.decide.optimise.community_exchange import MOST_PROBES, fill_in, plan_by_exchange
from sparewatt.decide.optimise.community_model import build_job_model, find_choices
from sparewatt.decide.optimise.community_task import CommonPlan, plan_at, summed, take
from sparewatt.errors import SolverError
from sparewatt.model.starts import KW_ZERO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Plan
    from sparewatt.decide.optimise.community_model import JobModel
    from sparewatt.decide.optimise.community_task import Task
    from sparewatt.decide.optimise.matrix import Deadline

MOST_CHOICES = 20_000_000
"""Starts times producers up to which the model is built."""
MOST_EXACT_MINUTES = 2_000
"""Minutes of flexible jobs times producers up to which their least power is a constraint."""
NEAR_KWH = 1e-9
"""Plans that differ by less cover the same [kWh]."""


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
        take(free_kw, plans, producer, plan_at(task.starts, job, int(choices.row[column])))
    odd = []
    for charge in model.charges:
        if x[charge.taken] > 0.5:  # noqa: PLR2004 - binaries
            charging = charge.charging
            kw = np.clip(x[charge.power], 0.0, charging.room_kw(task.free_kw[charge.producer]))
            if ((kw > KW_ZERO) & charging.is_dim(kw)).sum() > 1:
                odd.append(charging)
            else:
                take(free_kw, plans, charge.producer, charging.plan(kw))
    fill_in(task, odd, free_kw, plans)
    return summed(task, plans, upper_kwh)
