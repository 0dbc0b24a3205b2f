"""Clusters, limits and tariff of a generated hub on its periods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.half_hours import HalfHours, draw_price
from sparewatt.inputs.generate.visit_times import SATURDAY, clock_of
from sparewatt.model.cluster_system import ClusterSystem, Traffic
from sparewatt.model.evses import Evses
from sparewatt.model.horizon import Horizon
from sparewatt.model.limit import Limit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, timedelta

    from numpy.typing import NDArray

    from sparewatt.inputs.generate.hub_plan import ClusterPlan

_HOUR_S, _HALF_HOUR_S, _DAY_S = 3600, 1800, 86_400
_LIMITS, _PRICES = 1_000_001, 1_000_002  # streams beyond those of clusters
_THURSDAY = 3  # 1 January 1970, Monday is 0


def make_hub_system(
    clusters: Sequence[ClusterPlan],
    limits: Sequence[Sequence[float]],
    first_day: date,
    days: int,
    step: timedelta,
    timezone: str,
    *,
    seed: int,
) -> ClusterSystem:
    """A hub with limits that follow the hour of the day, and a tariff with evening peaks.

    Parameters
    ----------
    clusters
        What there is; powers and efficiencies of their units.
    limits
        Upper limit over the power of all units of a cluster by local hour, shape (24,) each [0-1]. It
        wanders by some per cent from day to day, and is a tenth higher at weekends. The lower limit is
        the power that units could give back, no more than the upper one.
    first_day, days
        Local days of the horizon.
    step
        Length of a period; it divides the hour.
    timezone
        IANA name.
    seed
        Of limits and tariff.
    """
    horizon = Horizon.of_days(first_day, days, step=step, timezone=timezone)
    clock = clock_of(horizon.boundaries_s[:-1], timezone)
    return ClusterSystem(
        horizon=horizon,
        cluster_ids=tuple(c.cluster_id for c in clusters),
        evses=_make_units(clusters),
        limits=tuple(
            _make_limit(np.random.default_rng([seed, _LIMITS, row]), c, share, clock)
            for row, (c, share) in enumerate(zip(clusters, limits, strict=True))
        ),
        price_per_kwh=_make_price(np.random.default_rng([seed, _PRICES]), horizon, first_day, days, timezone),
        traffic=Traffic.none(len(clusters)),
    )


def _make_units(clusters: Sequence[ClusterPlan]) -> Evses:
    """Units with ids such as ``C1_07``."""
    counts = [c.units for c in clusters]
    width = max(2, len(str(max(counts))))
    ids = [f"C{row + 1}_{k + 1:0{width}d}" for row, n in enumerate(counts) for k in range(n)]
    return Evses(
        tuple(ids),
        np.repeat(np.arange(len(clusters)), counts),
        np.repeat([c.charge_kw for c in clusters], counts),
        np.repeat([c.discharge_kw for c in clusters], counts),
        np.repeat([c.efficiency for c in clusters], counts),
    )


def _make_limit(
    rng: np.random.Generator, cluster: ClusterPlan, share: Sequence[float], clock: NDArray[np.int64]
) -> Limit:
    """Whole kW, constant within local hours."""
    day = clock // _DAY_S - clock[0] // _DAY_S
    level = 1 + 0.05 * np.clip(rng.normal(0, 1, int(day[-1]) + 1), -2, 2)
    weekend = (clock // _DAY_S + _THURSDAY) % 7 >= SATURDAY
    hourly = np.asarray(share)[clock % _DAY_S // _HOUR_S] * level[day] * np.where(weekend, 1.1, 1.0)
    upper = np.maximum(np.round(hourly * cluster.units * cluster.charge_kw / cluster.efficiency), 1.0)
    back = cluster.units * cluster.discharge_kw * cluster.efficiency
    lower = -np.minimum(upper, np.floor(back))
    return Limit(lower, upper, f"sheet of {cluster.cluster_id}")


def _make_price(
    rng: np.random.Generator, horizon: Horizon, first_day: date, days: int, timezone: str
) -> NDArray[np.float64]:
    """Half-hourly tariff, held on the periods [currency/kWh]."""
    price = draw_price(rng, HalfHours.of_days(first_day, days, timezone))
    return np.asarray(price[(horizon.boundaries_s[:-1] - horizon.start_s) // _HALF_HOUR_S])
