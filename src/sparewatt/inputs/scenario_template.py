"""The text of a commented scenario file, for ``sparewatt init``."""

from __future__ import annotations

import json
import textwrap
from datetime import timedelta

from pydantic import BaseModel

from sparewatt.inputs.cluster.setting_kinds import length_text
from sparewatt.inputs.cluster.settings import ClusterSettings
from sparewatt.inputs.depot.settings import DepotSettings
from sparewatt.inputs.scenario import ScenarioFile, ScenarioInputs

_WIDTH = 100


_EXAMPLE_KEYS = {"start": '"2026-03-02 07:00"', "end": '"2026-03-02 19:00"', "reservation": '"simple"'}
"""Settings of the cluster's example that are not left at their defaults."""

_EXAMPLES = {
    "limit_tolerance_kw": "0",
    "traffic": '{ cluster1 = { arrival_delay = "5min", departure_delay = "0min", soc_drop = 0.01 } }',
    "system_limits": "{ lower_kw = -30, upper_kw = 80 }",
    "imbalance_limits": '[{ first = "cluster1", second = "cluster2", upper_kw = 40 }]',
}
"""What stands for a default that is empty."""


def scenario_template(study: str = "depot", *, name: str = "My depot") -> str:
    """A commented scenario file of a study; every setting stands in it with its default.

    Parameters
    ----------
    study
        ``"depot"`` or ``"cluster"``.
    name
        What people call the scenario.
    """
    if study not in {"depot", "cluster"}:
        msg = f"there is no template of the study {study!r}; depot and cluster have one"
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
    if study == "depot":
        lines += [*_comment(inputs["tables"].description or ""), 'tables = "tables/"']
    else:
        lines += [*_comment(inputs["workbook"].description or ""), 'workbook = "hub.xlsx"']
        for key, example in (
            ("tables", "tables/"),
            ("sessions", "sessions.json"),
            ("diaries", "diaries.csv"),
        ):
            lines += ["", *_comment(inputs[key].description or ""), f'# {key} = "{example}"']
    lines += [
        "",
        f"[{study}]",
        *_comment("Lines that begin with # show the defaults; take the # away to change one."),
    ]
    settings = DepotSettings if study == "depot" else ClusterSettings
    for key, field in settings.model_fields.items():
        if study == "cluster" and key in _EXAMPLE_KEYS:
            lines += ["", *_comment(field.description or ""), f"{key} = {_EXAMPLE_KEYS[key]}"]
            continue
        default = (_EXAMPLES.get(key) if study == "cluster" else None) or _toml(field.default)
        lines += ["", *_comment(field.description or ""), f"# {key} = {default or _toml('1')}"]
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
