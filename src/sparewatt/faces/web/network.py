"""Network: the runs that have a map, and the map of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from sparewatt.errors import InputError, StoreAway
from sparewatt.faces.web.network_answers import register_map
from sparewatt.faces.web.network_map import show_map
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.run_state import state_badge, time_words
from sparewatt.results.network_glance import read_network_size
from sparewatt.results.network_words import count_words
from sparewatt.results.run_folder import SERIES, RunFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Visit
    from sparewatt.results.store import StoredRun

_TICK_MS = 2000
_SHOWN = 60
"""Runs on the page; older ones are in the list of runs."""


def show_networks(visit: Visit) -> Component:
    """The runs of the network study, newest first."""
    found = _found(visit.place)
    return dmc.Stack(
        [
            dmc.Stack(
                [
                    dmc.Title("Networks", order=1),
                    dmc.Text(
                        "Voltage and loading of every cable at any moment of a run, and what each zone can "
                        "still take.",
                        className="quiet prose",
                    ),
                ],
                gap=4,
            ),
            html.Div(_listed(found), id="net-list"),
            dcc.Store(id="net-list-seen", data=_seen_states(found)),
            dcc.Interval(id="net-list-clock", interval=_TICK_MS, disabled=not _goes_on(found)),
        ],
        gap="lg",
    )


def _register_list(desk: Desk) -> None:
    """Wire the list: runs that go on are looked after until they have ended."""

    @desk.answer(
        Output("net-list", "children"),
        Output("net-list-seen", "data"),
        Output("net-list-clock", "disabled"),
        Input("net-list-clock", "n_intervals"),
        State("net-list-seen", "data"),
        prevent_initial_call=True,
    )
    def follow(ticks: int | None, seen: Any) -> tuple[Component, str, bool]:  # noqa: ANN401 - of a browser
        try:
            found = _found(desk.place)
        except StoreAway:
            raise PreventUpdate from None  # what is shown stays; the next tick asks again
        if not ticks or _seen_states(found) == seen:
            raise PreventUpdate
        return _listed(found), _seen_states(found), not _goes_on(found)


def _found(place: ApiPlace) -> Sequence[StoredRun]:
    return place.store.list_runs(study="network", limit=_SHOWN + 1).runs


def _goes_on(runs: Sequence[StoredRun]) -> bool:
    return any(run.state in {"queued", "running"} for run in runs[:_SHOWN])


def _seen_states(runs: Sequence[StoredRun]) -> str:
    """What a list shows of states; another text is another list."""
    return " ".join(f"{run.id}:{run.state}:{run.progress:.2f}" for run in runs)


def _listed(found: Sequence[StoredRun]) -> Component:
    """Cards of the latest runs."""
    if not found:
        return _nothing()
    cards = [_card(run) for run in found[:_SHOWN]]
    return dmc.Stack(
        [
            dmc.SimpleGrid(cards, cols={"base": 1, "sm": 2, "lg": 3}, spacing="md"),
            _older() if len(found) > _SHOWN else None,
        ],
        gap="lg",
    )


def _older() -> Component:
    return dmc.Text(
        [f"These are the {_SHOWN} latest. ", dcc.Link("All runs of networks", href="/runs?study=network")],
        className="quiet",
    )


def _nothing() -> Component:
    return dmc.Alert(
        [
            "Run the example of the network study from ",
            dcc.Link("Home", href="/"),
            ", or ",
            dcc.Link("a network of your own", href="/new/network"),
            "; its map appears here when it is done.",
        ],
        title="No network has been run yet",
        variant="light",
    )


def _card(run: StoredRun) -> Component:
    is_done = run.state == "done"
    picture, words = _seen(run) if is_done else (None, _without(run))
    return dcc.Link(
        dmc.Card(
            [
                html.Div(picture, className="net-thumb"),
                dmc.Group(
                    [
                        dmc.Text(run.name, fw=600, flex=1, miw=0),
                        None if is_done else state_badge(run),
                    ],
                    justify="space-between",
                    wrap="nowrap",
                ),
                dmc.Text(words, size="sm", className="quiet"),
                dmc.Text(
                    f"Run {run.id}, {time_words(run.created)} UTC", size="xs", className="quiet numbers"
                ),
            ],
            withBorder=True,
            padding="md",
            h="100%",
        ),
        href=f"/network/{run.id}" if picture is not None else f"/runs/{run.id}",
        className="card-link",
    )


def _without(run: StoredRun) -> str:
    """Why a run that is not done has no map."""
    if run.state in {"queued", "running"}:
        return "Its map appears here when it is done."
    return "It did not get to a result, so it has no map."


def _seen(run: StoredRun) -> tuple[Component | None, str]:
    """A small map and the size of a network; words alone where its files are gone."""
    try:
        size = read_network_size(RunFolder(Path(run.directory)).path / SERIES)
    except InputError:
        return None, "Its files are not there any more; run it again."
    fit = ("fits" if size.evs == 1 else "fit") if size.is_planned else "by energy alone"
    counts = (
        (size.customers, "customer"),
        (size.feeders, "feeder"),
        (size.zones, "zone"),
        (size.days, "day"),
    )
    words = f"{', '.join(count_words(*c) for c in counts)}; {count_words(size.evs, 'EV')} {fit}"
    picture = html.Img(src=f"/api/runs/{run.id}/map", alt="", className="net-thumb-image")
    return picture, words


PAGES = (
    Page("/network", "Networks", show_networks, _register_list, nav="Network", icon="network"),
    Page("/network/<run_id>", "Network map", show_map, register_map),
)
