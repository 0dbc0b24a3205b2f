"""The scenario file of a new run as text: it follows the form, and the form follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash
import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.faces.web.new_state import DRAFTS, FOUND, SHOWN, NewPlace, changed_found, keep_draft
from sparewatt.faces.web.parts.form_text import draft_of_text

if TYPE_CHECKING:
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component


def text_box() -> Component:
    """Where it is shown; hidden until there is something."""
    return html.Div(
        dmc.Accordion(
            id="new-text-open",
            variant="contained",
            mt="lg",
            children=dmc.AccordionItem(
                [
                    dmc.AccordionControl("The scenario file as text (advanced)"),
                    dmc.AccordionPanel(
                        dmc.Stack(
                            [
                                dmc.Textarea(
                                    id="new-text",
                                    label="Scenario file (TOML)",
                                    description="It follows the form; change it here, then take it over.",
                                    autosize=True,
                                    minRows=8,
                                    maxRows=30,
                                    className="scenario-text",
                                    spellCheck=False,
                                ),
                                dmc.Group(
                                    [
                                        dmc.Button("Take over", id="new-text-take", variant="default"),
                                        dmc.Button("Save as a file", id="new-text-save", variant="default"),
                                    ]
                                ),
                                dcc.Download(id="new-text-file"),
                            ],
                            gap="sm",
                        )
                    ),
                ],
                value="text",
            ),
        ),
        id="new-text-box",
        hidden=True,
    )


def register_text(desk: Desk) -> None:
    """Answer what is done there."""
    place = desk.place

    @desk.answer(
        Output(DRAFTS, "data", allow_duplicate=True),
        Output("new-text", "error"),
        Output(FOUND, "data", allow_duplicate=True),
        Input("new-text-take", "n_clicks"),
        State("new-text", "value"),
        State(SHOWN, "data"),
        State(DRAFTS, "data"),
        State(FOUND, "data"),
        prevent_initial_call=True,
    )
    def take(
        clicks: int | None,
        text: str | None,
        shown: dict[str, Any] | None,
        drafts: dict[str, Any] | None,
        before: dict[str, Any] | None,
    ) -> tuple[Any, ...]:
        if not clicks or not shown:
            raise PreventUpdate
        try:
            draft = draft_of_text(text or "")
        except ValueError as error:
            return dash.no_update, str(error), dash.no_update
        study, _, upload = shown["key"].partition("/")
        found = changed_found(place, NewPlace(study, upload), draft, before)
        return keep_draft(drafts, shown["key"], draft), None, found

    @desk.answer(
        Output("new-text-file", "data"),
        Input("new-text-save", "n_clicks"),
        State("new-text", "value"),
        prevent_initial_call=True,
    )
    def save(clicks: int | None, text: str | None) -> dict[str, Any]:
        if not clicks:
            raise PreventUpdate
        return {"content": text or "", "filename": "scenario.toml", "type": "text/plain", "base64": False}
