from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from sparewatt.errors import StoreError
from sparewatt.results.store import Store, schema, tables
from support.store_rows import OWNER, demand, new_run, report


def execute(url: str, *statements: str) -> list[tuple]:
    """What another program does to the database; rows of the last statement."""
    found: list[tuple] = []
    if "://" not in url:
        connection = sqlite3.connect(url)
        for statement in statements:
            found = connection.execute(statement).fetchall()
        connection.commit()
        connection.close()
        return found
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False)) as connection:
        for statement in statements:
            cursor = connection.execute(statement)
            found = cursor.fetchall() if cursor.description else []
    return found


def test_a_new_store_has_the_tables_that_the_code_knows(store_url):
    with Store.open(store_url) as store:

        def differences(connection):
            context = MigrationContext.configure(connection, opts={"compare_type": False})
            return [d for d in compare_metadata(context, tables.metadata) if "index" not in str(d[0])]

        found = store.read("compare", differences)
    assert [d for d in found if getattr(d[1], "name", "") != "sparewatt_schema"] == []
    assert Store.check(store_url) == ()


def test_the_newest_migration_is_the_version_that_is_asked_for():
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_heads() == [schema.SCHEMA]


def test_opening_again_changes_nothing(store_url):
    with Store.open(store_url) as store:
        run = store.create_run(study="depot", name="a")
    with Store.open(store_url) as store:
        assert store.find_run("latest") == run
        assert store.address
    assert "nothing to do" in Store.upgrade(store_url)


def test_upgrade_makes_a_store(store_url):
    if "://" in store_url:
        assert [f.rule for f in Store.check(store_url)] == ["store.empty"]
    assert "version none -> 0003" in Store.upgrade(store_url)
    assert Store.check(store_url) == ()


def test_a_store_that_should_be_there(store_url):
    with pytest.raises(StoreError, match=r"does not exist|There is no store in .* yet"):
        Store.open(store_url, create=False)


def test_sqlite_is_set_up_for_several_processes(tmp_path):
    with Store.open(tmp_path / "sparewatt.db") as store:
        asked = {
            name: store.read("look", lambda c, name=name: c.execute(text(f"PRAGMA {name}")).scalar())
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert asked == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000}
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "sparewatt.db"
    ]  # the log is gone with the last user


def test_a_users_own_database_keeps_its_tables_and_gets_ours(store_url):
    execute(
        store_url,
        "CREATE TABLE t_allocation (allocation_id TEXT, run_id TEXT)",
        "INSERT INTO t_allocation VALUES ('71', '1')",
        "CREATE TABLE other (x INTEGER)",
    )
    with Store.open(store_url) as store:
        new_run(store)
    assert execute(store_url, "SELECT * FROM t_allocation") == [("71", "1")]
    assert Store.check(store_url) == ()


SCENARIOS = (
    "CREATE TABLE t_charging_scenarios (scenario_id INTEGER, run_id TEXT, allocation_id TEXT, "
    "smart_charging INTEGER, schedule_status TEXT, charger1 FLOAT, charger2 FLOAT, "
    "num_charger1 INTEGER, num_charger2 INTEGER, "
    "charger_type TEXT, note TEXT, "
    + ", ".join(f"{c} {'INTEGER' if c in tables.COUNTS else 'FLOAT'}" for c in tables.SUMMARY_COLUMNS)
    + ")"
)


def test_a_users_own_results_table_that_fits_is_used_and_its_rows_stay(store_url):
    execute(
        store_url,
        SCENARIOS,
        "INSERT INTO t_charging_scenarios (scenario_id, run_id, allocation_id, note) "
        "VALUES (41, 'x', 'y', 'mine')",
    )
    with Store.open(store_url) as store:
        run_id, (scenario,) = new_run(store)
        assert scenario.scenario_id == 42
        store.claim_scenario(run_id, OWNER)
        store.commit_day(42, OWNER, 0, demand(0), report(0), b"")
    seen = execute(
        store_url, "SELECT scenario_id, run_id, note FROM t_charging_scenarios ORDER BY scenario_id"
    )
    assert seen == [(41, "x", "mine"), (42, "071", None)]


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "CREATE TABLE runs (id INTEGER, colour TEXT)",
            r"table runs: is there already and was not made by Sparewatt",
        ),
        ("CREATE VIEW kpis AS SELECT 1 AS x", r"table kpis: is a view"),
        (
            "CREATE TABLE t_charge_demand (scenario_id INTEGER, datetime TEXT)",
            r"table t_charge_demand: lacks the columns allocated_vehicle_id, power_kw",
        ),
        (
            SCENARIOS.replace("run_id TEXT", "run_id INTEGER"),
            r"column run_id: has type INTEGER, and the store writes text \(ids stay as they were written",
        ),
        (
            SCENARIOS.replace("note TEXT", "note TEXT NOT NULL"),
            r"t_charging_scenarios, column note: must have a value, and the store has none for it",
        ),
    ],
)
def test_tables_in_the_way_are_named_with_the_way_out_and_nothing_is_changed(store_url, statement, words):
    execute(store_url, statement, "CREATE TABLE findings (x INTEGER)")
    with pytest.raises(StoreError, match=words) as caught:
        Store.open(store_url)
    assert "table findings: is there already" in str(caught.value)  # all at once
    assert "keep the results in a database of their own" in str(caught.value)
    assert "nothing was changed" in str(caught.value)
    with pytest.raises(StoreError, match=words):
        Store.upgrade(store_url)
    assert {f.severity for f in Store.check(store_url) if f.rule != "store.empty"} == {"error"}
    if "://" not in store_url:
        assert execute(store_url, "PRAGMA journal_mode") == [("delete",)]
    there = "sqlite_master" if "://" not in store_url else "information_schema.tables"
    name = "name" if "://" not in store_url else "table_name"
    assert execute(store_url, f"SELECT {name} FROM {there} WHERE {name} = 'depot_days'") == []


