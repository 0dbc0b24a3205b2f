"""Board: what stands agreed and forecast at one moment, as deciders may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.jobs import Jobs
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.starts import Starts

FREE = -2
"""``producer_of`` a job that has no contract."""


@dataclass(frozen=True)
class Plan:
    """The load that a job is to bring.

    Parameters
    ----------
    job
        Row of the job.
    start
        Row in ``Starts``; -1 for a flexible job.
    start_s
        Start of the load [s since time 0].
    minute
        First minute of the load.
    kw
        Mean power in the minutes from the first on [kW].
    """

    job: int
    start: int
    start_s: int
    minute: int
    kw: NDArray[np.float64]


@dataclass
class Board:
    """The state of a market; only the simulation writes to it.

    Parameters
    ----------
    jobs, starts, grid
        The jobs, their starts, and the minutes. Deciders look only at jobs that are registered.
    now_s
        The moment [s since time 0]; no start before it may be chosen.
    production_kw
        Production as forecast at this moment, 0 for producers not known yet, shape (producers, minutes) [kW].
    booked_kw
        Load of the valid contracts with each producer, started ones too, shape (producers, minutes) [kW].
    producer_of
        Producer of each job's valid contract, ``GRID`` or ``FREE``, shape (jobs,).
    plans
        Load of each job with a valid contract.
    waiting
        Jobs contracted with each producer whose load has not started, in the order of agreement.
    """

    jobs: Jobs
    starts: Starts
    grid: MinuteGrid
    now_s: int
    production_kw: NDArray[np.float64]
    booked_kw: NDArray[np.float64]
    producer_of: NDArray[np.int64]
    plans: dict[int, Plan]
    waiting: list[list[int]]

    def plan_at(self, row: int, job: int) -> Plan:
        """The load of a job at one of its starts."""
        minute, kw = self.starts.load(row)
        return Plan(job, row, int(self.starts.start_s[row]), minute, kw)

    def firm_kw(self, producer: int) -> NDArray[np.float64]:
        """Load of the contracts of a producer that have started and cannot move, shape (minutes,) [kW]."""
        firm: NDArray[np.float64] = self.booked_kw[producer].copy()
        for job in self.waiting[producer]:
            plan = self.plans[job]
            firm[plan.minute : plan.minute + len(plan.kw)] -= plan.kw
        return np.maximum(firm, 0.0, out=firm)
