"""Runs side by side; which ones stands in the address, so that the comparison can be handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.faces.web.compare_asked import find_asked_runs
from sparewatt.faces.web.compare_runs import compare_address, runs_row
from sparewatt.faces.web.compare_view import compared_runs
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.live_runs import live_runs, register_live
from sparewatt.faces.web.shell import URL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit

PATH = "/compare"


def show_compare(visit: Visit) -> Component:
    """The page."""
    return dmc.Stack(
        [
            dmc.Title("Compare runs", order=1),
            dcc.Store(id="compare-changed"),
            html.Div(compare_view(visit.place, visit.search), id="compare-view"),
        ],
        gap="md",
    )


def compare_view(place: ApiPlace, search: str) -> Component:
    """What an address asks for."""
    query = {name: values[0] for name, values in parse_qs(search.removeprefix("?")).items()}
    asked = find_asked_runs(place, query.get("runs", ""))
    parts = [
        runs_row(place, asked, query),
        _refusals(asked.refused),
        live_runs("compare", asked.under_way),
    ]
    if asked.done:
        parts += compared_runs(
            asked.done, query, lambda key, value: compare_address(asked.numbers, query, **{key: value})
        )
    elif not asked.under_way:
        parts.append(
            dmc.Text(
                "Add runs above, or choose some in the list of runs. The first is what the others are "
                "compared with; the address of this page can be handed on.",
                className="quiet prose",
            )
        )
    return dmc.Stack([part for part in parts if part is not None], gap="md")


def _refusals(refused: Sequence[str]) -> Component:
    if not refused:
        return None
    return dmc.Alert(
        html.Ul([html.Li(words) for words in refused], className="plain-list"),
        title="Not everything could be compared",
        color="orange",
        variant="light",
        icon=html.Span(className="icon icon-warning"),
    )


def _register(desk: Desk) -> None:
    register_live(desk, "compare")

    @desk.answer(
        Output("compare-view", "children"),
        Input(URL, "search"),
        Input("compare-changed", "data"),
        State(URL, "pathname"),
        prevent_initial_call=True,
    )
    def renew(search: str | None, changed: object, path: str) -> Component:
        del changed
        if path != PATH:
            raise PreventUpdate
        return compare_view(desk.place, search or "")

    desk.in_browser(
        "sparewatt.addRun",
        Output(URL, "search", allow_duplicate=True),
        Input("compare-add", "value"),
        State(URL, "search"),
        prevent_initial_call=True,
    )


PAGES = (Page(PATH, "Compare", show_compare, _register, nav="Compare", icon="compare"),)
