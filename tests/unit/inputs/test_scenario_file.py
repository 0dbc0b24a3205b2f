"""Scenario files: what is read, and every problem at once as findings."""

from __future__ import annotations

import pickle
import tomllib
from datetime import timedelta

import pytest

from sparewatt.errors import ScenarioError
from sparewatt.inputs.depot.settings import DepotSettings
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.inputs.scenario_template import scenario_template

HEAD = 'version = 1\nstudy = "depot"\nname = "Two vans"\n[inputs]\ntables = "tables/"\n'


@pytest.fixture
def read(tmp_path):
    def read(text, *overrides):
        path = tmp_path / "scenario.toml"
        path.write_text(text, encoding="utf-8")
        return read_scenario(path, overrides)

    return read


@pytest.fixture
def refused(read):
    """Findings of a scenario that is refused: (rule, where, value) and the findings by place."""

    def refused(text, *overrides):
        with pytest.raises(ScenarioError) as caught:
            read(text, *overrides)
        findings = caught.value.findings
        assert all(f.severity == "error" for f in findings)
        assert all(f.message for f in findings)
        return [(f.rule, f.where, f.value) for f in findings], {f.where: f for f in findings}

    return refused


def test_the_file_of_the_spec(read, tmp_path):
    scenario = read(HEAD + "[depot]\nhorizon_days = 2\n")
    assert (scenario.version, scenario.study, scenario.name, scenario.seed) == (1, "depot", "Two vans", 0)
    assert (scenario.inputs.tables, scenario.depot.horizon_days) == ("tables/", 2)
    assert scenario.base_dir == tmp_path
    assert scenario.limits == {}


def test_defaults_are_those_of_the_spec(read):
    assert dict(read(HEAD).depot) == {
        "run_id": None,
        "scenario_ids": (),
        "step": timedelta(minutes=30),
        "efficiency": 0.9,
        "utilisation": 0.9,
        "availability": "fraction",
        "default_price": 0.12,
        "horizon_days": 1,
        "solve_seconds": 300,
        "gap": 2e-4,
        "magic_fill": False,
        "initial_soc": 1,
        "limit_ac_chargers": False,
        "min_power_kw": 0,
        "workers": 1,
    }


def test_every_setting_is_described_with_its_unit():
    for name, field in DepotSettings.model_fields.items():
        assert field.description, name
        if field.annotation in {float, int} and name != "workers":
            assert "[" in field.description, name


def test_overrides_are_toml_or_bare_text(read):
    scenario = read(
        HEAD,
        "depot.horizon_days=3",
        "depot.step=15min",
        "depot.run_id=71",
        'name="Quoted = name"',
        "depot.magic_fill=true",
        "inputs.tables = postgresql://user@host/db",
        'limits."site.1".run=latest:feeder-17',
        "depot.scenario_ids=[1, 2]",
    )
    assert scenario.depot.horizon_days == 3
    assert scenario.depot.step == timedelta(minutes=15)
    assert scenario.depot.run_id == "71"
    assert scenario.name == "Quoted = name"
    assert scenario.depot.magic_fill
    assert scenario.inputs.tables == "postgresql://user@host/db"
    assert scenario.limits["site.1"].run == "latest:feeder-17"
    assert scenario.depot.scenario_ids == (1, 2)


@pytest.mark.parametrize("text", ["depot.horizon_days", "=2", "a b=2", "a\nb.c=2", ""])
def test_overrides_of_another_form(refused, text):
    said, _ = refused(HEAD, text)
    assert said == [("scenario.override", f"--set {text}", text)]


def test_an_override_below_a_value(refused):
    said, found = refused(HEAD, "name.first=x")
    assert said == [("scenario.override", "--set name.first=x", "name.first=x")]
    assert "name is a value" in found["--set name.first=x"].message


def test_all_problems_at_once_with_the_nearest_key(refused):
    said, found = refused(
        'version = 1\nstudy = "depto"\nsed = 3\n[inputs]\ntable = "x"\n'
        "[depot]\nhorizn_days = 2\nefficiency = 2\ngap = nan\nworkers = 0\n"
        '[limits]\nsite_1 = { rn = "latest:a" }\n',
        "depot.initial_soc=full",
    )
    assert sorted(said) == sorted(
        [
            ("scenario.value", "study", "depto"),
            ("scenario.unknown_key", "sed", "sed"),
            ("scenario.unknown_key", "inputs.table", "table"),
            ("scenario.unknown_key", "depot.horizn_days", "horizn_days"),
            ("scenario.value", "depot.efficiency", "2"),
            ("scenario.value", "depot.gap", "nan"),
            ("scenario.value", "depot.workers", "0"),
            ("scenario.value", "depot.initial_soc", "full"),
            ("scenario.unknown_key", "limits.site_1.rn", "rn"),
            ("scenario.missing_key", "limits.site_1.run", ""),
        ]
    )
    for where, meant in {
        "study": "depot",
        "sed": "seed",
        "inputs.table": "tables",
        "depot.horizn_days": "horizon_days",
        "limits.site_1.rn": "run",
    }.items():
        assert f"did you mean {meant}?" in found[where].remedy
    assert found["depot.efficiency"].message == "efficiency is above 1.0"
    assert found["depot.efficiency"].remedy.endswith("[0-1]; above 0 and at most 1")
    assert found["depot.initial_soc"].message == "initial_soc is not a number"


