"""First step of a new run: its inputs; uploaded, of the example or of a former run, listed, edited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.new_files import register_files
from sparewatt.faces.web.new_state import DRAFTS, NewPlace, new_place
from sparewatt.faces.web.parts.upload import upload_area
from sparewatt.faces.web.parts.upload_folder import (
    add_upload,
    begin_from_example,
    begin_from_run,
    lift_folder,
)
from sparewatt.faces.web.shell import GO, URL, way
from sparewatt.faces.web.studies import STUDY_WORDS
from sparewatt.inputs.scenario_file import SCENARIO_NAME

if TYPE_CHECKING:
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit
    from sparewatt.faces.web.shell import Way

UPLOADED = "new-uploaded"


def inputs_step(visit: Visit, takes: str) -> Component:
    """The step, before the browser says where it is."""
    study = visit.parts["study"]
    runs = visit.place.store.list_runs(study=study, limit=50).runs
    return dmc.Stack(
        gap="md",
        children=[
            dmc.Title("1. Inputs", order=2, size="h3"),
            dmc.Text(takes, className="prose quiet"),
            dmc.Grid(
                [
                    dmc.GridCol(upload_area(visit.place, "new-area", UPLOADED), span={"base": 12, "md": 7}),
                    dmc.GridCol(
                        dmc.Stack(
                            [
                                dmc.Text("Or begin with", fw=600),
                                dmc.Group(
                                    dmc.Button("The inputs of the example", id="new-example", variant="light")
                                ),
                                dmc.Select(
                                    id="new-former",
                                    label="The inputs of a former run",
                                    placeholder="Choose a run" if runs else "No run of this study yet",
                                    disabled=not runs,
                                    searchable=True,
                                    data=[{"value": str(r.id), "label": f"{r.id}: {r.name}"} for r in runs],
                                ),
                            ],
                            gap="sm",
                        ),
                        span={"base": 12, "md": 5},
                    ),
                ],
                gutter="xl",
            ),
            dcc.Store(id=UPLOADED),
            dcc.Store(id="tables-saved"),
            html.Div(id="new-files"),
            html.Div(id="new-view"),
            html.Span(id="new-view-seen", hidden=True),
        ],
    )


def register_inputs(desk: Desk) -> None:
    """Answer what is done in this step."""
    place = desk.place
    lead = Output(GO, "data", allow_duplicate=True)
    where = (State(URL, "pathname"), State(URL, "search"))
    desk.in_browser("sparewatt.makeUpload", Output("new-area", "title"), Input("new-area", "id"))
    desk.in_browser(
        "sparewatt.lookAt",
        Output("new-view-seen", "title"),
        Input("new-view", "children"),
        State("new-view", "id"),
    )

    @desk.answer(lead, Input(UPLOADED, "data"), *where, State(DRAFTS, "data"), prevent_initial_call=True)
    def take(uploaded: dict[str, Any] | None, path: str, now: str, drafts: dict[str, Any] | None) -> Way:
        at = new_place(path, now)
        if not uploaded or at is None:
            raise PreventUpdate
        added = upload_folder(place, uploaded["id"])
        lift_folder(added)
        if not _is_there(desk, at):
            return way(search=replace(at, upload=uploaded["id"], file="", sheet="").search())
        if (added / SCENARIO_NAME).is_file():  # the form begins anew with what it says
            dash.set_props(DRAFTS, {"data": {k: v for k, v in (drafts or {}).items() if k != at.key}})
        add_upload(place, at.upload, uploaded["id"])
        dash.set_props("tables-saved", {"data": {"at": uploaded["at"]}})
        raise PreventUpdate

    @desk.answer(
        lead,
        Input("new-example", "n_clicks"),
        *where,
        running=[(Output("new-example", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def begin(clicks: int | None, path: str, now: str) -> Way:
        at = new_place(path, now)
        if not clicks or at is None or at.study not in STUDY_WORDS:
            raise PreventUpdate
        return way(search=NewPlace(at.study, begin_from_example(place, at.study)).search())

    _register_former(desk)
    register_files(desk)


def _register_former(desk: Desk) -> None:
    place = desk.place

    @desk.answer(
        Output(GO, "data", allow_duplicate=True), Input("new-former", "value"), prevent_initial_call=True
    )
    def again(run_id: str | None) -> Way:
        if not run_id:
            raise PreventUpdate
        upload_id, study = begin_from_run(place, int(run_id))
        return way(path=f"/new/{study}", search=NewPlace(study, upload_id).search())

    @desk.answer(Output("new-files", "title"), Input(URL, "search"), State(URL, "pathname"))
    def from_run(now: str, path: str) -> str:
        at = new_place(path, now)
        if at is None or at.upload or not at.start.isdecimal():
            raise PreventUpdate
        upload_id, study = begin_from_run(place, int(at.start))
        dash.set_props(URL, {"pathname": f"/new/{study}", "search": NewPlace(study, upload_id).search()})
        return ""


def _is_there(desk: Desk, at: NewPlace) -> bool:
    try:
        return bool(at.upload) and upload_folder(desk.place, at.upload).is_dir()
    except ProblemError:
        return False
