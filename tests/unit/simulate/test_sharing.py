"""Sharing rules beyond the case by hand: edges of prices, who is worse off, the sum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparewatt.model.market_rules import Sharing, Tariff
from sparewatt.model.settlement import Bills, Settlement
from sparewatt.simulate.sharing import find_bills, find_worse_off

PRICED = (Sharing.MID_MARKET_RATE, Sharing.SUPPLY_DEMAND_RATIO)


def flows(peer_in, peer_out, grid, feed_in) -> Settlement:
    """A settlement of which bills look at four flows, shape (houses, minutes)."""
    peer_in, peer_out, grid, feed_in = (np.array(a, float) for a in (peer_in, peer_out, grid, feed_in))
    zero, none = np.zeros_like(grid), np.zeros(0)
    return Settlement(
        zero, zero, zero, peer_in, peer_out, grid, feed_in, zero, zero, zero, *(none for _ in range(7))
    )


def bills(sharing, buy, sell, *, peer=1.0, grid=1.0, feed_in=1.0) -> Bills:
    """House 0 sells, house 1 buys, one minute of 60 kW for each 1: bills are in price · kWh."""
    s = flows([[0], [60 * peer]], [[60 * peer], [0]], [[0], [60 * grid]], [[60 * feed_in], [0]])
    return find_bills(s, Tariff(np.array([buy]), np.array([sell])), sharing)


@pytest.mark.parametrize(
    ("buy", "sell", "price"),
    [
        (0.3, 0.1, 0.15),  # half of what is asked for is there: 1/m = (1/0.3 + 1/0.1)/2
        (0.3, 0.0, 0.0),
        (0.3, -0.1, -0.1),  # who feeds in pays: neighbours get it at that
        (0.0, 0.0, 0.0),
        (-0.1, -0.2, -0.4 / 3),  # -0.02/(-0.15)
        (0.2, 0.2, 0.2),
    ],
)
def test_price_by_supply_and_demand(buy, sell, price):
    shared = bills(Sharing.SUPPLY_DEMAND_RATIO, buy, sell).shared_cost
    assert shared == pytest.approx([-(price + sell), price + buy])


@pytest.mark.parametrize("sharing", Sharing)
def test_nothing_bought_or_sold_costs_nothing(sharing):
    told = bills(sharing, 0.3, 0.1, peer=0, grid=0, feed_in=0)
    assert told.shared_cost.tolist() == [0, 0]
    assert bills(sharing, 0.3, 0.1, peer=0, grid=0).shared_cost == pytest.approx([-0.1, 0])
    assert bills(sharing, 0.3, 0.1, peer=0, feed_in=0).shared_cost == pytest.approx([0, 0.3])


def test_without_sharing_the_grid_earns_the_difference():
    none, shared = (bills(rule, 0.3, 0.1) for rule in (Sharing.NONE, Sharing.MID_MARKET_RATE))
    assert none.shared_cost.tolist() == none.tariff_cost.tolist()
    assert none.grid_account - shared.grid_account == pytest.approx(1.0 * (0.3 - 0.1))


@pytest.mark.parametrize("sharing", Sharing)
@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_money_sums_to_zero_and_prices_harm_nobody(sharing, seed):
    """Whatever flows: the houses pay the community's bill; where feed-in earns less, nobody pays more."""
    rng = np.random.default_rng(seed)
    houses, minutes = int(rng.integers(2, 150)), 5
    given_kw = rng.choice([0.0, 0.0, 1.0, 3.0], (houses, minutes)) * rng.random((houses, minutes))
    taken = rng.permutation(given_kw)
    grid, feed_in = (
        rng.choice([0.0, 1.0], (houses, minutes)) * rng.random((houses, minutes)) for _ in range(2)
    )
    buy = rng.choice([0.4, 0.2, 0.1], minutes)
    sell = np.minimum(buy, rng.choice([0.1, 0.0, -0.1], minutes))
    told = find_bills(flows(taken, given_kw, grid, feed_in), Tariff(buy, sell), sharing)
    due = float((grid.sum(axis=0) * buy - feed_in.sum(axis=0) * sell).sum()) / 60
    assert told.shared_cost.sum() == pytest.approx(told.grid_account, abs=1e-12)
    if sharing != Sharing.NONE:
        assert told.grid_account == pytest.approx(due, abs=1e-9)
    if sharing != Sharing.BILL_SHARING:
        assert find_worse_off(told).tolist() == []


def test_who_is_worse_off_worst_first():
    told = Bills(np.array([1.0, 2.0, -1.0, 3.0]), np.array([1.1, 1.0, 0.0, 3.0 + 1e-12]), 0.0)
    assert find_worse_off(told).tolist() == [2, 0]
    assert find_worse_off(told, tolerance=0.1).tolist() == [2]
    empty = Bills(np.zeros(0), np.zeros(0), 0.0)
    assert find_worse_off(empty).tolist() == []


def test_a_feed_in_above_the_price_makes_somebody_worse_off():
    for sharing in PRICED:
        worse = find_worse_off(bills(sharing, 0.1, 0.3)).tolist()
        assert len(worse) >= 1
