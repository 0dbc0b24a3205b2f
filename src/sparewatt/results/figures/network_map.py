"""The network on the map: zones, voltages and loading at the moments that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import TwoSlopeNorm
from matplotlib.lines import Line2D

from sparewatt.results.figures.network_marks import (
    FEEDER_COLOURS,
    LOADING_MAP,
    PHASE_MARKS,
    VOLTAGE_MAP,
    draw_coloured_lines,
    draw_lines,
)
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import GREY, INK, PURPLE, drawing, new_figure, settle
from sparewatt.results.figures.time_axis import day_name
from sparewatt.results.kpis import number_text
from sparewatt.results.network_places import outer_nodes, place_nodes, place_words
from sparewatt.results.network_rings import ring_words
from sparewatt.results.network_violations import NOISE_PU

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sparewatt.model.network import Network
    from sparewatt.results.network_view import Moment, NetworkView

MOST_MOMENTS = 2
_LEAST_SPAN_V = 6.0
_LEAST_LOADING = 120.0
_DIGITS = 2
_TITLE_ROOM = 0.1
"""Room above panels of fixed shape, whose titles the layout sets before it knows their height [inch]."""
_WIDE, _LOW, _HIGH = 3.6, 2.0, 5.2
"""Width of a panel and bounds on its height [inch]."""


def zone_map_picture(view: NetworkView, name: str) -> Picture:
    """Customers by feeder and phase on the cables."""
    net = view.network
    at, _ = place_nodes(net, view.feeders)
    with drawing():
        figure = new_figure(_panel_height(at) * 1.75 + 0.8)
        axes = figure.subplots()
        draw_lines(axes, _ends(net, at), GREY, 0.9, alpha=0.7)
        _draw_customers(axes, view, at)
        _draw_transformer(axes, net, at)
        _finish(axes, at)
        feeders = [
            Line2D(
                [], [], linestyle="", marker="o", markersize=5, color=_feeder_colour(f), label=f"feeder {n}"
            )
            for f, n in enumerate(view.feeders.ids[: len(FEEDER_COLOURS) * 2])
        ]
        phases = [
            Line2D([], [], linestyle="", marker=m, markersize=5, color=INK, label=f"phase {p + 1}")
            for p, m in enumerate(PHASE_MARKS)
        ]
        source = Line2D([], [], linestyle="", marker="D", markersize=6, color=INK, label="transformer")
        figure.legend(handles=[*feeders, *phases, source], loc="outside lower center", ncols=6)
        settle(figure)
    return Picture(
        name,
        "Customers and their zones",
        f"{len(view.customers):,} customers of {net.name} by feeder (colour) and phase (shape); a feeder and "
        "a phase are a zone unless zones were given."
        f"{_sentences(place_words(net), ring_words(net, view.feeders))}",
        figure,
        digits=_DIGITS,
    )


def moment_map_picture(view: NetworkView, name: str) -> Picture | None:
    """Voltage and loading at the first moments; nothing where there are none."""
    moments = view.moments[:MOST_MOMENTS]
    if not moments:
        return None
    net, base = view.network, view.network.base_v
    at, _ = place_nodes(net, view.feeders)
    ends = _ends(net, at)
    outer = outer_nodes(net, view.feeders)
    volts = [m.node_pu.min(axis=1)[outer] * base for m in moments]
    ceiling = view.setting.judged_ceiling_pu
    too_high = [m.node_pu.max(axis=1)[outer] > ceiling + NOISE_PU for m in moments]
    loads = [m.branch_loading.max(axis=1, initial=0.0) * 100 for m in moments]
    high_words = (
        f" Purple: a phase above the statutory ceiling of {number_text(ceiling * base)} V."
        if any(x.any() for x in too_high)
        else ""
    )
    floor = view.setting.judged_floor_pu * base
    low = min(float(min(v.min(initial=base) for v in volts)), floor - _LEAST_SPAN_V)
    high = max(float(max(v.max(initial=0.0) for v in volts)), floor + _LEAST_SPAN_V)
    most = max(_LEAST_LOADING, float(max(x.max(initial=0.0) for x in loads)))
    volt_norm, load_norm = TwoSlopeNorm(floor, low, high), TwoSlopeNorm(100.0, 0.0, most)
    with drawing():
        figure = new_figure((_panel_height(at) + 0.45) * len(moments) + 0.75)
        panels = figure.subplots(len(moments), 2, squeeze=False)
        figure.set_layout_engine("constrained", h_pad=_TITLE_ROOM)
        for row, moment in enumerate(moments):
            left, right = panels[row]
            draw_coloured_lines(left, ends, volts[row], VOLTAGE_MAP, volt_norm, (1.4, 2.6), low_on_top=True)
            if too_high[row].any():
                draw_lines(left, ends[too_high[row]], PURPLE, 2.8, zorder=3.5)
            draw_coloured_lines(right, ends, loads[row], LOADING_MAP, load_norm, (1.0, 3.0))
            _mark_worst(left, at[outer], volts[row], lowest=True, unit="V")
            _mark_worst(right, ends.mean(axis=1), loads[row], lowest=False, unit="%")
            for axes in (left, right):
                _draw_transformer(axes, net, at)
                _finish(axes, at)
            left.set_title(f"{moment.label[0].upper()}{moment.label[1:]}")
            right.set_title(f"{_when(view, moment)}, transformer {moment.transformer_loading * 100:.0f} %")
        _bar(figure, panels[:, 0], VOLTAGE_MAP, volt_norm, "lowest phase, phase to neutral [V]")
        _bar(figure, panels[:, 1], LOADING_MAP, load_norm, "current over rating [%]")
        settle(figure)
    return Picture(
        name,
        "Voltage and loading at the moments that matter",
        f"Left the voltage of every node, right the loading of every cable, each of its worst phase: "
        f"{'; '.join(f'{m.label}, {_when(view, m)}' for m in moments)}. Colours mean the same in all rows; "
        f"they turn warm below the statutory floor of {number_text(floor)} V and above the rating."
        f"{high_words}{_sentences(place_words(net), ring_words(net, view.feeders))}",
        figure,
        digits=_DIGITS,
    )


def _sentences(*words: str) -> str:
    """More sentences, those that there are."""
    return "".join(f" {w}" for w in words if w)


def _ends(net: Network, at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([at[net.branches.from_node], at[net.branches.to_node]], axis=1)


def _panel_height(at: NDArray[np.float64]) -> float:
    """Height of a panel that shows the network undistorted [inch]."""
    wide, high = (max(float(s), 1e-9) for s in np.ptp(at, axis=0))
    return float(np.clip(_WIDE * high / wide, _LOW, _HIGH))


def _draw_customers(axes: Axes, view: NetworkView, at: NDArray[np.float64]) -> None:
    """Dots by feeder and phase; customers of one node stand around it."""
    loads, c = view.network.loads, view.customers
    node, phase = loads.node[c.load], loads.phase[c.load]
    feeder = view.feeders.load_feeder[c.load]
    nudge = max(float(np.ptp(at, axis=0).max()), 1e-9) * 0.004
    places = at[node] + nudge * _around(node)
    size = float(np.clip(2_600 / max(len(c), 1), 4, 16))
    for f in np.unique(feeder).tolist():
        for p, mark in enumerate(PHASE_MARKS):
            own = (feeder == f) & ((phase == p) | ((phase < 0) & (p == 0)))
            if own.any():
                x, y = places[own].T
                axes.scatter(x, y, s=size, marker=mark, color=_feeder_colour(f), linewidths=0, zorder=3)


def _around(node: NDArray[np.int64]) -> NDArray[np.float64]:
    """Steps away from a node for the second and further customers there, shape (customers, 2)."""
    order = np.argsort(node, kind="stable")
    first = np.concatenate([[True], np.diff(node[order]) > 0]) if len(node) else np.zeros(0, dtype=bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(node)), 0))
    rank = np.empty(len(node), dtype=np.int64)
    rank[order] = np.arange(len(node)) - start
    turn = rank * 2.4
    return np.asarray(np.sqrt(rank)[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1))


def _feeder_colour(feeder: int) -> str:
    return FEEDER_COLOURS[feeder % len(FEEDER_COLOURS)] if feeder >= 0 else INK


def _draw_transformer(axes: Axes, net: Network, at: NDArray[np.float64]) -> None:
    x, y = at[net.busbar]
    axes.scatter(x, y, s=46, marker="D", color=INK, zorder=5, linewidths=0)


def _finish(axes: Axes, at: NDArray[np.float64]) -> None:
    """No frame, the same scale across and down."""
    low, high = at.min(axis=0), at.max(axis=0)
    pad = max(float((high - low).max()), 1e-9) * 0.03
    axes.set_xlim(low[0] - pad, high[0] + pad)
    axes.set_ylim(low[1] - pad, high[1] + pad)
    axes.set_aspect("equal", adjustable="box")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _mark_worst(
    axes: Axes, at: NDArray[np.float64], values: NDArray[np.float64], *, lowest: bool, unit: str
) -> None:
    """A ring and a number at the worst place."""
    if not len(values):
        return
    worst = int(values.argmin() if lowest else values.argmax())
    x, y = at[worst]
    axes.scatter(x, y, s=90, marker="o", facecolors="none", edgecolors=INK, linewidths=1.1, zorder=6)
    axes.annotate(
        f"{values[worst]:.0f} {unit}",
        (x, y),
        xytext=(7, 5),
        textcoords="offset points",
        fontsize=8.5,
        zorder=6,
    )


def _when(view: NetworkView, moment: Moment) -> str:
    local = view.horizon.local(moment.period)
    return f"{day_name(local.date())} {local:%H:%M}"


def _bar(
    figure: Figure, panels: NDArray[np.object_], colours: object, norm: TwoSlopeNorm, label: str
) -> None:
    bar = figure.colorbar(
        ScalarMappable(norm, colours),  # type: ignore[arg-type]  # a colour map
        ax=list(panels),
        orientation="horizontal",
        pad=0.02,
        aspect=34,
        fraction=0.05,
    )
    low, centre, high = float(norm.vmin or 0.0), float(norm.vcenter), float(norm.vmax or 0.0)
    ticks = [low, (low + centre) / 2, centre, (centre + high) / 2, high]
    bar.set_ticks(ticks, labels=[f"{t:.0f}" for t in ticks])
    bar.set_label(label)
    bar.outline.set_visible(False)
