"""What several network runs break: limits, lowest voltages, loads of the transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.results.figures.compared_runs import INSIDE, bare_bars, beside_bar, name_rows
from sparewatt.results.figures.network_hosting import HOSTING_MARKS
from sparewatt.results.figures.network_marks import CHARGING_COLOURS
from sparewatt.results.figures.picture import Picture
from sparewatt.results.figures.style import INK, drawing, new_figure, settle
from sparewatt.results.kpis import number_text
from sparewatt.results.network_view import CHARGING_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from sparewatt.results.outcome import Outcome


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
        figure.set_layout_engine("constrained", rect=INSIDE)
        panels = figure.subplots(1, 2, sharey=True)
        for axes, (field, title) in zip(panels, fields, strict=True):
            values = [[o.value(f"{field}_{c}") for o in outcomes] for c in CHARGING_WORDS]
            _grouped(axes, [[None if v is None else v * 100 for v in row] for row in values])
            axes.set_title(f"{title} [% of steps]")
        name_rows(panels[0], names)
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
        figure.set_layout_engine("constrained", rect=INSIDE)
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
        name_rows(left, names)
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
        settle(figure)
    return Picture(
        name,
        "Lowest voltage and highest load",
        "The lowest voltage of any node and the highest load of the transformer over its rating (dashed: the "
        "rating) in the replayed steps of each run.",
        figure,
    )


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
            beside_bar(axes, value or 0.0, float(at), text)
    bare_bars(axes)
