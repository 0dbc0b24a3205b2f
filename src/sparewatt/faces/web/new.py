"""A new run: choose a study, then inputs, settings, check and run, in steps on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.new_check import check_step, register_check
from sparewatt.faces.web.new_findings import register_findings
from sparewatt.faces.web.new_inputs import inputs_step, register_inputs
from sparewatt.faces.web.new_settings import register_settings, settings_step
from sparewatt.faces.web.new_state import DRAFTS, FOUND, SHOWN
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.table_editor import register_table_editors
from sparewatt.faces.web.routing import sorry
from sparewatt.faces.web.studies import STUDY_WORDS

if TYPE_CHECKING:
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit

_TAKES = {
    "depot": "Tables of routes, vehicles, chargers, site load and prices (CSV).",
    "cluster": "A workbook (.xlsx) with fleet and clusters, or the same sheets as CSV files.",
    "network": "An OpenDSS folder with its Master.dss, or a pandapower network; meter data if you have it.",
    "community": "A neighbourhood folder: houses and devices (XML), jobs and forecasts (CSV).",
}


def show_studies(visit: Visit) -> Component:
    """The page that asks for a study."""
    del visit
    return dmc.Stack(
        gap="lg",
        children=[
            dmc.Title("New study", order=1),
            dmc.Text("What do you want to find out?", className="prose", size="lg"),
            dmc.SimpleGrid(
                cols={"base": 1, "sm": 2},
                spacing="md",
                children=[_study_link(study) for study in STUDY_WORDS],
            ),
        ],
    )


def _study_link(study: str) -> Component:
    words = STUDY_WORDS[study]
    sign = dmc.ThemeIcon(html.Span(className=f"icon icon-{words.icon}"), size="lg", variant="light")
    return dcc.Link(
        dmc.Card(
            dmc.Stack(
                [
                    dmc.Group([sign, dmc.Title(words.title, order=2, size="h4")], gap="sm"),
                    dmc.Text(words.what),
                    dmc.Text(f"Takes: {_TAKES[study]}", className="quiet", size="sm"),
                ],
                gap=8,
            ),
            withBorder=True,
            padding="lg",
            h="100%",
        ),
        href=f"/new/{study}",
        className="card-link",
    )


def show_new(visit: Visit) -> Component:
    """The page of a new run of one study."""
    study = visit.parts["study"]
    if study not in STUDY_WORDS:
        return sorry("There is no such study", "Studies are depot, charging hub, network and community.")
    words = STUDY_WORDS[study]
    return dmc.Stack(
        gap="xl",
        children=[
            dmc.Stack(
                [
                    dmc.Title(f"New run: {words.title}", order=1),
                    dmc.Text(words.what, className="prose"),
                ],
                gap=6,
            ),
            dcc.Store(id=DRAFTS, storage_type="session"),
            dcc.Store(id=SHOWN),
            dcc.Store(id=FOUND),
            inputs_step(visit, _TAKES[study]),
            settings_step(),
            check_step(),
        ],
    )


def _register(desk: Desk) -> None:
    register_inputs(desk)
    register_settings(desk)
    register_check(desk)
    register_findings(desk)
    register_table_editors(desk)


PAGES = (
    Page("/new", "New study", show_studies, nav="New study", icon="new"),
    Page("/new/<study>", "New run", show_new, _register),
)
