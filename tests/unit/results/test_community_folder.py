"""Series and tables of neighbourhoods: written, read back, exported, and refused where they are odd."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from sparewatt.errors import InputError
from sparewatt.model.contract import Decisions, Reason
from sparewatt.results import community_sheets, community_state, community_tables
from sparewatt.results.bundle import read_bundle, write_bundle
from sparewatt.results.community_house_kpis import house_kpis
from sparewatt.results.community_kpis import community_kpis
from sparewatt.results.community_reading import read_community_run
from sparewatt.results.community_results import check_series, community_outcome, write_community_folder
from sparewatt.results.export import export_run
from sparewatt.results.run_folder import RunFolder
from sparewatt.results.series_files import META
from support.hand_community import ORIGIN_S, hand_run, quiet_run

TABLES = {
    "contracts",
    "cancelled",
    "decisions",
    "answers",
    "scores",
    "houses",
    "devices",
    "repetitions",
    "findings",
}


def outcome_of(run):
    return community_outcome(run, name="<b>&", seed=7, input_hash="ab" * 32)


def written(run, path):
    return write_community_folder(path, outcome_of(run), run, simulate_s=1.25)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return written(hand_run(2, limit_kw=1.5), tmp_path_factory.mktemp("whole"))


@pytest.fixture
def folder(whole, tmp_path):
    """A copy that may be spoilt."""
    shutil.copytree(whole.path, tmp_path / "run")
    return RunFolder(tmp_path / "run")


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as source:
        return list(csv.DictReader(source))


def table_of(folder, name):
    return rows_of(folder.path / "tables" / f"{name}.csv")


def same(left, right):
    """Whether two nouns hold the same, arrays compared by value."""
    if is_dataclass(left):
        return all(same(getattr(left, f.name), getattr(right, f.name)) for f in fields(left))
    if isinstance(left, np.ndarray):
        return np.array_equal(left, right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


@pytest.mark.parametrize("run", [hand_run(2, limit_kw=1.5), hand_run(1, bounds=False), quiet_run()])
def test_a_run_comes_back_as_it_was(run, tmp_path):
    folder = written(run, tmp_path)
    back = read_community_run(folder.path / "series")
    untimed = run
    if run.bounds is not None:  # measured times are not kept: same run, same bytes
        bounds = replace(
            run.bounds,
            pool=replace(run.bounds.pool, seconds=0.0),
            contract=replace(run.bounds.contract, seconds=0.0),
        )
        untimed = replace(run, bounds=bounds)
    assert same(untimed, back)
    assert community_kpis(back) == community_kpis(run)
    assert house_kpis(back) == house_kpis(run)
    assert check_series(folder, folder.outcome()) == []


def test_answers_that_were_not_kept_stay_away(tmp_path):
    run = hand_run(2)
    first = replace(run.repetitions[0], decisions=None)
    back = read_community_run(
        written(replace(run, repetitions=(first, run.repetitions[1])), tmp_path).path / "series"
    )
    assert back.repetitions[0].decisions is None
    assert len(back.repetitions[1].decisions) == 4


def test_same_run_same_bytes(folder, tmp_path):
    again = written(hand_run(2, limit_kw=1.5), tmp_path / "again")
    paths = [p.relative_to(folder.path) for p in folder.path.rglob("*") if p.is_file()]
    assert len(paths) == 30
    assert all((folder.path / p).read_bytes() == (again.path / p).read_bytes() for p in paths)


def test_contracts_have_the_columns_of_the_specification(folder):
    rows = table_of(folder, "contracts")
    assert tuple(rows[0]) == (
        "repetition",
        "contract_id",
        "job_id",
        "house",
        "producer_id",
        "start",
        "agreed_at",
        "energy_wh",
        "own_wh",
        "peer_wh",
        "grid_wh",
    )
    assert len(rows) == 6, "three jobs in two repetitions; what was cancelled is elsewhere"
    second = rows[1]
    assert (second["repetition"], second["contract_id"]) == ("1", "p;=j1;1200")
    assert (second["job_id"], second["house"]) == ("'=j1", "'=b"), "a formula is made harmless"
    assert (int(second["start"]), int(second["agreed_at"])) == (ORIGIN_S + 1800, ORIGIN_S + 1200)
    energies = [float(second[name]) for name in ("energy_wh", "own_wh", "peer_wh", "grid_wh")]
    assert energies == pytest.approx([1500, 0, 1000, 500])
    assert [row["producer_id"] for row in rows[3:]] == ["pv_producer[a]:[pv]", "grid", "grid"]


def test_cancelled_contracts(folder):
    rows = table_of(folder, "cancelled")
    assert [row["repetition"] for row in rows] == ["1", "2"]
    assert int(rows[0]["cancelled_at"]) == ORIGIN_S + 1200
    assert float(rows[0]["energy_wh"]) == pytest.approx(1500)


def test_decisions_say_why(folder):
    rows = table_of(folder, "decisions")
    assert tuple(rows[0]) == community_tables.DECISION_COLUMNS
    told = [(row["repetition"], row["job_id"], row["answer"], row["why"]) for row in rows]
    assert told == [
        ("1", "j0", "accept", "covered"),
        ("1", "'=j1", "accept", "covered"),
        ("1", "j2", "decline", "no_power"),
        ("1", "'=j1", "accept", "covered"),
        ("2", "j0", "accept", "covered"),
        ("2", "'=j1", "accept", "covered"),
        ("2", "j2", "decline", "no_power"),
        ("2", "'=j1", "decline", "booked"),
        ("", "late", "not_asked", "after_the_days"),
    ]
    assert int(rows[3]["time"]) == ORIGIN_S + 1200
    assert (rows[-1]["producer_id"], int(rows[-1]["time"])) == ("", ORIGIN_S + 90_000)


def test_decisions_come_in_parts(monkeypatch):
    run = hand_run(2)
    whole = pa.concat_tables(community_tables.decision_tables(run))
    monkeypatch.setattr(community_tables, "CHUNK", 3)
    parts = list(community_tables.decision_tables(run))
    assert [len(part) for part in parts] == [3, 1, 3, 1, 1]
    assert pa.concat_tables(parts).equals(whole)


def test_answers_scores_and_houses(folder):
    answers = table_of(folder, "answers")
    assert [(r["answers"], r["accepted"], r["declined"], r["booked"]) for r in answers] == [
        ("4", "3", "1", "0"),
        ("4", "2", "2", "1"),
    ]
    scores = table_of(folder, "scores")
    assert [float(r["score"]) for r in scores[:5]] == [10, 9, 8, 9, 8]
    assert [int(r["time"]) - ORIGIN_S for r in scores[:5]] == [0, 0, 300, 600, 1200]
    houses = table_of(folder, "houses")
    assert [(r["repetition"], r["house"]) for r in houses] == [
        ("1", "a"),
        ("1", "'=b"),
        ("2", "a"),
        ("2", "'=b"),
    ]
    assert (houses[1]["self_consumption"], houses[1]["is_worse_off"]) == ("", "0")
    assert float(houses[0]["given_kwh"]) == 1.0


def test_devices(folder):
    rows = [r for r in table_of(folder, "devices") if r["repetition"] == "1"]
    told = [(r["house"], r["device"], r["kind"], r["jobs"]) for r in rows]
    assert told == [
        ("a", "pump", "consumer", "1"),
        ("'=b", "washer", "consumer", "2"),
        ("a", "pv", "producer", "0"),
        ("a", "battery", "battery", "0"),
        ("a", "base_load", "base_load", "0"),
    ]
    pump, washer, roof, battery, base = rows
    assert washer["name"] == "'+Washer"
    assert (pump["self_sufficiency"], pump["feed_in_kwh"]) == ("1", "")
    assert float(washer["self_sufficiency"]) == pytest.approx(1 / 2.5)
    assert float(roof["self_consumption"]) == pytest.approx(0.875)
    assert float(roof["energy_kwh"]) == pytest.approx(2.0)
    assert (float(battery["stored_kwh"]), float(battery["own_kwh"])) == (0.25, 0.2)
    assert (float(base["grid_kwh"]), base["peer_kwh"], base["self_sufficiency"]) == (0.2, "", "0")
    assert [float(r["tariff_cost"]) for r in rows] == [0, 0.75, -0.125, -0.06, 0.06]
    assert [float(r["cost"]) for r in rows] == [0, 0.65, -0.225, -0.06, 0.06]
    for house, bill in (("a", -0.225), ("'=b", 0.65)):
        assert sum(float(r["cost"]) for r in rows if r["house"] == house) == pytest.approx(bill)


def test_a_run_of_before_devices_had_costs_is_still_shown(folder):
    for name in community_state.LATER:
        (folder.path / "series" / f"{name}.parquet").unlink()
    run = read_community_run(folder.path / "series")
    table = pa.concat_tables(community_tables.device_tables(run)).to_pylist()
    assert [row["kind"] for row in table[:4]] == ["consumer", "consumer", "producer", "battery"]
    assert len(table) == 8
    assert {row["cost"] for row in table} == {None}


def test_repetitions_have_a_row_each(folder):
    first, second = table_of(folder, "repetitions")
    assert (float(first["covered_kwh"]), float(second["covered_kwh"])) == (1.5, 0.5)
    assert float(first["over_import_limit_kwh"]) == pytest.approx(0.25)


def test_energy_balances_in_every_minute(folder):
    table = pq.read_table(folder.path / "series" / "energy.parquet")
    kw = {name: table[name].to_numpy() for name in table.column_names if name.endswith("_kw")}
    assert len(table) == 240
    assert kw["load_kw"] == pytest.approx(kw["own_kw"] + kw["peer_kw"] + kw["grid_kw"])
    used = kw["own_kw"] - kw["discharge_kw"] + kw["peer_kw"] + kw["charge_kw"] + kw["feed_in_kw"]
    assert kw["produced_kw"] == pytest.approx(used)
    assert table["time"][0].as_py().isoformat() == "2016-04-10T00:00:00+00:00"
    assert table["repetition"][120].as_py() == 2


def test_exports(folder, tmp_path):
    series = {"energy", "house_energy"}
    assert {p.stem for p in export_run(folder, "csv", tmp_path / "csv")} == TABLES | series
    assert {p.stem for p in export_run(folder, "parquet", tmp_path / "pq")} == TABLES | series
    assert rows_of(tmp_path / "csv" / "energy.csv")[0]["time"] == "2016-04-10T02:00:00+02:00", "local time"
    contracts = pq.read_table(tmp_path / "pq" / "contracts.parquet")
    assert contracts["job_id"][1].as_py() == "=j1"
    (path,) = export_run(folder, "xlsx", tmp_path / "run.xlsx")
    assert path.read_bytes() == export_run(folder, "xlsx", tmp_path / "again.xlsx")[0].read_bytes()
    book = load_workbook(path)
    assert book.sheetnames == [
        "about",
        "summary",
        "repetitions",
        "houses",
        "devices",
        "contracts",
        "cancelled",
        "scores",
        "answers",
        "decisions",
        "findings",
    ]
    summary = {row[0]: row[3:] for row in book["summary"].iter_rows(values_only=True)}
    assert summary["covered_kwh"] == pytest.approx((1.0, 0.5**0.5))
    cell = book["contracts"]["C3"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=j1", "s", True)


def test_what_is_too_large_for_a_workbook_is_named(monkeypatch):
    monkeypatch.setattr(community_sheets, "MOST_CELLS", 50)
    run = hand_run(2)
    sheets = {t.name: t for t in community_sheets.community_sheets(outcome_of(run), run)}
    told = [what for what, value in sheets["about"].rows if "too large" in str(value)]
    assert told == ["houses", "devices", "contracts", "decisions"]
    assert not set(told) & set(sheets)


def test_bundle(folder, tmp_path):
    write_bundle(folder, tmp_path / "run.zip")
    back, findings = read_bundle(tmp_path / "run.zip", tmp_path / "back")
    assert findings == ()
    assert read_community_run(back.path / "series").house_ids == ("a", "=b")


def change_meta(path, **changes):
    table = pq.read_table(path)
    meta = json.loads(table.schema.metadata[META]) | changes
    pq.write_table(table.replace_schema_metadata({META: json.dumps(meta)}), path)


def change_column(path, name, change):
    table = pq.read_table(path)
    values = table[name].to_numpy().copy()
    change(values)
    at = table.column_names.index(name)
    pq.write_table(table.set_column(at, name, pa.array(values)), path)


def put(row, value):
    def change(values):
        values[row] = value

    return change


META_CHANGES = [
    {"minutes": 0},
    {"minutes": 10**12},
    {"minutes": 119},
    {"origin_s": 10**15},
    {"not_asked": [4]},
    {"interval_s": 90},
    {"time_zone": "Mars/Olympus"},
    {"sharing": "theft"},
    {"rules": {"algorithm": "greedy", "import_limit_kw": None, "eval": "1"}},
    {"rules": {"algorithm": "greedy", "import_limit_kw": "much"}},
    {"house_ids": ["a"]},
    {"bounds": {"pool": {"best_kwh": 3, "upper_kwh": 2, "deadline_s": 1}, "contract": {}}},
    {"flow_steps": {"2": 30}},
    {"flow_steps": {"1": 30, "2": 0}},
    {"repetitions": []},
    {"repetitions": [{"number": 2}, {"number": 1}]},
]
COLUMN_CHANGES = [
    ("contracts", "job", put(0, 4)),
    ("contracts", "producer", put(0, -2)),
    ("contracts", "state", put(0, 3)),
    ("contracts", "end_s", put(3, 0)),
    ("contracts", "energy_kwh", put(0, np.nan)),
    ("contracts", "repetition", put(0, 9)),
    ("decisions", "reason", put(0, len(Reason))),
    ("decisions", "producer", put(0, 1)),
    ("scores", "time_s", put(0, 9000)),
    ("scores", "score", put(0, np.inf)),
    ("answers_by_job", "row", put(0, -1)),
    ("jobs", "house", put(0, 2)),
    ("jobs", "profile", put(0, 3)),
    ("profiles", "energy_kwh", put(1, -1.0)),
    ("profiles", "time_s", put(1, 0)),
    ("producers", "house", put(0, 5)),
    ("house_totals", "load_kwh", put(0, np.nan)),
    ("prices", "import_per_kwh", put(0, np.nan)),
    ("energy", "own_kw", put(0, np.nan)),
    ("house_energy", "load_kw", put(0, np.inf)),
]


@pytest.mark.parametrize("changes", META_CHANGES, ids=str)
def test_odd_settings_are_refused(folder, changes):
    change_meta(folder.path / "series" / "energy.parquet", **changes)
    with pytest.raises(InputError) as caught:
        read_community_run(folder.path / "series")
    assert {f.rule for f in caught.value.findings} == {"results.series"}
    assert check_series(folder, folder.outcome())


@pytest.mark.parametrize(("name", "column", "change"), COLUMN_CHANGES)
def test_odd_values_are_refused(folder, name, column, change):
    change_column(folder.path / "series" / f"{name}.parquet", column, change)
    with pytest.raises(InputError):
        read_community_run(folder.path / "series")


@pytest.mark.parametrize("name", ["energy", "house_energy", "contracts", "jobs"])
def test_missing_files_are_refused(folder, name):
    (folder.path / "series" / f"{name}.parquet").unlink()
    with pytest.raises(InputError, match="not there"):
        read_community_run(folder.path / "series")


def test_series_of_another_run_are_told(folder, tmp_path):
    other = written(quiet_run(), tmp_path / "other")
    outcome = replace(outcome_of(quiet_run()), parts=())
    (finding,) = check_series(RunFolder(other.path), outcome)
    assert finding.rule == "results.bundle.match"


def test_very_many_answers_are_written_part_by_part(tmp_path, monkeypatch):
    count = 120_000
    monkeypatch.setattr(community_tables, "CHUNK", 50_000)
    run, rng = hand_run(1), np.random.default_rng(3)
    many = Decisions(
        np.arange(count, dtype=np.int64) // 20,
        rng.integers(0, 3, count).astype(np.int32),
        np.zeros(count, np.int32),
        rng.integers(0, 2, count).astype(np.int8),
        rng.integers(0, 7, count).astype(np.int8),
    )
    run = replace(run, repetitions=(replace(run.repetitions[0], decisions=many),))
    parts = [len(part) for part in community_tables.decision_tables(run)]
    assert parts == [50_000, 50_000, 20_000, 1]
    path = written(run, tmp_path).path / "tables" / "decisions.csv"
    with path.open("rb") as lines:
        assert sum(1 for _ in lines) == count + 2
