"""Files of a new run's inputs: listed, opened, sent back, taken out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State
from dash.exceptions import PreventUpdate

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.desk import tell
from sparewatt.faces.web.new_state import NewPlace, new_place
from sparewatt.faces.web.parts.upload import file_list, file_view
from sparewatt.faces.web.parts.upload_folder import remove_file
from sparewatt.faces.web.shell import URL

if TYPE_CHECKING:
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component


def register_files(desk: Desk) -> None:
    """Answer what is done with files."""
    place = desk.place
    where = (State(URL, "pathname"), State(URL, "search"))

    @desk.answer(
        Output("new-files", "children"),
        Input(URL, "search"),
        Input("tables-saved", "data"),
        State(URL, "pathname"),
    )
    def list_inputs(now: str, _saved: object, path: str) -> Component:
        at = new_place(path, now)
        if at is None:
            raise PreventUpdate
        if not at.upload:
            return []
        return _files(desk, at)

    @desk.answer(Output("new-view", "children"), Input(URL, "search"), State(URL, "pathname"))
    def view(now: str, path: str) -> Component:
        at = new_place(path, now)
        if at is None:
            raise PreventUpdate
        return file_view(place, at.upload, at.file, at.sheet) if at.upload and at.file else []

    @desk.answer(
        Output(URL, "search", allow_duplicate=True),
        Input({"type": "new-open", "file": ALL, "sheet": ALL}, "n_clicks"),
        Input({"type": "new-way", "file": ALL, "sheet": ALL, "n": ALL}, "n_clicks"),
        *where,
        prevent_initial_call=True,
    )
    def open_file(clicks: list[int | None], ways: list[int | None], path: str, now: str) -> str:
        at, asked = new_place(path, now), dash.ctx.triggered_id
        if at is None or not asked or not dash.ctx.triggered[0]["value"] or not any([*clicks, *ways]):
            raise PreventUpdate
        if not asked["file"]:
            return replace(at, file="", sheet="").search()
        return replace(at, file=asked["file"], sheet=asked["sheet"]).search()

    _register_remove(desk)


def _register_remove(desk: Desk) -> None:
    place = desk.place
    where = (State(URL, "pathname"), State(URL, "search"))

    @desk.answer(
        Output("tables-saved", "data", allow_duplicate=True),
        Input({"type": "new-remove", "file": ALL}, "n_clicks"),
        *where,
        prevent_initial_call=True,
    )
    def remove(clicks: list[int | None], path: str, now: str) -> dict[str, Any]:
        at, asked = new_place(path, now), dash.ctx.triggered_id
        if at is None or not asked or not any(clicks):
            raise PreventUpdate
        remove_file(place, at.upload, asked["file"])
        tell(f"{asked['file']} is taken out of these inputs.")
        if at.file == asked["file"]:
            dash.set_props(URL, {"search": replace(at, file="", sheet="").search()})
        return {"removed": asked["file"], "clicks": sum(c or 0 for c in clicks)}


def _files(desk: Desk, at: NewPlace) -> Component:
    try:
        folder = upload_folder(desk.place, at.upload)
    except ProblemError as error:
        return dmc.Alert(error.detail, title="These inputs are not here any more", color="orange")
    return file_list(desk.place, folder, at.file)
