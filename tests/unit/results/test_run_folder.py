"""Files of a run: what is read is what was written, and the same run gives the same bytes."""

from __future__ import annotations

import csv
from dataclasses import fields, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparewatt.errors import InputError
from sparewatt.results.depot_series import find_scenarios, read_depot_series, write_depot_series
from sparewatt.results.run_folder import write_run_folder


def assert_same_view(a, b):
    for f in fields(a):
        x, y = getattr(a, f.name), getattr(b, f.name)
        if f.name == "sessions":
            for g in fields(x):
                assert np.array_equal(getattr(x, g.name), getattr(y, g.name)), g.name
        elif isinstance(x, np.ndarray):
            assert x.dtype == y.dtype, f.name
            assert np.array_equal(x, y), f.name
        else:
            assert x == y, f.name


def test_view_comes_back_exactly(hand_view, bau_view, tmp_path):
    for view in (hand_view, bau_view):
        write_depot_series(view, tmp_path)
        assert_same_view(read_depot_series(tmp_path, view.scenario_id, [d.solve_s for d in view.days]), view)
    assert find_scenarios(tmp_path) == (1, 2)


def test_view_over_a_clock_change_comes_back(clock_views, tmp_path):
    view = clock_views(date(2025, 10, 25), 3)[1]
    write_depot_series(view, tmp_path)
    assert_same_view(read_depot_series(tmp_path, 2), view)


def test_run_folder_holds_all_and_same_bytes_twice(outcome, bau_view, hand_view, tmp_path):
    folders = [write_run_folder(tmp_path / n, outcome, iter([bau_view, hand_view])) for n in "ab"]
    names = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert [str(n) for n in names if n.parent.name != "series"] == [
        "outcome.json",
        "tables/comparison.csv",
        "tables/days.csv",
        "tables/findings.csv",
        "tables/scenarios.csv",
        "timing.json",
    ]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert folders[0].outcome() == outcome.without_times()
    for found, view in zip(folders[0].views(), (bau_view, hand_view), strict=True):
        assert_same_view(found, view)
    assert [[v.mode for v in pair] for pair in folders[0].pairs()] == [["BAU", "opt"]]


def test_times_are_only_in_timing(outcome, bau_view, hand_view, tmp_path):
    slow = replace(hand_view, days=tuple(replace(d, solve_s=77.0) for d in hand_view.days))
    for name, view in (("a", hand_view), ("b", slow)):
        write_run_folder(tmp_path / name, outcome, [bau_view, view])
    differing = [
        p.name
        for p in (tmp_path / "a").rglob("*")
        if p.is_file() and p.read_bytes() != (tmp_path / "b" / p.relative_to(tmp_path / "a")).read_bytes()
    ]
    assert differing == ["timing.json"]


def test_tables_are_those_of_the_hand_calculation(outcome, bau_view, hand_view, tmp_path):
    write_run_folder(tmp_path, outcome, [bau_view, hand_view])
    with (tmp_path / "tables" / "days.csv").open(newline="") as source:
        days = list(csv.DictReader(source))
    assert [(d["mode"], d["date"], d["level"], d["periods"]) for d in days] == [
        ("BAU", "2025-01-06", "breach", "4"),
        ("BAU", "2025-01-07", "breach", "4"),
        ("opt", "2025-01-06", "breach", "4"),
        ("opt", "2025-01-07", "magic", "4"),
    ]
    with (tmp_path / "tables" / "findings.csv").open(newline="") as source:
        assert next(csv.DictReader(source))["value"] == "'=1+1"
    with (tmp_path / "tables" / "scenarios.csv").open(newline="") as source:
        scenarios = list(csv.DictReader(source))
    assert float(scenarios[1]["cost"]) == pytest.approx(7.4)
    assert scenarios[0]["gap_worst"] == ""


def test_a_write_that_fails_leaves_nothing(hand_view, tmp_path):
    broken = replace(hand_view, price_per_kwh=np.zeros(3))
    with pytest.raises(pa.ArrowInvalid):
        write_depot_series(broken, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("part", "change", "words"),
    [
        ("site", lambda t: t.slice(0, 3), "fit"),
        ("demand", lambda t: t.drop_columns(["soc"]), "soc"),
        ("demand", lambda t: t.set_column(4, "energy_kwh", pa.array([float("nan")] * 16)), "no numbers"),
        ("demand", lambda t: t.set_column(6, "charger", pa.array(["Q"] * 16)), "charger"),
        ("site", lambda t: t.replace_schema_metadata({}), "fit"),
        ("sessions", lambda t: t.set_column(0, "vehicle", pa.array([9] * 4)), "vehicle"),
        ("days", lambda t: t.slice(0, 1), "fit"),
    ],
)
def test_odd_series_are_a_finding(hand_view, tmp_path, part, change, words):
    write_depot_series(hand_view, tmp_path)
    path = tmp_path / f"scenario_2_{part}.parquet"
    pq.write_table(change(pq.read_table(path)), path)
    with pytest.raises(InputError, match=words):
        read_depot_series(tmp_path, 2)


def test_missing_and_broken_files_are_findings(hand_view, tmp_path):
    write_depot_series(hand_view, tmp_path)
    (tmp_path / "scenario_2_days.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match="not readable"):
        read_depot_series(tmp_path, 2)
    with pytest.raises(InputError, match="not there"):
        read_depot_series(tmp_path, 3)
