"""A market in plain Python, written from the specification and from nothing of ours. Slow on purpose.

Producers take a job at its earliest start that the forecast covers in every minute, beside all that they
have agreed to. Everything is worked out anew whenever it is asked for, from lists and dicts.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparewatt.model.neighbourhood import Neighbourhood

NEAR = 1e-9


@dataclass
class PlainContract:
    job: int
    producer: int | None
    start: int
    agreed: int
    cancelled: int | None = None


@dataclass
class PlainMarket:
    """Run it with `trade`; prices and the limit are lists and a number of their own."""

    hood: Neighbourhood
    minutes: int
    price: list[float]
    limit_kw: float = math.inf
    step_s: int = 900
    predictions_first: bool = False
    contracts: list[PlainContract] = field(default_factory=list)
    answers: list[tuple[int, int, int, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        jobs = self.hood.jobs
        self.score = {p: float(s) for p, s in enumerate(self.hood.scores)}
        self.curve: dict[int, list[tuple[int, float]]] = {}
        self.loads = [self._profile(n) for n in range(len(jobs))]
        self.power: dict[tuple[int, int], dict[int, float]] = {}
        self.sun: dict[int, list[float]] = {}

    def _profile(self, job: int) -> list[tuple[int, float]]:
        time, energy = self.hood.jobs.profiles.points(int(self.hood.jobs.profile[job]))
        return [(int(t), float(e)) for t, e in zip(time, energy, strict=True)]

    # What is drawn and produced, minute by minute

    def load(self, job: int, start: int) -> dict[int, float]:
        """Power by minute of a job that starts at a second."""
        if (job, start) not in self.power:
            points = [(start + t, e) for t, e in self.loads[job]]
            minutes = range(start // 60, -(-points[-1][0] // 60))
            self.power[job, start] = {
                m: (energy_at(points, 60 * m + 60) - energy_at(points, 60 * m)) * 60 for m in minutes
            }
        return self.power[job, start]

    def produced(self, producer: int) -> list[float]:
        """Power by minute as forecast so far."""
        points = self.curve.get(producer)
        if points is None:
            return [0.0] * self.minutes
        if producer not in self.sun:
            at = [energy_at(points, 60 * m) for m in range(self.minutes + 1)]
            self.sun[producer] = [(b - a) * 60 for a, b in itertools.pairwise(at)]
        return self.sun[producer]

    def valid(self, producer: int | None) -> list[PlainContract]:
        return [c for c in self.contracts if c.producer == producer and c.cancelled is None]

    def booked(self, producer: int | None) -> list[float]:
        total = [0.0] * self.minutes
        for contract in self.valid(producer):
            for minute, kw in self.load(contract.job, contract.start).items():
                total[minute] += kw
        return total

    def drawn_from_grid(self) -> list[float]:
        """Contracts with the grid, and what forecasts do not cover of the others."""
        total = self.booked(None)
        for producer in self.curve:
            for minute, (load, sun) in enumerate(
                zip(self.booked(producer), self.produced(producer), strict=True)
            ):
                total[minute] += max(0.0, load - sun)
        return total

    # The protocol

    def trade(self) -> None:
        jobs, forecasts = self.hood.jobs, self.hood.forecasts
        rank = {"forecast": 0, "job": 1} if self.predictions_first else {"job": 0, "forecast": 1}
        news = [(int(t), rank["job"], n, "job") for n, t in enumerate(jobs.registered_s)]
        news += [(int(t), rank["forecast"], n, "forecast") for n, t in enumerate(forecasts.issued_s)]
        for time, _, row, what in sorted(news):
            if what == "job":
                self.ask(row, time)
            else:
                self.renew(row, time)

    def starts(self, job: int, now: int) -> list[int]:
        first, last = int(self.hood.jobs.earliest_s[job]), int(self.hood.jobs.latest_s[job])
        on_grid = {s for s in range(0, last + 1, self.step_s) if s >= first}
        return sorted(s for s in on_grid | {first, last} if s >= now)

    def ask(self, job: int, now: int) -> None:
        for producer in sorted(self.curve, key=lambda p: (self.score[p], p)):
            start = self.earliest(producer, job, now)
            self.answers.append((now, job, producer, start is not None))
            self.score[producer] += 1 if start is None else -1
            if start is not None:
                self.contracts.append(PlainContract(job, producer, start, now))
                return
        self.contracts.append(PlainContract(job, None, self.from_grid(job, now), now))

    def earliest(self, producer: int, job: int, now: int) -> int | None:
        sun, taken = self.produced(producer), self.booked(producer)
        for start in self.starts(job, now):
            if all(kw == 0 or kw + taken[m] <= sun[m] + NEAR for m, kw in self.load(job, start).items()):
                return start
        return None

    def from_grid(self, job: int, now: int) -> int:
        drawn = self.drawn_from_grid()
        rated = []
        for start in self.starts(job, now):
            load = self.load(job, start)
            breach = sum(
                max(0.0, drawn[m] + kw - self.limit_kw) - max(0.0, drawn[m] - self.limit_kw)
                for m, kw in load.items()
            )
            rated.append((breach, sum(self.price[m] * kw / 60 for m, kw in load.items()), start))
        least = min(breach for breach, _, _ in rated)
        fitting = [r for r in rated if r[0] <= least + NEAR]
        cheapest = min(cost for _, cost, _ in fitting)
        return min(start for _, cost, start in fitting if cost <= cheapest + NEAR)

    def renew(self, row: int, now: int) -> None:
        producer = int(self.hood.forecasts.producer[row])
        before = self.produced(producer)
        time, energy = self.hood.forecasts.curves.points(row)
        new = [(int(t), float(e)) for t, e in zip(time, energy, strict=True)]
        stored = self.curve.get(producer)
        if stored is not None:
            hour_before = new[0][0] - 3600
            base = energy_at(stored, hour_before)
            kept = [(t, e) for t, e in stored if t < hour_before]
            new = [*kept, (hour_before, base), *((t, e + base) for t, e in new)]
        self.curve[producer] = new
        self.sun.pop(producer, None)
        gone = self.fallen(producer, before, now)
        for job in sorted(gone, key=lambda j: (int(self.hood.jobs.registered_s[j]), j)):
            self.ask(job, now)

    def fallen(self, producer: int, before: list[float], now: int) -> list[int]:
        """Cancel what is not covered any more, the latest agreed first."""
        at_first = self.booked(producer)
        sun = self.produced(producer)
        gone = []
        while True:
            taken = self.booked(producer)
            short = {
                m
                for m in range(now // 60, self.minutes)
                if taken[m] > sun[m] + max(0.0, at_first[m] - before[m]) + NEAR
            }
            waiting = [c for c in self.valid(producer) if c.start >= now]
            at_fault = [
                c
                for c in waiting
                if any(kw > 0 and m in short for m, kw in self.load(c.job, c.start).items())
            ]
            if not at_fault:
                return gone
            at_fault[-1].cancelled = now
            gone.append(at_fault[-1].job)


def energy_at(points: list[tuple[int, float]], time: int) -> float:
    """Cumulative energy at a time, even growth between points, flat outside."""
    if time <= points[0][0]:
        return points[0][1]
    for (t0, e0), (t1, e1) in itertools.pairwise(points):
        if t0 <= time <= t1:
            return e0 + (e1 - e0) * ((time - t0) / (t1 - t0))
    return points[-1][1]
