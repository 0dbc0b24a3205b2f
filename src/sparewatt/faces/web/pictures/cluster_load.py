"""Hub: power of a cluster, or of all, under its limits, with the tariff over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.cluster_choice import chosen_cluster, cluster_choice, hub
from sparewatt.faces.web.pictures.picture import Picture
from sparewatt.faces.web.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILION,
    area,
    figure,
    line,
    moments,
    timed,
    value_axis,
)
from sparewatt.results.buckets import periods_between, shared_rows
from sparewatt.results.cluster_windows import flows_kw

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Moments, Trace
    from sparewatt.results.cluster_windows import ClusterWindows, HubPower
    from sparewatt.results.run_folder import RunFolder

    Held = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_FAR = 2.5
"""A limit further away than this many times the power is named, not drawn."""
_NOISE_KW = 1e-6


def draw_load(folder: RunFolder, look: Look) -> Figure:
    """Charging above, V2G below zero, limits as lines; what is beyond them in another colour."""
    windows, cluster = hub(folder), chosen_cluster(look)
    h = windows.horizon
    lo, hi = periods_between(h, look.start, look.end)
    power = windows.power(cluster, lo, hi)
    charging, v2g = _flows(windows, cluster, power, lo, hi)
    price = windows.price_per_kwh(lo, hi)
    rows = shared_rows([power.grid_kw, charging, v2g], look.points)
    at = moments(h.boundaries_s[np.append(rows + lo, hi)], h.timezone)

    def held(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The kept rows, the last one once more for its right edge."""
        return np.append(values[rows], values[rows[-1]])

    data = [area(at, held(charging), "charging", BLUE, unit="kW", group="up")]
    if v2g.any():
        given = area(at, -held(v2g), "V2G", ORANGE, unit="kW", group="down")
        data.append({**given, "fillpattern": {"shape": "/", "size": 6, "solidity": 0.3}})
        data.append(line(at, held(power.grid_kw), "net", GREY, unit="kW", width=1.4))
    data += _limits(at, power, held)
    data += _beyond(at, power, _tolerance(windows, cluster), held)
    layout = timed(h.start, h.end, h.timezone, look, axes=2 if np.ptp(price) > 0 else 1)
    layout["yaxis"] = value_axis("power [kW]")
    if np.ptp(price) > 0:
        above = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
        changes = np.flatnonzero(np.diff(price, prepend=np.inf) != 0)
        changes = changes if len(changes) <= look.points else shared_rows([price], look.points)
        price_at = moments(h.boundaries_s[np.append(changes + lo, hi)], h.timezone)
        values = np.append(price[changes], price[-1])
        data.append({**line(price_at, values, "tariff", PURPLE, unit="per kWh"), **above})
        layout["yaxis"]["domain"] = [0, 0.76]
        layout["yaxis2"] = value_axis("tariff<br>[per kWh]", domain=[0.84, 1], nticks=3, zero=False)
    return figure(data, layout)


def _flows(
    windows: ClusterWindows, cluster: int | None, power: HubPower, lo: int, hi: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Charging and V2G; from the connections where some give back, for charging hides it in the sum."""
    connections = windows.part("connections", ["evse", "v2g_kwh"])
    if not connections["v2g_kwh"].any():
        return np.maximum(power.grid_kw, 0.0), np.zeros(hi - lo)
    own = None
    if cluster is not None:
        of_evse = windows.part("evses", ["cluster"])["cluster"]
        own = np.flatnonzero(of_evse[connections["evse"].astype(np.int64)] == cluster)
    h = windows.horizon
    spells = windows.spells(int(h.boundaries_s[lo]), int(h.boundaries_s[hi]), own)
    return flows_kw(spells, h, lo, hi)


def _tolerance(windows: ClusterWindows, cluster: int | None) -> float:
    return (windows.system_tolerance_kw or 0.0) if cluster is None else windows.tolerances_kw[cluster]


def _limits(at: Moments, power: HubPower, held: Held) -> list[Trace]:
    """Lines of the limits that are near enough to the power to be drawn with it."""
    top = max(1.0, float(np.abs(power.grid_kw).max(initial=0.0)))
    found = []
    for kw, words in ((power.upper_kw, "upper limit"), (power.lower_kw, "lower limit")):
        near = np.isfinite(kw) & (np.abs(kw) <= _FAR * top)
        if near.any():
            dash = "solid" if words == "upper limit" else "dash"
            shown = held(np.where(np.isfinite(kw), kw, np.nan))
            found.append(line(at, shown, words, GREEN, unit="kW", width=2.0, dash=dash))
        elif np.isfinite(kw).any():
            nearest = float(np.nanmin(np.abs(kw[np.isfinite(kw)])))
            note = f"{words} not below {nearest:,.4g} kW" if kw is power.upper_kw else f"{words} far below"
            found.append(line(at, held(np.full(len(kw), np.nan)), note, GREEN, unit="kW", hoverinfo="skip"))
    return found


def _beyond(at: Moments, power: HubPower, tolerance_kw: float, held: Held) -> list[Trace]:
    """The power where it is beyond a limit and its tolerance."""
    over = power.grid_kw > power.upper_kw + tolerance_kw + _NOISE_KW
    under = power.grid_kw < power.lower_kw - tolerance_kw - _NOISE_KW
    if not (over | under).any():
        return []
    shown = held(np.where(over | under, power.grid_kw, np.nan))
    return [line(at, shown, "beyond the limit", VERMILION, unit="kW", width=3.5, connectgaps=False)]


LOAD = Picture(
    name="load",
    title="Load under its limits",
    words="Power at the grid connection: charging in blue, what vehicles give back hatched below zero. It "
    "belongs between the green lines; where it leaves them by more than the tolerance, it is drawn thick in "
    "red. The tariff is above.",
    draw=draw_load,
    choices=cluster_choice,
    height=420,
    behind=lambda _folder: ("series/cluster_power.parquet", "series/system_power.parquet"),
)
