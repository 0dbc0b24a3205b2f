"""L_BFGS_B, SLSQP, TNC: basin-hopping around a local method on the start times of a producer's jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.algorithm import Reply
from sparewatt.decide.market.greedy import Greedy
from sparewatt.decide.market.mismatch_kernel import mismatch_slope
from sparewatt.decide.market.search_problem import SearchProblem, find_problem
from sparewatt.model.contract import Reason
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board, Plan

METHODS = {"L_BFGS_B": "L-BFGS-B", "SLSQP": "SLSQP", "TNC": "TNC"}
"""Local methods by the names that scenario files use."""
STEPS = 200
"""Most steps of one local search."""
LIMITS = {"L_BFGS_B": ("maxiter", "maxfun"), "SLSQP": ("maxiter",), "TNC": ("maxfun",)}
"""What limits the steps of each method."""


class _FoundError(Exception):
    """The search has starts that keep every minute covered."""

    def __init__(self, rows: NDArray[np.int64]) -> None:
        super().__init__()
        self.rows = rows


@dataclass(frozen=True)
class LocalSearch:
    """A producer that moves the starts of all its waiting jobs until the new one fits too.

    min over starts x of Σ|produced - consumed(x)|·Δt + penalty·Σ max(0, consumed(x) - produced)·Δt

    Starts that keep every minute covered are all equally good for that (what is produced less what is
    asked for is left over), so the search ends with the first it finds: where the job fits with all
    others left alone there is nothing to search, and where the energy of some span of time cannot be
    enough nothing can be found. In between the search goes on from the starts that stand; every point it
    comes to is put on the grid of starts, and every local minimum on the nearest starts that are
    covered. The starts found are then those of the contracts.

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
        Share of each job's energy that may come from the grid [0-1].
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
        unmoved = Greedy(self.allow_partial).reply(board, producer, job)
        if unmoved.is_accepted or unmoved.reason == Reason.NO_POWER or board.jobs.is_flexible[job]:
            return unmoved
        problem = find_problem(board, producer, job, self.allow_partial)
        if problem is None or problem.is_hopeless:
            return unmoved
        plans = self._search(problem, board)
        return Reply((), Reason.OVERBOOKED) if plans is None else Reply(plans, Reason.COVERED)

    def _search(self, problem: SearchProblem, board: Board) -> tuple[Plan, ...] | None:
        """Loads of all jobs that keep every minute covered, None where the hops found none."""
        from scipy.optimize import basinhopping  # noqa: PLC0415 - importing it takes a while

        def look(x: NDArray[np.float64], *, is_exact: bool) -> None:
            rows = problem.place(x, is_exact=is_exact)
            if rows is not None:
                raise _FoundError(rows)

        def objective(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            inside = np.clip(x, problem.earliest, problem.latest)
            look(inside, is_exact=True)
            return mismatch_slope(
                inside,
                problem.earliest,
                problem.latest,
                self.eps_s / MINUTE_S,
                problem.production_kw,
                problem.firm_kw,
                problem.offset,
                problem.load_kw,
                self.penalty,
            )

        def hop(x: NDArray[np.float64]) -> NDArray[np.float64]:
            moved = x + self.rng.uniform(-0.5, 0.5, len(x)) * (problem.latest - problem.earliest)
            return np.clip(moved, problem.earliest, problem.latest)

        def at_minimum(x: NDArray[np.float64], _value: float, _accepted: bool) -> None:  # noqa: FBT001 - scipy's
            look(np.clip(x, problem.earliest, problem.latest), is_exact=False)

        try:
            basinhopping(
                objective,
                problem.begin,
                niter=self.searches,
                take_step=hop,
                rng=self.rng,
                callback=at_minimum,
                minimizer_kwargs={
                    "method": METHODS[self.method],
                    "jac": True,
                    "bounds": list(zip(problem.earliest, problem.latest, strict=True)),
                    "tol": self.tol,
                    "options": dict.fromkeys(LIMITS[self.method], STEPS),
                },
            )
        except _FoundError as found:
            return tuple(
                board.plan_at(int(row), job) for row, job in zip(found.rows, problem.jobs, strict=True)
            )
        return None
