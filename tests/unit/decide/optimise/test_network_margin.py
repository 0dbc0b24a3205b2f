"""Least margin of a limit: bounds hold, starts lie inside, both answers are those of HiGHS."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.optimise.matrix import INFINITY, Deadline, Matrix
from sparewatt.decide.optimise.network_chains import lay_out, reachable_kwh
from sparewatt.decide.optimise.network_margin import Margin, check_service
from sparewatt.decide.optimise.network_matrix import add_grid, add_missing, add_stays, energy_bounds
from sparewatt.decide.optimise.network_newton import CHARGE, DISCHARGE, ENERGY
from sparewatt.decide.optimise.network_rows import MARGIN
from support.ev_pools import draw_room, draw_sessions, make_room, make_sessions

PERIODS = 24


def wanted_of(sessions) -> np.ndarray:
    return np.minimum(0.99 * sessions.wanted_kwh, reachable_kwh(sessions)[1])


def make_margin(sessions, room, *, charge_kw=None, discharge_kw=None) -> Margin:
    zone, nothing = np.zeros(sessions.cars, dtype=np.int64), np.zeros(sessions.entries)
    limits = room.limit.lower_kw[None, :], room.limit.upper_kw[None, :]
    free = np.zeros((1, sessions.periods))
    chains, rows = lay_out(sessions, wanted_of(sessions), zone, *limits, free)
    known = (nothing if p is None else p for p in (charge_kw, discharge_kw))
    return Margin(chains, rows, sessions.periods, *known)


def answer_of(sessions, room, *, seconds: float = 300.0) -> str:
    problem, limit = make_margin(sessions, room), room.limit
    deadline = Deadline(seconds)
    return check_service(problem, limit.lower_kw, limit.upper_kw, enough_kwh=1e-3, deadline=deadline)[0]


def least_by_highs(sessions, lower_kw: np.ndarray, upper_kw: np.ndarray, *, elastic: bool) -> float:
    """Least margin [kW] at which nobody is short, or least total shortfall without one [kWh]."""
    matrix = Matrix()
    block = add_stays(matrix, sessions, *energy_bounds(sessions))
    zone, free = np.zeros(sessions.cars, dtype=np.int64), np.full((1, sessions.periods), INFINITY)
    grid = add_grid(matrix, sessions, block, zone, lower_kw[None, :], free)[0]
    missing = add_missing(matrix, sessions, block, wanted_of(sessions))
    margin = matrix.add_columns(1, -INFINITY, INFINITY)
    rows = matrix.add_rows(sessions.periods, -INFINITY, upper_kw)
    matrix.put(rows, grid, 1.0)
    matrix.put(rows, np.repeat(margin, sessions.periods), -1.0)
    solver, cost = matrix.solver(), np.zeros(matrix.columns)
    if elastic:
        solver.change_bounds(missing, np.zeros(len(missing)), np.zeros(len(missing)))
        cost[margin] = 1.0
    else:
        solver.change_bounds(margin, np.zeros(1), np.zeros(1))
        cost[missing] = 1.0
    solver.change_costs(cost)
    return solver.solve(Deadline(10.0)).objective


@pytest.mark.parametrize("seed", range(60))
def test_answer_is_that_of_highs(seed: int):
    rng = np.random.default_rng(seed)
    cars = int(rng.integers(1, 9))
    sessions, room = draw_sessions(rng, cars, periods=PERIODS), draw_room(rng, cars, periods=PERIODS)
    short = least_by_highs(sessions, room.limit.lower_kw, room.limit.upper_kw, elastic=False) > 1e-3
    assert answer_of(sessions, room) == ("short" if short else "served")


@pytest.mark.parametrize("seed", range(8))
def test_bound_holds_and_the_margin_falls_to_the_least(seed: int):
    rng = np.random.default_rng(100 + seed)
    sessions, room = draw_sessions(rng, 5, periods=PERIODS), draw_room(rng, 5, periods=PERIODS)
    least = least_by_highs(sessions, room.limit.lower_kw, room.limit.upper_kw, elastic=False)
    problem = make_margin(sessions, room)
    method, limits = problem.method, problem.method.system.rows
    with np.errstate(all="ignore"):
        for _ in range(40):
            mean, _broken = method.measure()
            if mean * method.products < 1e-6 or not method.advance(mean, 1e-12):
                break
            assert problem.short_at_least(sharp=False) <= least + 1e-6
            assert problem.short_at_least(sharp=True) <= least + 1e-6
    assert mean * method.products < 1e-5
    # The penalty may be too low for nobody to be short; then the margin is lower still.
    expected = least_by_highs(sessions, limits.lower_kw, limits.upper_kw, elastic=True)
    assert problem.margin_kw <= expected + 1e-4
    if method.at.stays[0].sum() < 1e-6:
        assert problem.margin_kw == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("seed", range(10))
def test_start_is_inside(seed: int):
    rng = np.random.default_rng(seed)
    sessions, room = draw_sessions(rng, 6, periods=48), draw_room(rng, 6, periods=48)
    problem = make_margin(sessions, room)
    c, x, rows = problem.method.chains, problem.method.at.entries, problem.method.at.rows
    charged, given = c.charge_kw > 0.0, c.discharge_kw > 0.0
    assert np.all(x[CHARGE][charged] > 0.0)
    assert np.all(x[CHARGE][charged] < c.charge_kw[charged])
    assert np.all(x[DISCHARGE][given] > 0.0)
    assert np.all(x[DISCHARGE][given] < c.discharge_kw[given])
    assert np.all(x[CHARGE][~charged] == 0.0)
    assert np.all(x[DISCHARGE][~given] == 0.0)
    assert np.all(x[ENERGY] > c.lowest_kwh)
    assert np.all(x[ENERGY] < c.highest_kwh)
    assert np.all(problem.method.at.stays > 0.0)
    assert np.all(problem.method.system.rows.upper_kw + rows[MARGIN] > rows[0])
    # Balances hold but where a full or an empty battery leaves no room.
    first = np.isin(np.arange(len(c.row)), c.offset[:-1])
    before = np.where(first, c.start_kwh[sessions.entry_session], np.roll(x[ENERGY], 1))
    broken = np.abs(x[ENERGY] - before - c.gain_h * x[CHARGE] + c.loss_h * x[DISCHARGE])
    roomy = (x[ENERGY] - c.lowest_kwh > 0.0101) & (c.highest_kwh - x[ENERGY] > 0.0101)
    assert broken[roomy].max(initial=0.0) < 1e-9
    assert np.count_nonzero(roomy) > 0.8 * len(roomy)


def test_start_by_hand():
    # Alone it could reach 4 + 3·2 = 10 kWh of 40; it wants 8: the middle, 9 kWh, is 5/6 of full power.
    sessions = make_sessions(
        [(0, 0, 3, 4.0, 8.0 / 0.99)], battery_kwh=[40.0], periods=3, step_h=1.0, charge_kw=2.0, efficiency=1.0
    )
    known = np.array([2.0, 2.0, 0.0])
    x = make_margin(sessions, make_room(9.0, periods=3), charge_kw=known).method.at.entries
    assert x[CHARGE] == pytest.approx(0.6 * known + 0.4 * 2.0 * 5.0 / 6.0)
    assert x[ENERGY] == pytest.approx(4.0 + np.cumsum(x[CHARGE]))


def test_exactly_enough_is_enough_and_hardly_less_is_not():
    # Two cars of 8 kWh in 4 h share 4 kW.
    sessions = make_sessions(
        [(n, 0, 8, 10.0, 18.0) for n in range(2)], battery_kwh=[100.0] * 2, periods=8, charge_kw=4.0,
        efficiency=1.0, reserve=0.0,
    )  # fmt: skip
    needed = 2 * (0.99 * 18.0 - 10.0) / 4.0
    assert answer_of(sessions, make_room(needed, periods=8)) in {"served", "open"}
    assert answer_of(sessions, make_room(needed + 1e-3, periods=8)) == "served"
    assert answer_of(sessions, make_room(needed - 1e-3, periods=8)) == "short"


def test_deadline_is_kept_and_said():
    rng = np.random.default_rng(5)
    sessions, room = draw_sessions(rng, 8, periods=48), draw_room(rng, 8, periods=48)
    assert answer_of(sessions, room, seconds=0.0) == "timed_out"
