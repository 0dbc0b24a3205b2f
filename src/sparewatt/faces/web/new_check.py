"""Third step of a new run: check it, with every finding at its place, and run it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.errors import InputError
from sparewatt.faces.web.desk import tell
from sparewatt.faces.web.new_state import (
    DRAFTS,
    FORM_STATES,
    FOUND,
    SHOWN,
    NewPlace,
    form_draft,
    found_data,
    keep_draft,
    read_draft,
)
from sparewatt.faces.web.parts.table_places import TablePlaces
from sparewatt.faces.web.shell import GO, way
from sparewatt.studies.submission import check_submission, submit_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.finding import Finding


def check_step() -> Component:
    """The step: nothing is checked yet."""
    return html.Section(
        [
            dmc.Title("3. Check and run", order=2, size="h3", mb="sm"),
            dmc.Text(
                "A check reads all inputs and tells everything that is wrong or odd; nothing is run.",
                className="quiet",
            ),
            html.Div(id="new-findings", role="status", tabIndex=-1),
            html.Span(id="new-marked", hidden=True),
            dcc.Store(id="new-check-go"),
            dcc.Store(id="new-run-go"),
            html.Div(
                dmc.Group(
                    [
                        dmc.Button(
                            "Check",
                            id="new-check",
                            variant="default",
                            size="md",
                            disabled=True,
                            leftSection=html.Span(className="icon icon-check"),
                        ),
                        dmc.Button(
                            "Run",
                            id="new-run",
                            size="md",
                            disabled=True,
                            leftSection=html.Span(className="icon icon-play"),
                        ),
                    ],
                    gap="sm",
                ),
                className="run-bar",
            ),
        ],
        **{"aria-label": "Check and run"},
    )


def register_check(desk: Desk) -> None:
    """Answer what is done in this step."""
    for button, go in (("new-check", "new-check-go"), ("new-run", "new-run-go")):
        desk.in_browser(
            "sparewatt.whenSaved", Output(go, "data"), Input(button, "n_clicks"), prevent_initial_call=True
        )
    place = desk.place
    outputs = (
        Output(FOUND, "data", allow_duplicate=True),
        Output(DRAFTS, "data", allow_duplicate=True),
        Output(SHOWN, "data", allow_duplicate=True),
    )

    @desk.answer(Output("new-check", "disabled"), Output("new-run", "disabled"), Input(SHOWN, "data"))
    def enable(shown: dict[str, Any] | None) -> tuple[bool, bool]:
        study = shown["key"].partition("/")[0] if shown else ""
        is_off = not shown or shown["draft"].get("study", study) != study  # else of another page
        return is_off, is_off

    @desk.answer(
        *outputs,
        Input("new-check-go", "data"),
        *FORM_STATES,
        State(DRAFTS, "data"),
        running=[(Output("new-check", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def check(go: dict[str, Any] | None, *held: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as Dash gives
        at, draft, drafts = _held(go, held)
        try:
            scenario = read_draft(place, at, draft)
            findings = place.reading.call(check_submission, scenario, place.store_url)
        except InputError as error:
            findings = tuple(error.findings)
        found = checked_data(place, at, findings) | {"at": go}
        return found, drafts, {"key": at.key, "draft": draft}

    @desk.answer(
        *outputs,
        Output(GO, "data", allow_duplicate=True),
        Input("new-run-go", "data"),
        *FORM_STATES,
        State(DRAFTS, "data"),
        running=[(Output("new-run", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def run(go: dict[str, Any] | None, *held: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as Dash gives
        at, draft, drafts = _held(go, held)
        shown = {"key": at.key, "draft": draft}
        try:
            scenario = read_draft(place, at, draft)
            run = place.reading.call(submit_run, scenario, place.store_url, place.data)
        except InputError as error:
            tell("It was not started: the check tells what is wrong.", kind="error", title="Not started")
            found = checked_data(place, at, error.findings) | {"at": go}
            return found, drafts, shown, dash.no_update
        return None, drafts, shown, way(path=f"/runs/{run.id}", search="")


def checked_data(place: ApiPlace, at: NewPlace, findings: Sequence[Finding]) -> dict[str, Any]:
    """What a check found, for the browser: findings with their files, and marks for cells of tables."""
    told, places = found_data(place, at, findings), TablePlaces(place, at.upload)
    return {"stage": "checked", "findings": places.located(told), "marks": places.marks(told)}


def _held(go: Any, held: Sequence[Any]) -> tuple[NewPlace, dict[str, Any], dict[str, Any]]:  # noqa: ANN401 - as Dash gives
    *form, drafts = held
    shown = form[-1]
    if not go or not shown:
        raise PreventUpdate
    draft = form_draft(*form)
    study, _, upload = shown["key"].partition("/")
    return NewPlace(study, upload), draft, keep_draft(drafts, shown["key"], draft)
