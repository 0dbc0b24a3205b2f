"""The most that a neighbourhood could have covered, had all been known: found, and proven not to be more."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.decide.optimise.community_contract import solve_contract
from sparewatt.decide.optimise.community_effort import most_entries
from sparewatt.decide.optimise.community_pool import build_pool_model, pool_kwh
from sparewatt.decide.optimise.community_task import find_task
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.errors import RunCancelled, SolverError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.community_task import CommonPlan, Task
    from sparewatt.model.jobs import Jobs
    from sparewatt.model.starts import Starts

NEAR = 1e-6
"""Relative gap below which a bound is closed."""


@dataclass(frozen=True)
class Bound:
    """The most that can be covered.

    Parameters
    ----------
    best_kwh
        Found [kWh].
    upper_kwh
        Proven: nothing covers more [kWh].
    seconds
        Time taken [s].
    deadline_s
        Time given [s].
    """

    best_kwh: float
    upper_kwh: float
    seconds: float
    deadline_s: float

    @property
    def gap(self) -> float:
        """What is not known, over what is proven not to be exceeded [0-1]."""
        return (self.upper_kwh - self.best_kwh) / self.upper_kwh if self.upper_kwh > 0.0 else 0.0

    @property
    def status(self) -> Literal["optimal", "open"]:
        """``optimal`` where what was found is proven to be the most, else ``open``."""
        return "optimal" if self.gap <= NEAR else "open"


@dataclass(frozen=True)
class Bounds:
    """Both bounds.

    Parameters
    ----------
    pool
        All sun in one pot: Σ_t min(sun[t], load[t]).
    contract
        Every job wholly on one producer, or on the grid; no minute of a producer above its sun.
    """

    pool: Bound
    contract: Bound


def find_bounds(
    jobs: Jobs,
    starts: Starts,
    production_kw: NDArray[np.float64],
    deadline_s: float = 60.0,
    *,
    left_out: NDArray[np.int64] | None = None,
    is_stopped: Callable[[], bool] | None = None,
) -> Bounds:
    """The most that any market could cover with this sun.

    What the contracts of a plan cover, their pool covers too: the contract bound is never above that of
    the pool, and what is found for contracts counts for the pool.

    Parameters
    ----------
    jobs, starts
        The jobs and their starts; a job starts at its registration at the earliest.
    production_kw
        What the producers give in the end, shape (producers, minutes) [kW].
    deadline_s
        Time for each of the two [s].
    left_out
        Rows of jobs that are not simulated.
    is_stopped
        Asked a few times a second, in solves too, as far as HiGHS looks up.

    Raises
    ------
    RunCancelled
        It was asked to stop.
    """
    task = find_task(jobs, starts, production_kw, left_out)
    began = time.monotonic()
    plan = solve_contract(task, Deadline(deadline_s, is_stopped))
    contract_s = time.monotonic() - began
    _leave(is_stopped)
    began = time.monotonic()
    best, upper = _solve_pool(task, plan, Deadline(deadline_s, is_stopped))
    pool_s = time.monotonic() - began
    _leave(is_stopped)
    return Bounds(
        pool=Bound(best, upper, pool_s, deadline_s),
        contract=Bound(plan.energy_kwh, min(plan.upper_kwh, upper), contract_s, deadline_s),
    )


def _leave(is_stopped: Callable[[], bool] | None) -> None:
    """Hand nothing on that was found in a hurry."""
    if is_stopped is not None and is_stopped():
        raise RunCancelled("The run was cancelled.")


def _solve_pool(task: Task, plan: CommonPlan, deadline: Deadline) -> tuple[float, float]:
    """Found and proven [kWh]."""
    sun_kw = task.free_kw.sum(axis=0)
    most = min(task.energy_kwh, float(sun_kw.sum()) / 60.0)
    found = pool_kwh(task, {job: own for job, (_, own) in plan.plans.items()})
    shape = task.starts.shape[np.concatenate([*task.rows, np.empty(0, np.int64)]).astype(np.int64)]
    minutes = int((task.starts.shape_offset[shape + 1] - task.starts.shape_offset[shape]).sum())
    if minutes > most_entries(deadline):
        return found, most
    model = build_pool_model(task.starts, task.rows, task.charging, sun_kw)
    try:
        solution = model.solve(deadline)
    except SolverError:
        return found, most
    if solution.x is not None:
        found = max(found, model.used_kwh(task, solution.x))
    upper = min(most, -solution.bound) if np.isfinite(solution.bound) else most
    return found, max(found, upper)
