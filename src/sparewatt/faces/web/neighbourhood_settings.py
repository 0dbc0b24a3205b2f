"""What the fields of a run panel hold, as seed and settings of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_TEXTS = ("sharing", "start_step", "interval", "time_zone")


def read_settings(values: Mapping[str, Any]) -> tuple[object, dict[str, object]]:
    """Seed and settings from what the fields hold; what is no number stays text, which checking tells."""
    settings: dict[str, object] = {}
    for key, value in values.items():
        text = value.strip() if isinstance(value, str) else value
        if text in ("", None):
            continue
        settings[key] = text if key in _TEXTS or not isinstance(text, str) else _number(text)
    return settings.pop("seed", 0), settings


def _number(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text
