"""The two linear models of the depot planner; equation numbers are those of ``docs/maths/depot.md``.

``power_model`` has fixed chargers: a pure network flow with very few rows. ``choice_model`` splits
the energy of a session into an AC and a DC part, which makes its relaxation nearly integral.
Columns are meter-side kWh; battery quantities are divided by the charging efficiency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sparewatt.decide.optimise.matrix import INFINITY, Matrix
from sparewatt.model.schedule import AC, DC

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.matrix import Solver


# Columns of energy, each with the entries of the problem that they stand for.
Parts: TypeAlias = "tuple[tuple[NDArray[np.int64], NDArray[np.int64]], ...]"


@dataclass(frozen=True)
class PowerModel:
    """Columns of the model with fixed chargers.

    Parameters
    ----------
    solver
        The model in HiGHS.
    energy, unserved, state, breach
        Column indices per entry, session, session and period.
    site
        Row index of the site limit per period.
    """

    solver: Solver
    energy: NDArray[np.int64]
    unserved: NDArray[np.int64]
    state: NDArray[np.int64]
    breach: NDArray[np.int64]
    site: NDArray[np.int64]


@dataclass(frozen=True)
class ChoiceModel:
    """Columns of the model that also chooses chargers.

    Parameters
    ----------
    solver
        The model in HiGHS.
    energy, energy_dc
        Column indices: energy per entry (on AC where the session may choose), and the part on DC of
        the entries ``split``.
    split
        Entries of sessions that may choose.
    unserved, state, breach, on_dc, on_ac
        Column indices; ``on_ac`` is empty where every vehicle has an AC socket.
    runs
        Whether an entry charges at all; empty where any energy is allowed.
    columns
        Number of columns.
    ranks
        The ranks as costs (least is best), shape (5, columns).
    rank_rows
        Row indices that hold a finished rank, open at first, shape (5,).
    """

    solver: Solver
    energy: NDArray[np.int64]
    energy_dc: NDArray[np.int64]
    split: NDArray[np.int64]
    unserved: NDArray[np.int64]
    state: NDArray[np.int64]
    breach: NDArray[np.int64]
    on_dc: NDArray[np.int64]
    on_ac: NDArray[np.int64]
    runs: NDArray[np.int64]
    columns: int
    ranks: NDArray[np.float64]
    rank_rows: NDArray[np.int64]


def _add_batteries(
    m: Matrix, problem: ChargingProblem, parts: Parts
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of eq. (1) and (2): the deficit after each session, and the floor before it."""
    p = problem
    count = p.sessions
    unserved = m.add_columns(count, 0.0, INFINITY)
    # The deficit d = −z ≥ 0 after the session; d_prev stands on the right for a vehicle's first.
    state = m.add_columns(count, 0.0, np.maximum(p.floor, p.deficit)[p.vehicle])
    start = np.where(p.is_first, p.deficit[p.vehicle], 0.0)
    balance = m.add_rows(count, p.use + start, p.use + start)
    m.put(balance, state, 1.0)
    m.put(balance, unserved, 1.0)
    for part, entry in parts:
        m.put(balance[p.session[entry]], part, 1.0)
    later = np.flatnonzero(~p.is_first)
    m.put(balance[later], state[later - 1], -1.0)
    floor = m.add_rows(count, -INFINITY, p.floor[p.vehicle] - p.use - start)
    m.put(floor[later], state[later - 1], 1.0)
    m.put(floor, unserved, -1.0)
    return unserved, state


