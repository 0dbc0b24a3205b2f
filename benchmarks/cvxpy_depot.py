"""The peer: the original per-period model of a depot's day, written in CVXPY, for any of its solvers.

Same physics as a ``ChargingProblem``, so that ranked values can be compared, but in the form of the
original: energy p[n, t] and state of charge soc[n, t] per vehicle and period, one binary per session
that lifts the rate from AC to DC, and all goals in one sum,

    −100000·Σp + price·p + time weight·p + 10⁶·breach + 10⁷·unserved.

Two things are kinder than the original, which has a binary per vehicle *and period*, tied by one
constraint each, and sums up p for every state of charge: here sessions have one binary, soc is a
recursion, and every constraint is one array expression, which CVXPY compiles fastest.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import cvxpy as cp
import numpy as np
from scipy.sparse import csr_array

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from typing import Self

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem

SolverName = Literal["HIGHS", "GLPK_MI"]
Form = Literal["session", "period"]
AC, DC = 1, 2

DELIVERED = 1e5  # as the original
BREACH = 10 * DELIVERED
UNSERVED = 100 * DELIVERED
# The original adds 0.01 p per period, which can outweigh a price; this share of the price span per
# period only breaks ties, so that the costs stay comparable to 1e-6.
TIME_WEIGHT = 1e-8


@dataclass(frozen=True)
class PeerPlan:
    """What CVXPY made of a window.

    Parameters
    ----------
    energy
        Meter-side energy per entry of the problem, ``None`` where nothing was found [kWh].
    on_dc
        Sessions on DC, or ``None``.
    cpu_s
        CPU time of all: building, CVXPY's compilation, the solver, reading the result [s].
    solver_s
        CPU time inside the solver call alone [s].
    finished
        Whether the solver ended before the limit.
    binaries, rows, columns
        Size of the model as handed to the solver.
    """

    energy: NDArray[np.float64] | None
    on_dc: NDArray[np.bool_] | None
    cpu_s: float
    solver_s: float
    finished: bool
    binaries: int = 0
    rows: int = 0
    columns: int = 0


@dataclass(frozen=True)
class PeriodModel:
    """The CVXPY problem, what to read as (vehicles present, periods), and where each entry stands in it."""

    problem: cp.Problem
    energy: cp.Variable
    on_dc: cp.Expression
    at: tuple[NDArray[np.int64], NDArray[np.int64]]


def period_model(p: ChargingProblem, form: Form = "session") -> PeriodModel:
    """Write a window in per-period form.

    Parameters
    ----------
    p
        The window.
    form
        ``"session"``: one binary per session. ``"period"``: one per vehicle and period, tied within
        a session, as the original has it.

    Raises
    ------
    ValueError
        Where AC chargers are scarce, a least power is asked, or a vehicle has two sessions in one
        period: this form knows none of them.
    """
    _check_form(p)
    present, row = np.unique(p.vehicle, return_inverse=True)
    shape = vehicles, periods = len(present), p.periods
    at = (row[p.session], p.period)
    ac, lift = np.zeros(shape), np.zeros(shape)
    ac[at], lift[at] = p.ac_kwh, p.dc_kwh - p.ac_kwh
    # Routes are booked at the plug-in; one that returns at the end of the window has a column there.
    use, returns = np.zeros((vehicles, periods + 1)), np.zeros((vehicles, periods + 1), dtype=bool)
    np.add.at(use, (row, p.first), p.use)
    returns[row, p.first] = True

    energy = cp.Variable(shape, nonneg=True)
    soc = cp.Variable((vehicles, periods + 2))
    unserved = cp.Variable((vehicles, periods + 1), nonneg=True)
    breach = cp.Variable(periods, nonneg=True)
    on, ties = _fast_chargers(p, at, shape, form)
    after_route = soc[:, :-1] - use + unserved
    floor = -p.floor[present][:, None]
    constraints = [
        soc[:, 0] == -p.deficit[present],
        soc[:, 1 : periods + 1] == after_route[:, :periods] + energy,
        soc[:, periods + 1] == after_route[:, periods],
        soc <= 0,
        cp.multiply(returns, after_route) >= np.where(returns, floor, 0.0),
        cp.multiply(~returns, unserved) <= 0,
        energy <= ac + cp.multiply(lift, on),
        cp.sum(on, axis=0) <= p.num_dc,
        cp.sum(energy, axis=0) <= p.free_kwh + breach,
        breach <= p.breach_kwh,
        *ties,
    ]
    weight = p.price + TIME_WEIGHT * float(np.ptp(p.price)) * p.earliness - DELIVERED
    goal = weight @ cp.sum(energy, axis=0) + BREACH * cp.sum(breach) + UNSERVED * cp.sum(unserved)
    return PeriodModel(cp.Problem(cp.Minimize(goal), constraints), energy, on, at)


def _fast_chargers(
    p: ChargingProblem, at: tuple[NDArray[np.int64], NDArray[np.int64]], shape: tuple[int, int], form: Form
) -> tuple[cp.Expression, list[cp.Constraint]]:
    """Whether a vehicle is on DC per period, and what ties that to sessions and to what they hold."""
    cell = at[0] * shape[1] + at[1]
    held = {kind: np.flatnonzero(p.held == kind) for kind in (DC, AC)}
    if form == "session":
        per_session = cp.Variable(p.sessions, boolean=True)
        ones = np.ones(len(cell))
        spread = csr_array((ones, (cell, p.session)), shape=(shape[0] * shape[1], p.sessions))
        fixed = [per_session[rows] == float(kind == DC) for kind, rows in held.items() if len(rows)]
        return cp.reshape(spread @ per_session, shape, order="C"), fixed
    on = cp.Variable(shape, boolean=True)
    available, tied = np.zeros(shape), np.zeros(shape)
    available[at] = 1.0
    followed = np.flatnonzero(p.session[1:] == p.session[:-1])
    tied[at[0][followed], at[1][followed]] = 1.0
    ties = [on <= available, cp.multiply(tied[:, :-1], on[:, 1:] - on[:, :-1]) == 0]
    for kind, rows in held.items():
        is_held = np.zeros(shape)
        entries = np.isin(p.session, rows)
        is_held[at[0][entries], at[1][entries]] = 1.0
        if len(rows):
            ties.append(cp.multiply(is_held, on) == is_held * float(kind == DC))
    return on, ties


def _check_form(p: ChargingProblem) -> None:
    after = ~p.is_first
    before = np.flatnonzero(after) - 1
    shared = p.first[after] < p.end[before]
    if p.num_ac is not None or bool((p.least_kwh > 0).any()) or bool(shared.any()):
        raise ValueError("this window has scarce AC, a least power or two sessions of a vehicle in a period")


def solve_here(
    p: ChargingProblem, solver: SolverName, limit_s: float, gap: float | None, form: Form = "session"
) -> PeerPlan:
    """Build and solve in this process; see ``PeerProcess.solve``."""
    started = time.process_time()
    model = period_model(p, form)
    options: dict[str, Any]
    if solver == "HIGHS":
        options = {"time_limit": limit_s, "threads": 1}
        options |= {} if gap is None else {"mip_rel_gap": gap}
    else:
        options = {"tm_lim": int(1000 * limit_s)}
        options |= {} if gap is None else {"mip_gap": gap}
    data, chain, inverse = model.problem.get_problem_data(solver)
    called = time.process_time()
    raw = chain.solve_via_data(model.problem, data, warm_start=False, verbose=False, solver_opts=options)
    returned = time.process_time()
    with warnings.catch_warnings(), suppress(cp.SolverError):
        warnings.simplefilter("ignore")
        model.problem.unpack_results(raw, chain, inverse)
    found, chosen = model.energy.value, model.on_dc.value
    energy = on_dc = None
    if found is not None and chosen is not None and np.isfinite(found).all():
        energy = np.asarray(found)[model.at]
        on = np.asarray(chosen)[model.at] > 0.5
        on_dc = np.bincount(p.session, weights=on, minlength=p.sessions) > 0
    matrix = data["A"] if solver == "HIGHS" else data["G"]
    return PeerPlan(
        energy,
        on_dc,
        time.process_time() - started,
        returned - called,
        model.problem.status == cp.OPTIMAL,
        p.sessions,
        int(matrix.shape[0]),
        int(matrix.shape[1]),
    )


class PeerProcess:
    """A process that solves with CVXPY, warm between solves, ended when a solver overruns its limit.

    GLPK looks at its limit only in the branch and bound, not in the first linear programme.

    Parameters
    ----------
    patience
        How many times its limit a solver may take before the process is ended.
    """

    def __init__(self, patience: float = 1.5) -> None:
        self._patience = patience
        self._context = multiprocessing.get_context("spawn")
        self._child: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._spent_s = 0.0

    def __enter__(self) -> Self:
        """Nothing is started before the first solve."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._end()

    def solve(
        self,
        p: ChargingProblem,
        solver: SolverName,
        *,
        limit_s: float,
        gap: float | None = None,
        form: Form = "session",
    ) -> PeerPlan:
        """Solve a window.

        Parameters
        ----------
        p
            The window.
        solver
            As CVXPY calls it.
        limit_s
            Time limit of the solver, wall time [s].
        gap
            Relative gap of the whole sum at which to stop; ``None``: the solver's default (HiGHS
            1e-4, GLPK 0).
        form
            See ``period_model``.
        """
        pipe = self._pipe or self._start()
        pipe.send((p, solver, limit_s, gap, form))
        if pipe.poll(self._patience * limit_s):
            try:
                plan, self._spent_s = pipe.recv()
            except EOFError:
                pass
            else:
                assert isinstance(plan, PeerPlan)
                return plan
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = self._spent_s
        self._end()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime - spent
        return PeerPlan(None, None, used, used, finished=False)

    def _start(self) -> Connection:
        here, there = self._context.Pipe()
        self._child = self._context.Process(target=_answer, args=(there,), daemon=True)
        self._child.start()
        there.close()
        self._pipe = here
        self._spent_s = here.recv()
        return here

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.join()
        self._child = self._pipe = None


def _answer(pipe: Connection) -> None:
    """Solve what comes, until nothing does; tells the CPU time of this process so far with each answer."""
    pipe.send(time.process_time())
    while True:
        try:
            asked = pipe.recv()
        except EOFError:
            return
        plan = solve_here(*asked)
        pipe.send((plan, time.process_time()))
