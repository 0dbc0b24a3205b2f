"""A form made from the scenario model: one field per setting, with unit, help, default and bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.web.parts.form_draft import shown_values
from sparewatt.faces.web.parts.form_fields import ROW_NAME, FormField
from sparewatt.faces.web.parts.form_inputs import FormChoices, form_input
from sparewatt.faces.web.parts.form_words import GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.web.page import Component

ROW_ADD, ROW_REMOVE = "new-row-add", "new-row-remove"
_NAMED = {"limits": ("Site or connection", "site_1"), "cluster.traffic": ("Cluster", "cluster1")}


def scenario_form(
    study: str, fields: tuple[FormField, ...], draft: Mapping[str, Any], choices: FormChoices
) -> Component:
    """The form of a study, filled with a draft."""
    shown = shown_values(draft, fields)
    settings = {f.key: f for f in fields if f.path.startswith(f"{study}.")}
    main = {key for _, keys in GROUPS[study] for key in keys}
    rest = [f for key, f in settings.items() if key not in main]
    inputs = [f for f in fields if f.path.startswith("inputs.")]
    first = [f for f in fields if f.path in {"name", "seed"}]
    limits = [f for f in fields if f.path == "limits"]
    return dmc.Stack(
        gap="lg",
        children=[
            _group("Name and inputs", [*first, *inputs], shown, choices),
            *(
                _group(title, [settings[key] for key in keys], shown, choices)
                for title, keys in GROUPS[study]
            ),
            *(_row_field(one, shown, choices) for one in limits),
            dmc.Accordion(
                id="new-advanced",
                variant="contained",
                persistence=True,
                persistence_type="session",
                chevronPosition="left",
                children=dmc.AccordionItem(
                    [
                        dmc.AccordionControl(f"Advanced settings ({len(rest)})"),
                        dmc.AccordionPanel(_grid(rest, shown, choices)),
                    ],
                    value="advanced",
                ),
            ),
        ],
    )


def _group(
    title: str, fields: Sequence[FormField], shown: Mapping[str, Any], choices: FormChoices
) -> Component:
    return dmc.Fieldset(_grid(fields, shown, choices), legend=title, radius="md")


def _grid(fields: Sequence[FormField], shown: Mapping[str, Any], choices: FormChoices) -> Component:
    plain = [f for f in fields if f.kind not in {"group", "rows", "named"}]
    blocks = [f for f in fields if f.kind in {"group", "rows", "named"}]
    return dmc.Stack(
        gap="md",
        children=[
            dmc.SimpleGrid(
                cols={"base": 1, "sm": 2, "lg": 3},
                spacing="lg",
                verticalSpacing="md",
                children=[form_input(f, f.path, shown.get(f.path), choices) for f in plain],
            ),
            *(
                _group(f.label, f.inside, shown, choices)
                if f.kind == "group"
                else _row_field(f, shown, choices)
                for f in blocks
            ),
        ],
    )


def _row_field(one: FormField, shown: Mapping[str, Any], choices: FormChoices) -> Component:
    """Rows of a setting, each with its fields, and a way to more and to fewer."""
    start = f"{one.path}."
    numbers = sorted({int(path[len(start) :].split(".")[0]) for path in shown if path.startswith(start)})
    named, example = _NAMED.get(one.path, ("Name", ""))
    rows = []
    for n in numbers:
        inside = [
            form_input(f, f"{start}{n}.{f.key}", shown[f"{start}{n}.{f.key}"], choices, shown)
            for f in one.inside
        ]
        if one.kind == "named":
            name = FormField(f"{start}{n}.{ROW_NAME}", "text", named, example=example)
            inside.insert(0, form_input(name, name.path, shown[name.path], choices))
        rows.append(
            dmc.Group(
                [
                    dmc.SimpleGrid(
                        inside, cols={"base": 1, "xs": 2, "md": len(inside)}, flex=1, spacing="sm"
                    ),
                    dmc.ActionIcon(
                        html.Span(className="icon icon-trash"),
                        id={"type": ROW_REMOVE, "path": one.path, "row": n},
                        variant="subtle",
                        color="red",
                        size="lg",
                        **{"aria-label": f"Remove row {n + 1} of {one.label}"},
                    ),
                ],
                align="flex-start",
                wrap="nowrap",
            )
        )
    return dmc.Fieldset(
        dmc.Stack(
            [
                dmc.Text(one.help, className="quiet", size="sm"),
                *rows,
                dmc.Group(
                    dmc.Button(
                        f"Add a row to {one.label}" if one.path != "limits" else "Take a limit from a run",
                        id={"type": ROW_ADD, "path": one.path},
                        variant="default",
                        size="xs",
                    )
                ),
            ],
            gap="sm",
        ),
        legend=one.label,
        radius="md",
    )
