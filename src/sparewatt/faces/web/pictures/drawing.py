"""Drawing: what pictures answer when somebody comes to them, chooses, or zooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import Input, Output, State
from dash.exceptions import PreventUpdate

from sparewatt.faces.web.pictures.asked import find_asked
from sparewatt.faces.web.pictures.figure_table import figure_grid
from sparewatt.faces.web.pictures.graph import picture_graph
from sparewatt.faces.web.pictures.ids import any_choice, any_part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.pictures.picture import Figure

    Values = Sequence[object]
    Ids = Sequence[Mapping[str, str]]

_CHOSEN = (State(any_choice(), "value"), State(any_choice(), "id"))
MOVES = ("earlier", "closer", "wider", "later", "whole")


def register_gallery(desk: Desk) -> None:
    """Wire the pictures of all pages."""
    desk.in_browser(
        "sparewattPictures.watch", Output(any_part("frame"), "data-watched"), Input(any_part("frame"), "id")
    )
    desk.in_browser(
        "sparewattPictures.zoom",
        Output(any_part("window"), "data", allow_duplicate=True),
        Input(any_part("graph"), "relayoutData"),
        State(any_part("window"), "data"),
        prevent_initial_call=True,
    )
    desk.in_browser(
        "sparewattPictures.move",
        Output(any_part("frame"), "data-moved"),
        *[Input(any_part(f"move-{move}"), "n_clicks") for move in MOVES],
        State(any_part("frame"), "id"),
        prevent_initial_call=True,
    )

    @desk.answer(
        Output(any_part("holder"), "children"),
        Input(any_part("seen"), "data"),
        *_CHOSEN,
        State(any_part("holder"), "id"),
        prevent_initial_call=True,
    )
    def put_there(seen: object, values: Values, ids: Ids, own: object) -> list[Component]:
        asked = find_asked(desk.place, own, _told(seen), _chosen(values, ids))
        return [picture_graph(asked.run_id, asked.picture, asked.figure())]

    @desk.answer(
        Output(any_part("graph"), "figure"),
        Input(any_part("window"), "data"),
        Input(any_choice(), "value"),
        State(any_choice(), "id"),
        State(any_part("seen"), "data"),
        State(any_part("graph"), "id"),
        prevent_initial_call=True,
    )
    def draw(window: object, values: Values, ids: Ids, seen: object, own: object) -> Figure:
        return find_asked(desk.place, own, _told(seen) | _told(window), _chosen(values, ids)).figure()

    @desk.answer(
        Output(any_part("table"), "children"),
        Output(any_part("table-button"), "children"),
        Output(any_part("table-button"), "aria-label"),
        Input(any_part("table-button"), "n_clicks"),
        State(any_part("window"), "data"),
        *_CHOSEN,
        State(any_part("holder"), "id"),
        prevent_initial_call=True,
    )
    def show_table(
        clicks: int | None, window: object, values: Values, ids: Ids, own: object
    ) -> tuple[Component, str, str]:
        if not clicks:
            raise PreventUpdate
        if clicks % 2 == 0:
            picture = find_asked(desk.place, own, {}, {}).picture
            return None, "Show as table", f"Show as table: {picture.title}"
        asked = find_asked(desk.place, own, _told(window), _chosen(values, ids), beside=0)
        shown = figure_grid(asked.figure())
        if shown is None:  # a component without children is not true, so it is asked for none
            shown = dmc.Text("There are no numbers in this window.", className="quiet")
        return shown, "Hide the table", f"Hide the table: {asked.picture.title}"


def _told(data: object) -> dict[str, Any]:
    """What a browser keeps, where it is what we gave it to keep."""
    return data if isinstance(data, dict) else {}


def _chosen(values: Values, ids: Ids) -> dict[str, str]:
    """Values by name of the choice."""
    return {own["choice"]: str(value) for own, value in zip(ids, values, strict=True) if value is not None}
