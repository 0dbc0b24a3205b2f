"""Hub: limits as lines near the power, with their tolerance; and what is beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.faces.web.pictures.style import GREEN, line, moments
from sparewatt.results.buckets import shared_rows
from sparewatt.results.hub_limits import summed_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.model.horizon import Horizon
    from sparewatt.results.cluster_windows import ClusterWindows, HubPower

FAR = 2.5
"""A limit further away than this many times the power is named, not drawn."""
_NOISE_KW = 1e-6


class Bounds(NamedTuple):
    """Limits to draw beside the power, what they are called, and their tolerance [kW]."""

    power: HubPower
    words: tuple[str, str]
    tolerance_kw: float


def shown_bounds(windows: ClusterWindows, cluster: int | None, power: HubPower, lo: int, hi: int) -> Bounds:
    """The limits of what is shown; of all together without any, those of the clusters added up."""
    own = Bounds(power, ("upper limit", "lower limit"), own_tolerance(windows, cluster))
    if cluster is not None or windows.system_tolerance_kw is not None:
        return own
    summed = summed_limits(windows, lo, hi)
    if summed is None:
        return own
    bounds = power._replace(lower_kw=summed[0], upper_kw=summed[1])
    return Bounds(bounds, ("upper limits added up", "lower limits added up"), 0.0)


def own_tolerance(windows: ClusterWindows, cluster: int | None) -> float:
    """How far a cluster, or all together, may be beyond its limit [kW]."""
    return (windows.system_tolerance_kw or 0.0) if cluster is None else windows.tolerances_kw[cluster]


def beyond_bounds(power: HubPower, tolerance_kw: float) -> NDArray[np.float64]:
    """How far power is beyond its limits and their tolerance, shape (periods,) [kW]."""
    over = np.maximum(power.grid_kw - power.upper_kw, power.lower_kw - power.grid_kw) - tolerance_kw
    return np.where(over > _NOISE_KW, over, 0.0)


def limit_lines(h: Horizon, bounds: Bounds, lo: int, hi: int, points: int) -> list[Trace]:
    """Lines of the limits that are near enough to the power to be drawn with it, and of their tolerance."""
    power = bounds.power
    top = max(1.0, float(np.abs(power.grid_kw).max(initial=0.0)))
    found = []
    sides = zip((power.upper_kw, power.lower_kw), bounds.words, ("solid", "dash"), (1, -1), strict=True)
    for kw, words, dash, sign in sides:
        finite = np.where(np.isfinite(kw), kw, np.nan)
        rows = _changes(finite, points)
        at = moments(h.boundaries_s[np.append(rows + lo, hi)], h.timezone)
        shown = finite[np.append(rows, hi - lo - 1)]
        if (np.abs(finite) <= FAR * top).any():
            found.append(line(at, shown, words, GREEN, unit="kW", width=2.0, dash=dash))
            if bounds.tolerance_kw > 0:
                edge, name = shown + sign * bounds.tolerance_kw, f"{words} with tolerance"
                found.append(line(at, edge, name, GREEN, unit="kW", width=1.0, dash="dot"))
        elif np.isfinite(kw).any():
            nearest = float(np.nanmin(np.abs(finite)))
            side = "not below" if sign > 0 else "not above \u2212"
            note = f"{words}: {side}{' ' if sign > 0 else ''}{nearest:,.4g} kW"
            found.append(line(at, np.full(len(shown), np.nan), note, GREEN, unit="kW", hoverinfo="skip"))
    return found


def _changes(kw: NDArray[np.float64], points: int) -> NDArray[np.intp]:
    """Rows where a limit changes; few where it changes all the time."""
    same = (kw[1:] == kw[:-1]) | (np.isnan(kw[1:]) & np.isnan(kw[:-1]))
    rows = np.append(0, 1 + np.flatnonzero(~same))
    return rows if len(rows) <= points else shared_rows([np.nan_to_num(kw)], points)
