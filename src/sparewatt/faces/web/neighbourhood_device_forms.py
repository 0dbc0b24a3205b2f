"""Forms of devices: consumers, solar panels, electric cars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import dash_mantine_components as dmc

from sparewatt.errors import SparewattError
from sparewatt.faces.web.neighbourhood_ask import Ask, Done, Form, field_id
from sparewatt.faces.web.neighbourhood_fields import (
    CURVE_FORMS,
    choice_field,
    counted,
    curve_names,
    text_field,
    upload_button,
)
from sparewatt.inputs.community.names import producer_id
from sparewatt.inputs.community.read import LOADS, PREDICTIONS
from sparewatt.model.neighbourhood import Device
from sparewatt.studies.neighbourhood_curves import add_forecast
from sparewatt.studies.neighbourhood_edits import (
    add_device,
    change_device,
    find_device,
    next_number,
    remove_device,
)
from sparewatt.studies.neighbourhood_view import house_views

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_draft import Draft

_NAMES = {"consumer": "Washing machine", "producer": "Solar panels", "ev": "Electric car"}
NO_FILE = "none"
"""Stands for no file where one is chosen."""


def _device(ask: Ask) -> Device | None:
    """The device that a form changes; ``None`` where it adds one."""
    if "device" not in ask.args:
        return None
    return find_device(ask.draft, str(ask.args["house"]), str(ask.args["device"]))


def _named_fields(ask: Ask, kind: str) -> list[Component]:
    found = _device(ask)
    if found is not None:
        return [text_field(ask, "name", "Name", found.name)]
    number = next_number([d.device_id for d in ask.draft.devices])
    return [
        text_field(ask, "name", "Name", _NAMES[kind]),
        text_field(
            ask, "number", "Number", number, "Each device of the neighbourhood has a number of its own."
        ),
    ]


def _with_device(ask: Ask, kind: str, template: str | None = None) -> tuple[Draft, Device]:
    """The draft with the device as the form has it."""
    found, house = _device(ask), str(ask.args["house"])
    if found is None:
        made = Device(house, "", ask.text("number"), ask.text("name"), template or "", kind)
        draft = add_device(ask.draft, made)
        return draft, draft.devices[-1]
    kept = found.template if template is None else template
    draft = change_device(ask.draft, house, found.device_id, name=ask.text("name"), template=kept)
    return draft, find_device(draft, house, found.device_id)


def _consumer_fields(ask: Ask) -> Sequence[Component]:
    found = _device(ask)
    names = curve_names(ask.draft, LOADS)
    options = [(NO_FILE, "None yet"), *((name, name) for name in names)]
    there = f"{found.template}.csv" if found is not None else ""
    return [
        *_named_fields(ask, "consumer"),
        choice_field(
            ask, "profile", "Load profile of its jobs", options, there if there in names else NO_FILE
        ),
        upload_button("Upload a profile", f"field:profile:{LOADS}"),
        dmc.Text(CURVE_FORMS[LOADS], className="quiet", size="sm"),
    ]


def _apply_consumer(ask: Ask) -> Done:
    profile = ask.text("profile")
    template = profile.removesuffix(".csv") if profile not in {"", NO_FILE} else ""
    found = _device(ask)
    if not template and found is not None and f"{LOADS}/{found.template}.csv" not in ask.draft.curves:
        template = found.template  # a word of the inputs that names no file here
    return Done(_with_device(ask, "consumer", template)[0])


def _producer_fields(ask: Ask) -> Sequence[Component]:
    found, names = _device(ask), curve_names(ask.draft, PREDICTIONS)
    producer = "" if found is None else producer_id(found.house, found.device_id)
    told = [line.file for line in ask.draft.forecasts if line.producer == producer]
    return [
        *_named_fields(ask, "producer"),
        dmc.MultiSelect(
            id=field_id("forecasts"),
            label="Forecasts",
            description="A later forecast takes the place of an earlier one from its first row on.",
            data=[{"value": one, "label": one} for one in names],
            value=ask.values.get("forecasts", list(dict.fromkeys(told))),
            searchable=True,
            placeholder="Choose files" if names else "Upload files first",
        ),
        upload_button("Upload forecasts", f"field:forecasts:{PREDICTIONS}", several=True),
        dmc.Text(CURVE_FORMS[PREDICTIONS], className="quiet", size="sm"),
    ]


def _apply_producer(ask: Ask) -> Done:
    draft, device = _with_device(ask, "producer")
    producer = producer_id(device.house, device.device_id)
    chosen = list(ask.values.get("forecasts") or [])
    kept = tuple(x for x in draft.forecasts if x.producer != producer or x.file in chosen)
    there = {line.file for line in kept if line.producer == producer}
    draft = replace(draft, forecasts=kept)
    for file in chosen:
        if file not in there:
            draft = add_forecast(draft, device.house, device.device_id, file)
    return Done(draft)


def _ev_fields(ask: Ask) -> Sequence[Component]:
    words = "When it charges, and how much, is told by its jobs."
    return [*_named_fields(ask, "ev"), dmc.Text(words, className="quiet", size="sm")]


def _device_loss(ask: Ask) -> Sequence[Component]:
    house, number = str(ask.args["house"]), str(ask.args["device"])
    views = [d for v in house_views(ask.draft) for d in v.devices if v.house == house]
    view = next((d for d in views if d.device.device_id == number), None)
    if view is None:
        raise SparewattError(f"There is no device {number} in house {house} any more.")
    what = counted(view.jobs, "job")
    if view.role == "producer":
        what = counted(len(view.forecasts), "forecast")
    lost = "" if what.startswith("0 ") else f" with its {what}. Files stay"
    return [dmc.Text(f"{view.label} (number {number}) of house {house} goes{lost}.")]


def _title(words: str) -> Callable[[Ask], str]:
    return lambda a: (
        f"Change {words.lower()}" if "device" in a.args else f"{words} for house {a.args['house']}"
    )


DEVICE_FORMS: dict[str, Form] = {
    "consumer": Form(_title("Consumer"), _consumer_fields, _apply_consumer),
    "producer": Form(_title("Solar panels"), _producer_fields, _apply_producer),
    "ev": Form(_title("Electric car"), _ev_fields, lambda a: Done(_with_device(a, "ev")[0])),
    "drop-device": Form(
        lambda _: "Delete the device?",
        _device_loss,
        lambda a: Done(remove_device(a.draft, str(a.args["house"]), str(a.args["device"]))),
        "Delete the device",
        is_danger=True,
    ),
}
