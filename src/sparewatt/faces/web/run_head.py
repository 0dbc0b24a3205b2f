"""What stands above a run: its name, state and times, and what can be done with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.web.parts.links import button_link
from sparewatt.faces.web.parts.run_state import state_badge, time_words
from sparewatt.faces.web.studies import STUDY_WORDS
from sparewatt.results.duration_words import elapsed_words
from sparewatt.studies.community_origin import find_origin

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.page import Component
    from sparewatt.results.store import StoredRun

_EXPORTS = (
    ("xlsx", "Workbook (.xlsx)"),
    ("csv", "Tables as CSV (.zip)"),
    ("parquet", "Tables as Parquet (.zip)"),
    ("html", "Report, one page (.html)"),
    ("bundle", "Bundle with inputs, to import elsewhere (.zip)"),
)


def run_head(place: ApiPlace, run: StoredRun) -> Component:
    """The head of a run's page."""
    study = STUDY_WORDS[run.study]
    facts = [f"Run {run.id}", study.title, f"created {time_words(run.created)} UTC"]
    if run.started is not None and run.ended is not None:
        facts.append(f"took {elapsed_words(run.started, run.ended)}")
    return dmc.Group(
        [
            dmc.Stack(
                [
                    dmc.Group([dmc.Title(run.name, order=1, size="h2"), state_badge(run)], gap="sm"),
                    html.Div(" · ".join(facts), className="quiet numbers"),
                ],
                gap=4,
            ),
            dmc.Group(_actions(place, run), gap="xs"),
        ],
        justify="space-between",
        align="start",
    )


def _actions(place: ApiPlace, run: StoredRun) -> list[Component]:
    if not run.directory or not Path(run.directory).is_dir():  # nothing is left to run again or to take along
        return [button_link(f"New {STUDY_WORDS[run.study].title.lower()} study", f"/new/{run.study}", "new")]
    actions = [
        button_link("Run again with changes", f"/new/{run.study}?from={run.id}", "again"),
    ]
    if run.state != "done":
        return actions
    actions.append(button_link("Compare", f"/compare?runs={run.id}", "compare"))
    if run.study == "network":
        actions.append(button_link("Map", f"/network/{run.id}", "network"))
    if run.study == "community" and (home := find_origin(place.store, Path(run.directory))) is not None:
        actions.append(button_link("Neighbourhood", f"/neighbourhoods/{home.id}", "houses"))
    links = [html.A("Look at the report", href=f"/api/runs/{run.id}/report", target="_blank")]
    links += [
        html.A(words, href=f"/api/runs/{run.id}/export?to={form}", download="") for form, words in _EXPORTS
    ]
    actions.append(
        html.Details(
            [
                html.Summary([html.Span(className="icon icon-download"), "Export"], className="button-link"),
                html.Ul([html.Li(link) for link in links]),
            ],
            className="drop-down",
        )
    )
    return actions
