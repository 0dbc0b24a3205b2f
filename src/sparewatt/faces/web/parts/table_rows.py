"""Tables that are too long for the browser: their rows come as somebody scrolls, filtered and sorted here.

The id of such a grid says what it shows: ``{"type": "run-table", "run": 7, "name": "days"}``; whoever has
such tables registers once how they are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import dash_ag_grid as dag
from dash import MATCH, Input, Output, State, html
from dash.exceptions import PreventUpdate

from sparewatt.results.table_page import page_of
from sparewatt.results.table_query import CellTest, ColumnFilter, TableQuery, Way

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component

BLOCK_ROWS = 200
_MOST_BLOCK = 1000
_ROW_PX, _HEAD_PX, _SHOWN_ROWS = 34, 110, 14
_WAYS: dict[str, Way] = {
    "contains": "contains",
    "notContains": "lacks",
    "equals": "is",
    "notEqual": "is_not",
    "startsWith": "begins",
    "endsWith": "ends",
    "greaterThan": "above",
    "greaterThanOrEqual": "at_least",
    "lessThan": "below",
    "lessThanOrEqual": "at_most",
    "inRange": "between",
    "blank": "empty",
    "notBlank": "filled",
}
"""How cells are compared, by the words of AG Grid."""


def far_grid(
    grid: Mapping[str, Any],
    columns: Sequence[Mapping[str, Any]],
    total: int,
    label: str,
    defaults: Mapping[str, Any] | None = None,
) -> Component:
    """A grid whose rows stay on the server, and how many of them match.

    Parameters
    ----------
    grid
        Id of the grid, of a kind that `register_far_grids` knows.
    columns
        Its columns; the field of the column ``n`` of the table is ``c<n>``.
    total
        Rows of the whole table.
    label
        What the table is called; for screen readers.
    defaults
        What all columns share, beside order and filters.
    """
    return html.Div(
        [
            html.Div(rows_words(total, total), id=count_id(grid), className="quiet numbers", role="status"),
            dag.AgGrid(
                id=dict(grid),
                columnDefs=[dict(column) for column in columns],
                rowModelType="infinite",
                defaultColDef={
                    "sortable": True,
                    "resizable": True,
                    "filter": True,
                    "floatingFilter": True,
                    "suppressHeaderMenuButton": True,
                    "minWidth": 90,
                    **(defaults or {}),
                },
                dashGridOptions={
                    "cacheBlockSize": BLOCK_ROWS,
                    "maxBlocksInCache": 20,
                    "maxConcurrentDatasourceRequests": 1,
                    "blockLoadDebounceMillis": 80,
                    "infiniteInitialRowCount": min(total, BLOCK_ROWS),
                    "rowHeight": _ROW_PX,
                    "animateRows": False,
                    "enableCellTextSelection": True,
                    "tooltipShowDelay": 300,
                },
                className="ag-theme-alpine",
                style={"height": _HEAD_PX + _ROW_PX * min(_SHOWN_ROWS, max(3, total)), "width": "100%"},
            ),
        ],
        role="region",
        className="far-table",
        **{"aria-label": label},
    )


def register_far_grids(
    desk: Desk, kind: str, keys: Sequence[str], read: Callable[[Mapping[str, Any]], pa.Table]
) -> None:
    """Answer grids of one kind; once for the application.

    Parameters
    ----------
    desk
        Where.
    kind
        The ``type`` of their ids.
    keys
        The other keys of their ids.
    read
        Gives the table that an id names, its cells as text: `results.table_page.read_text_table`.
    """
    grid = {"type": kind, **dict.fromkeys(keys, MATCH)}

    @desk.answer(
        Output(grid, "getRowsResponse"),
        Output(count_id(grid), "children"),
        Input(grid, "getRowsRequest"),
        State(grid, "id"),
        prevent_initial_call=True,
    )
    def rows(asked: Mapping[str, Any] | None, own: dict[str, Any]) -> tuple[dict[str, Any], str]:
        if not asked:
            raise PreventUpdate
        first = max(0, int(asked["startRow"]))
        number = min(max(0, int(asked["endRow"]) - first), _MOST_BLOCK)
        table = read(own)
        page = page_of("the table", table, first, number, grid_query(asked, table.column_names))
        data = [{f"c{i}": cell for i, cell in enumerate(row)} for row in page.rows]
        return {"rowData": data, "rowCount": page.matching}, rows_words(page.matching, page.total)


def count_id(grid: Mapping[str, Any]) -> dict[str, Any]:
    """Id of where the number of matching rows stands."""
    return {**grid, "type": f"{grid['type']}-count"}


def rows_words(matching: int, total: int) -> str:
    """How many rows there are, and how many of them match."""
    words = f"{total:,} row{'' if total == 1 else 's'}"
    return words if matching == total else f"{matching:,} of {words}"


def grid_query(asked: Mapping[str, Any], columns: Sequence[str]) -> TableQuery:
    """What a grid asks for, in the names of the table; what it cannot ask for is left out."""

    def name(field: str) -> str | None:
        number = field[1:]
        is_one = field[:1] == "c" and number.isdecimal() and int(number) < len(columns)
        return columns[int(number)] if is_one else None

    filters = tuple(
        ColumnFilter(column, tests, any_of=model.get("operator") == "OR")
        for field, model in (asked.get("filterModel") or {}).items()
        if (column := name(field)) is not None and (tests := _tests(model))
    )
    sort = tuple(
        (column, one.get("sort") == "desc")
        for one in asked.get("sortModel") or ()
        if (column := name(str(one.get("colId")))) is not None
    )
    return TableQuery(filters, sort)


def _tests(model: Mapping[str, Any]) -> tuple[CellTest, ...]:
    """What is asked of a column."""
    conditions = cast("Sequence[Mapping[str, Any]]", model.get("conditions") or (model,))
    tests = []
    for one in conditions:
        way, value = _WAYS.get(str(one.get("type"))), one.get("filter")
        if way is None or (value is None and way not in {"empty", "filled"}):
            continue
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        given = float(cast("float", value)) if is_number else str(value or "")
        to = one.get("filterTo")
        tests.append(CellTest(way, given, *([float(to)] if isinstance(to, (int, float)) else [])))
    return tuple(tests)
