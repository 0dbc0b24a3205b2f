"""Findings of a run: how bad, where, what, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.api.clean import clean_finding
from sparewatt.finding import sorted_findings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sparewatt.faces.web.page import Component
    from sparewatt.finding import Finding

MOST_FINDINGS = 200
SEVERITY_WORDS = {
    "error": ("Error", "red", "error"),
    "warning": ("Warning", "orange", "warning"),
    "info": ("Note", "blue", "info"),
}
"""Words, colour and sign of each severity."""


def finding_list(findings: Iterable[Finding], folders: Iterable[Path] = ()) -> Component:
    """Findings, worst first; a sentence where there are none.

    Parameters
    ----------
    findings
        What to show.
    folders
        Folders of this machine, which are struck out of the texts.
    """
    told = sorted_findings(findings)
    if not told:
        return dmc.Alert(
            "Inputs and results were checked; there is nothing to report.",
            color="teal",
            variant="light",
            icon=html.Span(className="icon icon-check"),
        )
    folders = tuple(folders)
    lines = [html.Li(_line(clean_finding(f, folders)), className="finding") for f in told[:MOST_FINDINGS]]
    more = len(told) - len(lines)
    return dmc.Stack(
        [
            html.Ul(lines, className="findings"),
            dmc.Text(f"{more:,} more are in the table “findings”.", className="quiet") if more > 0 else None,
        ],
        gap="sm",
    )


def _line(finding: Finding) -> list[Component]:
    words, colour, icon = SEVERITY_WORDS[finding.severity]
    value = f" [{finding.value}]" if finding.value else ""
    return [
        dmc.Badge(
            words,
            color=colour,
            variant="light",
            tt="none",
            leftSection=html.Span(className=f"icon icon-{icon}"),
        ),
        html.Div(
            [
                html.Div([html.Strong(finding.where), html.Span(f": {finding.message}{value}")]),
                html.Div([html.Span("What to do: ", className="quiet"), finding.remedy])
                if finding.remedy
                else None,
                html.Div(f"Rule {finding.rule}", className="quiet rule"),
            ]
        ),
    ]
