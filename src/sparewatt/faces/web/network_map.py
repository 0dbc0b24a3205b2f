"""The page of a network run: its map at any moment in colours, and the zone that somebody picks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.errors import InputError
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.web.network_blocks import network_folder
from sparewatt.faces.web.network_controls import EMPTY, time_bar, worst_tables
from sparewatt.faces.web.network_plan import moment_blocks, network_plan, shown_choices
from sparewatt.faces.web.pictures.graph import OFFLINE
from sparewatt.results.network_grid_state import read_grid_state
from sparewatt.results.network_places import place_words
from sparewatt.results.network_rings import ring_words
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component, Visit
    from sparewatt.results.network_grid_state import GridState

_CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "scrollZoom": False,
    "displayModeBar": "hover",
    "modeBarButtonsToRemove": [*OFFLINE, "select2d", "lasso2d", "autoScale2d"],
}


def show_map(visit: Visit) -> Component:
    """The page of one run."""
    number = visit.parts["run_id"]
    folder = network_folder(visit.place, number)
    run = visit.place.store.find_run(int(number))
    try:
        state = read_grid_state(folder.path / SERIES)
    except InputError:
        words = f"The series of run {number} are not there any more, or not whole; run it again."
        raise ProblemError(410, words) from None
    choices = shown_choices(state)
    return dmc.Stack(
        [
            dcc.Store(id="net-plan", data=network_plan(state, run.id)),
            dcc.Store(id="net-kept", data=moment_blocks(state)),
            *(dcc.Store(id=f"net-{name}") for name in ("at", "want", "block", "taken", "seen", "worst-of")),
            dmc.Stack(
                [
                    dcc.Link("Networks", href="/network"),
                    dmc.Title(run.name, order=1),
                    dmc.Group(
                        [
                            dmc.Text(_size_words(state), className="quiet"),
                            dcc.Link("All results of this run", href=f"/runs/{run.id}"),
                        ],
                        gap="md",
                    ),
                ],
                gap=2,
            ),
            _controls(state, choices),
            dmc.Grid(
                [
                    dmc.GridCol([_map(state), time_bar(), worst_tables()], span={"base": 12, "lg": 8}),
                    dmc.GridCol(
                        html.Section(id="net-zone-panel", **{"aria-label": "Zone", "aria-live": "polite"}),
                        span={"base": 12, "lg": 4},
                    ),
                ],
                gutter="lg",
            ),
        ],
        gap="md",
    )


def _size_words(state: GridState) -> str:
    h = state.horizon
    first, last = h.local(0), h.local(h.periods - 1)
    return (
        f"{len(state.customers):,} customers, {len(state.network.branches):,} branches, "
        f"{len(state.zones)} zones; {first:%-d %b %Y} to {last:%-d %b %Y}, every {h.step_s // 60} min"
    )


def _controls(state: GridState, choices: list[dict[str, str]]) -> Component:
    return dmc.Group(
        [
            dmc.Select(
                id="net-shown",
                label="Charging and case",
                data=choices,
                allowDeselect=False,
                w={"base": "100%", "xs": 290},
            ),
            dmc.Select(
                id="net-zone",
                label="Zone",
                placeholder="Pick here or on the map",
                data=list(state.zones.ids),
                clearable=True,
                searchable=True,
                w={"base": "100%", "xs": 230},
            ),
            dmc.Stack(
                [
                    dmc.Text("Colours", size="sm", fw=500, id="net-colour-label"),
                    dmc.SegmentedControl(
                        id="net-colour",
                        data=[
                            {"value": "voltage", "label": "Voltage"},
                            {"value": "loading", "label": "Loading"},
                        ],
                        value="voltage",
                        **{"aria-labelledby": "net-colour-label"},
                    ),
                ],
                gap=2,
            ),
        ],
        align="end",
        gap="md",
    )


def _map(state: GridState) -> Component:
    return html.Div(
        [
            html.Div(
                [
                    dcc.Graph(
                        id="net-map",
                        figure=EMPTY,
                        config=_CONFIG,
                        className="net-map",
                        style={"height": "min(62vh, 560px)", "minHeight": 360},
                        responsive=True,
                    ),
                    html.Div(id="net-tip", hidden=True, className="net-tip"),
                ],
                className="net-canvas",
            ),
            dmc.Text(
                "Arrow keys move the time by a step, with Shift by an hour, Page Up and Page Down by a day; "
                "the space bar plays. Press a node or a cable for its zone, or one in the list of zones.",
                size="xs",
                className="quiet",
                id="net-help",
            ),
            *(dmc.Text(words, size="xs", className="quiet") for words in _remarks(state)),
        ],
        id="net-frame",
        tabIndex=0,
        role="group",
        **{"aria-label": "Map of the network", "aria-describedby": "net-help net-summary"},
    )


def _remarks(state: GridState) -> list[str]:
    """What is to be known of the drawing: places that the source does not tell, rings."""
    rings = ring_words(state.network, state.feeders)
    dashed = " Dashed: cables that close a ring." if rings else ""
    return [words for words in (place_words(state.network), rings + dashed) if words]
