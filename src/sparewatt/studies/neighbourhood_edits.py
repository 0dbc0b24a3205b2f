"""Changes of a draft's houses and devices: pure functions; what does not fit is told in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparewatt.errors import SparewattError
from sparewatt.inputs.community.cell_values import is_plain, read_house
from sparewatt.inputs.community.names import read_job_id, read_producer_id
from sparewatt.inputs.community.neighbourhood_xml import HouseList, house_list
from sparewatt.inputs.community.read import BASE_LOADS
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.tables.parse import CellError
from sparewatt.studies.neighbourhood_draft import draft_files
from sparewatt.studies.neighbourhood_keeping import check_files, plain_name, refuse_errors
from sparewatt.studies.neighbourhood_lines import BaseLine, BatteryLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sparewatt.finding import Finding
    from sparewatt.inputs.community.names import Place
    from sparewatt.model.neighbourhood import Device
    from sparewatt.studies.neighbourhood_draft import Draft

USER = "1"
"""User of devices that are added by hand."""


def rename(draft: Draft, name: str) -> Draft:
    """Call the neighbourhood something else."""
    return replace(draft, name=plain_name(name))


def next_number(taken: Iterable[str]) -> str:
    """The smallest number from 1 that is above all numbers that are taken."""
    return str(max((int(t) for t in taken if t.isascii() and t.isdecimal()), default=0) + 1)


def add_house(draft: Draft, house: str) -> Draft:
    """A house more."""
    house = _plain_id(house, "house")
    if house in draft.houses:
        raise SparewattError(f"There is a house {house} already; choose another number.")
    return replace(draft, houses=(*draft.houses, house))


def remove_house(draft: Draft, house: str) -> Draft:
    """A house less, with all that is in it: devices, jobs, forecasts, battery, base load."""
    _known_house(draft, house)
    left = _without(draft, lambda place: place.house == house)
    return replace(
        left,
        houses=tuple(h for h in draft.houses if h != house),
        devices=tuple(d for d in draft.devices if d.house != house),
        batteries=tuple(line for line in draft.batteries if line.house != house),
        base=tuple(line for line in draft.base if line.house != house),
    )


def add_device(draft: Draft, device: Device) -> Draft:
    """A device more."""
    _known_house(draft, device.house)
    device = replace(device, user=device.user or USER, device_id=_plain_id(device.device_id, "device"))
    _plain_words(device)
    for other in draft.devices:
        if other.device_id == device.device_id:
            raise SparewattError(
                f"House {other.house} has a device {device.device_id} already; choose another number."
            )
    return replace(draft, devices=(*draft.devices, device))


def change_device(draft: Draft, house: str, device_id: str, *, name: str, template: str) -> Draft:
    """Another name, or another load profile (the file's name without ``.csv``), of a device."""
    found = find_device(draft, house, device_id)
    changed = replace(found, name=name.strip(), template=template)
    _plain_words(changed)
    return replace(draft, devices=tuple(changed if d == found else d for d in draft.devices))


def remove_device(draft: Draft, house: str, device_id: str) -> Draft:
    """A device less, with its jobs and forecasts."""
    found = find_device(draft, house, device_id)
    left = _without(draft, lambda place: (place.house, place.device) == (house, device_id))
    return replace(left, devices=tuple(d for d in draft.devices if d != found))


def find_device(draft: Draft, house: str, device_id: str) -> Device:
    """A device of a house."""
    for device in draft.devices:
        if (device.house, device.device_id) == (house, device_id):
            return device
    raise SparewattError(f"There is no device {device_id} in house {house} any more.")


def put_battery(draft: Draft, line: BatteryLine) -> Draft:
    """A battery for a house, in the place of the one that it has; its numbers are judged."""
    _known_house(draft, line.house)
    alone = replace(draft, jobs=(), forecasts=(), evs=(), base=(), batteries=(line,), curves={}, tariff=None)
    refuse_errors(check_files(draft_files(alone)))
    batteries = {one.house: one for one in draft.batteries} | {line.house: line}
    return replace(draft, batteries=tuple(batteries.values()))


def remove_battery(draft: Draft, house: str) -> Draft:
    """A house without its battery."""
    return replace(draft, batteries=tuple(line for line in draft.batteries if line.house != house))


def put_base_load(draft: Draft, house: str, file: str) -> Draft:
    """Base load for a house: a file of ``base_loads``; empty: none."""
    _known_house(draft, house)
    if file and f"{BASE_LOADS}/{file}" not in draft.curves:
        raise SparewattError(f"There is no base-load file {file} any more.")
    base = {line.house: line for line in draft.base if line.house != house}
    if file:
        base[house] = BaseLine(house, file)
    return replace(draft, base=tuple(base.values()))


def merge_xml(draft: Draft, content: bytes, name: str) -> tuple[Draft, tuple[Finding, ...]]:
    """Houses and devices of a neighbourhood XML beside those that are there; devices of both are as in it.

    Raises
    ------
    InputError
        The XML breaks rules, or a device of it is in another house here.
    """
    log = FindingLog()
    told = house_list(content, name, log)
    findings = refuse_errors(log.findings())
    told = told or HouseList("", (), ())
    new = {device.device_id: device for device in told.devices}
    for device in draft.devices:
        other = new.get(device.device_id)
        if other is not None and other.house != device.house:
            message = f"device {device.device_id} is in house {device.house} here"
            remedy = "an id of its own for each device"
            log.add("community.device.two_houses", "error", name, message, f"house {other.house}", remedy)
    refuse_errors(log.findings())
    here = {device.device_id for device in draft.devices}
    devices = [new.get(device.device_id, device) for device in draft.devices]
    devices += [device for device in told.devices if device.device_id not in here]
    houses = tuple(dict.fromkeys([*draft.houses, *told.houses]))
    return replace(draft, houses=houses, devices=tuple(devices)), findings


def _without(draft: Draft, goes: Callable[[Place], bool]) -> Draft:
    """A draft without the jobs and forecasts of some places."""

    def stays(place: Place | None) -> bool:
        return place is None or not goes(place)

    return replace(
        draft,
        jobs=tuple(line for line in draft.jobs if stays(read_job_id(line.job_id))),
        evs=tuple(line for line in draft.evs if stays(read_job_id(line.job_id))),
        forecasts=tuple(line for line in draft.forecasts if stays(read_producer_id(line.producer))),
    )


def _known_house(draft: Draft, house: str) -> None:
    if house not in draft.houses:
        raise SparewattError(f"There is no house {house} any more.")


def _plain_id(text: str, what: str) -> str:
    try:
        return read_house(text.strip())
    except CellError:
        raise SparewattError(
            f"A {what} needs a number or a short name without the signs [ ] : ; #, such as 57."
        ) from None


def _plain_words(device: Device) -> None:
    if not all(map(is_plain, (device.name, device.template, device.kind))):
        raise SparewattError("The name holds characters that cannot be shown.")
