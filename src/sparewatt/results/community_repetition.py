"""Repetition: what one repetition of a community run came to, with its scores and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.contract import Decisions
    from sparewatt.results.community_contract_rows import ContractRows
    from sparewatt.results.community_device_totals import BaseTotals, DeviceCosts
    from sparewatt.results.community_energy_totals import ConsumerTotals, HouseTotals, ProducerTotals
    from sparewatt.results.community_flows import MinuteFlows


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
