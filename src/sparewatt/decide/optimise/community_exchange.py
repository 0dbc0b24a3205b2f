"""A good common plan without a solver: jobs exchanged between producers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.community_exchange_kernel import exchange_jobs
from sparewatt.decide.optimise.community_flexible import fill_charging
from sparewatt.decide.optimise.community_task import plan_at, summed, take

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Plan
    from sparewatt.decide.optimise.community_flexible import Charging
    from sparewatt.decide.optimise.community_task import CommonPlan, Task

MOST_PROBES = 100_000_000
"""Starts on producers that an exchange of jobs may look at, about."""
LEAST_ROUNDS, ROUNDS_PER_JOB = 12, 1_000
HEAT = 0.2
"""Loss let pass at first, in mean energies of a job."""


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
        fill_in(task, largest, free_kw, charged)
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
        int(job): (int(producer[n]), plan_at(starts, int(job), int(row[n])))
        for n, job in enumerate(task.places)
        if producer[n] >= 0
    }
    fill_in(task, [each for each in task.charging if each.job not in plans], free_kw, plans)
    return summed(task, plans, upper_kwh)


def fill_in(
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
                take(free_kw, plans, producer, charging.plan(kw))
                break
