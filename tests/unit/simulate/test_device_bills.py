"""Bills of devices: by hand, the kernel against its meaning, sums of devices, the judge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparewatt.model.contract import GRID, Contracts, ContractState, Decisions, MarketTrace
from sparewatt.model.market_rules import Algorithm, Sharing, Tariff
from sparewatt.model.minute_grid import MinuteGrid
from sparewatt.simulate.device_bills import find_device_bills
from sparewatt.simulate.device_kernels import price_contracts
from sparewatt.simulate.settlement import settle_market
from sparewatt.simulate.sharing import find_bills
from sparewatt.verify.community_device_money import check_device_money
from sparewatt.verify.community_facts import MarketFacts
from support.community_runs import random_home, random_rules, run_neighbourhood
from support.neighbourhoods import Base, Battery, Job, Producer, neighbourhood_of

KWH = 60.0
"""Power that makes a kilowatt-hour in a minute [kW]."""
BUY, SELL = np.array([0.4, 0.2]), np.array([0.1, 0.0])


def two_houses():
    """A has a panel, a washer, a battery and base load; B has an oven. Two minutes, in kWh:

    ======  =====  ======  ====  ====  ======  ======  =======
    minute  panel  washer  base  oven  stored  fed in  A buys
    ======  =====  ======  ====  ====  ======  ======  =======
    0       9      2       1     4     1       1       –
    1       –      2       1     –     –       –       2 of 3
    ======  =====  ======  ====  ====  ======  ======  =======

    The oven's contract is with the panel. In minute 1 nothing shines: the battery gives 1 of the 3 that A is
    short of.
    """
    hood = neighbourhood_of(
        [Job("A", load_kw=(2 * KWH, 2 * KWH), device="washer"), Job("B", load_kw=(4 * KWH,), device="oven")],
        [Producer("A")],
        [],
        [Battery("A", capacity_kwh=1.0, charge_kw=9 * KWH, discharge_kw=9 * KWH)],
        [Base("A", ((0, 0.0), (120, 2.0)))],
    )
    nothing = np.empty(0, np.int64)
    trace = MarketTrace(
        contracts=Contracts(
            job=np.array([0, 1, 1]),
            producer=np.array([0, 0, GRID]),
            start_s=np.zeros(3, np.int64),
            agreed_s=np.zeros(3, np.int64),
            state=np.array([ContractState.FULFILLED, ContractState.FULFILLED, ContractState.CANCELLED]),
            cancelled_s=np.array([-1, -1, 0]),
            minute=np.zeros(3, np.int64),
            offset=np.array([0, 2, 3, 4]),
            kw=KWH * np.array([2.0, 2.0, 4.0, 4.0]),
        ),
        decisions=Decisions(nothing, nothing, nothing, nothing, nothing),
        production_kw=KWH * np.array([[9.0, 0.0]]),
        start_scores=hood.scores,
        end_scores=hood.scores,
        not_asked=nothing,
    )
    return hood, MinuteGrid(hood.origin_s, 2, 1), trace


def told_of(sharing):
    hood, grid, trace = two_houses()
    settlement, tariff = settle_market(hood, grid, trace), Tariff(BUY, SELL)
    return (
        find_bills(settlement, tariff, sharing),
        find_device_bills(hood, grid, trace, settlement, tariff, sharing),
        (MarketFacts(hood, grid, trace), settlement, tariff),
    )


# The panel gives the oven all 4: what it has left, 9 - 2 - 4 = 3, goes to base load 1, battery 1, grid 1.
# Minute 0: D = 4, P = 4, G = 4 + 1 = 5; minute 1: D = 2, all bought; no one has anything over.
# Tariff: oven 4·0.4; panel -(5·0.1); washer 2·0.2, base 1·0.2, battery -1·0.2 in minute 1.
ALONE = {"washer": 0.4, "oven": 1.6, "panel": -0.5, "battery": -0.2, "base": 0.2}
# Mid-market rate, m = 0.25 in minute 0: the oven pays 4·0.25, the panel gets 4·0.25 + 1·0.1.
MIDDLE = ALONE | {"oven": 1.0, "panel": -1.1}
# Supply and demand: P/D = 1, so m = s = 0.1: the oven pays 4·0.1, the panel gets 5·0.1.
RATIO = ALONE | {"oven": 0.4, "panel": -0.5}
# Bill sharing: bought 2·0.2 = 0.4 over 4 + 2 = 6 kWh; earned 1·0.1 over 5 kWh.
BILL = {"washer": 2 * 0.4 / 6, "oven": 4 * 0.4 / 6, "panel": -0.1, "battery": -0.4 / 6, "base": 0.4 / 6}
BY_HAND = [
    (Sharing.NONE, ALONE),
    (Sharing.MID_MARKET_RATE, MIDDLE),
    (Sharing.SUPPLY_DEMAND_RATIO, RATIO),
    (Sharing.BILL_SHARING, BILL),
]


@pytest.mark.parametrize(("sharing", "right"), BY_HAND)
def test_two_houses_by_hand(sharing, right):
    bills, devices, judged = told_of(sharing)
    for way, wanted in (("tariff", ALONE), ("shared", right)):
        contracts = getattr(devices.contracts, way)
        assert contracts == pytest.approx([wanted["washer"], wanted["oven"], 0.0]), (
            "the cancelled one is free"
        )
        assert getattr(devices.producers, way) == pytest.approx([wanted["panel"]])
        assert getattr(devices.batteries, way) == pytest.approx([wanted["battery"]])
        assert getattr(devices.base_loads, way) == pytest.approx([wanted["base"]])
        house_a = sum(wanted[name] for name in ("washer", "panel", "battery", "base"))
        assert getattr(bills, f"{way}_cost") == pytest.approx([house_a, wanted["oven"]])
    assert (devices.base_house.tolist(), devices.base_own_kwh, devices.base_grid_kwh) == ([0], 1.0, 1.0)
    facts, settlement, tariff = judged
    assert [*check_device_money(facts, settlement, bills, devices, tariff, sharing, 1e-9)] == []


@pytest.mark.parametrize("kind", ["contracts", "producers", "batteries", "base_loads"])
@pytest.mark.parametrize("way", ["tariff", "shared"])
def test_the_judge_sees_a_wrong_cost(kind, way):
    bills, devices, (facts, settlement, tariff) = told_of(Sharing.MID_MARKET_RATE)
    costs = getattr(devices, kind)
    off = getattr(costs, way).copy()
    off[0] += 0.01
    spoilt = replace(devices, **{kind: replace(costs, **{way: off})})
    found = [*check_device_money(facts, settlement, bills, spoilt, tariff, Sharing.MID_MARKET_RATE, 1e-9)]
    assert [f.rule for f in found] == ["community.judge.device_bill", "community.judge.device_sum"]
    assert found[1].ids == ("A",)


def test_the_judge_sees_money_moved_between_the_devices_of_a_house():
    bills, devices, (facts, settlement, tariff) = told_of(Sharing.NONE)
    moved = replace(
        devices,
        batteries=replace(devices.batteries, shared=devices.batteries.shared + 0.05),
        base_loads=replace(devices.base_loads, shared=devices.base_loads.shared - 0.05),
    )
    found = [*check_device_money(facts, settlement, bills, moved, tariff, Sharing.NONE, 1e-9)]
    assert {f.rule for f in found} == {"community.judge.device_bill"}
    assert {f.where for f in found} == {"battery of house A", "base load of house A"}


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([Algorithm.GREEDY, Algorithm.FIFTY_FIFTY]),
    st.sampled_from(list(Sharing)),
)
def test_devices_sum_to_their_house(seed, algorithm, sharing):
    """EVs, batteries, base load, two roofs on a house, prices below 0: whatever flows."""
    hood = random_home(seed)
    rng = np.random.default_rng([seed, 2])
    if rng.random() < 0.5:
        hood = replace(hood, producers=replace(hood.producers, house=hood.producers.house * 0))
    run = run_neighbourhood(hood, random_rules(algorithm, seed), sharing=sharing)
    tariff = Tariff(rng.uniform(-0.1, 0.4, run.grid.minutes), rng.uniform(-0.1, 0.2, run.grid.minutes))
    bills = find_bills(run.settlement, tariff, sharing)
    devices = find_device_bills(hood, run.grid, run.trace, run.settlement, tariff, sharing)
    for way in ("tariff", "shared"):
        sums = np.zeros(len(hood.house_ids))
        np.add.at(sums, hood.jobs.house[run.trace.contracts.job], getattr(devices.contracts, way))
        np.add.at(sums, hood.producers.house, getattr(devices.producers, way))
        np.add.at(sums, hood.batteries.house, getattr(devices.batteries, way))
        np.add.at(sums, devices.base_house, getattr(devices.base_loads, way))
        np.testing.assert_allclose(sums, getattr(bills, f"{way}_cost"), rtol=0, atol=1e-9)
    changed = replace(run, tariff=tariff, bills=bills, device_bills=devices)
    assert [f for f in changed.findings() if f.severity == "error"] == []


def plain_prices(order, home, maker, producer, minute, offset, kw, left, pay, receive):
    """The meaning in the kernel's docstring."""
    cost, income = np.zeros((len(pay), len(producer))), np.zeros((len(pay), len(left)))
    for n in order:
        for k, want in enumerate(kw[offset[n] : offset[n + 1]]):
            t = minute[n] + k
            gets = min(left[producer[n]][t], want) if producer[n] >= 0 else 0
            own = gets if home[n] == maker[n] else 0
            cost[:, n] += (want - own) * pay[:, t] / 60
            if producer[n] >= 0:
                left[producer[n]][t] -= gets
                income[:, producer[n]] += (gets - own) * receive[:, t] / 60
    return cost, income


def test_the_kernel_means_what_it_says():
    rng = np.random.default_rng(4)
    for _ in range(20):
        contracts, houses, producers, minutes = 30, 5, 4, 50
        length = rng.integers(1, 12, contracts)
        offset = np.concatenate([[0], np.cumsum(length)])
        kw = rng.choice([0.0, 0.5, 1.5, 3.0], offset[-1])
        producer = rng.integers(-1, producers, contracts)
        maker = np.append(rng.integers(0, houses, producers), -1)[producer]
        minute = rng.integers(0, minutes - 12, contracts)
        home = rng.integers(0, houses, contracts)
        order = rng.permutation(contracts)[:25]
        made = rng.choice([0.0, 1.0, 4.0], (producers, minutes))
        pay, receive = rng.random((2, 2, minutes))
        given = (order, home, maker, producer, minute, offset, kw)
        left, plain_left = made.copy(), made.copy()
        told = price_contracts(*given, left, pay, receive)
        right = plain_prices(*given, plain_left, pay, receive)
        for a, b in zip((*told, left), (*right, plain_left), strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)
