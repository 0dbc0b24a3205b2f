"""The check of depot tables: every finding beside its row, the others in a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, html
from dash.exceptions import PreventUpdate

from sparewatt.errors import InputError
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.depot_place import depot_place, find_tables
from sparewatt.faces.web.new_findings import finding_line
from sparewatt.faces.web.new_state import found_data, read_draft
from sparewatt.faces.web.parts.table_editor import table_key
from sparewatt.faces.web.parts.table_files import read_file_table
from sparewatt.faces.web.parts.upload_folder import first_draft
from sparewatt.faces.web.shell import URL
from sparewatt.studies.submission import check_submission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.new_state import NewPlace
    from sparewatt.faces.web.page import Component

_PLACE = re.compile(r"(?P<table>[^\s,]+?)(?:\.csv)?(?:,? row (?P<row>\d+))?(?:, column (?P<column>.+))?")
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
    said: dict[str, list[dict[str, Any]]] = {}
    marks: dict[str, dict[str, dict[str, str]]] = {}
    for one in found_data(place, at, findings):
        table, row, column = finding_place(one["where"])
        known = table if tables.files.get(table) or table in tables.files else ""
        said.setdefault(known, []).append(one)
        if row and tables.files.get(known):
            header = read_file_table(folder / tables.files[known]).header
            names = [name.lower() for name in header]
            cell = names.index(column) if column in names else 0
            key = table_key(at.upload, tables.files[known])
            marked = marks.setdefault(key, {}).setdefault(str(row), {})
            words = one["message"] + (f". Right would be: {one['remedy']}" if one["remedy"] else "")
            marked[f"_m{cell}"] = "; ".join(t for t in (marked.get(f"_m{cell}"), words) if t)
    return {"said": said, "marks": marks}


def finding_place(where: str) -> tuple[str, int, str]:
    """Table, row and column of a finding in depot tables; empty and 0 where it names none."""
    match = _PLACE.fullmatch(where)
    if match is None:
        return re.split(r"[ ,]", where, maxsplit=1)[0].removesuffix(".csv").lower(), 0, ""
    return match["table"].lower(), int(match["row"] or 0), (match["column"] or "").lower()


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
