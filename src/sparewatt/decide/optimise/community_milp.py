"""milp: a producer that chooses the starts of all its waiting jobs anew before it says no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.algorithm import NOBODY, Negotiation, OneByOne, Reply
from sparewatt.decide.market.greedy import Greedy
from sparewatt.decide.market.requests import allowed_kwh, open_rows
from sparewatt.decide.market.search_problem import find_problem
from sparewatt.decide.market.slack_kernels import NOWHERE, ask_in_order, find_start
from sparewatt.decide.optimise.community_model import Choices, build_job_model
from sparewatt.decide.optimise.community_renegotiating import drop_for, renegotiate
from sparewatt.decide.optimise.community_search_kernel import FOUND, OPEN, choose_starts
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.errors import SolverError
from sparewatt.model.contract import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.market.algorithm import Renegotiation
    from sparewatt.decide.market.board import Board, Plan
    from sparewatt.decide.market.search_problem import SearchProblem


STEPS = 20_000
"""Starts that the exact search tries before the solver is asked."""
NODES = 10
"""Nodes of the solver's own search: with its cuts and heuristics it settles most of what is left at once."""
MOST_STARTS = 200
"""Starts up to which the solver is asked; beyond, it takes seconds and seldom knows more than the search."""


@dataclass(frozen=True)
class MilpProducer:
    """A producer that takes a job when any choice of starts keeps every minute covered.

    find z binary: Σ_s z[j, s] = 1 for every waiting job j and the asked one,
    Σ_j Σ_s load[j, t - s]·z[j, s] <= production[t] - firm[t] for every minute t

    First the job is tried with all others where they are. Then starts that no choice of all jobs can
    contain are struck out, which often leaves none; then jobs are placed one after the other near where
    they are; then an exact search tries `STEPS` starts; only where that is not enough and no more than
    `MOST_STARTS` starts are left, the model is solved. Where the job does not fit beside all that wait,
    smaller ones are dropped for it if more energy is agreed to by that (`drop_for`).

    Parameters
    ----------
    solve_s
        Deadline of one answer [s].
    allow_partial
        Share of a job's energy that may come from the grid [0-1]; jobs are moved only where all is covered.
    """

    solve_s: float = 10.0
    allow_partial: float = 0.0

    def reply(self, board: Board, producer: int, job: int) -> Reply:
        """The answer to a request; parameters as of `ProducerAlgorithm.reply`."""
        quick = Greedy(self.allow_partial).reply(board, producer, job)
        if quick.is_accepted or quick.reason == Reason.NO_POWER or board.jobs.is_flexible[job]:
            return quick
        return self.rearranged(board, producer, job)

    def rearranged(self, board: Board, producer: int, job: int) -> Reply:
        """Move or drop waiting jobs that stand in the way of one that its forecast alone would cover."""
        if not board.waiting[producer] or not _fits_alone(board, producer, job):
            return Reply((), Reason.BOOKED)
        moved = self._moved(board, producer, job)
        return moved if moved.is_accepted else drop_for(board, producer, job) or moved

    def _moved(self, board: Board, producer: int, job: int) -> Reply:
        """Take a job beside all that wait, wherever they start."""
        problem = find_problem(board, producer, job, 0.0)
        if problem is None or problem.is_hopeless:
            return Reply((), Reason.BOOKED)
        rows = problem.place(problem.begin, is_exact=False)
        reason = Reason.BOOKED
        if rows is None:
            result, rows = _searched(problem)
            if result == OPEN:
                rows, reason = self._solved(problem)
        if rows is None:
            return Reply((), reason)
        plans = zip(rows, problem.jobs, strict=True)
        return Reply(tuple(board.plan_at(int(row), each) for row, each in plans), Reason.COVERED)

    def _solved(self, problem: SearchProblem) -> tuple[NDArray[np.int64] | None, Reason]:
        """Rows of the starts of all jobs, or why there are none."""
        if len(problem.rows) > MOST_STARTS:
            return None, Reason.NO_TIME
        count = len(problem.jobs)
        place = np.repeat(np.arange(count), np.diff(problem.offset_rows))
        choices = Choices(place, problem.rows, np.zeros(len(place), np.int64))
        free_kw = np.zeros((1, problem.origin + len(problem.production_kw)))
        free_kw[0, problem.origin :] = problem.production_kw - problem.firm_kw
        model = build_job_model(problem.starts, choices, count, free_kw, is_whole=True)
        try:
            solution = model.solver.solve(Deadline(self.solve_s), nodes=NODES)
        except SolverError:
            return None, Reason.NO_TIME
        if solution.x is None:
            return None, Reason.BOOKED if solution.status == "infeasible" else Reason.NO_TIME
        chosen = np.flatnonzero(solution.x > 0.5)  # noqa: PLR2004 - binaries
        return choices.row[chosen[np.argsort(choices.job[chosen], kind="stable")]], Reason.COVERED


