"""Reading a neighbourhood folder: tables and curves in, a Neighbourhood out, every problem at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.assemble import Parts, assemble
from sparewatt.inputs.community.curve_files import CurveFiles
from sparewatt.inputs.community.events import read_forecast_rows, read_job_rows
from sparewatt.inputs.community.folder_files import FolderFiles
from sparewatt.inputs.community.folder_rules import check_parts
from sparewatt.inputs.community.neighbourhood_xml import HOUSES, HouseList, house_list
from sparewatt.inputs.community.own_files import (
    read_base_load_rows,
    read_battery_rows,
    read_ev_rows,
    read_scores,
)
from sparewatt.inputs.finding_log import FindingLog

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.model.neighbourhood import Neighbourhood

LOADS, PREDICTIONS, BASE_LOADS = "loads", "predictions", "base_loads"


def read_neighbourhood(
    folder: Path, *, reset_scores: bool = False
) -> tuple[Neighbourhood | None, tuple[Finding, ...]]:
    """Read and judge a neighbourhood folder (spec section 1).

    ``consumer_event.csv`` and ``producer_event.csv`` with ``loads/`` and ``predictions/`` have to be there;
    ``ev_jobs.csv``, ``batteries.csv``, ``base_load.csv`` with ``base_loads/``, ``neighbourhood.xml`` and
    ``producer_scores.json`` may be. Each file is read once, and none outside the folder.

    Parameters
    ----------
    folder
        The folder.
    reset_scores
        Whether all producers start with the score of a new one, whatever ``producer_scores.json`` says.

    Returns
    -------
    The neighbourhood, or ``None`` where any finding is an error; and all findings, errors first.
    """
    log = FindingLog()
    neighbourhood = read_folder(folder, log, reset_scores=reset_scores)
    return (None if log.errors else neighbourhood), log.findings()


def read_folder(folder: Path, log: FindingLog, *, reset_scores: bool = False) -> Neighbourhood | None:
    """As `read_neighbourhood`, with a log that goes on; ``None`` where it has any error."""
    if not folder.is_dir():
        message = "is not a folder" if folder.exists() else "there is no such folder"
        remedy = "a folder with consumer_event.csv and producer_event.csv"
        log.add("community.source.path", "error", str(folder), message, folder.name, remedy)
        return None
    files = FolderFiles(folder, log)
    loads = CurveFiles(files, LOADS, log, from_zero=True)
    predictions = CurveFiles(files, PREDICTIONS, log)
    base_loads = CurveFiles(files, BASE_LOADS, log)
    houses = _read_houses(files, log)
    jobs = read_job_rows(files, loads, log)
    forecasts = read_forecast_rows(files, predictions, log)
    evs = read_ev_rows(files, log)
    batteries = read_battery_rows(files, log)
    base_houses, base_rows = read_base_load_rows(files, base_loads, log)
    producer_ids = [] if forecasts is None else list(dict.fromkeys(forecasts.ids))
    scores = {} if reset_scores else read_scores(files, producer_ids, log)
    parts = Parts(
        name=houses.name or folder.resolve().name,
        houses=houses,
        jobs=jobs,
        loads=loads,
        forecasts=forecasts,
        predictions=predictions,
        evs=evs,
        batteries=batteries,
        base_houses=base_houses,
        base_rows=np.array(base_rows, np.int64),
        base_loads=base_loads,
        scores=scores,
    )
    check_parts(parts, log)
    return None if log.errors else assemble(parts, log)


def _read_houses(files: FolderFiles, log: FindingLog) -> HouseList:
    content = files.content(HOUSES) if files.has(HOUSES) else None
    houses = None if content is None else house_list(content, HOUSES, log)
    return HouseList("", (), ()) if houses is None else houses
