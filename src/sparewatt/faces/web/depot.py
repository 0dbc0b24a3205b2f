"""Depot tables: sites, vehicles, routes, prices and load of an upload, edited and checked in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.depot_check import register_check
from sparewatt.faces.web.depot_place import DEPOT_PATH, depot_place, find_tables
from sparewatt.faces.web.depot_sums import pictures, sums
from sparewatt.faces.web.depot_tables import register_tables, table_tabs
from sparewatt.faces.web.new_state import NewPlace
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.upload import upload_area
from sparewatt.faces.web.parts.upload_folder import begin_from_example, begin_from_run, lift_folder
from sparewatt.faces.web.shell import GO, URL, way
from sparewatt.inputs.depot.outline import outline_depot

if TYPE_CHECKING:
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit
    from sparewatt.faces.web.shell import Way


def show_depot(visit: Visit) -> Component:
    """The page, before the browser says which tables."""
    runs = visit.place.store.list_runs(study="depot", limit=50).runs
    return dmc.Stack(
        gap="lg",
        children=[
            dmc.Stack(
                [
                    dmc.Title("Depot tables", order=1),
                    dmc.Text(
                        "Sites, chargers, vehicles, routes, prices and load: look, change, check, "
                        "and then plan the charging.",
                        className="prose",
                    ),
                ],
                gap=6,
            ),
            html.Div(
                dmc.Grid(
                    [
                        dmc.GridCol(
                            upload_area(visit.place, "depot-area", "depot-uploaded"),
                            span={"base": 12, "md": 7},
                        ),
                        dmc.GridCol(
                            dmc.Stack(
                                [
                                    dmc.Text("Or begin with", fw=600),
                                    dmc.Group(
                                        dmc.Button(
                                            "The tables of the example", id="depot-example", variant="light"
                                        )
                                    ),
                                    dmc.Select(
                                        id="depot-former",
                                        label="The tables of a former run",
                                        placeholder="Choose a run" if runs else "No depot run yet",
                                        disabled=not runs,
                                        searchable=True,
                                        data=[
                                            {"value": str(r.id), "label": f"{r.id}: {r.name}"} for r in runs
                                        ],
                                    ),
                                ],
                                gap="sm",
                            ),
                            span={"base": 12, "md": 5},
                        ),
                    ],
                    gutter="xl",
                ),
                id="depot-choose",
            ),
            dcc.Store(id="depot-uploaded"),
            dcc.Store(id="depot-found"),
            dcc.Store(id="depot-shown"),
            dcc.Store(id="tables-saved"),
            html.Div(id="depot-sums"),
            html.Div(id="depot-content"),
        ],
    )


def _register(desk: Desk) -> None:
    place = desk.place
    lead = Output(GO, "data", allow_duplicate=True)
    desk.in_browser("sparewatt.makeUpload", Output("depot-area", "title"), Input("depot-area", "id"))

    @desk.answer(lead, Input("depot-uploaded", "data"), prevent_initial_call=True)
    def take(uploaded: dict[str, Any] | None) -> Way:
        if not uploaded:
            raise PreventUpdate
        lift_folder(upload_folder(place, uploaded["id"]))
        return way(search=NewPlace("depot", uploaded["id"]).search())

    @desk.answer(
        lead,
        Input("depot-example", "n_clicks"),
        running=[(Output("depot-example", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def begin(clicks: int | None) -> Way:
        if not clicks:
            raise PreventUpdate
        return way(search=NewPlace("depot", begin_from_example(place, "depot")).search())

    @desk.answer(lead, Input("depot-former", "value"), prevent_initial_call=True)
    def again(run_id: str | None) -> Way:
        if not run_id:
            raise PreventUpdate
        return way(search=NewPlace("depot", begin_from_run(place, int(run_id))[0]).search())

    _register_content(desk)
    _register_sums(desk)
    register_tables(desk)
    register_check(desk)


def _register_content(desk: Desk) -> None:
    place = desk.place

    @desk.answer(
        Output("depot-content", "children"),
        Output("depot-choose", "hidden"),
        Output("depot-found", "data"),
        Output("depot-shown", "data"),
        Input(URL, "search"),
        State(URL, "pathname"),
        State("depot-shown", "data"),
    )
    def content(search: str, path: str, shown: str | None) -> tuple[Component, bool, None, str]:
        at = depot_place(path, search)
        if at is None or (at.upload == shown and at.upload):  # another of its tables: that needs no server
            raise PreventUpdate
        if not at.upload:
            if at.start.isdecimal():
                upload_id, study = begin_from_run(place, int(at.start))
                if study != "depot":
                    raise ProblemError(409, f"Run {at.start} is no depot run, so it has no depot tables.")
                dash.set_props(URL, {"search": NewPlace("depot", upload_id).search()})
            return [], False, None, ""
        try:
            folder = upload_folder(place, at.upload)
        except ProblemError as error:
            gone = dmc.Alert(error.detail, title="These tables are not here any more", color="orange")
            return gone, False, None, at.upload
        return table_tabs(at.upload, find_tables(folder), at.table), True, None, at.upload


def _register_sums(desk: Desk) -> None:
    place = desk.place

    @desk.answer(
        Output("depot-sums", "children"),
        Input("depot-shown", "data"),
        Input("tables-saved", "data"),
    )
    def told(upload: str | None, _saved: object) -> Component:
        if upload is None:
            raise PreventUpdate
        try:
            folder = upload_folder(place, upload) if upload else None
        except ProblemError:
            folder = None
        if folder is None:
            return []
        outline = outline_depot(folder / find_tables(folder).folder)
        return dmc.Stack([sums(outline), pictures(outline)], gap="md")


PAGES = (Page(DEPOT_PATH, "Depot tables", show_depot, _register, nav="Depot tables", icon="depot"),)
