"""Pictures of several runs: the main one of the study laid over each other, and bars of neighbourhoods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.errors import InputError
from sparewatt.faces.web.parts.comparison_bars import source_bars
from sparewatt.faces.web.pictures.gallery import CONFIG
from sparewatt.faces.web.pictures.overlay import overlay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.page import Component
    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder

_PICTURES = {
    "depot": "Demand of the site",
    "cluster": "Power of the hub",
    "network": "Headroom over the day",
    "community": "Sun that was used",
}


def pictures(
    runs: Sequence[tuple[str, RunFolder]], study: str, outcomes: Sequence[Outcome], labels: Sequence[str]
) -> list[Component]:
    """The main picture of the study with a line for each run; of neighbourhoods also bars.

    Parameters
    ----------
    runs
        Names and files.
    study
        Their study.
    outcomes
        What they came to.
    labels
        Short names, under bars.
    """
    names = [name for name, _ in runs]
    shown = []
    if study == "community":
        shown.append(_graph("bars", "Where the energy came from", source_bars(labels, outcomes), names))
    try:
        figure = overlay(runs, study)
    except InputError:
        words = "The series of these runs cannot be read, so they are not drawn."
        return [*shown, dmc.Text(words, className="quiet")]
    return shown if figure is None else [*shown, _graph("lines", _PICTURES[study], figure, names)]


def _graph(kind: str, title: str, figure: Figure, names: Sequence[str]) -> Component:
    return html.Section(
        [
            dmc.Title(title, order=2, size="h4", mb=8),
            html.Div(
                dcc.Graph(id=f"compare-{kind}", figure=figure, config=CONFIG, style={"height": 380}),
                role="figure",
                **{"aria-label": f"{title}: {', '.join(names)}"},
            ),
        ]
    )
