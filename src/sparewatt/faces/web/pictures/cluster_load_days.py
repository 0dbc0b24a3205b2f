"""Hub over a long time: lowest and highest power of each day, and the tightest limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.cluster_limits import FAR
from sparewatt.faces.web.pictures.style import BLUE, GREEN, ORANGE, VERMILION, faint, line, moments
from sparewatt.results.buckets import bucket_edges, bucket_highest, bucket_lowest, bucket_means
from sparewatt.results.local_days import day_starts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.cluster_limits import Bounds
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.model.horizon import Horizon
    from sparewatt.results.cluster_windows import HubPower

_FEW_DAYS = 8


def long_edges(h: Horizon, lo: int, hi: int, points: int) -> NDArray[np.int64]:
    """Boundaries of what is told as one: local days, or parts of the window where these are few."""
    starts = day_starts(h)
    days = np.concatenate([[lo], starts[(starts > lo) & (starts < hi)], [hi]])
    return days if len(days) > _FEW_DAYS else bucket_edges(lo, hi, points // 2)


def long_load(
    h: Horizon,
    edges: NDArray[np.int64],
    power: HubPower,
    bounds: Bounds,
    beyond: NDArray[np.float64],
) -> list[Trace]:
    """A band from the lowest to the highest power, the tightest limits, and where they were left.

    Parameters
    ----------
    h
        The periods.
    edges
        Boundaries of what is told as one.
    power, bounds, beyond
        Power, limits to draw, and how far it is beyond its own, in the periods between the edges.
    """
    at = moments(h.boundaries_s[edges], h.timezone)

    def held(values: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.append(values, values[-1])

    low, high = bucket_lowest(power.grid_kw, edges), bucket_highest(power.grid_kw, edges)
    band = line(at, held(high), "highest power", BLUE, unit="kW")
    data = [
        line(at, held(low), "lowest power", BLUE, unit="kW", width=0.8, showlegend=False),
        {**band, "fill": "tonexty", "fillcolor": faint(BLUE, 0.35)},
        line(at, held(bucket_means(power.grid_kw, edges)), "mean power", ORANGE, unit="kW", dash="dot"),
    ]
    far = FAR * max(1.0, float(np.abs(power.grid_kw).max(initial=0.0)))
    if (bounds.power.upper_kw <= far).any() and np.isfinite(bounds.power.upper_kw).all():
        upper = held(bucket_lowest(bounds.power.upper_kw, edges))
        data.append(line(at, upper, f"{bounds.words[0]}: lowest", GREEN, unit="kW", width=2.0))
    if (bounds.power.lower_kw >= -far).any() and np.isfinite(bounds.power.lower_kw).all():
        lower = held(bucket_highest(bounds.power.lower_kw, edges))
        data.append(line(at, lower, f"{bounds.words[1]}: highest", GREEN, unit="kW", width=2.0, dash="dash"))
    if beyond.any():
        worst = bucket_highest(beyond, edges)
        over = held(np.where(worst > 0, high, np.nan))
        data.append(line(at, over, "beyond the limit", VERMILION, unit="kW", width=3.5, connectgaps=False))
    return data
