"""Network: the runs that have a map, and the map of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.errors import InputError
from sparewatt.faces.web.network_answers import register_map
from sparewatt.faces.web.network_map import show_map
from sparewatt.faces.web.page import Page
from sparewatt.faces.web.parts.run_state import state_badge, time_words
from sparewatt.results.network_glance import read_network_size
from sparewatt.results.network_words import count_words
from sparewatt.results.run_folder import SERIES, RunFolder

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component, Visit
    from sparewatt.results.store import StoredRun

_SHOWN = 60
"""Runs on the page; older ones are in the list of runs."""


def show_networks(visit: Visit) -> Component:
    """The runs of the network study, newest first."""
    found = visit.place.store.list_runs(study="network", limit=_SHOWN + 1).runs
    runs = found[:_SHOWN]
    content = (
        dmc.SimpleGrid([_card(run) for run in runs], cols={"base": 1, "sm": 2, "lg": 3}, spacing="md")
        if runs
        else _nothing()
    )
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
            content,
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
    Page("/network", "Networks", show_networks, nav="Network", icon="network"),
    Page("/network/<run_id>", "Network map", show_map, register_map),
)
