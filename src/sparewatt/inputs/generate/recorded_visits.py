"""Recorded visits of whatever form, for fits: a table of sessions, ACN-Data, or EV diaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.inputs.cluster.diaries import read_diaries
from sparewatt.inputs.cluster.sessions import read_sessions
from sparewatt.inputs.cluster.setting_kinds import AssumptionSettings
from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.generate.session_table import read_session_table
from sparewatt.inputs.sheets.csv_sheets import read_csv_sheet
from sparewatt.inputs.sheets.diary import BEGIN, diary_files
from sparewatt.inputs.sheets.sheet import column_key

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.finding import Finding
    from sparewatt.model.fleet import Fleet

_DIARY_NOON = "2026-03-02 12:00"  # diaries have no date; a Monday


def read_recorded_visits(
    path: Path, timezone: str, assumptions: AssumptionSettings | None = None
) -> tuple[Fleet | None, tuple[Finding, ...]]:
    """Visits as a fleet, told apart by the file.

    ``.json`` is ACN-Data, ``.xlsx`` a workbook of diaries; ``.csv`` is a table of sessions
    (`read_session_table`), or, where it counts in steps (``t_in``) or has such a file beside it, a diary.

    Parameters
    ----------
    path
        The file.
    timezone
        IANA name of the zone of times without an offset.
    assumptions
        What stands in for what sessions do not tell; ``None``: the defaults.

    Returns
    -------
    The visits, ``None`` where a finding is an error, and all findings.
    """
    if path.suffix.lower() == ".csv" and not _is_diary(path):
        return read_session_table(path, timezone, assumptions)
    log = FindingLog()
    if path.suffix.lower() == ".json":
        visits = read_sessions(path, assumptions or AssumptionSettings(), log)
    else:
        settings = ClusterSettings.model_validate({"start": _DIARY_NOON, "timezone": timezone})
        visits = read_diaries(path, settings, log)
    return (None if log.errors or visits is None else visits.fleet), log.findings()


def _is_diary(path: Path) -> bool:
    """Whether a CSV file is one of the two of a diary."""
    stays = diary_files(path)[1]
    return stays.is_file() and column_key(BEGIN) in read_csv_sheet(stays, FindingLog()).headers
