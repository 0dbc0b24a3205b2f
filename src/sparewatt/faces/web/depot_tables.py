"""One tab per depot table: an editor, or a way to begin the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.depot_place import DepotTables, depot_place, find_tables
from sparewatt.faces.web.parts.table_editor import table_editor
from sparewatt.faces.web.parts.table_words import DEPOT_TITLES
from sparewatt.faces.web.shell import URL
from sparewatt.inputs.depot.schema import OPTIONAL, REQUIRED, ROUTE_MASTER
from sparewatt.results.whole_file import write_whole_text

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component

_FORMS = {form.name: form for form in (*REQUIRED, ROUTE_MASTER, *OPTIONAL)}
FIRST = "t_sites"
"""The table that is open where the address names none; `tellTable` in the browser knows it too."""
_NEEDED = {form.name for form in (*REQUIRED, ROUTE_MASTER)}


def table_tabs(upload_id: str, tables: DepotTables, table: str = "") -> Component:
    """The tables of an upload, one of them open, and what can be done with them all."""
    return dmc.Stack(
        gap="md",
        children=[
            html.Div(id="depot-findings", role="status"),
            dmc.Tabs(
                id="depot-tabs",
                value=table if table in tables.files else FIRST,
                keepMounted=True,
                children=[
                    dmc.TabsList([_tab(name, tables.files[name]) for name in tables.files]),
                    *(
                        dmc.TabsPanel(_panel(name, file), value=name, pt="md")
                        for name, file in tables.files.items()
                    ),
                ],
            ),
            dcc.Store(id="depot-check-go"),
            dcc.Store(id="depot-filled", data=[]),
            html.Span(id="depot-marked", hidden=True),
            html.Div(
                dmc.Group(
                    [
                        dmc.Button(
                            "Check",
                            id="depot-check",
                            variant="default",
                            size="md",
                            leftSection=html.Span(className="icon icon-check"),
                        ),
                        dcc.Link(
                            html.Span([html.Span(className="icon icon-play"), " Plan it"]),
                            href=f"/new/depot?upload={upload_id}",
                            className="plan-link",
                        ),
                        dcc.Link("Other tables", href="/depot", className="quiet"),
                    ],
                    gap="sm",
                ),
                className="run-bar",
            ),
        ],
    )


def _tab(name: str, file: str) -> Component:
    title = DEPOT_TITLES.get(name, (name, ""))[0]
    words = [title] if file else [title, html.Span(" (none)", className="quiet")]
    return dmc.TabsTab(
        [*words, html.Span(id={"type": "depot-count", "table": name}, className="tab-count")], value=name
    )


def _panel(name: str, file: str) -> Component:
    title, what = DEPOT_TITLES.get(
        name, (name, "Times of routes that an allocation names, or another table.")
    )
    head = dmc.Stack(
        [
            dmc.Group(
                [dmc.Title(title, order=2, size="h4"), dmc.Text(name, className="quiet", size="sm")],
                gap="xs",
                align="baseline",
            ),
            dmc.Text(what, className="prose"),
            html.Div(id={"type": "depot-said", "table": name}),
        ],
        gap=4,
    )
    if file:
        body: Component = html.Div(id={"type": "depot-body", "table": name}, className="table-body")
    else:
        needed = "A plan needs it." if name in _NEEDED else "It may be left out."
        body = dmc.Group(
            [
                dmc.Text(f"There is no such table in these inputs. {needed}"),
                dmc.Button(
                    "Begin this table",
                    id={"type": "depot-create", "table": name},
                    variant="default",
                    size="xs",
                    **{"aria-label": f"Begin the table {title}"},
                ),
            ]
        )
    return dmc.Stack([head, body], gap="sm")


def _editor(place: ApiPlace, upload_id: str, name: str) -> Component:
    """The editor of a table, made when somebody comes to its tab."""
    file = find_tables(upload_folder(place, upload_id)).files.get(name, "")
    try:
        return table_editor(place, upload_id, file, label=DEPOT_TITLES.get(name, (name, ""))[0])
    except ProblemError as error:
        return dmc.Alert(error.detail, color="orange")


def begin_table(place: ApiPlace, upload_id: str, name: str) -> None:
    """Write a table of an upload with its columns and no rows."""
    form, folder = _FORMS[name], upload_folder(place, upload_id)
    tables = find_tables(folder)
    if not tables.files[name]:
        write_whole_text(folder / tables.folder / f"{name}.csv", ",".join(form.columns) + "\n")


def register_tables(desk: Desk) -> None:
    """Answer what is done with whole tables."""
    place = desk.place
    desk.in_browser(
        "sparewatt.tellTable",
        Output(URL, "search", allow_duplicate=True),
        Input("depot-tabs", "value"),
        State(URL, "search"),
        prevent_initial_call=True,
    )
    desk.in_browser(
        "sparewatt.openTable",
        Output("depot-tabs", "value"),
        Input(URL, "search"),
        State("depot-tabs", "value"),
        prevent_initial_call=True,
    )

    @desk.answer(
        Output("depot-content", "children", allow_duplicate=True),
        Input({"type": "depot-create", "table": ALL}, "n_clicks"),
        State(URL, "pathname"),
        State(URL, "search"),
        prevent_initial_call=True,
    )
    def create(clicks: list[int | None], path: str, search: str) -> Component:
        at, asked = depot_place(path, search), dash.ctx.triggered_id
        if at is None or not asked or not any(clicks):
            raise PreventUpdate
        begin_table(place, at.upload, asked["table"])
        return table_tabs(at.upload, find_tables(upload_folder(place, at.upload)), asked["table"])

    @desk.answer(
        Output({"type": "depot-body", "table": ALL}, "children"),
        Output("depot-filled", "data"),
        Input("depot-tabs", "value"),
        State({"type": "depot-body", "table": ALL}, "id"),
        State("depot-filled", "data"),
        State(URL, "pathname"),
        State(URL, "search"),
    )
    def fill(
        table: str, ids: list[dict[str, str]], filled: list[str], path: str, search: str
    ) -> tuple[list[Any], list[str]]:
        at = depot_place(path, search)
        if at is None or table in filled or not any(one["table"] == table for one in ids):
            raise PreventUpdate
        editor = _editor(place, at.upload, table)
        return [editor if one["table"] == table else dash.no_update for one in ids], [*filled, table]
