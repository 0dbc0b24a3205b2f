"""Second step of a new run: its settings, as a form and as the text of its scenario file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.new_state import (
    DRAFTS,
    FORM_STATES,
    FOUND,
    SHOWN,
    NewPlace,
    changed_found,
    form_draft,
    keep_draft,
    kept_draft,
    new_place,
)
from sparewatt.faces.web.new_text import register_text, text_box
from sparewatt.faces.web.parts.form import ROW_ADD, ROW_REMOVE, scenario_form
from sparewatt.faces.web.parts.form_fields import leaf_fields, scenario_fields
from sparewatt.faces.web.parts.form_inputs import FIELD, SWITCH, FormChoices
from sparewatt.faces.web.parts.form_limits import limit_runs
from sparewatt.faces.web.parts.form_rows import with_row, without_row
from sparewatt.faces.web.parts.form_text import draft_text
from sparewatt.faces.web.parts.upload_folder import scenario_problem, upload_choices
from sparewatt.faces.web.shell import URL
from sparewatt.faces.web.studies import STUDY_WORDS

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component

_ROW_NAMES = {"limits": {"depot": "site_1", "cluster": "cluster1"}}
_NEW_ZONES = re.compile(r"limits\.\d+\.run")


def settings_step() -> Component:
    """The step, before the browser says where it is."""
    return html.Section(
        [
            dmc.Title("2. Settings", order=2, size="h3", mb="sm"),
            html.Div(id="new-form"),
            text_box(),
        ],
        **{"aria-label": "Settings"},
    )


def register_settings(desk: Desk) -> None:
    """Answer what is done in this step."""
    place = desk.place

    @desk.answer(
        Output("new-form", "children"),
        Output(SHOWN, "data"),
        Output("new-text", "value"),
        Output("new-text-box", "hidden"),
        Input(URL, "search"),
        Input(DRAFTS, "data"),
        State(URL, "pathname"),
        State(SHOWN, "data"),
    )
    def show(
        search: str, drafts: dict[str, Any] | None, path: str, shown: dict[str, Any] | None
    ) -> tuple[Any, ...]:
        at = new_place(path, search)
        if at is None or at.study not in STUDY_WORDS:
            raise PreventUpdate
        if not at.upload:
            return (
                dmc.Text("Choose the inputs first; the settings follow.", className="quiet"),
                None,
                "",
                True,
            )
        try:
            draft = kept_draft(place, at, drafts)
        except ProblemError:
            return (
                dmc.Text("Choose the inputs first; the settings follow.", className="quiet"),
                None,
                "",
                True,
            )
        now = {"key": at.key, "draft": draft}
        if shown == now:
            raise PreventUpdate
        return _form(place, at, draft), now, draft_text(draft), False

    @desk.answer(
        Output(DRAFTS, "data", allow_duplicate=True),
        Output(SHOWN, "data", allow_duplicate=True),
        Output(FOUND, "data", allow_duplicate=True),
        Output("new-text", "value", allow_duplicate=True),
        Input({"type": FIELD, "path": ALL}, "value"),
        Input({"type": SWITCH, "path": ALL}, "checked"),
        *FORM_STATES,
        State(DRAFTS, "data"),
        State(FOUND, "data"),
        prevent_initial_call=True,
    )
    def change(_values: list[Any], _checked: list[Any], *held: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as Dash gives
        *form, drafts, before = held
        shown = form[-1]
        if not shown:
            raise PreventUpdate
        draft = form_draft(*form)
        if draft == shown["draft"]:
            raise PreventUpdate
        study, _, upload = shown["key"].partition("/")
        found = changed_found(place, NewPlace(study, upload), draft, before)
        asked = dash.ctx.triggered_id
        anew = bool(asked) and _NEW_ZONES.fullmatch(str(asked.get("path")))
        now = dash.no_update if anew else {"key": shown["key"], "draft": draft}
        return keep_draft(drafts, shown["key"], draft), now, found, draft_text(draft)

    _register_rows(desk)
    register_text(desk)


def _register_rows(desk: Desk) -> None:
    @desk.answer(
        Output(DRAFTS, "data", allow_duplicate=True),
        Input({"type": ROW_ADD, "path": ALL}, "n_clicks"),
        Input({"type": ROW_REMOVE, "path": ALL, "row": ALL}, "n_clicks"),
        *FORM_STATES,
        State(DRAFTS, "data"),
        prevent_initial_call=True,
    )
    def rows(add: list[int | None], remove: list[int | None], *held: Any) -> dict[str, Any]:  # noqa: ANN401 - as Dash gives
        *form, drafts = held
        shown, asked = form[-1], dash.ctx.triggered_id
        if not shown or not asked or not any([*add, *remove]) or not dash.ctx.triggered[0]["value"]:
            raise PreventUpdate
        draft = form_draft(*form)
        study = shown["key"].partition("/")[0]
        field = next(f for f in leaf_fields(scenario_fields(study)) if f.path == asked["path"])
        if asked["type"] == ROW_ADD:
            name = _ROW_NAMES.get(field.path, {}).get(study, "cluster1" if study == "cluster" else "")
            draft = with_row(draft, field, name)
        else:
            draft = without_row(draft, field, asked["row"])
        return keep_draft(drafts, shown["key"], draft)


def _form(place: ApiPlace, at: NewPlace, draft: dict[str, Any]) -> Component:
    study = draft.get("study")
    if study != at.study and study in STUDY_WORDS:
        return dmc.Alert(
            [
                f"The scenario file of these inputs is for the study {STUDY_WORDS[study].title}. ",
                dcc.Link("Go on there", href=f"/new/{study}?upload={at.upload}"),
            ],
            color="orange",
            title="Another study",
        )
    fields, folder = scenario_fields(at.study), upload_folder(place, at.upload)
    runs, zones = limit_runs(place, draft) if any(f.path == "limits" for f in fields) else ((), {})
    form = scenario_form(at.study, fields, draft, FormChoices(upload_choices(folder), runs, zones))
    problem = scenario_problem(folder)
    if not problem:
        return form
    words = (
        f"{problem} The form begins with the settings as they are by default; a run is made with the form."
    )
    title = "The scenario file of these inputs cannot be read"
    return dmc.Stack([dmc.Alert(words, title=title, color="orange"), form])
