"""One neighbourhood: its head, its parts, and the frame that both kinds of pages stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import ASKED, BUSY, LIST, opener
from sparewatt.faces.web.neighbourhood_fields import icon_button
from sparewatt.faces.web.neighbourhood_files import files_page
from sparewatt.faces.web.neighbourhood_jobs_table import jobs_table
from sparewatt.faces.web.neighbourhood_list import neighbourhood_list
from sparewatt.faces.web.neighbourhood_prices import prices_page
from sparewatt.faces.web.neighbourhood_run import run_panel
from sparewatt.faces.web.neighbourhood_street import street
from sparewatt.faces.web.parts.run_state import time_words
from sparewatt.studies.neighbourhood_keeping import open_draft
from sparewatt.studies.neighbourhood_runs import neighbourhood_runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_keeping import OpenDraft

TABS = {
    "street": "Street",
    "jobs": "Jobs",
    "files": "Profiles and forecasts",
    "prices": "Prices",
    "run": "Run",
}
"""Parts of the page, by what the address says."""


def frame(place: ApiPlace, number: int | None, search: str) -> Component:
    """Everything that stands on a page of neighbourhoods: stores, the window of forms, and what is shown."""
    opened = None if number is None else open_draft(place.store, number)
    shown = {"number": number, "version": "" if opened is None else opened.version, "tick": 0}
    return html.Div(
        [
            dcc.Store(id="hood-shown", data=shown),
            dcc.Store(id="hood-form"),
            dcc.Store(id="hood-upload"),
            dcc.Store(id="hood-selected", data={}),
            dcc.Store(id=ASKED),
            dcc.Store(id="hood-focus"),
            dcc.Store(id="hood-sought"),
            html.Div(id="hood-told", className="hood-told", **{"aria-live": "polite"}),
            html.Div(id=BUSY, className="hood-busy", role="status"),
            html.Div(body(place, shown, search, opened), id="hood-body"),
            dmc.Modal(
                id="hood-modal",
                opened=False,
                size="lg",
                closeOnClickOutside=False,
                closeButtonProps={"aria-label": "Close"},
                children=dmc.Stack(
                    [
                        html.Div(id="hood-fields"),
                        html.Div(id="hood-form-told", **{"aria-live": "assertive"}),
                        dmc.Group(
                            [
                                dmc.Button("Cancel", id="hood-cancel", variant="default"),
                                dmc.Button("Save", id="hood-save"),
                            ],
                            justify="flex-end",
                        ),
                    ]
                ),
            ),
        ]
    )


def body(
    place: ApiPlace, shown: Mapping[str, Any], search: str, opened: OpenDraft | None = None
) -> Component:
    """What is shown: all neighbourhoods, or the part of one that the address names.

    Parameters
    ----------
    place, shown, search
        The store, which neighbourhood, and what follows ``?`` in the address.
    opened
        The neighbourhood; left out: it is opened.
    """
    query = parse_qs(search.removeprefix("?"))

    def first(name: str, default: str) -> str:
        return query.get(name, [default])[0]

    page = int(first("page", "1")) if first("page", "1").isdecimal() else 1
    if shown["number"] is None:
        return neighbourhood_list(place, page)
    opened = opened or open_draft(place.store, int(shown["number"]))
    tab = first("tab", "street")
    if tab not in TABS:
        tab = "street"
    match tab:
        case "jobs":
            content = jobs_table(opened.sight)
        case "files":
            content = files_page(opened.sight, first("draw", ""), first("folder", ""), page)
        case "prices":
            content = prices_page(opened.draft)
        case "run":
            content = run_panel(opened, neighbourhood_runs(place.store, opened.kept))
        case _:
            content = street(opened.sight, page, first("find", ""))
    return dmc.Stack([_head(opened), _tabs(opened, tab), content], gap="lg")


def _head(opened: OpenDraft) -> Component:
    draft, number = opened.draft, opened.kept.id
    counts = [
        (len(draft.houses), "house"),
        (len(draft.devices), "device"),
        (len(draft.jobs) + len(draft.evs), "job"),
    ]
    words = " · ".join(f"{n:,} {what}{'s' if n != 1 else ''}" for n, what in counts)
    return dmc.Stack(
        gap=6,
        children=[
            dcc.Link("All neighbourhoods", href=LIST, className="hood-back"),
            dmc.Group(
                [
                    dmc.Group(
                        [
                            dmc.Title(draft.name, order=1, className="hood-name"),
                            icon_button("edit", "Rename", "rename"),
                        ],
                        gap="xs",
                        wrap="nowrap",
                    ),
                    dmc.Group(
                        [
                            html.A(
                                [icon("download"), html.Span("Write out")],
                                href=f"/api/neighbourhoods/{number}/folder.zip",
                                className="hood-button-link",
                                title="The folder of the neighbourhood as a zip",
                            ),
                            dmc.Button("Duplicate", **opener("duplicate"), variant="default", size="xs"),
                            dmc.Button(
                                "Delete",
                                **opener("delete"),
                                variant="default",
                                size="xs",
                                leftSection=icon("trash"),
                            ),
                        ],
                        gap="xs",
                    ),
                ],
                justify="space-between",
            ),
            dmc.Text(
                f"{words} · every change is saved at once, last {time_words(opened.kept.changed)} UTC",
                className="quiet",
                size="sm",
            ),
        ],
    )


def _tabs(opened: OpenDraft, active: str) -> Component:
    return html.Nav(
        [
            dmc.Anchor(
                words,
                href=f"{LIST}/{opened.kept.id}?tab={tab}",
                className="hood-tab",
                underline="never",
                **({"aria-current": "page"} if tab == active else {}),
            )
            for tab, words in TABS.items()
        ],
        className="hood-tabs",
        **{"aria-label": "Parts of the neighbourhood"},
    )
