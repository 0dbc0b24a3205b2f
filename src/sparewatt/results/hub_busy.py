"""The busiest day of a simulated hub: where a close look at a long run begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.cluster_view import TURNED_AWAY
from sparewatt.results.hub_limits import beyond_kw
from sparewatt.results.hub_visits import connected_counts, missed_times
from sparewatt.results.local_days import day_starts

if TYPE_CHECKING:
    from sparewatt.results.cluster_windows import ClusterWindows

SHORT_H = 36
"""Runs up to this long are looked at whole [h]."""


def busy_day(windows: ClusterWindows, cluster: int | None) -> tuple[int, int]:
    """Periods of the local day to look at first, half-open; all of a short run.

    The day with most energy beyond the limits and tolerances of the cluster (of each, where it is
    ``None``); where all are kept the one with most vehicles turned away; else the one with most vehicles
    connected at once.
    """
    h = windows.horizon
    if h.periods * h.step_h <= SHORT_H:
        return 0, h.periods
    edges = day_starts(h)
    shown = range(len(windows.cluster_ids)) if cluster is None else (cluster,)
    scores = sum(
        (np.add.reduceat(beyond_kw(windows, one), edges[:-1]) for one in shown), np.zeros(len(edges) - 1)
    )
    if not scores.any():
        missed = missed_times(windows)
        away = np.concatenate([missed[int(fate)] for fate in TURNED_AWAY])
        scores = np.histogram(away, h.boundaries_s[edges])[0]
    if not scores.any():
        scores = connected_counts(windows, edges)
    day = int(np.argmax(scores))
    return int(edges[day]), int(edges[day + 1])
