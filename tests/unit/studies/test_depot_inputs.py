"""The copy of scenario and tables beside an outcome means the same as what was planned."""

from __future__ import annotations

import tomllib
from datetime import date

import pytest

from sparewatt.inputs.depot.input_hash import hash_depot_inputs
from sparewatt.inputs.generate.fleet import write_demo_scenario
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.inputs.scenario_text import COPY_MARK, scenario_copy_text
from sparewatt.studies.depot_inputs import check_depot, copy_depot_inputs, read_depot
from sparewatt.studies.run_begin import stored_scenario_text
from support.command_line import write_fleet

ODD = r"""
name = "a \"name\" with \\ and \t, é, \U0001f50c and \u007f"
version = 1
study = 'depot'
[inputs]
tables = 'tables/'
[depot]
step = '15min'
magic_fill = true
min_power_kw = 1.38
gap = 1e-7
run_id = 1
scenario_ids = [3, 4]
[limits]
'site 1.b' = {run = '3'}
site_2 = {run = 'latest:x', zone = '2/4'}
"""


def test_every_setting_comes_back(tmp_path):
    path = tmp_path / "scenario.toml"
    path.write_text(ODD, encoding="utf-8")
    known = read_scenario(path)
    text = scenario_copy_text(known)
    assert text.startswith(COPY_MARK + "\n")
    tomllib.loads(text)
    copy = tmp_path / "copy.toml"
    copy.write_text(text, encoding="utf-8")
    again = read_scenario(copy)
    assert again.inputs.tables == "inputs/"
    # the run is chosen by t_system_parameters of the copy; scenarios are those of one store
    settings = known.depot.model_copy(update={"run_id": None, "scenario_ids": ()})
    assert again.depot == settings
    assert (again.name, again.seed, again.limits) == (known.name, known.seed, known.limits)


def test_the_copy_is_the_same_run(tmp_path):
    for folder, path in (
        (tmp_path / "demo", write_demo_scenario(tmp_path / "demo")),
        (tmp_path / "small", write_fleet(tmp_path / "small", first_day=date(2026, 3, 27))),
    ):
        known = read_scenario(path)
        run, _ = read_depot(known, "nowhere.db")
        copy_depot_inputs(known, run, folder / "copy")
        again = read_scenario(folder / "copy" / "scenario.toml")
        assert check_depot(again, "nowhere.db") == check_depot(known, "nowhere.db")
        copied, _ = read_depot(again, "nowhere.db")
        assert hash_depot_inputs(copied, again.depot) == hash_depot_inputs(run, known.depot)


def test_only_what_belongs_to_the_run_is_copied(tmp_path):
    path = write_fleet(tmp_path)
    routes = tmp_path / "tables" / "t_route_allocated.csv"
    routes.write_text(
        routes.read_text(encoding="utf-8") + "9,1,secret,1,2026-10-05,5,\n", encoding="utf-8", newline=""
    )
    allocations = tmp_path / "tables" / "t_allocation.csv"
    first = allocations.read_text(encoding="utf-8").splitlines()[1].split(",")
    allocations.write_text(
        allocations.read_text(encoding="utf-8") + ",".join(["9", "7", *first[2:]]) + "\n", encoding="utf-8"
    )
    clients = tmp_path / "tables" / "t_client.csv"
    clients.write_text(clients.read_text(encoding="utf-8") + "2,Other Company\n", encoding="utf-8")
    known = read_scenario(path)
    run, findings = read_depot(known, "nowhere.db")
    assert run is not None, findings
    copy_depot_inputs(known, run, tmp_path / "copy")
    for file in (tmp_path / "copy" / "inputs").iterdir():
        text = file.read_text(encoding="utf-8")
        assert "secret" not in text
        assert "Other Company" not in text


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hushhush@host/fleet",
        "postgresql+psycopg://me@host/fleet?password=hushhush&sslmode=require",
    ],
)
def test_no_password_is_stored(tmp_path, url):
    path = tmp_path / "scenario.toml"
    path.write_text(f"version = 1\nstudy = 'depot'\n[inputs]\ntables = '{url}'\n", encoding="utf-8")
    known = read_scenario(path)
    assert "hushhush" not in stored_scenario_text(known)
    assert "hushhush" not in scenario_copy_text(known)
    assert "host/fleet" in stored_scenario_text(known)
