"""The protocol on neighbourhoods small enough to follow by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from sparewatt.decide.market.algorithm import NOBODY, Negotiation, OneByOne, Reply
from sparewatt.decide.market.board import FREE, Plan
from sparewatt.errors import RunCancelled
from sparewatt.model.contract import GRID, ContractState, Reason
from sparewatt.model.market_rules import MarketRules
from sparewatt.model.minute_grid import MinuteGrid, find_grid
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_market import simulate_neighbourhood
from support.earliest_start import EarliestStart, earliest_start
from support.neighbourhoods import (
    HOUR_S,
    Ev,
    Forecast,
    Job,
    Producer,
    even_forecast,
    even_tariff,
    neighbourhood_of,
)

HOUR_LOAD = (1.0,) * 60
TWO = (Producer(), Producer("2"))


def trade(hood, market=None, rules=None, **settings):
    grid, _ = find_grid(hood)
    return simulate_neighbourhood(
        hood, grid, rules or MarketRules(), even_tariff(grid), market or earliest_start(), **settings
    )


def contracts(trace):
    """(job, producer, start, agreed, state) of each contract."""
    c = trace.contracts
    names = [ContractState(s).name for s in c.state.tolist()]
    rows = zip(c.job.tolist(), c.producer.tolist(), c.start_s.tolist(), c.agreed_s.tolist(), strict=True)
    return [(*row, name) for row, name in zip(rows, names, strict=True)]


def answers(trace):
    """(time, job, producer, whether it accepted) of each answer."""
    d = trace.decisions
    return [
        (t, j, p, a == 1)
        for t, j, p, a in zip(
            d.time_s.tolist(), d.job.tolist(), d.producer.tolist(), d.answer.tolist(), strict=True
        )
    ]


def test_lowest_score_first_then_registration_order():
    jobs = [Job(registered=60, latest=6 * HOUR_S, load_kw=HOUR_LOAD)] * 2
    forecasts = [even_forecast(0, 1.0), even_forecast(1, 1.0), even_forecast(2, 1.0)]
    hood = neighbourhood_of(
        jobs, [Producer(score=10), Producer("2", score=9), Producer("3", score=9)], forecasts
    )
    trace = trade(hood)
    # 9 and 9 tie: row 1. It accepts (8) and is the lowest again: the second job after the first, on the grid
    # of quarters: 1:15 (the first ends at 1:01).
    assert contracts(trace) == [(0, 1, 60, 60, "FULFILLED"), (1, 1, 4500, 60, "FULFILLED")]
    assert trace.end_scores.tolist() == [10, 7, 9]


def test_equal_scores_keep_the_order_of_registration_however_many_there_are():
    producers = [Producer(str(n), score=10 + n % 2) for n in range(50)]
    forecasts = [even_forecast(n, 1.0) for n in range(50)]
    hood = neighbourhood_of([Job(registered=60, load_kw=(2.0,))], producers, forecasts)
    assert trade(hood).decisions.producer.tolist() == [*range(0, 50, 2), *range(1, 50, 2)]


def test_what_is_left_of_cancelled_loads_is_nothing():
    # 0.1 + 0.2 + 0.3 - 0.3 - 0.2 - 0.1 is not 0 in floating point.
    jobs = [
        Job(registered=60 * n, earliest=4 * HOUR_S, latest=4 * HOUR_S, load_kw=(n / 10,)) for n in (1, 2, 3)
    ]
    forecasts = [even_forecast(0, 2.0), even_forecast(0, 0.0, issued=3 * HOUR_S)]
    booked = []

    class Looks:
        def negotiate(self, board, job, order):
            booked.append(board.booked_kw[0, 240])
            return earliest_start().negotiate(board, job, order)

    trade(neighbourhood_of(jobs, [Producer()], forecasts), Looks())
    assert booked[2] > 0.0
    assert booked[3:] == [0.0, 0.0, 0.0]


def test_refusals_raise_scores_until_somebody_accepts():
    hood = neighbourhood_of(
        [Job(registered=60, load_kw=(2.0,))], TWO, [even_forecast(0, 1.0), even_forecast(1, 3.0)]
    )
    trace = trade(hood)
    assert answers(trace) == [(60, 0, 0, False), (60, 0, 1, True)]
    assert trace.decisions.reason.tolist() == [Reason.BOOKED, Reason.COVERED]
    assert trace.end_scores.tolist() == [11, 9]
    assert trace.start_scores.tolist() == [10, 10]


def test_nobody_takes_it_then_the_grid_does():
    hood = neighbourhood_of([Job(registered=60, load_kw=(9.0,))], TWO, [even_forecast(0), even_forecast(1)])
    trace = trade(hood)
    assert contracts(trace) == [(0, GRID, 60, 60, "FULFILLED")]
    assert trace.end_scores.tolist() == [11, 11]


def test_given_scores_take_the_place_of_the_neighbourhoods_and_are_not_changed():
    hood = neighbourhood_of([Job(registered=60)], TWO, [even_forecast(0), even_forecast(1)])
    scores = np.array([10.0, 3.0])
    trace = trade(hood, scores=scores)
    assert contracts(trace)[0][1] == 1
    assert (scores.tolist(), trace.start_scores.tolist(), trace.end_scores.tolist()) == (
        [10, 3],
        [10, 3],
        [10, 2],
    )
    assert hood.scores.tolist() == [10, 10]


def test_only_producers_with_a_forecast_are_asked():
    hood = neighbourhood_of(
        [Job(registered=60), Job(registered=3600, load_kw=(9.0,))],
        TWO,
        [even_forecast(1, 1.0), even_forecast(0, 1.0, issued=1800)],
    )
    assert answers(trade(hood)) == [(60, 0, 1, True), (3600, 1, 1, False), (3600, 1, 0, False)]


def test_at_equal_times_jobs_come_first_unless_predictions_do():
    hood = neighbourhood_of([Job(registered=0)], [Producer()], [Forecast()])
    assert contracts(trade(hood))[0][1] == GRID
    assert contracts(trade(hood, rules=MarketRules(predictions_first=True)))[0][1] == 0


def test_a_forecast_that_falls_cancels_the_latest_and_it_asks_again_at_once():
    # 2 kW until 6:00 cover both jobs at 4:00; at 3:00 the forecast says 1 kW. Producer 1 has 0.5 kW only.
    jobs = [Job(registered=60 * n, earliest=4 * HOUR_S, latest=4 * HOUR_S, load_kw=HOUR_LOAD) for n in (1, 2)]
    forecasts = [
        even_forecast(0, 2.0),
        even_forecast(1, 0.5),
        even_forecast(0, 1.0, issued=3 * HOUR_S),
    ]
    trace = trade(neighbourhood_of(jobs, TWO, forecasts))
    assert contracts(trace) == [
        (0, 0, 14400, 60, "FULFILLED"),
        (1, 0, 14400, 120, "CANCELLED"),
        (1, GRID, 14400, 10800, "FULFILLED"),
    ]
    assert trace.contracts.cancelled_s.tolist() == [-1, 10800, -1]
    # Scores 10, 10: 0 accepts twice (8); at 3:00 it is asked first again (9), then 1 (11).
    assert answers(trace)[2:] == [(10800, 1, 0, False), (10800, 1, 1, False)]
    assert trace.end_scores.tolist() == [9, 11]


def test_cancelled_jobs_ask_again_in_the_order_of_registration():
    jobs = [
        Job(registered=60 * n, earliest=4 * HOUR_S, latest=6 * HOUR_S, load_kw=HOUR_LOAD) for n in (1, 2, 3)
    ]
    forecasts = [even_forecast(0, 3.0), even_forecast(0, 1.0, issued=3 * HOUR_S)]
    trace = trade(neighbourhood_of(jobs, [Producer()], forecasts))
    assert contracts(trace) == [
        (0, 0, 4 * HOUR_S, 60, "FULFILLED"),
        (1, 0, 4 * HOUR_S, 120, "CANCELLED"),
        (2, 0, 4 * HOUR_S, 180, "CANCELLED"),
        (1, 0, 5 * HOUR_S, 10800, "FULFILLED"),
        (2, 0, 6 * HOUR_S, 10800, "FULFILLED"),
    ]


def test_a_load_that_has_started_holds_its_power_until_it_ends():
    # Started at 1:00 for two hours; the forecast of 2:00 says 0 from 1:00 on: it stays. The next job cannot
    # have its minutes even where the forecast rises again.
    jobs = [
        Job(registered=HOUR_S, load_kw=(1.0,) * 120),
        Job(registered=2 * HOUR_S + 60, latest=3 * HOUR_S, load_kw=(0.5,)),
    ]
    forecasts = [
        even_forecast(0, 1.0),
        Forecast(0, 2 * HOUR_S, ((2 * HOUR_S, 0.0), (9 * HOUR_S, 7.0))),
    ]
    trace = trade(neighbourhood_of(jobs, [Producer()], forecasts))
    assert contracts(trace) == [
        (0, 0, HOUR_S, HOUR_S, "FULFILLED"),
        (1, 0, 3 * HOUR_S, 2 * HOUR_S + 60, "FULFILLED"),
    ]


def test_a_load_that_is_to_start_at_this_very_moment_may_still_be_cancelled():
    jobs = [Job(registered=60, earliest=2 * HOUR_S, latest=2 * HOUR_S, load_kw=HOUR_LOAD)]
    forecasts = [even_forecast(0, 1.0), even_forecast(0, 0.5, issued=2 * HOUR_S)]
    trace = trade(neighbourhood_of(jobs, [Producer()], forecasts))
    assert [c[-1] for c in contracts(trace)] == ["CANCELLED", "FULFILLED"]
    assert trace.contracts.agreed_s[1] == trace.contracts.start_s[1] == 2 * HOUR_S


def test_a_cancelled_job_cannot_start_in_the_past():
    jobs = [Job(registered=60, earliest=HOUR_S, latest=4 * HOUR_S, load_kw=HOUR_LOAD)] * 3
    forecasts = [even_forecast(0, 1.0), even_forecast(0, 0.5, issued=2 * HOUR_S + 100)]
    trace = trade(neighbourhood_of(jobs, [Producer()], forecasts))
    late = [c for c in contracts(trace) if c[3] == 2 * HOUR_S + 100]
    assert late == [(2, GRID, 2 * HOUR_S + 900, 2 * HOUR_S + 100, "FULFILLED")]


@dataclass(frozen=True)
class FirstMovesBack:
    """Moves its first waiting job to its latest start for every further one."""

    def reply(self, board, producer, job):
        rows = board.starts.rows(job)
        moved = [board.plan_at(board.starts.rows(n)[-1], n) for n in board.waiting[producer][:1]]
        return Reply((*moved, board.plan_at(rows[0], job)), Reason.COVERED)


def test_a_contract_that_is_moved_stays_the_same_contract():
    jobs = [Job(registered=60 * n, earliest=HOUR_S, latest=3 * HOUR_S, load_kw=HOUR_LOAD) for n in (1, 2, 3)]
    trace = trade(neighbourhood_of(jobs, [Producer()], [Forecast()]), OneByOne(FirstMovesBack()))
    assert contracts(trace) == [
        (0, 0, 3 * HOUR_S, 60, "FULFILLED"),
        (1, 0, HOUR_S, 120, "FULFILLED"),
        (2, 0, HOUR_S, 180, "FULFILLED"),
    ]
    assert trace.contracts.minute.tolist() == [180, 60, 60]
    assert len(trace.decisions) == 3


def test_a_flexible_job_may_be_accepted_with_any_shape():
    @dataclass(frozen=True)
    class Takes:
        def reply(self, board, producer, job):
            return Reply((Plan(job, -1, 600, 10, np.array([3.0, 0.0, 1.5])),), Reason.COVERED)

    trace = trade(
        neighbourhood_of([Ev(registered=60, energy_kwh=0.075)], [Producer()], [Forecast()]), OneByOne(Takes())
    )
    assert contracts(trace) == [(0, 0, 600, 60, "FULFILLED")]
    assert trace.contracts.load(0).tolist() == [3.0, 0.0, 1.5]
    assert trace.contracts.energy_kwh[0] == pytest.approx(0.075)


@dataclass
class Scripted:
    """A planner that is told what to answer, and notes what it was asked."""

    plans: list[dict[int, tuple[int, int]]]
    asked: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)

    def replan(self, board, movable):
        self.asked.append((board.now_s, tuple(movable)))
        chosen = self.plans.pop(0)
        return {
            job: (producer, board.plan_at(board.starts.rows(job)[start], job))
            for job, (producer, start) in chosen.items()
        }


def test_contracts_follow_a_common_plan():
    jobs = [Job(registered=60 * n, earliest=HOUR_S, latest=2 * HOUR_S, load_kw=HOUR_LOAD) for n in (1, 1, 2)]
    hood = neighbourhood_of(jobs, TWO, [even_forecast(0), even_forecast(1), even_forecast(0, issued=1800)])
    planner = Scripted(
        [
            {0: (0, 0)},  # job 1 is left to the grid
            {0: (0, 4), 1: (1, 0), 2: (0, 0)},  # 0 moves, 1 leaves the grid
            {0: (1, 4), 1: (1, 0)},  # 0 changes its producer, 1 stays, 2 goes to the grid
        ]
    )
    trace = trade(hood, planner)
    # At time 0 there are forecasts but no jobs: nobody plans.
    assert planner.asked == [(60, (0, 1)), (120, (0, 1, 2)), (1800, (0, 1, 2))]
    assert contracts(trace) == [
        (0, 0, 2 * HOUR_S, 60, "CANCELLED"),
        (1, GRID, HOUR_S, 60, "CANCELLED"),
        (1, 1, HOUR_S, 120, "FULFILLED"),
        (2, 0, HOUR_S, 120, "CANCELLED"),
        (0, 1, 2 * HOUR_S, 1800, "FULFILLED"),
        (2, GRID, HOUR_S, 1800, "FULFILLED"),
    ]
    assert answers(trace) == [(60, 0, 0, True), (120, 1, 1, True), (120, 2, 0, True), (1800, 0, 1, True)]
    assert set(trace.decisions.reason.tolist()) == {Reason.PLANNED}
    assert trace.end_scores.tolist() == [8, 8]


def test_a_common_plan_knows_all_of_an_instant_and_moves_what_has_not_started():
    jobs = [Job(registered=600, earliest=600, latest=1800), Job(registered=600), Job(registered=900)]
    hood = neighbourhood_of(jobs, TWO, [even_forecast(0), even_forecast(1, issued=600)])
    planner = Scripted([{0: (0, 1), 1: (1, 0)}, {0: (0, 1), 2: (1, 0)}])
    trade(hood, planner)
    # Job 0 (at its start 900) is movable at 900 still; job 1 has started.
    assert planner.asked == [(600, (0, 1)), (900, (0, 2))]


def test_jobs_after_the_days_are_not_asked():
    hood = neighbourhood_of([Job(registered=60), Job(registered=90_000)], [Producer()], [Forecast()])
    grid, _ = find_grid(hood, 1)
    trace = simulate_neighbourhood(hood, grid, MarketRules(), even_tariff(grid), earliest_start())
    assert trace.not_asked.tolist() == [1]
    assert trace.contracts.job.tolist() == [0]


def test_production_is_what_all_forecasts_say_in_the_end():
    hood = neighbourhood_of([], TWO, [even_forecast(0, 1.0), even_forecast(0, 0.25, issued=2 * HOUR_S)])
    kw = trade(hood).production_kw
    np.testing.assert_allclose(kw[0, :60], 1.0)
    np.testing.assert_allclose(kw[0, 60:], 0.25)
    np.testing.assert_allclose(kw[1], 0.0)


def test_nothing_to_do():
    trace = trade(neighbourhood_of([], [], []))
    assert (len(trace.contracts), len(trace.decisions), trace.production_kw.shape) == (0, 0, (0, 1440))
    assert len(trace.contracts.energy_kwh) == 0


def test_starts_may_be_found_before():
    hood = neighbourhood_of([Job(registered=60, latest=HOUR_S)], [Producer()], [Forecast()])
    assert contracts(trade(hood, starts=find_starts(hood.jobs, 900))) == contracts(trade(hood))


def test_progress_grows_to_one_and_a_run_can_be_stopped():
    hood = neighbourhood_of([Job(registered=60 * n) for n in range(20)], [Producer()], [Forecast()])
    told = []
    trade(hood, on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    with pytest.raises(RunCancelled):
        trade(hood, is_stopped=lambda: True)


def test_answers_that_break_the_protocol_are_refused():
    @dataclass(frozen=True)
    class Says:
        plans: tuple

        def negotiate(self, board, job, order):
            rows = {n: board.starts.rows(n)[k] for n, k in self.plans}
            plans = tuple(board.plan_at(row, n) for n, row in rows.items())
            return Negotiation(np.array([Reason.COVERED], np.int8), int(order[0]), plans)

    jobs = [Job(registered=60, latest=HOUR_S), Job(registered=120, earliest=60, latest=HOUR_S)]
    hood = neighbourhood_of(jobs, [Producer()], [Forecast()])
    with pytest.raises(ValueError, match="with 0 loads"):
        trade(hood, Says(()))
    with pytest.raises(ValueError, match="does not wait"):
        trade(hood, Says(((0, 0), (1, 0))))
    with pytest.raises(ValueError, match="was to start at 60 s, but it is 120 s"):
        trade(neighbourhood_of(jobs[1:], [Producer()], [Forecast()]), Says(((0, 0),)))


def test_minutes_and_windows_that_cannot_be_are_refused():
    hood = neighbourhood_of([Job(registered=60, load_kw=HOUR_LOAD)], [Producer()], [Forecast()])
    short = MinuteGrid(hood.origin_s, 60)
    with pytest.raises(ValueError, match="find_grid"):
        simulate_neighbourhood(hood, short, MarketRules(), even_tariff(short), earliest_start())
    with pytest.raises(ValueError, match="after its latest start"):
        trade(neighbourhood_of([Job(registered=60, earliest=0, latest=30)], [Producer()], [Forecast()]))
    with pytest.raises(ValueError, match="before its earliest"):
        trade(neighbourhood_of([Job(registered=60, earliest=120, latest=90)], [Producer()], [Forecast()]))


def test_deciders_see_a_board_that_tells_the_truth():
    """Booked is the sum of the valid contracts; a job that asks has none; waiting ones have not started."""
    seen = []

    class Looks:
        def negotiate(self, board, job, order):
            booked = np.zeros_like(board.booked_kw)
            for other, plan in board.plans.items():
                assert board.producer_of[other] != FREE
                if board.producer_of[other] != GRID:
                    booked[board.producer_of[other], plan.minute : plan.minute + len(plan.kw)] += plan.kw
            np.testing.assert_allclose(board.booked_kw, booked, atol=1e-12)
            assert board.producer_of[job] == FREE
            for producer, waiting in enumerate(board.waiting):
                assert all(board.plans[n].start_s >= board.now_s for n in waiting)
                assert all(board.producer_of[n] == producer for n in waiting)
                firm = booked[producer] - sum(
                    (
                        np.pad(p.kw, (p.minute, 1440 - p.minute - len(p.kw)))
                        for p in map(board.plans.get, waiting)
                    ),
                    np.zeros(1440),
                )
                np.testing.assert_allclose(board.firm_kw(producer), firm, atol=1e-12)
            seen.append(job)
            negotiation = OneByOne(EarliestStart()).negotiate(board, job, order)
            return negotiation if job % 3 else Negotiation(np.empty(0, np.int8), NOBODY, ())

    jobs = [Job(registered=300 * n, latest=300 * n + HOUR_S, load_kw=(0.5,) * 20) for n in range(24)]
    forecasts = [even_forecast(0, 1.0), even_forecast(1, 1.0), even_forecast(0, 0.4, issued=HOUR_S)]
    trade(neighbourhood_of(jobs, TWO, forecasts), Looks())
    assert len(seen) > len(jobs)
