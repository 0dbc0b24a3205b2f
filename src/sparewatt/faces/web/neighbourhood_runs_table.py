"""Runs of a neighbourhood beside the best possible, chosen to be compared; scores of its producers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.neighbourhood_ask import opener
from sparewatt.faces.web.parts.plain_html import plain_table
from sparewatt.faces.web.parts.run_state import state_badge
from sparewatt.inputs.community.names import read_producer_id
from sparewatt.results.kpis import number_text
from sparewatt.studies.neighbourhood_scores import draft_scores
from sparewatt.studies.neighbourhood_timeline import stamp_words
from sparewatt.studies.neighbourhood_view import ROLE_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.results.kpis import Kpi
    from sparewatt.studies.neighbourhood_keeping import OpenDraft
    from sparewatt.studies.neighbourhood_runs import NeighbourhoodRun

_DIGITS, _MOST_SCORES = 9, 50
COMPARED = "hood-compared"
"""Type of the ids of the boxes that choose runs to compare."""

ALGORITHMS = {
    "greedy": (
        "Greedy",
        "Each job gets the start with the most sun left; what is agreed never moves. Quickest.",
    ),
    "milp": (
        "Best plan of each producer",
        "Every producer plans all its waiting jobs anew for each request (milp).",
    ),
    "community_milp": (
        "One plan for all",
        "All producers and known jobs together, planned anew at every event (community_milp).",
    ),
    "fifty_fifty": (
        "Coin toss",
        "A coin decides whether a producer takes a job that its forecast covers (fifty_fifty).",
    ),
    "L_BFGS_B": ("Local search, L-BFGS-B", "Searches the starts of all waiting jobs, with random hops."),
    "SLSQP": ("Local search, SLSQP", "The same with sequential least squares."),
    "TNC": ("Local search, TNC", "The same with a truncated Newton method."),
    "perfect_foresight": (
        "Perfect foresight",
        "The plan of one who knew everything: the bound, not a choice.",
    ),
}
"""Who decides, in words."""


def goes_on(runs: Sequence[NeighbourhoodRun]) -> bool:
    """Whether any run is not at its end."""
    return any(run.run.state in {"queued", "running"} for run in runs)


def runs_table(runs: Sequence[NeighbourhoodRun], compared: Sequence[int] | None) -> Component:
    """The runs of a neighbourhood with what they came to, and a link to those of them that are chosen."""
    if not runs:
        return dmc.Text("None yet. Choose algorithms above and press Run.", className="quiet")
    if compared is None:
        newest = {run.algorithm: run.run.id for run in reversed(runs)}
        compared = list(newest.values())
    heads = (
        "",
        "Run",
        "Algorithm",
        "State",
        "Covered [kWh]",
        "Of the best [%]",
        "Grid [kWh]",
        "Cost [currency]",
        "Asked for [UTC]",
    )
    body = [
        dmc.TableTr([dmc.TableTd(cell, className="numbers") for cell in _run_cells(run, compared)])
        for run in runs
    ]
    head = dmc.TableThead(dmc.TableTr([dmc.TableTh(word) for word in heads]))
    return dmc.Stack(
        [
            html.Div(compare_link(compared), id="hood-compare"),
            dmc.ScrollArea(
                dmc.Table([head, dmc.TableTbody(body)], verticalSpacing=6, className="hood-runs"),
                type="auto",
                offsetScrollbars="present",
            ),
        ],
        gap="xs",
    )


def compare_link(runs: Sequence[int]) -> Component:
    """A link to the comparison of some runs."""
    if len(runs) < 2:  # noqa: PLR2004 - what can be compared
        return dmc.Text("Tick two runs or more to compare them.", className="quiet", size="sm")
    numbers = sorted(runs)
    return dcc.Link(
        f"Compare runs {', '.join(map(str, numbers))}", href=f"/compare?runs={','.join(map(str, numbers))}"
    )


def _run_cells(one: NeighbourhoodRun, compared: Sequence[int]) -> list[Component]:
    run = one.run
    box = dmc.Checkbox(
        radius="sm",
        id={"type": COMPARED, "run": run.id},
        checked=run.id in compared,
        **{"aria-label": f"Compare run {run.id}"},
    )
    names = ("covered_kwh", "share_of_best_contract", "grid_kwh", "cost")
    values = [_number(one.kpis.get(name)) if one.kpis else "" for name in names]
    words = ALGORITHMS.get(one.algorithm, (one.algorithm, ""))[0]
    link = dcc.Link(f"Run {run.id}", href=f"/runs/{run.id}")
    return [box, link, words, state_badge(run), *values, stamp_words(str(int(run.created.timestamp())))]


def _number(kpi: Kpi | None) -> str:
    """A KPI without its unit, which stands in the head; noise of the arithmetic is nothing."""
    if kpi is None or kpi.value is None:
        return "–"
    return number_text(round(kpi.value, _DIGITS), kpi.unit).replace("%", "").strip()


def score_table(opened: OpenDraft) -> Component:
    """The scores that the next run begins with, lowest first."""
    scores = draft_scores(opened)
    names = {(d.house, d.device_id): d.name for d in opened.draft.devices}
    ordered = sorted(scores, key=scores.__getitem__)
    rows = []
    for producer in ordered[:_MOST_SCORES]:
        place = read_producer_id(producer)
        house, device = ("", producer) if place is None else (place.house, place.device)
        label = names.get((house, device)) or ROLE_WORDS["producer"]
        called = [label, html.Span(f" {device}", className="quiet")]
        rows.append([called, house, f"{scores[producer]:.4g}"])
    words = (
        "A producer that gives loses a point, one that declines gains one; the lowest is asked first. A run "
        "begins with the scores that stand here when it is asked for, and leaves its own when it is done."
    )
    more = (
        f"The {_MOST_SCORES} that are asked first, of {len(ordered):,}."
        if len(ordered) > _MOST_SCORES
        else ""
    )
    reset = dmc.Button("Reset the scores", **opener("reset-scores"), variant="default", size="xs")
    return dmc.Stack(
        gap="xs",
        children=[
            dmc.Title("Scores of the producers", order=2, size="h4"),
            dmc.Text(words, className="quiet prose"),
            plain_table(("Producer", "House", "Score"), rows, "Scores of the producers", "hood-scores")
            if rows
            else dmc.Text("Nobody has a forecast yet.", className="quiet"),
            dmc.Text(more, className="quiet", size="sm") if more else None,
            dmc.Group([reset]) if rows else None,
        ],
    )
