"""The judge of neighbourhoods: a run that is right passes, and every rule speaks when just it is broken.

The neighbourhood, of three houses: a and b with PV of 2 kW and 1 kW, forecast at 0:00; at 2:00 a's forecast
falls to 0.5 kW from 3:00 on. a has a battery, a and b have base load.

own       house a, 1.5 kW for an hour, starts at 0:10 at the latest: its own sun.
peer      house c, 0.9 kW for half an hour: b's sun, as a's is taken.
moved     house c, 1.8 kW for half an hour between 4:00 and 5:00: a's sun, cancelled at 2:00, then the grid.
oven      house b, 5 kW for 20 minutes: nobody has that, the grid.
car       house c, 1.2 kWh until 6:00 with 0.4 to 0.9 kW: a neighbour's sun.
late      registered on the second day, of which none is simulated.
"""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from sparewatt.model.contract import GRID, Answer, ContractState, contract_ids
from sparewatt.model.market_rules import Algorithm, MarketRules, Sharing
from support.community_runs import Run, run_neighbourhood
from support.neighbourhoods import (
    HOUR_S,
    Base,
    Battery,
    Ev,
    Forecast,
    Job,
    Producer,
    even_forecast,
    neighbourhood_of,
)

OWN, PEER, MOVED, OVEN, CAR, LATE = range(6)
JOBS = (
    Job("a", 60, 60, 600, (1.5,) * 60),
    Job("c", 120, 120, 600, (0.9,) * 30),
    Job("c", 180, 4 * HOUR_S, 5 * HOUR_S, (1.8,) * 30),
    Job("b", 240, 240, 9 * HOUR_S, (5.0,) * 20),
    Ev("c", 7320, ready_by=6 * HOUR_S, energy_kwh=1.2, min_kw=0.4, max_kw=0.9),
    Job("a", 25 * HOUR_S, latest=26 * HOUR_S, load_kw=(0.2,) * 10),
)
FALLING = Forecast(0, 2 * HOUR_S, ((2 * HOUR_S, 2.0), (3 * HOUR_S, 4.0), (10 * HOUR_S, 7.5)))
PARTS = {
    "producers": (Producer("a"), Producer("b")),
    "forecasts": (even_forecast(0, 2.0), even_forecast(1, 1.0), FALLING),
    "batteries": (Battery("a", 1.0, 0.5, 0.5, efficiency=0.9),),
    "base_load": (Base("a"), Base("b")),
}


@cache
def right_run(algorithm: Algorithm = Algorithm.GREEDY, sharing: Sharing = Sharing.MID_MARKET_RATE) -> Run:
    hood = neighbourhood_of(JOBS, **PARTS)
    return run_neighbourhood(hood, MarketRules(algorithm=algorithm), days=1, sharing=sharing)


def found(run: Run, **options) -> dict[str, float | None]:
    """Rule -> margin of its worst finding."""
    rules: dict[str, float | None] = {}
    for f in run.findings(**options):
        assert f.severity == ("warning" if f.rule == "community.judge.worse_off" else "error")
        assert f.where
        assert f.message
        assert f.remedy
        rules.setdefault(f.rule.removeprefix("community.judge."), f.margin)
    return rules


def put(noun, **changes):
    """A copy with entries of its arrays replaced: ``load_kw={(0, 3): 1.0}``, or with whole values."""
    new = {}
    for name, change in changes.items():
        if isinstance(change, dict):
            array = np.array(getattr(noun, name))
            for at, value in change.items():
                array[at] = value
            new[name] = array
        else:
            new[name] = change
    return replace(noun, **new)


def with_contracts(run: Run, **changes) -> Run:
    return replace(run, trace=put(run.trace, contracts=put(run.trace.contracts, **changes)))


def with_trace(run: Run, **changes) -> Run:
    return replace(run, trace=put(run.trace, **changes))


def with_settlement(run: Run, **changes) -> Run:
    """A spoilt settlement; bills of devices, which it would spoil too, have tests of their own."""
    return replace(run, settlement=put(run.settlement, **changes), device_bills=None)


