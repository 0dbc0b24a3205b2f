"""Fit bins to recorded visits, and tell how far a sample from the fit is from them (spec section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.finding import Finding, has_errors
from sparewatt.inputs.generate.fit_distance import fit_distances
from sparewatt.inputs.generate.visit_bins import (
    DAY_MIN,
    IndependentBins,
    JointBins,
    SocBins,
    TimeBins,
    VehicleModels,
    VisitChances,
    find_soc_gaps,
    find_stay_gaps,
)
from sparewatt.inputs.generate.visit_draws import draw_visits
from sparewatt.inputs.generate.visit_table import table_of_fleet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.generate.fit_distance import FitDistance
    from sparewatt.inputs.generate.visit_table import VisitTable
    from sparewatt.model.fleet import Fleet

FitForm = Literal["independent", "joint"]

_SAMPLE = 50_000  # visits drawn to compare a fit with what it was fitted to


@dataclass(frozen=True)
class VisitFit:
    """What visits were fitted by.

    Parameters
    ----------
    chances
        The fitted distributions.
    visits_per_day, weekend_visits_per_day
        Mean over the days from the first to the last visit.
    visits
        Number of visits it was fitted to.
    distances
        One per quantity: arrival, departure, stay, both states of charge, energy.
    """

    chances: VisitChances
    visits_per_day: float
    weekend_visits_per_day: float
    visits: int
    distances: tuple[FitDistance, ...]


def fit_visits(
    fleet: Fleet,
    timezone: str,
    *,
    form: FitForm = "joint",
    bin_min: int = 60,
    soc_bins: int = 20,
    min_stay_min: int = 30,
    seed: int = 0,
) -> tuple[VisitFit | None, tuple[Finding, ...]]:
    """Fit bins to the real visits of a fleet.

    Probabilities are shares of the visits. Where there are none at weekends (or none on other days), the
    other kind of day stands in. Stays of a day and more have no place in bins of the clock and are left
    out. Vehicle models are the pairs of battery and power that occur.

    Parameters
    ----------
    fleet
        Recorded visits: of a sessions file, diaries, ACN-Data, or any workbook.
    timezone
        IANA name of the zone whose clock counts.
    form
        ``"independent"`` bins, or ``"joint"`` ones, which keep long stays with early arrivals.
    bin_min
        Width of the bins of the clock, a divisor of 1440 [min].
    soc_bins
        Number of bins of the state of charge.
    min_stay_min
        Least stay of the visits that are drawn from the fit [min].
    seed
        Of the sample that the distances compare with.

    Returns
    -------
    The fit, ``None`` where a finding is an error, and all findings.
    """
    if bin_min < 1 or DAY_MIN % bin_min or soc_bins < 1:
        raise ValueError(
            "bins of the clock divide the day of 1440 minutes, and there is one of the SoC at least"
        )
    table, long = table_of_fleet(fleet, timezone)
    findings = _told_before(fleet, table, long)
    if has_errors(findings):
        return None, tuple(findings)
    edges = np.arange(0, DAY_MIN + 1, bin_min, dtype=np.float64)
    time = TimeBins(edges[:-1], edges[1:])
    levels = np.round(np.linspace(0, 1, soc_bins + 1), 6)
    soc = SocBins(levels[:-1], levels[1:])
    if form == "joint":
        bins: IndependentBins | JointBins = _fit_joint(table, time, soc)
    else:
        independent, lost = _fit_independent(table, time, soc)
        findings += _told_after(independent, lost, len(table), min_stay_min)
        bins = independent
    if has_errors(findings):
        return None, tuple(findings)
    chances = VisitChances(bins, _fit_models(table))
    drawn = draw_visits(
        np.random.default_rng(seed),
        bins,
        chances.models,
        np.resize(table.weekend, max(_SAMPLE, len(table))),
        min_stay_min,
    )
    week, weekend = _rates(table)
    distances = fit_distances(table, drawn, chances.models, time, soc)
    return VisitFit(chances, week, weekend, len(table), distances), tuple(findings)


def _told_before(fleet: Fleet, table: VisitTable, long: int) -> list[Finding]:
    """What a fit cannot hold of the visits."""
    findings = []
    if not len(table):
        message = (
            f"none of the {len(fleet)} visits has an arrival, a departure within a day and an arrival SoC"
        )
        findings.append(Finding("generate.fit.visits", "error", "visits", message, "0", "visits to fit to"))
        return findings
    if long:
        message = f"{long} of {len(table) + long} visits last a day or more, and are left out of the fit"
        remedy = "nothing, where that is fine; bins of the clock hold less than a day"
        findings.append(Finding("generate.fit.long", "warning", "visits", message, str(long), remedy))
    weekend = np.count_nonzero(table.weekend)
    if weekend in (0, len(table)):
        missing, other = ("weekends", "other days") if not weekend else ("Monday to Friday", "weekends")
        message = f"there are no visits on {missing}; those of {other} stand in"
        findings.append(Finding("generate.fit.days", "info", "visits", message))
    return findings


def _told_after(bins: IndependentBins, lost: int, visits: int, min_stay_min: int) -> list[Finding]:
    """Where independent bins cannot give what was recorded."""
    findings = []
    if lost:
        message = f"{lost} of {visits} visits come with more than any departure bin above them allows"
        remedy = 'form = "joint" keeps them; independent bins leave them out of the arrival SoC'
        findings.append(Finding("generate.fit.soc", "warning", "visits", message, str(lost), remedy))
    if len(find_soc_gaps(bins)) or not bins.arrival_soc_probability.any():
        message = "no visit leaves with a state of charge in a bin above that of its arrival"
        findings.append(Finding("generate.fit.soc", "error", "visits", message, "", 'form = "joint"'))
    for day, rows in zip(("other days", "weekends"), find_stay_gaps(bins, min_stay_min), strict=True):
        if len(rows):
            message = f"on {day} no departure leaves a stay of {min_stay_min} minutes after some arrivals"
            remedy = 'form = "joint", wider bins or a shorter minimum stay'
            findings.append(Finding("generate.fit.stay", "error", "visits", message, "", remedy))
    return findings


def _fit_independent(table: VisitTable, time: TimeBins, soc: SocBins) -> tuple[IndependentBins, int]:
    """Shares of the visits in each bin, and how many arrivals have no departure bin above."""
    arrival = time.bin_of(table.arrival_min)
    departure = time.bin_of((table.arrival_min + table.stay_min) % DAY_MIN)
    first, last = soc.bin_of(table.arrival_soc), soc.bin_of(table.departure_soc)
    top = last.max()
    come = np.bincount(first[first < top], minlength=len(soc))
    bins = IndependentBins(
        time,
        _by_day(table.weekend, arrival, len(time)),
        time,
        _by_day(table.weekend, departure, len(time)),
        soc,
        come / max(come.sum(), 1),
        soc,
        np.bincount(last, minlength=len(soc)) / len(table),
    )
    return bins, int(np.count_nonzero(first >= top))


def _fit_joint(table: VisitTable, time: TimeBins, soc: SocBins) -> JointBins:
    """Shares of the visits in each pair of bins."""
    width = len(time)
    arrival = time.bin_of(table.arrival_min)
    departure = time.bin_of((table.arrival_min + table.stay_min) % DAY_MIN)
    pairs = _by_day(table.weekend, arrival * width + departure, width * width)
    overnight = table.arrival_min + table.stay_min >= DAY_MIN
    same = arrival == departure
    late = np.zeros((2, width))
    for k in np.unique(arrival[same]):
        own = same & (arrival == k)
        for kind in (0, 1):
            mine = own & (table.weekend == bool(kind)) if np.any(own & (table.weekend == bool(kind))) else own
            late[kind, k] = np.mean(overnight[mine])
    levels = soc.bin_of(table.arrival_soc) * len(soc) + soc.bin_of(table.departure_soc)
    return JointBins(
        time,
        pairs.reshape(2, width, width),
        soc,
        np.bincount(levels, minlength=len(soc) ** 2).reshape(len(soc), len(soc)) / len(table),
        late,
    )


def _by_day(weekend: NDArray[np.bool_], row: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    """Shares of rows on weekdays and at weekends; one stands in for the other, shape (2, count)."""
    counts = np.stack([np.bincount(row[weekend == kind], minlength=count) for kind in (False, True)])
    for kind in (0, 1):
        if not counts[kind].any():
            counts[kind] = counts[1 - kind]
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _fit_models(table: VisitTable) -> VehicleModels:
    """Pairs of battery and power that occur, with their shares."""
    pairs, counts = np.unique(
        np.stack([table.battery_kwh, table.charge_kw], axis=1), axis=0, return_counts=True
    )
    names = tuple(f"{kwh:g} kWh, {kw:g} kW" for kwh, kw in pairs.tolist())
    return VehicleModels(names, pairs[:, 0], pairs[:, 1], pairs[:, 1], counts / counts.sum())


def _rates(table: VisitTable) -> tuple[float, float]:
    """Visits per weekday and per weekend day between the first and the last visit."""
    days = np.arange(table.day.min(), table.day.max() + 1)
    out = []
    for kind in (False, True):
        count = int(np.count_nonzero(((days + 3) % 7 >= 5) == kind))  # noqa: PLR2004 - Saturday; day 0 a Thursday
        visits = int(np.count_nonzero(table.weekend == kind))
        out.append(visits / count if count else float("nan"))
    week, weekend = out
    return (weekend if np.isnan(week) else week), (week if np.isnan(weekend) else weekend)
