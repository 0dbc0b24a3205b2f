"""Forecasts of tomorrow's headroom: what is told, and how good and honest the rules were."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.network_choice import chosen_zone, has_series, has_table, zones_only
from sparewatt.faces.web.pictures.network_room import LAST_TICK, clock_axis, day_band, day_line
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.run_tables import number, table_rows
from sparewatt.faces.web.pictures.style import CYCLE, DASHES, GREY, bars, figure, line_of, value_axis
from sparewatt.results.network_part_reading import read_tomorrow_levels
from sparewatt.results.network_series import FORECAST
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder

_MARKS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "star")
_SHOW = Choice("show", "Show", (("loss", "mean loss"), ("honest", "honesty")))


def _draw_fan(folder: RunFolder, look: Look) -> Figure:
    rule, day, hours, levels = read_tomorrow_levels(folder.path / SERIES, chosen_zone(folder, look))
    names = sorted(levels)
    data = []
    for k in range(len(names) // 2):
        low, high = names[k], names[-1 - k]
        data += day_band(
            hours, levels[low], levels[high], f"{low * 100:g} to {high * 100:g} %", 0.16 + 0.12 * k
        )
    half = min(names, key=lambda q: abs(q - 0.5))
    data.append(day_line(hours, levels[half], "median", "#0072B2", "solid"))
    when = date.fromisoformat(day)
    axis = clock_axis(title={"text": f"local time on {when:%a} {when.day} {when:%b %Y}, by {rule}"})
    return figure(data, {**LAST_TICK, "xaxis": axis, "yaxis": value_axis("headroom [kVA]", zero=False)})


def _draw_scores(folder: RunFolder, look: Look) -> Figure:
    rows = table_rows(folder, "forecasts")
    names = [str(r["rule"]) for r in rows]
    if look.chosen.get("show", "loss") == "loss":
        loss = np.array([number(r["mean_pinball_kva"]) for r in rows])
        text = [f"{v:.3g}" for v in loss]
        drawn = bars(
            names, loss, "mean pinball loss", CYCLE[0], unit="kVA", text=text, textposition="outside"
        )
        layout = {
            "xaxis": {"automargin": True},
            "yaxis": value_axis("mean pinball loss [kVA], less is better"),
        }
        return figure([drawn], layout)
    stem = "share_below_"
    columns = [c for c in (rows[0] if rows else {}) if c.startswith(stem)]
    x = [float(c.removeprefix(stem)) * 100 for c in columns]
    data = [line_of([0, 100], np.array([0.0, 100.0]), "honest", GREY, unit="%", steps=False, dash="dash")]
    for k, row in enumerate(rows):
        data.append(
            line_of(
                x,
                np.array([number(row[c]) * 100 for c in columns]),
                names[k],
                CYCLE[k % len(CYCLE)],
                unit="% of the real values",
                steps=False,
                dash=DASHES[k % len(DASHES)],
                mode="lines+markers",
                marker={"symbol": _MARKS[k % len(_MARKS)], "size": 7},
            )
        )
    axis = {"title": {"text": "level of the forecast [%]"}, "automargin": True, "range": [0, 100]}
    values = value_axis("real values below it [%]", range=[0, 100])
    return figure(data, {**LAST_TICK, "xaxis": axis, "yaxis": values})


TOMORROW = Picture(
    "tomorrow",
    "Headroom forecast for tomorrow",
    "Headroom of a zone on the day after the run, by the rule that was best there on held-out days: its "
    "median, and the bands in which it lies with the shares said.",
    _draw_fan,
    choices=zones_only,
    is_there=has_series(FORECAST),
    is_timed=False,
    height=320,
    behind=lambda _folder: (f"series/{FORECAST}.parquet",),
)
SCORES = Picture(
    "forecast_scores",
    "How good the forecasts are",
    "Every rule forecast days that it had not seen, from the days before them. Mean loss over zones, times "
    "and levels, or how often the real headroom was below each level: on the grey line a rule is honest.",
    _draw_scores,
    choices=lambda _folder: (_SHOW,),
    is_there=has_table("forecasts"),
    is_timed=False,
    height=340,
    behind=lambda _folder: ("tables/forecasts.csv",),
)
