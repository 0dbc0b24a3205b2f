"""A table of an upload that is too large to be edited: all of it to look at, filtered and sorted here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc

from sparewatt.faces.web.parts.table_columns import column_width
from sparewatt.faces.web.parts.table_files import read_whole_table
from sparewatt.faces.web.parts.table_rows import far_grid, register_far_grids
from sparewatt.faces.web.parts.upload_folder import upload_file
from sparewatt.results.table_page import page_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.parts.table_words import ColumnWords
    from sparewatt.results.table_page import TablePage

_KIND = "table-far"
_LOOKED_AT = 200


def whole_table(
    place: ApiPlace, upload_id: str, file: str, words: Sequence[ColumnWords], reason: str
) -> Component:
    """The table of a file.

    Parameters
    ----------
    place
        Where uploads are.
    upload_id, file
        Which file.
    words
        Of every column.
    reason
        Why it is not for editing.
    """
    page = page_of(file, read_whole_table(upload_file(place, upload_id, file)), 0, _LOOKED_AT, None)
    grid = {"type": _KIND, "upload": upload_id, "file": file}
    shown = far_grid(grid, _columns(page, words), page.total, f"Table {file}")
    return dmc.Stack([dmc.Text(reason, className="quiet"), shown], gap="xs")


def register_whole_tables(desk: Desk) -> None:
    """Answer these grids, on whatever page; once for the application."""
    register_far_grids(
        desk,
        _KIND,
        ("upload", "file"),
        lambda own: read_whole_table(upload_file(desk.place, own["upload"], own["file"])),
    )


def _columns(page: TablePage, words: Sequence[ColumnWords]) -> list[dict[str, Any]]:
    """Columns of a grid whose rows stay on the server; the first is the row of the file."""
    first: dict[str, Any] = {
        "field": "c0",
        "headerName": "Row",
        "width": 110,
        "pinned": "left",
        "type": "rightAligned",
        "filter": "agNumberColumnFilter",
        "cellClass": "quiet numbers",
    }
    columns = [first]
    for i, one in enumerate(words, 1):
        column: dict[str, Any] = {
            "field": f"c{i}",
            "headerName": f"{one.title} [{one.unit}]" if one.unit else one.title,
            "headerTooltip": one.help,
            "minWidth": column_width(one.title, [str(row[i]) for row in page.rows]),
            "flex": 1,
        }
        if page.numeric[i]:
            column |= {"type": "rightAligned", "filter": "agNumberColumnFilter"}
        columns.append(column)
    return columns
