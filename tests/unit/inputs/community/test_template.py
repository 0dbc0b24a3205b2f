"""The example runs as it is written: six houses, PV, a battery, an EV, base load, several forecasts."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from sparewatt.errors import InputError
from sparewatt.inputs.community.inputs import read_community
from sparewatt.inputs.community.template import write_community_template
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.inputs.scenario import Scenario, ScenarioFile


def scenario_of(folder):
    text = (folder / "scenario.toml").read_text()
    return Scenario(**dict(ScenarioFile.model_validate(tomllib.loads(text))), base_dir=folder)


def test_it_is_read_without_findings(tmp_path):
    files = write_community_template(tmp_path / "mine")
    assert files[0].name == "scenario.toml"
    assert all(file.is_file() for file in files)
    inputs, findings = read_community(scenario_of(tmp_path / "mine"))
    assert findings == ()
    n = inputs.neighbourhood
    assert (len(n.house_ids), len(n.producers), len(n.batteries), len(n.base_load)) == (6, 3, 1, 6)
    assert n.jobs.is_flexible.sum() == 1
    assert (~n.jobs.is_flexible).sum() == 18
    assert np.bincount(n.forecasts.producer).tolist() == [4, 4, 4]
    assert (inputs.grid.days, inputs.grid.minutes) == (1, 1440)
    assert {d.name for d in n.devices} >= {"Washing machine", "Dishwasher", "PV", "EV"}
    assert sorted(set(inputs.tariff.import_per_kwh.tolist())) == [0.22, 0.30, 0.38]
    assert inputs.tariff.import_per_kwh[0] == 0.22
    assert inputs.tariff.import_per_kwh[16 * 60] == 0.38


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "scenario.toml").write_text("mine")
    with pytest.raises(InputError, match=r"scenario\.toml"):
        write_community_template(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["scenario.toml"]


def test_it_takes_any_plan(tmp_path):
    plan = NeighbourhoodPlan(houses=3, days=2, jobs_per_day=1.0, pv_share=0.0)
    write_community_template(tmp_path, name="Three", seed=4, plan=plan)
    scenario = scenario_of(tmp_path)
    inputs, findings = read_community(scenario)
    assert scenario.name == "Three"
    assert [f.rule for f in findings] == ["community.producers.none"]
    assert (len(inputs.neighbourhood.jobs), inputs.neighbourhood.name) == (6, "3 houses, seed 4")
