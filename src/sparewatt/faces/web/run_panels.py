"""What the tabs of a run's page show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.web.parts.findings import finding_list
from sparewatt.faces.web.parts.kpis import kpi_cards, kpi_table
from sparewatt.faces.web.parts.run_state import time_words
from sparewatt.faces.web.pictures.gallery import gallery
from sparewatt.faces.web.run_inputs_panel import inputs_panel
from sparewatt.faces.web.run_tables import tables_panel
from sparewatt.faces.web.studies import STUDY_WORDS
from sparewatt.results.words import outcome_sentences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.faces.web.page import Component
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun
    from sparewatt.tasks import Apart

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
    tab: str,
    run: StoredRun,
    folder: RunFolder,
    outcome: Outcome,
    query: Mapping[str, str],
    reading: Apart | None = None,
) -> Component:
    """What a tab shows; workbooks are read by ``reading``."""
    if tab == "pictures":
        return gallery(run.id, folder, run.study)
    if tab == "tables":
        return tables_panel(run, folder, query)
    if tab == "findings":
        return finding_list(outcome.findings, (folder.path,))
    if tab == "inputs":
        return inputs_panel(run, folder, query, reading)
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
