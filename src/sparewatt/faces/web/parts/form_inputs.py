"""One field of a form as a component: number, switch, choice, text; with unit, help, default and bounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.web.parts.form_text import inline_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.parts.form_fields import FormField

FIELD, SWITCH = "new-field", "new-switch"
"""Types of the ids of fields; of switches it is their state that is heard."""
_WIDE = {"texts", "numbers"}


@dataclass(frozen=True)
class FormChoices:
    """What fields offer.

    Parameters
    ----------
    files
        Files and folders of the upload.
    runs
        Value and words of the runs that limits can be taken from.
    zones
        Zones by the value of a run.
    """

    files: Sequence[str] = ()
    runs: Sequence[tuple[str, str]] = ()
    zones: Mapping[str, Sequence[str]] = field(default_factory=dict)


def field_id(path: str, *, switch: bool = False) -> dict[str, str]:
    """Id of the field of a path."""
    return {"type": SWITCH if switch else FIELD, "path": path}


def form_input(  # noqa: PLR0911 - one a kind
    one: FormField,
    path: str,
    value: Any,  # noqa: ANN401 - of its kind
    choices: FormChoices,
    shown: Mapping[str, Any] | None = None,
) -> Component:
    """The component of one field; ``shown`` are the values of the whole form."""
    label = (
        [one.label, html.Span(f" {one.unit}", className="quiet")]
        if one.unit and one.kind != "text"
        else one.label
    )
    common = {"id": field_id(path), "label": label, "description": hint(one), "value": value}
    common["inputWrapperOrder"] = ["label", "input", "error", "description"]
    placeholder = inline_text(one.default) or one.example
    key = path.rpartition(".")[2]
    if one.kind == "switch":
        del common["value"], common["id"], common["inputWrapperOrder"]
        return dmc.Switch(id=field_id(path, switch=True), checked=bool(value), mt="sm", **common)
    if one.kind == "number":
        bounds = {"allowDecimal": not one.is_whole, "clampBehavior": "none", "debounce": True}
        return dmc.NumberInput(
            placeholder=placeholder, thousandSeparator="", hideControls=not one.is_whole, **bounds, **common
        )
    if one.kind == "choice":
        data = [{"value": c, "label": choice_words(c)} for c in one.choices]
        if isinstance(value, str) and value not in one.choices:
            data.append({"value": value, "label": f"{value} (not known)"})
        clearable = one.default is None
        return dmc.Select(
            data=data, clearable=clearable, allowDeselect=clearable, placeholder=placeholder, **common
        )
    if one.kind in _WIDE:
        return dmc.TagsInput(placeholder="Add one and press Enter", **common)
    if path.startswith("inputs.") and key != "simbench":
        return dmc.Autocomplete(
            data=list(choices.files),
            limit=50,
            placeholder="File or folder of the inputs",
            debounce=True,
            **common,
        )
    if path.startswith("limits.") and key in {"run", "zone"}:
        return _limit_input(path, key, value, choices, shown or {}, common)
    if "time" in one.label.lower() and "zone" in key:
        return dmc.Select(
            data=_zones(str(value or "")), searchable=True, limit=50, allowDeselect=False, **common
        )
    return dmc.TextInput(placeholder=placeholder, debounce=True, **common)


def _limit_input(
    path: str,
    key: str,
    value: Any,  # noqa: ANN401 - text or nothing
    choices: FormChoices,
    shown: Mapping[str, Any],
    common: dict[str, Any],
) -> Component:
    if key == "run":
        data = [{"value": v, "label": words} for v, words in choices.runs]
        nothing = "No run offers limits yet; a network run does"
    else:
        data = [{"value": z, "label": z} for z in choices.zones.get(str(shown.get(f"{path[:-4]}run")), ())]
        nothing = "Choose the run first"
    if value and value not in {one["value"] for one in data}:
        data.append({"value": value, "label": str(value)})
    return dmc.Select(
        data=data,
        searchable=True,
        clearable=key == "zone",
        nothingFoundMessage=nothing,
        **{**common, "value": value or None},
    )


def hint(one: FormField) -> str:
    """Help of a field, with its bounds."""
    low, high = one.low, one.high
    bounds = ""
    if low is not None and high is not None and high < 1e9:  # noqa: PLR2004 - no bound that people meet
        bounds = (
            f"above {low:,.12g}, at most {high:,.12g}" if one.is_above else f"{low:,.12g} to {high:,.12g}"
        )
    elif low is not None and abs(low) < 1e6:  # noqa: PLR2004 - as above
        bounds = f"above {low:,.12g}" if one.is_above else f"at least {low:,.12g}"
    default = "" if one.default in (None, "", [], {}) or one.kind == "switch" else _default_words(one)
    rule = ", ".join(part for part in (bounds, default) if part)
    return ". ".join(part for part in (one.help.rstrip("."), rule[:1].upper() + rule[1:]) if part)


def choice_words(choice: str) -> str:
    """A choice for people: names with capitals stay as they are."""
    return choice if choice.lower() != choice else choice.replace("_", " ")


def _default_words(one: FormField) -> str:
    if isinstance(one.default, list):
        return f"default {', '.join(inline_text(item) for item in one.default)}"
    if isinstance(one.default, float):
        return f"default {one.default:,.12g}"
    return f"default {choice_words(one.default) if one.kind == 'choice' else inline_text(one.default)}"


@cache
def _known_zones() -> tuple[str, ...]:
    return tuple(
        sorted(z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "posix", "right")))
    )


def _zones(value: str) -> list[str]:
    found = ["UTC", *_known_zones()]
    return found if not value or value in found else [value, *found]
