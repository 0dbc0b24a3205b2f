"""Histograms of a fleet's visits beside the probabilities that they were drawn by, also as a table."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.visit_bins import DAY_MIN, WEEKDAY, WEEKEND, IndependentBins, SocBins, TimeBins
from sparewatt.inputs.generate.visit_table import table_of_fleet
from sparewatt.model.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.inputs.generate.visit_bins import JointBins, VisitChances
    from sparewatt.inputs.generate.visit_table import VisitTable
    from sparewatt.model.fleet import Fleet

HISTOGRAM_COLUMNS = (
    "cluster_id",
    "quantity",
    "group",
    "unit",
    "lower",
    "upper",
    "visits",
    "share",
    "given_share",
)

_EDGES = np.arange(0, DAY_MIN + 1, 60, dtype=np.float64)
_HOURS = TimeBins(_EDGES[:-1], _EDGES[1:])
_LEVELS = SocBins(np.arange(20) / 20, np.arange(1, 21) / 20)
_GROUPS = ((WEEKDAY, "weekday"), (WEEKEND, "weekend"))


def visit_histograms(
    fleet: Fleet, timezone: str, chances: VisitChances | None = None, *, target_cluster: int | None = None
) -> tuple[Histogram, ...]:
    """Arrivals and departures by kind of day, stays, both states of charge, energy and batteries.

    With independent bins, the given shares stand beside the arrivals and the arrival SoC; departures are
    drawn under conditions (minimum stay, above the arrival SoC), so their tables are no shares of them.
    With joint bins the given shares are the sums over the pairs.

    Parameters
    ----------
    fleet
        Visits; the real ones are counted, or the declared ones where there are none.
    timezone
        IANA name of the zone whose clock counts.
    chances
        What they were drawn from; ``None``: hours and twentieths, without given shares.
    target_cluster
        Count the visits to this cluster only; ``None``: all.
    """
    chosen = None if target_cluster is None else fleet.target_cluster == target_cluster
    table, _ = table_of_fleet(fleet, timezone, chosen)
    bins = None if chances is None else chances.bins
    out = [*_times(table, bins)]
    out.append(_histogram("stay", "h", "all", table.stay_min / 60, np.arange(25.0)))
    out += _levels(table, bins)
    energy = (table.departure_soc - table.arrival_soc) * table.battery_kwh
    most = np.ceil(max(float(energy.max(initial=0.0)), 1.0) / 10) * 10
    out.append(_histogram("energy", "kWh", "all", energy, np.linspace(0, most, 21)))
    most = np.ceil(max(float(table.battery_kwh.max(initial=0.0)), 1.0) / 10) * 10
    out.append(_histogram("battery", "kWh", "all", table.battery_kwh, np.linspace(0, most, 21)))
    return tuple(out)


def _times(table: VisitTable, bins: IndependentBins | JointBins | None) -> list[Histogram]:
    """Clock at arrival and departure, by kind of day of the arrival."""
    out = []
    leave = (table.arrival_min + table.stay_min) % DAY_MIN
    for quantity, minute in (("arrival", table.arrival_min), ("departure", leave)):
        own, given = _HOURS, None
        if isinstance(bins, IndependentBins) and quantity == "arrival":
            own, given = bins.arrival, bins.arrival_probability
        elif bins is not None and not isinstance(bins, IndependentBins):
            own = bins.time
            given = bins.time_probability.sum(axis=2 if quantity == "arrival" else 1)
        for row, group in _GROUPS:
            chosen = own.bin_of(minute[table.weekend == bool(row)])
            out.append(
                Histogram(
                    quantity,
                    "h",
                    group,
                    own.lower_min / 60,
                    own.upper_min / 60,
                    np.bincount(chosen[chosen >= 0], minlength=len(own)),
                    None if given is None else given[row],
                )
            )
    return out


def _levels(table: VisitTable, bins: IndependentBins | JointBins | None) -> list[Histogram]:
    """States of charge at arrival and departure."""
    out = []
    for quantity, soc in (("arrival_soc", table.arrival_soc), ("departure_soc", table.departure_soc)):
        own, given = _LEVELS, None
        if isinstance(bins, IndependentBins) and quantity == "arrival_soc":
            own, given = bins.arrival_soc, bins.arrival_soc_probability
        elif bins is not None and not isinstance(bins, IndependentBins):
            own, given = bins.soc, bins.soc_probability.sum(axis=1 if quantity == "arrival_soc" else 0)
        chosen = own.bin_of(soc)
        counts = np.bincount(chosen[chosen >= 0], minlength=len(own))
        out.append(Histogram(quantity, "0-1", "all", own.lower, own.upper, counts, given))
    return out


def _histogram(
    quantity: str, unit: str, group: str, values: NDArray[np.float64], edges: NDArray[np.float64]
) -> Histogram:
    counts = np.histogram(values, edges)[0].astype(np.int64)
    return Histogram(quantity, unit, group, edges[:-1], edges[1:], counts)


def write_histograms(path: Path, groups: Mapping[str, Sequence[Histogram]]) -> None:
    """One CSV with a row per bin, columns `HISTOGRAM_COLUMNS`; ``given_share`` is empty where none is.

    Parameters
    ----------
    path
        The file.
    groups
        Histograms by cluster.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HISTOGRAM_COLUMNS)
        for cluster, histograms in groups.items():
            for h in histograms:
                writer.writerows((cluster, h.quantity, h.group, h.unit, *row) for row in _bin_rows(h))


def _bin_rows(h: Histogram) -> list[tuple[object, ...]]:
    """Edges, count, share and given share of every bin."""
    given = [""] * len(h.counts) if h.expected is None else h.expected.round(6).tolist()
    edges = (h.lower.round(6).tolist(), h.upper.round(6).tolist())
    return list(zip(*edges, h.counts.tolist(), h.shares.round(6).tolist(), given, strict=True))
