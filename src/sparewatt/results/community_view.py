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

from sparewatt.model.market_rules import MarketRules, Sharing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.community_bounds import Bounds
    from sparewatt.model.market_rules import Tariff
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.results.community_flows import HouseFlows
    from sparewatt.results.community_repetition import Repetition


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
