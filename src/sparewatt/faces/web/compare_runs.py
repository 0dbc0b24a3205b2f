"""Which runs are compared: shown, added, removed, put first; all of it links."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.compare_view import NARROWED
from sparewatt.faces.web.parts.run_state import STATES
from sparewatt.faces.web.pictures.overlay import MOST_RUNS
from sparewatt.faces.web.studies import STUDY_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.compare_asked import AskedRuns
    from sparewatt.faces.web.page import Component
    from sparewatt.results.store import StoredRun

_CHOICES = 1000
"""Newest runs that are offered to be added."""
_OFFERED = ("done", "running", "queued")


def compare_address(numbers: Sequence[int], query: Mapping[str, str] | None = None, **changed: str) -> str:
    """The address of a comparison of runs; what ``query`` says of its rows is kept unless it is changed."""
    kept = {name: (query or {}).get(name, "") for name in NARROWED} | changed
    asked = {"runs": ",".join(map(str, numbers)), **{n: v for n, v in kept.items() if v}}
    return f"/compare?{urlencode(asked, safe=',')}"


def runs_row(place: ApiPlace, asked: AskedRuns, query: Mapping[str, str]) -> Component:
    """The runs that are compared, and what can be added."""
    runs = [*(run for run, _, _ in asked.done), *asked.under_way]
    cards = [_card(run, index, asked, query) for index, run in enumerate(runs)]
    study = runs[0].study if runs else ""
    heads = place.store.list_run_heads(limit=_CHOICES) if len(runs) < MOST_RUNS else ()
    options = [
        {
            "value": str(h.id),
            "label": f"{h.id} {h.name}" + ("" if h.state == "done" else f" ({STATES[h.state][0]})"),
        }
        for h in heads
        if h.state in _OFFERED and h.id not in asked.numbers and study in {"", h.study}
    ]
    what = f" of the study {STUDY_WORDS[study].title}" if study else ""
    none = f"At most {MOST_RUNS} are compared" if len(runs) >= MOST_RUNS else "There is no other run to add"
    return dmc.Stack(
        [
            html.Ul(cards, className="compare-runs") if cards else None,
            dmc.Select(
                id="compare-add",
                label=f"Add a run{what}",
                placeholder="Number or name" if options else none,
                data=options,
                disabled=not options,
                searchable=True,
                limit=50,
                nothingFoundMessage="No run has this in its name",
                maw=420,
            ),
        ],
        gap="sm",
    )


def _card(run: StoredRun, index: int, asked: AskedRuns, query: Mapping[str, str]) -> Component:
    """A run that is compared, and what can be done with it."""
    others = [number for number in asked.numbers if number != run.id]
    done = len(asked.done)
    first = None
    if index == 0 and done > 1:
        first = html.Span("Others are compared with it", className="quiet")
    elif 0 < index < done:
        first = dmc.Anchor(
            "Put first",
            href=compare_address([run.id, *others], query),
            size="sm",
            **{"aria-label": f"Put first: run {run.id}, {run.name}"},
        )
    elif index >= done:
        first = html.Span(STATES[run.state][0], className="quiet")
    remove = dmc.Anchor(
        "Remove",
        href=compare_address(others, query),
        size="sm",
        **{"aria-label": f"Remove run {run.id}, {run.name}"},
    )
    return html.Li(
        [
            dcc.Link(f"{run.id} {run.name}", href=f"/runs/{run.id}", className="run-link"),
            html.Div([first, remove], className="compare-actions"),
        ]
    )
