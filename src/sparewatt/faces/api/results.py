"""Routes of results: what a run came to, its tables a page at a time, its series whole or by window."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query

from sparewatt.faces.api.bodies import KpiColumns
from sparewatt.faces.api.file_answer import KINDS, WholeFile, binary
from sparewatt.faces.api.place import Place  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.problems import ProblemError, finding_body
from sparewatt.faces.api.result_bodies import LineBody, ResultBody, SeriesBody, TableBody, WindowQuery
from sparewatt.faces.api.run_bodies import done_folder
from sparewatt.faces.api.runs import RunId  # noqa: TC001 - FastAPI reads the annotations
from sparewatt.faces.api.table_asked import TableAsked, table_query
from sparewatt.results.compare import compare_modes, compare_outcomes
from sparewatt.results.outcome import outcome_json
from sparewatt.results.overview import overview_table
from sparewatt.results.run_folder import SERIES, TABLES
from sparewatt.results.series_window import read_series_facts, read_series_window
from sparewatt.results.table_page import read_table_page
from sparewatt.results.words import outcome_sentences

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from sparewatt.faces.api.place import ApiPlace

router = APIRouter(tags=["results"])

Name = Annotated[
    str,
    Path(pattern=r"^[A-Za-z0-9_-]{1,80}$", description="As the list names it", examples=["scenario_1_site"]),
]


@router.get("/runs/{run_id}/result")
def show_result(place: Place, run_id: RunId) -> ResultBody:
    """What a run came to: in words, as KPIs, and whole."""
    _, folder, outcome = done_folder(place, run_id)
    findings = [finding_body(f, folder.path) for f in outcome.findings]
    return ResultBody(
        sentences=list(outcome_sentences(outcome)),
        level=outcome.level,
        kpis=KpiColumns.model_validate_json(overview_table(outcome).json_text()),
        findings=findings,
        outcome={**json.loads(outcome_json(outcome)), "findings": findings},
    )


@router.get("/runs/{run_id}/tables")
def list_tables(place: Place, run_id: RunId) -> list[str]:
    """Names of the tables of a run."""
    _, folder, _ = done_folder(place, run_id)
    return sorted(path.stem for path in (folder.path / TABLES).glob("*.csv"))


@router.get("/runs/{run_id}/tables/{name}")
def show_table(place: Place, run_id: RunId, name: Name, wanted: Annotated[TableAsked, Query()]) -> TableBody:
    """A page of a table, filtered and sorted as a whole; a column is one of numbers where all cells are."""
    query = table_query(wanted)
    page = read_table_page(_file(place, run_id, TABLES, f"{name}.csv"), wanted.offset, wanted.limit, query)
    end = wanted.offset + wanted.limit
    return TableBody(
        columns=list(page.columns),
        rows=[list(row) for row in page.rows],
        total=page.total,
        matching=page.matching,
        offset=wanted.offset,
        next=end if end < page.matching else None,
    )


@router.get(
    "/runs/{run_id}/tables/{name}/csv",
    response_class=WholeFile,
    responses=binary([KINDS[".csv"]]),
)
def download_table(place: Place, run_id: RunId, name: Name) -> WholeFile:
    """A table as CSV; text that a spreadsheet would run is made harmless."""
    path = _file(place, run_id, TABLES, f"{name}.csv")
    return WholeFile(path, filename=f"run-{run_id}-{path.name}")


@router.get("/runs/{run_id}/series")
def list_series(place: Place, run_id: RunId) -> list[SeriesBody]:
    """The series of a run."""
    _, folder, _ = done_folder(place, run_id)
    facts = [read_series_facts(path) for path in sorted((folder.path / SERIES).glob("*.parquet"))]
    return [SeriesBody(name=f.name, rows=f.rows, columns=dict(f.columns), time=f.time) for f in facts]


@router.get(
    "/runs/{run_id}/series/{name}/parquet",
    response_class=WholeFile,
    responses=binary([KINDS[".parquet"]]),
)
def download_series(place: Place, run_id: RunId, name: Name) -> WholeFile:
    """A series whole, as Parquet."""
    path = _file(place, run_id, SERIES, f"{name}.parquet")
    return WholeFile(path, filename=f"run-{run_id}-{path.name}")


@router.get("/runs/{run_id}/series/{name}/window")
def show_window(
    place: Place, run_id: RunId, name: Name, wanted: Annotated[WindowQuery, Query()]
) -> list[LineBody]:
    """Columns of a series in a window of time, with few points: minima and maxima are kept."""
    path = _file(place, run_id, SERIES, f"{name}.parquet")
    pairs = [text.partition(":") for text in wanted.where]
    lines = read_series_window(
        path,
        wanted.columns,
        start=wanted.start,
        end=wanted.end,
        where={column: value for column, _, value in pairs},
        points=wanted.points,
    )
    return [LineBody(column=w.column, times=list(w.times), values=list(w.values), rows=w.rows) for w in lines]


@router.get("/compare")
def compare(
    place: Place,
    runs: Annotated[list[RunId], Query(min_length=1, max_length=20, description="Numbers of the runs")],
) -> KpiColumns:
    """Runs side by side, KPI by KPI, the first as the base; one depot run: smart against unmanaged."""
    outcomes = [done_folder(place, number)[2] for number in runs]
    if len(outcomes) == 1:
        comparison = compare_modes(outcomes[0].scenarios)
    else:
        names = [f"run {number} {outcome.name}" for number, outcome in zip(runs, outcomes, strict=True)]
        comparison = compare_outcomes(outcomes, names)
    return KpiColumns.model_validate_json(comparison.json_text())


def _file(place: ApiPlace, run_id: int, kind: str, name: str) -> FilePath:
    """A file of a run; a problem where there is none."""
    _, folder, _ = done_folder(place, run_id)
    path = folder.path / kind / name
    if path.is_symlink() or not path.is_file():
        raise ProblemError(404, f"Run {run_id} has no {name}.")
    return path
