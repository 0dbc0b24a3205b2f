"""The same tables as files of any form, in SQLite and in PostgreSQL are the same run."""

from __future__ import annotations

import random
import sqlite3
from datetime import date, time, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sparewatt.errors import InputError
from sparewatt.inputs.depot import schema
from sparewatt.inputs.depot.database import database_url
from sparewatt.inputs.depot.input_hash import hash_depot_inputs
from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.depot.settings import DepotSettings
from sparewatt.inputs.depot.source import open_source, read_table
from sparewatt.inputs.finding_log import FindingLog
from support.depot_tables import half_hours

SETTINGS = DepotSettings()


@pytest.fixture
def fleet(tables):
    """Two days over a clock change; ids as numbers and as text, an overnight route, a shared spec."""
    for day in ("2026-10-24", "2026-10-25"):
        tables.route(1, day, "06:10", "14:10", 30.25)
        tables.route("van 2", day, "22:00", "26:30", 1 / 3, recharge_hours=1.5)
        tables.route(10, day, "07:00", "15:00", 12)
    stamps = half_hours("2026-10-24", "2026-10-26")
    tables.tables["t_site_load"] = [
        {"site_id": 5, "datetime": s, "clean_load": 10 + k / 7} for k, s in enumerate(stamps)
    ]
    tables.tables["t_electricity_price"] = [
        {"distribution_id": 20, "datetime": s, "electricity_price_fixed": 0.1 + k / 997}
        for k, s in enumerate(stamps)
    ]
    tables["t_client"].append({"client_id": 3, "name": "Żółw & Söhne"})
    tables["t_run_charging"][0].update(client_id=3, charging_mode='["opt"]', soc_margin=0.1)
    return tables


def hash_of(source, base_dir, settings=SETTINGS):
    run, findings = read_depot_run(source, settings, base_dir)
    assert run is not None, "\n".join(map(str, findings))
    return hash_depot_inputs(run, settings)


@pytest.fixture
def expected(fleet):
    fleet.write()
    return hash_of("tables", fleet.folder)


def test_what_the_run_holds(fleet):
    run, _ = fleet.read()
    assert (run.run_id, run.client_id, run.client_name, run.modes) == ("1", "3", "Żółw & Söhne", ("opt",))
    assert [d.allocation_id for d in run.depots] == ["1"]
    depot = run.depots[0]
    assert (depot.reserve, depot.asc_margin, depot.asc_kw, depot.site_id) == (0.1, 0.2, 100, "5")
    assert (depot.chargers.ac_kw, depot.chargers.dc_kw, depot.chargers.num_dc) == (7, 50, 1)
    assert depot.chargers.num_ac == 3  # a socket each where the table does not say


@pytest.mark.parametrize(
    "form",
    [
        {"lineterminator": "\r\n"},
        {"lineterminator": "\n"},
        {"delimiter": ";"},
        {"delimiter": "\t"},
        {"quoting": 1},
    ],
)
def test_forms_of_csv(fleet, expected, form):
    fleet.write(**form)
    assert hash_of("tables", fleet.folder) == expected


def test_a_byte_order_mark_blank_lines_and_other_case(fleet, expected):
    folder = fleet.write()
    for path in folder.iterdir():
        header, rest = path.read_text("utf-8").split("\n", 1)
        path.write_text(f"{header.upper()}\n\n{rest}\n,,\n", "utf-8-sig")
    (folder / "t_sites.csv").rename(folder / "T_SITES.CSV")
    assert hash_of("tables", fleet.folder) == expected


def test_blank_lines_count_as_rows(fleet):
    folder = fleet.write()
    path = folder / "t_sites.csv"
    path.write_text("site_id,asc_kw,distribution_id\n\n5,abc,20\n")
    _, findings = read_depot_run("tables", SETTINGS, fleet.folder)
    assert findings[0].where == "t_sites row 3, column asc_kw"


def test_the_order_of_rows_other_rows_and_other_columns_do_not_matter(fleet, expected):
    generator = random.Random(3)
    for rows in fleet.tables.values():
        generator.shuffle(rows)
        for row in rows:
            row["note"] = generator.random()
    fleet["t_sites"].append({"site_id": 6, "asc_kw": "unknown"})
    fleet["t_allocation"].append({"allocation_id": 2, "site_id": 99})
    fleet["t_run_charging"].append({"run_id": 2, "num_days": "all"})
    fleet["t_route_allocated"].append({"allocation_id": 2, "energy_required_kwh": "much"})
    fleet["t_route_master"].append({"route_id": 12345, "departure_time": "later"})
    fleet.tables["t_something_else"] = [{"x": 1}]
    fleet.write()
    assert hash_of("tables", fleet.folder) == expected


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("t_sites", "asc_kw", 101),
        ("t_sites", "excess_capacity_price", 1),
        ("t_vehicle_specifications", "charge_power_dc", 49),
        ("t_route_allocated", "energy_required_kwh", 31),
        ("t_route_allocated", "allocated_vehicle_id", 4),
        ("t_site_load", "clean_load", 11),
        ("t_electricity_price", "electricity_price_fixed", 0.2),
        ("t_run_charging", "soc_margin", 0.2),
        ("t_run_charging", "charging_mode", ""),
        ("t_allocation", "charger1", 8),
        ("t_client", "name", "Other"),
    ],
)
def test_what_is_used_changes_the_hash(fleet, expected, table, column, value):
    fleet[table][0][column] = value
    fleet.write()
    assert hash_of("tables", fleet.folder) != expected


