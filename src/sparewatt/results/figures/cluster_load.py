"""Power of each cluster under its limits: charging, V2G, contracts, and where a limit was left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sparewatt.results.figures.cluster_window import Thinning, kept
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    VERMILION,
    drawing,
    id_label,
    light_grid,
    new_figure,
    settle,
)
from sparewatt.results.figures.time_axis import period_words, set_local_time
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.model.limit import Limit
    from sparewatt.results.cluster_view import ClusterView

MOST_PANELS = 6
"""Clusters shown one by one."""
_FAR = 2.5
"""A limit further away than this many times the power is named, not drawn."""


class _Load(NamedTuple):
    """What one panel shows; arrays per period of the window [kW]."""

    title: str
    net: NDArray[np.float64]
    charge: NDArray[np.float64]
    v2g: NDArray[np.float64]
    contract: NDArray[np.float64]
    over: NDArray[np.float64]
    under: NDArray[np.float64]
    limit: Limit | None


def cluster_load_picture(view: ClusterView, lo: int, hi: int, name: str) -> Picture:
    """A panel per cluster, the sum of all on top where there are several, the price where it changes."""
    chosen = _busiest(view, lo, hi)
    loads = [_load(view, c, lo, hi) for c in chosen]
    if len(view.cluster_ids) > 1:
        loads.insert(0, _sum(view, lo, hi))
    price = view.trace.system.price_per_kwh[lo:hi]
    priced = bool(len(price) and np.ptp(price) > 0)
    thin = Thinning.of(lo, hi)
    heights = [0.45] * priced + [1.0] * len(loads)
    with drawing():
        figure = new_figure(1.2 + 0.95 * priced + 1.75 * len(loads))
        panels = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
        x = thin.hours(view.horizon)
        if priced:
            _price(panels[0], x, thin.mean(price))
        for axes, load in zip(panels[int(priced) :], loads, strict=True):
            _panel(axes, x, load, lo, hi, thin)
        set_local_time(panels[-1], view.horizon, lo, hi)
        found: dict[str, Any] = {}
        for axes in panels[int(priced) :]:
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
                found.setdefault(label, handle)
        figure.legend(
            list(found.values()), list(found), loc="outside lower center", ncols=4, handlelength=1.6
        )
        settle(figure)
    left = len(view.cluster_ids) - len(chosen)
    which = f" The {len(chosen)} busiest of {len(view.cluster_ids)} clusters are shown." if left else ""
    return Picture(
        name,
        "Load of each cluster under its limits",
        f"Power at the grid connection, {period_words(view.horizon, lo, hi)}. Blue: charging; orange and "
        f"hatched, below zero: V2G; orange-red: beyond the limit and its tolerance (the grey band at the "
        f"limit).{thin.words}{which}",
        figure,
        digits=2,
    )


def _busiest(view: ClusterView, lo: int, hi: int) -> list[int]:
    """Clusters with the most energy beyond limits, then the highest power, in the order of the input."""
    scores = []
    for c in range(len(view.cluster_ids)):
        over, under = view.beyond_kw(c)
        beyond = float(over[lo:hi].sum() + under[lo:hi].sum())
        scores.append((-beyond, -float(np.abs(view.trace.cluster_kw[c, lo:hi]).max(initial=0.0)), c))
    return sorted(c for _, _, c in sorted(scores)[:MOST_PANELS])


def _load(view: ClusterView, cluster: int, lo: int, hi: int) -> _Load:
    """One cluster."""
    charge, v2g = view.flows_kw(cluster, lo, hi)
    over, under = (kw[lo:hi] for kw in view.beyond_kw(cluster))
    return _Load(
        f"Cluster {id_label(view.cluster_ids[cluster], 30)}",
        view.trace.cluster_kw[cluster, lo:hi],
        charge,
        v2g,
        view.contracted_kw(cluster, lo, hi),
        over,
        under,
        view.trace.system.limits[cluster],
    )


def _sum(view: ClusterView, lo: int, hi: int) -> _Load:
    """All clusters together under the system limit."""
    net = view.trace.system_kw[lo:hi]
    over, under = (kw[lo:hi] for kw in view.system_beyond_kw)
    return _Load(
        "All clusters together",
        net,
        np.maximum(net, 0.0),
        np.maximum(-net, 0.0),
        np.zeros(hi - lo),
        over,
        under,
        view.trace.system.system_limit,
    )


def _price(axes: Axes, x: NDArray[np.float64], price: NDArray[np.float64]) -> None:
    """The tariff as steps."""
    axes.step(x, _held(price), where="post", color=PURPLE, linewidth=1.4)
    low, high = float(price.min()), float(price.max())
    axes.set_ylim(min(0.0, low * 1.1), max(high * 1.15, 1e-9))
    axes.set_ylabel("price\n[1/kWh]")
    axes.set_title("Tariff [currency per kWh]")
    light_grid(axes)


def _held(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values with the last one once more, for the right edge of its step."""
    return np.append(values, values[-1])


def _fill(
    axes: Axes,
    x: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    **look: Any,  # noqa: ANN401 - what matplotlib takes
) -> None:
    """An area between two lines of steps."""
    at, bottom, top = kept(x, low, high)
    axes.fill_between(at, bottom, top, step="post", linewidth=0, **look)


