"""A run that waits, is worked on, or ended early: how far it is, and what can be done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import html

from sparewatt.faces.api.clean import clean_text

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.results.store import StoredRun


def progress_card(run: StoredRun) -> Component:
    """What is shown of a run that is not done."""
    if run.state in {"queued", "running"}:
        return _under_way(run)
    hidden = [Path(run.directory)] if run.directory else []
    if run.state == "failed":
        title, colour, icon = "This run failed", "red", "error"
        text = clean_text(run.error, hidden) or "No reason was noted; the log of the server may tell more."
        after = (
            "Carry on begins again after the last piece that was kept. If it fails again, Run again with "
            "changes opens its inputs and settings."
        )
    else:
        title, colour, icon = "This run was cancelled", "orange", "stop"
        text = f"It was {run.progress:.0%} done, and what is done is kept."
        after = "Carry on goes on from there."
    if not run.submitted:
        after = "It was begun by the command line: carry it on there with sparewatt run --resume."
    return dmc.Alert(
        [
            html.P(text, className="prose error-words"),
            html.P(after, className="prose"),
            dmc.Button("Carry on", id="run-carry-on", leftSection=html.Span(className="icon icon-play"))
            if run.submitted
            else None,
        ],
        title=title,
        color=colour,
        variant="light",
        icon=html.Span(className=f"icon icon-{icon}"),
    )


def _under_way(run: StoredRun) -> Component:
    waits = run.state == "queued"
    words = "Waiting for a worker" if waits else f"Working, {run.progress:.0%} done"
    if run.stop_wanted:
        words = "Stopping after the piece that is being worked on"
    return dmc.Card(
        withBorder=True,
        padding="lg",
        children=dmc.Stack(
            [
                html.Div(words, id="run-words", role="status", className="progress-words"),
                dmc.Progress(
                    id="run-bar",
                    value=0 if waits else 100 * run.progress,
                    size="lg",
                    animated=not waits,
                    striped=not waits,
                    **{"aria-label": "Share that is done"},
                ),
                html.Div("", id="run-rate", className="quiet numbers"),
                dmc.Text(
                    "It begins when a worker is free. Where the server has none of its own (--workers 0), "
                    "sparewatt work starts one."
                    if waits
                    else "You may leave this page; the run goes on. Its results appear here by themselves.",
                    className="quiet prose",
                ),
                dmc.Group(
                    dmc.Button(
                        "Cancel",
                        id="run-cancel",
                        variant="default",
                        disabled=run.stop_wanted,
                        leftSection=html.Span(className="icon icon-stop"),
                    )
                ),
            ],
            gap="sm",
        ),
    )