def test_settings_that_matter_change_the_hash(fleet, expected):
    assert hash_of("tables", fleet.folder, DepotSettings(gap=0.01)) != expected
    assert hash_of("tables", fleet.folder, DepotSettings(workers=4, run_id="1")) == expected


def test_sqlite_is_the_same_as_files(fleet, expected):
    fleet.write_database(f"sqlite:///{fleet.folder}/fleet.db")
    assert hash_of("sqlite:///fleet.db", fleet.folder) == expected


def test_sqlite_with_every_column_as_text_or_real(fleet, expected):
    columns = {c for rows in fleet.tables.values() for row in rows for c in row}
    fleet.write_database(f"sqlite:///{fleet.folder}/text.db", dict.fromkeys(columns, sa.Text()))
    assert hash_of("sqlite:///text.db", fleet.folder) == expected
    ids = (
        "allocation_id",
        "site_id",
        "run_id",
        "current_run_id",
        "distribution_id",
        "allocated_spec_id",
        "spec_id",
    )
    fleet.write_database(f"sqlite:///{fleet.folder}/real.db", dict.fromkeys(ids, sa.Float()))
    assert hash_of("sqlite:///real.db", fleet.folder) == expected


def native(rows):
    """The same rows as a person with a database would keep them: dates, times and intervals."""
    for row in rows:
        if "date" in row:
            row["date"] = date.fromisoformat(row["date"])
        if "departure_time" in row:
            row["departure_time"] = time.fromisoformat(row["departure_time"])
        if "arrival_time" in row:
            hours, minutes = map(int, row["arrival_time"].split(":"))
            row["arrival_time"] = timedelta(hours=hours, minutes=minutes)


@pytest.mark.postgres
def test_postgres_is_the_same_as_files(fleet, expected, postgres_database):
    for rows in fleet.tables.values():
        native(rows)
    types = {"departure_time": sa.Time(), "arrival_time": sa.Interval(), "charging_mode": sa.JSON()}
    types |= {
        "asc_kw": sa.Numeric(10, 3),
        "energy_required_kwh": sa.Double(),
        "allocation_id": sa.BigInteger(),
    }
    types |= {"allocation_ids": sa.JSON(), "site_id": sa.Double()}
    fleet["t_run_charging"][0].update(charging_mode=["opt"], allocation_ids=[1])
    fleet.write_database(postgres_database, types)
    assert hash_of(postgres_database, fleet.folder) == expected


@pytest.mark.postgres
def test_postgres_findings_name_the_record_and_its_key(fleet, postgres_database):
    fleet["t_site_load"][3]["clean_load"] = float("nan")
    fleet.write_database(postgres_database)
    run, findings = read_depot_run(postgres_database, SETTINGS, fleet.folder)
    assert run is None
    assert findings[0].rule == "depot.value.number"
    assert findings[0].value == "NaN"
    assert findings[0].where == (
        "t_site_load record 4 (site_id 5, datetime 2026-10-24 00:30:00+00), column clean_load"
    )


@pytest.mark.postgres
def test_a_table_that_may_not_be_read_is_a_finding(fleet, postgres_database):
    fleet.write_database(postgres_database)
    engine = sa.create_engine(postgres_database)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS sparewatt_reader")
        connection.exec_driver_sql("CREATE ROLE sparewatt_reader LOGIN")
        connection.exec_driver_sql("GRANT SELECT ON t_system_parameters TO sparewatt_reader")
    engine.dispose()
    url = sa.make_url(postgres_database).set(username="sparewatt_reader")
    run, findings = read_depot_run(url.render_as_string(hide_password=False), SETTINGS, fleet.folder)
    assert run is None
    assert "permission denied" in findings[0].message


def test_findings_in_sqlite_name_the_record_and_its_key(fleet):
    fleet["t_sites"][0]["asc_kw"] = "abc"
    fleet.write_database(f"sqlite:///{fleet.folder}/fleet.db")
    run, findings = read_depot_run("sqlite:///fleet.db", SETTINGS, fleet.folder)
    assert run is None
    assert findings[0].where == "t_sites record 1 (site_id 5), column asc_kw"


def test_a_read_only_database_is_read(fleet, expected):
    path = fleet.folder / "fleet.db"
    fleet.write_database(f"sqlite:///{path}")
    path.chmod(0o400)
    assert hash_of("sqlite:///fleet.db", fleet.folder) == expected


