"""The pool: all sun in one pot, every job at one of its starts; the most that can be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.community_effort import most_looks
from sparewatt.decide.optimise.community_flexible import add_charging, charge_from_pool
from sparewatt.decide.optimise.community_kernels import entries_of, highest_loads
from sparewatt.decide.optimise.matrix import Matrix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Plan
    from sparewatt.decide.optimise.community_flexible import Charging
    from sparewatt.decide.optimise.community_task import Task
    from sparewatt.decide.optimise.matrix import Deadline, Solution, Solver
    from sparewatt.model.starts import Starts


@dataclass(frozen=True)
class PoolModel:
    """max Σ_t u[t]/60, u[t] <= sun[t], u[t] <= Σ load·z + Σ p, Σ z of a job = 1, z binary.

    Minutes without sun are left out; where all jobs together stay below the sun, u is their load.

    Parameters
    ----------
    solver
        HiGHS with the model; it minimises.
    row
        Starts that the first columns stand for, shape (starts of all jobs,).
    """

    solver: Solver
    row: NDArray[np.int64]

    def solve(self, deadline: Deadline) -> Solution:
        """Choose starts; the solution is one of the minimisation of -Σ u/60 [kWh]."""
        return self.solver.solve(deadline, looks=most_looks(self.solver, deadline))

    def used_kwh(self, task: Task, x: NDArray[np.float64]) -> float:
        """What the starts of a solution really use, flexible jobs beside them within their range [kWh]."""
        sun_kw = task.free_kw.sum(axis=0)
        load_kw = np.zeros(len(sun_kw))
        for row in self.row[x[: len(self.row)] > 0.5].tolist():  # noqa: PLR2004 - binaries
            minute, kw = task.starts.load(row)
            load_kw[minute : minute + len(kw)] += kw
        for charging in task.charging:
            load_kw[charging.minutes] += charge_from_pool(charging, sun_kw - load_kw)
        return float(np.minimum(load_kw, sun_kw).sum()) / 60.0


def build_pool_model(
    starts: Starts,
    rows: Sequence[NDArray[np.int64]],
    charging: Sequence[Charging],
    sun_kw: NDArray[np.float64],
) -> PoolModel:
    """Build the model.

    Parameters
    ----------
    starts
        All starts.
    rows
        Rows that each job with a profile may choose from, at least one each.
    charging
        Flexible jobs.
    sun_kw
        Production of all producers together, shape (minutes,) [kW].
    """
    matrix = Matrix()
    job = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    row = np.concatenate(rows).astype(np.int64) if rows else np.empty(0, np.int64)
    matrix.add_columns(len(row), 0.0, 1.0, integer=True)
    once = matrix.add_rows(len(rows), 1.0, 1.0)
    matrix.put(once[job], np.arange(len(row)), 1.0)
    producer = np.zeros(len(row), np.int64)
    shapes = (starts.minute, starts.shape, starts.shape_offset, starts.shape_kw)
    top_kw = highest_loads(job, row, producer, 1, len(sun_kw), *shapes)[0]
    for each in charging:
        top_kw[each.minutes] += each.most_kw
    used = np.flatnonzero((sun_kw > 0.0) & (top_kw > 0.0))
    number = np.full(len(sun_kw), -1, np.int64)
    number[used] = np.arange(len(used))
    u = matrix.add_columns(len(used), 0.0, sun_kw[used])
    below = matrix.add_rows(len(used), -np.inf, 0.0)
    matrix.put(below, u, 1.0)
    at, column, kw = entries_of(number[None], row, producer, *shapes)
    matrix.put(below[at], column, -kw)
    for each in charging:
        taken = matrix.add_columns(1, 1.0, 1.0)
        power = add_charging(matrix, each, each.most_kw, int(taken[0]), is_exact=False).power
        lit = number[each.minutes]
        matrix.put(below[lit[lit >= 0]], power[lit >= 0], -1.0)
    cost = np.zeros(matrix.columns)
    cost[u] = -1.0 / 60.0
    solver = matrix.solver()
    solver.change_costs(cost)
    return PoolModel(solver, row)


def pool_kwh(task: Task, plans: Mapping[int, Plan]) -> float:
    """Sun that some loads use from one pot; the other jobs start at once [kWh]."""
    sun_kw = task.free_kw.sum(axis=0)
    load_kw = np.zeros(len(sun_kw))
    for plan in plans.values():
        load_kw[plan.minute : plan.minute + len(plan.kw)] += plan.kw
    for job, own in zip(task.places, task.rows, strict=True):
        if int(job) not in plans:
            minute, kw = task.starts.load(int(own[0]))
            load_kw[minute : minute + len(kw)] += kw
    return float(np.minimum(load_kw, sun_kw).sum()) / 60.0
