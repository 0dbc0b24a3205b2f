"""Runs of a neighbourhood small enough to be reckoned by hand.

Two hours in four blocks of half an hour, from 2016-04-10 00:00 UTC. House ``a`` has a roof, a battery and a
base load of 0.2 kW in the second hour; house ``=b`` has nothing but jobs. Power in kW:

============  =====  =====  =====  =====  ==========
all houses    0-30   30-60  60-90  90-120  kWh
============  =====  =====  =====  =====  ==========
produced      2      2      0      0      2.0
load          1      3      2.2    0.2    3.2
own           1      0      0.2    0.2    0.7
neighbours    0      2      0      0      1.0
grid          0      1      2      0      1.5
feed-in       0.5    0      0      0      0.25
charge        0.5    0      0      0      0.25
discharge     0      0      0.2    0.2    0.2
============  =====  =====  =====  =====  ==========

=====  =====  ========  =====  ============  =====  =====  =====  =====================
job    house  from      kW     contract      own    peer   grid   what happened
=====  =====  ========  =====  ============  =====  =====  =====  =====================
j0     a      0         1      roof of a     0.5    0      0      asked once
=j1    =b     30        3      roof of a     0      1.0    0.5    from 10 cancelled at 20
j2     =b     60        2      grid          0      0      1.0    the roof declined
late   a      -         -      -             -      -      -      after the days
=====  =====  ========  =====  ============  =====  =====  =====  =====================

In the second repetition the roof declines ``=j1`` too, which then buys 1.5 kWh. Energy costs 0.30 and
earns 0.10. Mid-market rate 0.20: ``=b`` pays 1.0·0.2 + 1.5·0.3 = 0.65 instead of 0.75, ``a`` gets
1.0·0.2 + 0.25·0.1 = 0.225 instead of 0.125.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sparewatt.decide.optimise.community_bounds import Bound, Bounds
from sparewatt.model.contract import GRID, Answer, ContractState, Decisions, Reason
from sparewatt.model.curves import join_curves
from sparewatt.model.jobs import Jobs
from sparewatt.model.market_rules import Algorithm, MarketRules, Sharing, Tariff
from sparewatt.model.minute_grid import MinuteGrid
from sparewatt.model.neighbourhood import (
    BaseLoad,
    Batteries,
    Device,
    Forecasts,
    Neighbourhood,
    Producers,
)
from sparewatt.results.community_contract_rows import ContractRows
from sparewatt.results.community_device_totals import BaseTotals, DeviceCosts
from sparewatt.results.community_energy_totals import ConsumerTotals, HouseTotals, ProducerTotals
from sparewatt.results.community_flows import HouseFlows, MinuteFlows
from sparewatt.results.community_repetition import AnswerCounts, Repetition, ScoreSteps
from sparewatt.results.community_view import CommunityRun, CommunitySetting

ORIGIN_S = 1_460_246_400
"""2016-04-10 00:00 UTC."""
BLOCK = 30
BLOCKS = 4
HALF_HOUR_S = 1800
JOBS = ("j0", "=j1", "j2", "late")


def of_blocks(*kw: float) -> np.ndarray:
    """Power of the four blocks, minute by minute."""
    return np.repeat(np.array(kw, float), BLOCK)


def hand_neighbourhood() -> Neighbourhood:
    """Who there is."""
    seconds = np.array([0, HALF_HOUR_S], np.int64)
    empty = np.empty(0, np.int64)
    return Neighbourhood(
        name="by hand",
        origin_s=ORIGIN_S,
        house_ids=("a", "=b"),
        devices=(Device("=b", "", "washer", "+Washer", "", "consumer"),),
        jobs=Jobs(
            ids=JOBS,
            house=np.array([0, 1, 1, 0]),
            device=("pump", "washer", "washer", "pump"),
            registered_s=np.array([0, 300, 600, 90_000]),
            earliest_s=np.array([0, 600, 3600, 90_000]),
            latest_s=np.array([0, 1800, 3600, 90_000]),
            end_s=np.array([1800, 3600, 5400, 91_800]),
            profile=np.array([0, 1, 2, 0]),
            profiles=join_curves((seconds, np.array([0.0, kwh])) for kwh in (0.5, 1.5, 1.0)),
            energy_kwh=np.array([0.5, 1.5, 1.0, 0.5]),
            min_kw=np.zeros(4),
            max_kw=np.zeros(4),
        ),
        producers=Producers(("pv_producer[a]:[pv]",), np.array([0]), ("pv",)),
        forecasts=Forecasts(empty, empty, join_curves(())),
        batteries=Batteries(
            np.array([0]), np.array([1.0]), np.array([1.0]), np.array([1.0]), np.array([1.0]), np.zeros(1)
        ),
        base_load=BaseLoad(np.array([0]), join_curves([(np.zeros(1, np.int64), np.zeros(1))])),
        scores=np.array([10.0]),
    )


def hand_contracts(number: int) -> ContractRows:
    """The contracts of one of the two repetitions."""
    roof = number == 1
    return ContractRows(
        ids=("p;j0;0", "p;=j1;300", "p;=j1;1200" if roof else "grid;=j1;1200", "grid;j2;600"),
        job=np.array([0, 1, 1, 2]),
        producer=np.array([0, 0, 0 if roof else GRID, GRID]),
        start_s=np.array([0, 600, 1800, 3600]),
        end_s=np.array([1800, 2400, 3600, 5400]),
        agreed_s=np.array([0, 300, 1200, 600]),
        cancelled_s=np.array([-1, 1200, -1, -1]),
        state=np.array([int(ContractState.FULFILLED), int(ContractState.CANCELLED), 1, 1]),
        energy_kwh=np.array([0.5, 1.5, 1.5, 1.0]),
        own_kwh=np.array([0.5, 0.0, 0.0, 0.0]),
        peer_kwh=np.array([0.0, 0.0, 1.0 if roof else 0.0, 0.0]),
        grid_kwh=np.array([0.0, 0.0, 0.5 if roof else 1.5, 1.0]),
    )


def hand_repetition(number: int) -> Repetition:
    """One of the two repetitions."""
    roof = number == 1
    peer = of_blocks(0, 2.0 * roof, 0, 0)
    grid = of_blocks(0, 1.0 if roof else 3.0, 2, 0)
    given, bought, fed = (1.0, 1.5, 0.25) if roof else (0.0, 2.5, 1.25)
    second = (Answer.ACCEPT, Reason.COVERED) if roof else (Answer.DECLINE, Reason.BOOKED)
    answers = [(0, 0, 1, 0), (300, 1, 1, 0), (600, 2, 0, int(Reason.NO_POWER)), (1200, 1, *map(int, second))]
    by_job = np.zeros((4, len(Reason)), np.int64)
    by_producer = np.zeros((1, len(Reason)), np.int64)
    for _, job, _, reason in answers:
        by_job[job, reason] += 1
        by_producer[0, reason] += 1
    time_s, job, answer, reason = (np.array(x) for x in zip(*answers, strict=True))
    return Repetition(
        number=number,
        contracts=hand_contracts(number),
        counts=AnswerCounts(by_job, by_producer),
        decisions=Decisions(
            time_s,
            job.astype(np.int32),
            np.zeros(4, np.int32),
            answer.astype(np.int8),
            reason.astype(np.int8),
        ),
        scores=ScoreSteps(
            np.array([0, 0, 300, 600, 1200]), np.array([[10.0, 9.0, 8.0, 9.0, 8.0 if roof else 10.0]])
        ),
        houses=HouseTotals(
            production_kwh=np.array([2.0, 0.0]),
            load_kwh=np.array([0.7, 2.5]),
            own_kwh=np.array([0.7, 0.0]),
            peer_in_kwh=np.array([0.0, given]),
            peer_out_kwh=np.array([given, 0.0]),
            grid_kwh=np.array([0.0, bought]),
            feed_in_kwh=np.array([fed, 0.0]),
            charge_kwh=np.array([0.25, 0.0]),
            discharge_kwh=np.array([0.2, 0.0]),
            par_load=np.array([1.0 / 0.35, 3.0 / 1.25]),
            par_production=np.array([2.0, 0.0]),
            tariff_cost=np.array([-0.125, 0.75]),
            shared_cost=np.array([-0.225, 0.65]) if roof else np.array([-0.125, 0.75]),
        ),
        consumers=ConsumerTotals(
            own_kwh=np.array([0.5, 0.0]),
            peer_kwh=np.array([0.0, given]),
            grid_kwh=np.array([0.0, bought]),
            par=np.array([4.0, 3.0 / 1.25]),
        ),
        producers=ProducerTotals(
            np.array([0.5]), np.array([given]), np.array([0.25]), np.array([fed]), np.array([2.0])
        ),
        minutes=MinuteFlows(
            production_kw=of_blocks(2, 2, 0, 0),
            load_kw=of_blocks(1, 3, 2.2, 0.2),
            own_kw=of_blocks(1, 0, 0.2, 0.2),
            peer_kw=peer,
            grid_kw=grid,
            feed_in_kw=of_blocks(0.5, 0 if roof else 2, 0, 0),
            charge_kw=of_blocks(0.5, 0, 0, 0),
            discharge_kw=of_blocks(0, 0, 0.2, 0.2),
            stored_kwh=np.minimum(np.arange(1, 121) * 0.5 / 60, 0.25)
            - 0.2 / 60 * np.maximum(np.arange(1, 121) - 60, 0),
        ),
        covered_kwh=0.5 + given,
        grid_account=0.425 if roof else 0.625,
        costs=DeviceCosts(  # pump, washer, roof, battery, base load
            np.array([0.0, 0.75, -0.125, -0.06, 0.06]),
            np.array([0.0, 0.65, -0.225, -0.06, 0.06] if roof else [0.0, 0.75, -0.125, -0.06, 0.06]),
        ),
        base_loads=BaseTotals(np.zeros(1), np.array([0.2]), np.array([1.0])),
    )


def hand_flows(number: int) -> HouseFlows:
    """Every house in steps of half an hour."""
    roof = number == 1
    nothing = [0.0] * BLOCKS
    given = [0, 2.0 * roof, 0, 0]
    rows = {
        "production_kw": ([2, 2, 0, 0], nothing),
        "load_kw": ([1, 0, 0.2, 0.2], [0, 3, 2, 0]),
        "own_kw": ([1, 0, 0.2, 0.2], nothing),
        "peer_in_kw": (nothing, given),
        "peer_out_kw": (given, nothing),
        "grid_kw": (nothing, [0, 1.0 if roof else 3.0, 2, 0]),
        "feed_in_kw": ([0.5, 0 if roof else 2, 0, 0], nothing),
        "charge_kw": ([0.5, 0, 0, 0], nothing),
        "discharge_kw": ([0, 0, 0.2, 0.2], nothing),
    }
    return HouseFlows(BLOCK, **{name: np.array(row, float) for name, row in rows.items()})


def hand_run(repetitions: int = 2, *, limit_kw: float = np.inf, bounds: bool = True) -> CommunityRun:
    """The run with one repetition or both."""
    minutes = BLOCK * BLOCKS
    numbers = range(1, repetitions + 1)
    return CommunityRun(
        neighbourhood=hand_neighbourhood(),
        grid=MinuteGrid(ORIGIN_S, minutes, 1),
        tariff=Tariff(np.full(minutes, 0.3), np.full(minutes, 0.1)),
        setting=CommunitySetting(
            MarketRules(algorithm=Algorithm.FIFTY_FIFTY, import_limit_kw=limit_kw),
            Sharing.MID_MARKET_RATE,
            BLOCK * 60,
            "Europe/Berlin",
        ),
        not_asked=np.array([3]),
        repetitions=tuple(hand_repetition(number) for number in numbers),
        flows={number: hand_flows(number) for number in numbers},
        bounds=Bounds(Bound(1.8, 2.0, 1.0, 10.0), Bound(1.6, 1.6, 1.0, 10.0)) if bounds else None,
        scores=np.array([9.0]),
    )


def quiet_run() -> CommunityRun:
    """A neighbourhood in which nothing happens: no jobs, no roofs, no load."""
    run = hand_run(1, bounds=False)
    n, r = run.neighbourhood, run.repetitions[0]
    none, zeros = np.empty(0, np.int64), np.zeros(BLOCK * BLOCKS)
    jobs = Jobs((), none, (), none, none, none, none, none, join_curves(()), *(np.empty(0),) * 3)
    contracts = ContractRows((), *(none,) * 7, *(np.empty(0),) * 4)
    two, nothing = np.zeros(2), np.empty(0)
    return replace(
        run,
        neighbourhood=replace(
            n,
            jobs=jobs,
            producers=Producers((), none, ()),
            batteries=Batteries(none, *(nothing,) * 5),
            base_load=BaseLoad(none, join_curves(())),
            scores=nothing,
        ),
        not_asked=none,
        repetitions=(
            replace(
                r,
                contracts=contracts,
                counts=AnswerCounts(
                    np.zeros((0, len(Reason)), np.int64), np.zeros((0, len(Reason)), np.int64)
                ),
                decisions=Decisions(none, *(none.astype(np.int32),) * 2, *(none.astype(np.int8),) * 2),
                scores=ScoreSteps(np.zeros(1, np.int64), np.zeros((0, 1))),
                houses=HouseTotals(*(two,) * 13),
                consumers=ConsumerTotals(*(nothing,) * 4),
                producers=ProducerTotals(*(nothing,) * 5),
                minutes=MinuteFlows(*(zeros,) * 9),
                covered_kwh=0.0,
                grid_account=0.0,
                costs=DeviceCosts(nothing, nothing),
                base_loads=BaseTotals(*(nothing,) * 3),
            ),
        ),
        flows={1: HouseFlows(BLOCK, *(np.zeros((2, BLOCKS)),) * 9)},
        scores=nothing,
    )
