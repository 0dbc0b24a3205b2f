"""Ids of the parts of a picture on a page; Dash finds them by pattern."""

from __future__ import annotations

from typing import Any

from dash import ALL, MATCH


def part_id(run: int | Any, name: str | Any, part: str) -> dict[str, Any]:  # noqa: ANN401 - or Dash's MATCH
    """A part of the picture ``name`` of a run: ``graph``, ``window``, ``frame`` and others."""
    return {"type": f"picture-{part}", "run": run, "name": name}


def choice_id(run: int | Any, name: str | Any, choice: str | Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """What is chosen above a picture."""
    return {"type": "picture-choice", "run": run, "name": name, "choice": choice}


def any_part(part: str) -> dict[str, Any]:
    """That part of whichever picture."""
    return part_id(MATCH, MATCH, part)


def any_choice() -> dict[str, Any]:
    """All choices of whichever picture."""
    return choice_id(MATCH, MATCH, ALL)
