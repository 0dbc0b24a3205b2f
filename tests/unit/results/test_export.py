"""Exports: complete, harmless in a spreadsheet, and a bundle that trusts nobody."""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import replace
from datetime import date, datetime

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from sparewatt.results.bundle import BundleLimits, read_bundle, write_bundle
from sparewatt.results.export import export_run
from sparewatt.results.run_folder import write_run_folder
from sparewatt.results.tables import Table, harmless_text
from sparewatt.results.xlsx import write_xlsx


@pytest.fixture
def folder(outcome, bau_view, hand_view, tmp_path):
    return write_run_folder(tmp_path / "run", outcome, [bau_view, hand_view])


def test_csv_holds_every_row(folder, tmp_path):
    paths = export_run(folder, "csv", tmp_path / "csv")
    assert sorted(p.name for p in paths) == [
        "comparison.csv",
        "days.csv",
        "findings.csv",
        "scenarios.csv",
        "site.csv",
        "t_charge_demand.csv",
    ]
    with (tmp_path / "csv" / "t_charge_demand.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    assert len(rows) == 2 * 2 * 8
    smart = [r for r in rows if r["scenario_id"] == "2"]
    assert sum(float(r["energy_kwh"]) for r in smart) == pytest.approx(40)
    assert smart[4]["datetime"] == "2025-01-07T00:00:00+00:00"


def test_csv_tells_the_two_hours_of_a_clock_change_apart(clock_views, outcome, tmp_path):
    views = clock_views(date(2025, 10, 25), 2, ids=("=cmd()", "B"))
    paths = export_run(write_run_folder(tmp_path / "r", outcome, views), "csv", tmp_path / "csv")
    with next(p for p in paths if p.name == "t_charge_demand.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    stamps = [r["datetime"] for r in rows[:98]]
    assert len(set(stamps)) == 98
    assert "2025-10-26T01:30:00+01:00" in stamps
    assert "2025-10-26T01:30:00+00:00" in stamps
    assert {r["allocated_vehicle_id"] for r in rows} == {"'=cmd()", "B"}


def test_parquet_comes_back(folder, tmp_path):
    export_run(folder, "parquet", tmp_path / "pq")
    demand = pq.read_table(tmp_path / "pq" / "t_charge_demand.parquet")
    assert demand.num_rows == 32
    assert pq.read_table(tmp_path / "pq" / "scenarios.parquet")["energy_unserved_kwh"].to_pylist() == [0, 4]


def test_workbook_holds_numbers_as_numbers(folder, tmp_path):
    (path,) = export_run(folder, "xlsx", tmp_path / "run.xlsx")
    book = load_workbook(path, read_only=True)
    assert book.sheetnames == [
        "about",
        "scenarios",
        "days",
        "comparison",
        "findings",
        "site",
        "t_charge_demand",
    ]
    rows = list(book["t_charge_demand"].iter_rows(values_only=True))
    assert rows[0][2:4] == ("datetime", "utc_offset_h")
    assert len(rows) == 33
    assert rows[1][2] == datetime(2025, 1, 6)  # noqa: DTZ001 - Excel knows no zones
    assert isinstance(rows[1][5], (int, float))


def test_formulas_stay_text_in_a_workbook(tmp_path):
    nasty = ("=1+1", "+1", "-1", "@x", "\tx", "\rx", '=HYPERLINK("x")', "fine", "a\x00b")
    write_xlsx([Table("a/b:*", ("text", "=number"), tuple((t, -1.5) for t in nasty))], tmp_path / "x.xlsx")
    sheet = load_workbook(tmp_path / "x.xlsx").worksheets[0]
    for row, text in zip(sheet.iter_rows(min_row=2), nasty, strict=True):
        assert row[0].data_type == "s"
        assert row[0].quotePrefix == text.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert (row[1].value, row[1].data_type) == (-1.5, "n")


def test_formulas_are_neutralised_in_csv():
    assert [harmless_text(t) for t in ("=x", "+x", "-x", "@x", "\tx", "\rx", "x", "")] == [
        "'=x",
        "'+x",
        "'-x",
        "'@x",
        "'\tx",
        "'\rx",
        "x",
        "",
    ]
    text = Table("t", ("a", "b"), (("=x", -1.5), (None, 2))).csv_text()
    assert text == "a,b\n'=x,-1.5\n,2\n"


def test_html_is_the_report(folder, tmp_path):
    (path,) = export_run(folder, "html", tmp_path / "page.html")
    assert path.read_text().startswith("<!doctype html>")


# the bundle


@pytest.fixture
def bundle(folder, tmp_path):
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "t_sites.csv").write_text("site_id,asc_kw\n10,11\n")
    (inputs / "secret.key").write_text("not a table")
    (inputs / "link.csv").symlink_to(inputs / "secret.key")
    (tmp_path / "s.toml").write_text("version = 1\n")
    return write_bundle(folder, tmp_path / "run.zip", scenario=tmp_path / "s.toml", inputs=inputs)


def rewritten(bundle, target, change, extra=()):
    """The bundle with members changed by ``change(name, data)``; ``None`` leaves one out."""
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for member in source.infolist():
            data = change(member.filename, source.read(member))
            if data is not None:
                out.writestr(member.filename, data)
        for name, data in extra:
            out.writestr(name, data)
    return target


def test_bundle_comes_back(bundle, folder, tmp_path):
    read, findings = read_bundle(bundle, tmp_path / "new")
    assert findings == ()
    assert read.outcome() == folder.outcome()
    assert (tmp_path / "new" / "inputs" / "t_sites.csv").read_text().startswith("site_id")
    assert not (tmp_path / "new" / "inputs" / "secret.key").exists()
    assert not (tmp_path / "new" / "inputs" / "link.csv").exists()
    assert [v.scenario_id for v in read.views()] == [1, 2]


def test_bundle_has_the_same_bytes_twice(bundle, folder, tmp_path):
    again = write_bundle(folder, tmp_path / "2.zip", scenario=tmp_path / "s.toml", inputs=tmp_path / "inputs")
    assert again.read_bytes() == bundle.read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv",
        "/etc/x.csv",
        "inputs/../../x.csv",
        "inputs\\..\\x.csv",
        "run.sh",
        "report.html",
        "inputs/.hidden.csv",
        "C:x.csv",
        "tables/a/b.csv",
    ],
)
def test_odd_names_are_refused(bundle, tmp_path, name):
    odd = rewritten(bundle, tmp_path / "odd.zip", lambda _, d: d, [(name, "x")])
    read, findings = read_bundle(odd, tmp_path / "new")
    assert read is None
    assert {f.rule for f in findings} == {"results.bundle.name"}
    assert not (tmp_path / "new").exists()


