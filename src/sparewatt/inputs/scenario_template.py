"""The text of a commented scenario file, for ``sparewatt init``."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.inputs.community.settings import CommunitySettings
from sparewatt.inputs.depot.settings import DepotSettings
from sparewatt.inputs.network.settings import NetworkSettings
from sparewatt.inputs.scenario import ScenarioFile, ScenarioInputs
from sparewatt.inputs.scenario_file import SCENARIO_NAME
from sparewatt.inputs.setting_values import length_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_WIDTH = 100


@dataclass(frozen=True)
class StudyExample:
    """What the template of a study shows.

    Parameters
    ----------
    settings
        Its table.
    inputs
        Its inputs with an example each; the first is the one of the template.
    given
        Settings of the example that are not left at their defaults.
    shown
        What stands for a default that is empty.
    limited
        An id whose limit may come from another run; empty where the study takes none.
    """

    settings: type[BaseModel]
    inputs: Mapping[str, str]
    given: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    limited: str = ""


_EXAMPLES = {
    "depot": StudyExample(DepotSettings, {"tables": "tables/"}, limited="site_1"),
    "cluster": StudyExample(
        ClusterSettings,
        {
            "workbook": "hub.xlsx",
            "tables": "tables/",
            "sessions": "sessions.json",
            "diaries": "diaries.csv",
        },
        {"start": '"2026-03-02 07:00"', "end": '"2026-03-02 19:00"', "reservation": '"simple"'},
        {
            "limit_tolerance_kw": "0",
            "traffic": '{ cluster1 = { arrival_delay = "5min", departure_delay = "0min", soc_drop = 0.01 } }',
            "system_limits": "{ lower_kw = -30, upper_kw = 80 }",
            "imbalance_limits": '[{ first = "cluster1", second = "cluster2", upper_kw = 40 }]',
        },
        "cluster1",
    ),
    "network": StudyExample(
        NetworkSettings,
        {
            "master": "grid/Master.dss",
            "network": "net.json",
            "simbench": "1-LV-rural1--0-sw",
            "profiles": "meters.csv",
            "heat_pump_profiles": "heat-pumps.csv",
            "pv_profiles": "pv.csv",
            "temperature": "temperature.csv",
            "diaries": "diaries.csv",
            "prices": "prices.csv",
        },
        {
            "cases": '["0PV0HP", "25PV50HP", "50PV100HP"]',
            "days": "21",
            "step": '"30min"',
            "validate_days": "3",
            "hosting": (
                "{ samples = 10, managed_samples = 2, penetrations = [0.2, 0.4, 0.6, 0.8, 1.0], "
                "risk = 0.1, days = 2 }"
            ),
        },
        {"zones": '"zones.csv"', "start": '"2026-01-12"', "profile_unit": '"kW"'},
    ),
    "community": StudyExample(
        CommunitySettings,
        {"folder": "neighbourhood/"},
        {"algorithm": '"milp"', "time_zone": '"Europe/London"'},
        {"tariff": '"tariff.csv"', "feed_in": "0.08", "import_limit_kw": "20"},
    ),
}


def scenario_template(study: str = "depot", *, name: str = "My depot") -> str:
    """A commented scenario file of a study; every setting stands in it with its default.

    Parameters
    ----------
    study
        As in a scenario file.
    name
        What people call the scenario.
    """
    if study not in _EXAMPLES:
        msg = f"there is no template of the study {study!r}; {', '.join(_EXAMPLES)} have one"
        raise ValueError(msg)
    example = _EXAMPLES[study]
    file, inputs = ScenarioFile.model_fields, ScenarioInputs.model_fields
    lines = [
        *_comment("A scenario of Sparewatt. Unknown keys are refused; try: sparewatt check scenario.toml"),
        "version = 1",
        f'study = "{study}"',
        f"name = {_toml(name)}",
        f"seed = 7  # {file['seed'].description}",
        "",
        "[inputs]",
    ]
    (first, given), *others = example.inputs.items()
    lines += [*_comment(inputs[first].description or ""), f'{first} = "{given}"']
    for key, source in others:
        lines += ["", *_comment(inputs[key].description or ""), f'# {key} = "{source}"']
    lines += [
        "",
        f"[{study}]",
        *_comment("Lines that begin with # show the defaults; take the # away to change one."),
    ]
    for key, setting in example.settings.model_fields.items():
        lines += ["", *_comment(setting.description or "")]
        if key in example.given:
            lines.append(f"{key} = {example.given[key]}")
        else:
            default = example.shown.get(key) or _toml(setting.default)
            lines.append(f"# {key} = {default or _toml('1')}")
    if example.limited:
        lines += [
            "",
            *_comment("A limit may come from another run:"),
            "# [limits]",
            f'# {example.limited} = {{ run = "latest:feeder-17", zone = "2/4" }}',
        ]
    return "\n".join(lines) + "\n"


def write_scenario_template(directory: Path, study: str, name: str, others: Sequence[Path]) -> Path:
    """Write the scenario file of a template where neither it nor its inputs are there yet.

    Parameters
    ----------
    directory
        Where to; made where it does not exist.
    study, name
        As of `scenario_template`.
    others
        The files and folders that the template writes beside it.

    Raises
    ------
    InputError
        One of them would be overwritten; nothing was written.
    """
    scenario = directory / SCENARIO_NAME
    there = ", ".join(path.name for path in (scenario, *others) if path.exists())
    if there:
        message = "there is a scenario already, nothing was written"
        remedy = "another folder, or take these away first"
        raise InputError([Finding("scenario.exists", "error", str(directory), message, there, remedy)])
    directory.mkdir(parents=True, exist_ok=True)
    scenario.write_text(scenario_template(study, name=name), encoding="utf-8")
    return scenario


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]


def _toml(value: object) -> str:
    """A value as TOML; empty for ``None``, which TOML does not have."""
    if value is None:
        return ""
    if isinstance(value, timedelta):
        return json.dumps(length_text(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    if isinstance(value, BaseModel):
        inner = ", ".join(f"{key} = {_toml(getattr(value, key))}" for key in type(value).model_fields)
        return f"{{ {inner} }}"
    return json.dumps(value, ensure_ascii=False)
