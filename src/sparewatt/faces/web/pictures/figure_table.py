"""The numbers of a figure as a table, for those who would rather read than look."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag
import numpy as np

from sparewatt.faces.web.pictures.style import unpacked

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.pictures.picture import Figure

MOST_ROWS = 5000
_COLUMNS = ("what", "where", "at", "value")
_HEADS = {"what": "What", "where": "Where", "at": "At", "value": "Value"}


def figure_rows(figure: Figure, most: int = MOST_ROWS) -> list[dict[str, Any]]:
    """One row per point, cell or bar of a figure: what it is, where it stands, its value."""
    rows: list[dict[str, Any]] = []
    for trace in figure["data"]:
        if trace.get("hoverinfo") == "skip":
            continue
        found = _cells(trace, most) if trace["type"] == "heatmap" else _points(trace, most)
        rows += [{name: _words(value) for name, value in row.items()} for row in found]
        if len(rows) > most:
            break
    return rows[:most]


def figure_grid(figure: Figure) -> Component | None:
    """These rows as a grid that can be sorted and filtered; ``None`` where there are none."""
    rows = figure_rows(figure)
    if not rows:
        return None
    used = [name for name in _COLUMNS if any(row.get(name) not in {None, ""} for row in rows)]
    return dag.AgGrid(
        rowData=rows,
        columnDefs=[
            {
                "field": name,
                "headerName": _HEADS[name],
                **({"type": "numericColumn"} if name == "value" else {}),
            }
            for name in used
        ],
        defaultColDef={"filter": True, "resizable": True, "flex": 1, "minWidth": 110},
        dashGridOptions={"ensureDomOrder": True, "enableCellTextSelection": True, "animateRows": False},
        style={"height": 320},
        className="ag-theme-quartz picture-table",
    )


def _points(trace: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """Of lines, areas and bars."""
    name = trace.get("name", "")
    x, y = (_plain(trace.get(side, ())) for side in "xy")
    told: list[Any] | None = trace.get("customdata")
    if "base" in trace:  # a Gantt: its words say all
        return [
            {"what": name, "where": str(row), "at": words} for row, words in zip(y, told or (), strict=True)
        ][:most]
    if trace.get("orientation") == "h":
        return [{"what": name, "where": str(row), "value": value} for row, value in zip(y, x, strict=True)][
            :most
        ]
    at = _plain(told) if told is not None and len(told) == len(x) else x
    return [
        {"what": name, "at": str(moment), "value": value}
        for moment, value in zip(at[:most], y[:most], strict=True)
        if value is not None
    ]


def _cells(trace: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """Of heat maps, those that are not empty."""
    z = unpacked(trace["z"]).astype(np.float64)
    row, column = np.nonzero(np.isfinite(z))
    return [
        {"where": str(trace["y"][r]), "at": str(trace["x"][c]).replace("T", " "), "value": float(z[r, c])}
        for r, c in zip(row[:most].tolist(), column[:most].tolist(), strict=True)
    ]


def _words(value: Any) -> Any:  # noqa: ANN401 - text, number or none
    """Text as people read it, without the markup of pictures."""
    if not isinstance(value, str):
        return value
    return unescape(value.replace("<br>", ", ").replace("<b>", "").replace("</b>", ""))


def _plain(values: object) -> list[Any]:
    """Values as JSON has them; what is no number as missing."""
    found = unpacked(values).tolist() if isinstance(values, dict) else list(values)  # type: ignore[call-overload]
    return [None if isinstance(v, float) and not np.isfinite(v) else v for v in found]
