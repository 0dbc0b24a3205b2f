"""Lowest voltage over flow with the fitted limit, zone by zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.headroom import LineFault
from sparewatt.results.figures.network_marks import draw_dots, shown_words, thinned, tightest_zones
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import BLUE, GREY, INK, VERMILION, drawing, id_label, new_figure, settle
from sparewatt.results.kpis import number_text
from sparewatt.results.network_tables import limit_from

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sparewatt.results.network_view import NetworkView

MOST_ZONES = 6
_ACROSS = 3
_GRID = (64, 40)


def scatter_picture(view: NetworkView, name: str) -> Picture:
    """Snapshots of all cases without EVs, the line through them, and the limit that came of it."""
    zones = tightest_zones(view, MOST_ZONES)
    across = min(_ACROSS, max(len(zones), 1))
    rows = -(-max(len(zones), 1) // across)
    with drawing():
        figure = new_figure(2.3 * rows + 0.6)
        panels = figure.subplots(rows, across, squeeze=False).ravel()
        for axes, z in zip(panels, zones, strict=False):
            _draw(axes, view, z)
        for axes in panels[len(zones) :]:
            axes.axis("off")
        for k, axes in enumerate(panels[: len(zones)]):
            if k % across == 0:
                axes.set_ylabel("lowest voltage [V]")
            if k + across >= len(zones):
                axes.set_xlabel("flow into the zone [kVA]")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
        settle(figure)
    points = int(view.limits.fitted_import.points.max(initial=0))
    return Picture(
        name,
        "Where the flow limits come from",
        f"Lowest voltage of each zone over its flow, in {points:,} snapshots of all cases without EVs, "
        f"thinned to one dot per spot. Dashed: the planning floor. In vermilion: snapshots within the limit "
        f"that are below the floor nevertheless.{shown_words(view, len(zones))}",
        figure,
        digits=2,
    )


def _draw(axes: Axes, view: NetworkView, zone: int) -> None:
    """One zone."""
    base, fit = view.network.base_v, view.limits.fitted_import
    floor = view.setting.headroom.voltage_floor_pu * base
    known = [c.series.converged for c in view.cases]
    flow = np.concatenate(
        [np.zeros(0), *(c.series.flow_kva[zone, k] for c, k in zip(view.cases, known, strict=True))]
    )
    volt = np.concatenate(
        [np.zeros(0), *(c.series.min_pu[zone, k] for c, k in zip(view.cases, known, strict=True))]
    )
    volt = volt * base
    limit = float(view.limits.import_kva[zone])
    bad = (volt < floor) & (flow <= limit)
    for which, colour, size in ((~bad, GREY, 2.4), (bad, VERMILION, 3.4)):
        rows = np.flatnonzero(which)
        rows = rows[thinned(flow[rows], volt[rows], *_GRID)]
        draw_dots(axes, flow[rows], volt[rows], colour, size, alpha=0.75)
    right = max(float(flow.max(initial=0.0)), limit) * 1.06 + 1e-9
    left = min(float(flow.min(initial=0.0)), 0.0)
    if fit.fault[zone] == LineFault.NONE:
        x = np.array([left, right])
        axes.plot(
            x, (fit.slope[zone] * x + fit.intercept[zone]) * base, color=BLUE, linewidth=1.3, label="line"
        )
    axes.axhline(floor, color=INK, linestyle="--", linewidth=0.9, label="planning floor")
    axes.axvline(limit, color=VERMILION, linewidth=1.4, label="limit")
    axes.set_xlim(left, right)
    low = min(float(volt.min(initial=floor)), floor)
    high = max(float(volt.max(initial=floor)), floor)
    axes.set_ylim(low - 0.05 * (high - low) - 0.5, high + 0.05 * (high - low) + 0.5)
    source = {"per_zone": "power flow", "shared": "power flow, shared"}.get(limit_from(view, zone), "")
    axes.set_title(f"{id_label(view.zone_ids[zone])}: {number_text(limit)} kVA {source}".rstrip())
