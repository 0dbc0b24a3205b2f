"""Forms of houses, their batteries and their base load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc

from sparewatt.errors import SparewattError
from sparewatt.faces.web.neighbourhood_ask import Ask, Done, Form
from sparewatt.faces.web.neighbourhood_device_forms import NO_FILE
from sparewatt.faces.web.neighbourhood_fields import (
    CURVE_FORMS,
    choice_field,
    counted,
    curve_names,
    number_field,
    text_field,
    upload_button,
)
from sparewatt.inputs.community.read import BASE_LOADS
from sparewatt.inputs.community.scaled_text import number_text, thousandfold_text
from sparewatt.studies.neighbourhood_edits import (
    add_house,
    next_number,
    put_base_load,
    put_battery,
    remove_battery,
    remove_house,
)
from sparewatt.studies.neighbourhood_lines import BatteryLine
from sparewatt.studies.neighbourhood_view import house_views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component

_MANY = 12
"""Houses among which a new one is not seen at once."""


def _battery_fields(ask: Ask) -> Sequence[Component]:
    line = next((b for b in ask.draft.batteries if b.house == ask.args["house"]), None)
    kwh, charge, discharge = (float(x) / 1000 for x in line[1:4]) if line is not None else (5.0, 2.5, 2.5)
    efficiency, start = (float(line[4]), float(line[5])) if line is not None else (0.95, 0.0)
    return [
        number_field(ask, "capacity", "Usable energy [kWh]", kwh, low=0),
        number_field(ask, "charge", "Highest power in [kW]", charge, low=0),
        number_field(ask, "discharge", "Highest power out [kW]", discharge, low=0),
        number_field(
            ask, "efficiency", "Efficiency each way [%]", round(100 * efficiency, 9), low=0, high=100
        ),
        number_field(ask, "start", "Charged at the beginning [%]", round(100 * start, 9), low=0, high=100),
    ]


def _apply_battery(ask: Ask) -> Done:
    powers = [
        thousandfold_text(ask.number(name, label))
        for name, label in (("capacity", "Usable energy"), ("charge", "Power in"), ("discharge", "Power out"))
    ]
    shares = [
        number_text(round(ask.number(name, label) / 100, 12))
        for name, label in (("efficiency", "Efficiency"), ("start", "Charged at the beginning"))
    ]
    line = BatteryLine(str(ask.args["house"]), powers[0], powers[1], powers[2], shares[0], shares[1])
    return Done(put_battery(ask.draft, line))


def _battery_loss(ask: Ask) -> Sequence[Component]:
    line = next((b for b in ask.draft.batteries if b.house == ask.args["house"]), None)
    if line is None:
        raise SparewattError(f"House {ask.args['house']} has no battery any more.")
    words = f"It holds {float(line.capacity_wh) / 1000:g} kWh. What the roof has over is fed in then."
    return [dmc.Text(words)]


def _base_fields(ask: Ask) -> Sequence[Component]:
    names = curve_names(ask.draft, BASE_LOADS)
    there = next((line.file for line in ask.draft.base if line.house == ask.args["house"]), NO_FILE)
    options = [(NO_FILE, "None"), *((name, name) for name in names)]
    return [
        choice_field(ask, "file", "Base load, which nobody can move", options, there),
        upload_button("Upload a base load", f"field:file:{BASE_LOADS}"),
        dmc.Text(CURVE_FORMS[BASE_LOADS], className="quiet", size="sm"),
    ]


def _apply_base(ask: Ask) -> Done:
    file = ask.text("file")
    return Done(put_base_load(ask.draft, str(ask.args["house"]), "" if file == NO_FILE else file))


def _house_fields(ask: Ask) -> Sequence[Component]:
    return [text_field(ask, "house", "House", next_number(ask.draft.houses), "A number or a short name.")]


def _apply_house(ask: Ask) -> Done:
    house = ask.text("house")
    words = f"House {house} is there, the last in the street." if len(ask.draft.houses) > _MANY else ""
    return Done(add_house(ask.draft, house), words=words)


def _house_loss(ask: Ask) -> Sequence[Component]:
    house = str(ask.args["house"])
    view = next((v for v in house_views(ask.draft) if v.house == house), None)
    if view is None:
        raise SparewattError(f"There is no house {house} any more.")
    jobs = view.other_jobs + sum(d.jobs for d in view.devices)
    parts = [counted(len(view.devices), "device"), counted(jobs, "job")]
    parts = [words for words in parts if not words.startswith("0 ")]
    parts += ["its battery"] if view.battery else []
    parts += ["its base load"] if view.base_load else []
    if not parts:
        return [dmc.Text(f"Nothing is in house {house}.")]
    words = f"House {house} goes with {', '.join(parts)}. Files of profiles and forecasts stay."
    return [dmc.Text(words)]


HOUSE_FORMS: dict[str, Form] = {
    "house": Form(lambda _: "Add a house", _house_fields, _apply_house, "Add"),
    "drop-house": Form(
        lambda a: f"Delete house {a.args['house']}?",
        _house_loss,
        lambda a: Done(remove_house(a.draft, str(a.args["house"]))),
        "Delete the house",
        is_danger=True,
    ),
    "battery": Form(lambda a: f"Battery of house {a.args['house']}", _battery_fields, _apply_battery),
    "drop-battery": Form(
        lambda a: f"Delete the battery of house {a.args['house']}?",
        _battery_loss,
        lambda a: Done(remove_battery(a.draft, str(a.args["house"]))),
        "Delete the battery",
        is_danger=True,
    ),
    "base": Form(lambda a: f"Base load of house {a.args['house']}", _base_fields, _apply_base),
}
