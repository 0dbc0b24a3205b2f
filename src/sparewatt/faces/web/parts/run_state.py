"""A run in a line, and the state it is in; never told by colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.studies import STUDY_WORDS

if TYPE_CHECKING:
    from datetime import datetime

    from sparewatt.faces.web.page import Component
    from sparewatt.results.store import StoredRun

STATES = {
    "queued": ("waiting", "gray", "clock"),
    "running": ("running", "blue", "play"),
    "done": ("done", "teal", "check"),
    "failed": ("failed", "red", "error"),
    "cancelled": ("cancelled", "orange", "stop"),
}
"""Words, colour and sign of each state."""


def state_badge(run: StoredRun) -> Component:
    """The state of a run, with its progress while it is worked on."""
    words, colour, icon = STATES[run.state]
    if run.state == "running":
        words = f"running, {run.progress:.0%}"
    if run.stop_wanted:
        words = "stopping"
    return dmc.Badge(
        words, color=colour, variant="light", leftSection=html.Span(className=f"icon icon-{icon}"), tt="none"
    )


def run_line(run: StoredRun) -> Component:
    """A run as a line that leads to its page."""
    return dcc.Link(
        dmc.Group(
            [
                dmc.Text(str(run.id), className="quiet numbers", w=44),
                dmc.Text(run.name, fw=550, truncate="end", flex=1, miw=120),
                dmc.Text(STUDY_WORDS[run.study].title, className="quiet", visibleFrom="sm"),
                dmc.Text(f"{time_words(run.created)} UTC", className="quiet numbers", visibleFrom="sm"),
                state_badge(run),
            ],
            gap="md",
            wrap="nowrap",
        ),
        href=f"/runs/{run.id}",
        className="run-line",
    )


def time_words(moment: datetime | None) -> str:
    """A time for people, in UTC as it is kept; empty where there is none."""
    return "" if moment is None else f"{moment:%d %b %Y %H:%M}"
