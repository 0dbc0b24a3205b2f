"""Draw visits from bins: clock readings, states of charge and models, all at once on arrays.

Every draw is the inverse of a cumulative distribution, so a condition ("redrawn until the minimum stay
holds", "bins strictly above, renormalised") is a smaller range of it, and nothing is drawn twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.visit_bins import DAY_MIN, IndependentBins, JointBins

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.generate.visit_bins import SocBins, VehicleModels

SOC_GRID = 10_000
"""States of charge are drawn on a grid of 1 / SOC_GRID."""


@dataclass(frozen=True)
class VisitDraws:
    """Visits as clocks and batteries show them, in the order of their days.

    Parameters
    ----------
    arrival_min
        Clock at arrival, shape (visits,) [min after midnight].
    stay_min
        How much later the clock shows at departure, next day included, > 0, shape (visits,) [min].
    arrival_soc, departure_soc
        Shape (visits,) [0-1].
    model
        Row of the vehicle models, shape (visits,).
    """

    arrival_min: NDArray[np.int64]
    stay_min: NDArray[np.int64]
    arrival_soc: NDArray[np.float64]
    departure_soc: NDArray[np.float64]
    model: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of visits."""
        return len(self.arrival_min)


def draw_visits(
    rng: np.random.Generator,
    bins: IndependentBins | JointBins,
    models: VehicleModels,
    weekend: NDArray[np.bool_],
    min_stay_min: int,
) -> VisitDraws:
    """One visit per entry of ``weekend``.

    *Independent bins*: the arrival bin by its probability, uniform on the minutes in it; the departure
    from the table of the arrival's kind of day, on the next day where the clock is not past the arrival,
    under the condition of the minimum stay; a departure SoC only from bins strictly above the arrival SoC.
    *Joint bins*: a pair of bins by its probability, uniform in both, the departure on the next day where
    it is earlier, stretched to the minimum stay; two SoC of one bin are put in order.

    Parameters
    ----------
    rng
        Seeded generator.
    bins, models
        Checked distributions: `find_stay_gaps` and `find_soc_gaps` are empty.
    weekend
        Whether the visit begins on a Saturday or Sunday, shape (visits,).
    min_stay_min
        Least stay on the clock, 1 to 1439 [min].
    """
    kind = weekend.astype(np.int64)
    if isinstance(bins, IndependentBins):
        arrival = _draw_minutes(rng, bins.arrival.over_minutes(bins.arrival_probability), kind)
        stay = draw_stays(rng, bins, kind, arrival, min_stay_min)
        row = _draw_rows(rng, bins.arrival_soc_probability, len(kind))
        arrival_soc = _inside(rng, bins.arrival_soc, row)
        departure_soc = _inside(rng, bins.departure_soc, _rows_above(rng, bins, arrival_soc))
    else:
        arrival, stay = _draw_joint_times(rng, bins, kind, min_stay_min)
        arrival_soc, departure_soc = _draw_joint_soc(rng, bins, len(kind))
    model = _draw_rows(rng, models.probability, len(kind))
    return VisitDraws(arrival, stay, arrival_soc, departure_soc, model)


def draw_stays(
    rng: np.random.Generator,
    bins: IndependentBins,
    kind: NDArray[np.int64],
    arrival_min: NDArray[np.int64],
    min_stay_min: int,
) -> NDArray[np.int64]:
    """Stays on the clock for given arrivals, shape (visits,) [min].

    With F the cumulative probability of the departure minute over two days, the departure d of an
    arrival a is drawn in a + min_stay <= d < a + 1440: F(d) uniform between the two ends.

    Parameters
    ----------
    rng, bins, min_stay_min
        As in `draw_visits`.
    kind
        Kind of day of the arrivals, shape (visits,).
    arrival_min
        Clock at arrival, shape (visits,) [min after midnight].
    """
    departure = bins.departure.over_minutes(bins.departure_probability)
    out = np.empty(len(kind), dtype=np.int64)
    uniform = rng.random(len(kind))
    for day in range(len(departure)):
        rows = np.flatnonzero(kind == day)
        reach = np.concatenate([[0.0], np.cumsum(np.tile(departure[day], 2))])
        a = arrival_min[rows]
        minute = _between(uniform[rows], reach, a + min_stay_min, a + DAY_MIN)
        out[rows] = minute - a
    return out


