"""What the grid supplies: the best start of a job for the tariff, under the community's import limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.board import Plan
from sparewatt.model.minute_grid import MINUTE_S
from sparewatt.model.starts import KW_ZERO
from sparewatt.simulate.community_charging import fill_minutes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.jobs import Jobs
    from sparewatt.model.market_rules import Tariff
    from sparewatt.model.starts import Starts

NEAR = 1e-9
"""Breaches [kW min] and costs [currency] that differ by less are the same."""


class GridSupply:
    """Finds the load that a job brings to the grid.

    Parameters
    ----------
    jobs, starts
        The jobs and their starts.
    tariff
        Prices.
    import_limit_kw
        Most that the community may draw, infinite where nothing limits it [kW].
    """

    def __init__(self, jobs: Jobs, starts: Starts, tariff: Tariff, import_limit_kw: float) -> None:
        self._jobs = jobs
        self._starts = starts
        self._price = tariff.import_per_kwh
        self._limit_kw = import_limit_kw
        self._is_even = bool(len(self._price) == 0 or np.ptp(self._price) == 0.0)

    @property
    def is_limited(self) -> bool:
        """Whether there is an import limit."""
        return bool(np.isfinite(self._limit_kw))

    def plan(self, job: int, now_s: int, drawn_kw: NDArray[np.float64]) -> Plan:
        """The best load of a job.

        Parameters
        ----------
        job
            Row of the job.
        now_s
            The moment; the load starts then or later [s since time 0].
        drawn_kw
            What the community is known to draw from the grid, shape (minutes,) [kW].
        """
        if self._jobs.is_flexible[job]:
            return self._charge(job, now_s, drawn_kw)
        rows = self._starts.rows(job)
        times_s = self._starts.start_s[rows.start : rows.stop]
        first = rows.start + int(np.searchsorted(times_s, now_s))
        if not (self._is_even and not self.is_limited):
            first += self._best(np.arange(first, rows.stop), drawn_kw)
        minute, kw = self._starts.load(first)
        return Plan(job, first, int(self._starts.start_s[first]), minute, kw)

    def _best(self, rows: NDArray[np.int64], drawn_kw: NDArray[np.float64]) -> int:
        """Position of the start with the least breach, among those the cheapest, among those the earliest.

        cost[s] = Σ_t price[t] · kw[s, t] / 60,
        breach[s] = Σ_t max(drawn[t] + kw[s, t] - limit, 0) - max(drawn[t] - limit, 0); a start that fits
        has none.
        """
        breach = np.zeros(len(rows))
        cost = np.zeros(len(rows))
        shapes = self._starts.shape[rows]
        for shape in np.unique(shapes):
            same = np.flatnonzero(shapes == shape)
            _, kw = self._starts.load(int(rows[same[0]]))
            minutes = self._starts.minute[rows[same]][:, None] + np.arange(len(kw))
            cost[same] = self._price[minutes] @ kw / 60.0
            if self.is_limited:
                over = drawn_kw[minutes] - self._limit_kw
                breach[same] = (np.maximum(over + kw, 0.0) - np.maximum(over, 0.0)).sum(axis=1)
        least = breach <= breach.min() + NEAR
        cheapest = cost <= cost[least].min() + NEAR
        return int(np.argmax(least & cheapest))

    def _charge(self, job: int, now_s: int, drawn_kw: NDArray[np.float64]) -> Plan:
        """The cheapest minutes of a flexible job, first below the limit, the rest wherever it is cheapest."""
        jobs = self._jobs
        begin_s, end_s = max(int(jobs.earliest_s[job]), now_s), int(jobs.end_s[job])
        first, end = begin_s // MINUTE_S, -(-end_s // MINUTE_S)
        edges_s = np.arange(first, end + 1, dtype=np.int64) * MINUTE_S
        share = np.asarray(np.diff(np.clip(edges_s, begin_s, end_s)) / MINUTE_S, np.float64)
        kw = fill_minutes(
            energy_kwh=float(jobs.energy_kwh[job]),
            min_kw=float(jobs.min_kw[job]) * share,
            max_kw=float(jobs.max_kw[job]) * share,
            room_kw=np.maximum(self._limit_kw - drawn_kw[first:end], 0.0),
            price=self._price[first:end],
        )
        used = np.flatnonzero(kw > KW_ZERO)
        if len(used) == 0:
            return Plan(job, -1, begin_s, first, np.zeros(1))
        a, b = int(used[0]), int(used[-1]) + 1
        return Plan(job, -1, max((first + a) * MINUTE_S, begin_s), first + a, kw[a:b])
