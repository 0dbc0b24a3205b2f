"""Neighbourhoods small enough to follow by hand. Times are seconds since time 0, loads kW, energies kWh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.curves import join_curves
from sparewatt.model.jobs import FLEXIBLE, Jobs
from sparewatt.model.market_rules import START_SCORE, Tariff
from sparewatt.model.neighbourhood import BaseLoad, Batteries, Forecasts, Neighbourhood, Producers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.model.minute_grid import MinuteGrid

ORIGIN_S = 1_460_246_400
"""2016-04-10 00:00 UTC."""
HOUR_S = 3600
Points = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Job:
    """A job with a profile: ``load_kw`` minute by minute, or ``points`` (seconds since start, kWh).

    Without ``earliest`` it may start when it is registered, without ``latest`` only at ``earliest``.
    """

    house: str = "1"
    registered: int = 0
    earliest: int | None = None
    latest: int | None = None
    load_kw: tuple[float, ...] = (1.0,)
    points: Points | None = None
    device: str = "washer"
    name: str | None = None


@dataclass(frozen=True)
class Ev:
    """A flexible job: ``energy_kwh`` until ``ready_by`` with nothing or ``min_kw`` to ``max_kw``."""

    house: str = "1"
    registered: int = 0
    earliest: int | None = None
    ready_by: int = 8 * HOUR_S
    energy_kwh: float = 3.0
    min_kw: float = 0.0
    max_kw: float = 3.0
    device: str = "ev"
    name: str | None = None


@dataclass(frozen=True)
class Producer:
    """A PV system."""

    house: str = "1"
    device: str = "pv"
    score: float = START_SCORE


@dataclass(frozen=True)
class Forecast:
    """What a producer expects: ``points`` (seconds since time 0, cumulative kWh)."""

    producer: int = 0
    issued: int = 0
    points: Points = ((0, 0.0), (24 * HOUR_S, 24.0))


@dataclass(frozen=True)
class Battery:
    """A home battery."""

    house: str = "1"
    capacity_kwh: float = 5.0
    charge_kw: float = 2.0
    discharge_kw: float = 2.0
    efficiency: float = 1.0
    start_soc: float = 0.0


@dataclass(frozen=True)
class Base:
    """Base load of a house: ``points`` (seconds since time 0, cumulative kWh)."""

    house: str = "1"
    points: Points = ((0, 0.0), (24 * HOUR_S, 2.4))


def even_forecast(producer: int = 0, kw: float = 1.0, issued: int = 0, until: int = 24 * HOUR_S) -> Forecast:
    """The same power from an hour before ``issued`` (not for the first forecast) to ``until``."""
    first = 0.0 if issued == 0 else kw
    return Forecast(producer, issued, ((issued, first), (until, first + kw * (until - issued) / HOUR_S)))


def minute_forecast(producer: int, kw: Sequence[float], issued: int = 0) -> Forecast:
    """The power of each minute from ``issued`` on; nothing in the hour before and after the last."""
    energy = np.concatenate([[0.0], np.cumsum(np.asarray(kw, float) / 60.0)])
    return Forecast(producer, issued, tuple((issued + 60 * n, float(e)) for n, e in enumerate(energy)))


def neighbourhood_of(
    jobs: Sequence[Job | Ev] = (),
    producers: Sequence[Producer] = (Producer(),),
    forecasts: Sequence[Forecast] = (Forecast(),),
    batteries: Sequence[Battery] = (),
    base_load: Sequence[Base] = (),
    name: str = "by hand",
) -> Neighbourhood:
    """The neighbourhood; houses in the order in which they are first named: producers, jobs, the rest."""
    named = [part.house for part in (*producers, *jobs, *batteries, *base_load)]
    house_ids = tuple(dict.fromkeys(named))

    def house(parts: Sequence[Job | Ev | Producer | Battery | Base]) -> np.ndarray:
        return np.array([house_ids.index(part.house) for part in parts], np.int64)

    def floats(parts: Sequence[Battery], field: str) -> np.ndarray:
        return np.array([getattr(part, field) for part in parts], np.float64)

    return Neighbourhood(
        name=name,
        origin_s=ORIGIN_S,
        house_ids=house_ids,
        devices=(),
        jobs=jobs_of(jobs, house(jobs)),
        producers=Producers(
            ids=tuple(f"pv_producer[{p.house}]:[{p.device}]" for p in producers),
            house=house(producers),
            device=tuple(p.device for p in producers),
        ),
        forecasts=Forecasts(
            producer=np.array([f.producer for f in forecasts], np.int64),
            issued_s=np.array([f.issued for f in forecasts], np.int64),
            curves=join_curves(_columns(f.points) for f in forecasts),
        ),
        batteries=Batteries(
            house=house(batteries),
            capacity_kwh=floats(batteries, "capacity_kwh"),
            charge_kw=floats(batteries, "charge_kw"),
            discharge_kw=floats(batteries, "discharge_kw"),
            efficiency=floats(batteries, "efficiency"),
            start_soc=floats(batteries, "start_soc"),
        ),
        base_load=BaseLoad(house=house(base_load), curves=join_curves(_columns(b.points) for b in base_load)),
        scores=np.array([p.score for p in producers], np.float64),
    )


def jobs_of(jobs: Sequence[Job | Ev], house: np.ndarray | None = None) -> Jobs:
    """The jobs; ids are ``[house]:[device]:[n]`` unless named, each job has a profile of its own."""
    profiles, rows, registered, earliest, latest, end, energy = [], [], [], [], [], [], []
    for job in jobs:
        first = job.registered if job.earliest is None else job.earliest
        if isinstance(job, Ev):
            rows.append(FLEXIBLE)
            energy.append(job.energy_kwh)
            end.append(job.ready_by)
            latest.append(job.ready_by - round(job.energy_kwh / job.max_kw * HOUR_S))
        else:
            points = _columns(job.points or _minute_points(job.load_kw))
            rows.append(len(profiles))
            profiles.append(points)
            energy.append(points[1][-1])
            latest.append(first if job.latest is None else job.latest)
            end.append(latest[-1] + int(points[0][-1]))
        registered.append(job.registered)
        earliest.append(first)
    return Jobs(
        ids=tuple(job.name or f"[{job.house}]:[{job.device}]:[{n}]" for n, job in enumerate(jobs)),
        house=np.zeros(len(jobs), np.int64) if house is None else house,
        device=tuple(job.device for job in jobs),
        registered_s=np.array(registered, np.int64),
        earliest_s=np.array(earliest, np.int64),
        latest_s=np.array(latest, np.int64),
        end_s=np.array(end, np.int64),
        profile=np.array(rows, np.int64),
        profiles=join_curves(profiles),
        energy_kwh=np.array(energy, np.float64),
        min_kw=np.array([job.min_kw if isinstance(job, Ev) else 0.0 for job in jobs], np.float64),
        max_kw=np.array([job.max_kw if isinstance(job, Ev) else 0.0 for job in jobs], np.float64),
    )


def even_tariff(grid: MinuteGrid, import_per_kwh: float = 0.3, feed_in_per_kwh: float = 0.08) -> Tariff:
    """The same prices in every minute."""
    return Tariff(np.full(grid.minutes, import_per_kwh), np.full(grid.minutes, feed_in_per_kwh))


def _minute_points(load_kw: Sequence[float]) -> Points:
    energy = np.concatenate([[0.0], np.cumsum(np.asarray(load_kw, float) / 60.0)])
    return tuple((60 * n, float(e)) for n, e in enumerate(energy))


def _columns(points: Points) -> tuple[np.ndarray, np.ndarray]:
    return np.array([t for t, _ in points], np.int64), np.array([e for _, e in points], np.float64)
