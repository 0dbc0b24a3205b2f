"""Importing neighbourhood XML and jobs XML into a neighbourhood folder, and writing them out."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sparewatt.inputs.community.curve_text import read_points
from sparewatt.inputs.community.events import CONSUMER_COLUMNS, CONSUMERS, PRODUCERS
from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.folder_texts import load_names
from sparewatt.inputs.community.jobs_xml import jobs_xml_text, read_xml_jobs
from sparewatt.inputs.community.names import job_id, read_job_id
from sparewatt.inputs.community.neighbourhood_xml import (
    HOUSES,
    HouseList,
    house_list,
    house_list_text,
)
from sparewatt.inputs.community.read import LOADS
from sparewatt.inputs.community.text_table import read_event_table
from sparewatt.inputs.community.whole_text import write_whole_text
from sparewatt.inputs.finding_log import FindingLog

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.inputs.community.jobs_xml import XmlJob
    from sparewatt.model.neighbourhood import Neighbourhood


def import_neighbourhood_xml(path: Path, folder: Path) -> tuple[Finding, ...]:
    """Put houses and devices of a neighbourhood XML into a neighbourhood folder.

    The folder is made where it does not exist, with event files that have no lines yet. Houses and devices
    that it names already are replaced by those of the XML.

    Parameters
    ----------
    path
        The XML, in the form of `sparewatt.inputs.community.neighbourhood_xml.read_house_list`.
    folder
        The neighbourhood folder.

    Returns
    -------
    All findings; nothing is written where any is an error.
    """
    log = FindingLog()
    content = FolderFiles(path.parent, log).content(path.name)
    houses = None if content is None else house_list(content, path.name, log)
    if houses is not None and not log.errors:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole_text(folder / HOUSES, house_list_text(houses))
            for name in (CONSUMERS, PRODUCERS):
                if not (folder / name).exists():
                    write_whole_text(folder / name, "")
        except OSError as error:
            _note_unwritten(error, log)
    return log.findings()


def import_jobs_xml(path: Path, folder: Path, *, offset_s: int = 0) -> tuple[Finding, ...]:
    """Add the jobs of a jobs XML to a neighbourhood folder.

    Devices have to stand in the folder's ``neighbourhood.xml``, load files in its ``loads/``. The jobs of a
    device are numbered on from those that it has.

    Parameters
    ----------
    path
        The XML, in the form of `sparewatt.inputs.community.jobs_xml.read_xml_jobs`.
    folder
        The neighbourhood folder.
    offset_s
        Added to every time, where these do not count from 1970 [s].

    Returns
    -------
    All findings; nothing is written where any is an error.
    """
    log = FindingLog()
    files = FolderFiles(folder, log)
    content, named = FolderFiles(path.parent, log).content(path.name), files.content(HOUSES)
    houses = None if named is None else house_list(named, HOUSES, log)
    before = files.read(CONSUMERS) if files.has(CONSUMERS) else ""
    if content is None or houses is None or before is None:
        return log.findings()
    jobs = read_xml_jobs(content, path.name, houses.devices, log, offset_s=offset_s)
    _check_loads(jobs, files, path.name, log)
    lines = _event_lines(jobs, before)
    if not log.errors and lines:
        end = "" if not before or before.endswith("\n") else "\n"
        try:
            write_whole_text(folder / CONSUMERS, before + end + "".join(lines))
        except OSError as error:
            _note_unwritten(error, log)
    return log.findings()


def _check_loads(jobs: list[XmlJob], files: FolderFiles, name: str, log: FindingLog) -> None:
    """Each load is there and a profile."""
    lines = {job.load: job.line for job in reversed(jobs)}
    for load, line in lines.items():
        part = f"{LOADS}/{load}"
        text = files.read(part, f"{name} row {line}", load)
        if text is not None:
            read_points(part, text, log, from_zero=True)


def _event_lines(jobs: list[XmlJob], before: str) -> list[str]:
    """Lines for consumer_event.csv, ids numbered on."""
    table = read_event_table(CONSUMERS, before, CONSUMER_COLUMNS, FindingLog())  # reading it all tells
    taken = set(table.columns["job_id"])
    places = [read_job_id(text) for text in taken]
    counts = Counter((p.house, p.device) for p in places if p is not None)
    lines = []
    for job in jobs:
        key = (job.house, job.device)
        counts[key] += 1
        while job_id(*key, counts[key]) in taken:
            counts[key] += 1
        name = job_id(*key, counts[key])
        taken.add(name)
        lines.append(f"{job.registered_s};{job.earliest_s};{job.latest_s};{name};{job.load}\n")
    return lines


def _note_unwritten(error: OSError, log: FindingLog) -> None:
    message = f"the folder cannot be written: {error.strerror or type(error).__name__}"
    remedy = "a folder that can be written to"
    log.add("community.write.folder", "error", "neighbourhood folder", message, "", remedy)


def write_neighbourhood_xml(neighbourhood: Neighbourhood, path: Path) -> None:
    """Write houses and devices as XML."""
    n = neighbourhood
    write_whole_text(path, house_list_text(HouseList(n.name, n.house_ids, n.devices)))


def write_jobs_xml(neighbourhood: Neighbourhood, path: Path) -> None:
    """Write the jobs with load profiles as XML; loads are called as `write_neighbourhood` calls them."""
    write_whole_text(path, jobs_xml_text(neighbourhood, load_names(neighbourhood)))
