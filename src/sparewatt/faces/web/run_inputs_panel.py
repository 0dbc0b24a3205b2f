"""The tab of a run's inputs: its own copies, as tables and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import html

from sparewatt.errors import InputError
from sparewatt.faces.web.parts.links import link_row, tab_link
from sparewatt.faces.web.parts.tables import table_grid
from sparewatt.results.run_inputs import TEXT_BYTES, input_text, list_inputs
from sparewatt.results.table_page import read_table_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.faces.web.page import Component
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.run_inputs import InputFile
    from sparewatt.results.store import StoredRun

_MOST_ROWS = 5000
_MANY_BYTES = 10_000


def run_pills(
    label: str, run: StoredRun, tab: str, key: str, words: Mapping[str, str], chosen: str
) -> Component:
    """Links to the parts of a tab, in a row."""
    links = [
        tab_link(
            text,
            f"/runs/{run.id}?{urlencode({'tab': tab, key: name})}",
            is_here=name == chosen,
            kind="pill-link",
        )
        for name, text in words.items()
    ]
    return link_row(label, links, "pill-link")


def inputs_panel(run: StoredRun, folder: RunFolder, query: Mapping[str, str]) -> Component:
    """The files that a run keeps of its inputs, and one of them."""
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
                run,
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
            _file_view(chosen),
        ],
        gap="sm",
    )


def _size_words(size: int) -> str:
    return f"{size:,} bytes" if size < _MANY_BYTES else f"{size / 1000:,.0f} kB"


def _file_view(file: InputFile) -> Component:
    if file.name.endswith(".csv"):
        try:
            page = read_table_page(file.path, 0, _MOST_ROWS)
        except InputError:
            page = None  # no table with a head: shown as the text that it is
        if page is not None and page.total:
            more = page.total - len(page.rows)
            return dmc.Stack(
                [
                    table_grid({"type": "run-input", "name": file.name.replace(".", "-")}, page, file.name),
                    dmc.Text(f"{more:,} more rows are not shown.", className="quiet") if more else None,
                ],
                gap=4,
            )
    text = input_text(file)
    if text is None:
        return dmc.Text("This file is no text; take it along with a bundle.", className="quiet")
    cut = "\n… the rest is not shown" if file.size > TEXT_BYTES else ""
    return html.Pre(text + cut, className="file-text", tabIndex=0, **{"aria-label": file.name})
