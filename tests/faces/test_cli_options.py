"""Options, variables, folders and databases of the command line."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from sparewatt.inputs.depot.template import write_depot_template
from sparewatt.results.store import Store
from support.command_line import query, run_files, sparewatt, stored_rows

NAME = "four-vans-one-limit"


@pytest.fixture
def vans(here):
    write_depot_template(here.folder / "vans")
    return here


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    """Reports take longer than all else; they are looked at in other tests."""
    monkeypatch.setattr("sparewatt.results.report.write_report", lambda folder, target=None: target or folder)


def test_one_json_object_per_run_and_nothing_else_on_stdout(vans):
    shutil.copytree("vans", "more")
    said = vans("run", "vans", "more", "--quiet", "--json", "--set", "seed=11")
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [line["run"] for line in lines] == [1, 2]
    assert [line["seed"] for line in lines] == [11, 11]
    assert said.err == ""
    first = lines[0]
    assert (first["study"], first["name"], first["level"]) == ("depot", "Four vans, one limit", "normal")
    assert [(s["allocation_id"], s["mode"], s["level"]) for s in first["scenarios"]] == [
        ("1", "BAU", "breach"),
        ("1", "opt", "normal"),
    ]
    assert first["kpis"]["cost_opt"] == pytest.approx(71.744, abs=0.001)
    assert (Path(first["directory"]) / "outcome.json").is_file()


def test_quiet_says_nothing(vans):
    said = vans("run", "vans", "--quiet")
    assert (said.out, said.err) == ("", "")


def test_a_failed_scenario_among_several_stops_no_other(vans):
    said = vans("run", "nowhere", "vans", "--quiet", "--json", code=1)
    assert said.json["run"] == 1
    assert "nowhere: 1 error; nothing was run, nothing was written." in said.err


def test_settings_override_the_file(vans):
    said = vans("run", "vans", "--quiet", "--json", "--set", "depot.efficiency=1", "--set", 'name="lossless"')
    assert said.json["name"] == "lossless"
    # the routes take 320.5 kWh; the end of the run cuts the last night short
    assert 300 < said.json["kpis"]["energy_delivered_kwh_BAU"] <= 320.5
    scenario = (Path(said.json["directory"]) / "scenario.toml").read_text(encoding="utf-8")
    assert "efficiency = 1.0" in scenario
    assert 'name = "lossless"' in scenario


def test_out_of_one_scenario_and_of_several(vans):
    vans("run", "vans", "--out", "one", "--quiet")
    assert (Path("one") / "outcome.json").is_file()
    for name in ("b", "c"):
        shutil.copytree("vans", name)
    text = Path("c/scenario.toml").read_text(encoding="utf-8").replace("Four vans, one limit", "Other vans")
    Path("c/scenario.toml").write_text(text, encoding="utf-8")
    vans("run", "vans", "b", "c", "--out", "all", "--quiet")
    assert sorted(p.name for p in Path("all").iterdir()) == [NAME, f"{NAME}-2", "other-vans"]
    for path in Path("all").iterdir():
        assert (path / "outcome.json").is_file()


def test_out_again_takes_the_place_of_the_run_before(vans):
    vans("run", "vans", "--out", "out", "--quiet")
    Path("out/note.txt").write_text("mine", encoding="utf-8")
    vans("run", "vans", "--out", "out", "--quiet", "--set", "depot.efficiency=0.8")
    assert Path("out/note.txt").is_file()
    assert {p.name[:10] for p in Path("out/series").iterdir()} == {"scenario_3", "scenario_4"}
    assert "88.44" in vans("show", "2").out
    said = vans("show", "1", code=1)
    assert (
        "The files of run 1 of 'Four vans, one limit' are gone: run 2 wrote to the same folder" in said.words
    )


def test_a_file_or_a_folder_of_the_scenario(vans):
    for path in ("vans", "vans/scenario.toml"):
        assert "run" in vans("run", path, "--quiet", "--json").json
    Path("vans/scenario.toml").rename("vans/other.toml")
    assert "run" in vans("run", "vans/other.toml", "--quiet", "--json").json
    assert "is a folder, not a scenario file" in vans("run", "vans", code=1).words


def test_two_stores_in_one_folder_keep_their_runs_apart(vans):
    vans("run", "vans", "--quiet")
    vans("run", "vans", "--quiet", "--db", "other.db", "--set", "depot.efficiency=0.8")
    assert sorted(p.name for p in Path("sparewatt-data").iterdir()) == [f"1-{NAME}", f"1-{NAME}-2"]
    assert "80.41" in vans("show", "1").out
    assert "88.44" in vans("show", "1", "--db", "other.db").out


def test_places_by_variable(vans, monkeypatch):
    monkeypatch.setenv("SPAREWATT_DB", "kept/runs.db")
    monkeypatch.setenv("SPAREWATT_DATA", "kept/files")
    Path("kept").mkdir()
    vans("run", "vans", "--quiet")
    assert (Path("kept/files") / f"1-{NAME}" / "outcome.json").is_file()
    assert query(Path("kept/runs.db"), "SELECT state FROM runs") == [("done",)]
    assert "71.74" in vans("show", "latest").out
    assert sorted(p.name for p in Path().iterdir()) == ["kept", "vans"]


def test_the_log_of_a_run_is_kept_beside_its_outcome(vans):
    said = vans("run", "vans", "--quiet", "--out", "out")
    log = Path("out/run.log").read_text(encoding="utf-8")
    assert re.search(r"INFO \d+ sparewatt\S+: run 1 of 'Four vans, one limit': 2 of 2 scenarios to plan", log)
    assert "allocation 1 opt: 2 days planned" in log
    assert said.err == ""


@pytest.mark.parametrize("how", ["option", "variable"])
def test_the_log_speaks_when_asked(vans, monkeypatch, how):
    if how == "variable":
        monkeypatch.setenv("SPAREWATT_LOG", "INFO")
        said = vans("run", "vans", "--quiet")
    else:
        said = vans("--log-level", "info", "run", "vans", "--quiet")
    assert "INFO sparewatt.studies.depot: run 1: done, level normal" in said.err
    assert said.out == ""


def test_two_workers_write_into_one_log(tmp_path):
    write_depot_template(tmp_path / "vans")
    sparewatt("run", "vans", "--quiet", "--workers", "2", "--out", "out", cwd=tmp_path)
    log = (tmp_path / "out" / "run.log").read_text(encoding="utf-8")
    planned = re.findall(r"INFO (\d+) \S+ allocation 1 (BAU|opt): 2 days planned", log)
    assert sorted(mode for _, mode in planned) == ["BAU", "opt"]
    assert len({pid for pid, _ in planned} | set(re.findall(r"INFO (\d+) \S+ run 1: done", log))) > 1


def test_scenarios_again_take_the_place_of_their_rows(vans):
    vans("run", "vans", "--quiet")
    before = stored_rows(vans.folder / "sparewatt.db")
    said = vans(
        "run", "vans", "--quiet", "--json", "--set", "depot.scenario_ids=[2]", "--set", "depot.efficiency=0.8"
    )
    assert [s["scenario_id"] for s in said.json["scenarios"]] == [2]
    after = stored_rows(vans.folder / "sparewatt.db")
    assert len(after["t_charge_demand"]) == len(before["t_charge_demand"])
    of = {n: [r for r in rows["t_charge_demand"] if r[0] == n] for n, rows in ((1, before), (2, after))}
    assert of[1] == [r for r in after["t_charge_demand"] if r[0] == 1]
    assert of[2] != [r for r in before["t_charge_demand"] if r[0] == 2]
    assert "80.80" in vans("show", "2").words
    vans("run", "vans", "--quiet", "--set", "depot.scenario_ids=2")
    assert stored_rows(vans.folder / "sparewatt.db") == before
    assert Store.check("sparewatt.db") == ()


def test_a_scenario_that_fails_leaves_the_others_done_and_is_tried_again(vans):
    Path("out/series").mkdir(parents=True)
    Path("out/series/scenario_2_site.parquet").mkdir()
    said = vans("run", "vans", "--out", "out", code=1)
    assert "1 of 2 scenarios of run 1 failed: allocation 1 opt: the file" in said.words
    assert "Carry on when the cause is gone with: sparewatt run vans --out out --resume" in said.words
    assert query(Path("sparewatt.db"), "SELECT schedule_status FROM t_charging_scenarios") == [("d",), ("f",)]
    assert "failed: 1 of 2 scenarios" in vans("runs").words
    assert "Run 1 of 'Four vans, one limit' is failed" in vans("show", "1", code=1).words
    Path("out/series/scenario_2_site.parquet").rmdir()
    vans("run", "vans", "--out", "out", "--resume", "--quiet")
    assert query(Path("sparewatt.db"), "SELECT schedule_status FROM t_charging_scenarios") == [("d",), ("d",)]
    vans("run", "vans", "--out", "fresh", "--db", "fresh.db", "--quiet")
    assert run_files(Path("out")) == run_files(Path("fresh"))


def test_resume_after_a_change_of_the_inputs_is_refused(vans):
    Path("out/series/scenario_2_site.parquet").mkdir(parents=True)
    vans("run", "vans", "--out", "out", code=1)
    said = vans("run", "vans", "--out", "out", "--resume", "--set", "depot.efficiency=0.8", code=1)
    assert (
        "Run 1 of 'Four vans, one limit' is unfinished, but its settings or tables have changed" in said.words
    )
    said = vans("run", "vans", "--resume", "--set", 'name="other"', code=1)
    assert "There is no run of 'other' to resume; run it without --resume." in said.words
    assert query(Path("sparewatt.db"), "SELECT count(*) FROM runs") == [(1,)]


def copied_tables(folder: Path, url: str) -> None:
    """The tables of the example in a database, all values as a person's own tool would load them."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for path in sorted((folder / "tables").glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as file:
                head, *rows = list(csv.reader(file))
            table = sa.Table(path.stem, sa.MetaData(), *(sa.Column(c, sa.Text) for c in head))
            table.create(connection)
            connection.execute(table.insert(), [dict(zip(head, row, strict=True)) for row in rows])
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request, vans):
    """Address of the tables, as the scenario file says it, and as SQLAlchemy takes it."""
    if request.param == "sqlite":
        copied_tables(vans.folder / "vans", f"sqlite:///{vans.folder}/vans/fleet.db")
        url = "sqlite:///fleet.db"
    else:
        url = request.getfixturevalue("postgres_database")
        copied_tables(vans.folder / "vans", url)
    text = Path("vans/scenario.toml").read_text(encoding="utf-8").replace('"tables/"', json.dumps(url))
    Path("vans/scenario.toml").write_text(text, encoding="utf-8")
    shutil.rmtree("vans/tables")
    return f"sqlite:///{vans.folder}/vans/fleet.db" if request.param == "sqlite" else url


