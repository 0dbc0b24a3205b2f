"""Parts of a run's page without a browser: long tables page by page, odd inputs, all findings."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from dash._utils import to_json

from sparewatt.faces.web.parts.findings import MOST_FINDINGS, finding_list
from sparewatt.faces.web.run_panels import show_panel, tab_of
from sparewatt.finding import Finding
from sparewatt.results.outcome import Outcome
from sparewatt.results.run_folder import RunFolder
from sparewatt.results.store import StoredRun

if TYPE_CHECKING:
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
    return tmp_path


def test_long_tables_are_turned_page_by_page(folder: Path) -> None:
    second = _shown(folder, "tables", table="long", page="2")
    assert "Rows 5,001 to 10,000 of 12,001" in second
    grid = _grid(json.loads(second))
    assert len(grid["rowData"]) == 5000
    assert grid["rowData"][0] == {"c0": "5000", "c1": 5000.5}
    assert [column["headerName"] for column in grid["columnDefs"]] == ["Vehicle", "Use [kWh]"]
    assert "/runs/7?tab=tables&table=long&page=3" in second
    assert len(_grid(json.loads(_shown(folder, "tables", table="long", page="3")))["rowData"]) == 2001
    assert "Rows 1 to 5,000" in _shown(folder, "tables", table="long", page="0")
    assert "Rows 10,001 to 12,001" in _shown(folder, "tables", table="long", page="9")
    assert "0 rows" in _shown(folder, "tables", table="no such table")


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


def test_a_run_of_a_bundle_says_so(folder: Path) -> None:
    about = _shown(folder, "about")
    assert "this run came as a bundle" in about
    assert "Version of numpy" in about
    assert tab_of({"tab": "no such tab"}) == "overview"


def test_findings_are_told_worst_first_and_counted(tmp_path: Path) -> None:
    many = [Finding("a.note", "info", f"row {i}", "odd") for i in range(MOST_FINDINGS + 5)]
    bad = Finding("a.rule", "error", f"{tmp_path}/x.csv", "is wrong", "7", "make it right")
    shown = str(to_json(finding_list([*many, bad], (tmp_path,))))
    assert shown.index("is wrong [7]") < shown.index("row 0")
    assert "make it right" in shown
    assert str(tmp_path) not in shown
    assert "6 more are in the table" in shown


def _grid(component: Any) -> dict[str, Any]:
    """The properties of the first grid in what is sent."""
    if isinstance(component, list):
        return next((found for one in component if (found := _grid(one))), {})
    if not isinstance(component, dict):
        return {}
    if component.get("type") == "AgGrid":
        return dict(component["props"])
    return _grid(component.get("props", {}).get("children"))
