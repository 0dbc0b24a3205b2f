"""Kernels of the interior-point method against dense linear algebra on small problems."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.decide.optimise.network_dense import (
    add_parallel,
    apply_symmetric,
    factorise,
    solve_factorised,
)
from sparewatt.decide.optimise.network_interior import solve_chains
from sparewatt.decide.optimise.network_method import InteriorMethod
from sparewatt.decide.optimise.network_newton import (
    CHARGE,
    CHARGE_HIGH,
    CHARGE_LOW,
    DISCHARGE,
    DISCHARGE_HIGH,
    DISCHARGE_LOW,
    ENERGY,
    ENERGY_HIGH,
    ENERGY_LOW,
    MISSING,
    MISSING_DUAL,
    SLACK,
    SURPLUS,
    SURPLUS_DUAL,
    TAPER,
    WORTH,
    reduce_stays,
)
from sparewatt.decide.optimise.network_problem import ChargingProblem
from sparewatt.decide.optimise.network_rows import HIGH, LOW, MARGIN, POWER, PRICE
from sparewatt.model.limit import Limit
from support.ev_pools import draw_room, draw_sessions

PERIODS = 8
PENALTY = 3.0


def make_method(seed: int, *, zones: int = 1, shared: bool = False, elastic: bool = False) -> InteriorMethod:
    """A small programme at a random point inside its bounds, with random duals."""
    rng = np.random.default_rng(seed)
    rooms = [draw_room(rng, 3, periods=PERIODS) for _ in range(zones)]
    sessions = draw_sessions(rng, 3 * zones, periods=PERIODS, v2g=0.6)
    top = Limit(np.full(PERIODS, -4.0), np.full(PERIODS, 5.0), "top") if shared else None
    zone = np.repeat(np.arange(zones), 3)
    problem = ChargingProblem(sessions, zone, rooms, top, 0.99)
    method = InteriorMethod(problem.chains, problem.rows, zones, PERIODS, PENALTY)
    if elastic:
        apart, method = (
            method,
            InteriorMethod(problem.chains, problem.rows, zones, PERIODS, PENALTY, elastic=True),
        )
        method.at = apart.at
        method.at.rows[MARGIN] = 0.7
    x = method.at.entries
    x[WORTH] = rng.normal(0.0, 1.0, x.shape[1])
    x[TAPER:] *= rng.uniform(0.3, 3.0, x[TAPER:].shape)
    method.at.stays *= rng.uniform(0.5, 2.0, method.at.stays.shape)
    method.at.rows[PRICE] = rng.normal(0.0, 1.0, method.at.rows.shape[1])
    method.at.rows[LOW:] *= rng.uniform(0.3, 3.0, method.at.rows[LOW:].shape)
    return method


def step_residuals(  # noqa: C901, PLR0915 - one block per equation
    method: InteriorMethod, target: float
) -> dict[str, float]:
    """By how much the step just taken misses each equation of the Newton system, written out plainly."""
    c, at, d = method.chains, method.at, method.guess  # the step lies where the next one finds its guess
    x, dx, y = at.entries, d.entries, at.stays
    system, rows, dr = method.system, at.rows, d.rows
    felt = system.felt(rows[PRICE] + dr[PRICE])
    worst: dict[str, float] = {}

    def note(name: str, value: float) -> None:
        worst[name] = max(worst.get(name, 0.0), abs(value))

    def product(slack: float, dual: float, move: float, dual_move: float) -> float:
        return slack * dual + dual * move + slack * dual_move - target

    for i in range(len(c.wanted_kwh)):
        first, end = c.offset[i], c.offset[i + 1]
        before, moved = c.start_kwh[i], 0.0
        for e in range(first, end):
            worth, taper = x[WORTH, e] + dx[WORTH, e], x[TAPER, e] + dx[TAPER, e]
            charge, energy = x[CHARGE, e], x[ENERGY, e]
            if c.charge_kw[e] > 0.0:
                low, high = x[CHARGE_LOW, e] + dx[CHARGE_LOW, e], x[CHARGE_HIGH, e] + dx[CHARGE_HIGH, e]
                note("charge", felt[c.row[e]] - c.gain_h[e] * worth + taper - low + high)
                note("product", product(charge, x[CHARGE_LOW, e], dx[CHARGE, e], dx[CHARGE_LOW, e]))
                room = c.charge_kw[e] - charge
                note("product", product(room, x[CHARGE_HIGH, e], -dx[CHARGE, e], dx[CHARGE_HIGH, e]))
                if c.slope_per_h[e] > 0.0:
                    line = charge + dx[CHARGE, e] + x[SLACK, e] + dx[SLACK, e]
                    note("taper", line + c.slope_per_h[e] * (before + moved) - c.intercept_kw[e])
                    note("product", product(x[SLACK, e], x[TAPER, e], dx[SLACK, e], dx[TAPER, e]))
            if c.discharge_kw[e] > 0.0:
                low = x[DISCHARGE_LOW, e] + dx[DISCHARGE_LOW, e]
                high = x[DISCHARGE_HIGH, e] + dx[DISCHARGE_HIGH, e]
                note("discharge", c.loss_h[e] * worth - felt[c.row[e]] - low + high)
                given = x[DISCHARGE, e]
                note("product", product(given, x[DISCHARGE_LOW, e], dx[DISCHARGE, e], dx[DISCHARGE_LOW, e]))
                room = c.discharge_kw[e] - given
                move, dual = -dx[DISCHARGE, e], dx[DISCHARGE_HIGH, e]
                note("product", product(room, x[DISCHARGE_HIGH, e], move, dual))
            balance = energy + dx[ENERGY, e] - before - moved - c.gain_h[e] * (charge + dx[CHARGE, e])
            note("balance", balance + c.loss_h[e] * (x[DISCHARGE, e] + dx[DISCHARGE, e]))
            after = -(y[SURPLUS_DUAL, i] + d.stays[SURPLUS_DUAL, i])
            if e < end - 1:
                after = c.slope_per_h[e + 1] * (x[TAPER, e + 1] + dx[TAPER, e + 1])
                after -= x[WORTH, e + 1] + dx[WORTH, e + 1]
            low, high = x[ENERGY_LOW, e] + dx[ENERGY_LOW, e], x[ENERGY_HIGH, e] + dx[ENERGY_HIGH, e]
            note("energy", worth + after - low + high)
            if np.isfinite(c.lowest_kwh[e]):
                slack = energy - c.lowest_kwh[e]
                note("product", product(slack, x[ENERGY_LOW, e], dx[ENERGY, e], dx[ENERGY_LOW, e]))
            if np.isfinite(c.highest_kwh[e]):
                slack = c.highest_kwh[e] - energy
                note("product", product(slack, x[ENERGY_HIGH, e], -dx[ENERGY, e], dx[ENERGY_HIGH, e]))
            before, moved = energy, dx[ENERGY, e]
        s, v, n, z = (y[k, i] for k in (MISSING, SURPLUS, SURPLUS_DUAL, MISSING_DUAL))
        ds, dv, dn, dz = (d.stays[k, i] for k in (MISSING, SURPLUS, SURPLUS_DUAL, MISSING_DUAL))
        note("wanted", before + moved + s + ds - v - dv - c.wanted_kwh[i])
        note("missing", PENALTY - n - dn - z - dz)
        note("product", product(s, z, ds, dz))
        note("product", product(v, n, dv, dn))
    bounds = system.rows
    power = np.zeros(system.zones * PERIODS)
    net = x[CHARGE] + dx[CHARGE] - x[DISCHARGE] - dx[DISCHARGE]
    np.add.at(power, c.row, net)
    note("power", float(np.abs(system.summed(power) - rows[POWER] - dr[POWER]).max()))
    own = bounds.price - rows[PRICE] - dr[PRICE] - rows[LOW] - dr[LOW] + rows[HIGH] + dr[HIGH]
    note("row", float(np.abs(own).max()))
    low, high = rows[POWER] - bounds.lower_kw, bounds.upper_kw + rows[MARGIN] - rows[POWER]
    note("product", float(np.abs(low * rows[LOW] + rows[LOW] * dr[POWER] + low * dr[LOW] - target).max()))
    up = dr[MARGIN] - dr[POWER]
    note("product", float(np.abs(high * rows[HIGH] + rows[HIGH] * up + high * dr[HIGH] - target).max()))
    if system.elastic:
        note("margin", 1.0 - float((rows[HIGH] + dr[HIGH]).sum()))
    note("margin", float(np.ptp(dr[MARGIN])) if system.elastic else float(np.abs(dr[MARGIN]).max()))
    return worst


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("zones", "kind"), [(1, "alone"), (2, "alone"), (3, "shared"), (1, "elastic")])
def test_step_solves_every_equation_of_the_newton_system(seed: int, zones: int, kind: str):
    method = make_method(seed, zones=zones, shared=kind == "shared", elastic=kind == "elastic")
    reduce_stays(method.chains, method.at.entries, method.at.stays, method.work, method.system.answer)
    assert method.system.factor(method.at.rows)
    method.newton(0.4, 0.0)
    worst = step_residuals(method, 0.4)
    assert set(worst) >= {
        "charge",
        "balance",
        "energy",
        "wanted",
        "missing",
        "power",
        "row",
        "product",
        "margin",
    }
    assert max(worst.values()) < 1e-7, worst


def test_second_order_term_is_that_of_the_guess():
    method = make_method(3)
    method.advance(1.0, 1e-9)  # leaves steps behind
    guess = method.guess.entries.copy()
    reduce_stays(method.chains, method.at.entries, method.at.stays, method.work, method.system.answer)
    assert method.system.factor(method.at.rows)
    step = method.newton(0.2, 1.0)
    x, here = method.at.entries, method.chains.charge_kw > 0.0
    got = x[CHARGE] * (x[CHARGE_LOW] + step.entries[CHARGE_LOW]) + x[CHARGE_LOW] * step.entries[CHARGE]
    assert got[here] == pytest.approx((0.2 - guess[CHARGE] * guess[CHARGE_LOW])[here], abs=1e-8)


def test_second_order_term_of_the_margin():
    method = make_method(3, elastic=True)
    method.advance(1.0, 1e-9)
    guess, rows = method.guess.rows.copy(), method.at.rows
    reduce_stays(method.chains, method.at.entries, method.at.stays, method.work, method.system.answer)
    assert method.system.factor(rows)
    step = method.newton(0.2, 1.0).rows
    high = method.system.rows.upper_kw + rows[MARGIN] - rows[POWER]
    got = high * (rows[HIGH] + step[HIGH]) + rows[HIGH] * (step[MARGIN] - step[POWER])
    assert got == pytest.approx(0.2 - (guess[MARGIN] - guess[POWER]) * guess[HIGH], abs=1e-8)


def test_cholesky_is_that_of_numpy():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(20, 20))
    matrix, right = root @ root.T + np.eye(20), rng.normal(size=20)
    factor = np.tril(matrix)
    assert factorise(factor)
    assert np.tril(factor) == pytest.approx(np.linalg.cholesky(matrix))
    assert solve_factorised(factor, right) == pytest.approx(np.linalg.solve(matrix, right))
    assert not factorise(np.diag([1.0, -1.0]))
    for n in (1, 2, 3, 7):
        odd = matrix[:n, :n].copy()
        assert factorise(odd)
        assert np.tril(odd) == pytest.approx(np.linalg.cholesky(matrix[:n, :n]))
        odd = matrix[:n, :n].copy()
        odd[-1, -1] = -1.0
        assert not factorise(odd)
    slack, total = rng.uniform(0.1, 1e4, 20), np.ones((20, 20))
    joint = np.tril(matrix + np.diag(slack))
    assert factorise(joint)
    add_parallel(joint, np.tril(matrix), slack, total)
    assert total - 1.0 == pytest.approx(matrix @ np.linalg.inv(matrix + np.diag(slack)) @ np.diag(slack))
    assert apply_symmetric(np.tril(matrix), right) == pytest.approx(matrix @ right)


@pytest.mark.parametrize("seed", range(6))
def test_bound_holds_at_every_round(seed: int):
    method = make_method(seed)
    found = solve_chains(
        method.chains, method.system.rows, 1, PERIODS, penalty=PENALTY, deadline=Deadline(10.0), gap=1e-6
    )
    assert found.ending == "optimal"
    fresh = InteriorMethod(method.chains, method.system.rows, 1, PERIODS, PENALTY)
    for _ in range(15):
        assert fresh.bound() <= found.objective + 1e-6
        mean, _ = fresh.measure()
        assert fresh.advance(mean, 1e-9)
        assert fresh.sharp_bound() <= found.objective + 1e-6
    # Random duals prove something too, however little.
    assert method.bound() <= found.objective + 1e-6
    assert method.sharp_bound() <= found.objective + 1e-6


@pytest.mark.parametrize("elastic", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_shares_of_a_step_are_the_longest_inside(seed: int, elastic: bool):  # noqa: FBT001 - pytest passes it by name
    method = make_method(seed, elastic=elastic)
    reduce_stays(method.chains, method.at.entries, method.at.stays, method.work, method.system.answer)
    assert method.system.factor(method.at.rows)
    step = method.newton(0.0, 0.0)
    point, dual = method.longest(step)
    c = method.chains

    def least(share: float) -> float:
        x = method.at.entries + share * step.entries
        y, r = method.at.stays + share * step.stays, method.at.rows + share * step.rows
        slacks = [
            x[CHARGE], c.charge_kw - x[CHARGE], x[DISCHARGE], c.discharge_kw - x[DISCHARGE], x[SLACK],
            x[ENERGY] - c.lowest_kwh, c.highest_kwh - x[ENERGY], y[MISSING], y[SURPLUS],
            r[POWER] - method.system.rows.lower_kw, method.system.rows.upper_kw + r[MARGIN] - r[POWER],
        ]  # fmt: skip
        return float(min(s.min() for s in slacks))

    assert least(point * (1 - 1e-9)) >= -1e-12
    assert least(point * 1.001) < 0.0
    assert dual > 0.0
