"""Vehicles x time as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, PowerNorm
from matplotlib.patches import Patch

from sparewatt.model.schedule import NO_CHARGER
from sparewatt.results.depot_view import MODE_WORDS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import INK, drawing, id_label, new_figure
from sparewatt.results.figures.time_axis import period_words, set_local_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.depot_view import DepotView

_IDLE = (0.5, 0.53, 0.57, 0.28)
_MAP = LinearSegmentedColormap.from_list("power", ["#2C5C8F", "#3D8F9E", "#7FB37A", "#E0C84B", "#F2E24C"])
_MOST_LABELS = 26
_NOISE_KW = 1e-6


def heat_map_picture(views: Sequence[DepotView], lo: int, hi: int, name: str) -> Picture:
    """Charging power per vehicle and period, a panel per mode; see :func:`site_load_picture`."""
    first = views[0]
    count = len(first.vehicle_ids)
    panel_in = float(np.clip(0.15 * count, 1.1, 4.3))
    most = max(max(float(v.energy_kwh[:, lo:hi].max(initial=0.0)) for v in views) / first.horizon.step_h, 1.0)
    norm = PowerNorm(0.5, 0.0, most)  # AC and DC differ tenfold; equal steps would make all AC one colour
    with drawing():
        figure = new_figure(1.3 + (panel_in + 0.25) * len(views))
        panels = figure.subplots(len(views), 1, sharex=True, squeeze=False)[:, 0]
        h = first.horizon
        for axes, view in zip(panels, views, strict=True):
            axes.imshow(
                _cells(view, lo, hi, norm),
                extent=(lo * h.step_h, hi * h.step_h, count - 0.5, -0.5),
                aspect="auto",
                interpolation="none",
            )
            vehicle_rows(axes, view.vehicle_ids)
            axes.set_title(f"{MODE_WORDS[view.mode].capitalize()} charging")
        set_local_time(panels[-1], h, lo, hi)
        bar = figure.colorbar(
            ScalarMappable(norm, _MAP), ax=list(panels), pad=0.015, aspect=30, fraction=0.04
        )
        bar.set_label("charging power [kW]")
        bar.outline.set_visible(False)
        idle = Patch(facecolor=_IDLE, label="plugged in, not charging")
        away = Patch(facecolor="none", edgecolor=INK, linewidth=0.5, label="away")
        figure.legend(handles=[idle, away], loc="outside lower center", ncols=2)
    return Picture(
        name,
        "Every vehicle, half-hour by half-hour",
        f"Mean charging power of each of the {count} vehicles in every period of "
        f"{period_words(first.horizon, lo, hi)}. Grey: plugged in and not charging; empty: away.",
        figure,
    )


def _cells(view: DepotView, lo: int, hi: int, norm: Normalize) -> NDArray[np.uint8]:
    """Colours of the cells, shape (vehicles, hi - lo, 4)."""
    power = view.energy_kwh[:, lo:hi] / view.horizon.step_h
    cells: NDArray[np.float64] = np.asarray(_MAP(norm(power)))
    resting = power <= _NOISE_KW
    plugged = view.charger[:, lo:hi] != NO_CHARGER
    cells[resting & plugged] = _IDLE
    cells[resting & ~plugged] = 0.0
    return np.round(cells * 255).astype(np.uint8)


def vehicle_rows(axes: Axes, ids: tuple[str, ...]) -> None:
    """Vehicle ids down the side: all of a small fleet, evenly chosen ones of a large one."""
    step = -(-len(ids) // _MOST_LABELS)
    rows = range(0, len(ids), max(1, step))
    axes.set_yticks(list(rows), [id_label(ids[r]) for r in rows])
    axes.tick_params(axis="y", length=0, labelsize=7)
    axes.set_ylim(len(ids) - 0.5, -0.5)
    axes.set_ylabel("vehicle" if step <= 1 else f"vehicle (every {_ordinal(step)} named)")


def _ordinal(number: int) -> str:
    """2 as ``2nd``."""
    last = number % 10 if number % 100 not in {11, 12, 13} else 0
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"
