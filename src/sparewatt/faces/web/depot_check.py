"""The check of depot tables: every finding beside its row, the others in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, html
from dash.exceptions import PreventUpdate

from sparewatt.errors import InputError
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.depot_place import depot_place, find_tables
from sparewatt.faces.web.new_findings import finding_line
from sparewatt.faces.web.new_state import found_data, read_draft
from sparewatt.faces.web.parts.table_places import TablePlaces
from sparewatt.faces.web.parts.upload_folder import first_draft
from sparewatt.faces.web.shell import URL
from sparewatt.studies.submission import check_submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.new_state import NewPlace
    from sparewatt.faces.web.page import Component

_MOST_SHOWN = 50


def check_tables(place: ApiPlace, at: NewPlace) -> dict[str, Any]:
    """Everything that is wrong with the tables of an upload, and where in the grids that is."""
    folder = upload_folder(place, at.upload)
    try:
        scenario = read_draft(place, at, first_draft(folder, "depot"))
        findings: Sequence[Any] = place.reading.call(check_submission, scenario, place.store_url)
    except InputError as error:
        findings = error.findings
    tables = find_tables(folder)
    by_file = {file: table for table, file in tables.files.items() if file}
    places, told = TablePlaces(place, at.upload), found_data(place, at, findings)
    said: dict[str, list[dict[str, Any]]] = {}
    for one in told:
        known = places.find(one["where"])
        missing = (
            one["where"].partition(",")[0].partition(" ")[0].lower()
        )  # a table that is not there has no file
        table = by_file.get(known.file, "") if known is not None else missing
        said.setdefault(table if table in tables.files else "", []).append(one)
    return {"said": said, "marks": places.marks(told)}


def register_check(desk: Desk) -> None:
    """Answer what is done about checks."""
    place = desk.place
    desk.in_browser(
        "sparewatt.whenSaved",
        Output("depot-check-go", "data"),
        Input("depot-check", "n_clicks"),
        prevent_initial_call=True,
    )

    @desk.answer(
        Output("depot-found", "data", allow_duplicate=True),
        Input("depot-check-go", "data"),
        State(URL, "pathname"),
        State(URL, "search"),
        running=[(Output("depot-check", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def check(go: dict[str, Any] | None, path: str, search: str) -> dict[str, Any]:
        at = depot_place(path, search)
        if not go or at is None or not at.upload:
            raise PreventUpdate
        return check_tables(place, at)

    @desk.answer(
        Output("depot-findings", "children"),
        Output({"type": "depot-said", "table": ALL}, "children"),
        Output({"type": "depot-count", "table": ALL}, "children"),
        Input("depot-found", "data"),
        State({"type": "depot-said", "table": ALL}, "id"),
    )
    def show(found: dict[str, Any] | None, ids: list[dict[str, str]]) -> tuple[Any, Any, Any]:
        said = {} if found is None else found["said"]
        inside = [_lines(said.get(one["table"], ())) for one in ids]
        counts = [_count(said.get(one["table"], ())) for one in ids]
        return ([] if found is None else _summary(said)), inside, counts

    desk.in_browser(
        "sparewatt.lookAt",
        Output("depot-findings", "title"),
        Input("depot-findings", "children"),
        State("depot-findings", "id"),
    )
    desk.in_browser(
        "sparewatt.markTables",
        Output("depot-marked", "title"),
        Input("depot-found", "data"),
        prevent_initial_call=True,
    )


def _summary(said: Mapping[str, Sequence[Mapping[str, Any]]]) -> Component:
    every = [one for found in said.values() for one in found]
    errors = sum(one["severity"] == "error" for one in every)
    if not every:
        words, colour, icon = "Nothing is wrong with these tables.", "teal", "check"
    elif not errors:
        words, colour, icon = (
            f"These tables can be planned. Remarks to look at: {len(every)}.",
            "orange",
            "warning",
        )
    else:
        words, colour, icon = f"Errors to mend: {errors}. They stand in their tables.", "red", "error"
    return dmc.Stack(
        [
            dmc.Alert(words, color=colour, icon=html.Span(className=f"icon icon-{icon}")),
            *_lines(said.get("", ())),
        ],
        gap="sm",
    )


def _lines(found: Sequence[Mapping[str, Any]]) -> list[Component]:
    more = len(found) - _MOST_SHOWN
    shown = [finding_line(one) for one in found[:_MOST_SHOWN]]
    return [*shown, dmc.Text(f"and {more} more", className="quiet")] if more > 0 else shown


def _count(found: Sequence[Mapping[str, Any]]) -> str:
    return f" {len(found)} to look at" if found else ""
