from __future__ import annotations

import inspect

import pytest

import sparewatt
from sparewatt.finding import has_errors
from sparewatt.inputs import scenario as scenario_module
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.inputs.scenario_inputs import BUILT
from sparewatt.results import study_results
from sparewatt.studies.study import STUDIES, RunStudy, study_of


def test_every_study_is_known_by_its_name():
    assert [study.name for study in STUDIES.values()] == list(STUDIES)
    assert set(STUDIES) >= {"depot", "cluster", "network"}


def test_the_floors_know_the_same_studies():
    assert tuple(STUDIES) == study_results.STUDIES
    assert tuple(STUDIES) == BUILT
    assert set(STUDIES) <= set(scenario_module.STUDIES)


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_a_study_is_run_as_every_study_and_has_public_names(name):
    study = STUDIES[name]
    asked = list(inspect.signature(RunStudy.__call__).parameters)[1:]
    assert list(inspect.signature(study.run).parameters) == asked
    assert study.run is getattr(sparewatt, f"run_{name}")
    for public in (f"check_{name}", f"write_{name}_template", f"{name.capitalize()}Settings"):
        assert public in sparewatt.__all__
    assert study_results.results_of(name).check_series


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_the_template_of_a_study_runs_as_that_study_without_findings(name, tmp_path):
    scenario = read_scenario(STUDIES[name].write_template(tmp_path)[0])
    study = study_of(scenario)
    assert study.name == name
    assert study.workers(scenario) >= 1
    assert not has_errors(study.check(scenario, str(tmp_path / "nowhere.db")))
    assert not (tmp_path / "nowhere.db").exists()
    assert study.variant(tmp_path / "nowhere") == ""
