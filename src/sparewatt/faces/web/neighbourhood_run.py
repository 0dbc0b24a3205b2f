"""The run panel of a neighbourhood: algorithms and settings; what the fields hold, as settings."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, get_args

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_runs_table import ALGORITHMS, goes_on, runs_table, score_table
from sparewatt.inputs.community.settings import AlgorithmName, CommunitySettings, SharingName
from sparewatt.inputs.setting_values import length_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_keeping import OpenDraft
    from sparewatt.studies.neighbourhood_runs import NeighbourhoodRun

SETTING, SWITCH = "hood-setting", "hood-switch"
"""Types of the ids of settings; of switches it is their state that is heard."""

SHARING = {
    "none": "None: all buy and sell at the grid",
    "mid_market_rate": "Mid-market rate",
    "supply_demand_ratio": "Supply and demand ratio",
    "bill_sharing": "Shared bill",
}
_LABELS = {
    "days": "Days",
    "repetitions": "Repetitions",
    "sharing": "Sharing rule",
    "import_limit_kw": "Import limit [kW]",
    "bound": "Compute the best possible",
    "reset_scores": "Begin with new scores",
    "predictions_first": "Forecasts before jobs",
    "allow_partial": "From the grid when accepted [0-1]",
    "penalty": "Penalty",
    "eps": "Eps, step of the search [s]",
    "tol": "Tol, tolerance of the search",
    "searches": "Hops for each job",
    "start_step": "Step between starts",
    "solve_s": "Deadline of a plan [s]",
    "interval": "Interval of peak to average",
    "tariff": "Price of energy from the grid",
    "feed_in": "Price of energy given to the grid",
    "time_zone": "Time zone of the prices",
    "workers": "Processes",
    "seed": "Seed",
}
_MAIN = ("days", "repetitions", "seed", "sharing", "import_limit_kw", "allow_partial")
_SEARCH = ("penalty", "eps", "tol", "searches")
_MORE = ("start_step", "solve_s", "interval", "tariff", "feed_in", "time_zone", "workers")
_SWITCHES = ("bound", "reset_scores", "predictions_first")
_UNIT = re.compile(r"\s*\[[^\]]+\]")
_SEED_HELP = "The same seed gives the same run."


def run_panel(opened: OpenDraft, runs: Sequence[NeighbourhoodRun]) -> Component:
    """The panel; it begins with the settings of the last run."""
    last = _without_algorithm(runs[0]) if runs else {}
    same = [run.algorithm for run in runs if _without_algorithm(run) == last]
    chosen = list(dict.fromkeys(same)) or ["greedy"]
    return dmc.Stack(
        gap="xl",
        children=[
            dmc.Stack(
                gap="md",
                children=[
                    dmc.CheckboxGroup(
                        id="hood-algorithms",
                        label="Algorithms",
                        description="Each makes a run of its own; compare them when they are done.",
                        value=[one for one in chosen if one in ALGORITHMS],
                        children=dmc.SimpleGrid(
                            [
                                dmc.Checkbox(
                                    radius="sm",
                                    value=one,
                                    label=ALGORITHMS[one][0],
                                    description=ALGORITHMS[one][1],
                                )
                                for one in get_args(AlgorithmName)
                            ],
                            cols={"base": 1, "sm": 2},
                            spacing="sm",
                            mt="xs",
                        ),
                    ),
                    _grid(_MAIN, last),
                    dmc.SimpleGrid(
                        [_switch(one, last) for one in _SWITCHES], cols={"base": 1, "sm": 2, "md": 3}
                    ),
                    dmc.Accordion(
                        [
                            _folded("search", "Local searches: penalty, eps, tol", _SEARCH, last),
                            _folded("more", "Plans, prices and the rest", _MORE, last),
                        ],
                        multiple=True,
                        variant="contained",
                    ),
                    html.Div(id="hood-run-told", **{"aria-live": "polite"}),
                    dmc.Group(
                        [
                            dmc.Button("Run", id="hood-run", leftSection=icon("play"), size="md"),
                            dmc.Button("Check", id="hood-check", variant="default", size="md"),
                        ]
                    ),
                ],
            ),
            dmc.Stack(
                gap="xs",
                children=[
                    dmc.Title("Runs of this neighbourhood", order=2, size="h4"),
                    html.Div(runs_table(runs, None), id="hood-runs"),
                    dcc.Interval(id="hood-runs-clock", interval=1000, max_intervals=int(goes_on(runs))),
                ],
            ),
            html.Div(score_table(opened), id="hood-scores"),
        ],
    )


def _without_algorithm(run: NeighbourhoodRun) -> dict[str, Any]:
    return {key: value for key, value in run.settings.items() if key != "algorithm"}


def _folded(value: str, words: str, keys: Sequence[str], last: Mapping[str, Any]) -> Component:
    return dmc.AccordionItem(
        [dmc.AccordionControl(words), dmc.AccordionPanel(_grid(keys, last))], value=value
    )


def _grid(keys: Sequence[str], last: Mapping[str, Any]) -> Component:
    return dmc.SimpleGrid(
        [_setting(key, last) for key in keys],
        cols={"base": 1, "sm": 2, "md": 3},
        spacing="md",
        verticalSpacing="sm",
    )


def _default(key: str) -> object:
    value = 0 if key == "seed" else CommunitySettings.model_fields[key].default
    return length_text(value) if isinstance(value, timedelta) else value


def _shown(key: str, last: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of its kind
    value = last.get(key, _default(key))
    return "" if value is None else value


def _help(key: str) -> str:
    words = _SEED_HELP if key == "seed" else CommunitySettings.model_fields[key].description or ""
    return _UNIT.sub("", words)


def _setting(key: str, last: Mapping[str, Any]) -> Component:
    given: dict[str, Any] = {
        "id": {"type": SETTING, "key": key},
        "label": _LABELS[key],
        "description": _help(key),
        "value": _shown(key, last),
        "inputWrapperOrder": ["label", "input", "description", "error"],
    }
    if key == "sharing":
        data = [{"value": one, "label": SHARING[one]} for one in get_args(SharingName)]
        return dmc.Select(data=data, allowDeselect=False, **given)
    given["value"] = str(given["value"])
    return dmc.TextInput(placeholder="none" if key == "import_limit_kw" else "", **given)


def _switch(key: str, last: Mapping[str, Any]) -> Component:
    return dmc.Switch(
        id={"type": SWITCH, "key": key},
        label=_LABELS[key],
        description=_help(key),
        checked=bool(_shown(key, last)),
    )
