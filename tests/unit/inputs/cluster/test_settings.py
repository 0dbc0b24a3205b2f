"""The `[cluster]` table: defaults, forms of values, and every problem as a finding."""

from __future__ import annotations

import pickle
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from sparewatt.errors import ScenarioError
from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.inputs.scenario_template import scenario_template
from sparewatt.inputs.scenario_text import scenario_copy_text
from sparewatt.model.operating_rules import CONTROLS, OperatingRules

HEAD = 'version = 1\nstudy = "cluster"\n[inputs]\nworkbook = "hub.xlsx"\n'

FULL = """
[cluster]
start = 2026-03-02T07:00:00
end = "2026-03-03T07:00:00+01:00"
step = "30s"
timezone = "Europe/Berlin"
reservation = "smart"
control = "central_milp"
limit_tolerance_kw = { default = 1.5, cluster2 = 0 }
queue = true
reroute = true
grace = "10min"
horizon = 24
penalties = { rho_y = 2, rho_eps = 3.5 }
f_markup = 0.1
f_discount = 0.2
arbitrage = 0.3
system_limits = [{ upper_kw = 50 }, { time = "2026-03-02 12:00", lower_kw = -5, upper_kw = 30 }]
imbalance_limits = [{ first = "cluster1", second = "cluster2", upper_kw = 10 }]
assumptions = { battery_kwh = 75 }
solve_seconds = 2
workers = 3
[cluster.traffic.Cluster2]
arrival_delay = "5min"
departure_delay = "1min"
soc_drop = 0.01
"""


@pytest.fixture
def read(tmp_path):
    def read(text, *overrides):
        path = tmp_path / "scenario.toml"
        path.write_text(text, encoding="utf-8")
        return read_scenario(path, overrides)

    return read


def refused(read, text, *overrides):
    with pytest.raises(ScenarioError) as caught:
        read(text, *overrides)
    return {f.where: f for f in caught.value.findings}


def test_defaults_are_those_of_the_model(read):
    settings = read(HEAD).cluster
    assert settings == ClusterSettings()
    assert settings.operating_rules() == OperatingRules()
    assert (settings.start, settings.end, settings.step) == (None, None, timedelta(minutes=5))
    assert settings.timezone == "UTC"
    assert settings.tolerance_kw("cluster1") == 0


def test_every_key(read):
    settings = read(HEAD + FULL).cluster
    assert settings.start == datetime.fromisoformat("2026-03-02T07:00")
    assert settings.end == datetime(2026, 3, 3, 6, tzinfo=UTC)
    assert settings.step == timedelta(seconds=30)
    assert settings.operating_rules() == OperatingRules(
        control="central_milp",
        reservation="smart",
        queue=True,
        reroute=True,
        grace_s=600,
        horizon_periods=24,
        deviation_per_kwh=2,
        excess_per_kw=3.5,
        f_markup=0.1,
        f_discount=0.2,
        arbitrage=0.3,
        solve_seconds=2,
    )
    assert [settings.tolerance_kw(c) for c in ("cluster1", "cluster2")] == [1.5, 0]
    assert settings.traffic["cluster2"].arrival_delay == timedelta(minutes=5)
    assert settings.system_limits[1].lower_kw == -5
    assert settings.imbalance_limits[0].second == "cluster2"


def test_a_single_table_stands_for_a_list(read):
    settings = read(HEAD + "[cluster.system_limits]\nupper_kw = 40\n").cluster
    assert [s.upper_kw for s in settings.system_limits] == [40]


def test_the_copy_beside_an_outcome_means_the_same(read):
    scenario = read(HEAD + FULL)
    again = read(scenario_copy_text(scenario, {"workbook": "inputs/hub.xlsx"}))
    assert again.cluster == scenario.cluster
    assert pickle.loads(pickle.dumps(again)) == again
    assert ClusterSettings.model_validate_json(scenario.cluster.model_dump_json()) == scenario.cluster


@pytest.mark.parametrize("control", CONTROLS)
def test_controls_by_override(read, control):
    assert read(HEAD, f"cluster.control={control}").cluster.control == control