def _between(
    uniform: NDArray[np.float64],
    reach: NDArray[np.float64],
    first: NDArray[np.int64],
    end: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Positions in ``first .. end - 1``, each by its share: ``reach[k + 1] - reach[k]`` is that of k."""
    low, high = reach[first], reach[end]
    aim = np.minimum(low + uniform * (high - low), np.nextafter(high, -np.inf))
    position = np.searchsorted(reach, aim, side="right") - 1
    return np.clip(position, first, end - 1).astype(np.int64)


def _draw_minutes(
    rng: np.random.Generator, probability: NDArray[np.float64], kind: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Minutes of the day, each by the row of its kind of day; ``probability`` has shape (2, 1440)."""
    uniform = rng.random(len(kind))
    out = np.empty(len(kind), dtype=np.int64)
    for day in range(len(probability)):
        rows = np.flatnonzero(kind == day)
        out[rows] = _rows_at(probability[day], uniform[rows])
    return out


def _draw_rows(rng: np.random.Generator, probability: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    return _rows_at(probability, rng.random(count))


def _rows_at(probability: NDArray[np.float64], uniform: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rows by probability; one of probability 0 is never drawn."""
    reach = np.concatenate([[0.0], np.cumsum(probability)])
    first = np.zeros(len(uniform), dtype=np.int64)
    return _between(uniform, reach, first, first + len(probability))


def _rows_above(
    rng: np.random.Generator, bins: IndependentBins, arrival_soc: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Departure bins strictly above each arrival SoC, by their renormalised probabilities."""
    reach = np.concatenate([[0.0], np.cumsum(bins.departure_soc_probability)])
    first = np.searchsorted(bins.departure_soc.lower, arrival_soc, side="right")
    end = np.full(len(arrival_soc), len(bins.departure_soc), dtype=np.int64)
    return _between(rng.random(len(arrival_soc)), reach, first, end)


def _inside(rng: np.random.Generator, bins: SocBins, row: NDArray[np.int64]) -> NDArray[np.float64]:
    """Uniform in the bin, down to the grid but never below the bin, shape (visits,) [0-1]."""
    drawn = bins.lower[row] + rng.random(len(row)) * (bins.upper[row] - bins.lower[row])
    return np.maximum(np.floor(drawn * SOC_GRID) / SOC_GRID, bins.lower[row])


def _draw_joint_times(
    rng: np.random.Generator, bins: JointBins, kind: NDArray[np.int64], min_stay_min: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Arrivals and stays on the clock from pairs of bins, each shape (visits,) [min]."""
    count, width = len(kind), len(bins.time)
    uniform = rng.random(count)
    pair = np.empty(count, dtype=np.int64)
    for day in range(len(bins.time_probability)):
        rows = np.flatnonzero(kind == day)
        pair[rows] = _rows_at(bins.time_probability[day].ravel(), uniform[rows])
    first, end = bins.time.first_minute, bins.time.end_minute
    arrival = rng.integers(first[pair // width], end[pair // width])
    departure = rng.integers(first[pair % width], end[pair % width])
    next_day = departure < arrival
    if bins.overnight is not None:
        row, same = pair // width, np.flatnonzero(pair // width == pair % width)
        stays = rng.random(len(same)) < bins.overnight[kind[same], row[same]]
        early, late = np.sort(np.stack([arrival[same], departure[same]]), axis=0)
        arrival[same], departure[same] = np.where(stays, late, early), np.where(stays, early, late)
        next_day[same] = stays & (late > early)
    stay = departure - arrival + np.where(next_day, DAY_MIN, 0)
    return arrival, np.maximum(stay, min_stay_min)


def _draw_joint_soc(
    rng: np.random.Generator, bins: JointBins, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """States of charge from pairs of bins, the lower one on arrival, each shape (visits,) [0-1]."""
    pair = _draw_rows(rng, bins.soc_probability.ravel(), count)
    arrival = _inside(rng, bins.soc, pair // len(bins.soc))
    departure = _inside(rng, bins.soc, pair % len(bins.soc))
    return np.minimum(arrival, departure), np.maximum(arrival, departure)
