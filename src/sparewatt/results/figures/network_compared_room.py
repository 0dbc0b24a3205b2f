"""What several network runs can take: EVs, heat pumps, headroom by time of day and by zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from sparewatt.results.figures.compared_runs import (
    INSIDE,
    LONG_NAME,
    NARROW,
    RUN_LOOKS,
    bare_bars,
    beside_bar,
    name_rows,
)
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import INK, drawing, id_label, light_grid, new_figure, settle
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.results.network_view import NetworkView
    from sparewatt.results.outcome import Outcome

_BARS = (
    ("evs_realised", "EVs that fit", ""),
    ("heat_pumps", "Heat pumps", ""),
    ("headroom_kwh_per_day", "Headroom", "kWh/day"),
    ("headroom_left_kwh_per_day_optimised", "Headroom left, optimised", "kWh/day"),
    ("unserved_kwh_optimised", "Missing at departure, optimised", "kWh"),
    ("v2g_delivered_kwh", "V2G delivered", "kWh"),
)


def capacity_picture(outcomes: Sequence[Outcome], names: Sequence[str], name: str) -> Picture:
    """Small bars per KPI, a bar per run; KPIs that are 0 in every run are left out."""
    shown = [bar for bar in _BARS if any(o.value(bar[0]) for o in outcomes)]
    rows = max(1, -(-len(shown) // 2))
    with drawing():
        figure = new_figure(0.4 + rows * (0.45 + 0.2 * len(outcomes)))
        figure.set_layout_engine("constrained", rect=INSIDE)
        panels = figure.subplots(rows, 2, squeeze=False, sharey=True).ravel()
        for axes, (kpi, label, unit) in zip(panels, shown, strict=False):
            values = [o.value(kpi) for o in outcomes]
            for row, (value, (colour, _)) in enumerate(zip(values, RUN_LOOKS, strict=False)):
                axes.barh(row, value or 0.0, 0.72, color=colour)
                beside_bar(axes, value or 0.0, row, number_text(value))
            axes.set_title(f"{label} [{unit}]" if unit else label)
            bare_bars(axes)
            name_rows(axes, names)
        for axes in panels[len(shown) :]:
            axes.set_axis_off()
        settle(figure)
    return Picture(
        name,
        "What each run can take",
        "One small chart per KPI with its own scale, a bar per run; what is 0 in every run is left out.",
        figure,
    )


def daily_headroom_picture(views: Sequence[NetworkView], names: Sequence[str], name: str) -> Picture | None:
    """Headroom of all zones together by local time of day, at the risk of each run."""
    if any(not v.cases for v in views):
        return None
    with drawing():
        figure = new_figure(3.6)
        axes = figure.subplots()
        for view, run, (colour, style) in zip(views, names, RUN_LOOKS, strict=False):
            kva = summed_profile(view)
            edges = np.linspace(0.0, 24.0, len(kva) + 1)
            label = id_label(run, NARROW)
            axes.stairs(kva, edges, baseline=None, color=colour, linestyle=style, linewidth=1.5, label=label)
        axes.axhline(0.0, color=INK, linewidth=0.6)
        axes.set_xlim(0, 24)
        axes.set_xticks(range(0, 25, 6), [f"{h:02d}:00" for h in range(0, 25, 6)])
        axes.set_xlabel("local time")
        axes.set_ylabel("headroom [kVA]")
        light_grid(axes)
        figure.legend(loc="outside lower center", ncols=2, handlelength=2.4)
        settle(figure)
    return Picture(
        name,
        "Headroom by time of day",
        "Sum over the zones of what each has at every local time but on the share of days that the run "
        "accepts as risk, in the case of PV and heat pumps that the zone takes; zones below 0 count as 0, "
        "for they cannot use what others have.",
        figure,
    )


def summed_profile(view: NetworkView) -> NDArray[np.float64]:
    """Σ over zones of max(headroom, 0) of the daily profile of the case taken, shape (slots,) [kVA]."""
    own = [np.maximum(view.cases[c].profile.headroom_kva[z], 0.0) for z, c in enumerate(view.finds.case)]
    return np.asarray(np.sum(own, axis=0))


def zone_headroom_picture(outcomes: Sequence[Outcome], names: Sequence[str], name: str) -> Picture | None:
    """Headroom of a day and EVs by zone; nothing where the runs have no zone in common."""
    zones = [p.id for p in outcomes[0].parts]
    shared = [z for z in zones if all(any(p.id == z for p in o.parts) for o in outcomes)]
    if not shared:
        return None
    spread = {z: _zone_values(outcomes, z, "headroom_kwh_per_day") for z in shared}
    shown = sorted(shared, key=lambda z: -float(np.ptp(spread[z])))[:NARROW]
    shown = [z for z in shared if z in shown]
    x, width = np.arange(len(shown)), 0.8 / len(outcomes)
    with drawing():
        figure = new_figure(4.4)
        top, below = figure.subplots(2, 1, sharex=True)
        for row, (run, (colour, _)) in enumerate(zip(names, RUN_LOOKS, strict=False)):
            at = x + (row - (len(names) - 1) / 2) * width
            for axes, kpi in ((top, "headroom_kwh_per_day"), (below, "evs_realised")):
                values = [_zone_values(outcomes, z, kpi)[row] for z in shown]
                axes.bar(at, values, width * 0.92, color=colour, label=id_label(run, NARROW))
        top.set_ylabel("headroom [kWh/day]")
        below.set_ylabel("EVs that fit")
        below.yaxis.set_major_locator(MaxNLocator(integer=True))
        for axes in (top, below):
            axes.axhline(0.0, color=INK, linewidth=0.6)
            light_grid(axes)
        turn = len(shown) > LONG_NAME
        below.set_xticks(x, [id_label(z) for z in shown], rotation=90 if turn else 0)
        below.tick_params(axis="x", length=0)
        below.set_xlabel("zone")
        figure.legend(*top.get_legend_handles_labels(), loc="outside lower center", ncols=2)
        settle(figure)
    some = f" Shown are the {len(shown)} of {len(shared)} zones that differ most." * (
        len(shown) < len(shared)
    )
    return Picture(
        name,
        "Headroom and EVs by zone",
        f"Headroom energy of a day at the risk of each run, and the EVs that fit, in zones that all runs "
        f"have.{some}",
        figure,
    )


def _zone_values(outcomes: Sequence[Outcome], zone: str, kpi: str) -> list[float]:
    """A KPI of a zone in every run."""
    parts = [next(p for p in o.parts if p.id == zone) for o in outcomes]
    return [float(p.value(kpi) or 0.0) for p in parts]
