"""Overrides of a scenario file's keys: ``depot.horizon_days=2``."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from sparewatt.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence


def set_overrides(data: dict[str, Any], overrides: Sequence[str]) -> tuple[Finding, ...]:
    """Set dotted keys in ``data``; a value is TOML, or bare text where it is not.

    Returns
    -------
    One finding per override that could not be read.
    """
    return tuple(f for f in (_set(data, text) for text in overrides) if f is not None)


def _set(data: dict[str, Any], text: str) -> Finding | None:
    key, equals, value = text.partition("=")
    path = _read_key(key)
    if not equals or not path:
        return Finding(
            "scenario.override",
            "error",
            f"--set {text}",
            "not of the form key=value",
            text,
            "a dotted key and a value, such as depot.horizon_days=2",
        )
    table = data
    for depth, part in enumerate(path[:-1], start=1):
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            return Finding(
                "scenario.override",
                "error",
                f"--set {text}",
                f"{'.'.join(path[:depth])} is a value and holds no keys",
                text,
                f"set {'.'.join(path[:depth])} itself",
            )
    table[path[-1]] = _read_value(value)
    return None


def _read_key(key: str) -> list[str]:
    try:
        tree: Any = tomllib.loads(f"{key.strip()} = 0")
    except tomllib.TOMLDecodeError:
        return []
    path = []
    while isinstance(tree, dict) and len(tree) == 1:
        part, tree = next(iter(tree.items()))
        path.append(part)
    return [] if isinstance(tree, dict) else path


def _read_value(text: str) -> object:
    try:
        tree = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text.strip()
    return tree["value"] if len(tree) == 1 else text
