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
    from sparewatt.simulate.community_base import BaseExpectation

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
    base
        What houses are expected to draw beside their jobs.

    Attributes
    ----------
    drawn_kw
        What contracts are known to draw from the grid: those with the grid, and those with producers as
        far as forecasts do not cover them; nobody asks for it without a limit, shape (minutes,) [kW].
    """

    def __init__(
        self, jobs: Jobs, starts: Starts, tariff: Tariff, import_limit_kw: float, base: BaseExpectation
    ) -> None:
        self._jobs = jobs
        self._is_flexible = jobs.is_flexible
        self._starts = starts
        self._price = tariff.import_per_kwh
        self._limit_kw = import_limit_kw
        self._base = base
        self._is_even = bool(len(self._price) == 0 or np.ptp(self._price) == 0.0)
        self.is_limited = bool(np.isfinite(import_limit_kw))
        self.drawn_kw: NDArray[np.float64] = np.zeros(len(self._price))

    def plan(self, job: int, now_s: int) -> Plan:
        """The best load of a job that starts at a moment or later [s since time 0]."""
        if self._is_flexible[job]:
            return self._charge(job, now_s)
        rows = self._starts.rows(job)
        times_s = self._starts.start_s[rows.start : rows.stop]
        row = rows.start + int(np.searchsorted(times_s, now_s))
        if not self._is_even or self.is_limited:
            row += self._best(np.arange(row, rows.stop), now_s)
        minute, kw = self._starts.load(row)
        return Plan(job, row, int(self._starts.start_s[row]), minute, kw)

    def _room_kw(self, now_s: int, minutes: slice) -> NDArray[np.float64]:
        """What the limit leaves in some minutes, negative where it is breached already [kW]."""
        return self._limit_kw - self.drawn_kw[minutes] - self._base.expected_kw(now_s, minutes)

    def _best(self, rows: NDArray[np.int64], now_s: int) -> int:
        """Position of the start with the least breach, among those the cheapest, among those the earliest.

        cost[s] = Σ_t price[t] · kw[s, t] / 60,
        breach[s] = Σ_t max(kw[s, t] - room[t], 0) - max(-room[t], 0); a start that fits has none.
        """
        last_minute, last_kw = self._starts.load(int(rows[-1]))
        begin = int(self._starts.minute[rows[0]])
        window = slice(begin, last_minute + len(last_kw))
        price = self._price[window]
        room_kw = self._room_kw(now_s, window)
        least_room_kw = float(room_kw.min())
        breach, cost = np.zeros(len(rows)), np.zeros(len(rows))
        shapes = self._starts.shape[rows]
        for shape in np.unique(shapes):
            same = np.flatnonzero(shapes == shape)
            _, kw = self._starts.load(int(rows[same[0]]))
            minutes = (self._starts.minute[rows[same]] - begin)[:, None] + np.arange(len(kw))
            cost[same] = price[minutes] @ kw / 60.0
            if kw.max() > least_room_kw:
                room = room_kw[minutes]
                breach[same] = (np.maximum(kw - room, 0.0) - np.maximum(-room, 0.0)).sum(axis=1)
        least = breach <= breach.min() + NEAR
        cheapest = cost <= cost[least].min() + NEAR
        return int(np.argmax(least & cheapest))

    def _charge(self, job: int, now_s: int) -> Plan:
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
            room_kw=np.maximum(self._room_kw(now_s, slice(first, end)), 0.0),
            price=self._price[first:end],
        )
        used = np.flatnonzero(kw > KW_ZERO)
        if len(used) == 0:
            return Plan(job, -1, begin_s, first, np.zeros(1))
        a, b = int(used[0]), int(used[-1]) + 1
        return Plan(job, -1, max((first + a) * MINUTE_S, begin_s), first + a, kw[a:b])
