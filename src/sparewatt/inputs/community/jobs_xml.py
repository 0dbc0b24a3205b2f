"""Jobs XML: when devices of a neighbourhood are to run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from sparewatt.inputs.community.cell_values import read_house, read_stamp_s
from sparewatt.inputs.community.neighbourhood_xml import read_houses, read_word
from sparewatt.inputs.community.xml_tree import read_xml
from sparewatt.inputs.tables.parse import CellError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.inputs.community.xml_tree import XmlElement
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.model.neighbourhood import Device, Neighbourhood

JOBS = "jobs.xml"
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")
TIMES = ("creation_time", "est", "lst")
"""Children of a job that hold its times."""


@dataclass(frozen=True)
class XmlJob:
    """A job of a jobs XML.

    Parameters
    ----------
    house, device
        Whose load it is.
    registered_s, earliest_s, latest_s
        As in consumer_event.csv [UNIX s].
    load
        File in ``loads/``.
    line
        Where it stands.
    """

    house: str
    device: str
    registered_s: int
    earliest_s: int
    latest_s: int
    load: str
    line: int


def read_xml_jobs(
    content: bytes, name: str, devices: Sequence[Device], log: FindingLog, *, offset_s: int = 0
) -> list[XmlJob]:
    """Jobs of a jobs XML; those that are wrong are noted and left out.

    Only nesting and the named children count, as in a neighbourhood XML: houses, users, and a device for
    each job with the children ``id``, ``creation_time``, ``est`` (earliest start) and ``lst`` (latest start),
    in whole seconds. Its load is the file of ``loads/`` that a child ``load`` names; without one
    ``<template>.csv``, the template being that of the device in the neighbourhood.

    Parameters
    ----------
    content, name
        The file, and how people call it.
    devices
        Devices of the neighbourhood.
    log
        Where problems are noted.
    offset_s
        Added to every time, where these do not count from 1970 [s].
    """
    root = read_xml(name, content, log)
    if root is None:
        return []
    known = {(d.house, d.device_id): d for d in devices}
    jobs = []
    for house, element in read_houses(root, name, log):
        for user in element.children:
            for entry in user.children:
                job = _job(house, entry, known, name, log, offset_s)
                if job is not None:
                    jobs.append(job)
    if not jobs and not log.errors:
        log.add("community.jobs.none", "warning", name, "there are no jobs in the file")
    return jobs


def _job(
    house: str,
    entry: XmlElement,
    known: Mapping[tuple[str, str], Device],
    name: str,
    log: FindingLog,
    offset_s: int,
) -> XmlJob | None:
    where, before = f"{name} row {entry.line}", log.errors
    device = read_word(entry.child_text("id"), read_house, where, "device", name, log)
    times = [_time(entry, tag, where, name, log, offset_s) for tag in TIMES]
    if device is None or log.errors > before:
        return None
    found = known.get((house, device))
    if found is None:
        homes = [d.house for d in known.values() if d.device_id == device]
        message = f"the neighbourhood has no device {device} in house {house}"
        remedy = (
            f"it has one in house {homes[0]}" if homes else "add it to the neighbourhood, or leave it out"
        )
        log.add("community.device.unknown", "error", where, message, device, remedy, table=name)
        return None
    _check_window(times, where, name, log)
    load = entry.child_text("load") or (f"{found.template}.csv" if found.template else "")
    if not load:
        message = f"neither the job nor device {device} says which load it is"
        remedy = "a template of the device, or <load>97.csv</load> in the job"
        log.add("community.xml.load", "error", where, message, device, remedy, table=name)
    if log.errors > before:
        return None
    return XmlJob(house, device, times[0], times[1], times[2], load, entry.line)


def _time(entry: XmlElement, tag: str, where: str, name: str, log: FindingLog, offset_s: int) -> int:
    """A time of a job [UNIX s]; 0 where it is wrong, which is noted."""
    text = entry.child_text(tag)
    try:
        if not text:
            message, remedy = "is not given", f"<{tag}>1460246400</{tag}>"
            log.add("community.xml.time", "error", where, f"{tag} {message}", "", remedy, table=name)
            return 0
        return read_stamp_s(str(int(text) + offset_s) if WHOLE_NUMBER.fullmatch(text) else text)
    except CellError as problem:
        log.add(
            problem.rule, "error", where, f"{tag} {problem.message}", text or "", problem.remedy, table=name
        )
        return 0


def _check_window(times: Sequence[int], where: str, name: str, log: FindingLog) -> None:
    registered_s, earliest_s, latest_s = times
    if latest_s < earliest_s:
        message = f"the latest start is {earliest_s - latest_s} s before the earliest start"
        remedy = f"{earliest_s} or later"
        log.add("community.jobs.window", "error", where, message, str(latest_s), remedy, table=name)
    if registered_s > latest_s:
        message = f"the job is registered {registered_s - latest_s} s after its latest start"
        remedy = f"{latest_s} or earlier"
        log.add("community.jobs.registered", "error", where, message, str(registered_s), remedy, table=name)


def jobs_xml_text(neighbourhood: Neighbourhood, loads: Mapping[int, str]) -> str:
    """The jobs with load profiles as XML, in the order of houses and of the jobs in them.

    Parameters
    ----------
    neighbourhood
        The neighbourhood.
    loads
        File in ``loads/`` of each profile.
    """
    n, jobs = neighbourhood, neighbourhood.jobs
    by_house: list[list[int]] = [[] for _ in n.house_ids]
    for row in range(len(jobs)):
        if int(jobs.profile[row]) >= 0:
            by_house[int(jobs.house[row])].append(row)
    users = {(d.house, d.device_id): d.user for d in n.devices}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<neighborhood id="{escape(n.name)}">']
    for house, rows in zip(n.house_ids, by_house, strict=True):
        lines += [f'  <house id="{escape(house)}">'] if rows else []
        for row in rows:
            user = escape(users.get((house, jobs.device[row]), ""))
            times = (jobs.registered_s[row], jobs.earliest_s[row], jobs.latest_s[row])
            inner = f"<id>{escape(jobs.device[row], quote=False)}</id>"
            for tag, time_s in zip(TIMES, times, strict=True):
                inner += f"<{tag}>{int(time_s) + n.origin_s}</{tag}>"
            inner += f"<load>{escape(loads[int(jobs.profile[row])], quote=False)}</load>"
            lines.append(f'    <user id="{user}"><device>{inner}</device></user>')
        lines += ["  </house>"] if rows else []
    return "\n".join([*lines, "</neighborhood>", ""])
