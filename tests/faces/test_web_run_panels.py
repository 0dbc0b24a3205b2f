"""Pages of runs without a browser: short and long tables, odd inputs, findings, what cannot be compared."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from dash._utils import to_json
from openpyxl import Workbook

from sparewatt.faces.api.place import ApiPlace
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.web.compare import compare_view
from sparewatt.faces.web.compare_asked import find_asked_runs
from sparewatt.faces.web.parts.findings import MOST_FINDINGS, finding_list
from sparewatt.faces.web.run_panels import show_panel, tab_of
from sparewatt.faces.web.run_tables import read_run_input, read_run_table
from sparewatt.finding import Finding
from sparewatt.results.outcome import Outcome
from sparewatt.results.run_folder import RunFolder
from sparewatt.results.store import Store, StoredRun
from support.picture_runs import write_depot_run, write_hub_run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
RUN = StoredRun(
    7, "depot", "Vans", "", "ab", 1, {}, "done", "", None, 1.0, NOW, None, NOW, "", ""
)  # as it came with a bundle
OUTCOME = Outcome("depot", "Vans", 1, {"numpy": "2.4"}, "ab", "normal", (), ())


def _shown(path: Path, tab: str, **query: str) -> str:
    """A panel as it is sent to the browser."""
    panel = to_json(show_panel(tab, RUN, RunFolder(path), OUTCOME, query))
    return json.dumps(json.loads(panel), ensure_ascii=False)  # the first form escapes what HTML knows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    rows = "".join(f"{i},{i}.5\n" for i in range(12_001))
    (tmp_path / "tables" / "long.csv").write_text(f"vehicle_id,use_kwh\n{rows}")
    (tmp_path / "tables" / "empty.csv").write_text("vehicle_id,use_kwh\n")
    (tmp_path / "tables" / "short.csv").write_text("vehicle_id,use_kwh\na1,0.5\nb,\n")
    return tmp_path


def test_short_tables_are_in_the_browser_and_long_ones_come_as_somebody_scrolls(folder: Path) -> None:
    short = _grid(json.loads(_shown(folder, "tables", table="short")))
    assert short["rowData"] == [{"c0": "a1", "c1": 0.5}, {"c0": "b", "c1": None}]
    assert [column["headerName"] for column in short["columnDefs"]] == ["Vehicle", "Use [kWh]"]
    shown = _shown(folder, "tables", table="long")
    assert "12,001 rows" in shown
    assert "/api/runs/7/tables/long/csv" in shown
    long = _grid(json.loads(shown))
    assert long["rowModelType"] == "infinite"
    assert "rowData" not in long
    assert long["id"] == {"type": "run-table", "run": 7, "name": "long"}
    assert [column.get("filter") for column in long["columnDefs"]] == [None, "agNumberColumnFilter"]
    assert "0 rows" in _shown(folder, "tables", table="no such table")
    (folder / "tables" / "ragged.csv").write_text("a,b\n1\n")
    assert "ragged.csv: row 2 has 1 cells, not 2." in _shown(folder, "tables", table="ragged")


def test_what_a_long_table_is_asked_for_is_checked(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    run = write_depot_run(tmp_path / "run", days=1)
    (run.path / "inputs").mkdir()
    (run.path / "inputs" / "t.csv").write_text("a\n1\n")
    (run.path / "tables" / "link.csv").symlink_to("/etc/passwd")
    with Store.open(url) as store:
        told = run.outcome().input_hash
        store.create_run(study="depot", name="Vans", state="done", directory=str(run.path), input_hash=told)
    place = ApiPlace(url, tmp_path)
    try:
        days = read_run_table(place, {"run": 1, "name": "days"})
        assert "scenario_id" in days.column_names
        assert read_run_input(place, {"run": 1, "name": "inputs/t.csv"}).num_rows == 1
        wrong: list[dict[str, object]] = [
            {"run": 1, "name": "../outcome"},
            {"run": 1, "name": "link"},
            {"run": 2, "name": "days"},
            {"run": "1", "name": "days"},
            {},
        ]
        for own in wrong:
            for read in (read_run_table, read_run_input):
                with pytest.raises(ProblemError):
                    read(place, own)
    finally:
        place.close()


def test_inputs_are_shown_as_what_they_are(folder: Path) -> None:
    assert "keeps no copy of its inputs" in _shown(folder, "inputs")
    (folder / "inputs").mkdir()
    (folder / "scenario.toml").write_text("seed = 1\n")
    (folder / "inputs" / "ragged.csv").write_text("a,b\n1\n")
    (folder / "inputs" / "hub.xlsx").write_bytes(b"PK\0")
    assert "seed = 1" in _shown(folder, "inputs")
    assert "seed = 1" in _shown(folder, "inputs", file="../../etc/passwd")
    assert "a,b\\n1" in _shown(folder, "inputs", file="inputs/ragged.csv")
    assert "This file is no text" in _shown(folder, "inputs", file="inputs/hub.xlsx")
    book = Workbook()
    book.active.title = "Fleet"
    for row in (["ev_id", "p_max_ch"], ["v1", 11], ["v2", 7.4]):
        book.active.append(row)
    book.create_sheet("Empty")
    book.save(folder / "inputs" / "hub.xlsx")
    fleet = _shown(folder, "inputs", file="inputs/hub.xlsx", sheet="no such sheet")
    assert _grid(json.loads(fleet))["rowData"] == [{"c0": "v1", "c1": 11}, {"c0": "v2", "c1": 7.4}]
    assert "/runs/7?tab=inputs&file=inputs%2Fhub.xlsx&sheet=Empty" in fleet
    assert "This sheet is empty." in _shown(folder, "inputs", file="inputs/hub.xlsx", sheet="Empty")


def test_a_run_of_a_bundle_says_so(folder: Path) -> None:
    about = _shown(folder, "about")
    assert "this run came as a bundle" in about
    assert "Version of numpy" in about
    assert tab_of({"tab": "no such tab"}) == "overview"
    assert tab_of({"tab": "rules"}, "depot") == "overview"
    assert tab_of({"tab": "rules"}, "cluster") == "rules"


def test_findings_are_told_worst_first_and_counted(tmp_path: Path) -> None:
    many = [Finding("a.note", "info", f"row {i}", "odd") for i in range(MOST_FINDINGS + 5)]
    bad = Finding("a.rule", "error", f"{tmp_path}/x.csv", "is wrong", "7", "make it right")
    shown = str(to_json(finding_list([*many, bad], (tmp_path,))))
    assert shown.index("is wrong [7]") < shown.index("row 0")
    assert "make it right" in shown
    assert str(tmp_path) not in shown
    assert "6 more are in the table" in shown


@pytest.fixture
def place(tmp_path: Path) -> Iterator[ApiPlace]:
    """Depot runs of two and three days (1, 2), a hub (3), one that failed (4), waits (5), is gone (6)."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    made = [write_depot_run(tmp_path / "a", days=2), write_depot_run(tmp_path / "b", days=3)]
    made.append(write_hub_run(tmp_path / "c"))
    with Store.open(url) as store:
        for run in made:
            outcome = run.outcome()
            told = {"name": outcome.name, "directory": str(run.path), "input_hash": outcome.input_hash}
            store.create_run(study=outcome.study, state="done", **told)
        failed = store.create_run(study="depot", name="Bad").id
        store.set_run_state(failed, "failed", error="no")
        store.create_run(study="depot", name="Waits")
        store.create_run(study="depot", name="Gone", state="done", directory=str(tmp_path / "gone"))
    place = ApiPlace(url, tmp_path)
    yield place
    place.close()


