"""Loads of the jobs of a community run over time: as they ran, and had each started at its earliest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun


def contract_load_kw(run: CommunityRun, repetition: Repetition) -> NDArray[np.float64]:
    """Load of all contracts that were not cancelled, shape (minutes,) [kW].

    The shape that a flexible job got is not kept: its energy is spread evenly from start to end.
    """
    kw = np.zeros(run.grid.minutes)
    jobs, c = run.neighbourhood.jobs, repetition.contracts
    for row in np.flatnonzero(c.is_valid):
        profile = int(jobs.profile[c.job[row]])
        if profile >= 0:
            time_s, energy_kwh = jobs.profiles.points(profile)
        else:
            time_s = np.array([0, max(1, c.end_s[row] - c.start_s[row])], np.int64)
            energy_kwh = np.array([0.0, c.energy_kwh[row]])
        _add(kw, int(c.start_s[row]), time_s, energy_kwh)
    return kw


def earliest_load_kw(run: CommunityRun) -> NDArray[np.float64]:
    """Load of all jobs that were simulated, had each started at its earliest, shape (minutes,) [kW].

    A flexible job would draw its highest power.
    """
    kw = np.zeros(run.grid.minutes)
    jobs = run.neighbourhood.jobs
    for row in np.delete(np.arange(len(jobs)), run.not_asked):
        profile = int(jobs.profile[row])
        if profile >= 0:
            time_s, energy_kwh = jobs.profiles.points(profile)
        else:
            seconds = 3600.0 * jobs.energy_kwh[row] / max(float(jobs.max_kw[row]), 1e-9)
            time_s = np.array([0, max(1, round(seconds))], np.int64)
            energy_kwh = np.array([0.0, jobs.energy_kwh[row]])
        _add(kw, int(max(jobs.earliest_s[row], jobs.registered_s[row])), time_s, energy_kwh)
    return kw


def _add(
    kw: NDArray[np.float64], start_s: int, time_s: NDArray[np.int64], energy_kwh: NDArray[np.float64]
) -> None:
    """Add one load that starts at a second."""
    first = start_s // MINUTE_S
    end = min(-(-(start_s + int(time_s[-1])) // MINUTE_S), len(kw))
    if first < end:
        edges_s = np.arange(first, end + 1) * MINUTE_S - start_s
        kw[first:end] += np.diff(np.interp(edges_s, time_s, energy_kwh)) * 60.0


def met_share(load_kw: NDArray[np.float64], sun_kw: NDArray[np.float64]) -> float | None:
    """Share of a load that all sun in one pool would meet, Σ min(load, sun) / Σ load [0-1]."""
    whole = float(load_kw.sum())
    return float(np.minimum(load_kw, sun_kw).sum()) / whole if whole > 0.0 else None
