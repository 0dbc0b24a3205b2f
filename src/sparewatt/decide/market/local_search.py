"""L_BFGS_B, SLSQP, TNC: basin-hopping around a local method on the start times of a producer's jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.algorithm import Reply
from sparewatt.decide.market.filling import fill_flexible
from sparewatt.decide.market.mismatch_kernel import mismatch_slope
from sparewatt.decide.market.requests import allowed_kwh, free_kw, is_possible, open_rows, refusal
from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.model.contract import Reason
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board, Plan

METHODS = {"L_BFGS_B": "L-BFGS-B", "SLSQP": "SLSQP", "TNC": "TNC"}
"""Local methods by the names that scenario files use."""
EVALUATIONS = 200
"""Most steps of one local search."""


class _FoundError(Exception):
    """The search has starts that keep every minute covered."""


@dataclass(frozen=True)
class LocalSearch:
    """A producer that moves the starts of all its waiting jobs until the new one fits too.

    min over starts x of Σ|produced - consumed(x)|·Δt + penalty·Σ max(0, consumed(x) - produced)·Δt

    The job is taken when the starts found, put on the grid of starts, keep every minute covered; the
    starts found are then those of the contracts.

    Parameters
    ----------
    method
        Key of ``METHODS``.
    rng
        Source of the hops.
    penalty
        Weight of over-consumption.
    eps_s
        Step of the finite differences [s].
    tol
        Tolerance of the local method.
    searches
        Hops.
    allow_partial
        Share of the jobs' energy that may come from the grid [0-1].
    """

    method: str
    rng: np.random.Generator
    penalty: float = 10.0
    eps_s: float = 900.0
    tol: float = 1e-3
    searches: int = 5
    allow_partial: float = 0.0

    def reply(self, board: Board, producer: int, job: int) -> Reply:
        """The answer to a request; parameters as of `ProducerAlgorithm.reply`."""
        if not is_possible(board, producer, job, self.allow_partial):
            return Reply((), Reason.NO_POWER)
        if board.jobs.is_flexible[job]:
            allowed = allowed_kwh(board, job, self.allow_partial)
            plan = fill_flexible(board, job, free_kw(board, producer), allowed)
            return refusal(board, producer, job, self.allow_partial) if plan is None else _accepted((plan,))
        movable = [old for old in board.waiting[producer] if not board.jobs.is_flexible[old]]
        problem = _Problem.of(board, producer, [*movable, job], self.allow_partial)
        plans = self._search(problem)
        return Reply((), Reason.OVERBOOKED) if plans is None else _accepted(plans)

    def _search(self, problem: _Problem) -> tuple[Plan, ...] | None:
        """Loads of all jobs that keep every minute covered, None where the hops found none."""
        from scipy.optimize import basinhopping  # noqa: PLC0415 - importing it takes a while

        found: list[tuple[Plan, ...]] = []

        def objective(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            inside = np.clip(x, problem.earliest, problem.latest)
            value, over, slope = mismatch_slope(
                inside,
                problem.latest,
                self.eps_s / MINUTE_S,
                problem.production_kw,
                problem.firm_kw,
                problem.offset,
                problem.load_kw,
                self.penalty,
            )
            near = over <= problem.firm_over_kwh + problem.allowed_kwh + SLACK_KW
            if near and (plans := problem.plans(inside)) is not None:
                found.append(plans)
                raise _FoundError
            return float(value), slope

        def hop(x: NDArray[np.float64]) -> NDArray[np.float64]:
            width = problem.latest - problem.earliest
            moved = x + self.rng.uniform(-0.5, 0.5, len(x)) * width
            return np.clip(moved, problem.earliest, problem.latest)

        limit = "maxfun" if self.method == "TNC" else "maxiter"
        try:
            basinhopping(
                objective,
                problem.begin,
                niter=self.searches,
                take_step=hop,
                rng=self.rng,
                minimizer_kwargs={
                    "method": METHODS[self.method],
                    "jac": True,
                    "bounds": list(zip(problem.earliest, problem.latest, strict=True)),
                    "tol": self.tol,
                    "options": {limit: EVALUATIONS},
                },
            )
        except _FoundError:
            return found[0]
        return None


def _accepted(plans: tuple[Plan, ...]) -> Reply:
    return Reply(plans, Reason.COVERED)


@dataclass(frozen=True)
class _Problem:
    """Jobs of one producer whose starts may move; minutes count from the first that matters."""

    board: Board
    jobs: list[int]
    origin: int
    production_kw: NDArray[np.float64]
    firm_kw: NDArray[np.float64]
    begin: NDArray[np.float64]
    earliest: NDArray[np.float64]
    latest: NDArray[np.float64]
    offset: NDArray[np.int64]
    load_kw: NDArray[np.float64]
    allowed_kwh: float
    firm_over_kwh: float

    @classmethod
    def of(cls, board: Board, producer: int, jobs: list[int], allow_partial: float) -> _Problem:
        """The problem of a producer; the last job is the new one and begins in the middle of its window."""
        starts = board.starts
        rows = [open_rows(board, job) for job in jobs]
        used_kw = board.booked_kw[producer].copy()
        for job in jobs[:-1]:
            plan = board.plans[job]
            used_kw[plan.minute : plan.minute + len(plan.kw)] -= plan.kw
        loads = [starts.load(int(own[0]))[1] for own in rows]
        minutes = starts.minute
        origin = int(min(minutes[own[0]] for own in rows))
        end = int(max(minutes[own[-1]] + len(load) for own, load in zip(rows, loads, strict=True))) + 2
        earliest = np.array([minutes[own[0]] - origin for own in rows], np.float64)
        latest = np.array([minutes[own[-1]] - origin for own in rows], np.float64)
        now = [float(board.plans[job].minute - origin) for job in jobs[:-1]]
        offset = np.concatenate([[0], np.cumsum([len(load) for load in loads])]).astype(np.int64)
        production_kw = np.ascontiguousarray(board.production_kw[producer, origin:end])
        firm_kw = np.maximum(used_kw[origin:end], 0.0)
        return cls(
            board=board,
            jobs=jobs,
            origin=origin,
            production_kw=production_kw,
            firm_kw=firm_kw,
            begin=np.array([*now, (earliest[-1] + latest[-1]) / 2.0]),
            earliest=earliest,
            latest=latest,
            offset=offset,
            load_kw=np.concatenate(loads),
            allowed_kwh=allow_partial * float(board.jobs.energy_kwh[jobs].sum()),
            firm_over_kwh=float(np.maximum(firm_kw - production_kw, 0.0).sum()) / 60.0,
        )

    def plans(self, x: NDArray[np.float64]) -> tuple[Plan, ...] | None:
        """Loads at the starts nearest to ``x``, None where they leave a minute uncovered."""
        used_kw = self.firm_kw.copy()
        plans = []
        for job, minute in zip(self.jobs, x, strict=True):
            rows = open_rows(self.board, job)
            at_s = self.board.starts.start_s[rows]
            nearest = int(np.argmin(np.abs(at_s - (minute + self.origin) * MINUTE_S)))
            plan = self.board.plan_at(int(rows[nearest]), job)
            begin = plan.minute - self.origin
            used_kw[begin : begin + len(plan.kw)] += plan.kw
            plans.append(plan)
        over = used_kw - self.production_kw
        firm_over = np.maximum(self.firm_kw - self.production_kw, 0.0)
        new_over = np.maximum(over, 0.0) - firm_over
        if self.allowed_kwh <= 0.0:
            return None if bool((new_over > SLACK_KW).any()) else tuple(plans)
        return None if float(new_over.sum()) / 60.0 > self.allowed_kwh else tuple(plans)
