"""A draft of a scenario as TOML, and back."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEAD = ("version", "study", "name", "seed")
MOST_CHARACTERS = 1_000_000


def draft_text(draft: Mapping[str, Any]) -> str:
    """The scenario file that a draft stands for; the same draft gives the same text."""
    plain = {key: draft[key] for key in _HEAD if key in draft}
    plain |= {k: v for k, v in draft.items() if k not in plain and not isinstance(v, Mapping)}
    parts = ["\n".join(_lines(plain))]
    for key, table in draft.items():
        if isinstance(table, Mapping):
            parts.append("\n".join([f"[{_key(key)}]", *_lines(table)]))
    return "\n\n".join(parts) + "\n"


def draft_of_text(text: str) -> dict[str, Any]:
    """What a scenario file says; a ValueError in words where it is not TOML."""
    if len(text) > MOST_CHARACTERS:
        msg = "This is too long for a scenario file."
        raise ValueError(msg)
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"This is not TOML: {error}. Lines look like key = value; text stands in quotation marks."
        raise ValueError(msg) from None
    plain: dict[str, Any] = _plain(read)
    return plain


def inline_value(text: str) -> Any:  # noqa: ANN401 - JSON
    """A number, a text or a table that somebody wrote into one field."""
    text = text.strip()
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return _plain(value)


def inline_text(value: Any) -> str:  # noqa: ANN401 - JSON
    """A value as it stands in one field."""
    return "" if value is None else value if isinstance(value, str) else _value(value)


def _lines(values: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in values.items() if value is not None]


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_lines(value)) + " }" if value else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(value: Any) -> Any:  # noqa: ANN401 - as TOML gives it
    """Without dates and times, which become their text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, (str, int, float, bool)) else str(value)