@dataclass(frozen=True)
class MilpMarket:
    """All producers are `MilpProducer`: `OneByOne` of them, where nothing has to move asked in one kernel.

    Once all who asked have their answers, producers renegotiate (`renegotiate`).

    Parameters
    ----------
    solve_s, allow_partial
        As of `MilpProducer`.
    """

    solve_s: float = 10.0
    allow_partial: float = 0.0

    def negotiate(self, board: Board, job: int, order: NDArray[np.int64]) -> Negotiation:
        """Ask for one job; parameters as of `Negotiator.negotiate`."""
        algorithm = MilpProducer(self.solve_s, self.allow_partial)
        if board.jobs.is_flexible[job]:
            return OneByOne(algorithm).negotiate(board, job, order)
        starts = board.starts
        refusals, row, was_possible = ask_in_order(
            board.production_kw,
            board.booked_kw,
            order,
            open_rows(board, job),
            starts.minute,
            starts.shape,
            starts.shape_offset,
            starts.shape_kw,
            allowed_kwh(board, job, self.allow_partial),
        )
        reasons = np.where(was_possible, Reason.BOOKED, Reason.NO_POWER).astype(np.int8)
        for n in np.flatnonzero(was_possible):
            reply = algorithm.rearranged(board, int(order[n]), job)
            reasons[n] = int(reply.reason)
            if reply.is_accepted:
                return Negotiation(reasons[: n + 1], int(order[n]), reply.plans, reply.dropped)
        if row == NOWHERE:
            return Negotiation(reasons, NOBODY, ())
        reasons = np.append(reasons, np.int8(Reason.COVERED))
        return Negotiation(reasons, int(order[refusals]), (board.plan_at(int(row), job),))

    def renegotiate(self, board: Board, asked: Sequence[int], movable: Sequence[int]) -> Renegotiation | None:
        """What is to change; parameters as of `Renegotiator.renegotiate`."""
        return renegotiate(board, asked, movable)


def _searched(problem: SearchProblem) -> tuple[int, NDArray[np.int64] | None]:
    """What the exact search came to, and the rows of the starts where it found some."""
    starts = problem.starts
    result, places = choose_starts(
        problem.production_kw - problem.firm_kw,
        problem.offset_rows,
        starts.minute[problem.rows] - problem.origin,
        starts.shape[problem.rows],
        starts.shape_offset,
        starts.shape_kw,
        STEPS,
    )
    return int(result), problem.rows[places] if result == FOUND else None


def _fits_alone(board: Board, producer: int, job: int) -> bool:
    """Whether a job would be covered at some start if no waiting job were there."""
    rows = open_rows(board, job)
    starts = board.starts
    first = int(starts.minute[rows[0]])
    shape = starts.shape[rows[-1]]
    end = int(starts.minute[rows[-1]] + starts.shape_offset[shape + 1] - starts.shape_offset[shape])
    free = board.production_kw[producer, first:end] - board.booked_kw[producer, first:end]
    for old in board.waiting[producer]:
        plan: Plan = board.plans[old]
        begin, until = max(plan.minute, first), min(plan.minute + len(plan.kw), end)
        if begin < until:
            free[begin - first : until - first] += plan.kw[begin - plan.minute : until - plan.minute]
    return bool(
        find_start(
            free,
            np.arange(len(rows)),
            starts.minute[rows] - first,
            starts.shape[rows],
            starts.shape_offset,
            starts.shape_kw,
            0.0,
            True,
        )
        != NOWHERE
    )
