"""Graph: the place of a picture on a page, and what is put there when somebody comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from sparewatt.faces.web.pictures.ids import part_id

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.pictures.picture import Figure, Picture

OFFLINE: tuple[str, ...] = ("sendChartToCloud",)
"""Buttons of Plotly that no picture has: what would send it elsewhere."""
CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "doubleClick": "autosize",
    "modeBarButtonsToRemove": [*OFFLINE, "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "resetScale2d"],
    "toImageButtonOptions": {"format": "svg"},
}
"""Of every picture; a double click asks for all of the run."""


def picture_frame(run_id: int | str, picture: Picture, figure: Figure | None) -> Component:
    """The place of a picture; empty until somebody comes to it where there is no ``figure`` yet."""
    graph = [] if figure is None else [picture_graph(run_id, picture, figure)]
    return html.Div(
        dcc.Loading(
            html.Div(graph, id=part_id(run_id, picture.name, "holder"), style={"minHeight": picture.height}),
            delay_show=350,
            overlay_style={"visibility": "visible", "opacity": 0.5},
            color="var(--mantine-color-watt-filled)",
        ),
        id=part_id(run_id, picture.name, "frame"),
        role="figure",
        className="picture-frame",
        **{"aria-label": f"{picture.title}. {picture.words}", "data-drawn": "yes" if graph else "no"},
    )


def picture_graph(run_id: int | str, picture: Picture, figure: Figure) -> Component:
    """The drawing itself."""
    return dcc.Graph(
        id=part_id(run_id, picture.name, "graph"),
        figure=figure,
        config=CONFIG,
        style={"height": picture.height},
    )
