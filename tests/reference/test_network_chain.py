"""The whole chain on enwl_1 of the shared folder: optimised EVs beside none and unmanaged ones."""

from __future__ import annotations

import csv
import json
import shutil

import pytest
from tests.support.network_scenarios import place_in
from tests.support.shared_folder import shared_path

from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.studies.network import run_network

QUANTILE = 0.02
SCENARIO = f"""
version = 1
study = "network"
name = "enwl_1"
seed = 7
[inputs]
master = "grid/Master.dss"
[network]
cases = ["0PV0HP", "50PV50HP"]
start = "2026-01-05"
days = 6
step = "30min"
validate_days = 4
streak = 3
quantile = {QUANTILE}
forecasts = false
workers = 1
hosting = {{ samples = 0, managed_samples = 0 }}
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder of the run."""
    folder = tmp_path_factory.mktemp("chain")
    grid = folder / "in" / "grid"
    grid.mkdir(parents=True)
    for file in shared_path("data/networks/enwl_1").iterdir():
        shutil.copyfile(file, grid / file.name)
    (folder / "in" / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    run_network(read_scenario(folder / "in" / "scenario.toml"), place_in(folder))
    return folder / "out"


@pytest.fixture(scope="module")
def broken(out):
    """Rows over the whole network by way of charging."""
    with (out / "tables" / "violations.csv").open(encoding="utf-8") as file:
        return {row["charging"]: row for row in csv.DictReader(file) if row["zone_id"] == "all"}


def test_optimised_evs_break_no_more_than_none_and_the_risk(broken):
    share = {charging: float(row["any_share"]) for charging, row in broken.items()}
    assert int(broken["optimised"]["evs"]) == int(broken["unmanaged"]["evs"]) > 0
    assert share["optimised"] <= share["none"] + QUANTILE


def test_unmanaged_evs_break_far_more(broken):
    share = {charging: float(row["any_share"]) for charging, row in broken.items()}
    assert share["unmanaged"] > 2 * (share["optimised"] + QUANTILE)
    assert float(broken["unmanaged"]["lowest_pu"]) < float(broken["optimised"]["lowest_pu"])


def test_the_judge_finds_nothing_wrong(out):
    outcome = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    assert outcome["level"] == "normal"
    assert [f["rule"] for f in outcome["findings"] if f["severity"] == "error"] == []
