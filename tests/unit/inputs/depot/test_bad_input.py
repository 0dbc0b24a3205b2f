"""Every file of tests/cases/depot/bad_input: what a new user may get wrong, and the finding that says so."""

from __future__ import annotations

import csv
import io
import shutil
import tomllib
from pathlib import Path

import pytest

from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.depot.settings import DepotSettings

ROOT = Path(__file__).parents[3] / "cases" / "depot" / "bad_input"
CASES = sorted((ROOT / "cases").glob("*.toml"))


def change_table(folder: Path, change: dict) -> None:
    path = folder / f"{change['table']}.csv"
    if change.get("drop"):
        path.unlink()
        return
    if "text" in change:
        path.write_text(change["text"])
        return
    rows = list(csv.reader(io.StringIO(path.read_text())))
    if "row" in change:
        rows[change["row"] - 1][rows[0].index(change["column"])] = change["value"]
    if "add" in change:
        rows += list(csv.reader([change["add"]]))
    if "cut" in change:
        rows = [row for number, row in enumerate(rows, start=1) if number not in change["cut"]]
    if "rename" in change:
        rows[0][rows[0].index(change["rename"])] = change["to"]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue())


def test_the_tables_without_a_change_have_no_finding():
    run, findings = read_depot_run("tables", DepotSettings(), ROOT)
    assert run is not None
    assert findings == ()


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_bad_input(path, tmp_path):
    case = tomllib.loads(path.read_text())
    shutil.copytree(ROOT / "tables", tmp_path / "tables")
    for change in case.get("change", []):
        change_table(tmp_path / "tables", change)

    run, findings = read_depot_run("tables", DepotSettings(**case.get("settings", {})), tmp_path)

    said = [(f.rule, f.severity, f.where, f.value) for f in findings]
    expected = [(e["rule"], e["severity"], e["where"], e["value"]) for e in case["expect"]]
    assert [s for s in said if s[1] != "info" or s in expected] == expected, "\n".join(map(str, findings))
    for finding, expect in zip(
        [f for f, s in zip(findings, said, strict=True) if s in expected], case["expect"], strict=True
    ):
        assert expect.get("remedy", "") in finding.remedy
        assert expect.get("message", "") in finding.message
    assert (run is None) == any(e["severity"] == "error" for e in case["expect"])
