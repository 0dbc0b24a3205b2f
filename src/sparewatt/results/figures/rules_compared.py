"""Several runs of a hub side by side: load curves over each other, and bars of what matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.cluster_kpis import CLUSTER_KPIS
from sparewatt.results.figures.cluster_window import Thinning, find_window, kept
from sparewatt.results.figures.compared_runs import (
    INSIDE,
    MOST_RUNS,
    NARROW,
    RUN_LOOKS,
    bare_bars,
    beside_bar,
    name_rows,
)
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    INK,
    drawing,
    id_label,
    light_grid,
    new_figure,
    settle,
)
from sparewatt.results.figures.time_axis import period_words, set_local_time
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.model.limit import Limit
    from sparewatt.results.cluster_view import ClusterView
    from sparewatt.results.outcome import Outcome

_BARS = (
    "g2v_kwh",
    "short_of_target_kwh",
    "admitted",
    "turned_away",
    "peak_kw",
    "over_limit_kwh",
    "under_limit_kwh",
    "v2g_kwh",
    "short_of_contract_kwh",
    "energy_cost",
    "contract_revenue",
    "waiting_mean_h",
)


def can_overlay(views: Sequence[ClusterView]) -> bool:
    """Whether runs cover the same periods, so that their curves can lie over each other."""
    h = views[0].horizon
    same = [(v.horizon.start, v.horizon.step, v.horizon.periods) for v in views]
    return all(s == (h.start, h.step, h.periods) for s in same)


def rules_load_picture(views: Sequence[ClusterView], names: Sequence[str], name: str) -> Picture:
    """Power of all clusters together in each run; the runs must cover the same periods.

    Parameters
    ----------
    views, names
        Runs; the first says which part of a long run is shown.
    name
        Name of the picture.
    """
    first = views[0]
    window = find_window(first)
    lo, hi = window.lo, window.hi
    thin = Thinning.of(lo, hi)
    x = thin.hours(first.horizon)
    top = bottom = 0.0
    with drawing():
        figure = new_figure(3.9)
        axes = figure.subplots()
        for view, run, (colour, style) in zip(views, names, RUN_LOOKS, strict=False):
            kw = thin.mean(view.trace.system_kw[lo:hi])
            top, bottom = max(top, float(kw.max())), min(bottom, float(kw.min()))
            line = np.append(kw, kw[-1])
            axes.step(
                *kept(x, line),
                where="post",
                color=colour,
                linewidth=1.5,
                linestyle=style,
                label=id_label(run, NARROW),
            )
        limit = _common_limit(views)
        if limit is not None:
            upper = thin.lowest(limit.upper_kw[lo:hi])
            known = upper[np.isfinite(upper)]
            if len(known) and float(known.min()) < 2.5 * max(top, 1.0):
                line = np.where(np.isfinite(upper), upper, np.nan)
                line = np.append(line, line[-1])
                axes.step(*kept(x, line), where="post", color=INK, linewidth=1.2, label="limit")
                top = max(top, float(known.max()))
        room = 0.06 * max(top - bottom, 1.0)
        axes.set_ylim(bottom - (room if bottom < 0 else 0.0), top + room)
        if bottom < 0:
            axes.axhline(0, color=INK, linewidth=0.6)
        axes.set_ylabel("power [kW]")
        light_grid(axes)
        set_local_time(axes, first.horizon, lo, hi)
        figure.legend(loc="outside lower center", ncols=3, handlelength=2.4)
        settle(figure)
    why = f" {window.reason}" if window.reason else ""
    some = f" The first {MOST_RUNS} runs are drawn." if len(views) > MOST_RUNS else ""
    return Picture(
        name,
        "Load of the runs over each other",
        f"Power of all clusters together, {period_words(first.horizon, lo, hi)}.{why}{thin.words}{some}",
        figure,
        digits=2,
    )


def _common_limit(views: Sequence[ClusterView]) -> Limit | None:
    """The limit on all power of every run, where they share one."""
    limits = [
        v.trace.system.limits[0] if len(v.cluster_ids) == 1 else v.trace.system.system_limit for v in views
    ]
    first = limits[0]
    if first is None or any(
        other is None or not np.array_equal(first.upper_kw, other.upper_kw) for other in limits
    ):
        return None
    return first


def rules_kpis_picture(outcomes: Sequence[Outcome], names: Sequence[str], name: str) -> Picture:
    """Small bars per KPI, a bar per run; KPIs that are zero in every run are left out."""
    outcomes, names = outcomes[:MOST_RUNS], names[:MOST_RUNS]
    shown = [n for n in _BARS if any(o.value(n) for o in outcomes)]
    rows = max(1, -(-len(shown) // 2))
    with drawing():
        figure = new_figure(0.7 + rows * (0.5 + 0.2 * len(outcomes)))
        figure.set_layout_engine("constrained", rect=INSIDE)
        panels = figure.subplots(rows, 2, squeeze=False).ravel()
        for axes, kpi in zip(panels, shown, strict=False):
            meaning = CLUSTER_KPIS[kpi]
            values = [o.value(kpi) for o in outcomes]
            for row, (value, (colour, _)) in enumerate(zip(values, RUN_LOOKS, strict=False)):
                axes.barh(row, value or 0.0, 0.72, color=colour)
                beside_bar(axes, value or 0.0, row, number_text(value, meaning.unit))
            unit = "" if meaning.unit in {"currency", "vehicles"} else f" [{meaning.unit}]"
            axes.set_title(f"{meaning.label}{unit}")
            name_rows(axes, names)
            bare_bars(axes)
        for axes in panels[len(shown) :]:
            axes.set_axis_off()
        settle(figure)
    return Picture(
        name,
        "What the runs came to",
        "One small chart per KPI with its own scale, a bar per run; what is 0 in every run is left out.",
        figure,
    )
