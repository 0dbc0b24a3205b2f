"""The depot that `sparewatt init depot DIR` writes."""

from __future__ import annotations

import pytest

from sparewatt.errors import InputError
from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.depot.template import write_depot_template
from sparewatt.inputs.scenario_file import read_scenario


def test_the_template_is_read_without_a_finding(tmp_path):
    paths = write_depot_template(tmp_path / "new" / "depot")
    scenario = read_scenario(paths[0])
    run, findings = read_depot_run(scenario.inputs.tables, scenario.depot, scenario.base_dir)
    assert findings == ()
    assert run.modes == ("BAU", "opt")
    (depot,) = run.depots
    assert depot.vehicles.ids == ("101", "102", "103", "104")
    assert depot.horizon.days == 2
    # 31.5 + 28 + 22 + 24.5 + 40 + 37 + 44.5 + 41 + 52 kWh
    assert depot.sessions.use_kwh.sum() == pytest.approx(320.5)


def test_the_template_overwrites_nothing(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "t_sites.csv").write_text("mine")
    with pytest.raises(InputError, match="nothing was written"):
        write_depot_template(tmp_path)
    assert (tmp_path / "tables" / "t_sites.csv").read_text() == "mine"
    assert not (tmp_path / "scenario.toml").exists()


def test_two_templates_are_the_same_bytes(tmp_path):
    one, two = (write_depot_template(tmp_path / n) for n in ("a", "b"))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
