"""Kinds of clusters that the generator knows: when vehicles come and go, with what, and to which units.

The tables are invented for this project, with the shapes that such places have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sparewatt.inputs.generate.visit_bins import (
    DAY_MIN,
    IndependentBins,
    JointBins,
    SocBins,
    TimeBins,
    VehicleModels,
    VisitChances,
)

SiteKind = Literal["workplace", "fast", "retail", "home"]


@dataclass(frozen=True)
class Site:
    """One kind of cluster.

    Parameters
    ----------
    chances
        What its visits are drawn from.
    charge_kw, discharge_kw
        Greatest powers of a unit, battery side [kW].
    efficiency
        Of a unit, either direction [0-1].
    fast
        Whether vehicles charge with their fast charging power.
    min_stay_min
        Least stay [min].
    weekend
        Visits on a day of the weekend per visit on another day [-].
    limit
        Upper limit over the power of all units, by local hour of the day, shape (24,) [0-1].
    """

    chances: VisitChances
    charge_kw: float
    discharge_kw: float
    efficiency: float
    fast: bool
    min_stay_min: int
    weekend: float
    limit: tuple[float, ...]


MODELS = VehicleModels(
    ("city car", "compact car", "saloon", "sport utility", "van", "long-range car"),
    np.array([36.0, 58.0, 77.0, 90.0, 68.0, 105.0]),
    np.array([7.4, 11.0, 11.0, 11.0, 11.0, 22.0]),
    np.array([50.0, 120.0, 150.0, 170.0, 100.0, 200.0]),
    np.array([0.15, 0.27, 0.22, 0.16, 0.12, 0.08]),
)


def _clock(*rows: tuple[float, float, float, float]) -> tuple[TimeBins, np.ndarray]:
    """Bins from rows of hours and weights on weekdays and at weekends."""
    table = np.array(rows)
    weights = table[:, 2:].T
    return TimeBins(table[:, 0] * 60, table[:, 1] * 60), weights / weights.sum(axis=1, keepdims=True)


def _levels(*rows: tuple[float, float, float]) -> tuple[SocBins, np.ndarray]:
    """Bins from rows of states of charge and weights."""
    table = np.array(rows)
    return SocBins(table[:, 0], table[:, 1]), table[:, 2] / table[:, 2].sum()


_SOC_IN = _levels(
    (0.1, 0.2, 8), (0.2, 0.3, 20), (0.3, 0.4, 27), (0.4, 0.5, 22), (0.5, 0.6, 15), (0.6, 0.7, 8)
)
_SOC_OUT = _levels((0.7, 0.8, 25), (0.8, 0.9, 45), (0.9, 1.0, 30))

_PARKED_IN = _levels((0.3, 0.4, 12), (0.4, 0.5, 22), (0.5, 0.6, 26), (0.6, 0.7, 22), (0.7, 0.8, 18))
_PARKED_OUT = _levels((0.75, 0.85, 20), (0.85, 0.95, 50), (0.95, 1.0, 30))
_WORK_IN = _clock(
    (6, 7, 8, 2), (7, 8, 34, 6), (8, 9, 35, 16), (9, 10, 12, 30), (10, 12, 6, 34), (12, 13, 5, 12)
)
_WORK_OUT = _clock((14, 15, 7, 20), (15, 16, 13, 30), (16, 17, 28, 26), (17, 18, 32, 16), (18, 21, 20, 8))
_HOME_IN = _clock(
    (13, 16, 10, 28), (16, 17, 15, 14), (17, 18, 24, 16), (18, 19, 22, 16), (19, 21, 19, 16), (21, 23, 10, 10)
)
_HOME_OUT = _clock((5, 6, 6, 2), (6, 7, 22, 6), (7, 8, 38, 14), (8, 9, 24, 26), (9, 12, 10, 52))


def _short_stays(by_hour: tuple[float, ...], spread: tuple[float, ...]) -> tuple[TimeBins, np.ndarray]:
    """Half-hours in which vehicles come, by weights of the hours, and leave ``k`` half-hours later."""
    edges = np.arange(0, DAY_MIN + 1, 30, dtype=np.float64)
    come = np.repeat(np.array(by_hour) / (2 * sum(by_hour)), 2)
    pairs = np.zeros((48, 48))
    for k, weight in enumerate(spread):
        pairs[np.arange(48), (np.arange(48) + k) % 48] += come * weight / sum(spread)
    return TimeBins(edges[:-1], edges[1:]), np.stack([pairs, pairs])


def _quick(low: float, high: float) -> tuple[SocBins, np.ndarray]:
    """Arrivals from 5 % to 45 %, departures between two levels; even."""
    bins = SocBins(np.array([0.05, 0.15, 0.3, 0.45, low]), np.array([0.15, 0.3, 0.45, low, high]))
    pairs = np.zeros((5, 5))
    pairs[:3, 4] = (0.25, 0.5, 0.25)
    return bins, pairs


_FAST_HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 7, 6, 6, 7, 8, 7, 7, 8, 10, 12, 11, 8, 5, 4, 3, 2)
_SHOP_HOURS = (0, 0, 0, 0, 0, 0, 0, 1, 3, 7, 10, 11, 10, 9, 9, 9, 10, 10, 7, 3, 1, 0, 0, 0)
_FAST = (*_short_stays(_FAST_HOURS, (0, 4, 5, 2)), *_quick(0.5, 0.75))
_SHOP = (*_short_stays(_SHOP_HOURS, (0, 1, 4, 5, 3, 2)), *_quick(0.45, 0.6))

_ALL_DAY = (0.55,) * 16 + (0.36,) * 4 + (0.5,) * 4
_DAY_PEAK = (0.4,) * 6 + (0.45,) * 10 + (0.24,) * 4 + (0.4,) * 4
_NIGHT = (0.34,) * 7 + (0.3,) * 9 + (0.2,) * 4 + (0.3,) * 4

SITES: dict[SiteKind, Site] = {
    "workplace": Site(
        VisitChances(IndependentBins(*_WORK_IN, *_WORK_OUT, *_PARKED_IN, *_PARKED_OUT), MODELS),
        charge_kw=11.0,
        discharge_kw=11.0,
        efficiency=0.93,
        fast=False,
        min_stay_min=60,
        weekend=0.2,
        limit=_DAY_PEAK,
    ),
    "fast": Site(
        VisitChances(JointBins(_FAST[0], _FAST[1], _FAST[2], _FAST[3]), MODELS),
        charge_kw=50.0,
        discharge_kw=0.0,
        efficiency=0.95,
        fast=True,
        min_stay_min=20,
        weekend=1.3,
        limit=_ALL_DAY,
    ),
    "retail": Site(
        VisitChances(JointBins(_SHOP[0], _SHOP[1], _SHOP[2], _SHOP[3]), MODELS),
        charge_kw=22.0,
        discharge_kw=0.0,
        efficiency=0.93,
        fast=True,
        min_stay_min=20,
        weekend=1.5,
        limit=_ALL_DAY,
    ),
    "home": Site(
        VisitChances(IndependentBins(*_HOME_IN, *_HOME_OUT, *_SOC_IN, *_SOC_OUT), MODELS),
        charge_kw=7.4,
        discharge_kw=7.4,
        efficiency=0.92,
        fast=False,
        min_stay_min=120,
        weekend=0.9,
        limit=_NIGHT,
    ),
}
"""Kinds by name; more in ``docs/cluster.md``."""
