"""The text of a commented scenario file, for ``sparewatt init``."""

from __future__ import annotations

import json
import textwrap
from datetime import timedelta

from sparewatt.inputs.depot.settings import DepotSettings, step_text
from sparewatt.inputs.scenario import ScenarioFile, ScenarioInputs

_WIDTH = 100


def scenario_template(study: str = "depot", *, name: str = "My depot") -> str:
    """A commented scenario file of a study; every setting stands in it with its default.

    Parameters
    ----------
    study
        Only ``"depot"`` so far.
    name
        What people call the scenario.
    """
    if study != "depot":
        msg = f"there is no template of the study {study!r}; depot has one"
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
        *_comment(inputs["tables"].description or ""),
        'tables = "tables/"',
        "",
        "[depot]",
        *_comment("Lines that begin with # show the defaults; take the # away to change one."),
    ]
    for key, field in DepotSettings.model_fields.items():
        default = _toml(field.default)
        lines += ["", *_comment(field.description or ""), f"# {key} = {default or _toml('1')}"]
    lines += [
        "",
        *_comment("A limit may come from another run:"),
        "# [limits]",
        '# site_1 = { run = "latest:feeder-17", zone = "2/4" }',
    ]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]


def _toml(value: object) -> str:
    """A value as TOML; empty for ``None``, which TOML does not have."""
    if value is None:
        return ""
    if isinstance(value, timedelta):
        return json.dumps(step_text(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)
