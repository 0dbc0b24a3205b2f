"""Least costs of stays at given prices, against the linear programme and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.optimise.matrix import Deadline, Matrix
from sparewatt.decide.optimise.network_chains import lay_out, reachable_kwh
from sparewatt.decide.optimise.network_matrix import add_missing, add_stays, energy_bounds
from sparewatt.decide.optimise.network_values import stays_value
from support.ev_pools import draw_sessions, make_sessions


def value_of(sessions, wanted: np.ndarray, price: np.ndarray, penalty: float) -> float:
    """By the kernel, under no limit."""
    wide, zone = np.full((1, sessions.periods), 1e3), np.zeros(sessions.cars, dtype=np.int64)
    chains, _ = lay_out(sessions, wanted, zone, -wide, wide, 0.0 * wide)
    return stays_value(chains, price, penalty)


@pytest.mark.parametrize("seed", range(30))
def test_least_cost_is_that_of_the_linear_programme(seed: int):
    rng = np.random.default_rng(seed)
    # Down to steps of two hours, in which a small battery passes its whole taper.
    periods = int(rng.choice([12, 24, 48]))
    sessions = draw_sessions(rng, 4, periods=periods, v2g=0.6)
    wanted = np.minimum(0.99 * sessions.wanted_kwh, reachable_kwh(sessions)[1])
    price = np.round(rng.uniform(0.0, 1.0, periods), int(rng.integers(1, 4))) * (rng.random(periods) < 0.8)
    penalty = float(rng.choice([0.3, 2.0, 30.0]))
    matrix = Matrix()
    block = add_stays(matrix, sessions, *energy_bounds(sessions))
    missing = add_missing(matrix, sessions, block, wanted)
    cost = np.zeros(matrix.columns)
    cost[block.charge], cost[block.discharge] = price[sessions.entry_period], -price[sessions.entry_period]
    cost[missing] = penalty
    solver = matrix.solver()
    solver.change_costs(cost)
    least = solver.solve(Deadline(10.0)).objective
    assert value_of(sessions, wanted, price, penalty) == pytest.approx(least, rel=1e-9, abs=1e-9)


def test_by_hand():
    # 6 kWh in two hours of 4 kW, no loss: 4 at 0.1 and 2 at 0.3; at a penalty of 0.2 only the 4.
    s = make_sessions(
        [(0, 0, 2, 2.0, 8.0)], battery_kwh=[50.0], periods=2, step_h=1.0, charge_kw=4.0, efficiency=1.0
    )
    price, wanted = np.array([0.3, 0.1]), np.array([8.0])
    assert value_of(s, wanted, price, 5.0) == pytest.approx(1.0)
    assert value_of(s, wanted, price, 0.2) == pytest.approx(0.4 + 2 * 0.2)


def test_giving_before_taking_by_hand():
    # 3 kW given at 0.5, 3/0.64 bought back at 0.1, the battery stays above its reserve of 5 kWh.
    s = make_sessions(
        [(0, 0, 2, 20.0, 20.0)], battery_kwh=[50.0], periods=2, step_h=1.0, charge_kw=9.0, discharge_kw=3.0,
        efficiency=0.8,
    )  # fmt: skip
    price = np.array([0.5, 0.1])
    assert value_of(s, np.array([20.0]), price, 9.0) == pytest.approx(-1.5 + 0.1 * 3.0 / 0.64)
