"""consumer_event.csv and producer_event.csv: who asks for which load when, who expects which production."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.cell_values import WRONG, read_stamp_s
from sparewatt.inputs.community.names import (
    JOB_FORM,
    PRODUCER_FORM,
    Place,
    read_job_id,
    read_producer_id,
)
from sparewatt.inputs.community.text_table import read_event_table, read_values
from sparewatt.inputs.tables.parse import CellError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.community.curve_files import CurveFiles
    from sparewatt.inputs.community.folder_files import FolderFiles
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.tables.raw_table import RawTable

CONSUMERS, PRODUCERS = "consumer_event.csv", "producer_event.csv"
CONSUMER_COLUMNS = ("registered", "earliest_start", "latest_start", "job_id", "load_file")
PRODUCER_COLUMNS = ("issued", "producer_id", "prediction_file")
NO_PLACE = Place("", "", is_device=False)


@dataclass(frozen=True)
class JobRows:
    """Jobs as a table tells them; a value that was wrong is -1 or empty.

    Parameters
    ----------
    table
        Where they stand.
    ids, places
        Ids as written; house and device that they name.
    registered_s, earliest_s, latest_s
        Shape (jobs,) [UNIX s].
    profile
        Number of the load curve, shape (jobs,).
    """

    table: RawTable
    ids: list[str]
    places: list[Place]
    registered_s: NDArray[np.int64]
    earliest_s: NDArray[np.int64]
    latest_s: NDArray[np.int64]
    profile: NDArray[np.int64]


@dataclass(frozen=True)
class ForecastRows:
    """Forecasts as their table tells them.

    Parameters
    ----------
    table, ids, places
        As of `JobRows`; one id for each forecast.
    issued_s
        Shape (forecasts,) [UNIX s].
    curve
        Number of the curve, shape (forecasts,).
    """

    table: RawTable
    ids: list[str]
    places: list[Place]
    issued_s: NDArray[np.int64]
    curve: NDArray[np.int64]


def read_job_rows(files: FolderFiles, loads: CurveFiles, log: FindingLog) -> JobRows | None:
    """Jobs of consumer_event.csv, with findings for what is wrong with single lines."""
    text = files.read(CONSUMERS)
    if text is None:
        return None
    table = read_event_table(CONSUMERS, text, CONSUMER_COLUMNS, log)
    times = [stamps(table, column, log) for column in CONSUMER_COLUMNS[:3]]
    places = read_values(table, "job_id", job_place, log, wrong=NO_PLACE)
    rows = np.array(loads.rows_of(table, "load_file"), np.int64)
    jobs = JobRows(table, list(table.columns["job_id"]), places, times[0], times[1], times[2], rows)
    _check_windows(jobs, log)
    return jobs


def read_forecast_rows(files: FolderFiles, predictions: CurveFiles, log: FindingLog) -> ForecastRows | None:
    """Forecasts of producer_event.csv, with findings for what is wrong with single lines."""
    text = files.read(PRODUCERS)
    if text is None:
        return None
    table = read_event_table(PRODUCERS, text, PRODUCER_COLUMNS, log)
    issued_s = stamps(table, "issued", log)
    places = read_values(table, "producer_id", _producer_place, log, wrong=NO_PLACE)
    rows = np.array(predictions.rows_of(table, "prediction_file"), np.int64)
    return ForecastRows(table, list(table.columns["producer_id"]), places, issued_s, rows)


def stamps(table: RawTable, column: str, log: FindingLog) -> NDArray[np.int64]:
    """A column of times, -1 where one is wrong, shape (records,) [UNIX s]."""
    return np.array(read_values(table, column, read_stamp_s, log, wrong=WRONG), np.int64)


def job_place(text: str) -> Place:
    """House and device of a job."""
    place = read_job_id(text)
    if place is None:
        raise CellError("community.id.job", "is not the id of a job", JOB_FORM)
    return place


def _producer_place(text: str) -> Place:
    place = read_producer_id(text)
    if place is None:
        raise CellError("community.id.producer", "is not the id of a producer", PRODUCER_FORM)
    return place


def _check_windows(jobs: JobRows, log: FindingLog) -> None:
    """A window ends after it begins, and a job is known before it has to start."""
    known = (jobs.registered_s != WRONG) & (jobs.latest_s != WRONG)
    known_window = (jobs.earliest_s != WRONG) & (jobs.latest_s != WRONG)
    for at in np.flatnonzero(known_window & (jobs.latest_s < jobs.earliest_s)):
        late = int(jobs.earliest_s[at] - jobs.latest_s[at])
        log.at(
            "community.jobs.window",
            "error",
            jobs.table,
            int(at),
            "latest_start",
            f"the latest start is {late} s before the earliest start",
            f"{jobs.earliest_s[at]} or later",
            ids=(jobs.ids[at],),
            margin=float(late),
        )
    for at in np.flatnonzero(known & (jobs.registered_s > jobs.latest_s)):
        late = int(jobs.registered_s[at] - jobs.latest_s[at])
        log.at(
            "community.jobs.registered",
            "error",
            jobs.table,
            int(at),
            "registered",
            f"the job is registered {late} s after its latest start",
            f"{jobs.latest_s[at]} or earlier",
            ids=(jobs.ids[at],),
            margin=float(late),
        )
