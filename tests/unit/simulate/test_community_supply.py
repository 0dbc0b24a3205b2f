"""What the grid supplies: starts by tariff and limit, cheapest minutes, expected base load; by hand."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from sparewatt.model.market_rules import Tariff
from sparewatt.model.minute_grid import MinuteGrid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_base import BaseExpectation
from sparewatt.simulate.community_charging import fill_minutes
from sparewatt.simulate.community_supply import GridSupply
from support.neighbourhoods import ORIGIN_S, Base, Ev, Job, neighbourhood_of

HOUR_S = 3600


def supply_of(jobs, price, limit_kw=math.inf, base=()):
    hood = neighbourhood_of(jobs, base_load=base)
    grid = MinuteGrid(ORIGIN_S, len(price))
    tariff = Tariff(np.array(price), np.zeros(len(price)))
    expectation = BaseExpectation(hood.base_load, grid)
    return GridSupply(hood.jobs, find_starts(hood.jobs, 900), tariff, limit_kw, expectation)


EVEN = [0.3] * 240
HALF_HOUR = Job(latest=2 * HOUR_S, load_kw=(1.0,) * 30)
NIGHT_LATER = [0.3] * 60 + [0.1] * 60 + [0.3] * 120


def test_the_earliest_start_where_nothing_speaks_against_it():
    assert supply_of([HALF_HOUR], EVEN).plan(0, 0).start_s == 0
    assert supply_of([HALF_HOUR], EVEN).plan(0, 1).start_s == 900
    assert supply_of([HALF_HOUR], EVEN).plan(0, 2 * HOUR_S).start_s == 2 * HOUR_S


def test_the_cheapest_start_the_earlier_of_equal_ones():
    plan = supply_of([HALF_HOUR], NIGHT_LATER).plan(0, 0)
    assert (plan.start_s, plan.minute, len(plan.kw)) == (HOUR_S, 60, 30)
    # From 1:20 on, starts on the grid at 1:30 (ends at 2:00) and later; 1:30 is the last cheap one.
    assert supply_of([HALF_HOUR], NIGHT_LATER).plan(0, 4800).start_s == 5400


def test_the_limit_comes_before_the_price():
    supply = supply_of([HALF_HOUR], NIGHT_LATER, limit_kw=1.5)
    supply.drawn_kw[60:120] = 1.0
    supply.drawn_kw[:20] = 1.0  # 0:15 would still touch minutes 15 to 19
    assert supply.plan(0, 0).start_s == 1800
    supply.drawn_kw[30:60] = 1.0
    assert supply.plan(0, 0).start_s == 2 * HOUR_S


def test_where_nothing_fits_the_least_breach():
    supply = supply_of([HALF_HOUR], NIGHT_LATER, limit_kw=1.5)
    supply.drawn_kw[:] = 1.5  # each start breaches by 30 kW min
    assert supply.plan(0, 0).start_s == HOUR_S  # so the price decides
    supply.drawn_kw[100:] = 1.4  # less by 0.1 kW in every minute from 100 on
    assert supply.plan(0, 0).start_s == 6300  # 1:45, minutes 105 to 134, is the first start wholly in those
    supply.drawn_kw[105:150] = 1.5
    # 1:15 (minutes 75 to 104) and 1:30 (90 to 119) have five of them, 100 to 104, all at the low price; the
    # later starts have none.
    assert supply.plan(0, 0).start_s == 4500


def test_what_is_breached_already_does_not_count():
    supply = supply_of([HALF_HOUR], EVEN, limit_kw=1.0)
    supply.drawn_kw[:60] = 5.0  # whatever comes on top breaches by all of it
    supply.drawn_kw[60:] = 0.5  # by half of it
    assert supply.plan(0, 0).start_s == HOUR_S


def test_base_load_counts_as_on_the_day_before():
    # Day 1: nothing in the first hour, 2 kW in the second, nothing then; day 2 the same.
    day = 24 * HOUR_S
    points = ((0, 0.0), (HOUR_S, 0.0), (2 * HOUR_S, 2.0), (day + HOUR_S, 2.0), (day + 2 * HOUR_S, 4.0))
    job = Job(registered=day, latest=day + 3 * HOUR_S, load_kw=(1.0,) * 30)
    price = [0.3] * 1440 + [0.3] * 60 + [0.1] * 60 + [0.2] * 240
    assert supply_of([job], price).plan(0, day).start_s == day + HOUR_S
    limited = supply_of([job], price, limit_kw=2.5, base=[Base("1", points)])
    assert limited.plan(0, day).start_s == day + 2 * HOUR_S


def test_expected_base_load():
    grid = MinuteGrid(ORIGIN_S, 4 * 1440)
    daily = np.tile(np.arange(1440) * 1.0, 4) + np.repeat([0.0, 1.0, 2.0, 3.0], 1440)
    energy = np.concatenate([[0.0], np.cumsum(daily) / 60])
    points = tuple((60 * n, float(e)) for n, e in enumerate(energy))
    base = BaseExpectation(neighbourhood_of(base_load=[Base("1", points)]).base_load, grid)
    near = {"atol": 1e-6}  # differences of sums of some 1e4 kWh, times 60
    np.testing.assert_allclose(base.expected_kw(0, slice(0, 5)), 0.0)
    # Minute 10: measured 0 to 9, mean 4.5.
    np.testing.assert_allclose(base.expected_kw(600, slice(8, 12)), [8.0, 9.0, 4.5, 4.5], **near)
    # Day 2, minute 3: measured until then; the rest as on day 1, so are days 3 and 4.
    now_s = (1440 + 3) * 60
    np.testing.assert_allclose(base.expected_kw(now_s, slice(1442, 1445)), [3.0, 3.0, 4.0], **near)
    np.testing.assert_allclose(base.expected_kw(now_s, slice(2880, 2885)), [1.0, 2.0, 3.0, 3.0, 4.0], **near)
    np.testing.assert_allclose(base.expected_kw(now_s, slice(3 * 1440, 3 * 1440 + 1)), [1.0], **near)


def test_an_ev_takes_the_cheapest_minutes():
    # 3 kWh at up to 3 kW is an hour: the cheap one.
    plan = supply_of([Ev(ready_by=4 * HOUR_S)], NIGHT_LATER).plan(0, 0)
    assert (plan.start, plan.start_s, plan.minute, len(plan.kw)) == (-1, HOUR_S, 60, 60)
    np.testing.assert_allclose(plan.kw, 3.0)
    # 4 kWh: the cheap hour and the first 20 minutes.
    plan = supply_of([Ev(ready_by=4 * HOUR_S, energy_kwh=4.0)], NIGHT_LATER).plan(0, 0)
    assert (plan.start_s, len(plan.kw)) == (0, 120)
    np.testing.assert_allclose(plan.kw, [3.0] * 20 + [0.0] * 40 + [3.0] * 60)


def test_an_ev_stays_below_the_limit_as_long_as_it_can():
    supply = supply_of([Ev(ready_by=2 * HOUR_S, energy_kwh=3.0)], NIGHT_LATER, limit_kw=4.0)
    supply.drawn_kw[60:120] = 2.0  # leaves 2 kW in the cheap hour: 2 kWh, and 1 kWh in 20 minutes at 3 kW
    plan = supply.plan(0, 0)
    np.testing.assert_allclose(plan.kw, [3.0] * 20 + [0.0] * 40 + [2.0] * 60)
    supply.drawn_kw[:60] = 4.0  # nothing left there: 2 kWh below the limit, 1 kWh beyond it where it is cheap
    plan = supply.plan(0, 0)
    assert plan.minute == 60
    np.testing.assert_allclose(plan.kw, 3.0)


def test_an_ev_that_comes_within_a_minute_charges_for_the_rest_of_it():
    job = Ev(registered=30, ready_by=150, energy_kwh=0.1, max_kw=3.0)  # 120 s at 3 kW, exactly its window
    plan = supply_of([job], EVEN).plan(0, 30)
    assert (plan.start_s, plan.minute) == (30, 0)
    np.testing.assert_allclose(plan.kw, [1.5, 3.0, 1.5])


@pytest.mark.parametrize("seed", range(40))
def test_cheapest_minutes_against_enumeration(seed):
    """Whole kW in four minutes: no other way to fill them under the room is cheaper."""
    rng = np.random.default_rng(seed)
    n = 4
    price, room = rng.integers(1, 5, n) / 4, rng.integers(0, 5, n).astype(float)
    within = np.minimum(room, 3)
    need = int(rng.integers(0, int(within.sum()) + 1))
    kw = fill_minutes(need / 60, np.zeros(n), np.full(n, 3.0), room, price)
    ways = [
        way for way in product(range(4), repeat=n) if sum(way) == need and (np.array(way) <= within).all()
    ]
    assert kw @ price == pytest.approx(min(np.array(way) @ price for way in ways))
    assert kw.sum() == pytest.approx(need)
    assert (kw <= within + 1e-9).all()


@pytest.mark.parametrize("seed", range(40))
def test_power_is_nothing_or_within_the_range(seed):
    rng = np.random.default_rng(1000 + seed)
    n = int(rng.integers(3, 12))
    least, most = np.full(n, 1.4), np.full(n, float(rng.choice([1.4, 3.7, 11.0])))
    price, room = rng.integers(1, 4, n) / 4, rng.random(n) * 8
    need = float(rng.random()) * most.sum()
    kw = fill_minutes(need / 60, least, most, room, price)
    assert kw.sum() == pytest.approx(need)
    assert (kw <= most + 1e-9).all()
    below = (kw > 1e-9) & (kw < least - 1e-9)
    assert below.sum() <= 1  # the minute in which it is full


def test_a_rest_below_the_least_power_is_shared_with_the_minute_before():
    kw = fill_minutes(
        4.0 / 60, np.full(3, 1.5), np.full(3, 3.0), np.full(3, np.inf), np.array([0.1, 0.2, 0.3])
    )
    np.testing.assert_allclose(kw, [2.5, 1.5, 0.0])


def test_less_where_all_minutes_give_less():
    kw = fill_minutes(1.0, np.zeros(3), np.full(3, 3.0), np.array([1.0, 9.0, 0.0]), np.zeros(3))
    np.testing.assert_allclose(kw, 3.0)
