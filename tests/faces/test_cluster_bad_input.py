"""Bad input of a hub as a new user makes it: exit 1, one table of findings, nothing written."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import openpyxl
import pytest

from sparewatt.inputs.cluster.template import write_cluster_template
from support.command_line import Here, sparewatt

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openpyxl.workbook import Workbook

TARGET = "Target SOC @ Estimated Departure Time"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template") / "hub"
    write_cluster_template(folder)
    return folder


@pytest.fixture
def hub(here: Here, template: Path) -> Here:
    """The command line beside a fresh copy of the example in ``hub/``."""
    shutil.copytree(template, here.folder / "hub")
    return here


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def change(folder: Path, edit: Callable[[Workbook], None]) -> None:
    path = folder / "hub" / "hub.xlsx"
    with closing(openpyxl.load_workbook(path)) as book:
        edit(book)
        book.save(path)


def cell(sheet: str, column: str, row: int, value: object) -> Callable[[Workbook], None]:
    """Put a value into a row (as a spreadsheet counts) of a column by its title."""

    def edit(book: Workbook) -> None:
        titles = [c.value for c in book[sheet][1]]
        book[sheet].cell(row, titles.index(column) + 1).value = value

    return edit


def no_column(sheet: str, column: str) -> Callable[[Workbook], None]:
    def edit(book: Workbook) -> None:
        book[sheet].delete_cols([c.value for c in book[sheet][1]].index(column) + 1)

    return edit


def renamed(sheet: str, title: str) -> Callable[[Workbook], None]:
    def edit(book: Workbook) -> None:
        book[sheet].title = title

    return edit


def emptied(sheet: str) -> Callable[[Workbook], None]:
    return lambda book: book[sheet].delete_rows(2, 1000)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (cell("Fleet", "ev_id", 3, "van-01"), ["Fleet row 3", "ev_id", "van-01"]),
        (cell("Fleet", TARGET, 4, 85), ["Fleet row 4", TARGET, "85"]),
        (cell("Fleet", "Real Arrival SOC", 2, -0.1), ["Fleet row 2", "Real Arrival SOC", "-0.1"]),
        (cell("Fleet", "Real Departure Time", 2, "2026-03-02 06:00"), ["Fleet row 2", "Real Departure Time"]),
        (cell("Fleet", "Real Arrival Time", 2, "soon"), ["Fleet row 2", "Real Arrival Time", "soon"]),
        (cell("Fleet", "Target Cluster", 2, "Cluster9"), ["Fleet row 2", "Target Cluster", "Cluster9"]),
        (cell("Cluster1", "cu_eff", 2, 1.2), ["Cluster1 row 2", "cu_eff", "1.2"]),
        (cell("Capacity1", "LB (kW)", 2, 999), ["Capacity1 row 2", "LB (kW)", "999"]),
        (no_column("Cluster2", "cu_p_ch_max (kW)"), ["Cluster2", "cu_p_ch_max (kW)"]),
        (renamed("Capacity1", "Capacty1"), ["Capacity1"]),
        (emptied("Fleet"), ["Fleet"]),
    ],
)
def test_a_workbook_that_is_wrong(hub, edit, words):
    change(hub.folder, edit)
    before = names(hub.folder)
    checked = hub("check", "hub", code=1)
    for word in words:
        assert word in checked.words
    assert names(hub.folder) == before
    said = hub("run", "hub", code=1)
    assert said.out == ""
    assert re.search(r"\d+ errors?(, \d+ \w+)*; nothing was run, nothing was written\.", said.words)
    assert said.err.count("┏") == 1  # one table
    assert names(hub.folder) == before
    assert str(hub.folder) not in said.words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("hub.xlsx", "hup.xlsx", "there is no such file"),
        ("hub.xlsx", "../hub.xlsx", "the path leaves the folder of the scenario file"),
        ("hub.xlsx", "scenario.toml", "scenario.toml"),
        ('workbook = "hub.xlsx"', 'workbok = "hub.xlsx"', "workbook"),
        ('workbook = "hub.xlsx"', 'tables = "postgresql://a:secret@h/d"', "not from a database"),
        ("[cluster]", '[cluster]\ncontrol = "least_laxity"', "did you mean least_laxity_first?"),
        ("[cluster]", '[cluster]\nstep = "7 parsec"', "step"),
        ("[cluster]", "[cluster]\ngrace_time = 3", "did you mean grace?"),
        ("[cluster]", '[cluster]\nend = "2026-03-01 07:00"', "end"),
        ("[cluster]", "[cluster]\nlimit_tolerance_kw = -1", "limit_tolerance_kw"),
        ("[cluster]", '[limits]\ncluster9 = { run = "latest:f" }\n[cluster]', "names no cluster of this hub"),
        ("[cluster]", '[limits]\ncluster1 = { run = "latest:f" }\n[cluster]', "run the study that makes the"),
    ],
)
def test_a_scenario_file_that_is_wrong(hub, old, new, words):
    path = hub.folder / "hub" / "scenario.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    before = names(hub.folder)
    for command in ("check", "run"):
        said = hub(command, "hub", code=1)
        assert words in said.words
        assert "secret" not in said.words
    assert names(hub.folder) == before


@pytest.mark.parametrize("what", ["text", "cut", "folder"])
def test_a_workbook_that_is_none(hub, what):
    path = hub.folder / "hub" / "hub.xlsx"
    content = path.read_bytes()
    path.unlink()
    if what == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"ev_id;Battery\n1;50\n" if what == "text" else content[:3000])
    before = names(hub.folder)
    for command in ("check", "run"):
        assert "hub.xlsx" in hub(command, "hub", code=1).words
    assert names(hub.folder) == before


def test_all_that_is_wrong_at_once(hub):
    for edit in (
        cell("Fleet", "ev_id", 3, "van-01"),
        cell("Fleet", TARGET, 4, 85),
        cell("Cluster1", "cu_eff", 2, 1.2),
        cell("Capacity2", "LB (kW)", 2, 999),
    ):
        change(hub.folder, edit)
    said = hub("check", "hub", code=1)
    for place in ("Fleet row 3", "Fleet row 4", "Cluster1 row 2", "Capacity2 row 2"):
        assert place in said.words
    said = hub("check", "hub", "--set", "cluster.control=milk", "--json", code=1)
    (finding,) = said.json
    assert finding["where"] == "cluster.control"


def test_in_a_process_of_its_own(tmp_path, template):
    shutil.copytree(template, tmp_path / "hub")
    change(tmp_path, cell("Cluster1", "cu_eff", 2, 1.2))
    said = sparewatt("run", "hub", "--quiet", "--json", cwd=tmp_path, code=1)
    assert said.out == ""
    assert "Cluster1 row 2" in said.words
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hub"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "hub", "--resume"), "sparewatt.db does not exist"),
        (("run", "hub", "--out", "hub"), "holds a scenario of its own"),
        (("run", "hub", "--db", "nowhere/s.db"), "the folder nowhere does not exist; make it first"),
        (
            ("run", "hub", "--db", "postgresql://me:secret@127.0.0.1:9/d"),
            "the database server does not answer",
        ),
        (("init", "cluster", "hub"), "there is a scenario already, nothing was written"),
        (("generate", "sites", "--out", "x", "--bins", "nowhere.xlsx"), "nowhere.xlsx"),
        (("generate", "sites", "--out", "x", "--sessions", "nowhere.csv"), "nowhere.csv"),
        (("generate", "sites", "--out", "x", "--bins", "hub/hub.xlsx"), "hub.xlsx"),
    ],
)
def test_a_command_that_is_wrong(hub, arguments, words):
    before = names(hub.folder)
    said = hub(*arguments, code=1)
    assert words in said.words
    assert "secret" not in said.words
    assert names(hub.folder) == before
