"""Visits of a hub: how many are connected, who was not and when, and how the fleet is spread."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from sparewatt.model.trace import Fate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sparewatt.results.cluster_windows import ClusterWindows

_ASKED = (Fate.RESERVATION_REFUSED, Fate.NO_OFFER)
"""Visits that learned when they wanted to book that they would not be connected."""
_LONGEST_STAY_H = 48


class VisitSpread(NamedTuple):
    """What a histogram shows.

    Parameters
    ----------
    name
        Key.
    label
        For people.
    axis
        Title of its axis, with the unit.
    """

    name: str
    label: str
    axis: str


class VisitHistogram(NamedTuple):
    """Visits by bin.

    Parameters
    ----------
    labels
        Of the bins.
    counts
        Visits in each bin, by what was counted.
    """

    labels: tuple[str, ...]
    counts: Mapping[str, NDArray[np.int64]]


HISTOGRAMS = (
    VisitSpread("arrival", "Time of arrival", "time of the day, local"),
    VisitSpread("departure", "Time of departure", "time of the day, local"),
    VisitSpread("stay", "Length of the stay", "stay [h]"),
    VisitSpread("soc", "State of charge", "state of charge [%]"),
)


def connected_counts(windows: ClusterWindows, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Most vehicles connected at once in each bucket of periods, shape (buckets,)."""
    lo, hi = int(edges[0]), int(edges[-1])
    c = windows.part("connections", ["first", "end"])
    first, end = (np.clip(c[side].astype(np.int64), lo, hi) - lo for side in ("first", "end"))
    change = np.bincount(first, minlength=hi - lo + 1) - np.bincount(end, minlength=hi - lo + 1)
    return np.asarray(np.maximum.reduceat(np.cumsum(change)[: hi - lo], edges[:-1] - lo), dtype=np.int64)


def missed_times(windows: ClusterWindows) -> dict[int, NDArray[np.int64]]:
    """When visits came, or asked, that were not connected, by their fate [s since the epoch]."""
    v = windows.part("visits", ["fate", "reservation_s", "declared_arrival_s", "real_arrival_s"])
    found = {}
    for fate in Fate:
        rows = v["fate"] == fate
        when = v["reservation_s" if fate in _ASKED else "real_arrival_s"][rows].astype(np.int64)
        when = np.where(when >= 0, when, v["declared_arrival_s"][rows].astype(np.int64))
        found[int(fate)] = np.maximum(when, windows.horizon.start_s)
    return found


def hub_histogram(windows: ClusterWindows, what: VisitSpread) -> VisitHistogram:
    """How one thing is spread, as declared and as it was."""
    if what.name == "soc":
        v = windows.part("visits", ["real_soc", "target_soc"])
        c = windows.part("connections", ["soc_last"])
        edges = np.arange(0.0, 101.0, 5.0)
        labels = tuple(f"{a:.0f}–{b:.0f}" for a, b in pairwise(edges))
        told = {"on arrival": v["real_soc"], "target": v["target_soc"], "when leaving": c["soc_last"]}
        percent = {name: np.round(100 * values.astype(np.float64), 6) for name, values in told.items()}
        return VisitHistogram(labels, {name: _counts(values, edges) for name, values in percent.items()})
    v = windows.part(
        "visits", ["declared_arrival_s", "declared_departure_s", "real_arrival_s", "real_departure_s"]
    )
    if what.name == "stay":
        edges = np.arange(_LONGEST_STAY_H + 1.0)
        labels = (*(f"{k}–{k + 1}" for k in range(_LONGEST_STAY_H - 1)), f"{_LONGEST_STAY_H - 1} and more")
        spread = {}
        for name, kind in (("declared", "declared"), ("real", "real")):
            begin, end = (v[f"{kind}_{side}_s"].astype(np.float64) for side in ("arrival", "departure"))
            hours = ((end - begin) / 3600)[(begin >= 0) & (end >= begin)]
            spread[name] = _counts(np.minimum(hours, _LONGEST_STAY_H - 0.5), edges)
        used = 1 + max((int(np.flatnonzero(n)[-1]) for n in spread.values() if n.any()), default=0)
        return VisitHistogram(labels[:used], {name: counts[:used] for name, counts in spread.items()})
    zone = windows.horizon.timezone
    return VisitHistogram(
        tuple(f"{k:02d}:00" for k in range(24)),
        {
            kind: np.bincount(_local_hours(v[f"{kind}_{what.name}_s"].astype(np.int64), zone), minlength=24)
            for kind in ("declared", "real")
        },
    )


def _counts(values: NDArray[Any], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Values in each bin; those that are no numbers, or below zero for none, are left out."""
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    return np.histogram(numbers, edges)[0].astype(np.int64)


def _local_hours(times_s: NDArray[np.int64], timezone: str) -> NDArray[np.int64]:
    """Hour of the local day of each time that there is."""
    zone, told = ZoneInfo(timezone), times_s[times_s >= 0]
    quarters, of = np.unique(told // 900, return_inverse=True)  # no zone changes within a quarter
    hours = [datetime.fromtimestamp(900 * int(q), UTC).astimezone(zone).hour for q in quarters]
    return np.asarray(hours, dtype=np.int64)[of] if len(told) else np.zeros(0, dtype=np.int64)