def test_what_cannot_be_compared_is_said_and_the_rest_is(place: ApiPlace) -> None:
    why = "their numbers mean different things"
    asked = find_asked_runs(place, "1,3,4,5,6,x,99,1")
    assert asked.numbers == [1, 5]
    assert [run.id for run in asked.under_way] == [5]
    assert asked.refused == (
        "“x” is not the number of a run.",
        f"Run 3 is of the study Charging hub and run 1 of the study Depot: {why}, so they are not compared.",
        "Run 4 failed, so it has no results to compare. Its page tells more.",
        "The files of run 6 are not there any more; run it again.",
        "There is no run 99.",
    )
    many = find_asked_runs(place, ",".join(map(str, range(101, 121))))
    assert "At most 8 runs are compared at once: 109, 110, 111, 112, 113 and more left out." in many.refused
    assert find_asked_runs(place, "").numbers == []


def test_a_comparison_says_what_hinders_it(place: ApiPlace) -> None:
    def shown(search: str) -> str:
        text: str = json.dumps(json.loads(to_json(compare_view(place, search))), ensure_ascii=False)
        return text

    two = shown("?runs=1,2")
    assert "These runs are about different times" in two
    assert "Run 2: 04 Oct 2026 23:00" in two  # the same start, another end
    assert '"run": "1-2"' in two  # pictures of both
    assert "different times" not in shown("?runs=1,1")
    waits = shown("?runs=5")
    assert "Waiting for a worker" in waits
    assert '{"page": "compare", "runs": [{"id": 5, "state": "queued", "stopping": false}]}' in waits
    alone = shown("?runs=3")
    assert "Add a second run to see the differences." in alone
    assert "5 Waits (waiting)" in shown("?runs=1")  # offered, for it comes in when it is done
    assert "There is no other run to add" in alone
    assert "address of this page can be handed on" in shown("")


def _grid(component: Any) -> dict[str, Any]:
    """The properties of the first grid in what is sent."""
    if isinstance(component, list):
        return next((found for one in component if (found := _grid(one))), {})
    if not isinstance(component, dict):
        return {}
    if component.get("type") == "AgGrid":
        return dict(component["props"])
    return _grid(component.get("props", {}).get("children"))
