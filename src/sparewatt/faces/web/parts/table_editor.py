"""A table of an upload in a grid: edit, paste, add and delete rows, undo, save; findings mark their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import MATCH, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.faces.web.parts.table_columns import table_columns
from sparewatt.faces.web.parts.table_files import read_file_table, write_file_table
from sparewatt.faces.web.parts.table_whole import register_whole_tables, whole_table
from sparewatt.faces.web.parts.table_words import ColumnWords, column_words
from sparewatt.faces.web.parts.upload_folder import upload_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.parts.table_sheets import FileTable

_SHOWN_ROWS = 12
_ROW_PX, _HEAD_PX = 34, 58


def part_id(part: str, key: str) -> dict[str, str]:
    """Id of a part of the editor of one table."""
    return {"type": f"table-{part}", "key": key}


def table_key(upload_id: str, file: str, sheet: str = "") -> str:
    """What tells an editor from others: upload, file and sheet."""
    return f"{upload_id}|{file}|{sheet}"


def table_editor(
    place: ApiPlace, upload_id: str, file: str, sheet: str = "", *, label: str = ""
) -> Component:
    """The editor of one table, or why there is none."""
    path = upload_file(place, upload_id, file)
    table = place.reading.call(read_file_table, path, sheet) if sheet else read_file_table(path)
    key = table_key(upload_id, file, sheet)
    if not table.rows and not table.header:
        return dmc.Alert(table.reason, color="gray", title="Not for editing")
    width = len(table.header) or len(table.rows[0])
    words = column_words(file, table.header, width)
    if table.is_part:
        return whole_table(place, upload_id, file, words, table.reason)
    can = not table.reason
    return dmc.Stack(
        gap="xs",
        className="table-editor",
        children=[
            _tools(key, label or sheet or file) if can else dmc.Text(table.reason, className="quiet"),
            _grid(key, table, words, label or sheet or file, can=can),
            *([dcc.Store(id=part_id(part, key)) for part in ("send", "saved")] if can else []),
            html.Span(id=part_id("seen", key), hidden=True),
        ],
    )


def _tools(key: str, label: str) -> Component:
    def button(part: str, words: str, icon: str, **more: Any) -> Component:  # noqa: ANN401 - as dmc takes it
        sign = html.Span(className=f"icon icon-{icon}")
        settings = {"variant": "default", "size": "xs", **more, "aria-label": f"{words}: {label}"}
        return dmc.Button(words, id=part_id(part, key), leftSection=sign, **settings)

    return dmc.Group(
        [
            button("add", "Add a row", "new"),
            button("delete", "Delete selected rows", "trash"),
            button("undo", "Undo all changes", "again"),
            button("save", "Save", "check", variant="filled"),
            html.Span(id=part_id("note", key), className="quiet table-note", role="status"),
        ],
        gap="xs",
    )


def _grid(key: str, table: FileTable, words: Sequence[ColumnWords], label: str, *, can: bool) -> Component:
    first = table.first_row
    rows = [
        {"r": first + n, **{f"c{i}": cell for i, cell in enumerate(row)}} for n, row in enumerate(table.rows)
    ]
    is_long = len(rows) > _SHOWN_ROWS
    columns = table_columns(table, words)
    height = _HEAD_PX + _ROW_PX * (max(3, min(_SHOWN_ROWS, len(rows) + 1)) + is_long)
    options: dict[str, Any] = {
        "stopEditingWhenCellsLoseFocus": True,
        "undoRedoCellEditing": True,
        "animateRows": False,
        "tooltipShowDelay": 200,
        "rowHeight": _ROW_PX,
        "ensureDomOrder": True,
        "localeText": {"noRowsToShow": "No rows yet", "noMatchingRows": "No rows match the filters"},
    }
    if can:
        options["rowSelection"] = {"mode": "multiRow", "headerCheckbox": True, "selectAll": "filtered"}
        options["selectionColumnDef"] = {"pinned": "left", "width": 44}
    return html.Div(
        dag.AgGrid(
            id=part_id("grid", key),
            rowData=rows,
            columnDefs=columns,
            defaultColDef={
                "editable": can,
                "sortable": True,
                "filter": True,
                "floatingFilter": is_long,
                "suppressHeaderMenuButton": True,
                "suppressHeaderFilterButton": True,
                "resizable": True,
                "cellDataType": False,
                "wrapHeaderText": True,
                "autoHeaderHeight": True,
            },
            dashGridOptions=options,
            style={"height": f"{height}px"},
        ),
        role="group",
        **{
            "aria-label": f"Table {label}",
            "aria-description": "Arrow keys go from cell to cell, Enter edits one, Escape leaves the table.",
        },
    )


def save_table(place: ApiPlace, key: str, rows: Sequence[Sequence[str]]) -> None:
    """Write the rows of an editor to its file."""
    upload_id, file, sheet = key.split("|")
    path = upload_file(place, upload_id, file)
    given = [list(row) for row in rows]
    if sheet:
        place.reading.call(write_file_table, path, sheet, given)
    else:
        write_file_table(path, sheet, given)


def register_table_editors(desk: Desk) -> None:
    """Answer what is done in editors, on whatever page; once for the application."""
    register_whole_tables(desk)
    buttons = [
        Input({"type": f"table-{part}", "key": MATCH}, "n_clicks")
        for part in ("add", "delete", "undo", "save")
    ]
    grid = {"type": "table-grid", "key": MATCH}
    desk.in_browser(
        "sparewatt.workTable",
        Output({"type": "table-send", "key": MATCH}, "data"),
        *buttons,
        State(grid, "id"),
        State({"type": "table-note", "key": MATCH}, "id"),
        prevent_initial_call=True,
    )
    desk.in_browser(
        "sparewatt.watchTable", Output({"type": "table-seen", "key": MATCH}, "title"), Input(grid, "id")
    )
    desk.in_browser(
        "sparewatt.savedTable",
        Output({"type": "table-note", "key": MATCH}, "title"),
        Input({"type": "table-saved", "key": MATCH}, "data"),
        State(grid, "id"),
        prevent_initial_call=True,
    )

    @desk.answer(
        Output({"type": "table-saved", "key": MATCH}, "data"),
        Input({"type": "table-send", "key": MATCH}, "data"),
        State({"type": "table-send", "key": MATCH}, "id"),
        prevent_initial_call=True,
    )
    def save(sent: dict[str, Any] | None, own: dict[str, str]) -> dict[str, Any]:
        if not sent:
            raise PreventUpdate
        try:
            save_table(desk.place, own["key"], sent["rows"])
        except ValueError as error:
            return {"ok": False, "words": str(error), "at": sent["at"]}
        dash.set_props("tables-saved", {"data": {"at": sent["at"], "key": own["key"]}})
        return {"ok": True, "words": "Saved", "at": sent["at"]}
