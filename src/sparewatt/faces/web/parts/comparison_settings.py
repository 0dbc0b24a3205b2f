"""Settings in which runs side by side differ, in the words of the form that they are given in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.web.parts.form_fields import leaf_fields, scenario_fields
from sparewatt.faces.web.parts.kpis import help_words, plain_table
from sparewatt.results.control_words import control_label
from sparewatt.results.setting_differences import setting_differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.results.run_folder import RunFolder

_PLAIN = {"true": "yes", "false": "no"}


def settings_table(names: Sequence[str], folders: Sequence[RunFolder], study: str) -> Component:
    """In which settings runs differ; nothing where they do not, or where that is not known."""
    differences = setting_differences(folders)
    if not differences:
        return None
    fields = {field.path: field for field in leaf_fields(scenario_fields(study))}
    body = []
    for one in differences:
        label, told = one.key, f"{one.key} in scenario files"
        if (field := fields.get(one.key)) is not None:
            label = f"{field.label} [{field.unit}]" if field.unit else field.label
            told = f"{field.help} ({told})"
        cells = [html.Td(_value_words(one.key, value)) for value in one.values]
        body.append(html.Tr([html.Th(help_words(label, told), scope="row"), *cells]))
    return html.Section(
        [
            dmc.Title("Settings that differ", order=2, size="h4", mb=8),
            html.Div(plain_table(["Setting", *names], body, "Settings that differ"), className="no-units"),
        ]
    )


def _value_words(key: str, value: str | None) -> str:
    if value is None:
        return "not given"
    return control_label(value) if key == "cluster.control" else _PLAIN.get(value, value)
