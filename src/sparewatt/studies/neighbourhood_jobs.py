"""Changes of a draft's jobs: by hand, of electric cars, and from jobs XML."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.errors import SparewattError
from sparewatt.inputs.community.events import CONSUMERS
from sparewatt.inputs.community.import_xml import import_jobs_xml
from sparewatt.inputs.community.jobs_xml_times import XmlTimes, read_xml_times
from sparewatt.inputs.community.names import job_id
from sparewatt.inputs.community.neighbourhood_xml import HOUSES
from sparewatt.inputs.community.read import LOADS
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.studies.neighbourhood_draft import draft_files, read_draft
from sparewatt.studies.neighbourhood_edits import find_device
from sparewatt.studies.neighbourhood_keeping import check_files, refuse_errors, write_files
from sparewatt.studies.neighbourhood_lines import EvLine, JobLine

if TYPE_CHECKING:
    from collections.abc import Collection

    from sparewatt.finding import Finding
    from sparewatt.studies.neighbourhood_draft import Draft


def put_job(
    draft: Draft,
    house: str,
    device_id: str,
    *,
    registered_s: int,
    earliest_s: int,
    latest_s: int,
    file: str,
    row: int | None = None,
) -> Draft:
    """A job of a consumer, new or in the place of one.

    Parameters
    ----------
    draft
        What is changed.
    house, device_id
        Whose it is.
    registered_s, earliest_s, latest_s
        When it becomes known, and the window of its start [UNIX s].
    file
        Load profile in ``loads``.
    row
        Row of the job that it takes the place of; ``None``: it is a new one.
    """
    find_device(draft, house, device_id)
    if f"{LOADS}/{file}" not in draft.curves:
        raise SparewattError(f"Choose a load profile; there is no file {file or 'yet'}.")
    if latest_s < earliest_s:
        raise SparewattError(
            f"The latest start, {moment(latest_s)}, is before the earliest start, {moment(earliest_s)}."
        )
    if registered_s > latest_s:
        raise SparewattError(
            f"The job is registered {moment(registered_s)}, after its latest start, {moment(latest_s)}."
        )
    before = None if row is None else _line(draft.jobs, row)
    name = _name_for(draft, house, device_id, None if before is None else before.job_id)
    line = JobLine(str(registered_s), str(earliest_s), str(latest_s), name, file)
    _judge(replace(draft, jobs=(line,), evs=()))
    if row is None:
        return replace(draft, jobs=(*draft.jobs, line))
    return replace(draft, jobs=(*draft.jobs[:row], line, *draft.jobs[row + 1 :]))


def put_ev_job(
    draft: Draft,
    house: str,
    device_id: str,
    *,
    registered_s: int,
    earliest_s: int,
    ready_by_s: int,
    energy_wh: str,
    min_w: str,
    max_w: str,
    row: int | None = None,
) -> Draft:
    """Charging of an electric car that chooses its power, new or in the place of one; as of `put_job`."""
    find_device(draft, house, device_id)
    before = None if row is None else _line(draft.evs, row)
    name = _name_for(draft, house, device_id, None if before is None else before.job_id)
    line = EvLine(name, str(registered_s), str(earliest_s), str(ready_by_s), energy_wh, min_w, max_w)
    _judge(replace(draft, jobs=(), evs=(line,)))
    if row is None:
        return replace(draft, evs=(*draft.evs, line))
    return replace(draft, evs=(*draft.evs[:row], line, *draft.evs[row + 1 :]))


def remove_jobs(draft: Draft, rows: Collection[int], ev_rows: Collection[int] = ()) -> Draft:
    """Without the jobs in some rows of their tables."""
    return replace(
        draft,
        jobs=tuple(line for n, line in enumerate(draft.jobs) if n not in rows),
        evs=tuple(line for n, line in enumerate(draft.evs) if n not in ev_rows),
    )


def time_zero_s(draft: Draft) -> int | None:
    """Time 0 of a neighbourhood [UNIX s]: its earliest registration or forecast; ``None`` without one."""
    stamps = [line.registered for line in draft.jobs]
    stamps += [line.registered for line in draft.evs]
    stamps += [line.issued for line in draft.forecasts]
    return min((int(stamp) for stamp in stamps if stamp.isdecimal()), default=None)


def jobs_xml_times(content: bytes, name: str) -> XmlTimes:
    """How many jobs a jobs XML has, and between which times; an InputError where it is none."""
    log = FindingLog()
    times = read_xml_times(content, name, log)
    refuse_errors(log.findings())
    return times or XmlTimes(0, 0, 0)


def merge_jobs_xml(
    draft: Draft, content: bytes, name: str, offset_s: int = 0
) -> tuple[Draft, tuple[Finding, ...]]:
    """The jobs of a jobs XML beside those that are there; all findings.

    Parameters
    ----------
    draft
        What is changed.
    content, name
        The file.
    offset_s
        Added to every time: 0 where they are UNIX seconds, else the moment that they count from [UNIX s].

    Raises
    ------
    InputError
        The XML breaks rules: a device that is not in the neighbourhood, a load that there is no file of, …
    """
    with tempfile.TemporaryDirectory(prefix="sparewatt-jobs-") as inside:
        folder, source = Path(inside) / "neighbourhood", Path(inside) / "upload" / Path(name).name
        folder.mkdir()
        source.parent.mkdir()
        source.write_bytes(content)
        loads = {path: text for path, text in draft.curves.items() if path.startswith(f"{LOADS}/")}
        alone = replace(draft, forecasts=(), evs=(), batteries=(), base=(), tariff=None, curves=loads)
        files = draft_files(alone)
        write_files(files, folder)
        findings = refuse_errors(import_jobs_xml(source, folder, offset_s=offset_s))
        files = {HOUSES: files[HOUSES], CONSUMERS: (folder / CONSUMERS).read_text(encoding="utf-8")}
    return replace(draft, jobs=read_draft(draft.name, files).jobs), findings


def moment(time_s: int) -> str:
    """A time for people, in UTC."""
    return f"{datetime.fromtimestamp(time_s, tz=UTC):%d %b %Y %H:%M}"


def _judge(alone: Draft) -> None:
    """Refuse a draft of one job that breaks rules."""
    curves = {path: alone.curves[path] for path in (f"{LOADS}/{job.file}" for job in alone.jobs)}
    alone = replace(alone, forecasts=(), batteries=(), base=(), tariff=None, curves=curves)
    refuse_errors(check_files(draft_files(alone)))


def _name_for(draft: Draft, house: str, device_id: str, before: str | None) -> str:
    """The id of a job: the one that it had where it is of the same device, else the next of the device."""
    start = f"[{house}]:[{device_id}]:["
    if before is not None and before.startswith(start):
        return before
    taken = {*(line.job_id for line in draft.jobs), *(line.job_id for line in draft.evs)}
    number = Counter(name.startswith(start) for name in taken)[True] + 1
    while job_id(house, device_id, number) in taken:
        number += 1
    return job_id(house, device_id, number)


def _line(lines: tuple[JobLine, ...] | tuple[EvLine, ...], row: int) -> JobLine | EvLine:
    if not 0 <= row < len(lines):
        raise SparewattError("That job is not there any more.")
    return lines[row]
