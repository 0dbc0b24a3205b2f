"""Findings of a new run: red under the field they belong to, and in a list that leads there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, html

from sparewatt.faces.web.new_state import FOUND, SHOWN
from sparewatt.faces.web.parts.form_fields import leaf_fields, scenario_fields, without_files
from sparewatt.faces.web.parts.form_inputs import FIELD, SWITCH
from sparewatt.faces.web.parts.form_rows import field_at, field_of_place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.parts.form_fields import FormField

_MOST_SHOWN = 200
_SAME = 15
SIGNS = {"error": ("error", "Error"), "warning": ("warning", "Warning"), "info": ("info", "Note")}


def register_findings(desk: Desk) -> None:
    """Show what was found whenever that changes."""

    @desk.answer(
        Output({"type": FIELD, "path": ALL}, "error"),
        Output({"type": SWITCH, "path": ALL}, "error"),
        Input(FOUND, "data"),
        Input(SHOWN, "data"),
        State({"type": FIELD, "path": ALL}, "id"),
        State({"type": SWITCH, "path": ALL}, "id"),
    )
    def mark(
        found: dict[str, Any] | None,
        shown: dict[str, Any] | None,
        ids: list[dict[str, str]],
        switch_ids: list[dict[str, str]],
    ) -> tuple[list[str | None], list[str | None]]:
        errors = field_errors(found, shown)
        return [errors.get(one["path"]) for one in ids], [errors.get(one["path"]) for one in switch_ids]

    @desk.answer(Output("new-findings", "children"), Input(FOUND, "data"), State(SHOWN, "data"))
    def tell_findings(found: dict[str, Any] | None, shown: dict[str, Any] | None) -> Component:
        return findings_view(found, shown)

    desk.in_browser(
        "sparewatt.markTables", Output("new-marked", "title"), Input(FOUND, "data"), prevent_initial_call=True
    )
    desk.in_browser(
        "sparewatt.lookAt",
        Output("new-findings", "title"),
        Input("new-findings", "children"),
        State("new-findings", "id"),
        State(FOUND, "data"),
    )


def field_errors(found: Mapping[str, Any] | None, shown: Mapping[str, Any] | None) -> dict[str, str]:
    """What is wrong in each field, by path."""
    errors: dict[str, str] = {}
    if not found or not shown:
        return errors
    fields = scenario_fields(shown["key"].partition("/")[0])
    for one in found["findings"]:
        path = field_of_place(one["where"], shown["draft"], fields)
        if path and one["severity"] == "error":
            words = _field_words(one, field_at(path, fields))
            errors[path] = "; ".join(p for p in (errors.get(path), words) if p)
    return errors


def _field_words(one: Mapping[str, Any], field: FormField | None) -> str:
    """A finding as it stands under its field, whose help is not said again."""
    message, remedy = one["message"], one["remedy"]
    if field is None:
        return f"{message}{f' ({remedy})' if remedy else ''}"
    message = re.sub(rf"^{re.escape(field.key)}\b:?", field.label, message)
    remedy = without_files(remedy)
    is_help = remedy[:_SAME] == field.help[:_SAME]
    return message if is_help or not remedy else f"{message} ({remedy})"


def findings_view(found: Mapping[str, Any] | None, shown: Mapping[str, Any] | None) -> Component:
    """What was found: a summary that leads to fields, and all findings that belong to none."""
    if not found or not shown or (found["stage"] == "form" and not found["findings"]):
        return []
    fields = scenario_fields(shown["key"].partition("/")[0])
    inside = [one for one in found["findings"] if field_of_place(one["where"], shown["draft"], fields)]
    outside = [one for one in found["findings"] if one not in inside]
    errors = sum(one["severity"] == "error" for one in found["findings"])
    if found["stage"] == "checked" and not found["findings"]:
        words, colour, icon = "Nothing is wrong: this can be run.", "teal", "check"
    elif not errors:
        words, colour, icon = (
            f"This can be run. {_count(len(found['findings']), 'remark')} to look at:",
            "orange",
            "warning",
        )
    else:
        words, colour, icon = f"{_count(errors, 'error')} to mend before this can be run:", "red", "error"
    links = field_errors(found, shown)
    body = [
        dmc.Text(words, fw=600),
        *(
            [
                html.Ul(
                    [
                        html.Li(html.A(f"{_title(path, fields)}: {text}", href="#", **{"data-field": path}))
                        for path, text in links.items()
                    ]
                )
            ]
            if links
            else []
        ),
    ]
    rest = outside + [one for one in inside if one["severity"] != "error"]
    return dmc.Stack(
        [
            dmc.Alert(body, color=colour, icon=html.Span(className=f"icon icon-{icon}"), mt="sm"),
            *(finding_line(one, n) for n, one in enumerate(rest[:_MOST_SHOWN])),
            *(
                [dmc.Text(f"and {len(rest) - _MOST_SHOWN} more", className="quiet")]
                if len(rest) > _MOST_SHOWN
                else []
            ),
        ],
        gap="sm",
    )


def finding_line(one: Mapping[str, Any], number: int = 0) -> Component:
    """A finding: where, what, the value, and what would be right."""
    icon, words = SIGNS[one["severity"]]
    value = f": {one['value']}" if one["value"] else ""
    return html.Div(
        [
            dmc.Group(
                [
                    html.Span(className=f"icon icon-{icon}"),
                    dmc.Text(words, fw=600, size="sm"),
                    dmc.Text(one["where"], size="sm", className="new-finding-place", fw=550),
                    *_way(one, number),
                ],
                gap=6,
            ),
            dmc.Text(f"{one['message']}{value}", size="sm", className="new-finding-place"),
            *(
                [dmc.Text(f"Right would be: {one['remedy']}", size="sm", className="quiet")]
                if one["remedy"]
                else []
            ),
        ],
        className=f"new-finding new-finding-{one['severity']}",
    )


def _way(one: Mapping[str, Any], number: int) -> list[Component]:
    """A way to the table that a finding is about, where the page has one."""
    if not one.get("file"):
        return []
    return [
        dmc.Button(
            "Open",
            id={"type": "new-way", "file": one["file"], "sheet": one["sheet"], "n": number},
            variant="default",
            size="compact-xs",
            **{"aria-label": f"Open {one['sheet'] or one['file']} for {one['where']}"},
        )
    ]


def _title(path: str, fields: tuple[FormField, ...]) -> str:
    """Where a field is: its own words, before them those of its rows."""
    field = field_at(path, fields)
    holder = next((f for f in leaf_fields(fields) if path.startswith(f"{f.path}.")), None)
    own = "Name" if field is None else field.label
    if holder is None:
        return own
    return f"{holder.label}, row {int(path.split('.')[-2]) + 1}, {own}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
