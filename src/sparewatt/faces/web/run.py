"""The page of one run: live while it is worked on, then what it came to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from sparewatt.errors import InputError
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder, find_run
from sparewatt.faces.web.desk import tell
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.links import link_row, tab_link
from sparewatt.faces.web.parts.live_runs import register_live
from sparewatt.faces.web.parts.progress import progress_card
from sparewatt.faces.web.pictures.gallery import register_gallery
from sparewatt.faces.web.run_head import run_head
from sparewatt.faces.web.run_panels import RULES, show_panel, tab_of, tabs_of
from sparewatt.faces.web.run_rules import free_rules, rules_panel
from sparewatt.faces.web.run_tables import register_run_tables
from sparewatt.faces.web.shell import URL
from sparewatt.studies.hub_rules import find_rule_runs, submit_rules
from sparewatt.studies.queue import cancel_run, requeue_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit

_PATH = re.compile(r"/runs/(\d{1,15})/?")


def show_run(visit: Visit) -> Component:
    """The page."""
    number = visit.parts["run_id"]
    if not re.fullmatch(r"\d{1,15}", number) or int(number) < 1:
        raise ProblemError(404, f"There is no run {number[:40]!r}.")
    return html.Div(
        [
            dcc.Store(id="run-changed"),
            dcc.Store(id="rules-changed"),
            html.Div(run_body(visit.place, int(number), visit.search), id="run-body"),
        ]
    )


def run_body(place: ApiPlace, number: int, search: str) -> Component:
    """All of a run."""
    run = find_run(place, number)
    body: list[Component] = [
        run_head(place, run),
        dmc.Alert(
            "This page keeps asking. What is done of the run is kept, and it goes on when the server is "
            "back.",
            id="run-away",
            title="The server does not answer",
            color="orange",
            variant="light",
            icon=html.Span(className="icon icon-warning"),
            style={"display": "none"},
        ),
        dcc.Store(id="run-follow", data={"id": run.id, "state": run.state, "stopping": run.stop_wanted}),
    ]
    if run.state == "done":
        body.append(html.Div(run_view(place, number, search), id="run-view"))
    else:
        body.append(progress_card(run))
    return dmc.Stack(body, gap="md")


def run_view(place: ApiPlace, number: int, search: str) -> Component:
    """Tabs of a run that is done, and what the one that is looked at shows."""
    query = {name: values[0] for name, values in parse_qs(search.removeprefix("?")).items()}
    try:
        run, folder, outcome = done_folder(place, number)
        chosen = tab_of(query, run.study)
        counts = {"findings": len(outcome.findings)}
        if chosen == RULES:
            panel = rules_panel(place, run, query)
        else:
            panel = show_panel(chosen, run, folder, outcome, query, place.reading)
    except (ProblemError, InputError) as error:
        return dmc.Alert(
            [
                html.P(
                    getattr(error, "detail", None) or "The files of this run cannot be read; run it again.",
                    className="prose error-words",
                ),
                html.P("Without them nothing of it can be shown, exported or compared."),
            ],
            title="The results cannot be shown",
            color="red",
            variant="light",
            icon=html.Span(className="icon icon-error"),
        )
    links = [
        tab_link(
            [words, html.Span(f" {counts[name]}", className="tab-count numbers")]
            if counts.get(name)
            else words,
            f"/runs/{number}" + (f"?tab={name}" if name != "overview" else ""),
            is_here=name == chosen,
        )
        for name, words in tabs_of(run.study).items()
    ]
    return dmc.Stack([link_row("Parts of this run", links), panel], gap="md")


def _register(desk: Desk) -> None:
    register_gallery(desk)
    register_live(desk, "rules")
    register_run_tables(desk)
    desk.in_browser("sparewatt.followRun", Output("run-follow", "storage_type"), Input("run-follow", "data"))

    @desk.answer(
        Output("run-body", "children", allow_duplicate=True),
        Input("run-changed", "data"),
        State(URL, "pathname"),
        State(URL, "search"),
        prevent_initial_call=True,
    )
    def renew(changed: Mapping[str, object] | None, path: str, search: str | None) -> Component:
        if not changed or changed.get("id") != _number(path):
            raise PreventUpdate
        return run_body(desk.place, _number(path), search or "")

    @desk.answer(
        Output("run-view", "children"),
        Input(URL, "search"),
        Input("rules-changed", "data"),
        State(URL, "pathname"),
        prevent_initial_call=True,
    )
    def turn(search: str | None, changed: object, path: str) -> Component:
        del changed
        return run_view(desk.place, _number(path), search or "")

    @desk.answer(
        Output("run-view", "children", allow_duplicate=True),
        Input("rules-run", "n_clicks"),
        State("rules-chosen", "value"),
        State(URL, "pathname"),
        State(URL, "search"),
        running=[(Output("rules-run", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def compare_rules(
        clicks: int | None, controls: list[str] | None, path: str, search: str | None
    ) -> Component:
        if not clicks:
            raise PreventUpdate
        place, number = desk.place, _number(path)
        free = free_rules(find_rule_runs(place.store, find_run(place, number)))
        chosen = [rule for rule in free if rule in (controls or ())]  # not what another tab began meanwhile
        if not chosen:
            tell("Choose at least one rule.", kind="warning")
            return no_update
        place.reading.call(submit_rules, place.store_url, place.data, number, chosen)
        return run_view(place, number, search or "")

    for button, order in (("run-cancel", cancel_run), ("run-carry-on", requeue_run)):
        _register_order(desk, button, order)


def _register_order(desk: Desk, button: str, order: Callable[[str, int], object]) -> None:
    @desk.answer(
        Output("run-body", "children", allow_duplicate=True),
        Input(button, "n_clicks"),
        State(URL, "pathname"),
        State(URL, "search"),
        running=[(Output(button, "loading"), True, False)],
        prevent_initial_call=True,
    )
    def give(clicks: int | None, path: str, search: str | None) -> Component:
        if not clicks:
            raise PreventUpdate
        number = _number(path)
        order(desk.place.store_url, number)
        return run_body(desk.place, number, search or "")


def _number(path: str) -> int:
    """The number of the run whose page a path is."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise PreventUpdate
    return int(match.group(1))


PAGES = (Page("/runs/<run_id>", "Run", show_run, _register),)
