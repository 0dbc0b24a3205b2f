"""What a neighbourhood and the simulated days have to say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.minute_grid import DAY_MINUTES, DAY_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood

_NAMED = 20


def check_run(
    neighbourhood: Neighbourhood, grid: MinuteGrid, not_asked: NDArray[np.int64], log: FindingLog
) -> None:
    """Count what lies beyond the simulated days, and tell base load that does not reach over them.

    Parameters
    ----------
    neighbourhood, grid
        What is run, and its minutes.
    not_asked
        Rows of the jobs registered after the simulated days.
    log
        Where findings are noted.
    """
    jobs, forecasts = neighbourhood.jobs, neighbourhood.forecasts
    days = grid.minutes // DAY_MINUTES if grid.days is None else grid.days
    end_s, span = days * DAY_S, f"the {days} simulated day{'s' if days != 1 else ''}"
    more = "more days"
    if len(not_asked):
        message = f"{len(not_asked)} of {len(jobs)} jobs are registered after {span} and are not asked for"
        ids = tuple(jobs.ids[row] for row in not_asked[:_NAMED].tolist())
        count = str(len(not_asked))
        log.add("community.days.jobs", "warning", "community.days", message, count, more, ids=ids)
    past = np.setdiff1d(np.flatnonzero(jobs.end_s > end_s), not_asked)
    if len(past):
        message = f"{len(past)} of {len(jobs)} jobs may run past {span}; they are simulated to their ends"
        ids = tuple(jobs.ids[row] for row in past[:_NAMED].tolist())
        log.add("community.days.past", "info", "community.days", message, str(len(past)), more, ids=ids)
    late = int((forecasts.issued_s >= end_s).sum())
    if late:
        message = f"{late} of {len(forecasts)} forecasts are issued after {span}"
        log.add("community.days.forecasts", "info", "community.days", message, str(late), more)
    base = neighbourhood.base_load
    for row, house in enumerate(base.house.tolist()):
        time_s = base.curves.points(row)[0]
        if time_s[0] > 0 or time_s[-1] < end_s:
            name = neighbourhood.house_ids[house]
            first, last = neighbourhood.origin_s + int(time_s[0]), neighbourhood.origin_s + int(time_s[-1])
            message = f"base load of house {name} is told from {first} to {last}, not over {span}"
            remedy = f"a file from {neighbourhood.origin_s} to {neighbourhood.origin_s + end_s}"
            log.add(
                *("community.base_load.gap", "warning", "base_load.csv", message, name, remedy),
                ids=(name,),
                table="base_load.csv",
            )