def test_tables_in_a_database_get_their_results_back(vans, database):
    assert vans("check", "vans").out == "vans: no findings\n"
    said = vans("run", "vans", "--quiet", "--json")
    assert said.json["kpis"]["cost_opt"] == pytest.approx(71.744, abs=0.001)
    assert not Path("sparewatt.db").exists()
    with Store.open(database) as store:
        assert [(s.status, s.what.mode) for s in store.find_scenarios(1)] == [("d", "BAU"), ("d", "opt")]
        assert store.read_demand(2).num_rows == 4 * 2 * 48
    again = vans("run", "vans", "--quiet", "--json", "--db", "beside.db")
    assert again.json["input_hash"] == said.json["input_hash"]
    assert Path("beside.db").is_file()

    # the copy beside the outcome makes the same run, without the database
    folder = Path(said.json["directory"])
    vans("run", folder, "--out", "again", "--db", "again.db", "--quiet")
    assert run_files(Path("again")) == run_files(folder)


@pytest.mark.postgres
def test_no_password_leaves_the_scenario_file(vans, postgres_database):
    copied_tables(vans.folder / "vans", postgres_database)
    url = make_url(postgres_database).set(password="hushhush").render_as_string(hide_password=False)
    text = Path("vans/scenario.toml").read_text(encoding="utf-8").replace('"tables/"', json.dumps(url))
    Path("vans/scenario.toml").write_text(text, encoding="utf-8")
    shutil.rmtree("vans/tables")
    said = vans("run", "vans", "--quiet", "--json")
    for path in Path("sparewatt-data").rglob("*"):
        assert path.is_dir() or b"hushhush" not in path.read_bytes()
    with Store.open(postgres_database) as store:
        assert "hushhush" not in store.find_run(1).scenario
    assert "hushhush" not in said.out + said.err


