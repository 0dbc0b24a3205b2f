"""Headroom by time of day and zone: a fan over the days, and heat maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import TwoSlopeNorm

from sparewatt.model.clock import clock_slots, slots_of_day
from sparewatt.physics.headroom.daily import quantile_by_slot
from sparewatt.results.figures.network_marks import ROOM_MAP, shown_words, tightest_zones
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    INK,
    VERMILION,
    drawing,
    id_label,
    light_grid,
    new_figure,
    settle,
)
from sparewatt.results.figures.time_axis import short_date
from sparewatt.results.kpis import percent_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.network_view import NetworkView

MOST_FANS = 6
MOST_ROWS = 60
_ACROSS = 3
_HOURS = (0, 6, 12, 18, 24)
_BANDS = ((0.05, 0.95, 0.16, "5–95 % of days"), (0.25, 0.75, 0.32, "25–75 %"))
_MOST_DATES = 8
_MOST_LABELS = 30


def headroom_fan_picture(view: NetworkView, name: str) -> Picture:
    """Spread of the headroom over the days at every time of day, with what is reached at the chosen risk."""
    zones = tightest_zones(view, MOST_FANS)
    across = min(_ACROSS, max(len(zones), 1))
    rows = -(-max(len(zones), 1) // across)
    risk = view.setting.headroom.quantile
    with drawing():
        figure = new_figure(2.1 * rows + 0.7)
        panels = figure.subplots(rows, across, squeeze=False, sharex=True).ravel()
        for axes, z in zip(panels, zones, strict=False):
            _draw_fan(axes, view, z, risk)
        for k, axes in enumerate(panels):
            if k >= len(zones):
                axes.axis("off")
            elif k % across == 0:
                axes.set_ylabel("headroom [kVA]")
        for axes in panels[max(0, len(zones) - across) : len(zones)]:
            axes.tick_params(axis="x", labelbottom=True)
            axes.set_xlabel("local time")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4)
        settle(figure)
    return Picture(
        name,
        "Headroom by time of day",
        f"Headroom of the case that each zone takes, over the {view.horizon.days} days of the run: its "
        f"spread, the median, and what it falls below on {percent_text(risk)} of the days, which is what EVs "
        f"are planned in.{shown_words(view, len(zones))}",
        figure,
        digits=2,
    )


def _draw_fan(axes: Axes, view: NetworkView, zone: int, risk: float) -> None:
    """One zone."""
    case = view.cases[view.finds.case[zone]]
    values = case.headroom.headroom_kva[zone : zone + 1]
    _, slot = clock_slots(view.horizon)
    slots = slots_of_day(view.horizon)
    x = np.arange(slots + 1) * 24.0 / slots

    def at(quantile: float) -> NDArray[np.float64]:
        line = quantile_by_slot(values, slot, slots, quantile)[0]
        return np.append(line, line[-1])

    for low, high, alpha, label in _BANDS:
        axes.fill_between(
            x, at(low), at(high), step="post", color=BLUE, alpha=alpha, linewidth=0, label=label
        )
    axes.plot(x, at(0.5), color=INK, linewidth=1.2, drawstyle="steps-post", label="median")
    low_line = case.profile.headroom_kva[zone]
    own = np.linspace(0.0, 24.0, len(low_line) + 1)
    axes.plot(
        own,
        np.append(low_line, low_line[-1]),
        color=VERMILION,
        linewidth=1.3,
        drawstyle="steps-post",
        label=f"less on {percent_text(risk)} of days",
    )
    axes.axhline(0.0, color=INK, linewidth=0.8, linestyle="--")
    axes.set_xlim(0, 24)
    axes.set_xticks(_HOURS, [f"{h:02d}:00" if h < 24 else "" for h in _HOURS])  # noqa: PLR2004 - midnight again
    axes.set_title(f"{id_label(view.zone_ids[zone])}, {id_label(case.case.name)}")
    light_grid(axes)


def headroom_map_picture(view: NetworkView, name: str) -> Picture:
    """Zones by time of day at the chosen risk, and by day."""
    zones = tightest_zones(view, MOST_ROWS)
    taken = view.finds.case
    by_slot = np.stack([view.cases[taken[z]].profile.headroom_kva[z] for z in zones])
    day, _ = clock_slots(view.horizon)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(day)) + 1])
    by_day = np.stack(
        [np.minimum.reduceat(view.cases[taken[z]].headroom.headroom_kva[z], starts) for z in zones]
    )
    span = max(float(np.abs(by_slot).max(initial=0.0)), float(np.abs(by_day).max(initial=0.0)), 1e-6)
    norm = TwoSlopeNorm(0.0, -span, span)
    height = float(np.clip(0.2 * len(zones), 1.2, 6.5))
    with drawing():
        figure = new_figure(height + 1.2)
        left, right = figure.subplots(1, 2, sharey=True)
        for axes, cells, extent in (
            (left, by_slot, (0.0, 24.0)),
            (right, by_day, (0.0, float(len(starts)))),
        ):
            axes.imshow(
                np.round(np.asarray(ROOM_MAP(norm(cells))) * 255).astype(np.uint8),
                extent=(*extent, len(zones) - 0.5, -0.5),
                aspect="auto",
                interpolation="none",
            )
            axes.tick_params(length=0)
        step = -(-len(zones) // _MOST_LABELS)
        left.set_yticks(
            range(0, len(zones), step), [id_label(view.zone_ids[z]) for z in zones[::step]], fontsize=7.5
        )
        left.set_ylabel("zone")
        left.set_xticks(_HOURS[:-1], [f"{h:02d}:00" for h in _HOURS[:-1]])
        left.set_title(f"At the chosen risk ({percent_text(view.setting.headroom.quantile)}), by time of day")
        dates = list(range(0, len(starts), -(-len(starts) // _MOST_DATES)))
        middle = [d + 0.5 for d in dates]
        right.set_xticks(middle, [short_date(view.horizon.local(int(starts[d])).date()) for d in dates])
        right.set_title("Least of every day")
        bar = figure.colorbar(
            ScalarMappable(norm, ROOM_MAP), ax=[left, right], pad=0.015, aspect=26, fraction=0.04
        )
        bar.set_label("headroom [kVA]")
        bar.outline.set_visible(False)
        settle(figure)
    return Picture(
        name,
        "Headroom of every zone",
        f"Blue: the zone can take more; brown: it takes too much already. Left what every zone has at each "
        f"local time but on {percent_text(view.setting.headroom.quantile)} of the days, right the least of "
        f"every local day, each with the case of heat pumps and PV that it takes."
        f"{shown_words(view, len(zones))}",
        figure,
    )
