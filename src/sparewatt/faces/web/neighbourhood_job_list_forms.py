"""Forms of many jobs at once: those that are deleted, and those of a jobs XML."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dash_mantine_components as dmc

from sparewatt.errors import SparewattError
from sparewatt.faces.api.uploads import upload_folder
from sparewatt.faces.web.neighbourhood_ask import Ask, Done, Form, field_id, minute_text
from sparewatt.faces.web.neighbourhood_fields import time_field
from sparewatt.inputs.community.cell_values import FIRST_S, LAST_S
from sparewatt.studies.neighbourhood_job_list import find_rows
from sparewatt.studies.neighbourhood_jobs import (
    jobs_xml_times,
    merge_jobs_xml,
    moment,
    remove_jobs,
    time_zero_s,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.inputs.community.jobs_xml_times import XmlTimes

_MOST_NAMED = 6
_UNIX, _ZERO, _OTHER = "unix", "zero", "other"


def _chosen_jobs(ask: Ask) -> tuple[set[int], set[int]]:
    """Rows of jobs, and of those of cars, that are ticked, or that the filters find."""
    chosen = [(str(one["kind"]), int(one["row"])) for one in ask.args.get("selected") or []]
    if ask.args.get("found"):
        found = find_rows(ask.sight.jobs, ask.args.get("filter"))
        chosen = [(row.kind, row.row) for row in found]
    rows = {kind: {n for one, n in chosen if one == kind} for kind in ("job", "ev")}
    return rows["job"], rows["ev"]


def _loss(ask: Ask) -> Sequence[Component]:
    rows, evs = _chosen_jobs(ask)
    count, all_jobs = len(rows) + len(evs), len(ask.sight.jobs)
    if not count:
        raise SparewattError("Select the jobs first, in the boxes at the left of the table.")
    words = f"{count:,} of {all_jobs:,} jobs will be deleted." if count < all_jobs else "All jobs will go."
    names = [row.job for row in ask.sight.jobs if row.row in (evs if row.kind == "ev" else rows)]
    more = f" and {count - _MOST_NAMED:,} more" if count > _MOST_NAMED else ""
    return [
        dmc.Text(words),
        dmc.Text(f"{', '.join(names[:_MOST_NAMED])}{more}", className="quiet", size="sm"),
    ]


def _apply_loss(ask: Ask) -> Done:
    return Done(remove_jobs(ask.draft, *_chosen_jobs(ask)))


def _file(ask: Ask) -> tuple[bytes, str]:
    """The uploaded XML and its name."""
    folder = upload_folder(ask.place, str(ask.args["upload"]))
    path = min(path for path in folder.rglob("*") if path.is_file())
    return path.read_bytes(), path.name


def _xml_fields(ask: Ask) -> Sequence[Component]:
    content, name = _file(ask)
    times = ask.place.reading.call(jobs_xml_times, content, name)
    if not times.jobs:
        raise SparewattError(f"There are no jobs in {name}.")
    zero_s = time_zero_s(ask.draft)
    options = [(_UNIX, "UNIX seconds, since 1970", _between(times, 0))]
    if zero_s is not None:
        words = f"Seconds since time 0 of this neighbourhood, {moment(zero_s)} UTC"
        options.append((_ZERO, words, _between(times, zero_s)))
    options.append((_OTHER, "Seconds since another moment", "Fill in the moment below."))
    likely = _UNIX if times.first_s >= FIRST_S else _OTHER if zero_s is None else _ZERO
    count = f"{times.jobs:,} job{'s' if times.jobs != 1 else ''}"
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        dmc.Text(f"{name}: {count}, with times from {times.first_s:,} s to {times.last_s:,} s."),
        dmc.RadioGroup(
            id=field_id("times"),
            label="What do these times count?",
            value=ask.values.get("times", likely),
            children=dmc.Stack(
                [dmc.Radio(value=v, label=words, description=told) for v, words, told in options],
                gap="xs",
                mt="xs",
            ),
        ),
        time_field(
            ask,
            "moment",
            "The other moment [UTC]",
            minute_text(int(today.timestamp()) if zero_s is None else zero_s),
            "Where second 0 of the file is; only for the last choice.",
        ),
    ]


def _between(times: XmlTimes, offset_s: int) -> str:
    """The times of a file in words, if they count from a moment."""
    first_s, last_s = times.first_s + offset_s, times.last_s + offset_s
    if first_s < FIRST_S or last_s > LAST_S:
        return "Then they would be no times of the years 1971 to 2199."
    return f"Then they are {moment(first_s)} to {moment(last_s)} UTC."


def _apply_xml(ask: Ask) -> Done:
    content, name = _file(ask)
    offset_s = 0
    if ask.text("times") == _ZERO:
        offset_s = time_zero_s(ask.draft) or 0
    elif ask.text("times") == _OTHER:
        offset_s = ask.time_s("moment", "The other moment")
    draft, findings = ask.place.reading.call(merge_jobs_xml, ask.draft, content, name, offset_s)
    count = len(draft.jobs) - len(ask.draft.jobs)
    words = f"{name} brought {count:,} job{'s' if count != 1 else ''}."
    return Done(draft, findings=findings, words=words)


JOB_LIST_FORMS: dict[str, Form] = {
    "drop-jobs": Form(lambda _: "Delete jobs?", _loss, _apply_loss, "Delete", is_danger=True),
    "jobs-xml": Form(lambda _: "Import jobs", _xml_fields, _apply_xml, "Import"),
}
