"""What the tabs of a run's page show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import html

from sparewatt.errors import InputError
from sparewatt.faces.web.parts.findings import finding_list
from sparewatt.faces.web.parts.kpis import kpi_cards, kpi_table
from sparewatt.faces.web.parts.links import button_link, link_row, tab_link
from sparewatt.faces.web.parts.run_state import time_words
from sparewatt.faces.web.parts.tables import table_grid
from sparewatt.faces.web.pictures.gallery import gallery
from sparewatt.faces.web.studies import STUDY_WORDS
from sparewatt.results.column_words import column_words
from sparewatt.results.run_folder import TABLES
from sparewatt.results.run_inputs import TEXT_BYTES, input_text, list_inputs
from sparewatt.results.table_page import read_table_page
from sparewatt.results.words import outcome_sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.faces.web.page import Component
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.run_inputs import InputFile
    from sparewatt.results.store import StoredRun

TABS = {
    "overview": "Overview",
    "pictures": "Pictures",
    "tables": "Tables",
    "findings": "Findings",
    "inputs": "Inputs",
    "about": "Provenance",
}
"""Words by what stands in the address."""
PAGE_ROWS = 5000
"""Rows of a table that are shown at once; filters and sorting work on them."""
_MANY_BYTES = 10_000


def tab_of(query: Mapping[str, str]) -> str:
    """The tab that an address asks for."""
    tab = query.get("tab", "overview")
    return tab if tab in TABS else "overview"


def show_panel(
    tab: str, run: StoredRun, folder: RunFolder, outcome: Outcome, query: Mapping[str, str]
) -> Component:
    """What a tab shows."""
    if tab == "pictures":
        return gallery(run.id, folder, run.study)
    if tab == "tables":
        return _tables(run, folder, query)
    if tab == "findings":
        return finding_list(outcome.findings, (folder.path,))
    if tab == "inputs":
        return _inputs(run, folder, query)
    if tab == "about":
        return _about(run, outcome)
    return _overview(outcome)


def _overview(outcome: Outcome) -> Component:
    first, *more = outcome_sentences(outcome)
    return dmc.Stack(
        [
            dmc.Stack(
                [dmc.Text(first, size="lg", fw=550, className="prose")]
                + [dmc.Text(sentence, className="prose") for sentence in more],
                gap=6,
            ),
            kpi_cards(outcome),
            dmc.Title("All numbers", order=2, size="h4"),
            kpi_table(outcome),
        ],
        gap="md",
    )


def _tables(run: StoredRun, folder: RunFolder, query: Mapping[str, str]) -> Component:
    names = sorted(path.stem for path in (folder.path / TABLES).glob("*.csv"))
    if not names:
        return dmc.Text("This run has no tables.", className="quiet")
    name = query.get("table", "")
    name = name if name in names else names[0]
    number = int(query["page"]) if re.fullmatch(r"[1-9]\d{0,5}", query.get("page", "")) else 1
    page = read_table_page(folder.path / TABLES / f"{name}.csv", (number - 1) * PAGE_ROWS, PAGE_ROWS)
    return dmc.Stack(
        [
            _pills(
                "Tables of this run", run, "tables", "table", {n: column_words(n)[0] for n in names}, name
            ),
            dmc.Group(
                [
                    html.Div(_rows_words(page.total, number), className="quiet numbers"),
                    button_link(
                        "Download CSV", f"/api/runs/{run.id}/tables/{name}/csv", "download", is_file=True
                    ),
                ],
                justify="space-between",
            ),
            table_grid({"type": "run-table", "name": f"{name}-{number}"}, page, f"Table {name}"),
            _turn_pages(run, name, number, page.total),
        ],
        gap="sm",
    )


def _rows_words(total: int, number: int) -> str:
    if total <= PAGE_ROWS:
        return f"{total:,} row{'' if total == 1 else 's'}"
    first, last = (number - 1) * PAGE_ROWS + 1, min(number * PAGE_ROWS, total)
    return f"Rows {first:,} to {last:,} of {total:,}; filters and sorting work on these rows"


def _turn_pages(run: StoredRun, name: str, number: int, total: int) -> Component:
    pages = -(-total // PAGE_ROWS)
    if pages == 1 or not total:
        return None
    shown = sorted({1, number - 1, number, number + 1, pages} & set(range(1, pages + 1)))
    links = [
        tab_link(
            f"{page:,}",
            f"/runs/{run.id}?{urlencode({'tab': 'tables', 'table': name, 'page': page})}",
            is_here=page == number,
            kind="pill-link",
        )
        for page in shown
    ]
    return link_row("Pages of the table", links, "pill-link")


def _pills(
    label: str, run: StoredRun, tab: str, key: str, words: Mapping[str, str], chosen: str
) -> Component:
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


def _inputs(run: StoredRun, folder: RunFolder, query: Mapping[str, str]) -> Component:
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
            _pills(
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
            page = read_table_page(file.path, 0, PAGE_ROWS)
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


def _about(run: StoredRun, outcome: Outcome) -> Component:
    facts = {
        "Number": str(run.id),
        "Name": outcome.name,
        "Study": STUDY_WORDS[run.study].title,
        "Created": f"{time_words(run.created)} UTC",
        "Started": f"{time_words(run.started)} UTC"
        if run.started
        else "elsewhere; this run came as a bundle",
        "Ended": f"{time_words(run.ended)} UTC" if run.ended else "",
        "Seed": str(outcome.seed),
        "Input hash": outcome.input_hash,
    }
    facts |= {f"Version of {name}": version for name, version in sorted(outcome.versions.items())}
    rows = [
        html.Div([html.Dt(name), html.Dd(value, className="numbers")])
        for name, value in facts.items()
        if value
    ]
    return dmc.Stack(
        [
            dmc.Text(
                "The same inputs, seed and versions give the same numbers, to the last digit.",
                className="quiet prose",
            ),
            html.Dl(rows, className="facts"),
        ],
        gap="sm",
    )
