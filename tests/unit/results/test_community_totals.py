"""Totals of a repetition by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.market.greedy import GreedyMarket
from sparewatt.model.contract import GRID, Answer, Contracts, ContractState, Decisions, MarketTrace
from sparewatt.model.market_rules import MarketRules, Sharing
from sparewatt.model.minute_grid import find_grid
from sparewatt.results import community_totals
from sparewatt.results.community_totals import flow_step, house_flows, repetition_of, scores_over_time
from sparewatt.results.community_view import consumer_of_jobs, find_consumers
from sparewatt.simulate.community_market import simulate_neighbourhood
from sparewatt.simulate.settlement import settle_market
from sparewatt.simulate.sharing import find_bills
from support.neighbourhoods import (
    HOUR_S,
    Base,
    Battery,
    Ev,
    Job,
    Producer,
    even_forecast,
    even_tariff,
    neighbourhood_of,
)

HOUR = (2.0,) * 60


def three_houses():
    """House 1 has PV of 1 kW all day; 2 asks for 1 kWh in an hour, 3 for 2 kWh, and an EV for 3 kWh."""
    return neighbourhood_of(
        jobs=[
            Job("2", 0, 6 * HOUR_S, 6 * HOUR_S, (1.0,) * 60, device="washer"),
            Job("3", 60, 6 * HOUR_S, 6 * HOUR_S, HOUR, device="oven"),
            Ev("3", 120, 7 * HOUR_S, 12 * HOUR_S, energy_kwh=3.0, max_kw=1.0),
        ],
        producers=[Producer("1")],
        forecasts=[even_forecast()],
        batteries=[Battery("1")],
        base_load=[Base("2")],
    )


def repetition(n, **given):
    grid, _ = find_grid(n)
    rules, tariff = MarketRules(predictions_first=True), even_tariff(grid)
    trace = simulate_neighbourhood(n, grid, rules, tariff, GreedyMarket(0.0))
    settlement = settle_market(n, grid, trace)
    bills = find_bills(settlement, tariff, Sharing.MID_MARKET_RATE)
    given = {"interval_s": 900, "most_answers": 100, **given}
    return repetition_of(2, n, grid, trace, settlement, bills, **given), settlement, bills


def test_a_repetition_by_hand():
    n = three_houses()
    r, settlement, bills = repetition(n, seconds=1.5)
    assert (r.number, r.seconds, r.findings) == (2, 1.5, ())
    c = r.contracts
    assert c.ids == tuple(
        f"{who};{job};{n.origin_s + at}"
        for who, job, at in (
            ("pv_producer[1]:[pv]", "[2]:[washer]:[0]", 0),
            ("grid", "[3]:[oven]:[1]", 60),
            ("pv_producer[1]:[pv]", "[3]:[ev]:[2]", 120),
        )
    )
    assert c.is_with_grid.tolist() == [False, True, False]
    assert c.is_valid.all()
    assert c.start_s.tolist() == [6 * HOUR_S, 6 * HOUR_S, 7 * HOUR_S]
    assert c.end_s.tolist() == [7 * HOUR_S, 7 * HOUR_S, 10 * HOUR_S]
    assert c.energy_kwh.tolist() == pytest.approx([1.0, 2.0, 3.0])
    assert c.peer_kwh.tolist() == pytest.approx([1.0, 0.0, 3.0])
    assert c.grid_kwh.tolist() == pytest.approx([0.0, 2.0, 0.0], abs=1e-12)
    assert r.covered_kwh == pytest.approx(4.0)
    h = r.houses
    assert h.production_kwh.tolist() == pytest.approx([24.0, 0.0, 0.0])
    assert h.load_kwh.tolist() == pytest.approx([0.0, 1.0 + 2.4, 5.0])
    assert h.peer_in_kwh.tolist() == pytest.approx([0.0, 1.0, 3.0])
    assert h.peer_out_kwh.tolist() == pytest.approx([4.0, 0.0, 0.0])
    assert h.grid_kwh.tolist() == pytest.approx([0.0, 2.4, 2.0])
    assert h.charge_kwh.tolist() == pytest.approx([5.0, 0.0, 0.0])
    assert h.feed_in_kwh.tolist() == pytest.approx([15.0, 0.0, 0.0])
    # house 3: 2 kW in the worst quarter, 5 kWh in 24 h
    assert h.par_load.tolist() == pytest.approx([0.0, 1.1 / (3.4 / 24), 2.0 / (5.0 / 24)])
    assert h.par_production.tolist() == pytest.approx([1.0, 0.0, 0.0])
    assert h.shared_cost.tolist() == bills.shared_cost.tolist()
    assert r.grid_account == bills.grid_account
    assert r.producers.peer_kwh.tolist() == pytest.approx([4.0])
    assert r.producers.stored_kwh.tolist() == pytest.approx([5.0])
    assert r.producers.par.tolist() == pytest.approx([1.0])
    assert find_consumers(n) == ((1, "washer"), (2, "ev"), (2, "oven"))
    assert consumer_of_jobs(n).tolist() == [0, 2, 1]
    assert r.consumers.peer_kwh.tolist() == pytest.approx([1.0, 3.0, 0.0])
    assert r.consumers.grid_kwh.tolist() == pytest.approx([0.0, 0.0, 2.0], abs=1e-12)
    assert r.consumers.par.tolist() == pytest.approx([24.0, 8.0, 24.0])
    m = r.minutes
    assert m.load_kw == pytest.approx(settlement.load_kw.sum(axis=0))
    assert m.own_kw + m.peer_kw + m.grid_kw == pytest.approx(m.load_kw, abs=1e-12)
    given = m.own_kw - m.discharge_kw + m.peer_kw + m.charge_kw + m.feed_in_kw
    assert given == pytest.approx(m.production_kw, abs=1e-9)
    assert m.stored_kwh[-1] == pytest.approx(5.0)
    assert r.counts.by_job.sum(axis=1).tolist() == [1, 1, 1]
    assert r.counts.by_producer.sum() == 3
    assert len(r.decisions) == 3


def test_too_many_answers_are_counted_alone():
    r, _, _ = repetition(three_houses(), most_answers=2)
    assert r.decisions is None
    assert r.counts.by_producer.sum() == 3


def trace_of(time_s, producer, accepted, start):
    none, decisions = np.empty(0, np.int64), len(time_s)
    contracts = Contracts(*(none,) * 7, np.zeros(1, np.int64), np.empty(0))
    answers = np.where(accepted, Answer.ACCEPT, Answer.DECLINE).astype(np.int8)
    return MarketTrace(
        contracts,
        Decisions(
            np.array(time_s, np.int64),
            np.zeros(decisions, np.int32),
            np.array(producer, np.int32),
            answers,
            np.zeros(decisions, np.int8),
        ),
        np.zeros((len(start), 1)),
        np.array(start, float),
        np.array(start, float),
        none,
    )


def test_scores_over_time():
    trace = trace_of([5, 5, 9, 9, 9], [1, 0, 1, 1, 0], [False, True, False, True, False], [10.0, 20.0])
    steps = scores_over_time(trace)
    assert steps.time_s.tolist() == [0, 5, 9]
    assert steps.score.tolist() == [[10.0, 9.0, 10.0], [20.0, 21.0, 21.0]]


def test_scores_of_a_market_without_answers():
    steps = scores_over_time(trace_of([], [], np.zeros(0, bool), [3.0]))
    assert (steps.time_s.tolist(), steps.score.tolist()) == ([0], [[3.0]])


def test_scores_at_very_many_moments_are_thinned_and_end_as_they_end(monkeypatch):
    monkeypatch.setattr(community_totals, "SCORE_POINTS", 5)
    rng = np.random.default_rng(3)
    accepted = rng.random(100) < 0.4
    trace = trace_of(np.arange(1, 101) * 7, rng.integers(0, 3, 100), accepted, [10.0, 10.0, 10.0])
    thin = scores_over_time(trace)
    monkeypatch.setattr(community_totals, "SCORE_POINTS", 1000)
    whole = scores_over_time(trace)
    assert len(whole.time_s) == 101
    assert len(thin.time_s) == 6
    assert thin.time_s[-1] == whole.time_s[-1]
    at = np.searchsorted(whole.time_s, thin.time_s)
    assert thin.score[:, 1:].tolist() == whole.score[:, at[1:]].tolist()
    assert thin.score.shape == (3, 6)


@pytest.mark.parametrize(
    ("houses", "minutes", "step"), [(6, 1440, 1), (1000, 1440, 5), (1000, 10080, 15), (20_000, 10080, 60)]
)
def test_flows_of_many_houses_are_kept_in_longer_steps(houses, minutes, step):
    assert flow_step(houses, minutes) == step


def test_flows_of_every_house():
    _, settlement, _ = repetition(three_houses())
    flows = house_flows(settlement, 60)
    assert flows.load_kw.shape == (3, 24)
    assert flows.load_kw[2, 5:11] == pytest.approx([0.0, 2.0, 1.0, 1.0, 1.0, 0.0])
    assert flows.peer_out_kw[0].sum() == pytest.approx(4.0)
    assert flows.discharge_kw.sum() == 0.0
    assert flows.charge_kw[0].sum() == pytest.approx(5.0)


def test_a_cancelled_contract_counts_nowhere():
    """A forecast that falls takes the washer's sun away before it starts; it goes to the grid."""
    n = neighbourhood_of(
        jobs=[Job("2", 60, 6 * HOUR_S, 6 * HOUR_S, (1.0,) * 60)],
        producers=[Producer("1")],
        forecasts=[even_forecast(), even_forecast(kw=0.5, issued=2 * HOUR_S)],
    )
    r, _, _ = repetition(n)
    assert r.contracts.state.tolist() == [ContractState.CANCELLED, ContractState.FULFILLED]
    assert r.contracts.producer.tolist() == [0, GRID]
    assert r.contracts.cancelled_s.tolist() == [2 * HOUR_S, -1]
    assert r.consumers.grid_kwh.tolist() == pytest.approx([1.0])
    assert r.consumers.par.tolist() == pytest.approx([24.0])
    assert r.scores.score[0].tolist() == [10.0, 9.0, 10.0]
