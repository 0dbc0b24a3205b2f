"""Pages of neighbourhoods: all of them, and one to be edited and run; what they answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import dash
from dash import ALL, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.web.neighbourhood_alerts import findings_alert
from sparewatt.faces.web.neighbourhood_ask import FIELD, LIST, OPEN, ask_of, by_name
from sparewatt.faces.web.neighbourhood_change import carry_out
from sparewatt.faces.web.neighbourhood_forms import FORMS, form_fields
from sparewatt.faces.web.neighbourhood_job_forms import change_form
from sparewatt.faces.web.neighbourhood_page import body, frame
from sparewatt.faces.web.neighbourhood_running import register_running
from sparewatt.faces.web.neighbourhood_taking import register_taking
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.shell import URL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit

Shown = dict[str, Any]


def show_all(visit: Visit) -> Component:
    """The page of all neighbourhoods."""
    return frame(visit.place, None, visit.search)


def show_one(visit: Visit) -> Component:
    """The page of one."""
    number = visit.parts["number"]
    if not number.isdecimal() or len(number) > 12:  # noqa: PLR2004 - digits of a number that may be
        raise ProblemError(404, f"There is no neighbourhood {number[:40]}.")
    return frame(visit.place, int(number), visit.search)


def register(desk: Desk) -> None:
    """What both pages answer."""
    place = desk.place

    @desk.answer(
        Output("hood-body", "children"),
        Input("hood-shown", "data"),
        Input(URL, "search"),
        prevent_initial_call=True,
    )
    def show(shown: Shown, search: str | None) -> Component:
        return body(place, shown, search or "")

    @desk.answer(
        Output("hood-selected", "data"), Input("hood-jobs", "selectedRows"), prevent_initial_call=True
    )
    def select(rows: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
        return [{"kind": row["kind"], "row": row["row"]} for row in rows or []]

    _register_opening(desk)
    _register_saving(desk)
    register_taking(desk)
    register_running(desk)


def _register_opening(desk: Desk) -> None:
    @desk.answer(
        Output("hood-modal", "opened"),
        Output("hood-modal", "title"),
        Output("hood-fields", "children"),
        Output("hood-form-told", "children"),
        Output("hood-form", "data"),
        Output("hood-save", "children"),
        Output("hood-save", "color"),
        Input({"type": OPEN, "form": ALL, "args": ALL}, "n_clicks"),
        State("hood-shown", "data"),
        State("hood-selected", "data"),
        prevent_initial_call=True,
    )
    def open_form(clicks: list[int | None], shown: Shown, selected: list[Any]) -> tuple[Any, ...]:
        pressed = dash.callback_context.triggered_id
        if pressed is None or not any(one["value"] for one in dash.callback_context.triggered):
            raise PreventUpdate
        del clicks
        name, args = pressed["form"], json.loads(pressed["args"])
        if name in {"change-job", "drop-jobs"}:
            args["selected"] = selected or []
        if name == "change-job":
            name = change_form(args["selected"])
        form, ask = FORMS[name], ask_of(desk.place, shown, args)
        kept = {"form": name, "args": args}
        colour = "red" if form.is_danger else "watt"
        return True, form.title(ask), form_fields(name, ask), None, kept, form.button, colour

    @desk.answer(
        Output("hood-modal", "opened", allow_duplicate=True),
        Input("hood-cancel", "n_clicks"),
        prevent_initial_call=True,
    )
    def cancel(clicks: int | None) -> bool:
        if not clicks:
            raise PreventUpdate
        return False


def _register_saving(desk: Desk) -> None:
    @desk.answer(
        Output("hood-shown", "data"),
        Output("hood-modal", "opened", allow_duplicate=True),
        Output("hood-form-told", "children", allow_duplicate=True),
        Output("hood-told", "children"),
        Output(URL, "pathname", allow_duplicate=True),
        Input("hood-save", "n_clicks"),
        State("hood-form", "data"),
        State({"type": FIELD, "name": ALL}, "value"),
        State({"type": FIELD, "name": ALL}, "id"),
        State("hood-shown", "data"),
        running=[(Output("hood-save", "loading"), True, False)],
        prevent_initial_call=True,
    )
    def save(
        clicks: int | None, kept: Mapping[str, Any], values: list[Any], ids: list[Any], shown: Shown
    ) -> tuple[Any, ...]:
        if not clicks or not kept:
            raise PreventUpdate
        came = carry_out(desk.place, shown, kept["args"], by_name(ids, values), FORMS[kept["form"]].apply)
        if came.alert is not None:
            return came.shown or no_update, no_update, came.alert, no_update, no_update
        told = findings_alert(list(came.done.findings))
        here = LIST if shown["number"] is None else f"{LIST}/{shown['number']}"
        goes = came.done.path not in {"", here}  # then nothing is shown anew here: it would come too late
        return no_update if goes else came.shown, False, None, told, came.done.path or no_update


PAGES = (
    Page("/neighbourhoods", "Neighbourhoods", show_all, register, nav="Neighbourhoods", icon="houses"),
    Page("/neighbourhoods/<number>", "Neighbourhood", show_one),
)
