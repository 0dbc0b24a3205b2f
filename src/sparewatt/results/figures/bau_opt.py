"""Cost and peak, unmanaged against smart, for every allocation of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Patch

from sparewatt.results.depot_view import MODE_WORDS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import INK, MODE_COLOURS, drawing, id_label, new_figure
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from sparewatt.model.depot import Mode
    from sparewatt.results.outcome import ScenarioOutcome

_THICK = 0.36


def bau_opt_picture(scenarios: Sequence[ScenarioOutcome], asc_kw: Mapping[str, float], name: str) -> Picture:
    """Bars per allocation: cost with excess-capacity cost hatched, and peak with the capacity as a mark.

    Parameters
    ----------
    scenarios
        All scenarios of the run.
    asc_kw
        Agreed supply capacity per allocation [kW].
    name
        Name of the picture.
    """
    allocations = list(dict.fromkeys(s.allocation_id for s in scenarios))
    with drawing():
        figure = new_figure(1.5 + 0.62 * len(allocations))
        left, right = figure.subplots(1, 2, sharey=True)
        for row, allocation in enumerate(allocations):
            for s in scenarios:
                if s.allocation_id == allocation:
                    _pair(left, right, s, row, asc_kw.get(allocation, 0.0))
            if allocation in asc_kw:
                right.plot([asc_kw[allocation]] * 2, [row - 0.46, row + 0.46], color=INK, linewidth=2)
        left.set_yticks(range(len(allocations)), [id_label(a) for a in allocations])
        left.set_ylim(len(allocations) - 0.45, -0.55)
        left.set_ylabel("allocation")
        left.set_title("Cost of the run")
        left.set_xlabel("currency of the price table")
        right.set_title("Peak site demand")
        right.set_xlabel("kW")
        for axes in (left, right):
            axes.margins(x=0.16)
            axes.set_xlim(left=0)
            axes.tick_params(axis="y", length=0)
            axes.locator_params(axis="x", nbins=5)
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        modes: list[Mode] = [m for m in MODE_WORDS if any(s.mode == m for s in scenarios)]
        handles = [Patch(facecolor=MODE_COLOURS[m], label=f"{MODE_WORDS[m]} charging") for m in modes]
        if any(s.value("excess_capacity_cost") for s in scenarios):
            handles.append(Patch(facecolor="none", edgecolor=INK, hatch="////", label="excess-capacity cost"))
        if asc_kw:
            handles.append(Patch(facecolor=INK, label="agreed supply capacity"))
        figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return Picture(
        name,
        "Cost and peak, unmanaged against smart",
        "Cost of electricity over the whole run with the excess-capacity cost behind it (hatched), and the "
        "highest half-hour of site demand with the agreed supply capacity as a black or white mark.",
        figure,
    )


def _pair(left: Axes, right: Axes, s: ScenarioOutcome, row: int, asc_kw: float) -> None:
    """Bars of one scenario, its numbers behind them."""
    y = row + (0.5 if s.mode == "opt" else -0.5) * (_THICK + 0.04)
    colour = MODE_COLOURS.get(s.mode, INK)
    cost, excess = s.value("cost") or 0.0, s.value("excess_capacity_cost") or 0.0
    peak = s.value("peak_site_kw") or 0.0
    left.barh(y, cost, _THICK, color=colour)
    if excess:
        left.barh(y, excess, _THICK, left=cost, color=colour, alpha=0.35)
        left.barh(y, excess, _THICK, left=cost, facecolor="none", edgecolor=colour, hatch="////")
    left.annotate(
        number_text(cost + excess, "currency"),
        (cost + excess, y),
        (4, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
    )
    right.barh(y, peak, _THICK, color=colour)
    clear = asc_kw if peak < asc_kw < 1.2 * peak else peak  # not on the mark of the capacity
    right.annotate(number_text(peak), (clear, y), (4, 0), textcoords="offset points", va="center", fontsize=8)