def test_links_are_refused(bundle, tmp_path):
    link = zipfile.ZipInfo("inputs/x.csv")
    link.external_attr = 0o120777 << 16
    odd = rewritten(bundle, tmp_path / "odd.zip", lambda _, d: d, [(link, "/etc/passwd")])
    assert [f.rule for f in read_bundle(odd, tmp_path / "new")[1]] == ["results.bundle.kind"]


@pytest.mark.parametrize(
    ("change", "extra", "rule"),
    [
        (lambda n, d: d + b"\n" if n == "tables/days.csv" else d, (), "hash"),
        (lambda n, d: None if n == "tables/days.csv" else d, (), "missing"),
        (lambda _, d: d, [("tables/more.csv", "a")], "extra"),
        (lambda n, d: None if n == "manifest.json" else d, (), "manifest"),
        (lambda n, d: b"{" if n == "manifest.json" else d, (), "manifest"),
        (
            lambda n, d: d.replace(b'"version": 1', b'"version": 2') if n == "manifest.json" else d,
            (),
            "version",
        ),
    ],
)
def test_what_was_changed_is_found(bundle, tmp_path, change, extra, rule):
    odd = rewritten(bundle, tmp_path / "odd.zip", change, extra)
    read, findings = read_bundle(odd, tmp_path / "new")
    assert read is None
    assert {f.rule for f in findings} == {f"results.bundle.{rule}"}
    assert [p.name for p in tmp_path.iterdir() if "partial" in p.name] == []


def test_hashes_do_not_excuse_odd_content(folder, tmp_path):
    (folder.path / "series" / "scenario_2_site.parquet").write_bytes(b"x")
    _, findings = read_bundle(write_bundle(folder, tmp_path / "b.zip"), tmp_path / "new")
    assert [f.rule for f in findings] == ["results.series"]
    content = json.loads((folder.path / "outcome.json").read_text())
    (folder.path / "outcome.json").write_text(json.dumps({**content, "seed": "x"}))
    _, findings = read_bundle(write_bundle(folder, tmp_path / "c.zip"), tmp_path / "new")
    assert {f.rule for f in findings} == {"results.outcome"}


def test_series_of_another_scenario_are_found(outcome, bau_view, hand_view, tmp_path):
    folder = write_run_folder(tmp_path / "r", outcome, [bau_view, replace(hand_view, allocation_id="72")])
    _, findings = read_bundle(write_bundle(folder, tmp_path / "b.zip"), tmp_path / "new")
    assert [f.rule for f in findings] == ["results.bundle.match"]


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        (BundleLimits(files=3), "files"),
        (BundleLimits(file_bytes=100), "size"),
        (BundleLimits(total_bytes=1000), "size"),
        (BundleLimits(ratio=1.01, ratio_from_bytes=10), "ratio"),
    ],
)
def test_limits(bundle, tmp_path, limits, rule):
    read, findings = read_bundle(bundle, tmp_path / "new", limits)
    assert read is None
    assert {f.rule for f in findings} == {f"results.bundle.{rule}"}


def test_a_bomb_is_refused_before_it_goes_off(bundle, tmp_path):
    bomb = rewritten(bundle, tmp_path / "odd.zip", lambda _, d: d, [("tables/z.csv", b"\0" * 20_000_000)])
    assert {f.rule for f in read_bundle(bomb, tmp_path / "new")[1]} == {"results.bundle.ratio"}


def test_what_is_no_zip_is_a_finding(tmp_path, bundle):
    (tmp_path / "x.zip").write_bytes(b"PK no")
    assert [f.rule for f in read_bundle(tmp_path / "x.zip", tmp_path / "new")[1]] == ["results.bundle.zip"]
    (tmp_path / "half.zip").write_bytes(bundle.read_bytes()[:-300])
    assert [f.rule for f in read_bundle(tmp_path / "half.zip", tmp_path / "new")[1]] == ["results.bundle.zip"]
    assert [f.rule for f in read_bundle(tmp_path / "none.zip", tmp_path / "new")[1]] == [
        "results.bundle.file"
    ]


def test_a_folder_in_use_is_left_alone(bundle, tmp_path):
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.txt").write_text("mine")
    assert [f.rule for f in read_bundle(bundle, tmp_path / "new")[1]] == ["results.bundle.target"]
    assert (tmp_path / "new" / "mine.txt").read_text() == "mine"
