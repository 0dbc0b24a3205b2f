"""Headroom of a network run, taken by a hub and by a depot through `[limits]` on the command line."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from sparewatt.faces.cli.app import run_command_line
from sparewatt.inputs.generate.fleet import generate_fleet
from sparewatt.inputs.generate.sites import generate_sites
from support.network_scenarios import write_network_scenario

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

ZONE = "2/1"
EV_POWER_FACTOR = 0.98
TOLERANCE_KW = 1e-6


def no_report(folder, target=None):
    """Pictures take longer than all else of a small run; reports are tested elsewhere."""
    return target or folder.path / "report.html"


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    """A folder with a network run whose voltage bound leaves little, and its store."""
    folder = tmp_path_factory.mktemp("street")
    write_network_scenario(
        folder / "net",
        step='"30min"',
        voltage_floor_pu="0.975",
        validate_days="0",
        forecasts="false",
        hosting="{ samples = 0, managed_samples = 0 }",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("sparewatt.results.report.write_report", no_report)
        for name in ("DB", "DATA", "LOG"):
            patch.delenv(f"SPAREWATT_{name}", raising=False)
        assert run_command_line(["run", "net", "--out", "net-out", "--quiet"]) == 0
    return folder


@pytest.fixture
def in_street(here, street, monkeypatch):
    monkeypatch.chdir(street)
    monkeypatch.setattr("sparewatt.results.report.write_report", no_report)
    return here


def offered(street: Path, zone: str = ZONE) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Left edges [s since 1970] and bounds [kW], as ``offers.csv`` tells people."""
    with (street / "net-out" / "tables" / "offers.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["zone_id"] == zone]
    at_s = [datetime.fromisoformat(row["time"]).timestamp() for row in rows]
    return tuple(
        np.array(x)
        for x in (at_s, [float(r["lower_kw"]) for r in rows], [float(r["upper_kw"]) for r in rows])
    )


def of_periods(street: Path, edges: list[datetime]) -> tuple[np.ndarray, np.ndarray]:
    """Bounds at the beginning of periods that are no longer than those of the offer."""
    at_s, lower, upper = offered(street)
    row = np.searchsorted(at_s, [t.replace(tzinfo=t.tzinfo or UTC).timestamp() for t in edges], "right") - 1
    return lower[row], upper[row]


def outcome(folder: Path) -> dict:
    return json.loads((folder / "outcome.json").read_text(encoding="utf-8"))


def kpi(folder: Path, name: str) -> float:
    return next(k["value"] for k in outcome(folder)["kpis"] if k["name"] == name)


def test_the_offer_is_the_headroom_of_the_case_that_the_zone_takes(street):
    with (street / "net-out" / "tables" / "zones.csv").open(encoding="utf-8") as file:
        case = next(row["hp_case"] for row in csv.DictReader(file) if row["zone_id"] == ZONE)
    table = pq.read_table(street / "net-out" / "series" / "headroom.parquet").to_pylist()
    rows = [r for r in table if r["zone_id"] == ZONE and r["case"] == ("0PV0HP" if case == "none" else case)]
    at_s, lower, upper = offered(street)
    assert at_s.tolist() == [r["time"].timestamp() for r in rows]
    assert upper == pytest.approx([max(0, r["headroom_kva"]) * EV_POWER_FACTOR for r in rows])
    assert lower == pytest.approx([-max(0, r["footroom_kva"]) * EV_POWER_FACTOR for r in rows])
    assert 0 < upper.min() < upper.max()


def write_hub(folder: Path, limits: str) -> None:
    """A hub of eight chargers on the second day of the network run."""
    path = generate_sites(
        folder,
        seed=5,
        kind=("workplace",),
        clusters=1,
        units=(8,),
        visits_per_day=(24,),
        days=1,
        first_day=date(2026, 1, 13),
        step=timedelta(minutes=15),
        as_tables=True,
    )
    path.write_text(path.read_text(encoding="utf-8") + limits, encoding="utf-8")


def hub_power(folder: Path) -> tuple[list[datetime], np.ndarray, np.ndarray, np.ndarray]:
    table = pq.read_table(folder / "series" / "cluster_power.parquet")
    return table["time"].to_pylist(), *(np.array(table[n]) for n in ("grid_kw", "lower_kw", "upper_kw"))


def test_a_hub_keeps_to_the_headroom_of_a_zone_and_the_judge_sees_when_it_does_not(in_street, street):
    write_hub(street / "free", "")
    write_hub(street / "hub", f'\n[limits]\ncluster1 = {{ run = "latest:small net", zone = "{ZONE}" }}\n')
    in_street("run", "free", "--out", "free-out", "--quiet")
    in_street("run", "hub", "--out", "hub-out", "--quiet")
    edges, free_kw, own_lower, own_upper = hub_power(street / "free-out")
    lower, upper = of_periods(street, edges)
    assert (free_kw > upper + 1).any()  # so the limit has something to hold back
    same, kw, held_lower, held_upper = hub_power(street / "hub-out")
    assert same == edges
    assert held_upper == pytest.approx(np.minimum(own_upper, upper))
    assert held_lower == pytest.approx(np.maximum(own_lower, lower))
    assert (kw <= held_upper + TOLERANCE_KW).all()
    assert (kw >= held_lower - TOLERANCE_KW).all()
    assert kpi(street / "hub-out", "over_limit_steps") == 0
    # Nobody holds the vehicles back: the judge measures it against the same limit.
    in_street("run", "hub", "--out", "wild-out", "--quiet", "--set", "cluster.control=uncontrolled")
    _, wild_kw, _, wild_upper = hub_power(street / "wild-out")
    assert wild_upper == pytest.approx(held_upper)
    over = wild_kw > held_upper + TOLERANCE_KW
    assert kpi(street / "wild-out", "over_limit_steps") > 0
    assert kpi(street / "wild-out", "over_limit_kw") <= (wild_kw - held_upper).max() + TOLERANCE_KW
    assert over.any()


def site_series(folder: Path) -> dict[str, pa.Table]:
    """Site by way of charging: as usual first, then optimised."""
    paths = sorted((folder / "series").glob("*_site.parquet"))
    return dict(zip(("BAU", "opt"), map(pq.read_table, paths), strict=True))


def column(table: pa.Table, name: str) -> np.ndarray:
    return np.array(table[name], dtype=float)


def test_a_depot_keeps_to_the_headroom_of_a_zone(in_street, street):
    for name, limits in (
        ("yard-free", ""),
        ("yard", f'[limits]\nsite_1 = {{ run = "latest:small net", zone = "{ZONE}" }}\n'),
    ):
        generate_fleet(
            street / name / "tables",
            seed=3,
            kind=("vans",),
            vehicles=6,
            allocations=1,
            days=2,
            first_day=date(2026, 1, 13),
            day_start_hours=12,
        )
        text = f'version = 1\nstudy = "depot"\nname = "{name}"\n[inputs]\ntables = "tables/"\n{limits}'
        (street / name / "scenario.toml").write_text(text, encoding="utf-8")
        in_street("run", name, "--out", f"{name}-out", "--quiet")
    free, held = site_series(street / "yard-free-out"), site_series(street / "yard-out")
    _, upper = of_periods(street, held["opt"]["datetime"].to_pylist())
    for way in ("BAU", "opt"):
        assert column(held[way], "limit_kw") == pytest.approx(upper)
        room = np.minimum(column(free[way], "free_kw"), upper)
        assert column(held[way], "free_kw") == pytest.approx(room)
        # The judge measures the charging of both ways against what is left.
        beyond = np.maximum(column(held[way], "charging_kw") - room, 0.0)
        assert column(held[way], "breach_kw") == pytest.approx(beyond, abs=1e-9)
    before, after = (column(t["opt"], "charging_kw") for t in (free, held))
    assert (before > upper + 1).any()  # so the limit has something to hold back
    assert (after <= upper + TOLERANCE_KW).all()
    assert after.sum() == pytest.approx(before.sum(), rel=0.01)
    assert kpi(street / "yard-out", "num_breach_days_opt") == 0
    assert kpi(street / "yard-out", "breach_kwh_BAU") > kpi(street / "yard-free-out", "breach_kwh_BAU")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('{ run = "latest:small net", zone = "9/1" }', "has no zone '9/1'"),
        ('{ run = "latest:small net" }', "limits 6 zones, and none is chosen"),
        ('{ run = "latest:other net", zone = "2/1" }', "other net"),
    ],
)
def test_a_limit_that_is_not_there_is_told_before_anything_runs(in_street, street, tmp_path, source, words):
    write_hub(tmp_path / "hub", f"\n[limits]\ncluster1 = {source}\n")
    said = in_street("check", tmp_path / "hub", code=1)
    assert words in said.words


def test_a_hub_on_days_that_the_network_run_did_not_study(in_street, street, tmp_path):
    write_hub(tmp_path / "hub", f'\n[limits]\ncluster1 = {{ run = "latest:small net", zone = "{ZONE}" }}\n')
    path = tmp_path / "hub" / "scenario.toml"
    generate_sites(
        tmp_path / "later",
        seed=5,
        kind=("workplace",),
        clusters=1,
        units=(8,),
        visits_per_day=(24,),
        days=1,
        first_day=date(2026, 2, 10),
        step=timedelta(minutes=15),
        as_tables=True,
    )
    limits = path.read_text(encoding="utf-8").partition("[limits]")[2]
    later = tmp_path / "later" / "scenario.toml"
    later.write_text(f"{later.read_text(encoding='utf-8')}\n[limits]{limits}", encoding="utf-8")
    said = in_street("check", tmp_path / "later", code=1)
    assert "periods of the run are not covered" in said.words