def test_a_store_of_a_newer_sparewatt(store_url):
    Store.open(store_url).close()
    execute(store_url, "UPDATE sparewatt_schema SET version_num = '0099'")
    for call in (Store.open, Store.upgrade):
        with pytest.raises(StoreError, match=r"has version 0099 of the tables, this Sparewatt knows 0003"):
            call(store_url)
    assert [f.rule for f in Store.check(store_url)] == ["store.version"]


def test_a_damaged_store_is_found(store_url):
    with Store.open(store_url) as store:
        run_id, (scenario,) = new_run(store)
        store.claim_scenario(run_id, OWNER)
        store.commit_day(scenario.scenario_id, OWNER, 0, demand(0), report(0), b"")
    execute(store_url, "DELETE FROM t_charge_demand WHERE power_kw = 5")
    (finding,) = Store.check(store_url)
    assert finding.rule == "store.demand.differs"
    assert finding.message == "holds 143 rows, and 144 were committed"
    execute(store_url, "DROP TABLE kpis")
    with pytest.raises(StoreError, match="table kpis: is missing"):
        Store.open(store_url)


def test_what_is_no_store(tmp_path):
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 100)
    for path, words in (
        (tmp_path / "letter.txt", "it is not an SQLite database"),
        (tmp_path, "is a folder; name a file in it"),
        (tmp_path / "no" / "where.db", "the folder .* does not exist"),
        ("mysql://me:hush@host/db", "kept in SQLite or PostgreSQL, not in 'mysql'"),
        ("sqlite://", "in memory would be lost"),
        ("://", "is no URL"),
        ("nonsense://x", "not in 'nonsense'"),
        (f"sqlite:///{tmp_path}", "is a folder"),
    ):
        with pytest.raises(StoreError, match=words) as caught:
            Store.open(path)
        assert "hush" not in str(caught.value)
    assert [f.rule for f in Store.check(tmp_path / "none.db")] == ["store.away"]
    assert not (tmp_path / "none.db").exists()


def test_a_read_only_file():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sparewatt.db")
        Store.open(path).close()
        for place, mode in ((path, 0o444), (path.parent, 0o555)):
            before = place.stat().st_mode
            place.chmod(mode)
            as_root = os.geteuid() == 0
            if as_root:
                os.chown(path.parent, 65534, 65534)
                os.chown(path, 65534, 65534)
                os.seteuid(65534)
            try:
                with pytest.raises(
                    StoreError, match="is read-only for you; allow writing to the file and its"
                ):
                    Store.open(path)
            finally:
                if as_root:
                    os.seteuid(0)
                place.chmod(before)


def test_a_locked_file_is_waited_for_and_then_named(tmp_path, monkeypatch):
    monkeypatch.setattr("sparewatt.results.store.opening.BUSY_S", 0.2)
    monkeypatch.setattr("sparewatt.results.store.core.RETRY_S", 0.5)
    path = tmp_path / "sparewatt.db"
    with Store.open(path) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program has been writing to it for too long"):
            store.create_run(study="depot", name="a")
        other.execute("ROLLBACK")
        other.close()
        store.create_run(study="depot", name="a")


@pytest.mark.postgres
def test_a_read_only_database(postgres_database):
    name = make_url(postgres_database).database
    execute(postgres_database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match="the database is read-only; ask for the right to write"):
        Store.open(postgres_database)


@pytest.mark.postgres
def test_a_server_that_is_not_there_and_a_database_that_is_not_there(postgres_url):
    away = make_url(postgres_url).set(password="hush-hush", query={"host": "/nowhere"})
    with pytest.raises(StoreError, match="the database server does not answer") as caught:
        Store.open(away.render_as_string(False))
    assert "hush" not in str(caught.value)
    none = make_url(postgres_url).set(drivername="postgres", database="no_such_database")
    with pytest.raises(StoreError, match='database "no_such_database" does not exist'):
        Store.open(none.render_as_string(False))


def test_several_processes_may_open_a_new_store_at_once(store_url, tmp_path):
    code = (
        "import sys; from sparewatt.results.store import Store\n"
        "with Store.open(sys.argv[1]) as store: store.create_run(study='depot', name='a')"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, store_url], cwd=tmp_path) for _ in range(4)]
    assert [p.wait(60) for p in processes] == [0, 0, 0, 0]
    with Store.open(store_url) as store:
        assert [run.id for run in store.find_runs()] == [4, 3, 2, 1]


def test_a_path_may_hold_any_sign(tmp_path):
    path = tmp_path / "100 % #1? ünïcode & 'q'.db"
    with Store.open(path) as store:
        store.create_run(study="depot", name="a")
    assert path.stat().st_size > 0
    assert len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_is_named_and_leaves_no_half_day(tmp_path):
    with Store.open(tmp_path / "sparewatt.db") as store:
        run_id, (scenario,) = new_run(store)
        store.claim_scenario(run_id, OWNER)
        pages = store.read("count", lambda c: c.execute(text("PRAGMA page_count")).scalar())
        store.close()
        event.listen(store._engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count = {pages + 1}"))
        with pytest.raises(StoreError, match="the disk is full; make room and carry on with --resume"):
            store.commit_day(scenario.scenario_id, OWNER, 0, demand(0), report(0), b"")
        assert store.committed_days(scenario.scenario_id) == ()
    assert Store.check(tmp_path / "sparewatt.db") == ()
