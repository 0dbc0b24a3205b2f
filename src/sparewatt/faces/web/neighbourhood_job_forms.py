"""Forms of jobs: of consumers and of electric cars."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc

from sparewatt.errors import SparewattError
from sparewatt.faces.web.neighbourhood_ask import Ask, Done, Form, minute_text
from sparewatt.faces.web.neighbourhood_fields import (
    choice_field,
    curve_names,
    number_field,
    time_field,
    upload_button,
)
from sparewatt.faces.web.neighbourhood_job_list_forms import JOB_LIST_FORMS
from sparewatt.inputs.community.names import read_job_id
from sparewatt.inputs.community.read import LOADS
from sparewatt.inputs.community.scaled_text import thousandfold_text
from sparewatt.studies.neighbourhood_jobs import put_ev_job, put_job
from sparewatt.studies.neighbourhood_view import DeviceView, Role, house_views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_draft import Draft

_DAY_S, _HOUR_S = 86400, 3600


def _devices(draft: Draft, role: Role) -> list[DeviceView]:
    return [d for view in house_views(draft) for d in view.devices if d.role == role]


def _options(devices: Sequence[DeviceView]) -> list[tuple[str, str]]:
    return [(_key(d), f"{d.label}, house {d.device.house} (number {d.device.device_id})") for d in devices]


def _key(view: DeviceView) -> str:
    return f"{view.device.house};{view.device.device_id}"


def _chosen(ask: Ask) -> tuple[str, str]:
    house, _, device = ask.text("device").partition(";")
    if not device:
        raise SparewattError("Choose the device whose job it is.")
    return house, device


def _row(ask: Ask) -> int | None:
    """The row that a form changes; ``None``: a new job."""
    selected = ask.args.get("selected") or []
    return int(selected[0]["row"]) if ask.args.get("change") and selected else None


def _begin_s(draft: Draft) -> int:
    """Where a first job would be: where the others are, or the forecasts, or today."""
    stamps = [line.registered for line in draft.jobs] or [line.issued for line in draft.forecasts]
    known = [int(stamp) for stamp in stamps if stamp.isdecimal()]
    return max(known) if draft.jobs and known else min(known, default=int(time.time()) // _DAY_S * _DAY_S)


def _job_fields(ask: Ask) -> Sequence[Component]:
    devices, row = _devices(ask.draft, "consumer"), _row(ask)
    if not devices:
        return [dmc.Text("There is no consumer yet. Add one to a house under Street; jobs are of consumers.")]
    line = None if row is None else ask.draft.jobs[row]
    place = None if line is None else read_job_id(line.job_id)
    first = next((d for d in devices if d.profile), devices[0])
    key = _key(first) if place is None else f"{place.house};{place.device}"
    begin_s = _begin_s(ask.draft)
    times = (begin_s, begin_s, begin_s + 2 * _HOUR_S)
    if line is not None:
        times = tuple(int(t) for t in line[:3])  # type: ignore[assignment]
    names = curve_names(ask.draft, LOADS)
    profile = (first.profile or next(iter(names), None)) if line is None else line.file
    return [
        choice_field(ask, "device", "Device", _options(devices), key),
        choice_field(ask, "profile", "Load profile", [(n, n) for n in names], profile),
        upload_button("Upload a profile", f"field:profile:{LOADS}"),
        time_field(ask, "registered", "Registered [UTC]", minute_text(times[0]), "When it becomes known."),
        dmc.SimpleGrid(
            [
                time_field(ask, "earliest", "Earliest start [UTC]", minute_text(times[1])),
                time_field(ask, "latest", "Latest start [UTC]", minute_text(times[2])),
            ],
            cols={"base": 1, "xs": 2},
        ),
    ]


def _apply_job(ask: Ask) -> Done:
    house, device = _chosen(ask)
    draft = put_job(
        ask.draft,
        house,
        device,
        registered_s=ask.time_s("registered", "Registered"),
        earliest_s=ask.time_s("earliest", "Earliest start"),
        latest_s=ask.time_s("latest", "Latest start"),
        file=ask.text("profile"),
        row=_row(ask),
    )
    return Done(draft)


def _ev_fields(ask: Ask) -> Sequence[Component]:
    devices, row = _devices(ask.draft, "ev"), _row(ask)
    if not devices:
        return [dmc.Text("There is no electric car yet. Add one to a house under Street.")]
    line = None if row is None else ask.draft.evs[row]
    place = None if line is None else read_job_id(line.job_id)
    key = _key(devices[0]) if place is None else f"{place.house};{place.device}"
    begin_s = _begin_s(ask.draft)
    times = (begin_s, begin_s, begin_s + 8 * _HOUR_S)
    watts = (8000.0, 1400.0, 7400.0)
    if line is not None:
        times = tuple(int(t) for t in line[1:4])  # type: ignore[assignment]
        watts = tuple(float(w) for w in line[4:7])  # type: ignore[assignment]
    return [
        choice_field(ask, "device", "Electric car", _options(devices), key),
        time_field(ask, "registered", "Registered [UTC]", minute_text(times[0]), "When it becomes known."),
        dmc.SimpleGrid(
            [
                time_field(ask, "earliest", "May begin [UTC]", minute_text(times[1])),
                time_field(ask, "ready_by", "Ready by [UTC]", minute_text(times[2])),
            ],
            cols={"base": 1, "xs": 2},
        ),
        dmc.SimpleGrid(
            [
                number_field(ask, "energy", "Energy [kWh]", watts[0] / 1000, low=0),
                number_field(ask, "least", "Least power [kW]", watts[1] / 1000, low=0),
                number_field(ask, "most", "Most power [kW]", watts[2] / 1000, low=0),
            ],
            cols={"base": 1, "xs": 3},
        ),
        dmc.Text(
            "While it charges it draws any power between the least and the most.",
            className="quiet",
            size="sm",
        ),
    ]


def _apply_ev(ask: Ask) -> Done:
    house, device = _chosen(ask)
    draft = put_ev_job(
        ask.draft,
        house,
        device,
        registered_s=ask.time_s("registered", "Registered"),
        earliest_s=ask.time_s("earliest", "May begin"),
        ready_by_s=ask.time_s("ready_by", "Ready by"),
        energy_wh=thousandfold_text(ask.number("energy", "Energy")),
        min_w=thousandfold_text(ask.number("least", "Least power")),
        max_w=thousandfold_text(ask.number("most", "Most power")),
        row=_row(ask),
    )
    return Done(draft)


def change_form(selected: Sequence[dict[str, Any]]) -> str:
    """The form that changes a selected job."""
    if len(selected) != 1:
        raise SparewattError("Select one job to change it.")
    return "ev-job" if selected[0]["kind"] == "ev" else "job"


JOB_FORMS: dict[str, Form] = {
    "job": Form(lambda a: "Change a job" if a.args.get("change") else "Add a job", _job_fields, _apply_job),
    "ev-job": Form(
        lambda a: "Change charging" if a.args.get("change") else "Charge an electric car",
        _ev_fields,
        _apply_ev,
    ),
    **JOB_LIST_FORMS,
}
