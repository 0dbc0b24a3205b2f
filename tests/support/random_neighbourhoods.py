"""Random small neighbourhoods: half a day, things that meet, forecasts that rise and fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from support.neighbourhoods import HOUR_S, Base, Ev, Forecast, Job, Producer, neighbourhood_of

if TYPE_CHECKING:
    from sparewatt.model.neighbourhood import Neighbourhood

MOST_KW = 11.0


def random_neighbourhood(
    rng: np.random.Generator, *, flexible: float = 0.0, base: float = 0.0
) -> Neighbourhood:
    """Stamps on and off the minute, producers that come late, forecasts in no order.

    Parameters
    ----------
    rng
        Where it comes from.
    flexible, base
        Share of flexible jobs, and of houses with base load.
    """
    jobs: list[Job | Ev] = [
        _ev(rng, n) if rng.random() < flexible else _job(rng, n) for n in range(int(rng.integers(3, 16)))
    ]
    producers = [Producer(str(n), score=float(rng.integers(8, 12))) for n in range(int(rng.integers(1, 4)))]
    forecasts = [f for n in range(len(producers)) for f in _forecasts(rng, n)]
    rng.shuffle(forecasts)
    bases = [Base(str(n)) for n in range(4) if rng.random() < base]
    return neighbourhood_of(jobs, producers, forecasts, base_load=bases)


def _moment(rng: np.random.Generator, until: int) -> int:
    """A second, often a whole minute or ten."""
    return int(rng.choice([600, 60, 1])) * int(rng.integers(0, until)) % until


def _job(rng: np.random.Generator, n: int) -> Job:
    registered = _moment(rng, 8 * HOUR_S)
    earliest = registered + (0 if rng.random() < 0.4 else _moment(rng, 2 * HOUR_S))
    latest = earliest + (0 if rng.random() < 0.2 else _moment(rng, 6 * HOUR_S))
    steps = np.sort(rng.choice(np.arange(1, 3000), size=int(rng.integers(1, 4)), replace=False))
    energy = np.cumsum(rng.integers(0, 9, len(steps))) / 32
    points = ((0, 0.0), *((int(t), float(e)) for t, e in zip(steps, energy, strict=True)))
    return Job(str(n % 4), registered, earliest, latest, points=points)


def _ev(rng: np.random.Generator, n: int) -> Ev:
    registered = _moment(rng, 8 * HOUR_S)
    earliest = registered + (0 if rng.random() < 0.4 else _moment(rng, HOUR_S))
    hours, max_kw = int(rng.integers(1, 5)), float(rng.choice([1.4, 3.7, MOST_KW]))
    return Ev(
        house=str(n % 4),
        registered=registered,
        earliest=earliest,
        ready_by=earliest + hours * HOUR_S + int(rng.integers(0, 60)),
        energy_kwh=max_kw * hours * int(rng.integers(0, 11)) / 10,
        min_kw=float(rng.choice([0.0, 1.4])),
        max_kw=max_kw,
    )


def _forecasts(rng: np.random.Generator, producer: int) -> list[Forecast]:
    issued = 0 if rng.random() < 0.7 else _moment(rng, 3 * HOUR_S)
    made = []
    for _ in range(int(rng.integers(1, 8))):
        rows = [issued]
        while rows[-1] < 10 * HOUR_S:
            rows.append(rows[-1] + int(rng.choice([HOUR_S, HOUR_S, 1700])))
        energy = np.cumsum(rng.integers(0, 17, len(rows))) / 8 * rng.choice([0.25, 0.5, 1.0])
        made.append(Forecast(producer, issued, tuple(zip(rows, energy.tolist(), strict=True))))
        issued += int(rng.choice([HOUR_S, 2 * HOUR_S, 2500, 60]))
    return made
