"""What results share whose outcome has parts: clusters of a hub, zones of a network, houses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.results.outcome import Outcome, PartOutcome, find_versions, timing_json, write_outcome
from sparewatt.results.run_folder import OUTCOME_FILE, SERIES, TABLES, TIMING_FILE, RunFolder
from sparewatt.results.whole_file import write_whole_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sparewatt.model.schedule import Level
    from sparewatt.results.kpis import Kpi

_WHOLE_RUN = 0
"""Number under which ``timing.json`` keeps the time of the run."""


def outcome_of_parts(
    study: str,
    level: Level,
    kpis: Sequence[Kpi],
    parts: Iterable[tuple[str, str, tuple[Kpi, ...]]],
    *,
    name: str,
    seed: int,
    input_hash: str,
    findings: Sequence[Finding],
    versions: Mapping[str, str] | None,
) -> Outcome:
    """The outcome of a run.

    Parameters
    ----------
    study, level, kpis
        Of the run.
    parts
        Kind, id and KPIs of each part.
    name, seed, input_hash
        Of the scenario and its inputs.
    findings
        Of inputs and of the judge.
    versions
        Of what decides on the numbers; found where not given.
    """
    return Outcome(
        study=study,
        name=name,
        seed=seed,
        versions=dict(versions) if versions is not None else find_versions(),
        input_hash=input_hash,
        level=level,
        kpis=tuple(kpis),
        findings=tuple(findings),
        parts=tuple(PartOutcome(*part) for part in parts),
    )


def write_folder(
    directory: Path,
    outcome: Outcome,
    *,
    write_series: Callable[[Path], object],
    write_tables: Callable[[Path], object],
    work_s: float | None,
) -> RunFolder:
    """Write series, tables and, last, the outcome; the report is made by ``report.write_report``.

    Parameters
    ----------
    directory
        The folder of the run.
    outcome
        What it came to.
    write_series, write_tables
        Called with the folder of either.
    work_s
        Processor time of the run, kept in ``timing.json`` alone [s].
    """
    write_series(directory / SERIES)
    write_tables(directory / TABLES)
    times = [] if work_s is None else [(_WHOLE_RUN, [work_s])]
    write_whole_text(directory / TIMING_FILE, timing_json(times))
    write_outcome(outcome, directory / OUTCOME_FILE)
    return RunFolder(directory)


def work_seconds(folder: RunFolder) -> float:
    """Processor time of a run [s]; 0 where it is not known."""
    return sum(folder.timing().get(_WHOLE_RUN, []))


def check_parts(read_ids: Callable[[], Sequence[str]], outcome: Outcome, parts: str) -> list[Finding]:
    """The series must be readable and those of the parts of the outcome.

    Parameters
    ----------
    read_ids
        Reads the series; the ids of the parts in them.
    outcome
        What the run came to.
    parts
        What the parts are called in a message: ``"clusters"``.
    """
    try:
        ids = read_ids()
    except InputError as error:
        return list(error.findings)
    if tuple(ids) == tuple(p.id for p in outcome.parts):
        return []
    return [other_series(f"the series are those of other {parts} than the outcome's")]


def other_series(message: str) -> Finding:
    """Series in a bundle that do not belong to its outcome."""
    return Finding("results.bundle.match", "error", "bundle", message, remedy="export the run again")
