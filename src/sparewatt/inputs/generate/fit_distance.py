"""How far a sample of a fit is from the visits that it was fitted to, quantity by quantity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.visit_bins import DAY_MIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.generate.visit_bins import SocBins, TimeBins, VehicleModels
    from sparewatt.inputs.generate.visit_draws import VisitDraws
    from sparewatt.inputs.generate.visit_table import VisitTable

_STAY_BINS = 24


@dataclass(frozen=True)
class FitDistance:
    """How far the fit is from the visits in one quantity.

    Parameters
    ----------
    quantity, unit
        What, and in which unit.
    visits_mean, fit_mean
        Means of the recorded and of the drawn values.
    total_variation
        Half the sum of the differences of the shares of all bins: 0 the same, 1 nothing in common [0-1].
    wasserstein
        Mean distance by which values would have to be moved, in the unit of the quantity.
    """

    quantity: str
    unit: str
    visits_mean: float
    fit_mean: float
    total_variation: float
    wasserstein: float


def fit_distances(
    table: VisitTable, drawn: VisitDraws, models: VehicleModels, time: TimeBins, soc: SocBins
) -> tuple[FitDistance, ...]:
    """Recorded against drawn, quantity by quantity."""
    clock = np.append(time.lower_min, time.upper_min[-1]) / 60
    level = np.append(soc.lower, soc.upper[-1])
    stay = np.linspace(0, 24, _STAY_BINS + 1)
    energy = (table.departure_soc - table.arrival_soc) * table.battery_kwh
    drawn_energy = (drawn.departure_soc - drawn.arrival_soc) * models.battery_kwh[drawn.model]
    most = max(float(energy.max()), float(drawn_energy.max()), 1.0)
    leave, drawn_leave = ((t.arrival_min + t.stay_min) % DAY_MIN / 60 for t in (table, drawn))
    compared = (
        ("arrival", "h", table.arrival_min / 60, drawn.arrival_min / 60, clock),
        ("departure", "h", leave, drawn_leave, clock),
        ("stay", "h", table.stay_min / 60, drawn.stay_min / 60, stay),
        ("arrival_soc", "0-1", table.arrival_soc, drawn.arrival_soc, level),
        ("departure_soc", "0-1", table.departure_soc, drawn.departure_soc, level),
        ("energy", "kWh", energy, drawn_energy, np.linspace(0, most, 21)),
    )
    return tuple(_distance(*row) for row in compared)


def _distance(
    quantity: str,
    unit: str,
    visits: NDArray[np.float64],
    fit: NDArray[np.float64],
    edges: NDArray[np.float64],
) -> FitDistance:
    """Distance of two samples by the shares of bins, and by their sorted values.

    The Wasserstein distance is the mean of |F⁻¹(u) - G⁻¹(u)| over 2,000 levels u.
    """
    p, q = (np.histogram(v, edges)[0] / len(v) for v in (visits, fit))
    levels = (np.arange(2000) + 0.5) / 2000
    moved = np.abs(np.quantile(visits, levels) - np.quantile(fit, levels))
    return FitDistance(
        quantity,
        unit,
        float(visits.mean()),
        float(fit.mean()),
        float(np.abs(p - q).sum() / 2),
        float(moved.mean()),
    )
