"""CommunityRun: everything that one community run shows, whether just simulated or read back from files.

What studies and faces call::

    community_totals.repetition_of(...)                     one repetition -> Repetition (small, pickles)
    community_totals.house_flows(settlement, step)          the chosen repetition -> HouseFlows
    community_results.community_outcome(run, name=, seed=, input_hash=, findings=) -> Outcome
    community_results.write_community_folder(directory, outcome, run, simulate_s=None) -> RunFolder
    community_reading.read_community_run(folder.path / SERIES) -> CommunityRun    without simulating again
    report.write_report, overview.overview_table, compare, export, bundle         as in every study

Of every repetition contracts, totals by house and device, scores and the minutes of the community stay; the
flows of every house stay of one repetition, and of others as long as they are small.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import GRID, ContractState, Decisions
from sparewatt.model.market_rules import MarketRules, Sharing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.community_bounds import Bounds
    from sparewatt.finding import Finding
    from sparewatt.model.market_rules import Tariff
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.results.community_device_totals import BaseTotals, DeviceCosts


NEAR_WHOLE = 1e-6
"""Share of a contract's energy that may be missing by rounding where it counts as covered whole."""


@dataclass(frozen=True)
class CommunitySetting:
    """Settings that the numbers cannot be read without.

    Parameters
    ----------
    rules
        How every repetition traded: the algorithm and what it was told.
    sharing
        How what neighbours trade is priced.
    interval_s
        Interval of the peak-to-average ratio, whole minutes [s].
    time_zone
        IANA zone of the clock that people read.
    """

    rules: MarketRules = field(default_factory=MarketRules)
    sharing: Sharing = Sharing.MID_MARKET_RATE
    interval_s: int = 900
    time_zone: str = "UTC"