@pytest.mark.parametrize("step", ['"7min"', '"90min"', '"30"', "30", '"45s"', '"0min"', "true"])
def test_a_step_divides_the_hour(refused, step):
    said, _ = refused(HEAD + f"[depot]\nstep = {step}\n")
    assert [(rule, where) for rule, where, _ in said] == [("scenario.value", "depot.step")]


@pytest.mark.parametrize(
    ("step", "minutes"), [("1h", 60), ("60min", 60), ("900s", 15), ("1 min", 1), ("20m", 20)]
)
def test_steps(read, step, minutes):
    settings = read(HEAD + f'[depot]\nstep = "{step}"\n').depot
    assert settings.step == timedelta(minutes=minutes)
    assert DepotSettings.model_validate_json(settings.model_dump_json()) == settings


@pytest.mark.parametrize("key", ["inputs", "depot", "limits"])
def test_a_value_where_a_table_belongs(refused, key):
    said, found = refused(f'version = 1\nstudy = "depot"\n{key} = 3\n')
    assert ("scenario.value", key, "3") in said
    assert found[key].message == f"{key} is not a table"


def test_the_folder_is_no_key_of_the_file(refused):
    said, _ = refused('base_dir = "/"\n' + HEAD)
    assert said == [("scenario.unknown_key", "base_dir", "base_dir")]


@pytest.mark.parametrize("version", ["2", '"1"', "true", "0"])
def test_another_version_is_said_alone(refused, version):
    said, _ = refused(HEAD.replace("version = 1", f"version = {version}") + "[depot]\nnonsense = 1\n")
    assert [(rule, where) for rule, where, _ in said] == [("scenario.version", "version")]


def test_version_and_study_are_required(refused):
    said, _ = refused('[inputs]\ntables = "x"\n')
    assert said == [("scenario.missing_key", "version", ""), ("scenario.missing_key", "study", "")]


def test_a_folder_is_required_of_a_community(refused):
    said, found = refused('version = 1\nstudy = "community"\n[inputs]\nfoldr = "x/"\n')
    assert [(rule, where) for rule, where, _ in said] == [
        ("scenario.unknown_key", "inputs.foldr"),
        ("scenario.missing_key", "inputs.folder"),
    ]
    assert found["inputs.folder"].message == "folder is not given (is foldr meant to be folder?)"
    assert found["inputs.folder"].remedy == 'folder = "neighbourhood/"'


def test_a_community_reads_its_own_inputs_and_settings_alone(refused):
    text = 'version = 1\nstudy = "community"\n[inputs]\nfolder = "../x"\ntables = "t/"\n[network]\ndays = 3\n'
    said, _ = refused(text)
    assert [(rule, where) for rule, where, _ in said] == [
        ("scenario.inputs.foreign", "inputs.tables"),
        ("scenario.path", "inputs.folder"),
        ("scenario.foreign_table", "network"),
    ]


@pytest.mark.parametrize("tables", ["../elsewhere", "/etc", "a/../../b", "C:\\\\data", "..\\\\b"])
def test_paths_stay_inside_the_folder(refused, tables):
    said, _ = refused(HEAD.replace("tables/", tables))
    assert [(rule, where) for rule, where, _ in said] == [("scenario.path", "inputs.tables")]


def test_tables_are_required_of_a_depot(refused):
    said, _ = refused('version = 1\nstudy = "depot"\n')
    assert said == [("scenario.missing_key", "inputs.tables", "")]


def test_what_is_not_toml_names_line_and_text(refused, tmp_path):
    said, found = refused("version = 1\nstudy = depot\n")
    where = f"{tmp_path}/scenario.toml, line 2, column 9"
    assert said == [("scenario.file", where, "study = depot")]
    assert found[where].message == "is not TOML: invalid value"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: None, "there is no such file"),
        (lambda p: p.mkdir(), "is a folder"),
        (lambda p: p.write_bytes(b"name = '\xff'"), "is not UTF-8 text"),
        (lambda p: p.write_bytes(b" " * 5_000_000), "is too large"),
    ],
)
def test_files_that_are_none(tmp_path, make, message):
    path = tmp_path / "scenario.toml"
    make(path)
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    (finding,) = caught.value.findings
    assert finding.rule == "scenario.file"
    assert message in finding.message
    assert finding.remedy


def test_a_folder_with_a_scenario_says_how_to_name_it(tmp_path):
    (tmp_path / "scenario.toml").write_text(HEAD)
    with pytest.raises(ScenarioError, match=r"name the file: .*scenario\.toml"):
        read_scenario(tmp_path)


def test_without_a_name_the_folder_lends_its_own(tmp_path):
    (tmp_path / "my depot").mkdir()
    path = tmp_path / "my depot" / "scenario.toml"
    path.write_text('version = 1\nstudy = "depot"\n[inputs]\ntables = "t"\n', "utf-8-sig")
    assert read_scenario(path).name == "my depot"


def test_a_scenario_travels_to_a_worker(read):
    scenario = read(HEAD)
    assert pickle.loads(pickle.dumps(scenario)) == scenario


def test_the_template_holds_every_setting_at_its_default(read):
    text = scenario_template("depot")
    assert read(text).depot == DepotSettings()
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    keys = [line for line in lines if line.split(" = ")[0] in DepotSettings.model_fields]
    assert DepotSettings(**tomllib.loads("\n".join(keys))) == DepotSettings(run_id="1")
    assert len(keys) == len(DepotSettings.model_fields)


def test_a_template_of_another_study():
    with pytest.raises(ValueError, match="no template"):
        scenario_template("elsewhere")