def _step(axes: Axes, x: NDArray[np.float64], line: NDArray[np.float64], **look: Any) -> None:  # noqa: ANN401 - as above
    """A line of steps."""
    axes.step(*kept(x, line), where="post", **look)


def _panel(axes: Axes, x: NDArray[np.float64], load: _Load, lo: int, hi: int, thin: Thinning) -> None:
    """One panel."""
    charge, v2g, net = (_held(thin.mean(v)) for v in (load.charge, load.v2g, load.net))
    peak, dip = float(load.charge.max(initial=0.0)), float(load.v2g.max(initial=0.0))
    nothing = np.zeros(len(x))
    if peak > 0:
        _fill(axes, x, nothing, charge, color=BLUE, alpha=0.8, label="charging")
    if dip > 0:
        _fill(axes, x, -v2g, nothing, facecolor=ORANGE, edgecolor="white", hatch="////", label="V2G")
        _step(axes, x, net, color=INK, linewidth=0.9, label="net")
    if load.contract.any():
        line = _held(thin.mean(load.contract))
        _step(axes, x, line, color=GREEN, linewidth=1.3, linestyle=(0, (4, 1.5)), label="contracts")
        peak, dip = max(peak, float(line.max())), max(dip, -float(line.min()))
    top, bottom, told = max(peak, 1.0 if dip == 0 else 0.0), -dip, ""
    if load.limit is not None:
        reach, told = _limits(axes, x, load, lo, hi, thin, (dip, peak))
        top, bottom = max([top, *reach]), min([bottom, *reach])
    room = 0.08 * (top - bottom)
    axes.set_ylim(bottom - (room if bottom < 0 else 0.0), top + room)
    if bottom < 0:
        axes.axhline(0, color=INK, linewidth=0.6)
    axes.set_ylabel("power [kW]")
    lowest = float(load.net.min(initial=0.0))
    what = f": peak {number_text(max(0.0, float(load.net.max(initial=-np.inf))))} kW"
    if lowest < 0:
        what += f", lowest {number_text(lowest)} kW"
    axes.set_title(load.title + what + told)
    light_grid(axes)


def _limits(
    axes: Axes,
    x: NDArray[np.float64],
    load: _Load,
    lo: int,
    hi: int,
    thin: Thinning,
    flows: tuple[float, float],
) -> tuple[list[float], str]:
    """Both bounds where they are near the power; what they reach, and words on a bound left out.

    ``flows`` are the highest V2G and the highest charging in the window [kW].
    """
    limit, (dip, peak) = load.limit, flows
    if limit is None:
        return [], ""
    size = max(peak, dip, 1.0)
    reach: list[float] = []
    told = ""
    upper, lower = thin.lowest(limit.upper_kw[lo:hi]), thin.highest(limit.lower_kw[lo:hi])
    for values, beyond, is_upper in ((upper, load.over, True), (lower, load.under, False)):
        known = values[np.isfinite(values)]
        if not len(known):
            continue
        near = float(known.min() if is_upper else known.max())
        drawn = near <= _FAR * size if is_upper else near >= (-_FAR * size if dip > 0 else 0.0)
        if not drawn and not beyond.any():
            told += f"; {'limit' if is_upper else 'lower limit'} {number_text(near)} kW, not drawn"
            continue
        _limit(axes, x, np.where(np.isfinite(values), values, np.nan), limit, is_upper)
        _beyond(axes, x, thin, values, load, is_upper)
        edge = known + (limit.tolerance_kw if is_upper else -limit.tolerance_kw)
        reach += [float(e) for e in (edge.min(), edge.max()) if abs(e) <= _FAR * size * 1.2]
    return reach, told


def _limit(
    axes: Axes,
    x: NDArray[np.float64],
    values: NDArray[np.float64],
    limit: Limit,
    is_upper: bool,  # noqa: FBT001 - one private use
) -> None:
    """A bound as a line, with its tolerance as a band."""
    line = _held(values)
    word = "upper limit" if is_upper else "lower limit"
    style = "-" if is_upper else "--"
    _step(axes, x, line, color=INK, linewidth=1.4, linestyle=style, label=word)
    if limit.tolerance_kw > 0:
        edge = line + (limit.tolerance_kw if is_upper else -limit.tolerance_kw)
        _fill(
            axes, x, np.minimum(line, edge), np.maximum(line, edge), color=GREY, alpha=0.4, label="tolerance"
        )


def _beyond(
    axes: Axes,
    x: NDArray[np.float64],
    thin: Thinning,
    values: NDArray[np.float64],
    load: _Load,
    is_upper: bool,  # noqa: FBT001 - one private use
) -> None:
    """Where the bound was left, filled from its tolerance to the power."""
    worst = thin.highest(load.over if is_upper else load.under)
    if load.limit is None or not worst.any():
        return
    sign = 1.0 if is_upper else -1.0
    edge = np.where(np.isfinite(values), values, 0.0) + sign * load.limit.tolerance_kw
    look = {"facecolor": VERMILION, "edgecolor": "white", "hatch": "\\\\\\\\"}
    _fill(axes, x, _held(edge), _held(edge + sign * worst), **look, label="beyond the limit")
