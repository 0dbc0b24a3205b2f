"""Optimised against unmanaged: flow of the zone that suffers most, and what is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.network_marks import CHARGING_COLOURS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import INK, VERMILION, drawing, id_label, light_grid, new_figure, settle
from sparewatt.results.figures.time_axis import period_words, set_local_time
from sparewatt.results.kpis import number_text
from sparewatt.results.network_view import CHARGING_WORDS
from sparewatt.results.network_violations import TOTAL, find_broken, find_violations

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.network_view import NetworkView

WINDOW_H = 48.0
_KINDS = (
    ("overload_share", "cable\noverload"),
    ("undervoltage_share", "under-\nvoltage"),
    ("overvoltage_share", "over-\nvoltage"),
    ("transformer_share", "transformer\noverload"),
    ("any_share", "any of\nthese"),
    ("below_floor_share", "below\nplanning floor"),
)
_STYLES = {"none": (0, (4, 2)), "optimised": "-", "unmanaged": "-"}


def replay_picture(view: NetworkView, name: str) -> Picture | None:
    """Flow and lowest voltage of one zone over two days; nothing where nothing was replayed."""
    if not view.replays:
        return None
    zone, lo, hi = find_replay_window(view)
    h, base = view.horizon, view.network.base_v
    with drawing():
        figure = new_figure(4.6)
        top, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.35, 1))
        for replay in view.replays:
            own = (replay.periods >= lo) & (replay.periods < hi)
            words = CHARGING_WORDS[replay.charging]
            _steps(
                top, h.step_h, replay.periods[own], replay.series.flow_kva[zone, own], replay.charging, words
            )
            _steps(
                below,
                h.step_h,
                replay.periods[own],
                replay.series.min_pu[zone, own] * base,
                replay.charging,
                words,
            )
        case = view.cases[view.finds.case[zone]]
        room = case.headroom.headroom_kva[zone, lo:hi] + case.series.flow_kva[zone, lo:hi]
        top.stairs(
            room,
            np.arange(lo, hi + 1) * h.step_h,
            baseline=None,
            color=VERMILION,
            linewidth=1.4,
            label="limit",
        )
        top.axhline(0.0, color=INK, linewidth=0.6)
        top.set_ylabel("flow [kVA]")
        top.set_title(f"Flow into zone {id_label(view.zone_ids[zone])} and its limit")
        below.axhline(view.setting.judged_floor_pu * base, color=VERMILION, linewidth=1.2, linestyle="--")
        below.set_ylabel("lowest voltage [V]")
        below.set_title("Its lowest voltage and the statutory floor")
        for axes in (top, below):
            light_grid(axes)
        set_local_time(below, h, lo, hi)
        handles, labels = top.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
        settle(figure)
    return Picture(
        name,
        "Optimised against unmanaged charging",
        f"The zone in which unmanaged charging breaks limits most, {period_words(h, lo, hi)}: the same cars, "
        f"planned inside the headroom and charged as they plug in. Gaps are times that were not replayed.",
        figure,
        digits=2,
    )


def find_replay_window(view: NetworkView) -> tuple[int, int, int]:
    """The zone with the most violations in the worst replay, and two days around the worst of them.

    Returns
    -------
    Row of the zone, first period and end.
    """
    h = view.horizon
    worst = view.replay("unmanaged") or view.replays[-1]
    every = find_broken(view, worst.series).zone_any.sum(axis=1)
    low = worst.series.min_pu.min(axis=1, initial=np.inf)
    zone = int(np.lexsort((low, -every))[0])
    series = worst.series
    known = np.where(series.converged, series.min_pu[zone], np.inf)
    centre = int(worst.periods[int(known.argmin())]) if len(worst.periods) else 0
    wide = max(1, round(WINDOW_H / h.step_h))
    first = int(worst.periods[0]) if len(worst.periods) else 0
    lo = max(first, min(centre - wide // 2, h.periods - wide), 0)
    return zone, lo, min(lo + wide, h.periods)


def _steps(
    axes: Axes,
    step_h: float,
    periods: NDArray[np.int64],
    values: NDArray[np.float64],
    charging: str,
    label: str,
) -> None:
    """A line per unbroken run of periods."""
    if not len(periods):
        return
    cuts = np.flatnonzero(np.diff(periods) > 1) + 1
    for k, rows in enumerate(np.split(np.arange(len(periods)), cuts)):
        edges = np.append(periods[rows], periods[rows[-1]] + 1) * step_h
        axes.stairs(
            values[rows],
            edges,
            baseline=None,
            color=CHARGING_COLOURS[charging],  # type: ignore[index]  # a way of charging
            linewidth=1.5,
            linestyle=_STYLES[charging],
            label=label if k == 0 else None,
        )


def violation_picture(view: NetworkView, name: str) -> Picture | None:
    """Bars of what is broken, by way of charging; nothing where nothing was replayed."""
    rows = [v for v in find_violations(view) if v.zone_id == TOTAL]
    if not rows:
        return None
    width = 0.8 / len(rows)
    most = 0.0
    with drawing():
        figure = new_figure(2.9)
        axes = figure.subplots()
        for k, row in enumerate(rows):
            shares = [float(getattr(row, field) or 0.0) * 100 for field, _ in _KINDS]
            x = np.arange(len(_KINDS)) + (k - (len(rows) - 1) / 2) * width
            bars = axes.bar(
                x,
                shares,
                width * 0.92,
                color=CHARGING_COLOURS[row.charging],
                label=CHARGING_WORDS[row.charging],
            )
            axes.bar_label(bars, [number_text(s) if s else "0" for s in shares], fontsize=7.5, padding=1.5)
            most = max(most, *shares)
        axes.set_xticks(range(len(_KINDS)), [label for _, label in _KINDS])
        axes.tick_params(axis="x", length=0)
        axes.set_ylim(0, max(most * 1.14, 1.0))
        axes.set_ylabel("steps [%]")
        light_grid(axes)
        figure.legend(loc="outside lower center", ncols=3)
        settle(figure)
    return Picture(
        name,
        "Steps in which something is broken",
        f"Share of {rows[0].steps:,} replayed steps in which it is broken anywhere in the network. Voltages "
        f"are judged by the statutory bounds; the planning floor, for which limits are made, is beside.",
        figure,
    )
