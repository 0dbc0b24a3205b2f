"""Runs that wait or are worked on, followed while somebody looks; the page is renewed when one ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component
    from sparewatt.results.store import StoredRun


def live_runs(page: str, runs: Sequence[StoredRun]) -> Component:
    """How far runs are, each with its bar.

    Parameters
    ----------
    page
        Begins the ids. The page has a store ``<page>-changed`` that is set when the state of a run changes.
    runs
        Runs that wait or are worked on; may be none, then nothing is shown or followed.
    """
    followed = [{"id": run.id, "state": run.state, "stopping": run.stop_wanted} for run in runs]
    return html.Div(
        [
            dcc.Store(id=f"{page}-follow", data={"page": page, "runs": followed}),
            html.Div(
                "The server does not answer. What is done of the runs is kept, and this page keeps asking.",
                id=f"{page}-away",
                role="status",
                className="live-away",
                style={"display": "none"},
            ),
            html.Ul([_row(page, run) for run in runs], className="live-runs") if runs else None,
        ],
        style={} if runs else {"display": "none"},
    )


def register_live(desk: Desk, page: str) -> None:
    """Have the browser follow the runs of a page."""
    desk.in_browser(
        "sparewattFollow.runs", Output(f"{page}-follow", "storage_type"), Input(f"{page}-follow", "data")
    )


def _row(page: str, run: StoredRun) -> Component:
    waits = run.state == "queued"
    words = "Waiting for a worker" if waits else f"Working, {run.progress:.0%} done"
    return html.Li(
        [
            dcc.Link(f"{run.id} {run.name}", href=f"/runs/{run.id}", className="run-link"),
            html.Span(words, id=f"{page}-words-{run.id}", className="quiet numbers"),
            dmc.Progress(
                id=f"{page}-bar-{run.id}",
                value=100 * run.progress,
                size="md",
                **{"aria-label": f"Share of run {run.id} that is done"},
            ),
        ]
    )
