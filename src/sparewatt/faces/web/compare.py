"""Runs side by side; which ones stands in the address, so that the comparison can be handed on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html

from sparewatt.errors import InputError
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.comparison import comparison_table
from sparewatt.faces.web.parts.links import link_row, tab_link
from sparewatt.faces.web.pictures.gallery import CONFIG
from sparewatt.faces.web.pictures.overlay import overlay
from sparewatt.faces.web.shell import URL
from sparewatt.faces.web.studies import STUDY_WORDS
from sparewatt.results.compare import compare_modes, compare_outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun

    Chosen = tuple[StoredRun, RunFolder, Outcome]

MOST_RUNS = 8
"""Runs that can be told apart side by side."""
_CHOICES = 1000
"""Newest runs that are offered to be added."""
_PICTURES = {
    "depot": "Demand of the site",
    "cluster": "Power of the hub",
    "network": "Headroom over the day",
    "community": "Where the energy came from",
}


def show_compare(visit: Visit) -> Component:
    """The page."""
    return dmc.Stack(
        [
            dmc.Title("Compare runs", order=1),
            html.Div(compare_view(visit.place, visit.search), id="compare-view"),
        ],
        gap="md",
    )


def compare_view(place: ApiPlace, search: str) -> Component:
    """What an address asks for."""
    query = {name: values[0] for name, values in parse_qs(search.removeprefix("?")).items()}
    numbers, refused = _asked(query.get("runs", ""))
    chosen: list[Chosen] = []
    for number in numbers:
        try:
            found = done_folder(place, number)
        except ProblemError as error:
            refused.append(error.detail)
            continue
        if chosen and found[0].study != chosen[0][0].study:
            first, other = (STUDY_WORDS[run.study].title for run in (chosen[0][0], found[0]))
            refused.append(
                f"Run {number} is of the study {other} and run {chosen[0][0].id} of the study {first}: "
                "their numbers mean different things, so they are not compared."
            )
            continue
        chosen.append(found)
    parts = [_runs_row(place, chosen), _refusals(refused)]
    if chosen:
        parts += _compared(chosen, query)
    else:
        parts.append(
            dmc.Text(
                "Add runs above, or choose some in the list of runs. The first is what the others are "
                "compared with; the address of this page can be handed on.",
                className="quiet prose",
            )
        )
    return dmc.Stack([part for part in parts if part is not None], gap="md")


def _asked(text: str) -> tuple[list[int], list[str]]:
    """Numbers of runs in an address, and why some words in it are none."""
    words = [word for word in re.split(r"[,\s]+", text) if word]
    good = [word for word in words if re.fullmatch(r"[1-9]\d{0,14}", word)]
    refused = [f"“{word[:40]}” is not the number of a run." for word in words if word not in good][:5]
    numbers = list(dict.fromkeys(int(word) for word in good))
    if len(numbers) > MOST_RUNS:
        refused.append(
            f"At most {MOST_RUNS} runs are compared at once; {len(numbers) - MOST_RUNS} are left out."
        )
    return numbers[:MOST_RUNS], refused


def _refusals(refused: Sequence[str]) -> Component:
    if not refused:
        return None
    return dmc.Alert(
        html.Ul([html.Li(words) for words in refused], className="plain-list"),
        title="Not everything could be compared",
        color="orange",
        variant="light",
        icon=html.Span(className="icon icon-warning"),
    )


def _address(numbers: Sequence[int], query: Mapping[str, str] | None = None, **changed: str) -> str:
    kept = {name: (query or {}).get(name, "") for name in ("parts", "only")} | changed
    asked = {"runs": ",".join(map(str, numbers)), **{n: v for n, v in kept.items() if v}}
    return f"/compare?{urlencode(asked, safe=',')}"


def _runs_row(place: ApiPlace, chosen: Sequence[Chosen]) -> Component:
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


def _compared(chosen: Sequence[Chosen], query: Mapping[str, str]) -> list[Component]:
    """Pictures and numbers of the runs."""
    runs, folders, outcomes = zip(*chosen, strict=True)
    study, numbers = runs[0].study, [run.id for run in runs]
    if len(chosen) == 1:
        comparison = compare_modes(outcomes[0].scenarios)
        if not comparison.rows:
            return [dmc.Text("Add a second run to see the differences.", className="quiet prose")]
        words = "One run alone: smart charging beside unmanaged charging, allocation by allocation."
        table = comparison_table(comparison, study, parts=True, differing=query.get("only") == "differences")
        return [dmc.Text(words, className="prose"), _narrowing(numbers, query, parts=False), table]
    names = [f"{run.id} {run.name}" for run in runs]
    comparison = compare_outcomes(outcomes, names)
    table = comparison_table(
        comparison,
        study,
        parts=query.get("parts") == "all",
        differing=query.get("only") == "differences",
    )
    return [
        _picture(list(zip(names, folders, strict=True)), study),
        dmc.Title("Numbers", order=2, size="h4"),
        _narrowing(numbers, query, parts=len(comparison.subjects()) > 1),
        html.Div(table),
    ]


def _narrowing(numbers: Sequence[int], query: Mapping[str, str], *, parts: bool) -> Component:
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


def _picture(runs: Sequence[tuple[str, RunFolder]], study: str) -> Component:
    """The main picture of the study with a line or a bar for each run."""
    try:
        figure = overlay(runs, study)
    except InputError:
        return dmc.Text("The series of these runs cannot be read, so they are not drawn.", className="quiet")
    if figure is None:
        return None
    return html.Section(
        [
            dmc.Title(_PICTURES[study], order=2, size="h4"),
            html.Div(
                dcc.Graph(id="compare-graph", figure=figure, config=CONFIG, style={"height": 380}),
                role="figure",
                **{"aria-label": f"{_PICTURES[study]}: {', '.join(name for name, _ in runs)}"},
            ),
        ]
    )


def _register(desk: Desk) -> None:
    @desk.answer(
        Output("compare-view", "children"),
        Input(URL, "search"),
        State(URL, "pathname"),
        prevent_initial_call=True,
    )
    def renew(search: str | None, path: str) -> Component:
        del path
        return compare_view(desk.place, search or "")

    desk.in_browser(
        "sparewatt.addRun",
        Output(URL, "search", allow_duplicate=True),
        Input("compare-add", "value"),
        State(URL, "search"),
        prevent_initial_call=True,
    )


PAGES = (Page("/compare", "Compare", show_compare, _register, nav="Compare", icon="compare"),)
