"""The list of runs: found, followed, chosen to be compared, cancelled, carried on, imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from sparewatt.errors import StoreError
from sparewatt.faces.web.desk import error_words, tell
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.run_grid import MOST_RUNS, run_grid, run_row
from sparewatt.faces.web.shell import URL
from sparewatt.faces.web.studies import STUDY_WORDS
from sparewatt.studies.queue import cancel_run, requeue_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit
    from sparewatt.results.store import RunHead

STATE_CHOICES = {
    "active": "Waiting or running",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}
"""Words of what the list can be narrowed down to."""
_TICK_MS = 2000
_ACTIVE = frozenset({"queued", "running"})
_MOST_ORDERS = 200


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
                    dmc.Select(
                        id="runs-state",
                        label="State",
                        placeholder="All",
                        clearable=True,
                        data=[{"value": name, "label": words} for name, words in STATE_CHOICES.items()],
                        value=state if state in STATE_CHOICES else None,
                        flex=1,
                        miw=140,
                        maw=190,
                    ),
                ],
                align="end",
                gap="sm",
            ),
            dmc.Group(
                [
                    html.Div(id="runs-count", className="quiet numbers", role="status"),
                    dmc.Group(
                        [
                            _order_button("Compare", "compare"),
                            _order_button("Cancel", "stop"),
                            _order_button("Carry on", "play"),
                        ],
                        gap="xs",
                    ),
                ],
                justify="space-between",
                mih=36,
            ),
            _empty(hidden=bool(heads)),
            html.Div(run_grid(heads), id="runs-list", style=None if heads else {"display": "none"}),
            dcc.Store(id="runs-seen", data=_seen(heads, 0)),
            dcc.Interval(id="runs-clock", interval=_TICK_MS),
        ],
        gap="sm",
    )


def _order_button(words: str, icon: str) -> Component:
    return dmc.Button(
        words,
        id=f"runs-{words.lower().replace(' ', '-')}",
        variant="default",
        size="compact-md",
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


def _seen(heads: Sequence[RunHead], last: int) -> dict[str, Any]:
    """What the browser knows: the newest run, and those that may change, as far as they are told."""
    active = {str(h.id): [h.state, h.progress, h.stop_wanted] for h in heads if h.state in _ACTIVE}
    return {"last": max((last, *(h.id for h in heads))), "active": active}


def _register(desk: Desk) -> None:
    filters = (Input("runs-text", "value"), Input("runs-study", "value"), Input("runs-state", "value"))
    desk.in_browser("sparewatt.filterRuns", Output("runs-count", "data-filter"), *filters)
    desk.in_browser(
        "sparewatt.chooseRuns",
        Output("runs-compare", "disabled"),
        Output("runs-cancel", "disabled"),
        Output("runs-carry-on", "disabled"),
        Input("runs-grid", "selectedRows"),
        Input("runs-grid", "rowTransaction"),
    )
    desk.in_browser(
        "sparewatt.compareRuns",
        Output(URL, "pathname", allow_duplicate=True),
        Output(URL, "search", allow_duplicate=True),
        Input("runs-compare", "n_clicks"),
        State("runs-grid", "selectedRows"),
        prevent_initial_call=True,
    )
    desk.in_browser(
        "sparewatt.importBundle",
        Output("runs-import", "data-asked"),
        Input("runs-import", "n_clicks"),
        prevent_initial_call=True,
    )

    @desk.answer(
        Output("runs-grid", "rowTransaction"),
        Output("runs-seen", "data"),
        Output("runs-empty", "style"),
        Output("runs-list", "style"),
        Input("runs-clock", "n_intervals"),
        State("runs-seen", "data"),
        prevent_initial_call=True,
    )
    def renew(ticks: int | None, seen: Mapping[str, Any]) -> tuple[Any, Any, Any, Any]:
        if not ticks:
            raise PreventUpdate
        known, last = seen["active"], int(seen["last"])
        heads = desk.place.store.list_run_heads(limit=MOST_RUNS, after=last, also=[int(i) for i in known])
        changed = [h for h in heads if known.get(str(h.id)) != [h.state, h.progress, h.stop_wanted]]
        if not changed:
            raise PreventUpdate
        news = {
            "add": [run_row(h) for h in changed if h.id > last],
            "addIndex": 0,
            "update": [run_row(h) for h in changed if h.id <= last],
            "async": False,
        }
        first = last == 0
        return (
            news,
            _seen(heads, last),
            {"display": "none"} if first else no_update,
            {} if first else no_update,
        )

    _register_orders(desk, "runs-cancel", cancel_run, _ACTIVE, "asked to stop")
    _register_orders(desk, "runs-carry-on", requeue_run, frozenset({"failed", "cancelled"}), "queued again")


def _register_orders(
    desk: Desk, button: str, order: Callable[[str, int], object], states: frozenset[str], words: str
) -> None:
    @desk.answer(
        Output(button, "data-given"),
        Input(button, "n_clicks"),
        State("runs-grid", "selectedRows"),
        running=[(Output(button, "loading"), True, False)],
        prevent_initial_call=True,
    )
    def give(clicks: int | None, chosen: Sequence[Mapping[str, Any]] | None) -> int:
        numbers = [int(row["id"]) for row in chosen or () if row["state"] in states][:_MOST_ORDERS]
        if not clicks or not numbers:
            raise PreventUpdate
        refused = []
        for number in numbers:
            try:
                order(desk.place.store_url, number)
            except StoreError as error:  # it has ended meanwhile, or was begun elsewhere
                refused.append(error_words(error, desk.place))
        given = len(numbers) - len(refused)
        if given:
            tell(f"{given} run{' was' if given == 1 else 's were'} {words}.")
        if refused:
            tell(" ".join(refused[:5]), kind="warning")
        return clicks


PAGES = (Page("/runs", "Runs", show_runs, _register, nav="Runs", icon="runs"),)