def only_trace(run: Run) -> dict[str, float | None]:
    """What the judge says of the trace alone."""
    return found(replace(run, settlement=None, bills=None))


def row_of(job: int, run: Run | None = None, *, first: bool = False) -> int:
    """The last contract of a job, or the first."""
    rows = np.flatnonzero((run or right_run()).trace.contracts.job == job)
    return int(rows[0 if first else -1])


def add_to(array, changes) -> np.ndarray:
    """A copy with something added here and there."""
    out = np.array(array)
    for at, more in changes.items():
        out[at] += more
    return out


def test_the_case_holds_what_it_is_to_show():
    run = right_run()
    c, s = run.trace.contracts, run.settlement
    suppliers = [int(c.producer[row_of(job)]) for job in (OWN, PEER, MOVED, OVEN, CAR)]
    assert suppliers[:4] == [0, 1, GRID, GRID]
    assert suppliers[4] in (0, 1)
    assert c.producer[row_of(MOVED, first=True)] == 0
    assert c.state[row_of(MOVED, first=True)] == ContractState.CANCELLED
    assert c.cancelled_s[row_of(MOVED, first=True)] == 2 * HOUR_S
    assert run.trace.not_asked.tolist() == [LATE]
    assert s.battery_charge_kw[0].sum() > 0
    assert s.battery_discharge_kw[0].sum() > 0


@pytest.mark.parametrize("sharing", Sharing)
@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_right_run_passes(algorithm, sharing):
    rules = set(found(right_run(algorithm, sharing)))
    assert rules <= ({"worse_off"} if sharing == Sharing.BILL_SHARING else set())


def test_parts_that_are_not_given_are_not_judged():
    run = right_run()
    bad = with_settlement(replace(run, bills=None), feed_in_kw=run.settlement.feed_in_kw + 1)
    assert "bill" not in found(bad)
    assert only_trace(bad) == {}


# ------------------------------------------------------------------------------------- shapes


@pytest.mark.parametrize(
    "change",
    [
        {"start_s": np.zeros(2, np.int64)},
        {"job": {0: 99}},
        {"producer": {0: -2}},
        {"state": {0: 3}},
        {"offset": {1: 0}},
        {"minute": {0: 1440}},
        {"minute": {0: -1}},
        {"agreed_s": {0: 99_999}},
    ],
)
def test_contracts_that_cannot_be_followed(change):
    assert set(found(with_contracts(right_run(), **change))) == {"shape"}


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("trace", {"production_kw": np.zeros((2, 5))}),
        ("trace", {"end_scores": np.zeros(3)}),
        ("trace", {"not_asked": np.array([7])}),
        ("settlement", {"grid_kw": np.zeros((3, 5))}),
        ("settlement", {"battery_kwh": np.zeros((1, 1440))}),
        ("settlement", {"contract_own_kwh": np.zeros(1)}),
        ("settlement", {"producer_peer_kwh": np.zeros(1)}),
        ("bills", {"tariff_cost": np.zeros(1)}),
    ],
)
def test_lengths(part, change):
    run = right_run()
    assert set(found(replace(run, **{part: put(getattr(run, part), **change)}))) == {"shape"}


def test_numbers_are_finite():
    run = right_run()
    assert found(with_contracts(run, kw={3: np.nan})) == {"finite": None}
    assert found(with_settlement(run, feed_in_kw={(0, 0): np.inf})) == {"finite": None}
    assert found(replace(run, bills=replace(run.bills, grid_account=np.nan))) == {"finite": None}


# ------------------------------------------------------------------------------------- jobs


def test_every_job_has_one_contract():
    run = right_run()
    job = with_contracts(run, job={row_of(PEER): OWN})
    assert only_trace(job)["one_contract"] == 1
    names = {f.ids for f in job.findings() if f.rule.endswith("one_contract")}
    assert names == {("[a]:[washer]:[0]",), ("[c]:[washer]:[1]",)}
    assert only_trace(with_contracts(run, job={row_of(PEER): LATE}))["one_contract"] == 1


def test_jobs_left_out_are_those_after_the_days():
    run = right_run()
    assert only_trace(with_trace(run, not_asked=np.empty(0, np.int64))) == {"not_asked": 1}
    assert only_trace(with_trace(run, not_asked=np.array([OWN, LATE]))) == {"not_asked": 1}


