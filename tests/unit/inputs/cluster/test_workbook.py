"""Workbooks that are something else: told apart, never a traceback."""

# ruff: noqa: DTZ001 - sheets hold readings of a clock

from __future__ import annotations

import io
import random
import re
import zipfile
from datetime import date, datetime, time, timedelta

import pytest

from sparewatt.inputs.sheets import workbook_parts
from sparewatt.inputs.sheets.sheet import Unsolved


def only(hub, name="hub.xlsx"):
    inputs, findings = hub.read_file(workbook=name)
    assert inputs is None
    (finding,) = [f for f in findings if f.severity == "error"]
    assert finding.remedy
    return finding


def changed(path, change):
    """The workbook with its parts changed: name and content → content, or nothing to leave it out."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    path.write_bytes(out.getvalue())


@pytest.mark.parametrize("kind", ["xlsm", "xlsb", "xltm"])
def test_workbooks_with_macros_by_their_ending(hub, kind):
    hub.save(name=f"hub.{kind}") if kind == "xlsm" else hub.save().rename(hub.folder / f"hub.{kind}")
    assert only(hub, f"hub.{kind}").rule == "cluster.workbook.macros"


def test_workbooks_with_macros_inside(hub):
    with zipfile.ZipFile(hub.save(), "a") as book:
        book.writestr("xl/vbaProject.bin", b"macro")
    assert only(hub).rule == "cluster.workbook.macros"


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("hub.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "cluster.workbook.kind"),
        ("hub.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "cluster.workbook.protected"),
        ("hub.xlsx", b"", "cluster.workbook.kind"),
        ("hub.xlsx", b"ev_id,battery\n", "cluster.workbook.kind"),
        ("hub.xlsx", b"PK\x03\x04 and nothing more", "cluster.workbook.broken"),
    ],
)
def test_files_that_are_no_workbook(hub, name, content, rule):
    (hub.folder / name).write_bytes(content)
    assert only(hub, name).rule == rule


def test_a_zip_that_is_no_workbook(hub):
    with zipfile.ZipFile(hub.folder / "hub.xlsx", "w") as book:
        book.writestr("word/document.xml", "<x/>")
    assert only(hub).rule == "cluster.workbook.kind"


def test_a_zip_that_unpacks_to_very_much(hub, monkeypatch):
    monkeypatch.setattr(workbook_parts, "MAX_WHOLE_BYTES", 3_000_000)
    path = hub.save()
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        for n in range(3):
            book.writestr(f"xl/media/{n}", b"\0" * 1_000_000)
    assert path.stat().st_size < 30_000
    assert only(hub).rule == "cluster.workbook.size"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(hub, encoding):
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><sst>&a;</sst>'
    path = hub.save()
    changed(path, lambda n, c: bomb.encode(encoding) if n == "xl/worksheets/sheet1.xml" else c)
    finding = only(hub)
    assert finding.rule == "cluster.workbook.broken"
    assert "document type" in finding.message


def test_merged_cells(hub):
    book = hub.workbook()
    book["Fleet"].merge_cells("N2:N3")
    book["Fleet"].merge_cells("Q1:R5")  # beside the table
    hub.save(book)
    finding = only(hub)
    assert finding.rule == "cluster.sheet.merged"
    assert finding.where == "Fleet row 2, cells N2:N3"


def test_a_hidden_sheet_is_read_and_told(hub):
    book = hub.workbook()
    book["Price"].sheet_state = "veryHidden"
    hub.save(book)
    inputs, findings = hub.read_file()
    assert inputs is not None
    assert [(f.rule, f.severity, f.where) for f in findings] == [("cluster.sheet.hidden", "warning", "Price")]


def test_a_formula_without_its_result(hub):
    """openpyxl writes formulas without results, as programs do that never computed them."""
    hub.set("Cluster1", 3, "cu_p_ch_max (kW)", "=2*11")
    hub.save()
    finding = only(hub)
    assert (finding.rule, finding.where) == (
        "cluster.value.formula",
        "Cluster1 row 3, column cu_p_ch_max (kW)",
    )
    assert finding.value == "=2*11"


def test_a_formula_with_its_result(hub):
    hub.set("Cluster1", 3, "cu_p_ch_max (kW)", "=2*11")
    path = hub.save()
    changed(path, lambda _, c: re.sub(rb"<f>2\*11</f><v ?/?>(</v>)?", b"<f>2*11</f><v>22</v>", c))
    inputs, findings = hub.read_file()
    assert findings == ()
    assert inputs.system.evses.max_charge_kw.tolist() == [11, 22, 11]


def test_sheets_with_wrong_stored_dimensions(hub):
    path = hub.save()
    changed(path, lambda _, c: re.sub(rb'<dimension ref="[^"]*" ?/>', b'<dimension ref="A1"/>', c))
    assert hub.read_file()[1] == ()


def test_notes_beside_and_below_the_table(hub):
    hub.sheets["Fleet"][1] += [None, "a note"]
    hub.sheets["Fleet"] += [[], [None] * 16 + ["another"]]
    assert hub.read()[1] == ()


@pytest.mark.parametrize("seed", range(24))
def test_damaged_files(hub, seed):
    """Cut, overwritten or with a part taken out or garbled: findings, whatever is broken."""
    draw = random.Random(seed)
    path = hub.save()
    whole = path.read_bytes()
    kind = seed % 4
    if kind == 0:
        path.write_bytes(whole[: draw.randrange(len(whole))])
    elif kind == 1:
        garbled = bytearray(whole)
        for _ in range(draw.randrange(1, 40)):
            garbled[draw.randrange(len(garbled))] = draw.randrange(256)
        path.write_bytes(bytes(garbled))
    else:
        with zipfile.ZipFile(path) as book:
            part = draw.choice(book.namelist())
            content = bytearray(book.read(part))
        for _ in range(draw.randrange(1, 30)):
            content[draw.randrange(len(content))] = draw.randrange(256)
        changed(path, lambda n, c: c if n != part else None if kind == 2 else bytes(content))
    inputs, findings = hub.read_file()
    assert inputs is not None or any(f.severity == "error" for f in findings)


WRONG = [
    None,
    "",
    "x",
    "#REF!",
    "=1+",
    "2026-13-45",
    "9" * 500,
    "1e400",
    -1,
    0,
    1.5,
    1e300,
    10**30,
    True,
    datetime(1900, 1, 1),
    datetime(9999, 12, 31),
    date(2026, 3, 2),
    time(3),
    timedelta(days=2),
    "\N{SNOWMAN}\N{ZERO WIDTH SPACE}",
    "cluster2",
]


@pytest.mark.parametrize("seed", range(24))
def test_wrong_types_in_every_cell(hub, seed):
    draw = random.Random(seed)
    for rows in hub.sheets.values():
        for row in rows:
            for n in range(len(row)):
                if draw.random() < (0.03 if seed % 2 else 0.4):
                    row[n] = draw.choice(WRONG)
    for inputs, findings in (hub.read(), hub.read_csv()):
        assert (inputs is None) == any(f.severity == "error" for f in findings)
        assert all(f.message and f.where for f in findings)


def test_a_formula_is_text_that_knows_itself():
    assert Unsolved("=A1") == "=A1"
