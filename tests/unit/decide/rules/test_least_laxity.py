"""Least laxity first as plain functions; numbers by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sparewatt.decide.rules.least_laxity import plan_least_laxity, relative_laxity
from sparewatt.model.power_table import PowerTable

TWO_TABLES = PowerTable(np.array([0, 2, 2, 3]), np.array([0.5, 1.0, 1.0]), np.array([20.0, 10.0, 99.0]))


def test_time_through_the_ranges_of_soc():
    # 40 kWh: 0.2-0.5 at 20 kW 0.6 h, 0.5-0.8 at 10 kW 1.2 h; 24 kWh at 24 kW 1 h, with and without a table.
    laxity = relative_laxity([0.2] * 3, [0.8] * 3, [40.0] * 3, [24.0] * 3, [3.6, 4.0, 2.0], TWO_TABLES)
    assert laxity.tolist() == pytest.approx([0.5, 0.75, 0.5])


def test_targets_inside_one_range_and_on_its_edges():
    table = PowerTable(np.array([0, 2, 4, 6]), np.array([0.5, 1.0] * 3), np.array([20.0, 10.0] * 3))
    laxity = relative_laxity([0.1, 0.5, 0.6], [0.5, 0.6, 0.7], [40.0] * 3, [50.0] * 3, [1.0] * 3, table)
    assert laxity.tolist() == pytest.approx([0.2, 0.6, 0.6])


def test_at_the_target_overdue_and_out_of_reach():
    laxity = relative_laxity(
        [0.8, 0.9, 0.8, 0.2, 0.2], [0.8] * 5, [40.0] * 5, [12.0] * 5, [4.0, 4.0, 0.0, -1.0, 1.0]
    )
    assert laxity.tolist() == pytest.approx([1.0, 1.0, -math.inf, -math.inf, -1.0])


def test_most_urgent_first_and_the_last_one_takes_what_is_left():
    # Needs 2 h and 1 h of 4 h: row 0 first. 10 kW draw 12.5; 2.5 of 15 are left, 2.25 into the battery.
    p = plan_least_laxity(
        [0.3, 0.55], [0.8] * 2, [40.0] * 2, [0.8, 0.9], [10.0] * 2, [10.0] * 2, [4.0] * 2, 15.0
    )
    assert p.tolist() == pytest.approx([10.0, 2.25])
    p = plan_least_laxity(
        [0.55, 0.3], [0.8] * 2, [40.0] * 2, [0.9, 0.8], [10.0] * 2, [10.0] * 2, [4.0] * 2, 15.0
    )
    assert p.tolist() == pytest.approx([2.25, 10.0])


@pytest.mark.parametrize("upper_kw", [0.0, -5.0])
def test_no_margin_no_power(upper_kw: float):
    p = plan_least_laxity(
        [0.3] * 2, [0.8] * 2, [40.0] * 2, [1.0] * 2, [10.0] * 2, [10.0] * 2, [-1.0] * 2, upper_kw
    )
    assert p.tolist() == [0.0, 0.0]


def test_enough_for_all_and_nobody_there():
    three = [0.3] * 3, [0.8] * 3, [40.0] * 3, [0.9] * 3, [10.0, 0.0, -3.0], [10.0] * 3, [4.0] * 3
    assert plan_least_laxity(*three, math.inf).tolist() == [10.0, 0.0, 0.0]
    assert plan_least_laxity([], [], [], [], [], [], [], 5.0).tolist() == []


def test_arguments_are_left_as_they_are():
    request = np.array([10.0, 10.0])
    plan_least_laxity([0.3] * 2, [0.8] * 2, [40.0] * 2, [1.0] * 2, request, [10.0] * 2, [4.0] * 2, 5.0)
    assert request.tolist() == [10.0, 10.0]


def test_a_hundred_thousand_are_ranked_as_by_a_sort():
    rng = np.random.default_rng(4)
    n = 100_000
    soc, lead = rng.uniform(0.1, 0.9, n), rng.integers(-2, 600, n) / 60.0
    battery, request = np.full(n, 55.0), rng.uniform(0, 50, n)
    got = plan_least_laxity(soc, np.full(n, 0.9), battery, np.ones(n), request, np.full(n, 50.0), lead, 4e5)
    # Without a table and at one efficiency the laxity is one expression.
    with np.errstate(divide="ignore"):
        laxity = np.where(lead > 0, 1.0 - (0.9 - soc) / 50.0 * 55.0 / lead, -np.inf)
    order = np.argsort(laxity, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(request[order])[:-1]])
    expected = np.empty(n)
    expected[order] = np.clip(4e5 - before, 0.0, request[order])
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)
