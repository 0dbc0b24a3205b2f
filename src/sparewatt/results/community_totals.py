"""Totals of a repetition: what is kept of a trace and its settlement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import Answer, Decisions, Reason, contract_ids
from sparewatt.model.minute_grid import MINUTE_S
from sparewatt.results.community_contract_rows import ContractRows
from sparewatt.results.community_device_totals import base_totals, device_costs
from sparewatt.results.community_energy_totals import ConsumerTotals, HouseTotals, ProducerTotals
from sparewatt.results.community_flows import HouseFlows, MinuteFlows
from sparewatt.results.community_par import interval_means, peak_to_average
from sparewatt.results.community_repetition import AnswerCounts, Repetition, ScoreSteps
from sparewatt.results.community_view import consumer_of_jobs, find_consumers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.contract import Contracts, MarketTrace
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.model.settlement import Bills, DeviceBills, Settlement

SCORE_POINTS = 1000
SCORE_VALUES = 200_000
"""Points of the scores over time at most, and points × producers."""
STEPS_MIN = (1, 5, 15, 60)
FLOW_VALUES = 1_000_000
"""Houses × steps of the flows of every house at most."""
NOISE_KW = 1e-9
"""Power of a flexible load below this is none [kW]."""
_MINUTES_PER_HOUR = 60.0


def repetition_of(
    number: int,
    neighbourhood: Neighbourhood,
    grid: MinuteGrid,
    trace: MarketTrace,
    settlement: Settlement,
    bills: Bills,
    *,
    interval_s: int,
    most_answers: int,
    device_bills: DeviceBills | None = None,
    findings: Sequence[Finding] = (),
    seconds: float = 0.0,
) -> Repetition:
    """What is kept of a repetition.

    Parameters
    ----------
    number
        From 1.
    neighbourhood, grid
        What was simulated, and its minutes.
    trace, settlement, bills
        What happened, where the energy went, what it costs.
    interval_s
        Interval of the peak-to-average ratio, whole minutes [s].
    most_answers
        Answers up to which all of them are kept.
    device_bills
        What every device costs; not told where missing.
    findings, seconds
        As of `Repetition`.
    """
    interval = interval_s // MINUTE_S
    consumer = consumer_of_jobs(neighbourhood)[trace.contracts.job]
    consumers = len(find_consumers(neighbourhood))
    decisions, producers = trace.decisions, neighbourhood.producers
    return Repetition(
        number=number,
        contracts=_contract_rows(neighbourhood, trace.contracts, settlement),
        counts=_answer_counts(decisions, len(neighbourhood.jobs), len(producers)),
        decisions=decisions if len(decisions) <= most_answers else None,
        scores=scores_over_time(trace),
        houses=_house_totals(settlement, bills, interval),
        consumers=_consumer_totals(consumer, consumers, grid, trace.contracts, settlement, interval),
        producers=ProducerTotals(
            own_kwh=settlement.producer_own_kwh,
            peer_kwh=settlement.producer_peer_kwh,
            stored_kwh=settlement.producer_stored_kwh,
            feed_in_kwh=settlement.producer_feed_in_kwh,
            par=peak_to_average(trace.production_kw, interval),
        ),
        minutes=_minute_flows(settlement),
        covered_kwh=settlement.covered_kwh,
        grid_account=bills.grid_account,
        findings=tuple(findings),
        seconds=seconds,
        costs=None if device_bills is None else device_costs(device_bills, consumer, consumers),
        base_loads=None if device_bills is None else base_totals(neighbourhood, grid, device_bills, interval),
    )


def flow_step(houses: int, minutes: int) -> int:
    """Length of the steps in which the flows of every house are kept [minutes]."""
    fitting = (step for step in STEPS_MIN if houses * -(-minutes // step) <= FLOW_VALUES)
    return next(fitting, STEPS_MIN[-1])


def house_flows(settlement: Settlement, step_minutes: int) -> HouseFlows:
    """Every house over time."""
    return HouseFlows(
        step_minutes,
        *(
            interval_means(kw, step_minutes)
            for kw in (
                *(settlement.production_kw, settlement.load_kw, settlement.own_kw),
                *(settlement.peer_in_kw, settlement.peer_out_kw, settlement.grid_kw, settlement.feed_in_kw),
                *(settlement.battery_charge_kw, settlement.battery_discharge_kw),
            )
        ),
    )


def scores_over_time(trace: MarketTrace) -> ScoreSteps:
    """Scores after each moment at which somebody answered: accepted - 1, declined + 1.

    Where there are too many such moments, some of them at equal distances, and the last.
    """
    decisions, start = trace.decisions, trace.start_scores
    times, moment = np.unique(decisions.time_s, return_inverse=True)
    most = max(2, min(SCORE_POINTS, SCORE_VALUES // max(1, len(start))))
    kept = np.arange(len(times))
    if len(times) > most:
        kept = np.unique(np.linspace(0, len(times) - 1, most).astype(np.int64))
    column = np.searchsorted(kept, moment) + 1  # the first point that is kept at or after the answer
    change = np.zeros((len(start), len(kept) + 1))
    step = np.where(decisions.answer == Answer.ACCEPT, -1.0, 1.0)
    np.add.at(change, (decisions.producer, column), step)
    change[:, 0] = start
    return ScoreSteps(
        np.concatenate([np.zeros(1, np.int64), times[kept].astype(np.int64)]), np.cumsum(change, axis=1)
    )


def _contract_rows(n: Neighbourhood, contracts: Contracts, settlement: Settlement) -> ContractRows:
    profile = n.jobs.profile[contracts.job]
    profiles = n.jobs.profiles
    lasts = np.append(profiles.duration_s, 0)[profile]  # the last one for flexible jobs
    ends = np.zeros(len(contracts), np.int64)
    for row in np.flatnonzero(profile < 0).tolist():
        ends[row] = int(contracts.minute[row]) + _last_power(contracts.load(row))
    return ContractRows(
        ids=contract_ids(contracts, n.jobs, n.producers, n.origin_s),
        job=contracts.job,
        producer=contracts.producer,
        start_s=contracts.start_s,
        end_s=np.where(profile >= 0, contracts.start_s + lasts, ends * MINUTE_S),
        agreed_s=contracts.agreed_s,
        cancelled_s=contracts.cancelled_s,
        state=contracts.state,
        energy_kwh=contracts.energy_kwh,
        own_kwh=settlement.contract_own_kwh,
        peer_kwh=settlement.contract_peer_kwh,
        grid_kwh=settlement.contract_grid_kwh,
    )


def _last_power(kw: NDArray[np.float64]) -> int:
    """Minutes up to the last one with power; what is left by rounding is none."""
    drawn = np.flatnonzero(kw > NOISE_KW)
    return int(drawn[-1]) + 1 if len(drawn) else 0


def _answer_counts(decisions: Decisions, jobs: int, producers: int) -> AnswerCounts:
    reasons = len(Reason)
    by_job = np.bincount(
        decisions.job.astype(np.int64) * reasons + decisions.reason, minlength=jobs * reasons
    )
    by_producer = np.bincount(
        decisions.producer.astype(np.int64) * reasons + decisions.reason, minlength=producers * reasons
    )
    return AnswerCounts(by_job.reshape(jobs, reasons), by_producer.reshape(producers, reasons))


def _house_totals(s: Settlement, bills: Bills, interval: int) -> HouseTotals:
    def kwh(kw: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(kw.sum(axis=1) / _MINUTES_PER_HOUR, np.float64)

    return HouseTotals(
        production_kwh=kwh(s.production_kw),
        load_kwh=kwh(s.load_kw),
        own_kwh=kwh(s.own_kw),
        peer_in_kwh=kwh(s.peer_in_kw),
        peer_out_kwh=kwh(s.peer_out_kw),
        grid_kwh=kwh(s.grid_kw),
        feed_in_kwh=kwh(s.feed_in_kw),
        charge_kwh=kwh(s.battery_charge_kw),
        discharge_kwh=kwh(s.battery_discharge_kw),
        par_load=peak_to_average(s.load_kw, interval),
        par_production=peak_to_average(s.production_kw, interval),
        tariff_cost=bills.tariff_cost,
        shared_cost=bills.shared_cost,
    )


def _consumer_totals(
    row: NDArray[np.int64], count: int, grid: MinuteGrid, contracts: Contracts, s: Settlement, interval: int
) -> ConsumerTotals:
    """Sums over the contracts of the jobs of each device; cancelled ones are 0."""
    own, peer, bought = (
        np.bincount(row, weights=kwh, minlength=count).astype(np.float64)
        for kwh in (s.contract_own_kwh, s.contract_peer_kwh, s.contract_grid_kwh)
    )
    return ConsumerTotals(own, peer, bought, _par_of_consumers(row, count, grid, contracts, interval))


def _par_of_consumers(
    row: NDArray[np.int64], count: int, grid: MinuteGrid, contracts: Contracts, interval: int
) -> NDArray[np.float64]:
    """Peak-to-average ratio of the load of each device, shape (consumers,)."""
    steps = -(-grid.minutes // interval)
    length = np.diff(contracts.offset)
    valid = np.repeat(contracts.is_valid, length)
    minute = np.arange(len(contracts.kw)) - np.repeat(contracts.offset[:-1], length)
    minute += np.repeat(contracts.minute, length)
    cell = np.repeat(row, length) * steps + minute // interval
    energy = np.bincount(cell[valid], weights=contracts.kw[valid], minlength=count * steps)
    lasts = np.full(steps, float(interval))
    lasts[-1] = grid.minutes - (steps - 1) * interval
    return peak_to_average(energy.reshape(count, steps) / lasts, 1)


def _minute_flows(s: Settlement) -> MinuteFlows:
    return MinuteFlows(
        *(
            kw.sum(axis=0)
            for kw in (
                *(s.production_kw, s.load_kw, s.own_kw, s.peer_in_kw, s.grid_kw, s.feed_in_kw),
                *(s.battery_charge_kw, s.battery_discharge_kw, s.battery_kwh[:, 1:]),
            )
        )
    )
