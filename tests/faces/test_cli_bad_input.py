"""Bad input of every kind through the command line: exit 1, one table of findings, nothing written."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from support.command_line import query, sparewatt
from support.table_changes import change_table

ROOT = Path(__file__).parents[1] / "cases" / "depot" / "bad_input"
CASES = sorted((ROOT / "cases").glob("*.toml"))
HEAD = 'version = 1\nstudy = "depot"\nname = "bad"\n[inputs]\ntables = "tables/"\n'


def write_case(folder: Path, case: dict) -> None:
    shutil.copytree(ROOT / "tables", folder / "tables")
    for change in case.get("change", []):
        change_table(folder / "tables", change)
    settings = "".join(f"{k} = {toml(v)}\n" for k, v in case.get("settings", {}).items())
    (folder / "scenario.toml").write_text(f"{HEAD}[depot]\n{settings}", encoding="utf-8")


def toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def is_error(case: dict) -> bool:
    return any(e["severity"] == "error" for e in case["expect"])


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_bad_input(path, here):
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    write_case(here.folder, case)
    before = names(here.folder)

    checked = here("check", ".", code=int(is_error(case)))
    for expect in case["expect"]:
        for part in (expect["where"], expect["value"], expect.get("remedy", "")):
            assert " ".join(part.split()) in checked.words
    assert names(here.folder) == before
    if not is_error(case):
        return
    said = here("run", ".", code=1)
    assert said.out == ""
    assert "nothing was run, nothing was written." in said.words
    assert said.err.startswith("┏")
    assert said.err.count("┏") == 1  # one table
    assert re.search(r"┃ where +┃ what +┃ value +┃ what would be right +┃", said.err)
    assert names(here.folder) == before
    assert str(here.folder) not in said.words


@pytest.mark.parametrize("columns", [60, 40])
def test_findings_on_a_narrow_terminal_are_cards(here, columns):
    case = tomllib.loads((ROOT / "cases" / "negative_asc.toml").read_text(encoding="utf-8"))
    write_case(here.folder, case)
    said = here("run", ".", code=1, columns=columns)
    assert "error t_sites row 2, column asc_kw" in said.words
    assert "[-60]" in said.words
    assert "→ at least 0 kW" in said.words
    assert max(len(line) for line in said.err.splitlines()) <= columns
    assert not any(mark in said.err for mark in "│┃┏")


def test_in_a_process_of_its_own_and_as_json(tmp_path):
    case = tomllib.loads((ROOT / "cases" / "negative_asc.toml").read_text(encoding="utf-8"))
    write_case(tmp_path, case)
    said = sparewatt("check", ".", "--json", cwd=tmp_path, code=1)
    (finding,) = [f for f in said.json if f["severity"] == "error"]
    assert finding["rule"] == "depot.value.negative"
    assert finding["where"] == "t_sites row 2, column asc_kw"
    assert finding["value"] == "-60"
    said = sparewatt("run", ".", "--quiet", "--json", cwd=tmp_path, code=1)
    assert said.out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == ["scenario.toml", "tables"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "study is not given"),
        ("version = 1\nstudy = 'depot'\n[inputs]\ntabels = 'tables/'\n", "is tabels meant to be tables?"),
        (HEAD + "[depot]\nhorizon_day = 2\n", "did you mean horizon_days?"),
        (HEAD + "[depot]\nhorizon_days = 0\nefficiency = 'much'\n", "efficiency is not a number"),
        (HEAD + "[depot\n", "is not TOML"),
        (HEAD.replace("depot", "depo"), "did you mean depot?"),
        (HEAD.replace("depot", "community"), "a community study does not read tables"),
        (HEAD.replace("version = 1", "version = 9"), "version = 1, or another Sparewatt"),
        (HEAD.replace("tables/", "../elsewhere"), "the path leaves the folder of the scenario file"),
        (HEAD.replace("tables/", "/etc"), "the path leaves the folder of the scenario file"),
        (HEAD.replace("tables/", "nowhere/"), "there is no such folder"),
        (HEAD.replace("tables/", "scenario.toml"), "is a file, not a folder of CSV files"),
        (HEAD.replace("tables/", "sqlite:///nowhere.db"), "there is no such file"),
        (HEAD.replace("tables/", "sqlite:///scenario.toml"), "file is not a database"),
        (HEAD.replace("tables/", "nosuch://host/db"), "is not a database URL that can be used"),
        (
            HEAD.replace("tables/", "postgresql+psycopg://me:secret@127.0.0.1:9/db"),
            "check that the database runs, and its address, name, user and password",
        ),
    ],
)
def test_a_scenario_file_that_is_wrong(here, text, words):
    shutil.copytree(ROOT / "tables", here.folder / "tables")
    (here.folder / "scenario.toml").write_text(text, encoding="utf-8")
    before = names(here.folder)
    for command in ("check", "run"):
        said = here(command, ".", code=1)
        assert words in said.words
        assert "secret" not in said.words
    assert names(here.folder) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nope.toml",), "there is no such file"),
        (("tables",), "is a folder, not a scenario file"),
        ((".", "--set", "depot.horizon_day=2"), "did you mean horizon_days?"),
        ((".", "--set", "horizon"), "not of the form key=value"),
        ((".", "--db", "nowhere/s.db"), "the folder nowhere does not exist; make it first"),
        ((".", "--db", "tables"), "tables is a folder; name a file in it"),
        ((".", "--db", "scenario.toml"), "it is not an SQLite database"),
        ((".", "--db", "mysql://me:secret@host/db"), "kept in SQLite or PostgreSQL, not in 'mysql'"),
        ((".", "--db", "postgresql://me:secret@127.0.0.1:9/db"), "the database server does not answer"),
        ((".", "--out", "scenario.toml"), "scenario.toml is a file; name another folder"),
        ((".", "--out", "."), "holds a scenario of its own"),
        ((".", "--resume"), "sparewatt.db does not exist"),
        ((".", "--set", "depot.scenario_ids=[1]"), "sparewatt.db does not exist"),
    ],
)
def test_a_command_that_is_wrong(here, arguments, words):
    write_case(here.folder, {})
    before = names(here.folder)
    said = here("run", *arguments, code=1)
    assert words in said.words
    assert "secret" not in said.words
    assert names(here.folder) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("frob",), "No such command 'frob'"),
        (("run",), "Missing argument"),
        (("run", ".", "--nope"), "No such option: --nope"),
        (("run", ".", "--workers", "0"), "--workers"),
        (("show",), "Missing argument 'RUN'"),
        (("export", "1", "--to", "pdf"), "'pdf' is not one of 'csv', 'xlsx', 'parquet', 'html', 'bundle'"),
        (
            ("init", "feeder", "x"),
            "'feeder' is no study that can be written; depot, cluster, network and community are",
        ),
        (("--log-level", "loud", "runs"), "'loud' is none of debug, info, warning, error, critical"),
        (
            ("generate", "fleet", "--out", "x", "--first-day", "1.1.2026"),
            "'1.1.2026' is no day like 2026-10-05",
        ),
        (("generate", "fleet", "--out", "x", "--vehicles", "0"), "--vehicles"),
        (("generate", "moons", "--out", "x"), "No such command 'moons'"),
        (("generate", "sites"), "Missing option '--out'"),
        (("generate", "sites", "--out", "x", "--step", "7"), "7 is none of 1, 2, 3, 4, 5, 6, 10"),
        (
            ("generate", "sites", "--out", "x", "--timezone", "Mars"),
            "'Mars' is no zone such as Europe/London",
        ),
        (("generate", "sites", "--out", "x", "--kind", "moon"), "'moon' is not one of 'workplace', 'fast'"),
        (
            ("generate", "sites", "--out", "x", "--bins", "a.xlsx", "--sessions", "b.csv"),
            "drawn from --bins or from --sessions, not from both",
        ),
    ],
)
def test_usage_is_exit_2_and_says_how_it_goes(here, arguments, words):
    said = here(*arguments, code=2)
    assert words in said.words
    assert "Usage: sparewatt" in said.err
    assert "for help." in said.err
    assert names(here.folder) == []


def test_no_command_shows_the_help(here):
    said = here(code=2)
    assert "Commands" in said.words
    assert "error" not in said.err


def test_log_level_by_variable(here, monkeypatch):
    monkeypatch.setenv("SPAREWATT_LOG", "loud")
    said = here("runs", code=2)
    assert "Invalid value for SPAREWATT_LOG: 'loud' is none of debug" in said.words


def test_a_bug_is_exit_3_with_words_and_a_way_to_tell(here, monkeypatch):
    def broken(*_: object) -> None:
        raise KeyError("no such thing")

    monkeypatch.setattr("sparewatt.faces.cli.run_commands.read_given", broken)
    said = here("check", ".", code=3)
    assert said.words == (
        "internal error KeyError: 'no such thing' This is a bug of Sparewatt; "
        "with --log-level debug it tells where."
    )


def test_scenarios_that_are_not_there_or_not_of_these_tables(here):
    write_case(here.folder, {})
    here("run", ".", "--quiet")
    before = names(here.folder)
    said = here("run", ".", "--set", "depot.scenario_ids=[9]", code=1)
    assert "There is no scenario 9 in sparewatt.db; `sparewatt runs` lists what there is." in said.words
    with closing(sqlite3.connect("sparewatt.db")) as connection, connection:
        connection.execute("UPDATE t_charging_scenarios SET run_id = '2' WHERE scenario_id = 1")
    said = here("run", ".", "--set", "depot.scenario_ids=[1, 2]", code=1)
    assert "scenario 1 is allocation 71 of run 2" in said.words
    assert "1 error; nothing was run, nothing was written." in said.words
    assert [n for n in names(here.folder) if not n.startswith("sparewatt.db-")] == before
    assert query(here.folder / "sparewatt.db", "SELECT count(*) FROM runs") == [(1,)]
