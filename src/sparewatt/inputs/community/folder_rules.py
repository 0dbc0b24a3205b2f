"""What the parts of a neighbourhood have to say together: devices, forecasts, profiles, base load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.cell_values import WRONG

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.community.assemble import Parts
    from sparewatt.inputs.community.events import ForecastRows, JobRows
    from sparewatt.inputs.community.own_files import EvRows
    from sparewatt.inputs.finding_log import FindingLog

_HOUR_S = 3600


def check_parts(parts: Parts, log: FindingLog) -> None:
    """Note what does not fit together; single values have been judged before."""
    stamps_s = parts.stamps_s()
    if not len(stamps_s):
        if not log.errors:
            message = "there is neither a job nor a forecast, so there is nothing to simulate"
            remedy = "lines in consumer_event.csv and producer_event.csv"
            log.add("community.nothing", "error", parts.name, message, "", remedy)
        return
    _check_devices(parts, log)
    if parts.jobs is not None:
        _check_profiles(parts.jobs, parts, log)
    if parts.forecasts is None or not parts.forecasts.ids:
        if parts.forecasts is not None:
            message = "there are no forecasts: nobody produces, and every job is bought from the grid"
            log.add("community.producers.none", "warning", "producer_event.csv", message)
        return
    _check_first_rows(parts.forecasts, parts, log)
    runs = _job_spans(parts)
    if runs is None:
        message = "there are no jobs: all production is fed in"
        log.add("community.jobs.none", "warning", "consumer_event.csv", message)
    elif not log.errors:
        _check_ranges(parts.forecasts, parts, runs, log)


def _check_devices(parts: Parts, log: FindingLog) -> None:
    """A device stands in one house, and among the devices where these are named."""
    named = {(d.house, d.device_id) for d in parts.houses.devices}
    homes: dict[str, str] = {d.device_id: d.house for d in parts.houses.devices}
    tables: list[JobRows | ForecastRows | EvRows | None] = [parts.jobs, parts.evs, parts.forecasts]
    told: set[tuple[str, str]] = set()
    for rows in tables:
        if rows is None:
            continue
        column = "producer_id" if "producer_id" in rows.table.columns else "job_id"
        for record, place in enumerate(rows.places):
            key = (place.house, place.device)
            if not place.is_device or key in told:
                continue
            told.add(key)
            home = homes.setdefault(place.device, place.house)
            if home != place.house:
                message = f"houses {home} and {place.house} both have a device {place.device}"
                log.at(
                    "community.device.two_houses",
                    "warning",
                    rows.table,
                    record,
                    column,
                    message,
                    "an id of its own for each device",
                    ids=(home, place.house),
                )
            elif named and key not in named:
                message = f"neighbourhood.xml names no device {place.device} in house {place.house}"
                log.at(
                    "community.device.unnamed", "info", rows.table, record, column, message, "name it there"
                )


def _check_profiles(jobs: JobRows, parts: Parts, log: FindingLog) -> None:
    """A load takes some energy."""
    told: set[int] = set()
    for record, row in enumerate(jobs.profile.tolist()):
        if row in told:
            continue
        told.add(row)
        energy_kwh = parts.loads.points(row)[1]
        if energy_kwh[-1] <= 0 and not log.errors:
            message = "the load takes no energy"
            log.at("community.loads.no_energy", "warning", jobs.table, record, "load_file", message)


def _check_first_rows(forecasts: ForecastRows, parts: Parts, log: FindingLog) -> None:
    """The first row of a prediction is the time of its issue."""
    for record, (row, issued_s) in enumerate(
        zip(forecasts.curve.tolist(), forecasts.issued_s.tolist(), strict=True)
    ):
        first_s = int(parts.predictions.points(row)[0][0])
        if first_s not in {issued_s, 0} and issued_s != WRONG:
            message = f"the first row of the prediction is {first_s}, {first_s - issued_s} s after its issue"
            log.at(
                "community.predictions.first_row",
                "info",
                forecasts.table,
                record,
                "issued",
                message,
                "a first row at the time of issue, with the energy of the hour before it",
                margin=float(first_s - issued_s),
            )


def _job_spans(parts: Parts) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """When any job may run, as begins and ends of spans that do not overlap [UNIX s]."""
    begins: list[NDArray[np.int64]] = []
    ends: list[NDArray[np.int64]] = []
    if parts.jobs is not None and parts.jobs.ids:
        duration_s = np.array([parts.loads.points(r)[0][-1] for r in parts.jobs.profile.tolist()], np.int64)
        begins.append(parts.jobs.earliest_s)
        ends.append(parts.jobs.latest_s + duration_s)
    if parts.evs is not None and parts.evs.ids:
        begins.append(parts.evs.earliest_s)
        ends.append(parts.evs.ready_by_s)
    if not begins:
        return None
    begin, end = np.concatenate(begins), np.concatenate(ends)
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], np.maximum.accumulate(end[order])
    new = np.concatenate([[True], begin[1:] > end[:-1]])
    last = np.concatenate([np.flatnonzero(new)[1:] - 1, [len(end) - 1]])
    return begin[new], end[last]


def _check_ranges(
    forecasts: ForecastRows,
    parts: Parts,
    runs: tuple[NDArray[np.int64], NDArray[np.int64]],
    log: FindingLog,
) -> None:
    """A prediction says something about a time in which a job may run."""
    begin_s, end_s = runs
    for record, row in enumerate(forecasts.curve.tolist()):
        time_s = parts.predictions.points(row)[0]
        first_s, last_s = int(time_s[0]) - _HOUR_S, int(time_s[-1])
        at = int(np.searchsorted(end_s, first_s, side="right"))
        if (at == len(begin_s) or begin_s[at] >= last_s) and last_s > 0:
            message = f"no job can run in the time of the prediction, {first_s} to {last_s}"
            log.at(
                "community.predictions.no_job",
                "warning",
                forecasts.table,
                record,
                "prediction_file",
                message,
                "jobs in that time, or no such prediction",
                ids=(forecasts.ids[record],),
            )
