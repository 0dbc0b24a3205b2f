"""A validated scenario as TOML again: what was planned, overrides applied, beside a copy of its tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparewatt.inputs.scenario import Scenario

COPY_MARK = "# A copy of what Sparewatt planned, overrides applied; its tables lie in inputs/."
"""First line of every copy, by which it is known from a person's own scenario file."""

COPY_TABLES = "inputs/"
"""Folder of the copied tables, beside the copy."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NOT_COPIED = {"run_id", "scenario_ids"}


def scenario_copy_text(scenario: Scenario, sources: Mapping[str, str] | None = None) -> str:
    """A scenario file with the same meaning whose inputs are a copy in ``inputs/``.

    The same scenario gives the same text. Addresses of databases, and with them passwords, are not in it.

    Parameters
    ----------
    scenario
        What was planned.
    sources
        The keys of ``[inputs]`` in the copy; left out: tables in `COPY_TABLES`.
    """
    content = scenario.model_dump(mode="json", exclude_none=True)
    settings = {k: v for k, v in content[scenario.study].items() if k not in _NOT_COPIED}
    head = {key: content[key] for key in ("version", "study", "name", "seed")}
    inputs = sources or {"tables": COPY_TABLES}
    parts = [COPY_MARK, *_lines(head), "", "[inputs]", *_lines(inputs), "", f"[{scenario.study}]"]
    parts += _lines(settings)
    if content["limits"]:
        parts += ["", "[limits]", *_lines(content["limits"])]
    return "\n".join(parts) + "\n"


def _lines(values: Mapping[str, object]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in values.items()]


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: object) -> str:
    """A value as TOML, which reads JSON's form of all scalars; tables inside stand in one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_lines(value)) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
