"""Hub: power of a cluster, or of all, under its limits, with the tariff over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.cluster_choice import chosen_cluster, cluster_choice, hub
from sparewatt.faces.web.pictures.cluster_limits import (
    beyond_bounds,
    limit_lines,
    own_tolerance,
    shown_bounds,
)
from sparewatt.faces.web.pictures.cluster_load_days import long_edges, long_load
from sparewatt.faces.web.pictures.picture import Picture
from sparewatt.faces.web.pictures.style import (
    BLUE,
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
from sparewatt.results.hub_lines import flows_kw
from sparewatt.results.hub_promises import promised_kw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.cluster_windows import ClusterWindows, HubPower
    from sparewatt.results.run_folder import RunFolder


def draw_load(folder: RunFolder, look: Look) -> Figure:
    """Charging above, V2G below zero, limits as lines; what is beyond them in another colour."""
    windows, cluster = hub(folder), chosen_cluster(look)
    h = windows.horizon
    lo, hi = periods_between(h, look.start, look.end)
    power = windows.power(cluster, lo, hi)
    price = windows.price_per_kwh(lo, hi)
    bounds = shown_bounds(windows, cluster, power, lo, hi)
    beyond = beyond_bounds(power, own_tolerance(windows, cluster))
    if hi - lo > look.points:
        data = long_load(h, long_edges(h, lo, hi, look.points), power, bounds, beyond)
    else:
        data = [
            *_close_load(windows, cluster, power, beyond, (lo, hi), look.points),
            *limit_lines(h, bounds, lo, hi, look.points),
        ]
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


def _close_load(
    windows: ClusterWindows,
    cluster: int | None,
    power: HubPower,
    beyond: NDArray[np.float64],
    window: tuple[int, int],
    points: int,
) -> list[Trace]:
    """Charging and V2G as areas, their difference and what contracts promised as lines."""
    h, (lo, hi) = windows.horizon, window
    charging, v2g = _flows(windows, cluster, power, lo, hi)
    promised = promised_kw(windows, cluster, lo, hi)
    rows = shared_rows([power.grid_kw, charging, v2g, promised, beyond], points)
    at = moments(h.boundaries_s[np.append(rows + lo, hi)], h.timezone)

    def held(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The kept rows, the last one once more for its right edge."""
        return np.append(values[rows], values[rows[-1]])

    data = [area(at, held(charging), "charging", BLUE, unit="kW", group="up")]
    if v2g.any():
        given = area(at, -held(v2g), "V2G", ORANGE, unit="kW", group="down")
        data.append({**given, "fillpattern": {"shape": "/", "size": 6, "solidity": 0.3}})
        data.append(line(at, held(power.grid_kw), "net", GREY, unit="kW", width=1.4))
    if promised.any():
        data.append(line(at, held(promised), "promised by contracts", PURPLE, unit="kW", dash="dash"))
    if beyond.any():
        over = held(np.where(beyond > 0, power.grid_kw, np.nan))
        data.append(line(at, over, "beyond the limit", VERMILION, unit="kW", width=3.5, connectgaps=False))
    return data


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


LOAD = Picture(
    name="load",
    title="Load under its limits",
    words="Power at the grid connection: charging in blue, what vehicles give back hatched below zero. It "
    "belongs between the green lines; where it leaves them by more than the tolerance, it is drawn thick in "
    "red. Dashed in purple: what contracts promised. The tariff is above. Over many days: the "
    "lowest, mean and highest power of each, and its tightest limits.",
    draw=draw_load,
    choices=cluster_choice,
    height=420,
    behind=lambda _folder: ("series/cluster_power.parquet", "series/system_power.parquet"),
)
