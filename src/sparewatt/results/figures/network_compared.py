"""Several network runs side by side: what they break, what they can take, their hosting curves."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from sparewatt.results.figures.network_hosting import HOSTING_MARKS
from sparewatt.results.figures.network_marks import CHARGING_COLOURS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    drawing,
    id_label,
    light_grid,
    new_figure,
    settle,
)
from sparewatt.results.kpis import number_text, percent_text
from sparewatt.results.network_view import CHARGING_WORDS
from sparewatt.results.network_words import capacity_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sparewatt.results.network_view import Charging, NetworkView
    from sparewatt.results.outcome import Outcome

MOST_RUNS = 8
"""Runs that can still be told apart in one picture."""
_LOOKS: tuple[tuple[str, Any], ...] = (
    (BLUE, "-"),
    (ORANGE, "-"),
    (GREEN, (0, (5, 1.5))),
    (PURPLE, "-"),
    (SKY, (0, (5, 1.5))),
    (VERMILION, "-"),
    (GREY, "-"),
    (INK, (0, (1, 1.2))),
)
_HOSTED: tuple[Charging, ...] = ("optimised", "unmanaged")
_BARS = (
    ("evs_realised", "EVs that fit", ""),
    ("heat_pumps", "Heat pumps", ""),
    ("headroom_kwh_per_day", "Headroom", "kWh/day"),
    ("headroom_left_kwh_per_day_optimised", "Headroom left, optimised", "kWh/day"),
    ("unserved_kwh_optimised", "Missing at departure, optimised", "kWh"),
    ("v2g_delivered_kwh", "V2G delivered", "kWh"),
)
_INSIDE = (0.02, 0.0, 0.98, 1.0)
"""Room at the left for names in a wider font than ours (left, bottom, width, height)."""
_LONG_NAME = 22
_NARROW = 40


def compared_pictures(
    outcomes: Sequence[Outcome], views: Sequence[NetworkView], names: Sequence[str]
) -> tuple[Picture, ...]:
    """All that the runs have something to show in, of the first `MOST_RUNS`.

    Parameters
    ----------
    outcomes, views, names
        Runs.
    """
    some = slice(MOST_RUNS)
    outcomes, views, names = outcomes[some], views[some], names[some]
    made = (
        broken_picture(outcomes, names, "broken"),
        voltage_picture(outcomes, names, "extremes"),
        capacity_picture(outcomes, names, "capacity"),
        daily_headroom_picture(views, names, "daily"),
        zone_headroom_picture(outcomes, names, "zonal"),
        hosting_curves_picture(outcomes, views, names, "curves"),
    )
    return tuple(p for p in made if p is not None)


def broken_picture(outcomes: Sequence[Outcome], names: Sequence[str], name: str) -> Picture | None:
    """Steps with a violation, a group of bars per run; nothing where no run replayed."""
    fields = (
        ("violating_steps", "Any limit broken"),
        ("below_floor_steps", "Below the planning floor"),
    )
    if not any(o.value(f"violating_steps_{c}") is not None for o in outcomes for c in CHARGING_WORDS):
        return None
    with drawing():
        figure = new_figure(_bar_height(len(outcomes)))
        figure.set_layout_engine("constrained", rect=_INSIDE)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, (field, title) in zip(panels, fields, strict=True):
            values = [[o.value(f"{field}_{c}") for o in outcomes] for c in CHARGING_WORDS]
            _grouped(axes, [[None if v is None else v * 100 for v in row] for row in values])
            axes.set_title(f"{title} [% of steps]")
        _name_rows(panels[0], names)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        settle(figure)
    return Picture(
        name,
        "What each run breaks",
        "Share of the replayed steps in which a statutory voltage bound or a rating is broken anywhere, and "
        "in which a voltage is below the planning floor of the run: without EVs, with optimised and with "
        "unmanaged charging.",
        figure,
    )


def voltage_picture(outcomes: Sequence[Outcome], names: Sequence[str], name: str) -> Picture | None:
    """Lowest voltage and highest load of the transformer; nothing where no run replayed."""
    if not any(o.value(f"lowest_voltage_v_{c}") is not None for o in outcomes for c in CHARGING_WORDS):
        return None
    with drawing():
        figure = new_figure(1.3 + 0.32 * len(outcomes))
        figure.set_layout_engine("constrained", rect=_INSIDE)
        left, right = figure.subplots(1, 2, sharey=True)
        for charging, words in CHARGING_WORDS.items():
            for axes, kpi, scale in (
                (left, f"lowest_voltage_v_{charging}", 1.0),
                (right, f"transformer_peak_{charging}", 100.0),
            ):
                known = [
                    (float(v) * scale, r) for r, o in enumerate(outcomes) if (v := o.value(kpi)) is not None
                ]
                axes.plot(
                    [v for v, _ in known],
                    [r for _, r in known],
                    linestyle="",
                    marker=HOSTING_MARKS[charging],
                    markersize=7,
                    color=CHARGING_COLOURS[charging],
                    label=words,
                )
        right.axvline(100.0, color=INK, linestyle="--", linewidth=0.9)
        left.set_title("Lowest voltage [V]")
        right.set_title("Highest load of the transformer [%]")
        for axes in (left, right):
            axes.grid(visible=True, axis="both", color=INK, alpha=0.13, linewidth=0.6)
            axes.set_axisbelow(True)
        _name_rows(left, names)
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        settle(figure)
    return Picture(
        name,
        "Lowest voltage and highest load",
        "The lowest voltage of any node and the highest load of the transformer over its rating (dashed: the "
        "rating) in the replayed steps of each run.",
        figure,
    )


def capacity_picture(outcomes: Sequence[Outcome], names: Sequence[str], name: str) -> Picture:
    """Small bars per KPI, a bar per run; KPIs that are 0 in every run are left out."""
    shown = [bar for bar in _BARS if any(o.value(bar[0]) for o in outcomes)]
    rows = max(1, -(-len(shown) // 2))
    with drawing():
        figure = new_figure(0.4 + rows * (0.45 + 0.2 * len(outcomes)))
        figure.set_layout_engine("constrained", rect=_INSIDE)
        panels = figure.subplots(rows, 2, squeeze=False, sharey=True).ravel()
        for axes, (kpi, label, unit) in zip(panels, shown, strict=False):
            values = [o.value(kpi) for o in outcomes]
            for row, (value, (colour, _)) in enumerate(zip(values, _LOOKS, strict=False)):
                axes.barh(row, value or 0.0, 0.72, color=colour)
                _beside_bar(axes, value or 0.0, row, number_text(value))
            axes.set_title(f"{label} [{unit}]" if unit else label)
            _bare_bars(axes)
            _name_rows(axes, names)
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
        for view, run, (colour, style) in zip(views, names, _LOOKS, strict=False):
            kva = summed_profile(view)
            edges = np.linspace(0.0, 24.0, len(kva) + 1)
            label = id_label(run, _NARROW)
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
    shown = sorted(shared, key=lambda z: -float(np.ptp(spread[z])))[:_NARROW]
    shown = [z for z in shared if z in shown]
    x, width = np.arange(len(shown)), 0.8 / len(outcomes)
    with drawing():
        figure = new_figure(4.4)
        top, below = figure.subplots(2, 1, sharex=True)
        for row, (run, (colour, _)) in enumerate(zip(names, _LOOKS, strict=False)):
            at = x + (row - (len(names) - 1) / 2) * width
            for axes, kpi in ((top, "headroom_kwh_per_day"), (below, "evs_realised")):
                values = [_zone_values(outcomes, z, kpi)[row] for z in shown]
                axes.bar(at, values, width * 0.92, color=colour, label=id_label(run, _NARROW))
        top.set_ylabel("headroom [kWh/day]")
        below.set_ylabel("EVs that fit")
        below.yaxis.set_major_locator(MaxNLocator(integer=True))
        for axes in (top, below):
            axes.axhline(0.0, color=INK, linewidth=0.6)
            light_grid(axes)
        turn = len(shown) > _LONG_NAME
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


def hosting_curves_picture(
    outcomes: Sequence[Outcome], views: Sequence[NetworkView], names: Sequence[str], name: str
) -> Picture | None:
    """Hosting curves over each other, a panel per way of charging; nothing where no run drew samples."""
    ways = [
        c for c in _HOSTED if any(v.hosting and c in {k.charging for k in v.hosting.curves} for v in views)
    ]
    if not ways:
        return None
    with drawing():
        figure = new_figure(3.5)
        panels = figure.subplots(1, len(ways), sharey=True, squeeze=False)[0]
        for axes, charging in zip(panels, ways, strict=True):
            for row, (view, run, (colour, style)) in enumerate(zip(views, names, _LOOKS, strict=False)):
                wide = 1.0 + 0.4 * (len(views) - 1 - row)  # runs that agree lie over each other
                _hosting_curve(axes, view, charging, id_label(run, _NARROW), colour, style, wide)
            axes.set_ylim(-2, 103)
            axes.set_xlim(left=-2)
            axes.set_xlabel("EVs per customer [%]")
            axes.set_title(f"{CHARGING_WORDS[charging].capitalize()} charging")
            light_grid(axes)
        for risk in sorted({v.hosting.risk for v in views if v.hosting}):
            for axes in panels:
                axes.axhline(risk * 100, color=INK, linestyle="--", linewidth=0.9)
        panels[0].set_ylabel("samples with a violation [%]")
        handles, labels = _all_handles(panels)
        figure.legend(handles, labels, loc="outside lower center", ncols=2, handlelength=2.4)
        settle(figure)
    told = "; ".join(
        f"{run}: {', '.join(f'{capacity_text(o, c)} {CHARGING_WORDS[c]}' for c in _tried(v))} at a risk of "
        f"{percent_text(v.hosting.risk)}"
        for o, v, run in zip(outcomes, views, names, strict=True)
        if v.hosting
    )
    return Picture(
        name,
        "Hosting curves of the runs",
        f"Share of the random placements with a violation by penetration of EVs; dashed: the risk; at 0 the "
        f"network without EVs. Hosting capacities: {told}.",
        figure,
    )


def _tried(view: NetworkView) -> list[Charging]:
    """Ways of charging that a run drew samples of."""
    return [] if view.hosting is None else [c.charging for c in view.hosting.curves]


def _hosting_curve(
    axes: Axes,
    view: NetworkView,
    charging: Charging,
    label: str,
    colour: str,
    style: Any,  # noqa: ANN401 - as matplotlib takes it
    wide: float,
) -> None:
    """One curve, from the network without EVs on."""
    if view.hosting is None:
        return
    for curve in view.hosting.curves:
        if curve.charging != charging:
            continue
        x, y = curve.penetration * 100, curve.probability * 100
        own = view.hosting.own
        if own is not None and x[0] > 0.0:
            x, y = np.append(0.0, x), np.append(own.probability * 100, y)
        axes.plot(
            x,
            y,
            color=colour,
            linestyle=style,
            linewidth=1.5 * wide,
            marker=HOSTING_MARKS[charging],
            markersize=4 * wide,
            clip_on=False,
            label=label,
        )


def _all_handles(panels: Sequence[Axes]) -> tuple[list[Any], list[str]]:
    """Handles of all panels, each run once."""
    found: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    return list(found.values()), list(found)


def _bar_height(runs: int) -> float:
    return 1.2 + 0.55 * runs


def _grouped(axes: Axes, values: Sequence[Sequence[float | None]]) -> None:
    """A bar per way of charging and run; values by way of charging."""
    height = 0.8 / len(CHARGING_WORDS)
    for k, (charging, words) in enumerate(CHARGING_WORDS.items()):
        y = np.arange(len(values[k])) + (k - (len(CHARGING_WORDS) - 1) / 2) * height
        axes.barh(
            y, [v or 0.0 for v in values[k]], height * 0.9, color=CHARGING_COLOURS[charging], label=words
        )
        for at, value in zip(y, values[k], strict=True):
            text = "not replayed" if value is None else number_text(value) if value else "0"
            _beside_bar(axes, value or 0.0, float(at), text)
    _bare_bars(axes)


def _beside_bar(axes: Axes, value: float, at: float, text: str) -> None:
    axes.annotate(text, (max(value, 0.0), at), (4, 0), textcoords="offset points", va="center", fontsize=8)


def _bare_bars(axes: Axes) -> None:
    """Bars with their numbers beside need no scale."""
    axes.margins(x=0.2)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _in_lines(name: str) -> str:
    """A name over two lines at most."""
    first, *rest = wrap(id_label(name, 2 * _LONG_NAME), _LONG_NAME) or [""]
    return "\n".join([first, id_label(" ".join(rest), _LONG_NAME)]) if rest else first


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    """A row per run, the first on top."""
    axes.set_yticks(range(len(names)), [_in_lines(n) for n in names])
    axes.tick_params(axis="y", length=0, labelsize=7.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
