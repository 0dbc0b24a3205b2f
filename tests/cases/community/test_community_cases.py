"""Neighbourhoods settled by hand (README beside them): settlement, bills, a plain opinion, the judge."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sparewatt.model.contract import GRID, Contracts, ContractState, Decisions, MarketTrace
from sparewatt.model.market_rules import Sharing, Tariff
from sparewatt.model.minute_grid import MinuteGrid
from sparewatt.model.settlement import Settlement
from sparewatt.simulate.settlement import settle_market
from sparewatt.simulate.sharing import find_bills, find_worse_off
from sparewatt.verify.community_energy import check_balance, check_settlement
from sparewatt.verify.community_facts import MarketFacts
from sparewatt.verify.community_money import check_money
from support.neighbourhoods import Base, Battery, Job, Producer, neighbourhood_of
from support.plain_settlement import PlainSettlement, plain_bills

FOLDER = Path(__file__).parent
CASES = sorted(path.parent.name for path in FOLDER.glob("*/case.json"))
NEAR = 1e-12
FLOWS = {
    "production": "production_kw",
    "load": "load_kw",
    "own": "own_kw",
    "peer_in": "peer_in_kw",
    "peer_out": "peer_out_kw",
    "grid": "grid_kw",
    "feed_in": "feed_in_kw",
    "battery_charge": "battery_charge_kw",
    "battery_discharge": "battery_discharge_kw",
}


def read_case(name: str):
    """What is given: neighbourhood, minutes, trace; and what must come of it."""
    case = json.loads((FOLDER / name / "case.json").read_text())
    minutes, contracts = case["minutes"], case["contracts"]
    bases = {
        house: tuple((60 * n, float(e) / 60) for n, e in enumerate(np.cumsum([0.0, *kw])))
        for house, kw in case.get("base_load", {}).items()
    }
    hood = neighbourhood_of(
        [Job(c["house"], load_kw=tuple(c["kw"])) for c in contracts],
        [Producer(p["house"], f"pv{n}") for n, p in enumerate(case["producers"])],
        [],
        [
            Battery(**{k: v for k, v in b.items() if k != "capacity"}, capacity_kwh=b["capacity"] / 60)
            for b in case.get("batteries", [])
        ],
        [Base(house, points) for house, points in bases.items()],
    )
    cancelled = np.array([c.get("cancelled", False) for c in contracts])
    minute = np.array([c["minute"] for c in contracts], np.int64)
    nothing = np.empty(0, np.int64)
    trace = MarketTrace(
        contracts=Contracts(
            job=np.arange(len(contracts)),
            producer=np.array([GRID if c["producer"] is None else c["producer"] for c in contracts]),
            start_s=60 * minute,
            agreed_s=np.zeros(len(contracts), np.int64),
            state=np.where(cancelled, ContractState.CANCELLED, ContractState.FULFILLED).astype(np.int64),
            cancelled_s=np.where(cancelled, 0, -1),
            minute=minute,
            offset=np.cumsum([0, *(len(c["kw"]) for c in contracts)]),
            kw=np.concatenate([c["kw"] for c in contracts]).astype(float),
        ),
        decisions=Decisions(nothing, nothing, nothing, nothing, nothing),
        production_kw=np.array([p["kw"] for p in case["producers"]], float),
        start_scores=hood.scores,
        end_scores=hood.scores,
        not_asked=nothing,
    )
    return hood, MinuteGrid(hood.origin_s, minutes, 1), trace, case


def right_settlement(name: str) -> Settlement:
    """The settlement as the case has it."""
    hood, grid, _, case = read_case(name)
    expected = case["expected"]

    def flow(key: str) -> np.ndarray:
        return np.array(
            [expected["flows"].get(h, {}).get(key, [0.0] * grid.minutes) for h in hood.house_ids], float
        )

    def parts(what: str, key: str) -> np.ndarray:
        return np.array([row.get(key, 0.0) for row in expected[what]]) / 60

    stored = np.array(expected.get("battery", np.zeros((0, grid.minutes + 1))), float) / 60
    return Settlement(
        **{field: flow(key) for key, field in FLOWS.items()},
        battery_kwh=stored,
        **{f"contract_{key}_kwh": parts("contracts", key) for key in ("own", "peer", "grid")},
        **{f"producer_{key}_kwh": parts("producers", key) for key in ("own", "peer", "stored", "feed_in")},
    )


@pytest.mark.parametrize("name", CASES)
def test_settlement(name):
    hood, grid, trace, _ = read_case(name)
    told, right = settle_market(hood, grid, trace), right_settlement(name)
    for field in Settlement.__dataclass_fields__:
        np.testing.assert_allclose(
            getattr(told, field), getattr(right, field), rtol=0, atol=NEAR, err_msg=field
        )
    assert told.covered_kwh == pytest.approx(
        sum(right.contract_own_kwh) + sum(right.contract_peer_kwh), abs=NEAR
    )


@pytest.mark.parametrize("name", CASES)
def test_the_plain_one_agrees(name):
    hood, grid, trace, _ = read_case(name)
    plain, right = PlainSettlement(hood, trace, grid.minutes).settle(), right_settlement(name)
    for key, field in FLOWS.items():
        told = plain.flow[key.removeprefix("battery_")]
        np.testing.assert_allclose(told, getattr(right, field), rtol=0, atol=NEAR, err_msg=field)


@pytest.mark.parametrize("name", CASES)
def test_the_judge_is_silent_on_what_is_right(name):
    hood, grid, trace, _ = read_case(name)
    facts, right = MarketFacts(hood, grid, trace), right_settlement(name)
    assert [*check_balance(facts, right, 1e-9), *check_settlement(facts, right, 1e-9, 1e-9)] == []


@pytest.mark.parametrize("sharing", Sharing)
@pytest.mark.parametrize("name", [name for name in CASES if "tariff" in read_case(name)[3]])
def test_bills(name, sharing):
    hood, grid, trace, case = read_case(name)
    expected, right = case["expected"], right_settlement(name)
    tariff = Tariff(np.array(case["tariff"]["import"]), np.array(case["tariff"]["feed_in"]))
    bills = find_bills(right, tariff, sharing)

    def by_house(values) -> np.ndarray:
        return np.array([values[house] for house in hood.house_ids]) / 60

    np.testing.assert_allclose(bills.tariff_cost, by_house(expected["tariff_bill"]), rtol=0, atol=NEAR)
    np.testing.assert_allclose(bills.shared_cost, by_house(expected["bills"][sharing]), rtol=0, atol=NEAR)
    assert bills.grid_account == pytest.approx(expected["grid_account"][sharing] / 60, abs=NEAR)
    worse = [hood.house_ids[house] for house in find_worse_off(bills)]
    assert worse == expected["worse_off"][sharing]
    flow = {key: getattr(right, field).tolist() for key, field in FLOWS.items()}
    prices = (tariff.import_per_kwh.tolist(), tariff.feed_in_per_kwh.tolist())
    assert plain_bills(flow, *prices, sharing) == pytest.approx(bills.shared_cost, abs=NEAR)
    told = [*check_money(MarketFacts(hood, grid, trace), right, bills, tariff, sharing, 1e-12)]
    assert [f.where for f in told] == [f"house {house}" for house in worse]
    assert all(f.rule == "community.judge.worse_off" for f in told)
