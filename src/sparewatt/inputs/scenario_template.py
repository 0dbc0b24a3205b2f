"""The text of a commented scenario file, for ``sparewatt init``."""

from __future__ import annotations

import json
import textwrap
from datetime import timedelta

from pydantic import BaseModel

from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.inputs.depot.settings import DepotSettings
from sparewatt.inputs.network.settings import NetworkSettings
from sparewatt.inputs.scenario import ScenarioFile, ScenarioInputs
from sparewatt.inputs.setting_values import length_text

_WIDTH = 100


_EXAMPLE_KEYS: dict[str, dict[str, str]] = {
    "depot": {},
    "cluster": {"start": '"2026-03-02 07:00"', "end": '"2026-03-02 19:00"', "reservation": '"simple"'},
    "network": {
        "cases": '["0PV0HP", "25PV50HP", "50PV100HP"]',
        "days": "21",
        "step": '"30min"',
        "validate_days": "3",
        "hosting": (
            "{ samples = 10, managed_samples = 2, penetrations = [0.2, 0.4, 0.6, 0.8, 1.0], risk = 0.1, "
            "days = 2 }"
        ),
    },
}
"""Settings of the examples that are not left at their defaults."""

_EXAMPLES: dict[str, dict[str, str]] = {
    "depot": {},
    "cluster": {
        "limit_tolerance_kw": "0",
        "traffic": '{ cluster1 = { arrival_delay = "5min", departure_delay = "0min", soc_drop = 0.01 } }',
        "system_limits": "{ lower_kw = -30, upper_kw = 80 }",
        "imbalance_limits": '[{ first = "cluster1", second = "cluster2", upper_kw = 40 }]',
    },
    "network": {"zones": '"zones.csv"', "start": '"2026-01-12"', "profile_unit": '"kW"'},
}
"""What stands for a default that is empty."""


_SETTINGS: dict[str, type[BaseModel]] = {
    "depot": DepotSettings,
    "cluster": ClusterSettings,
    "network": NetworkSettings,
}
_INPUTS: dict[str, tuple[tuple[str, str], ...]] = {
    "depot": (("tables", "tables/"),),
    "cluster": (
        ("workbook", "hub.xlsx"),
        ("tables", "tables/"),
        ("sessions", "sessions.json"),
        ("diaries", "diaries.csv"),
    ),
    "network": (
        ("master", "grid/Master.dss"),
        ("network", "net.json"),
        ("simbench", "1-LV-rural1--0-sw"),
        ("profiles", "meters.csv"),
        ("heat_pump_profiles", "heat-pumps.csv"),
        ("pv_profiles", "pv.csv"),
        ("temperature", "temperature.csv"),
        ("diaries", "diaries.csv"),
        ("prices", "prices.csv"),
    ),
}
"""Inputs by study with an example each; the first is the one of the template."""


def scenario_template(study: str = "depot", *, name: str = "My depot") -> str:
    """A commented scenario file of a study; every setting stands in it with its default.

    Parameters
    ----------
    study
        ``"depot"``, ``"cluster"`` or ``"network"``.
    name
        What people call the scenario.
    """
    if study not in _SETTINGS:
        msg = f"there is no template of the study {study!r}; {', '.join(_SETTINGS)} have one"
        raise ValueError(msg)
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
    (first, given), *others = _INPUTS[study]
    lines += [*_comment(inputs[first].description or ""), f'{first} = "{given}"']
    for key, example in others:
        lines += ["", *_comment(inputs[key].description or ""), f'# {key} = "{example}"']
    lines += [
        "",
        f"[{study}]",
        *_comment("Lines that begin with # show the defaults; take the # away to change one."),
    ]
    for key, field in _SETTINGS[study].model_fields.items():
        if key in _EXAMPLE_KEYS[study]:
            lines += ["", *_comment(field.description or ""), f"{key} = {_EXAMPLE_KEYS[study][key]}"]
            continue
        default = _EXAMPLES[study].get(key) or _toml(field.default)
        lines += ["", *_comment(field.description or ""), f"# {key} = {default or _toml('1')}"]
    if study == "network":
        return "\n".join(lines) + "\n"
    one = "site_1" if study == "depot" else "cluster1"
    lines += [
        "",
        *_comment("A limit may come from another run:"),
        "# [limits]",
        f'# {one} = {{ run = "latest:feeder-17", zone = "2/4" }}',
    ]
    return "\n".join(lines) + "\n"


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