def test_states():
    run, cancelled = right_run(), row_of(MOVED, first=True)
    assert only_trace(with_contracts(run, state={row_of(OWN): ContractState.AGREED})) == {"state": 1}
    assert only_trace(with_contracts(run, cancelled_s={row_of(OWN): 700})) == {"state": 1}
    assert only_trace(with_contracts(run, cancelled_s={cancelled: -1}))["state"] == 1
    assert only_trace(with_contracts(run, cancelled_s={cancelled: 100})) == {"state": 1, "cancelled": 1}
    assert only_trace(with_contracts(run, cancelled_s={cancelled: 18_060})) == {"state": 1, "cancelled": 1}


def test_a_cancelled_job_comes_back_at_once():
    run = right_run()
    late = only_trace(with_contracts(run, agreed_s={row_of(MOVED): 7260}))
    assert late.pop("cancelled") == 1
    assert set(late) == {"answers"}
    gone = {"state": ContractState.CANCELLED, "cancelled_s": 300}
    row = row_of(OVEN)
    rules = only_trace(with_contracts(run, **{name: {row: value} for name, value in gone.items()}))
    assert rules == {"cancelled": 1, "one_contract": 1}


@pytest.mark.parametrize(
    ("job", "start_s", "margin"),
    [(PEER, 660, 60), (PEER, 60, 60), (MOVED, 4 * HOUR_S - 60, 60), (CAR, 6 * HOUR_S + 1, 1)],
)
def test_starts_are_inside_their_windows(job, start_s, margin):
    run = right_run()
    moved = with_contracts(run, start_s={row_of(job): start_s}, minute={row_of(job): start_s // 60})
    assert only_trace(moved)["window"] == margin


def test_loads_are_in_the_minutes_of_their_starts_and_after_registration():
    run = right_run()
    assert "window" in only_trace(with_contracts(run, minute={row_of(PEER): 3}))
    jobs = replace(run.neighbourhood.jobs, registered_s=run.neighbourhood.jobs.registered_s + 60)
    later = replace(run, neighbourhood=replace(run.neighbourhood, jobs=jobs))
    assert only_trace(later)["window"] == 60


def without_point(run: Run, row: int) -> Run:
    """The load of a contract without its last minute."""
    c = run.trace.contracts
    offset = c.offset - (np.arange(len(c) + 1) > row)
    return with_contracts(run, kw=np.delete(c.kw, c.offset[row + 1] - 1), offset=offset)


def test_loads_are_whole():
    run, row = right_run(), row_of(OWN)
    at = run.trace.contracts.offset[row] + 7
    assert only_trace(with_contracts(run, kw={at: 1.25})) == {"load": pytest.approx(0.25)}
    (finding,) = [f for f in without_point(run, row).findings() if f.rule.endswith(".load")]
    assert finding.margin == pytest.approx(1.5)
    assert "cut off after 59 minutes, 0.025 kWh are to come" in finding.message


def test_the_power_of_cars():
    run, row = right_run(), row_of(CAR)
    c = run.trace.contracts
    first, end = c.offset[row], c.offset[row + 1]
    kw = c.kw[first:end]
    on = first + np.flatnonzero(kw > 0.5)
    a, b = on[2:4]
    assert 0 < kw[-1] < 0.4
    above = only_trace(with_contracts(run, kw=add_to(c.kw, {a: 0.1})))
    assert above["charging_energy"] == pytest.approx(0.1 / 60)
    assert above["charging"] == pytest.approx(c.kw[a] + 0.1 - 0.9)
    # Three minutes below the least power, where one may be: the worst of the others counts.
    low = only_trace(with_contracts(run, kw=add_to(c.kw, {a: 0.25 - c.kw[a], b: 0.2 - c.kw[b]})))
    assert low["charging"] == pytest.approx(0.15)
    last = end - 1  # the minute that completes the energy: it may be below the least power
    assert "charging" not in only_trace(with_contracts(run, kw=add_to(c.kw, {last: 0.1 - c.kw[last]})))
    early = with_contracts(run, minute={row: 360 - len(kw) + 1}, start_s={row: (360 - len(kw) + 1) * 60})
    assert only_trace(early)["charging"] == pytest.approx(kw[-1])
    negative = only_trace(with_contracts(run, kw=add_to(c.kw, {a: -c.kw[a] - 0.05, b: 0.05})))
    assert negative["charging"] >= 0.05 - 1e-9


# ------------------------------------------------------------------------------------- producers


def test_production_is_what_the_forecasts_say():
    run = right_run()
    assert only_trace(with_trace(run, production_kw={(0, 500): 0.75})) == {"production": pytest.approx(0.25)}
    moved = put(run.neighbourhood.forecasts, issued_s={2: 0})
    earlier = replace(run, neighbourhood=replace(run.neighbourhood, forecasts=moved))
    assert "production" not in only_trace(earlier)  # merged in the same order
    assert "overbooked" in only_trace(earlier)  # but known when `moved` was agreed


def test_nobody_is_promised_more_than_the_forecast_known_then():
    run = right_run()
    forecasts = run.neighbourhood.forecasts
    part = slice(*forecasts.curves.offset[1:3])
    energy = forecasts.curves.energy_kwh.copy()
    energy[part] *= 0.8
    less = replace(forecasts, curves=replace(forecasts.curves, energy_kwh=energy))
    rules = only_trace(replace(run, neighbourhood=replace(run.neighbourhood, forecasts=less)))
    assert rules["overbooked"] >= 0.1 - 1e-9  # 0.9 kW of `peer` under 0.8 kW
    assert rules["production"] == pytest.approx(0.2)


def test_movers_are_judged_when_loads_start():
    """`oven` moved to a's producer: 5 kW under 2 kW; who moves contracts is judged by starts alone."""
    for algorithm in (Algorithm.GREEDY, Algorithm.SLSQP):
        run = right_run()
        other = replace(run, rules=replace(run.rules, algorithm=algorithm))
        rules = only_trace(with_contracts(other, producer={row_of(OVEN): 0}))
        assert rules["overbooked"] >= 3.0


def test_a_share_may_come_from_the_grid():
    run = right_run()
    row = row_of(PEER)
    more = run.trace.contracts.kw.copy()
    more[run.trace.contracts.offset[row] : run.trace.contracts.offset[row + 1]] = 1.25
    for share, margin in ((0.0, 0.25), (0.15, 30 * (0.25 - 0.15 * 1.25)), (0.2, None)):
        rules = only_trace(
            with_contracts(replace(run, rules=replace(run.rules, allow_partial=share)), kw=more)
        )
        assert rules.pop("load") == pytest.approx(0.35)
        assert rules.get("overbooked") == (None if margin is None else pytest.approx(margin))


# ------------------------------------------------------------------------------------- answers


def test_ids():
    run = right_run()
    ids = contract_ids(
        run.trace.contracts, run.neighbourhood.jobs, run.neighbourhood.producers, run.neighbourhood.origin_s
    )
    assert found(run, ids=ids) == {}
    for wrong in ((ids[1], *ids[1:]), ids[:-1], ("grid;x;1", *ids[1:]), (f"{ids[0]}-2", *ids[1:])):
        assert set(found(run, ids=wrong)) == {"contract_id"}
    assert found(run, ids=(f"{ids[0]}#2", *ids[1:])) == {}


def test_scores():
    run = right_run()
    assert only_trace(with_trace(run, end_scores={1: 3.0}))["scores"] == pytest.approx(
        abs(run.trace.end_scores[1] - 3)
    )
    assert "scores" in only_trace(with_trace(run, start_scores={1: 11.0}))
    assert found(run, scores=np.array([10.0, 10.0])) == {}
    assert "scores" in found(run, scores=np.array([10.0, 9.0]))


def with_decisions(run: Run, **changes) -> Run:
    return with_trace(run, decisions=put(run.trace.decisions, **changes))


def cut_decisions(run: Run, keep) -> Run:
    d = run.trace.decisions
    return with_decisions(run, **{f.name: getattr(d, f.name)[keep] for f in fields(d)})


def test_contracts_come_of_answers():
    run = right_run()
    d = run.trace.decisions
    yes = int(np.flatnonzero(d.answer == Answer.ACCEPT)[0])
    assert set(only_trace(with_decisions(run, answer={yes: Answer.DECLINE}))) == {
        "answers",
        "order",
        "scores",
    }
    assert "answers" in only_trace(cut_decisions(run, np.arange(len(d)) != yes))
    # The refusals that `oven` got are gone: a contract with the grid, and nobody was asked.
    assert "answers" in only_trace(cut_decisions(run, d.job != OVEN))
    assert "answers" in only_trace(with_contracts(run, producer={row_of(OVEN): 1}))


def test_the_lowest_score_is_asked_first():
    run = right_run()
    d = run.trace.decisions
    rows = np.flatnonzero(d.job == OVEN)
    assert d.producer[rows].tolist() == [0, 1]
    assert only_trace(with_decisions(run, producer={rows[0]: 1, rows[1]: 0})) == {"order": 1}
    assert set(only_trace(cut_decisions(run, np.arange(len(d)) != rows[0]))) == {"order", "scores"}
    first = replace(run, rules=replace(run.rules, predictions_first=True))
    assert only_trace(first) == {}  # nobody registers at the time of a forecast but those that come back


def test_planned_runs_ask_nobody():
    run = right_run(Algorithm.COMMUNITY_MILP)
    assert found(run) == {}
    assert "answers" in only_trace(cut_decisions(run, np.arange(len(run.trace.decisions)) > 0))


# ------------------------------------------------------------------------------------- energy


def shifted(run: Run, kw: float, **flows: int) -> Run:
    """Some power moved between flows of house and minute: ``own_kw=-1, grid_kw=1``."""
    at = (0, 20)
    return with_settlement(
        run, **{name: add_to(getattr(run.settlement, name), {at: sign * kw}) for name, sign in flows.items()}
    )


@pytest.mark.parametrize(
    ("flows", "rules"),
    [
        ({"load_kw": 1}, {"balance", "flow"}),
        ({"production_kw": 1}, {"balance", "flow"}),
        ({"own_kw": -1, "grid_kw": 1, "feed_in_kw": 1}, {"flow", "producer", "bill", "money"}),
        ({"own_kw": -1, "peer_in_kw": 1, "feed_in_kw": 1}, {"flow", "peer", "producer", "bill", "money"}),
        (
            {"battery_charge_kw": -1, "feed_in_kw": 1},
            {"flow", "battery", "battery_energy", "producer", "bill"},
        ),
        ({"battery_discharge_kw": 1, "own_kw": 1, "grid_kw": -1}, None),
    ],
)
def test_flows(flows, rules):
    told = found(shifted(right_run(), 0.01, **flows))
    assert {r: m for r, m in told.items() if r in ("balance", "flow", "peer", "battery")} == {
        r: pytest.approx(0.01) for r in told if r in ("balance", "flow", "peer", "battery")
    }
    if rules is not None:
        assert set(told) - {"money", "bill"} == rules - {"money", "bill"}
    else:
        assert {"battery", "battery_energy"} <= set(told)


def test_nothing_is_negative():
    """4 kW more from the grid and to the grid is balanced; less than nothing is not."""
    rules = found(shifted(right_run(), 4.0, grid_kw=-1, own_kw=1, feed_in_kw=-1))
    assert rules["negative"] > 0


def test_contracts_get_their_parts():
    run, row = right_run(), row_of(OWN)
    s = run.settlement
    moved = with_settlement(
        run,
        contract_own_kwh=add_to(s.contract_own_kwh, {row: -0.5}),
        contract_peer_kwh=add_to(s.contract_peer_kwh, {row: 0.5}),
    )
    assert found(moved) == {"contract_energy": pytest.approx(0.5)}
    cancelled = add_to(s.contract_grid_kwh, {row_of(MOVED, first=True): 0.9})
    assert found(with_settlement(run, contract_grid_kwh=cancelled)) == {"contract_energy": pytest.approx(0.9)}


def test_own_house_comes_before_neighbours():
    """2 kW become 1 kW when both loads have started: the neighbour is left 0.1 of its 0.9 kW."""
    hood = neighbourhood_of(
        [Job("c", 60, 600, 600, (0.9,) * 60), Job("a", 120, 600, 600, (0.9,) * 60)],
        producers=(Producer("a"),),
        forecasts=(even_forecast(0, 2.0), even_forecast(0, 1.0, issued=660)),
    )
    run = run_neighbourhood(hood, MarketRules())
    s = run.settlement
    assert found(run) == {}
    assert s.contract_own_kwh.tolist() == pytest.approx([0.0, 0.9])
    assert s.contract_peer_kwh.tolist() == pytest.approx([0.1, 0.0])
    swapped = with_settlement(
        run,
        contract_own_kwh=np.array([0.0, 0.1]),
        contract_peer_kwh=np.array([0.9, 0.0]),
        contract_grid_kwh=np.array([0.0, 0.8]),
    )
    assert found(swapped) == {"contract_energy": pytest.approx(0.8)}


def test_batteries():
    run = right_run()
    assert found(with_settlement(run, battery_kwh={(0, 700): 0.5}))["battery_energy"] > 0
    lower = replace(run.neighbourhood.batteries, capacity_kwh=np.array([0.4]))
    smaller = found(replace(run, neighbourhood=replace(run.neighbourhood, batteries=lower)))
    assert smaller["battery_energy"] == pytest.approx(0.6)
    assert "battery" in smaller
    weaker = replace(run.neighbourhood.batteries, discharge_kw=np.array([0.05]))
    weak = found(replace(run, neighbourhood=replace(run.neighbourhood, batteries=weaker)))
    assert set(weak) == {"battery", "flow"}
    none = {f.name: getattr(weaker, f.name)[:0] for f in fields(weaker)}
    gone = replace(run, neighbourhood=replace(run.neighbourhood, batteries=replace(weaker, **none)))
    gone = with_settlement(gone, battery_kwh=np.zeros((0, 1441)))
    assert {"battery", "flow"} <= set(found(gone))


@pytest.mark.parametrize("part", ["own", "peer", "stored", "feed_in"])
def test_producers_get_their_parts(part):
    run = right_run()
    name = f"producer_{part}_kwh"
    one = with_settlement(run, **{name: add_to(getattr(run.settlement, name), {0: 0.25})})
    assert found(one) == {"producer": pytest.approx(0.25)}


# ------------------------------------------------------------------------------------- money


def with_bills(run: Run, **changes) -> Run:
    return replace(run, bills=put(run.bills, **changes), device_bills=None)


def test_bills_and_their_sum():
    run = right_run()
    b = run.bills
    assert found(with_bills(run, tariff_cost=add_to(b.tariff_cost, {1: 0.5}))) == {"bill": pytest.approx(0.5)}
    assert found(with_bills(run, grid_account=b.grid_account + 0.5)) == {"money": pytest.approx(0.5)}
    both = with_bills(run, shared_cost=add_to(b.shared_cost, {0: -0.5}), grid_account=b.grid_account - 0.5)
    assert found(both) == {"bill": pytest.approx(0.5), "money": pytest.approx(0.5)}
    # From one house to another: the sum is right, two bills are not.
    handed = found(with_bills(run, shared_cost=add_to(b.shared_cost, {0: -0.5, 1: 0.5})))
    assert set(handed) == {"bill", "worse_off"}


def test_another_sharing_rule_is_another_bill():
    for sharing in Sharing:
        run = right_run(Algorithm.GREEDY, sharing)
        for other in set(Sharing) - {sharing}:
            assert "bill" in found(replace(run, sharing=other))


def test_who_is_worse_off_is_told_worst_first():
    run = right_run()
    dearer = with_bills(run, shared_cost=np.add(run.bills.tariff_cost, [0.2, 0.0, 0.5]))
    told = [f for f in dearer.findings() if f.rule.endswith("worse_off")]
    assert [f.where for f in told] == ["house c", "house a"]
    assert [f.margin for f in told] == pytest.approx([0.5, 0.2])
    assert all(f.severity == "warning" for f in told)
