"""The tab of a run's tables: each filtered, sorted and downloaded as a whole, however long it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import html

from sparewatt.errors import InputError
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder
from sparewatt.faces.web.parts.links import button_link, run_pills
from sparewatt.faces.web.parts.table_rows import register_far_grids
from sparewatt.faces.web.parts.tables import run_grid
from sparewatt.results.column_words import column_words
from sparewatt.results.run_folder import TABLES
from sparewatt.results.run_inputs import list_inputs
from sparewatt.results.table_page import read_text_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun

TABLE, INPUT = "run-table", "run-input"
"""Kinds of grids: of tables of a run, and of its inputs."""


def tables_panel(run: StoredRun, folder: RunFolder, query: Mapping[str, str]) -> Component:
    """The tables of a run, and one of them."""
    names = sorted(path.stem for path in (folder.path / TABLES).glob("*.csv"))
    if not names:
        return dmc.Text("This run has no tables.", className="quiet")
    name = query.get("table", "")
    name = name if name in names else names[0]
    try:
        shown = run_grid(
            {"type": TABLE, "run": run.id, "name": name},
            folder.path / TABLES / f"{name}.csv",
            f"Table {name}",
        )
    except InputError as error:
        shown = dmc.Text(
            f"{'; '.join(f'{f.where}: {f.message}' for f in error.findings)}.", className="prose"
        )
    download = button_link("Download CSV", f"/api/runs/{run.id}/tables/{name}/csv", "download", is_file=True)
    words = {n: column_words(n)[0] for n in names}
    return dmc.Stack(
        [
            dmc.Group(
                [run_pills("Tables of this run", run.id, "tables", "table", words, name), download],
                justify="space-between",
            ),
            html.Div(shown),
        ],
        gap="sm",
    )


def register_run_tables(desk: Desk) -> None:
    """Answer long tables of runs and of their inputs."""
    register_far_grids(desk, TABLE, ("run", "name"), lambda own: read_run_table(desk.place, own))
    register_far_grids(desk, INPUT, ("run", "name"), lambda own: read_run_input(desk.place, own))


def read_run_table(place: ApiPlace, own: Mapping[str, Any]) -> pa.Table:
    """The table that the id of a grid names, its cells as text."""
    _, folder, _ = done_folder(place, _number(own))
    name = str(own.get("name"))
    path = folder.path / TABLES / f"{name}.csv"
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name) or path.is_symlink():
        raise ProblemError(404, "There is no such table.")
    return read_text_table(path)


def read_run_input(place: ApiPlace, own: Mapping[str, Any]) -> pa.Table:
    """The same of an input file of a run."""
    _, folder, _ = done_folder(place, _number(own))
    file = next((file for file in list_inputs(folder) if file.name == own.get("name")), None)
    if file is None:
        raise ProblemError(404, "There is no such file.")
    return read_text_table(file.path)


def _number(own: Mapping[str, Any]) -> int:
    number = own.get("run")
    if not isinstance(number, int):
        raise ProblemError(404, "There is no such run.")
    return number
