"""The tab of control rules of a hub's run: the same inputs under other rules, started here and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.api.run_bodies import done_folder
from sparewatt.faces.web.compare_runs import compare_address
from sparewatt.faces.web.compare_view import NARROWED, compared_runs
from sparewatt.faces.web.parts.links import button_link
from sparewatt.faces.web.parts.live_runs import live_runs
from sparewatt.faces.web.parts.run_state import state_badge
from sparewatt.model.operating_rules import CONTROLS, KERNEL_CONTROLS
from sparewatt.results.control_words import CONTROL_WORDS
from sparewatt.studies.hub_rules import find_rule_runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.compare_asked import Chosen
    from sparewatt.faces.web.page import Component
    from sparewatt.model.operating_rules import Control
    from sparewatt.results.store import StoredRun

_GOES_ON = ("queued", "running")
_AGAIN = ("failed", "cancelled")


def rules_panel(place: ApiPlace, run: StoredRun, query: Mapping[str, str]) -> Component:
    """Rules to choose, runs of them that go on, and those that are done side by side."""
    found = find_rule_runs(place.store, run)
    if not found:
        return dmc.Text(
            "This run keeps no copy of its inputs, so no other rule can be run on them. Import it as a "
            "bundle with inputs, or begin a new study with them.",
            className="quiet prose",
        )
    under_way = [one for one in found.values() if one.state in _GOES_ON]
    done = _done(place, run, found)
    parts = [
        dmc.Text(
            "How would the same time have gone under another rule? Visits, bookings, limits, tariff, seed "
            "and all other settings stay as they are in this run.",
            className="prose",
        ),
        _rules(run, found),
        live_runs("rules", under_way),
    ]
    if len(done) > 1:
        numbers = [one.id for one, _, _ in done]
        parts += [
            dmc.Group(
                [
                    dmc.Title("Rules side by side", order=2, size="h3"),
                    button_link("Page of this comparison", compare_address(numbers), "compare"),
                ],
                justify="space-between",
            ),
            *compared_runs(done, query, lambda key, value: _address(run, query, key, value), settings=False),
        ]
    return dmc.Stack(parts, gap="md")


def free_rules(found: Mapping[Control, StoredRun]) -> list[Control]:
    """Rules that can be run: those without a run, or whose run came to nothing."""
    return [rule for rule in CONTROLS if rule not in found or found[rule].state in _AGAIN]


def _done(place: ApiPlace, run: StoredRun, found: Mapping[Control, StoredRun]) -> list[Chosen]:
    """The runs that are done and whose files are there; this run first."""
    runs = [run, *(one for one in found.values() if one.id != run.id and one.state == "done")]
    done = []
    for one in runs:
        try:
            done.append(done_folder(place, one.id))
        except ProblemError:
            continue  # its files are gone: told on its own page
    return done


def _address(run: StoredRun, query: Mapping[str, str], key: str, value: str) -> str:
    said = {name: query.get(name, "") for name in NARROWED} | {key: value}
    return f"/runs/{run.id}?{urlencode({'tab': 'rules', **{n: v for n, v in said.items() if v}})}"


def _rules(run: StoredRun, found: Mapping[Control, StoredRun]) -> Component:
    """All rules: those that were run lead to their run, the others are chosen from."""
    free = free_rules(found)
    chosen = [rule for rule in free if rule in KERNEL_CONTROLS]
    rows = [_rule(rule, run, found.get(rule), is_free=rule in free) for rule in CONTROLS]
    button = dmc.Button(
        "Run the chosen rules and compare",
        id="rules-run",
        leftSection=html.Span(className="icon icon-play"),
    )
    note = dmc.Text(
        "Rules take seconds; the optimised ones (MILP) solve a problem in every step and may take minutes.",
        className="quiet prose",
    )
    return dmc.Stack(
        [
            dmc.CheckboxGroup(
                html.Ul(rows, className="rules"),
                id="rules-chosen",
                value=chosen,
                persistence=str(run.id),  # what is ticked stays when a run ends meanwhile
                persistence_type="memory",
                **{"aria-label": "Control rules to run"},
            ),
            *([note, dmc.Group(button)] if free else []),
        ],
        gap="sm",
    )


def _rule(rule: Control, run: StoredRun, made: StoredRun | None, *, is_free: bool) -> Component:
    """One rule in a row."""
    words = CONTROL_WORDS[rule]
    label = words.label[:1].upper() + words.label[1:]
    if is_free:
        name: Component = dmc.Checkbox(value=rule, label=label, description=words.meaning)
    else:
        name = html.Div(
            [html.Div(label, className="rule-name"), html.Div(words.meaning, className="quiet rule-meaning")]
        )
    state: Component = None
    if made is not None and made.id == run.id:
        state = html.Span("this run", className="quiet")
    elif made is not None:
        link = dcc.Link(f"run {made.id}", href=f"/runs/{made.id}", className="run-link")
        state = dmc.Group([link, state_badge(made)], gap="xs", wrap="nowrap")
    return html.Li([name, state])
