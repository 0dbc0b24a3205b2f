"""What pages of neighbourhoods say beside what they show: findings, what did not work, what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.finding import Finding

_SIGNS = {
    "error": ("red", "error", "Not taken"),
    "warning": ("orange", "warning", "Please look"),
    "info": ("blue", "info", "For your information"),
}
_MOST = 30


def findings_alert(findings: Sequence[Finding], title: str = "") -> Component:
    """Findings in words, the worst first."""
    if not findings:
        return None
    colour, icon, words = _SIGNS[findings[0].severity]
    return dmc.Alert(
        title=title or words,
        color=colour,
        icon=html.Span(className=f"icon icon-{icon}"),
        withCloseButton=True,
        closeButtonLabel="Close",
        variant="light",
        children=html.Ul(
            [html.Li(_finding_words(one)) for one in findings[:_MOST]]
            + ([html.Li(f"{len(findings) - _MOST} more of these.")] if len(findings) > _MOST else []),
            className="hood-findings",
        ),
    )


def _finding_words(finding: Finding) -> list[Component]:
    value = f" ({finding.value})" if finding.value else ""
    right = [html.Span(f"What would be right: {finding.remedy}.", className="quiet")]
    return [
        html.Strong(f"{finding.where}: "),
        f"{finding.message}{value}. ",
        *(right if finding.remedy else []),
    ]


def words_alert(message: str) -> Component:
    """What did not work, in a sentence."""
    return dmc.Alert(message, color="red", variant="light", icon=html.Span(className="icon icon-error"))


def done_alert(message: str) -> Component:
    """What was done, in a sentence; nothing where there is none."""
    if not message:
        return None
    return dmc.Alert(message, color="teal", variant="light", icon=icon("check"))


def icon(name: str) -> Component:
    """A sign beside words."""
    return html.Span(className=f"icon icon-{name}")
