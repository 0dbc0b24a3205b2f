"""The day of a draft at a glance: the sun that its forecasts expect, and when its jobs may run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.cell_values import LAST_S
from sparewatt.inputs.community.curve_text import read_points
from sparewatt.inputs.community.names import read_job_id
from sparewatt.inputs.community.read import BASE_LOADS, LOADS, PREDICTIONS
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.simulate.community_forecasts import merge_forecast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.community.curve_text import Points
    from sparewatt.studies.neighbourhood_draft import Draft

STEP_S = 900
"""Step of the curves [s]."""
_MOST_STEPS = 50_000


@dataclass(frozen=True)
class JobSpan:
    """When a job may run.

    Parameters
    ----------
    job_id, label, house
        The job, its device as people call it, and whose it is.
    registered_s, earliest_s, latest_s
        When it becomes known, and the window of its start [UNIX s].
    end_s
        When it has ended at the latest [UNIX s].
    duration_s
        How long its profile is; 0 of an electric car, which chooses its power [s].
    energy_kwh
        What it takes [kWh].
    """

    job_id: str
    label: str
    house: str
    registered_s: int
    earliest_s: int
    latest_s: int
    end_s: int
    duration_s: int
    energy_kwh: float


@dataclass(frozen=True)
class Timeline:
    """Sun and load of a draft over time, on a grid of `STEP_S`.

    Parameters
    ----------
    edges_s
        Boundaries of the steps, shape (steps + 1,) [UNIX s]; empty where there is nothing.
    sun_kw
        What the forecasts expect in the end, of each producer with one, shape (steps,) [kW].
    base_kw
        Base load of all houses, shape (steps,) [kW].
    asked_kw
        Load of all jobs if each began as early as it may and drew the same power until its end; that of a
        car until it has to be charged, shape (steps,) [kW].
    jobs
        By their earliest start.
    """

    edges_s: NDArray[np.int64]
    sun_kw: dict[str, NDArray[np.float64]]
    base_kw: NDArray[np.float64]
    asked_kw: NDArray[np.float64]
    jobs: tuple[JobSpan, ...]

    @property
    def sun_kwh(self) -> float:
        """Energy that the forecasts expect [kWh]."""
        return float(sum(kw.sum() for kw in self.sun_kw.values()) * STEP_S / 3600)

    @property
    def asked_kwh(self) -> float:
        """Energy that jobs ask for [kWh]."""
        return float(sum(job.energy_kwh for job in self.jobs))


def draft_timeline(draft: Draft, jobs: tuple[JobSpan, ...] | None = None) -> Timeline:
    """Sun and jobs of a draft; what cannot be read is left out, which its findings tell.

    Parameters
    ----------
    draft
        The neighbourhood.
    jobs
        Its `job_spans`; left out: they are worked out.
    """
    jobs = job_spans(draft) if jobs is None else jobs
    suns = _suns(draft)
    base = [p for line in draft.base if (p := _points(draft, f"{BASE_LOADS}/{line.file}")) is not None]
    first = [job.earliest_s for job in jobs] + [int(p[0][0]) for p in suns.values()]
    last = [job.end_s for job in jobs] + [int(p[0][-1]) for p in suns.values()]
    if not first:
        return Timeline(np.empty(0, np.int64), {}, np.empty(0), np.empty(0), ())
    begin, end = min(first) // STEP_S * STEP_S, -(-max(last) // STEP_S) * STEP_S
    steps = min(max(1, (end - begin) // STEP_S), _MOST_STEPS)
    edges_s = begin + np.arange(steps + 1, dtype=np.int64) * STEP_S
    kws = {name: _mean_kw(points, edges_s) for name, points in suns.items()}
    base_kw = np.sum([_mean_kw(points, edges_s) for points in base], axis=0) if base else np.zeros(steps)
    return Timeline(edges_s, kws, np.asarray(base_kw, np.float64), _asked_kw(jobs, edges_s), jobs)


def job_spans(draft: Draft) -> tuple[JobSpan, ...]:
    """When the jobs of a draft may run, by their earliest start; those with a wrong time are left out."""
    homes = {(d.house, d.device_id): d for d in draft.devices}
    known: dict[str, Points | None] = {}

    def words(name: str) -> tuple[str, str]:
        place = read_job_id(name)
        if place is None:
            return name, ""
        device = homes.get((place.house, place.device))
        return (device.name if device is not None and device.name else place.device), place.house

    spans = []
    for line in draft.jobs:
        if line.file not in known:
            known[line.file] = _points(draft, f"{LOADS}/{line.file}")
        points = known[line.file]
        if points is None or not all(t.isdecimal() for t in line[:3]):
            continue
        registered_s, earliest_s, latest_s = (int(t) for t in line[:3])
        took_s, energy = int(points[0][-1]), float(points[1][-1])
        times = (registered_s, earliest_s, latest_s, latest_s + took_s)
        spans.append(JobSpan(line.job_id, *words(line.job_id), *times, took_s, energy))
    for ev in draft.evs:
        try:
            times = (int(ev.registered), int(ev.earliest), int(ev.ready_by), int(ev.ready_by))
            energy = float(ev.energy_wh) / 1000
        except ValueError:
            continue
        spans.append(JobSpan(ev.job_id, *words(ev.job_id), *times, 0, energy))
    return tuple(sorted(spans, key=lambda job: (job.earliest_s, job.job_id)))


def _asked_kw(jobs: Sequence[JobSpan], edges_s: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean load of the jobs in each step, each as early as it may be [kW]."""
    if not jobs:
        return np.zeros(len(edges_s) - 1)
    begin = np.array([job.earliest_s for job in jobs], np.int64)
    took = np.array([job.duration_s or job.end_s - job.earliest_s for job in jobs], np.int64)
    took = np.maximum(took, 1)
    kw = np.array([job.energy_kwh for job in jobs]) * 3600.0 / took
    at, change = np.concatenate([begin, begin + took]), np.concatenate([kw, -kw])
    order = np.argsort(at, kind="stable")
    at, power = at[order], np.cumsum(change[order])
    energy = np.concatenate([[0.0], np.cumsum(power[:-1] * np.diff(at)) / 3600.0])
    return _mean_kw((at, energy), edges_s)


def stamp_words(text: str) -> str:
    """A time of a table in words that sort, UTC; the text itself where it is none."""
    if not text.isdecimal() or int(text) > LAST_S:
        return text
    return f"{datetime.fromtimestamp(int(text), tz=UTC):%Y-%m-%d %H:%M}"


def _suns(draft: Draft) -> dict[str, Points]:
    """Cumulative energy of each producer as all its forecasts together say."""
    suns: dict[str, Points] = {}
    lines = [line for line in draft.forecasts if line.issued.isdecimal()]
    for line in sorted(lines, key=lambda one: int(one.issued)):
        points = _points(draft, f"{PREDICTIONS}/{line.file}")
        if points is not None:
            stored = suns.get(line.producer)
            suns[line.producer] = points if stored is None else merge_forecast(stored, points)
    return suns


def _points(draft: Draft, path: str) -> Points | None:
    text = draft.curves.get(path)
    return None if text is None else read_points(path, text, FindingLog(), from_zero=path.startswith(LOADS))


def _mean_kw(points: Points, edges_s: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean power in each step [kW]."""
    energy = np.diff(np.interp(edges_s, *points))
    return np.maximum(energy, 0.0) * (3600.0 / STEP_S)