@dataclass(frozen=True)
class ContractRows:
    """Contracts of a repetition in the order of agreement, cancelled ones too; arrays of shape (contracts,).

    Parameters
    ----------
    ids
        Unique names, see `sparewatt.model.contract.contract_ids`.
    job
        Row of the job.
    producer
        Row of the producer or ``GRID``.
    start_s, end_s
        First second and end of the load [s since time 0].
    agreed_s
        Time of agreement [s since time 0].
    cancelled_s
        Time of the cancellation, -1 where there was none [s since time 0].
    state
        ``ContractState``.
    energy_kwh
        Energy of the load [kWh].
    own_kwh, peer_kwh, grid_kwh
        Where it came from; all 0 for cancelled ones [kWh].
    """

    ids: tuple[str, ...]
    job: NDArray[np.int64]
    producer: NDArray[np.int64]
    start_s: NDArray[np.int64]
    end_s: NDArray[np.int64]
    agreed_s: NDArray[np.int64]
    cancelled_s: NDArray[np.int64]
    state: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    own_kwh: NDArray[np.float64]
    peer_kwh: NDArray[np.float64]
    grid_kwh: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of contracts."""
        return len(self.job)

    @property
    def is_valid(self) -> NDArray[np.bool_]:
        """Which contracts were not cancelled, shape (contracts,)."""
        return np.not_equal(self.state, ContractState.CANCELLED)

    @property
    def is_with_grid(self) -> NDArray[np.bool_]:
        """Which contracts are with the grid, shape (contracts,)."""
        return np.equal(self.producer, GRID)

    @property
    def is_whole(self) -> NDArray[np.bool_]:
        """Which contracts their producer covered from the first minute to the last, shape (contracts,)."""
        covered = self.grid_kwh <= NEAR_WHOLE * self.energy_kwh
        return np.asarray(covered & self.is_valid & ~self.is_with_grid, np.bool_)


@dataclass(frozen=True)
class HouseTotals:
    """What every house came to over all minutes, battery included; arrays of shape (houses,).

    production = own - discharge + peer_out + charge + feed_in; load = own + peer_in + grid

    Parameters
    ----------
    production_kwh, load_kwh
        Made and used [kWh].
    own_kwh
        Load covered at home, from the sun or the battery [kWh].
    peer_in_kwh, peer_out_kwh
        From and for neighbours [kWh].
    grid_kwh, feed_in_kwh
        From and to the grid [kWh].
    charge_kwh, discharge_kwh
        Into and out of the battery, at the house's side [kWh].
    par_load, par_production
        Peak-to-average ratio, see `sparewatt.results.community_par`; 0 where there is nothing [-].
    tariff_cost, shared_cost
        With nothing shared, and with the sharing rule; receiving is negative [currency].
    """

    production_kwh: NDArray[np.float64]
    load_kwh: NDArray[np.float64]
    own_kwh: NDArray[np.float64]
    peer_in_kwh: NDArray[np.float64]
    peer_out_kwh: NDArray[np.float64]
    grid_kwh: NDArray[np.float64]
    feed_in_kwh: NDArray[np.float64]
    charge_kwh: NDArray[np.float64]
    discharge_kwh: NDArray[np.float64]
    par_load: NDArray[np.float64]
    par_production: NDArray[np.float64]
    tariff_cost: NDArray[np.float64]
    shared_cost: NDArray[np.float64]


@dataclass(frozen=True)
class ConsumerTotals:
    """What the jobs of every consumer device came to; arrays of shape (consumers,).

    Rows as of `CommunityRun.consumers`.

    Parameters
    ----------
    own_kwh, peer_kwh, grid_kwh
        Where the energy came from [kWh].
    par
        Peak-to-average ratio, see `sparewatt.results.community_par`; 0 where there is nothing [-].
    """

    own_kwh: NDArray[np.float64]
    peer_kwh: NDArray[np.float64]
    grid_kwh: NDArray[np.float64]
    par: NDArray[np.float64]


@dataclass(frozen=True)
class ProducerTotals:
    """What every producer came to; arrays of shape (producers,).

    Parameters
    ----------
    own_kwh, peer_kwh, stored_kwh, feed_in_kwh
        Used at home, by neighbours, stored in the house's battery, given to the grid [kWh].
    par
        Peak-to-average ratio, see `sparewatt.results.community_par`; 0 where there is nothing [-].
    """

    own_kwh: NDArray[np.float64]
    peer_kwh: NDArray[np.float64]
    stored_kwh: NDArray[np.float64]
    feed_in_kwh: NDArray[np.float64]
    par: NDArray[np.float64]


@dataclass(frozen=True)
class MinuteFlows:
    """All houses together, mean per minute; arrays of shape (minutes,) [kW].

    production = own - discharge + peer + charge + feed_in; load = own + peer + grid

    Parameters
    ----------
    production_kw, load_kw, own_kw, peer_kw, grid_kw, feed_in_kw, charge_kw, discharge_kw
        Sums over the houses; ``peer_kw`` is what neighbours give and, the same, what they take.
    stored_kwh
        Energy in all batteries at the end of each minute [kWh].
    """

    production_kw: NDArray[np.float64]
    load_kw: NDArray[np.float64]
    own_kw: NDArray[np.float64]
    peer_kw: NDArray[np.float64]
    grid_kw: NDArray[np.float64]
    feed_in_kw: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    stored_kwh: NDArray[np.float64]


@dataclass(frozen=True)
class HouseFlows:
    """Every house over time, mean per step; arrays of shape (houses, steps) [kW].

    Parameters
    ----------
    step_minutes
        Length of a step; the last one may be shorter [minutes].
    production_kw, load_kw, own_kw, peer_in_kw, peer_out_kw, grid_kw, feed_in_kw, charge_kw, discharge_kw
        As of `sparewatt.model.settlement.Settlement`.
    """

    step_minutes: int
    production_kw: NDArray[np.float64]
    load_kw: NDArray[np.float64]
    own_kw: NDArray[np.float64]
    peer_in_kw: NDArray[np.float64]
    peer_out_kw: NDArray[np.float64]
    grid_kw: NDArray[np.float64]
    feed_in_kw: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]


@dataclass(frozen=True)
class ScoreSteps:
    """Scores of the producers over time: ``score[:, n]`` holds from ``time_s[n]`` on.

    The first column are the scores at the start, the last those at the end.

    Parameters
    ----------
    time_s
        Rising, the first is 0, shape (points,) [s since time 0].
    score
        Shape (producers, points).
    """

    time_s: NDArray[np.int64]
    score: NDArray[np.float64]


@dataclass(frozen=True)
class AnswerCounts:
    """How often what was answered why.

    Parameters
    ----------
    by_job
        Answers to each job, by reason, shape (jobs, reasons); see `sparewatt.model.contract.Reason`.
    by_producer
        Answers of each producer, by reason, shape (producers, reasons).
    """

    by_job: NDArray[np.int64]
    by_producer: NDArray[np.int64]


@dataclass(frozen=True)
class Repetition:
    """What one repetition came to.

    Parameters
    ----------
    number
        From 1.
    contracts
        All contracts.
    counts
        How often what was answered.
    decisions
        Every answer in the order given; ``None`` where there are too many to keep.
    scores
        Scores over time.
    houses, consumers, producers
        Totals.
    minutes
        All houses together over time.
    covered_kwh
        Energy of contracts that production really covered [kWh].
    grid_account
        What the grid receives from the community as a whole [currency].
    findings
        Of the judge.
    seconds
        Processor time of trading, settling and judging; differs from run to run [s].
    costs, base_loads
        What every device costs, and what base load came to; ``None`` in runs that are older than these.
    """

    number: int
    contracts: ContractRows
    counts: AnswerCounts
    decisions: Decisions | None
    scores: ScoreSteps
    houses: HouseTotals
    consumers: ConsumerTotals
    producers: ProducerTotals
    minutes: MinuteFlows
    covered_kwh: float
    grid_account: float
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    costs: DeviceCosts | None = None
    base_loads: BaseTotals | None = None

    @property
    def whole_kwh(self) -> float:
        """Energy of the jobs that their producer covered whole [kWh]."""
        return float(self.contracts.energy_kwh[self.contracts.is_whole].sum())


@dataclass(frozen=True)
class CommunityRun:
    """One community run, ready to be shown.

    Parameters
    ----------
    neighbourhood
        What was simulated; read back from files it is without forecasts and curves of base load.
    grid
        Its minutes.
    tariff
        Prices in each minute.
    setting
        What the numbers depend on.
    not_asked
        Rows of the jobs registered after the simulated days.
    repetitions
        In order, at least one.
    flows
        Every house over time, by the number of the repetition; the first repetition is always there.
    bounds
        The best that could have been covered; ``None`` where nobody asked.
    scores
        What was stored for the next run: means over the repetitions, shape (producers,).
    """

    neighbourhood: Neighbourhood
    grid: MinuteGrid
    tariff: Tariff
    setting: CommunitySetting
    not_asked: NDArray[np.int64]
    repetitions: tuple[Repetition, ...]
    flows: Mapping[int, HouseFlows]
    bounds: Bounds | None
    scores: NDArray[np.float64]

    @property
    def house_ids(self) -> tuple[str, ...]:
        """Names of the houses."""
        return self.neighbourhood.house_ids

    @cached_property
    def consumers(self) -> tuple[tuple[int, str], ...]:
        """House row and device of every consumer, by house, then by name; see `ConsumerTotals`."""
        return find_consumers(self.neighbourhood)

    def share_of_best(self, repetition: Repetition) -> tuple[float | None, float | None]:
        """What a repetition reached of what nothing can exceed: in one pool, and by contracts [0-1].

        The pool counts all energy that was covered. The bound by contracts knows whole jobs only, so what
        is held against it are the jobs that were covered whole: a forecast that fell, or ``allow_partial``,
        covers parts of others, and could exceed it. Where a bound is open (see `Bound.gap`) the real share
        is higher by up to its gap.
        """
        if self.bounds is None:
            return None, None
        pool, contract = self.bounds.pool.upper_kwh, self.bounds.contract.upper_kwh
        return (
            repetition.covered_kwh / pool if pool > 0 else None,
            repetition.whole_kwh / contract if contract > 0 else None,
        )


def find_consumers(neighbourhood: Neighbourhood) -> tuple[tuple[int, str], ...]:
    """House row and device of everything that has jobs, by house, then by name."""
    jobs = neighbourhood.jobs
    return tuple(sorted(set(zip(jobs.house.tolist(), jobs.device, strict=True))))


def consumer_of_jobs(neighbourhood: Neighbourhood) -> NDArray[np.int64]:
    """Row of each job's device among the consumers, shape (jobs,)."""
    rows = {consumer: row for row, consumer in enumerate(find_consumers(neighbourhood))}
    jobs = neighbourhood.jobs
    pairs = zip(jobs.house.tolist(), jobs.device, strict=True)
    return np.array([rows[pair] for pair in pairs], np.int64)
