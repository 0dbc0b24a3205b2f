from __future__ import annotations

import pytest

from sparewatt.finding import has_errors
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.studies.study import STUDIES, study_of


def test_every_study_is_known_by_its_name():
    assert [study.name for study in STUDIES.values()] == list(STUDIES)
    assert set(STUDIES) >= {"depot", "cluster"}


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_the_template_of_a_study_runs_as_that_study_without_findings(name, tmp_path):
    scenario = read_scenario(STUDIES[name].write_template(tmp_path)[0])
    study = study_of(scenario)
    assert study.name == name
    assert study.workers(scenario) >= 1
    assert not has_errors(study.check(scenario, str(tmp_path / "nowhere.db")))
    assert not (tmp_path / "nowhere.db").exists()
    assert study.variant(tmp_path / "nowhere") == ""
