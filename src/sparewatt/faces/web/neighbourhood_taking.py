"""What the pages of neighbourhoods answer to uploaded files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from sparewatt.faces.web.desk import tell
from sparewatt.faces.web.neighbourhood_alerts import done_alert, findings_alert, words_alert
from sparewatt.faces.web.neighbourhood_ask import BUSY, FIELD, by_name
from sparewatt.faces.web.neighbourhood_change import Came, carry_out
from sparewatt.faces.web.neighbourhood_forms import filled_again
from sparewatt.faces.web.neighbourhood_uploads import Taken, take_upload
from sparewatt.faces.web.shell import URL
from sparewatt.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.neighbourhood_ask import Ask, Done


_MOST_TOLD = 3
_TEXTS = ("where", "message", "value", "remedy")


def register_taking(desk: Desk) -> None:
    """Register the answer."""

    @desk.answer(
        Output("hood-shown", "data", allow_duplicate=True),
        Output("hood-fields", "children", allow_duplicate=True),
        Output("hood-form-told", "children", allow_duplicate=True),
        Output("hood-told", "children", allow_duplicate=True),
        Output(URL, "pathname", allow_duplicate=True),
        Input("hood-upload", "data"),
        State("hood-form", "data"),
        State({"type": FIELD, "name": ALL}, "value"),
        State({"type": FIELD, "name": ALL}, "id"),
        State("hood-shown", "data"),
        running=[(Output(BUSY, "children"), "Reading and judging the files …", "")],
        prevent_initial_call=True,
    )
    def take(
        told: Mapping[str, Any] | None,
        kept: Mapping[str, Any] | None,
        values: list[Any],
        ids: list[Any],
        shown: dict[str, Any],
    ) -> tuple[Any, ...]:
        if not told:
            raise PreventUpdate
        form = kept if kept and str(told["purpose"]).startswith("field:") else None
        args, filled = (form["args"], by_name(ids, values)) if form else ({}, {})
        taken: list[Taken] = []

        def work(ask: Ask) -> Done:
            taken.append(take_upload(ask, told))
            return taken[0].done

        came = _refused(told) if told.get("error") else carry_out(desk.place, shown, args, filled, work)
        if came.alert is not None:
            places = (came.alert, no_update) if form else (no_update, came.alert)
            return came.shown or no_update, no_update, *places, no_update
        alert = [done_alert(taken[0].words), findings_alert(list(came.done.findings))]
        if form is None:
            now = no_update if came.done.path else came.shown  # what goes on is not shown anew here
            if came.done.path and came.done.findings:  # a notice stays when the page changes
                words = [f"{one.where}: {one.message}." for one in came.done.findings[:_MOST_TOLD]]
                tell(" ".join([taken[0].words, *words]), kind="warning")
            return now, no_update, no_update, alert, came.done.path or no_update
        again = filled_again(desk.place, came.shown or shown, form, filled, taken[0].field, taken[0].files)
        return came.shown, again, alert, no_update, no_update


def _refused(told: Mapping[str, Any]) -> Came:
    """What the API said of files that it did not take."""
    findings = []
    for one in told.get("findings", []):
        where, message, value, remedy = (str(one.get(key, "")) for key in _TEXTS)
        findings.append(Finding(str(one.get("rule")), "error", where, message, value, remedy))
    return Came(alert=findings_alert(findings) if findings else words_alert(str(told["error"])))
