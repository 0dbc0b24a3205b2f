"""Colours that colour-blind people can tell, with hatchings and dashes so that none is needed to."""

from __future__ import annotations

from typing import Any

# Okabe & Ito, "Color Universal Design", 2008; as in results.figures.style, which brings matplotlib
BLUE, SKY, ORANGE, VERMILION = "#0072B2", "#56B4E9", "#E69F00", "#D55E00"
GREEN, PURPLE, GREY, YELLOW = "#009E73", "#CC79A7", "#8C939C", "#F0E442"
CYCLE = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, GREY)
"""Colours of lines without a meaning of their own; with `DASHES` they differ without colour too."""
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid")
SCALE = "Cividis"
"""Of heat maps."""


def hatched(shape: str) -> dict[str, Any]:
    """A hatching of bars; nothing where there is none."""
    return {"pattern": {"shape": shape, "fillmode": "overlay", "size": 6, "solidity": 0.25}} if shape else {}


def faint(colour: str, opacity: float) -> str:
    """A colour that lets through what is behind it."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def plain(text: str) -> str:
    """A user's text without what Plotly takes for markup or a template."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")
