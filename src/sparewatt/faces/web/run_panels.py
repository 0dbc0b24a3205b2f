"""What the tabs of a run's page show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.web.parts.findings import finding_list
from sparewatt.faces.web.parts.kpis import kpi_cards, kpi_table
from sparewatt.faces.web.parts.links import button_link, link_row, tab_link
from sparewatt.faces.web.parts.run_state import time_words
from sparewatt.faces.web.parts.tables import table_grid
from sparewatt.faces.web.pictures.gallery import gallery
from sparewatt.faces.web.run_inputs_panel import inputs_panel, run_pills
from sparewatt.faces.web.studies import STUDY_WORDS
from sparewatt.results.column_words import column_words
from sparewatt.results.run_folder import TABLES
from sparewatt.results.table_page import read_table_page
from sparewatt.results.words import outcome_sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.faces.web.page import Component
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
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
RULES = "rules"
"""The tab that runs of hubs have besides."""
PAGE_ROWS = 5000
"""Rows of a table that are shown at once; filters and sorting work on them."""


def tabs_of(study: str) -> dict[str, str]:
    """The tabs of a run of a study."""
    if study != "cluster":
        return TABS
    first = ("overview", "pictures")
    return {name: TABS[name] for name in first} | {RULES: "Control rules"} | TABS


def tab_of(query: Mapping[str, str], study: str = "") -> str:
    """The tab that an address asks for."""
    tab = query.get("tab", "overview")
    return tab if tab in tabs_of(study) else "overview"


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
        return inputs_panel(run, folder, query)
    if tab == "about":
        return _about(run, outcome)
    return _overview(outcome)


def _overview(outcome: Outcome) -> Component:
    first, *more = outcome_sentences(outcome)
    words = html.Ul([html.Li(sentence) for sentence in more], className="sentences prose")
    return dmc.Stack(
        [
            dmc.Text(first, size="lg", fw=550, className="prose"),
            kpi_cards(outcome),
            words if more else None,
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
    path = folder.path / TABLES / f"{name}.csv"
    page = read_table_page(path, (number - 1) * PAGE_ROWS, PAGE_ROWS)
    if page.total and not page.rows:  # beyond the end: the last page
        number = _pages(page.total)
        page = read_table_page(path, (number - 1) * PAGE_ROWS, PAGE_ROWS)
    return dmc.Stack(
        [
            run_pills(
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


def _pages(total: int) -> int:
    return -(-total // PAGE_ROWS)


def _turn_pages(run: StoredRun, name: str, number: int, total: int) -> Component:
    pages = _pages(total)
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
