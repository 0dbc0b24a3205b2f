"""What the run panel of a neighbourhood answers: check, run, follow, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, dcc, no_update
from dash.exceptions import PreventUpdate

from sparewatt.errors import InputError
from sparewatt.faces.web.neighbourhood_alerts import findings_alert, icon, words_alert
from sparewatt.faces.web.neighbourhood_ask import BUSY
from sparewatt.faces.web.neighbourhood_run import SETTING, SWITCH
from sparewatt.faces.web.neighbourhood_runs_table import (
    COMPARED,
    compare_link,
    goes_on,
    runs_table,
    score_table,
)
from sparewatt.faces.web.neighbourhood_settings import read_settings
from sparewatt.finding import has_errors
from sparewatt.studies.neighbourhood_keeping import open_draft
from sparewatt.studies.neighbourhood_runs import check_runs, neighbourhood_runs, submit_runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.finding import Finding

_READY = "Nothing to object: it can be run."


def register_running(desk: Desk) -> None:
    """Register the answers."""
    place = desk.place

    @desk.answer(
        Output("hood-run-told", "children"),
        Output("hood-runs", "children"),
        Output("hood-runs-clock", "max_intervals"),
        Input("hood-run", "n_clicks"),
        Input("hood-check", "n_clicks"),
        Input({"type": "hood-anyway", "n": ALL}, "n_clicks"),
        State("hood-algorithms", "value"),
        State({"type": SETTING, "key": ALL}, "value"),
        State({"type": SETTING, "key": ALL}, "id"),
        State({"type": SWITCH, "key": ALL}, "checked"),
        State({"type": SWITCH, "key": ALL}, "id"),
        State("hood-shown", "data"),
        State("hood-runs-clock", "n_intervals"),
        running=[
            (Output("hood-run", "loading"), True, False),
            (Output(BUSY, "children"), "Judging the neighbourhood and its settings …", ""),
        ],
        prevent_initial_call=True,
    )
    def run(
        pressed: int | None,
        checked: int | None,
        anyway: list[int | None],
        algorithms: list[str] | None,
        *fields: Any,  # noqa: ANN401 - values and ids
    ) -> tuple[Any, ...]:
        asked = dash.callback_context.triggered_id
        if not any(one["value"] for one in dash.callback_context.triggered):
            raise PreventUpdate
        del pressed, checked, anyway
        *given, shown, ticks = fields
        if not algorithms:
            return words_alert("Choose at least one algorithm."), no_update, no_update
        number = int(shown["number"])
        seed, settings = read_settings(_by_key(*given))
        findings = place.reading.call(check_runs, place.store_url, number, algorithms, seed, settings)
        if asked == "hood-check" or has_errors(findings):
            return _told(findings), no_update, no_update
        if asked == "hood-run" and any(f.severity == "warning" for f in findings):
            return _told(findings, ask=True), no_update, no_update
        try:
            made = place.reading.call(
                submit_runs, place.store_url, place.data, number, algorithms, seed, settings
            )
        except InputError as error:  # changed since it was checked
            return findings_alert(error.findings), no_update, no_update
        runs = neighbourhood_runs(place.store, place.store.find_neighbourhood(number))
        return _queued(made), runs_table(runs, made), (ticks or 0) + 1

    @desk.answer(
        Output("hood-runs", "children", allow_duplicate=True),
        Output("hood-runs-clock", "max_intervals", allow_duplicate=True),
        Output("hood-scores", "children"),
        Input("hood-runs-clock", "n_intervals"),
        State({"type": COMPARED, "run": ALL}, "checked"),
        State({"type": COMPARED, "run": ALL}, "id"),
        State("hood-shown", "data"),
        prevent_initial_call=True,
    )
    def follow(
        ticks: int | None, boxes: list[bool], ids: list[Any], shown: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        if not ticks:
            raise PreventUpdate
        opened = open_draft(place.store, int(shown["number"]))
        runs = neighbourhood_runs(place.store, opened.kept)
        more = ticks + 1 if goes_on(runs) else 0  # one tick for each answer, however long that takes
        return runs_table(runs, _ticked(boxes, ids)), more, score_table(opened)

    @desk.answer(
        Output("hood-compare", "children"),
        Input({"type": COMPARED, "run": ALL}, "checked"),
        State({"type": COMPARED, "run": ALL}, "id"),
        prevent_initial_call=True,
    )
    def compare(boxes: list[bool], ids: list[Any]) -> Component:
        return compare_link(_ticked(boxes, ids))


def _by_key(
    values: Sequence[Any], ids: Sequence[Any], switches: Sequence[Any], names: Sequence[Any]
) -> dict[str, Any]:
    pairs = [*zip(ids, values, strict=True), *zip(names, switches, strict=True)]
    return {one["key"]: value for one, value in pairs}


def _ticked(boxes: Sequence[bool], ids: Sequence[Any]) -> list[int]:
    return [int(one["run"]) for one, box in zip(ids, boxes, strict=True) if box]


def _told(findings: Sequence[Finding], *, ask: bool = False) -> Component:
    if not findings:
        return dmc.Alert(_READY, color="teal", variant="light", icon=icon("check"))
    title = "It cannot be run yet" if has_errors(findings) else "Please look before it runs"
    if not ask and not has_errors(findings):
        title = "It can be run; please look"
    anyway = dmc.Button(
        "Run all the same", id={"type": "hood-anyway", "n": 0}, variant="light", color="orange"
    )
    return dmc.Stack([findings_alert(findings, title), *([dmc.Group([anyway])] if ask else [])], gap="xs")


def _queued(made: Sequence[int]) -> Component:
    links: list[Component] = []
    for number in made:
        links += [", " if links else "", dcc.Link(f"run {number}", href=f"/runs/{number}")]
    words = ["Queued: ", *links, "."]
    return dmc.Alert(words, color="teal", variant="light", icon=icon("check"))