@pytest.mark.parametrize(
    ("line", "where", "words"),
    [
        ("stp = 1", "cluster.stp", "did you mean step?"),
        ('control = "milpp"', "cluster.control", "did you mean milp?"),
        ('step = "0s"', "cluster.step", "one second at least"),
        ('step = "1.5s"', "cluster.step", "whole number of seconds"),
        ("step = 5", "cluster.step", "not a length of time"),
        ('grace = "-5min"', "cluster.grace", "not a length of time"),
        ("horizon = 0", "cluster.horizon", "number of periods"),
        ("horizon = true", "cluster.horizon", "not a length of time"),
        ('start = "noon"', "cluster.start", "not a date and time"),
        ("start = 7", "cluster.start", "not a date and time"),
        ('timezone = "Europe/Berln"', "cluster.timezone", "did you mean Europe/Berlin?"),
        ("timezone = 1", "cluster.timezone", "not a time zone"),
        ("limit_tolerance_kw = -1", "cluster.limit_tolerance_kw", "at least 0"),
        ('limit_tolerance_kw = { cluster1 = "x" }', "cluster.limit_tolerance_kw", "cluster1 is not a number"),
        ("arbitrage = 2", "cluster.arbitrage", "at most 1"),
        ("penalties = { rho_x = 1 }", "cluster.penalties.rho_x", "known keys"),
        ("penalties = { rho_y = -1 }", "cluster.penalties.rho_y", "at least 0"),
        ("traffic = { cluster1 = { delay = 1 } }", "cluster.traffic.cluster1.delay", "arrival_delay"),
        ("traffic = { cluster1 = 3 }", "cluster.traffic.cluster1", "is not a table"),
        ("system_limits = [{ uper_kw = 1 }]", "cluster.system_limits.0.uper_kw", "upper_kw"),
        ('imbalance_limits = [{ first = "a" }]', "cluster.imbalance_limits.0.upper_kw", "is not given"),
        ("assumptions = { battery_kwh = 0 }", "cluster.assumptions.battery_kwh", "above 0"),
        ("solve_seconds = nan", "cluster.solve_seconds", "finite"),
    ],
)
def test_wrong_values(read, line, where, words):
    found = refused(read, f"{HEAD}[cluster]\n{line}\n")
    assert words in f"{found[where].message} {found[where].remedy}"


@pytest.mark.parametrize(
    ("inputs", "where", "rule"),
    [
        ("", "inputs.workbook", "scenario.inputs.hub"),
        ('workbok = "x"', "inputs.workbook", "scenario.inputs.hub"),
        ('workbook = "a"\ntables = "b"', "inputs.workbook", "scenario.inputs.hub"),
        ('tables = "sqlite:///x.db"', "inputs.tables", "scenario.inputs.hub"),
        ('workbook = "../a.xlsx"', "inputs.workbook", "scenario.path"),
        ('workbook = "a"\nsessions = "/s.json"', "inputs.sessions", "scenario.path"),
        ('workbook = "a"\nsessions = "s"\ndiaries = "d"', "inputs.sessions", "scenario.inputs.fleet"),
    ],
)
def test_inputs_of_a_hub(read, inputs, where, rule):
    found = refused(read, f'version = 1\nstudy = "cluster"\n[inputs]\n{inputs}\n')
    assert found[where].rule == rule


def test_passwords_are_not_told(read):
    text = 'version = 1\nstudy = "cluster"\n[inputs]\ntables = "postgresql://me:secret@host/db"\n'
    assert "secret" not in str(refused(read, text)["inputs.tables"])


@pytest.mark.parametrize("key", ["workbook", "sessions", "diaries"])
def test_a_depot_reads_no_hub(read, key):
    text = f'version = 1\nstudy = "depot"\n[inputs]\ntables = "t"\n{key} = "x"\n'
    assert refused(read, text)[f"inputs.{key}"].rule == "scenario.inputs.foreign"


def test_every_setting_is_described_with_its_unit():
    for name, field in ClusterSettings.model_fields.items():
        assert field.description, name
        if field.annotation in {float, int, timedelta} and name != "workers":
            assert "[" in field.description, name


def test_settings_have_a_schema_for_the_faces():
    schema = ClusterSettings.model_json_schema()
    assert set(schema["properties"]) == set(ClusterSettings.model_fields)


def test_the_template_shows_every_setting(read):
    text = scenario_template("cluster", name="Hub")
    changed = {"start", "end", "reservation"}
    settings = read(text).cluster
    assert (
        settings.model_copy(update={k: getattr(ClusterSettings(), k) for k in changed}) == ClusterSettings()
    )
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    keys = [line for line in lines if line.split(" = ")[0] in ClusterSettings.model_fields]
    assert len(keys) == len(ClusterSettings.model_fields)
    assert ClusterSettings(**tomllib.loads("\n".join(keys))).control == "least_laxity_first"


@pytest.mark.parametrize(
    ("study", "other", "source"), [("depot", "cluster", "tables"), ("cluster", "depot", "workbook")]
)
def test_settings_of_another_study_are_not_ignored_silently(read, study, other, source):
    text = f'version = 1\nstudy = "{study}"\n[inputs]\n{source} = "t"\n'
    assert refused(read, text, f"{other}.workers=2")[other].rule == "scenario.foreign_table"
