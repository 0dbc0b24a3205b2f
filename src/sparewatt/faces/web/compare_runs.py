"""Which runs are compared: shown, added, removed, put first; all of it links."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.parts.links import link_row, tab_link
from sparewatt.faces.web.studies import STUDY_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.page import Component
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun

    Chosen = tuple[StoredRun, RunFolder, Outcome]

MOST_RUNS = 8
"""Runs that can be told apart side by side."""
_CHOICES = 1000
"""Newest runs that are offered to be added."""


def _address(numbers: Sequence[int], query: Mapping[str, str] | None = None, **changed: str) -> str:
    kept = {name: (query or {}).get(name, "") for name in ("parts", "only")} | changed
    asked = {"runs": ",".join(map(str, numbers)), **{n: v for n, v in kept.items() if v}}
    return f"/compare?{urlencode(asked, safe=',')}"


def runs_row(place: ApiPlace, chosen: Sequence[Chosen]) -> Component:
    """The runs that are compared, and what can be added."""
    numbers = [run.id for run, _, _ in chosen]
    cards = []
    for index, (run, _, _) in enumerate(chosen):
        others = [n for n in numbers if n != run.id]
        first = (
            html.Span("Others are compared with it", className="quiet")
            if index == 0 and len(chosen) > 1
            else dmc.Anchor("Put first", href=_address([run.id, *others]), size="sm")
            if index
            else None
        )
        cards.append(
            html.Li(
                [
                    dcc.Link(f"{run.id} {run.name}", href=f"/runs/{run.id}", className="run-link"),
                    html.Div(
                        [
                            first,
                            dmc.Anchor(
                                "Remove",
                                href=_address(others),
                                size="sm",
                                **{"aria-label": f"Remove run {run.id}, {run.name}"},
                            ),
                        ],
                        className="compare-actions",
                    ),
                ]
            )
        )
    study = chosen[0][0].study if chosen else ""
    heads = place.store.list_run_heads(limit=_CHOICES) if len(chosen) < MOST_RUNS else ()
    options = [
        {"value": str(h.id), "label": f"{h.id} {h.name}"}
        for h in heads
        if h.state == "done" and h.id not in numbers and study in {"", h.study}
    ]
    what = f" of the study {STUDY_WORDS[study].title}" if study else ""
    return dmc.Stack(
        [
            html.Ul(cards, className="compare-runs") if cards else None,
            dmc.Select(
                id="compare-add",
                label=f"Add a run{what}",
                placeholder="Number or name" if options else "There is no other run that is done",
                data=options,
                disabled=not options,
                searchable=True,
                limit=50,
                nothingFoundMessage="No run that is done has this in its name",
                maw=420,
            ),
        ],
        gap="sm",
    )


def narrowing(numbers: Sequence[int], query: Mapping[str, str], *, parts: bool) -> Component:
    """What can be chosen about the rows."""
    only, whole = query.get("only") == "differences", query.get("parts") != "all"
    rows = [
        (("All numbers", "", not only), ("Only what differs", "differences", only)),
        (("Whole runs", "", whole), ("With their parts", "all", not whole)),
    ]
    groups = [
        link_row(
            label,
            [
                tab_link(words, _address(numbers, query, **{key: value}), is_here=is_here, kind="pill-link")
                for words, value, is_here in choices
            ],
            "pill-link",
        )
        for label, key, choices in zip(
            ("Rows of the table", "Parts of the runs"), ("only", "parts"), rows, strict=True
        )
    ]
    return dmc.Group(groups if parts else groups[:1], gap="lg")
