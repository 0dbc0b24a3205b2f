"""What a network holds: what is broken by way of charging, and the transformer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.network_choice import CHARGING, grid_of, has_table, zone_choice
from sparewatt.faces.web.pictures.network_room import LAST_TICK
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.run_tables import number, table_rows
from sparewatt.faces.web.pictures.style import (
    BLUE,
    DASHES,
    VERMILION,
    faint,
    figure,
    line_of,
    lying,
    plain,
    value_axis,
)
from sparewatt.results.network_curves import duration_curve
from sparewatt.results.network_part_reading import read_transformer_kva
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.run_folder import RunFolder

_KINDS = (
    ("any_share", "any limit"),
    ("overload_share", "cable overload"),
    ("undervoltage_share", "undervoltage"),
    ("overvoltage_share", "overvoltage"),
    ("transformer_share", "transformer overload"),
    ("below_floor_share", "below planning floor"),
)
_ALL = ("all", "the whole network")
_CASES = ("cases", "cases without EVs")
_REPLAYS = ("replays", "replayed days")


def share_axis(title: str, **more: object) -> dict[str, Any]:
    """A horizontal axis of shares."""
    return {"title": {"text": title, "standoff": 4}, "automargin": True, "zeroline": False, **more}


def _draw_violations(folder: RunFolder, look: Look) -> Figure:
    zone = look.chosen.get("zone", _ALL[0])
    data = []
    for row in table_rows(folder, "violations"):
        if str(row["zone_id"]) != zone or row["charging"] not in CHARGING:
            continue
        words, colour, _, shape = CHARGING[str(row["charging"])]
        kinds = [(k, w) for k, w in _KINDS if row[k] is not None]
        shares = [number(row[k]) * 100 for k, _ in kinds]
        drawn = lying([w for _, w in kinds], shares, words, colour, unit="% of the steps", shape=shape)
        texts = [f"{s:.3g}" for s in shares]
        data.append({**drawn, "text": texts, "textposition": "outside", "cliponaxis": False})
    layout = {
        **LAST_TICK,
        "xaxis": share_axis("replayed steps [%]", rangemode="tozero"),
        "yaxis": {"autorange": "reversed", "automargin": True, "fixedrange": True},
    }
    return figure(data, layout)


def _draw_transformer(folder: RunFolder, look: Look) -> Figure:
    state, directory = grid_of(folder), folder.path / SERIES
    rating = state.network.transformer.rating_kva
    of_cases = look.chosen.get("of", _CASES[0] if not state.charging else _REPLAYS[0]) == _CASES[0]
    data = []
    if of_cases:
        for k, case in enumerate(state.cases):
            x, y = duration_curve(read_transformer_kva(directory, case=case.name))
            colour = faint(BLUE, 0.35 + 0.65 * (k + 1) / len(state.cases))
            data.append(_curve(x, y / rating, case.name, colour, DASHES[k % len(DASHES)]))
    for charging in () if of_cases else state.charging:
        words, colour, dash, _ = CHARGING[charging]
        x, y = duration_curve(read_transformer_kva(directory, charging=charging))
        data.append(_curve(x, y / rating, words, colour, dash))
    rated = line_of([0, 100], np.full(2, 100.0), "rating", VERMILION, unit="%", steps=False, dash="longdash")
    axis = share_axis("share of time in which it is reached or exceeded [%]", range=[0, 100])
    layout = {**LAST_TICK, "xaxis": axis, "yaxis": value_axis(f"load of {rating:g} kVA [%]")}
    return figure([*data, rated], layout)


def _curve(x: Any, y: Any, name: str, colour: str, dash: str) -> dict[str, Any]:  # noqa: ANN401 - arrays
    own = line_of((x * 100).round(3).tolist(), y * 100, name, colour, unit="%", steps=False, dash=dash)
    return {
        **own,
        "hovertemplate": f"{plain(name)}<br>%{{x:.1f}} % of the time: <b>%{{y:.0f}}</b> %<extra></extra>",
    }


def _of_transformer(folder: RunFolder) -> tuple[Choice, ...]:
    options = (_REPLAYS, _CASES) if grid_of(folder).charging else (_CASES,)
    return (Choice("of", "Show", options),)


VIOLATIONS = Picture(
    "violations",
    "What is broken, with and without planning",
    "Share of the replayed steps in which a limit is broken: of the whole network, where a step counts once, "
    "or of a zone. Voltages are judged by the statutory bounds; the planning floor stands beside.",
    _draw_violations,
    choices=lambda folder: (Choice("zone", "Zone", (_ALL, *sorted(zone_choice(folder).options))),),
    is_there=has_table("violations"),
    is_timed=False,
    height=420,
    behind=lambda _folder: ("tables/violations.csv",),
)
TRANSFORMER = Picture(
    "transformer",
    "Load of the transformer",
    "Apparent power over the rating, from the highest to the lowest, over the share of time in which it is "
    "reached or exceeded; the peak is kept.",
    _draw_transformer,
    choices=_of_transformer,
    is_timed=False,
    height=340,
    behind=lambda _folder: ("series/transformer.parquet",),
)
