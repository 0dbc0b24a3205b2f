"""Pages of neighbourhoods: all of them, and one to be edited and run; what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
from dash import ALL, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from sparewatt.errors import InputError
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.web.neighbourhood_alerts import done_alert, findings_alert
from sparewatt.faces.web.neighbourhood_ask import ASKED, FIELD, LIST, ask_of, by_name
from sparewatt.faces.web.neighbourhood_change import carry_out
from sparewatt.faces.web.neighbourhood_finding import register_finding
from sparewatt.faces.web.neighbourhood_forms import FORMS, form_fields
from sparewatt.faces.web.neighbourhood_job_forms import change_form
from sparewatt.faces.web.neighbourhood_page import body, frame
from sparewatt.faces.web.neighbourhood_running import register_running
from sparewatt.faces.web.neighbourhood_taking import register_taking
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.shell import URL

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        Output("hood-sought", "data"),
        Input("hood-shown", "data"),
        Input(URL, "search"),
        State("hood-sought", "data"),
        prevent_initial_call=True,
    )
    def show(shown: Shown, search: str | None, sought: str | None) -> tuple[Component, None]:
        if sought == search and dash.callback_context.triggered_id == URL:
            raise PreventUpdate  # what is found is there already, and somebody goes on typing
        return body(place, shown, search or ""), None

    desk.in_browser(
        "sparewatt.hoodFocus",
        Output("hood-focus", "data"),
        Input("hood-form", "data"),
        Input("hood-body", "children"),
        prevent_initial_call=True,
    )
    register_finding(desk)
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
        Output("hood-told", "children", allow_duplicate=True),
        Input(ASKED, "data"),
        State("hood-shown", "data"),
        State("hood-selected", "data"),
        prevent_initial_call=True,
    )
    def open_form(asked: Mapping[str, Any] | None, shown: Shown, chosen: Shown | None) -> tuple[Any, ...]:
        if not asked:
            raise PreventUpdate
        name, args = str(asked["form"]), dict(asked["args"])
        if name in {"change-job", "drop-jobs"}:
            args |= chosen or {}
        if name == "change-job":
            name = change_form(args.get("selected") or [])
        form, ask = FORMS[name], ask_of(desk.place, shown, args)
        try:
            fields = form_fields(name, ask)
        except InputError as error:  # of a file that the form is about
            return (*[no_update] * 7, findings_alert(error.findings))
        kept = {"form": name, "args": args}
        colour = "red" if form.is_danger else "watt"
        return True, form.title(ask), fields, None, kept, form.button, colour, None

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
        told = [done_alert(came.done.words), findings_alert(list(came.done.findings))]
        here = LIST if shown["number"] is None else f"{LIST}/{shown['number']}"
        goes = came.done.path not in {"", here}  # then nothing is shown anew here: it would come too late
        return no_update if goes else came.shown, False, None, told, came.done.path or no_update


PAGES = (
    Page("/neighbourhoods", "Neighbourhoods", show_all, register, nav="Neighbourhoods", icon="houses"),
    Page("/neighbourhoods/<number>", "Neighbourhood", show_one),
)
