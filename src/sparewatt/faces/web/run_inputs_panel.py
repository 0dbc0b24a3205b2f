"""The tab of a run's inputs: its own copies, as tables and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
import pyarrow as pa
from dash import html

from sparewatt.errors import InputError
from sparewatt.faces.web.parts.links import run_pills
from sparewatt.faces.web.parts.table_sheets import MOST_ROWS, read_sheet, sheet_names
from sparewatt.faces.web.parts.tables import near_grid, run_grid
from sparewatt.faces.web.run_tables import INPUT
from sparewatt.results.run_inputs import TEXT_BYTES, input_text, list_inputs
from sparewatt.results.table_page import page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.parts.table_sheets import FileTable
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.run_inputs import InputFile
    from sparewatt.results.store import StoredRun
    from sparewatt.tasks import Apart

_MANY_BYTES = 10_000


def inputs_panel(
    run: StoredRun, folder: RunFolder, query: Mapping[str, str], reading: Apart | None = None
) -> Component:
    """The files that a run keeps of its inputs, and one of them; workbooks are read by ``reading``."""
    files = {file.name: file for file in list_inputs(folder)}
    if not files:
        return dmc.Text(
            "This run keeps no copy of its inputs: it came as a bundle without them, or was begun elsewhere.",
            className="quiet prose",
        )
    chosen = files.get(query.get("file", ""), next(iter(files.values())))
    return dmc.Stack(
        [
            dmc.Text(
                "The run's own copy of what it was given; it stays as it was. "
                "A bundle takes all of it along.",
                className="quiet prose",
            ),
            run_pills(
                "Input files",
                run.id,
                "inputs",
                "file",
                {n: n.removeprefix("inputs/") for n in files},
                chosen.name,
            ),
            dmc.Group(
                [
                    html.Div(f"{chosen.name}, {_size_words(chosen.size)}", className="quiet numbers"),
                    html.A("Scenario as JSON", href=f"/api/runs/{run.id}/scenario", target="_blank"),
                ],
                justify="space-between",
            ),
            _file_view(run, chosen, query, reading),
        ],
        gap="sm",
    )


def _size_words(size: int) -> str:
    return f"{size:,} bytes" if size < _MANY_BYTES else f"{size / 1000:,.0f} kB"


def _file_view(run: StoredRun, file: InputFile, query: Mapping[str, str], reading: Apart | None) -> Component:
    if file.name.endswith(".xlsx") and (sheets := _read(reading, sheet_names, file.path)):
        return _sheet_view(run, file, query, sheets, reading)
    if file.name.endswith(".csv"):
        try:
            return run_grid({"type": INPUT, "run": run.id, "name": file.name}, file.path, file.name)
        except InputError:
            pass  # no table with a head: shown as the text that it is
    text = input_text(file)
    if text is None:
        return dmc.Text("This file is no text; take it along with a bundle.", className="quiet")
    cut = "\n… the rest is not shown" if file.size > TEXT_BYTES else ""
    return html.Pre(text + cut, className="file-text", tabIndex=0, **{"aria-label": file.name})


def _sheet_view(
    run: StoredRun, file: InputFile, query: Mapping[str, str], sheets: tuple[str, ...], reading: Apart | None
) -> Component:
    """The sheets of a workbook, and one of them as a table."""
    sheet = query.get("sheet", "")
    sheet = sheet if sheet in sheets else sheets[0]
    pills = run_pills(
        "Sheets",
        run.id,
        "inputs",
        "sheet",
        {name: name for name in sheets},
        sheet,
        more={"file": file.name},
    )
    found: FileTable = _read(reading, read_sheet, file.path, sheet)
    if not found.header:
        return dmc.Stack(
            [pills, dmc.Text(found.reason or "This sheet is empty.", className="quiet")], gap="sm"
        )
    width = range(len(found.header))
    cells = [pa.array([row[i] or None for row in found.rows], pa.string()) for i in width]
    page = page_of(sheet, pa.Table.from_arrays(cells, names=list(found.header)), 0, MOST_ROWS, None)
    grid = near_grid({"type": INPUT, "run": run.id, "name": f"{file.name} {sheet}"}, page, f"Sheet {sheet}")
    return dmc.Stack([pills, grid], gap="sm")


def _read(reading: Apart | None, read: Callable[..., Any], *given: object) -> Any:  # noqa: ANN401 - what it reads
    return read(*given) if reading is None else reading.call(read, *given)