def _add_site(
    m: Matrix, problem: ChargingProblem, parts: Parts
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of eq. (3) and (4): the site limit and what may go above it."""
    breach = m.add_columns(problem.periods, 0.0, problem.breach_kwh)
    site = m.add_rows(problem.periods, -INFINITY, problem.free_kwh)
    for part, entry in parts:
        m.put(site[problem.period[entry]], part, 1.0)
    m.put(site, breach, -1.0)
    return breach, site


def power_model(problem: ChargingProblem) -> PowerModel:
    """The model with fixed chargers; the upper bounds of ``energy`` are set per choice of chargers."""
    m = Matrix()
    energy = m.add_columns(len(problem.period), 0.0, problem.ac_kwh)
    parts = ((energy, np.arange(len(problem.period))),)
    unserved, state = _add_batteries(m, problem, parts)
    breach, site = _add_site(m, problem, parts)
    return PowerModel(m.solver(network=True), energy, unserved, state, breach, site)


def choice_model(problem: ChargingProblem, *, least: bool = False) -> ChoiceModel:
    """The model that chooses chargers, eq. (1)-(8), with binaries; ``least`` adds eq. (9).

    Only sessions that may choose are split in two parts and linked to a binary; the others have
    the rate of what they hold.
    """
    p, m = problem, Matrix()
    entries = len(p.period)
    on_held_dc = (p.held == DC)[p.session]
    energy = m.add_columns(entries, 0.0, np.where(on_held_dc, p.dc_kwh, p.ac_kwh))
    split = np.flatnonzero(p.can_choose[p.session])
    energy_dc = m.add_columns(len(split), 0.0, p.dc_kwh[split])
    parts = ((energy, np.arange(entries)), (energy_dc, split))
    unserved, state = _add_batteries(m, p, parts)
    breach, _ = _add_site(m, p, parts)
    dc_lower = (p.held == DC).astype(float)
    on_dc = m.add_columns(p.sessions, dc_lower, np.where(p.can_choose, 1.0, dc_lower), integer=True)
    count = m.add_rows(p.periods, -INFINITY, float(p.num_dc))
    m.put(count[p.period], on_dc[p.session], 1.0)
    choosing = np.flatnonzero(p.can_choose)
    _link(m, p, energy_dc, split, p.dc_kwh, on_dc, choosing, complement=False)
    if p.num_ac is None:
        on_ac = np.empty(0, dtype=np.int64)
        _link(m, p, energy[split], split, p.ac_kwh, on_dc, choosing, complement=True)
    else:
        ac_lower = (p.held == AC).astype(float)
        on_ac = m.add_columns(p.sessions, ac_lower, np.where(p.held < 0, 1.0, ac_lower), integer=True)
        one = m.add_rows(p.sessions, -INFINITY, 1.0)
        m.put(one, on_dc, 1.0)
        m.put(one, on_ac, 1.0)
        count = m.add_rows(p.periods, -INFINITY, float(p.num_ac))
        m.put(count[p.period], on_ac[p.session], 1.0)
        linked = np.flatnonzero(p.held[p.session] != DC)
        sessions = np.flatnonzero(p.held != DC)
        _link(m, p, energy[linked], linked, p.ac_kwh, on_ac, sessions, complement=False)
    runs = np.empty(0, dtype=np.int64)
    if least:
        runs = m.add_columns(entries, 0.0, 1.0, integer=True)
        at_least, at_most = m.add_rows(entries, 0.0, INFINITY), m.add_rows(entries, -INFINITY, 0.0)
        for part, entry in parts:
            m.put(at_least[entry], part, 1.0)
            m.put(at_most[entry], part, 1.0)
        m.put(at_least, runs, -p.least_kwh)
        m.put(at_most, runs, -np.maximum(p.ac_kwh, p.dc_kwh))
    ranks = np.zeros((5, m.columns))
    ranks[0, unserved] = 1.0
    ranks[1, breach] = 1.0
    for part, entry in parts:
        ranks[2, part] = -1.0
        ranks[3, part] = p.price[p.period[entry]]
        ranks[4, part] = p.earliness[p.period[entry]]
    rank_rows = m.add_rows(5, -INFINITY, INFINITY)
    for rank, row in zip(ranks, rank_rows, strict=True):
        used = np.flatnonzero(rank)
        m.put(np.full(len(used), row), used, rank[used])
    return ChoiceModel(
        m.solver(),
        energy,
        energy_dc,
        split,
        unserved,
        state,
        breach,
        on_dc,
        on_ac,
        runs,
        m.columns,
        ranks,
        rank_rows,
    )


def _link(
    m: Matrix,
    p: ChargingProblem,
    columns: NDArray[np.int64],
    entry: NDArray[np.int64],
    rate: NDArray[np.float64],
    on: NDArray[np.int64],
    sessions: NDArray[np.int64],
    *,
    complement: bool,
) -> None:
    """Rows of eq. (6) and (7): energy only on the chosen charger, per period and per session.

    p[t] ≤ rate[t]·on and Σp ≤ room·on; with ``complement``, (1 − on) stands for on. ``columns`` hold
    the energy of the problem's entries ``entry``, which belong to ``sessions``.
    """
    sign, right = (1.0, 1.0) if complement else (-1.0, 0.0)
    session = p.session[entry]
    row = m.add_rows(len(entry), -INFINITY, right * rate[entry])
    m.put(row, columns, 1.0)
    m.put(row, on[session], sign * rate[entry])
    most = np.bincount(session, weights=rate[entry], minlength=p.sessions)
    room = np.minimum(p.room, most)[sessions]
    row = m.add_rows(len(sessions), -INFINITY, right * room)
    place = np.zeros(p.sessions, dtype=np.int64)
    place[sessions] = np.arange(len(sessions))
    m.put(row[place[session]], columns, 1.0)
    m.put(row, on[sessions], sign * room)
