"""Fields of the forms of neighbourhoods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import field_id, opener
from sparewatt.inputs.community.read import BASE_LOADS, LOADS, PREDICTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.neighbourhood_ask import Ask
    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_draft import Draft

CURVE_FORMS = {
    LOADS: "Two numbers a line: seconds since the start, and the energy so far [Wh]. The first line is 0 0.",
    PREDICTIONS: "Two numbers a line: UNIX time [s], and the energy so far [Wh], every hour. The first line "
    "is the time of issue, with the energy of the hour before it.",
    BASE_LOADS: "Two numbers a line: UNIX time [s], and the energy so far [Wh].",
}
"""What files of each folder look like."""


def text_field(ask: Ask, name: str, label: str, default: str = "", help_text: str = "") -> Component:
    """A line of text."""
    value = ask.values.get(name, default)
    return dmc.TextInput(id=field_id(name), label=label, value=value, description=help_text or None)


def number_field(
    ask: Ask,
    name: str,
    label: str,
    default: float | str = "",
    *,
    low: float | None = None,
    high: float | None = None,
    help_text: str = "",
) -> Component:
    """A number; the unit stands in the label."""
    return dmc.NumberInput(
        id=field_id(name),
        label=label,
        value=ask.values.get(name, default),
        min=low,
        max=high,
        description=help_text or None,
        clampBehavior="none",
        hideControls=True,
        thousandSeparator="",
    )


def time_field(ask: Ask, name: str, label: str, default: str, help_text: str = "") -> Component:
    """Date and time, UTC."""
    value = ask.values.get(name, default)
    return dmc.TextInput(
        id=field_id(name),
        label=label,
        value=value,
        description=help_text or None,
        attributes={"input": {"type": "datetime-local", "step": "1" if len(str(value)) > 16 else "60"}},  # noqa: PLR2004 - a time with seconds
    )


def choice_field(
    ask: Ask,
    name: str,
    label: str,
    options: Sequence[tuple[str, str]],
    default: str | None,
    **more: Any,  # noqa: ANN401
) -> Component:
    """One of several."""
    value = ask.values.get(name, default)
    return dmc.Select(
        id=field_id(name),
        label=label,
        data=[{"value": one, "label": words} for one, words in options],
        value=value,
        searchable=len(options) > 8,  # noqa: PLR2004 - more than one looks over
        openOnFocus=False,  # the keyboard comes to it when a form opens
        comboboxProps={"withinPortal": True},
        **more,
    )


def curve_names(draft: Draft, folder: str) -> list[str]:
    """Names of the files of a folder."""
    return [path.partition("/")[2] for path in sorted(draft.curves) if path.startswith(f"{folder}/")]


def upload_button(
    words: str,
    purpose: str,
    *,
    accept: str = ".csv,.txt",
    several: bool = False,
    folder: bool = False,
    size: str = "xs",
) -> Component:
    """A button that asks for files and uploads them; what came of it is heard by the page."""
    data = {"data-upload": purpose, "data-accept": accept}
    data |= {"data-several": "yes"} if several else {}
    data |= {"data-folder": "yes"} if folder else {}
    return dmc.Group(
        dmc.Button(words, variant="default", size=size, leftSection=icon("upload"), **data), w="fit-content"
    )


def counted(number: int, what: str) -> str:
    """A number of things in words."""
    return f"{number:,} {what}{'s' if number != 1 else ''}"


def icon_button(sign: str, words: str, form: str, /, **args: object) -> Component:
    """A sign that opens a form; a button of the browser, for there may be hundreds on a page."""
    return html.Button(
        icon(sign),
        type="button",
        className="hood-icon",
        title=words,
        **{"aria-label": words},
        **opener(form, **args),
    )
