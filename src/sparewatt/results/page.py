"""Page: what the reports of every study share: templates, pictures as markup, findings, cards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sparewatt.finding import sorted_findings

if TYPE_CHECKING:
    from sparewatt.finding import Finding
    from sparewatt.results.figures.picture import Picture
    from sparewatt.results.outcome import Outcome

MOST_FINDINGS = 200


@dataclass(frozen=True)
class Card:
    """One number of a run, with what to compare it with beside it.

    Parameters
    ----------
    label, value, unit
        What, how much, of what.
    beside
        The comparison in words.
    verdict
        ``better``, ``worse``, ``same`` or empty.
    """

    label: str
    value: str
    unit: str
    beside: str
    verdict: str


@cache
def page_environment() -> Environment:
    """Templates with every value escaped."""
    return Environment(
        loader=PackageLoader("sparewatt.results", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def figure_markup(picture: Picture) -> tuple[str, str, Markup]:
    """Title, caption and SVG; its text was escaped when it was written."""
    svg = re.sub(r">\s+<", "><", picture.svg(standalone=False))
    return picture.title, picture.caption, Markup(svg)  # noqa: S704 - our own SVG


def finding_context(outcome: Outcome) -> dict[str, object]:
    """Findings for the page, worst first; how many more there are."""
    findings = sorted_findings(outcome.findings)
    return {
        "findings": [_finding(f) for f in findings[:MOST_FINDINGS]],
        "more_findings": max(0, len(findings) - MOST_FINDINGS),
    }


def _finding(f: Finding) -> dict[str, str]:
    """One finding for the page."""
    what = f"{f.message} [{f.value}]" if f.value else f.message
    return {"severity": f.severity, "where": f.where, "what": what, "remedy": f.remedy, "rule": f.rule}
