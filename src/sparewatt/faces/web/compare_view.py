"""What a comparison shows of runs that are done: settings that differ, pictures, numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import html

from sparewatt.errors import InputError
from sparewatt.faces.web.parts.comparison import comparison_table
from sparewatt.faces.web.parts.comparison_pictures import comparison_pictures
from sparewatt.faces.web.parts.comparison_settings import settings_table
from sparewatt.faces.web.parts.links import link_row, tab_link
from sparewatt.faces.web.parts.run_names import run_names
from sparewatt.faces.web.parts.run_state import time_words
from sparewatt.results.compare import compare_modes, compare_outcomes
from sparewatt.results.run_span import run_span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sparewatt.faces.web.compare_asked import Chosen
    from sparewatt.faces.web.page import Component
    from sparewatt.results.compare import Comparison
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.store import StoredRun

    Address = Callable[[str, str], str]

NARROWED = ("parts", "only")
"""What can be said in an address about the rows that are shown."""


def compared_runs(
    chosen: Sequence[Chosen], query: Mapping[str, str], address: Address, *, settings: bool = True
) -> list[Component]:
    """Settings, pictures and numbers of runs side by side; of one depot run smart beside unmanaged.

    Parameters
    ----------
    chosen
        At least one run, all of one study; the first is what the others are compared with.
    query
        What is said of the rows.
    address
        The address of the same with one thing said otherwise, by its name and value.
    settings
        Whether to tell the settings that differ.
    """
    runs, folders, outcomes = zip(*chosen, strict=True)
    study, differing = runs[0].study, query.get("only") == "differences"
    if len(chosen) == 1:
        comparison = compare_modes(outcomes[0].scenarios)
        if not comparison.rows:
            words = (
                "Add a second run to see the differences. "
                "“Run again with changes” on the page of a run makes one."
            )
            return [dmc.Text(words, className="quiet prose")]
        words = "One run alone: smart charging beside unmanaged charging, allocation by allocation."
        table = comparison_table(comparison, study, parts=True, differing=differing)
        return [dmc.Text(words, className="prose"), _narrowing(query, address, parts=False), html.Div(table)]
    names = run_names(runs, folders)
    comparison = compare_outcomes(outcomes, names)
    table = comparison_table(comparison, study, parts=query.get("parts") == "all", differing=differing)
    pictures = comparison_pictures([run.id for run in runs], list(zip(names, folders, strict=True)), study)
    shown = [
        _same_words(comparison),
        _span_words(runs, folders),
        settings_table(names, folders, study) if settings else None,
        *pictures,
        dmc.Title("Numbers", order=2, size="h4"),
        _narrowing(query, address, parts=len(comparison.subjects()) > 1),
        html.Div(table),
    ]
    return [part for part in shown if part is not None]


def _same_words(comparison: Comparison) -> Component:
    """That runs came to the same, where they did: else one looks for differences in vain."""
    columns = range(1, len(comparison.columns))
    if any(row.verdict(c) not in {"same", "unknown"} for row in comparison.rows for c in columns):
        return None
    return dmc.Text("These runs came to the same numbers, in all of their parts.", fw=550, className="prose")


def _span_words(runs: Sequence[StoredRun], folders: Sequence[RunFolder]) -> Component:
    """That runs are about different times, where they are: sums over them cannot be compared as they are."""
    try:
        spans = [run_span(folder, run.study) for run, folder in zip(runs, folders, strict=True)]
    except InputError:
        return None  # told where the pictures would be
    if any(span is None for span in spans) or len(set(spans)) == 1:
        return None
    told = [
        html.Li(f"Run {run.id}: {time_words(span.start)} to {time_words(span.end)} ({span.start:%Z})")
        for run, span in zip(runs, spans, strict=True)
        if span is not None
    ]
    return dmc.Alert(
        [
            html.Ul(told, className="plain-list numbers"),
            html.Div("Energy, cost and counts grow with the time; compare peaks and shares."),
        ],
        title="These runs are about different times",
        color="orange",
        variant="light",
        icon=html.Span(className="icon icon-warning"),
    )


def _narrowing(query: Mapping[str, str], address: Address, *, parts: bool) -> Component:
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
                tab_link(words, address(key, value), is_here=is_here, kind="pill-link")
                for words, value, is_here in choices
            ],
            "pill-link",
        )
        for label, key, choices in zip(
            ("Rows of the table", "Parts of the runs"), ("only", "parts"), rows, strict=True
        )
    ]
    return dmc.Group(groups if parts else groups[:1], gap="lg")
