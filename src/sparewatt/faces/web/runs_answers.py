"""What the list of runs answers: filters, news, orders, bundles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from sparewatt.errors import StoreAway, StoreError
from sparewatt.faces.web.desk import error_words, tell
from sparewatt.faces.web.parts.run_grid import MOST_RUNS, run_row
from sparewatt.faces.web.shell import URL
from sparewatt.studies.queue import cancel_run, requeue_run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sparewatt.faces.web.desk import Desk
    from sparewatt.results.store import RunHead

_ACTIVE = frozenset({"queued", "running"})
_MOST_ORDERS = 200
STORE_AWAY = "The database of the runs does not answer. This list goes on by itself when it is back."
"""Said on the list while it is so."""


def seen_runs(heads: Sequence[RunHead], last: int) -> dict[str, Any]:
    """What the browser knows: the newest run, and those that may change, as far as they are told."""
    active = {str(h.id): [h.state, h.progress, h.stop_wanted] for h in heads if h.state in _ACTIVE}
    return {"last": max((last, *(h.id for h in heads))), "active": active}


def register_runs(desk: Desk) -> None:
    """Register what the page answers."""
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
        Output("runs-store", "children"),
        Input("runs-clock", "n_intervals"),
        State("runs-seen", "data"),
        State("runs-store", "children"),
        prevent_initial_call=True,
    )
    def renew(ticks: int | None, seen: Mapping[str, Any], said: str) -> tuple[Any, Any, Any, Any, str]:
        if not ticks:
            raise PreventUpdate
        known, last = seen["active"], int(seen["last"])
        same = (no_update, no_update, no_update, no_update)
        try:
            heads = desk.place.store.list_run_heads(limit=MOST_RUNS, after=last, also=[int(i) for i in known])
        except StoreAway:
            if said:
                raise PreventUpdate from None
            return *same, STORE_AWAY
        changed = [h for h in heads if known.get(str(h.id)) != [h.state, h.progress, h.stop_wanted]]
        if not changed:
            if not said:
                raise PreventUpdate
            return *same, ""
        news = {
            "add": [run_row(h) for h in changed if h.id > last],
            "addIndex": 0,
            "update": [run_row(h) for h in changed if h.id <= last],
            "async": False,
        }
        first = last == 0
        return (
            news,
            seen_runs(heads, last),
            {"display": "none"} if first else no_update,
            {} if first else no_update,
            "",
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
