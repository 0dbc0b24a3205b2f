"""Home: what this is, a start in each study, and the runs of late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.errors import StoreAway
from sparewatt.faces.api.studies import submit_example
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.run_state import run_line
from sparewatt.faces.web.shell import GO, way
from sparewatt.faces.web.studies import STUDY_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit
    from sparewatt.faces.web.shell import Way
    from sparewatt.results.store import StoredRun

_RECENT = 6
_TICK_MS = 2000


def show_home(visit: Visit) -> Component:
    """The page."""
    recent = visit.place.store.list_runs(limit=_RECENT).runs
    return dmc.Stack(
        gap="xl",
        children=[
            dmc.Stack(
                gap=6,
                children=[
                    dmc.Title("Find the spare watts", order=1),
                    dmc.Text(
                        "How much power is still free here and now, and which flexible load should have it: "
                        "under a depot's supply, in a charging hub, on a street's cable, on a nearby roof.",
                        className="prose",
                        size="lg",
                    ),
                ],
            ),
            dmc.SimpleGrid(
                cols={"base": 1, "sm": 2},
                spacing="md",
                children=[_study_card(study) for study in STUDY_WORDS],
            ),
            dmc.Stack(
                gap="sm",
                children=[
                    dmc.Group(
                        [dmc.Title("Recent runs", order=2, size="h3"), dcc.Link("All runs", href="/runs")],
                        justify="space-between",
                    ),
                    html.Div(_recent(recent), id="home-recent"),
                    dcc.Interval(id="home-clock", interval=_TICK_MS, disabled=not _goes_on(recent)),
                ],
            ),
        ],
    )


def _recent(runs: Sequence[StoredRun]) -> Component:
    if not runs:
        return dmc.Text("Nothing has been run yet. Start an example above.", className="quiet")
    return dmc.Stack([run_line(run) for run in runs], gap=0)


def _goes_on(runs: Sequence[StoredRun]) -> bool:
    return any(run.state in {"queued", "running"} for run in runs)


def _study_card(study: str) -> Component:
    words = STUDY_WORDS[study]
    return dmc.Card(
        withBorder=True,
        padding="lg",
        h="100%",
        children=dmc.Stack(
            gap="sm",
            justify="space-between",
            h="100%",
            children=[
                dmc.Stack(
                    gap=6,
                    children=[
                        dmc.Group(
                            [
                                dmc.ThemeIcon(
                                    html.Span(className=f"icon icon-{words.icon}"), size="lg", variant="light"
                                ),
                                dmc.Title(words.title, order=2, size="h4"),
                            ],
                            gap="sm",
                        ),
                        dmc.Text(words.what, className="prose"),
                    ],
                ),
                dmc.Group(
                    gap="sm",
                    children=[
                        dmc.Button(
                            "Start the example",
                            id=f"start-{study}",
                            **{"aria-label": f"Start the example of the {study} study"},
                        ),
                        dmc.Anchor(
                            "With your own inputs",
                            href=f"/new/{study}",
                            **{"aria-label": f"{words.title}: own inputs"},
                        ),
                    ],
                ),
            ],
        ),
    )


def _register(desk: Desk) -> None:
    for study in STUDY_WORDS:
        _register_start(desk, study)

    @desk.answer(
        Output("home-recent", "children"),
        Output("home-clock", "disabled"),
        Input("home-clock", "n_intervals"),
        prevent_initial_call=True,
    )
    def renew(ticks: int | None) -> tuple[Component, bool]:
        if not ticks:
            raise PreventUpdate
        try:
            recent = desk.place.store.list_runs(limit=_RECENT).runs
        except StoreAway:
            raise PreventUpdate from None  # what is shown stays; the next tick asks again
        return _recent(recent), not _goes_on(recent)


def _register_start(desk: Desk, study: str) -> None:
    button = f"start-{study}"

    @desk.answer(
        Output(GO, "data", allow_duplicate=True),
        Input(button, "n_clicks"),
        running=[(Output(button, "loading"), True, False)],
        prevent_initial_call=True,
    )
    def start(clicks: int | None) -> Way:
        if not clicks:
            raise PreventUpdate
        return way(path=f"/runs/{submit_example(desk.place, study).id}", search="")


PAGES = (Page("/", "Home", show_home, _register, nav="Home", icon="home"),)
