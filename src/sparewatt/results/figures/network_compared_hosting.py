"""Hosting curves of several network runs over each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.results.figures.compared_runs import NARROW, RUN_LOOKS
from sparewatt.results.figures.network_hosting import HOSTING_MARKS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import INK, drawing, id_label, light_grid, new_figure, settle
from sparewatt.results.kpis import percent_text
from sparewatt.results.network_view import CHARGING_WORDS
from sparewatt.results.network_words import capacity_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from sparewatt.results.network_view import Charging, NetworkView
    from sparewatt.results.outcome import Outcome

_HOSTED: tuple[Charging, ...] = ("optimised", "unmanaged")


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
            for row, (view, run, (colour, style)) in enumerate(zip(views, names, RUN_LOOKS, strict=False)):
                wide = 1.0 + 0.4 * (len(views) - 1 - row)  # runs that agree lie over each other
                _hosting_curve(axes, view, charging, id_label(run, NARROW), colour, style, wide)
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
