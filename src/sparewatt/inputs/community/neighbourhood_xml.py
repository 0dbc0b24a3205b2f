"""Neighbourhood XML: houses, users and their devices with name, template and type."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from sparewatt.inputs.community.cell_values import is_plain, read_house
from sparewatt.inputs.community.xml_tree import read_xml
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.tables.parse import CellError
from sparewatt.model.neighbourhood import Device

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sparewatt.finding import Finding
    from sparewatt.inputs.community.xml_tree import XmlElement

HOUSES = "neighbourhood.xml"
_DEVICE_FORM = "<device><id>219</id><name>…</name><template>…</template><type>…</type></device>"


@dataclass(frozen=True)
class HouseList:
    """Houses and devices by name.

    Parameters
    ----------
    name
        Of the neighbourhood; may be empty.
    houses
        Unique ids.
    devices
        In the order of the file.
    """

    name: str
    houses: tuple[str, ...]
    devices: tuple[Device, ...]


def read_house_list(content: bytes, name: str = HOUSES) -> tuple[HouseList | None, tuple[Finding, ...]]:
    """Read a neighbourhood XML.

    Only nesting and the named children count: the root is the neighbourhood, its children are houses,
    theirs users, theirs devices, whatever the tags are called. Neighbourhood, houses and users carry an
    attribute ``id``; a device has children ``id``, ``name``, ``template`` and ``type``, of which ``id`` is
    needed.

    Parameters
    ----------
    content
        The file.
    name
        How people call it.

    Returns
    -------
    What it says, or ``None`` where any finding is an error; and all findings.
    """
    log = FindingLog()
    houses = house_list(content, name, log)
    return (None if log.errors else houses), log.findings()


def house_list(content: bytes, name: str, log: FindingLog) -> HouseList | None:
    """As `read_house_list`, with a log that goes on."""
    root = read_xml(name, content, log)
    if root is None:
        return None
    if not is_plain(root.id):
        message, remedy = "holds characters that cannot be shown", "plain text"
        log.add("community.value.name", "error", f"{name} row {root.line}", message, root.id, remedy)
    houses: dict[str, int] = {}
    devices: dict[tuple[str, str], Device] = {}
    homes: dict[str, str] = {}
    for house, element in read_houses(root, name, log):
        if house in houses:
            message = f"house {house} stands in row {houses[house]} already"
            where = f"{name} row {element.line}"
            log.add(
                "community.house.twice", "error", where, message, house, "one element per house", table=name
            )
        houses.setdefault(house, element.line)
        for user in element.children:
            for entry in user.children:
                device = _device(house, user, entry, name, log)
                if device is None:
                    continue
                where, key = f"{name} row {entry.line}", (house, device.device_id)
                if key in devices:
                    message = f"house {house} has a device {device.device_id} already"
                    remedy = "another id"
                    log.add(
                        "community.device.twice",
                        "error",
                        where,
                        message,
                        device.device_id,
                        remedy,
                        table=name,
                    )
                elif homes.setdefault(device.device_id, house) != house:
                    note_two_houses(device.device_id, (homes[device.device_id], house), where, name, log)
                devices.setdefault(key, device)
    return HouseList(root.id, tuple(houses), tuple(devices.values()))


def note_two_houses(device: str, houses: tuple[str, str], where: str, table: str, log: FindingLog) -> None:
    """Two houses have devices of one id: their jobs could be taken for each other's."""
    message = f"houses {houses[0]} and {houses[1]} both have a device {device}"
    remedy = "an id of its own for each device"
    log.add("community.device.two_houses", "error", where, message, device, remedy, ids=houses, table=table)


def read_houses(root: XmlElement, name: str, log: FindingLog) -> Iterator[tuple[str, XmlElement]]:
    """Children of the root that are houses, with their ids; others are noted."""
    for element in root.children:
        where = f"{name} row {element.line}"
        house = read_word(element.id, read_house, where, "house", name, log)
        if house is not None:
            yield house, element


def read_word(
    text: str | None, reader: Callable[[str], str], where: str, what: str, table: str, log: FindingLog
) -> str | None:
    """A text that is needed; what is wrong with it is noted."""
    if not text:
        message = f"the {what} has no id"
        log.add(
            "community.xml.id", "error", where, message, "", f'an id, such as <{what} id="57">', table=table
        )
        return None
    try:
        return reader(text)
    except CellError as problem:
        log.add(problem.rule, "error", where, f"the id {problem.message}", text, problem.remedy, table=table)
        return None


def _device(house: str, user: XmlElement, entry: XmlElement, name: str, log: FindingLog) -> Device | None:
    where = f"{name} row {entry.line}"
    device_id = read_word(entry.child_text("id"), read_house, where, "device", name, log)
    words = [entry.child_text(tag) or "" for tag in ("name", "template", "type")]
    for word in (user.id, *words):
        if not is_plain(word):
            message = "holds characters that cannot be shown"
            log.add("community.value.name", "error", where, message, word, _DEVICE_FORM, table=name)
            return None
    return None if device_id is None else Device(house, user.id, device_id, *words)


def house_list_text(houses: HouseList) -> str:
    """The XML of houses and devices; it reads as the same, devices in the order of houses and users."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<neighborhood id="{escape(houses.name)}">']
    by_house: dict[str, list[Device]] = {house: [] for house in houses.houses}
    for device in houses.devices:
        by_house[device.house].append(device)
    for house, devices in by_house.items():
        lines.append(f'  <house id="{escape(house)}">')
        for n, device in enumerate(devices):
            if n == 0 or device.user != devices[n - 1].user:
                lines.append(f'    <user id="{escape(device.user)}">')
            pairs = (
                ("id", device.device_id),
                ("name", device.name),
                ("template", device.template),
                ("type", device.kind),
            )
            inner = "".join(f"<{tag}>{escape(text, quote=False)}</{tag}>" for tag, text in pairs)
            lines.append(f"      <device>{inner}</device>")
            if n + 1 == len(devices) or devices[n + 1].user != device.user:
                lines.append("    </user>")
        lines.append("  </house>")
    return "\n".join([*lines, "</neighborhood>", ""])
