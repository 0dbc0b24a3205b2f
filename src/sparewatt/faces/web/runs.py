"""The list of runs: found, followed, chosen to be compared, cancelled, carried on, imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.run_grid import MOST_RUNS, run_grid
from sparewatt.faces.web.runs_answers import register_runs, seen_runs
from sparewatt.faces.web.studies import STUDY_WORDS

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component, Visit

STATE_CHOICES = {
    "": "All",
    "active": "Waiting or running",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
"""Words of what the list can be narrowed down to."""
_TICK_MS = 2000


def show_runs(visit: Visit) -> Component:
    """The page."""
    heads = visit.place.store.list_run_heads(limit=MOST_RUNS)
    study, state = visit.first("study"), visit.first("state")
    return dmc.Stack(
        [
            dmc.Group(
                [
                    dmc.Title("Runs", order=1),
                    dmc.Button(
                        "Import a bundle",
                        id="runs-import",
                        variant="default",
                        leftSection=html.Span(className="icon icon-upload"),
                    ),
                ],
                justify="space-between",
            ),
            html.Div(id="runs-import-said"),
            html.Div(id="runs-store", role="status", className="runs-store"),
            dmc.Group(
                [
                    dmc.TextInput(
                        id="runs-text",
                        label="Name or number",
                        placeholder="Filter",
                        value=visit.first("text")[:200],
                        leftSection=html.Span(className="icon icon-filter"),
                        flex=3,
                        miw=200,
                    ),
                    dmc.Select(
                        id="runs-study",
                        label="Study",
                        placeholder="All",
                        clearable=True,
                        data=[{"value": name, "label": words.title} for name, words in STUDY_WORDS.items()],
                        value=study if study in STUDY_WORDS else None,
                        flex=1,
                        miw=140,
                        maw=190,
                    ),
                ],
                align="end",
                gap="sm",
            ),
            _state_choice(state if state in STATE_CHOICES else ""),
            dmc.Group(
                [
                    html.Div(id="runs-count", className="quiet numbers", role="status"),
                    dmc.Group(
                        [
                            _order_button("Compare", "compare"),
                            _order_button("Cancel", "stop"),
                            _order_button("Carry on", "play"),
                        ],
                        gap=6,
                    ),
                ],
                justify="space-between",
                mih=36,
            ),
            _empty(hidden=bool(heads)),
            html.Div(run_grid(heads), id="runs-list", style=None if heads else {"display": "none"}),
            dcc.Store(id="runs-seen", data=seen_runs(heads, 0)),
            dcc.Interval(id="runs-clock", interval=_TICK_MS),
        ],
        gap="sm",
    )


def _state_choice(state: str) -> Component:
    return dmc.ChipGroup(
        html.Div(
            [dmc.Chip(words, value=name, size="sm", radius="md") for name, words in STATE_CHOICES.items()],
            role="radiogroup",
            className="chips",
            **{"aria-label": "State"},
        ),
        id="runs-state",
        value=state,
    )


def _order_button(words: str, icon: str) -> Component:
    return dmc.Button(
        words,
        id=f"runs-{words.lower().replace(' ', '-')}",
        variant="default",
        size="compact-sm",
        disabled=True,
        leftSection=html.Span(className=f"icon icon-{icon}"),
    )


def _empty(*, hidden: bool) -> Component:
    return html.Div(
        dmc.Card(
            dmc.Stack(
                [
                    dmc.Text("Nothing has been run yet.", fw=600),
                    dmc.Text(
                        "Start the example of a study, run your own inputs, or import a bundle that a "
                        "colleague has sent.",
                        className="prose",
                    ),
                    dmc.Group([dcc.Link("Examples on the home page", href="/")]),
                ],
                gap="xs",
            ),
            withBorder=True,
            padding="lg",
        ),
        id="runs-empty",
        style={"display": "none"} if hidden else None,
    )


PAGES = (Page("/runs", "Runs", show_runs, register_runs, nav="Runs", icon="runs"),)
