"""Runs side by side; which ones stands in the address, so that the comparison can be handed on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import dash_mantine_components as dmc
from dash import Input, Output, State, html

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder, find_run
from sparewatt.faces.web.compare_runs import MOST_RUNS, narrowing, runs_row
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.comparison import comparison_table, run_names, settings_table
from sparewatt.faces.web.parts.comparison_pictures import pictures
from sparewatt.faces.web.shell import URL
from sparewatt.faces.web.studies import STUDY_WORDS
from sparewatt.results.compare import compare_modes, compare_outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.compare_runs import Chosen
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit
    from sparewatt.results.compare import Comparison


_NOT_DONE = {
    "queued": "is waiting",
    "running": "is being worked on",
    "failed": "failed",
    "cancelled": "was cancelled",
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
            state = find_run(place, number).state
            if state != "done":
                refused.append(f"Run {number} {_NOT_DONE[state]}, so it has no results to compare.")
                continue
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
    parts = [runs_row(place, chosen), _refusals(refused)]
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
        return [dmc.Text(words, className="prose"), narrowing(numbers, query, parts=False), table]
    names, labels = run_names(runs, folders), run_names(runs, folders, short=True)
    comparison = compare_outcomes(outcomes, names)
    table = comparison_table(
        comparison,
        study,
        parts=query.get("parts") == "all",
        differing=query.get("only") == "differences",
    )
    return [
        _same_words(comparison),
        settings_table(names, folders),
        *pictures(list(zip(names, folders, strict=True)), study, outcomes, labels),
        dmc.Title("Numbers", order=2, size="h4"),
        narrowing(numbers, query, parts=len(comparison.subjects()) > 1),
        html.Div(table),
    ]


def _same_words(comparison: Comparison) -> Component:
    """That runs came to the same, where they did: else one looks for differences in vain."""
    columns = range(1, len(comparison.columns))
    if any(row.verdict(c) not in {"same", "unknown"} for row in comparison.rows for c in columns):
        return None
    return dmc.Text("These runs came to the same numbers, in all of their parts.", fw=550, className="prose")


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