@pytest.mark.postgres
def test_a_read_only_database_is_said_before_anything_is_planned(vans, postgres_database):
    copied_tables(vans.folder / "vans", postgres_database)
    engine = sa.create_engine(postgres_database, isolation_level="AUTOCOMMIT")
    name = make_url(postgres_database).database
    with engine.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    engine.dispose()
    text = Path("vans/scenario.toml").read_text(encoding="utf-8")
    Path("vans/scenario.toml").write_text(
        text.replace('"tables/"', json.dumps(postgres_database)), encoding="utf-8"
    )
    assert vans("check", "vans").out == "vans: no findings\n"  # reading is allowed
    said = vans("run", "vans", code=1)
    assert "the database is read-only; ask for the right to write, or name another" in said.words
    assert not Path("sparewatt-data").exists()


def test_a_table_or_column_that_a_database_lacks(vans):
    copied_tables(vans.folder / "vans", f"sqlite:///{vans.folder}/vans/fleet.db")
    with closing(sqlite3.connect("vans/fleet.db")) as connection, connection:
        connection.execute("DROP TABLE t_vehicle_specifications")
        connection.execute("ALTER TABLE t_sites DROP COLUMN asc_kw")
    before = Path("vans/fleet.db").read_bytes()
    said = vans("run", "vans", "--set", 'inputs.tables="sqlite:///fleet.db"', code=1)
    assert "there is no table t_vehicle_specifications" in said.words
    assert "t_sites has no column asc_kw" in said.words
    assert Path("vans/fleet.db").read_bytes() == before


def test_names_that_look_like_markup_stay_as_they_are(vans):
    for name in ("t_allocation", "t_route_allocated"):
        path = Path("vans/tables") / f"{name}.csv"
        head, *rows = path.read_text(encoding="utf-8").splitlines()
        changed = [",".join(["[/b]", *row.split(",")[1:]]) for row in rows]
        path.write_text("\n".join([head, *changed, ""]), encoding="utf-8")
    path = Path("vans/tables/t_run_charging.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("[1]", '"[""[/b]""]"'), encoding="utf-8")
    said = vans("run", "vans", "--set", 'name="[red]vans[/]"')
    assert "run 1: allocation [/b] BAU" in said.err
    assert "run 1 of [red]vans[/]: done, level normal" in said.out
    for command in (("runs",), ("show", "1"), ("compare", "1")):
        assert "allocation [/b]" in vans(*command).out
    assert "There is no run '[/x]'" in vans("show", "[/x]", code=1).words