def test_views_are_tables_too(fleet, expected):
    path = fleet.folder / "fleet.db"
    fleet.write_database(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    connection.execute("ALTER TABLE t_sites RENAME TO sites_of_ours")
    connection.execute("CREATE VIEW t_sites AS SELECT * FROM sites_of_ours")
    connection.close()
    assert hash_of("sqlite:///fleet.db", fleet.folder) == expected


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///nowhere.db", "there is no such file"),
        ("sqlite://", "name its file"),
        ("sqlite:///tables/t_sites.csv", "file is not a database"),
        ("postgresql://someone:secret@127.0.0.1:1/fleet", "could not be read"),
        ("postgres://someone:secret@127.0.0.1:1/fleet", "postgres"),
        ("oracle://someone:secret@127.0.0.1:1/fleet", "not a database URL that can be used"),
        ("nosuch://someone:secret@127.0.0.1/fleet", "nosuch"),
        ("postgresql://host:port/fleet", "not a database URL that can be used"),
    ],
)
def test_a_database_that_is_away_is_a_finding_without_its_password(fleet, url, message):
    fleet.write()
    run, findings = read_depot_run(url, SETTINGS, fleet.folder)
    assert run is None
    (finding,) = findings
    assert (finding.rule, finding.where) == ("depot.source.database", "inputs.tables")
    assert message in finding.message
    assert "secret" not in str(finding)
    assert not (fleet.folder / "nowhere.db").exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere", "there is no such folder"),
        ("../elsewhere", "leaves the folder"),
        ("/etc", "leaves the folder"),
        ("tables/t_sites.csv", "is a file"),
    ],
)
def test_a_folder_that_is_away_or_outside_is_a_finding(fleet, source, message):
    fleet.write()
    run, findings = read_depot_run(source, SETTINGS, fleet.folder)
    assert run is None
    assert [f.rule for f in findings] == ["depot.source.folder"]
    assert message in findings[0].message


def test_a_link_that_leaves_the_folder_is_not_followed(fleet, tmp_path_factory):
    folder = fleet.write()
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "t_sites.csv"
    (folder / "t_sites.csv").rename(elsewhere)
    (folder / "t_sites.csv").symlink_to(elsewhere)
    _, findings = read_depot_run("tables", SETTINGS, fleet.folder)
    assert [f.rule for f in findings if f.severity == "error"] == ["depot.table.missing"]


def test_a_file_of_another_encoding_is_a_finding(fleet):
    folder = fleet.write()
    (folder / "t_client.csv").write_bytes("client_id,name\n3,Söhne\n".encode("latin-1"))
    _, findings = read_depot_run("tables", SETTINGS, fleet.folder)
    assert (findings[0].rule, findings[0].where) == ("depot.file.encoding", "t_client.csv, line 2")


def test_a_route_table_of_its_own(fleet, expected):
    fleet.tables["t_routes_2026"] = fleet.tables.pop("t_route_master")
    fleet["t_allocation"][0]["route_table"] = "t_routes_2026"
    fleet.write()
    assert hash_of("tables", fleet.folder) == expected


def test_all_allocations_of_the_run_with_schedule_charge_2(fleet):
    fleet["t_run_charging"][0]["allocation_ids"] = ""
    first = fleet["t_allocation"][0]
    first.update(run_id=1, schedule_charge="2.0")
    for allocation, run, charge in ((11, 1, 2), (3, 1, 1), (4, 2, 2)):
        fleet["t_allocation"].append(
            first | {"allocation_id": allocation, "run_id": run, "schedule_charge": charge}
        )
    for row in fleet["t_route_allocated"][:]:
        fleet["t_route_allocated"].append(row | {"allocation_id": 11})
    run, findings = fleet.read()
    assert run is not None, findings
    assert [d.allocation_id for d in run.depots] == ["1", "11"]


def test_settings_name_another_run(fleet):
    fleet["t_run_charging"].append(fleet["t_run_charging"][0] | {"run_id": 2.0, "charging_mode": ""})
    del fleet.tables["t_system_parameters"]
    run, _ = fleet.read(run_id="2")
    assert (run.run_id, run.modes) == ("2", ("BAU", "opt"))


def test_relative_sqlite_paths_count_from_the_scenario(tmp_path):
    assert database_url("sqlite:///fleet.db", tmp_path) == f"sqlite:///{tmp_path}/fleet.db"
    assert database_url("postgresql://a:b@c/d", tmp_path) == "postgresql://a:b@c/d"


def test_open_source_says_what_is_wrong_by_raising(tmp_path):
    with pytest.raises(InputError, match="there is no such folder"), open_source("x", Path(tmp_path)):
        pass


@pytest.mark.postgres
def test_a_database_taken_away_while_it_is_read_is_a_finding(fleet, postgres_cluster):
    fleet.write_database(postgres_cluster.url())
    log = FindingLog()

    def read_while_it_goes():
        with open_source(postgres_cluster.url(), fleet.folder) as source:
            assert len(read_table(source, schema.SITES, log)) == 1
            postgres_cluster.stop()
            read_table(source, schema.SITE_LOAD, log)

    with pytest.raises(InputError, match="could not be read"):
        read_while_it_goes()
