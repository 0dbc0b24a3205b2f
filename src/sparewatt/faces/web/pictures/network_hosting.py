"""Hosting capacity: how likely a limit is broken, by the share of customers with an EV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.network_checks import share_axis
from sparewatt.faces.web.pictures.network_choice import CHARGING, has_table
from sparewatt.faces.web.pictures.picture import Picture
from sparewatt.faces.web.pictures.run_tables import number, table_rows
from sparewatt.faces.web.pictures.style import GREY, VERMILION, faint, figure, line_of, packed, value_axis
from sparewatt.results.network_hosting import wilson_interval

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder


def _draw_hosting(folder: RunFolder, _look: Look) -> Figure:
    rows = table_rows(folder, "hosting")
    data: list[dict[str, Any]] = []
    for charging in ("optimised", "unmanaged"):
        own = [r for r in rows if r["charging"] == charging]
        if not own:
            continue
        words, colour, dash, _ = CHARGING[charging]
        x = [number(r["penetration"]) * 100 for r in own]
        samples, broken = (
            np.array([int(number(r[k])) for r in own], dtype=np.int64) for k in ("samples", "violating")
        )
        low, high = wilson_interval(broken, samples)
        band = {"type": "scatter", "mode": "lines", "x": x, "line": {"width": 0}, "hoverinfo": "skip"}
        data += [
            {**band, "y": packed(low * 100), "showlegend": False},
            {
                **band,
                "y": packed(high * 100),
                "fill": "tonexty",
                "fillcolor": faint(colour, 0.2),
                "name": f"95 % interval, {words}",
            },
            line_of(
                x,
                broken / np.maximum(samples, 1) * 100,
                words,
                colour,
                unit="% of the samples",
                steps=False,
                dash=dash,
                mode="lines+markers",
                marker={"size": 7, "symbol": "circle" if charging == "optimised" else "square"},
            ),
        ]
    risk = number(rows[0]["risk"]) * 100 if rows else 0.0
    right = max((number(r["penetration"]) for r in rows), default=1.0) * 100
    data.append(
        line_of([0, right], np.full(2, risk), f"accepted risk, {risk:g} %", VERMILION, unit="%", steps=False)
        | {"line": {"color": VERMILION, "dash": "longdash", "width": 1.3}}
    )
    without = [r for r in rows if r["charging"] == "none"]
    if without:
        data.append(
            line_of(
                [0.0] * len(without),
                np.array([number(r["probability"]) * 100 for r in without]),
                "without EVs, by case",
                GREY,
                unit="%",
                steps=False,
                mode="markers",
                marker={"size": 9, "symbol": "triangle-up"},
                customdata=[
                    f"{number(r['pv_share']):.0%} PV, {number(r['hp_share']):.0%} heat pumps" for r in without
                ],
                hovertemplate="%{customdata}<br><b>%{y:.3~g}</b> % of the samples<extra></extra>",
            )
        )
    axis = share_axis("EVs per customer [%]", range=[-2, right + 2])
    return figure(data, {"xaxis": axis, "yaxis": value_axis("samples with a violation [%]", range=[-2, 103])})


HOSTING = Picture(
    "hosting",
    "Hosting capacity",
    "How likely a limit is broken somewhere, by the share of customers with an EV, drawn at random many "
    "times. Where a curve passes the accepted risk is the hosting capacity of that way of charging.",
    _draw_hosting,
    is_there=has_table("hosting"),
    is_timed=False,
    height=360,
    behind=lambda _folder: ("tables/hosting.csv",),
)
