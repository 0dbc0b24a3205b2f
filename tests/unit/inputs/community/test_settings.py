"""The `[community]` table: its keys, bounds and defaults, and what they become."""

from __future__ import annotations

import math
import tomllib
from datetime import timedelta
from typing import get_args

import pytest
from pydantic import ValidationError

from sparewatt.inputs.community.settings import AlgorithmName, CommunitySettings, SharingName
from sparewatt.inputs.scenario import ScenarioFile
from sparewatt.inputs.scenario_findings import find_scenario_problems
from sparewatt.inputs.scenario_template import scenario_template
from sparewatt.inputs.scenario_text import scenario_copy_text
from sparewatt.model.market_rules import Algorithm, MarketRules, Sharing

SPEC = (
    *("algorithm", "days", "repetitions", "penalty", "eps", "tol", "predictions_first", "allow_partial"),
    *("interval", "tariff", "feed_in", "sharing", "import_limit_kw", "reset_scores", "bound"),
)
OURS = ("start_step", "solve_s", "searches", "workers", "time_zone")


def test_the_keys_are_those_of_the_spec_and_ours():
    assert tuple(CommunitySettings.model_fields) == SPEC + OURS


def test_every_key_says_what_it_is():
    for name, field in CommunitySettings.model_fields.items():
        assert field.description, name
    numbers = ("penalty", "eps", "tol", "allow_partial", "import_limit_kw", "solve_s", "tariff", "feed_in")
    for name in (*numbers, "days", "interval", "start_step"):
        assert "[" in CommunitySettings.model_fields[name].description, name


def test_choices_are_those_of_the_model():
    assert set(get_args(AlgorithmName)) == set(Algorithm)
    assert set(get_args(SharingName)) == set(Sharing)


def test_defaults_are_those_of_the_rules():
    assert CommunitySettings().market_rules() == MarketRules()


def test_settings_become_rules():
    settings = CommunitySettings(
        algorithm="TNC",
        penalty=3,
        eps=60,
        tol=0.1,
        searches=9,
        predictions_first=True,
        allow_partial=0.25,
        start_step="5min",
        solve_s=1.5,
        import_limit_kw=12,
        days=3,
        interval="1h",
        sharing="bill_sharing",
    )
    assert settings.market_rules() == MarketRules(
        Algorithm.TNC, 3.0, 60.0, 0.1, 9, True, 0.25, 300, 1.5, 12.0
    )
    assert (settings.simulated_days, settings.interval_s) == (3, 3600)
    assert settings.sharing_rule is Sharing.BILL_SHARING
    assert CommunitySettings().simulated_days is None
    assert math.isinf(CommunitySettings().market_rules().import_limit_kw)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("algorithm", "SLQSP"),
        ("days", 0),
        ("days", "some"),
        ("days", True),
        ("repetitions", 0),
        ("penalty", -1),
        ("eps", 0),
        ("tol", 0),
        ("tol", math.nan),
        ("predictions_first", "perhaps"),
        ("allow_partial", 1.01),
        ("interval", "90s"),
        ("interval", "2d"),
        ("tariff", True),
        ("tariff", ""),
        ("tariff", math.inf),
        ("tariff", [0.3]),
        ("feed_in", math.inf),
        ("sharing", "fair"),
        ("import_limit_kw", -1),
        ("start_step", "30s"),
        ("start_step", "0min"),
        ("solve_s", 0),
        ("searches", 0),
        ("workers", 0),
        ("time_zone", "Europe/Trent"),
        ("step", 5),
    ],
)
def test_what_is_out_of_bounds_is_one_finding_with_its_key(key, value):
    with pytest.raises(ValidationError) as caught:
        ScenarioFile.model_validate({"version": 1, "study": "community", "community": {key: value}})
    (finding,) = find_scenario_problems(caught.value, ScenarioFile)
    assert (finding.where, finding.severity) == (f"community.{key}", "error")
    assert finding.rule == ("scenario.unknown_key" if key == "step" else "scenario.value")
    assert finding.remedy


@pytest.mark.parametrize(("told", "meant"), [(0.25, 0.25), (0, 0.0), (-0.01, -0.01), ("t.csv", "t.csv")])
def test_a_tariff_is_a_price_or_a_file(told, meant):
    settings = CommunitySettings(tariff=told)
    assert settings.tariff == meant
    assert type(settings.tariff) is type(meant)
    assert CommunitySettings(**settings.model_dump(mode="json")) == settings


def test_settings_can_be_written_as_toml_and_read_again(tmp_path):
    settings = CommunitySettings(days=2, interval="30min", tariff=0.2, time_zone="Europe/Rome")
    file = ScenarioFile(version=1, study="community", community=settings)

    class Copy(ScenarioFile):
        base_dir: str = ""

    text = scenario_copy_text(Copy(**dict(file)), {"folder": "inputs/"})
    assert ScenarioFile.model_validate(tomllib.loads(text)).community == settings


def test_the_template_holds_every_setting_and_reads_as_the_defaults_but_for_two():
    text = scenario_template("community", name="x")
    file = ScenarioFile.model_validate(tomllib.loads(text))
    assert file.community == CommunitySettings(algorithm="milp", time_zone="Europe/London")
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    keys = [line for line in lines if line.split(" = ")[0] in CommunitySettings.model_fields]
    assert len(keys) == len(CommunitySettings.model_fields)
    shown = CommunitySettings(**tomllib.loads("\n".join(keys)))
    assert shown.interval == timedelta(minutes=15)
    assert (shown.tariff, shown.feed_in, shown.import_limit_kw) == ("tariff.csv", 0.08, 20.0)
