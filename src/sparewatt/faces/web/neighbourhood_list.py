"""The list of neighbourhoods that the store keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.errors import StoreAway, StoreError
from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import LIST, opener
from sparewatt.faces.web.neighbourhood_fields import icon_button, upload_button
from sparewatt.faces.web.parts.run_state import time_words
from sparewatt.studies.neighbourhood_view import house_and_job_counts

if TYPE_CHECKING:
    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.page import Component
    from sparewatt.results.store import Store, StoredNeighbourhood

_A_PAGE = 25


def neighbourhood_list(place: ApiPlace, page: int) -> Component:
    """The page of all neighbourhoods."""
    found = place.store.find_neighbourhoods()
    first = min(max(page - 1, 0), max(0, (len(found) - 1) // _A_PAGE)) * _A_PAGE
    shown = found[first : first + _A_PAGE]
    return dmc.Stack(
        gap="lg",
        children=[
            dmc.Stack(
                gap=4,
                children=[
                    dmc.Title("Neighbourhoods", order=1),
                    dmc.Text(
                        "Houses that share their sun: build a street, give it jobs and forecasts, run it.",
                        className="quiet",
                    ),
                ],
            ),
            dmc.Group(
                [
                    dmc.Button("New neighbourhood", **opener("begin"), leftSection=icon("new")),
                    upload_button("Import XML or zip", "import", accept=".xml,.zip", size="sm"),
                    upload_button("Import a folder", "import", folder=True, several=True, size="sm"),
                ],
                gap="sm",
            ),
            _table(place.store, shown) if found else _empty(),
            _pages(first // _A_PAGE + 1, (len(found) - 1) // _A_PAGE + 1) if len(found) > _A_PAGE else None,
        ],
    )


def _empty() -> Component:
    words = (
        "None is kept yet. Begin a new one, or import one: the folder with consumer_event.csv and "
        "producer_event.csv, the same as a zip, or a neighbourhood XML."
    )
    return dmc.Paper(dmc.Text(words, className="quiet prose"), withBorder=True, p="xl")


def _pages(page: int, last: int) -> Component:
    links = [dcc.Link("Newer", href=f"{LIST}?page={page - 1}")] if page > 1 else []
    links += [dcc.Link("Older", href=f"{LIST}?page={page + 1}")] if page < last else []
    return dmc.Group([dmc.Text(f"Page {page} of {last}", className="quiet"), *links])


def _table(store: Store, shown: tuple[StoredNeighbourhood, ...]) -> Component:
    heads = ("Name", "Houses", "Jobs", "Changed [UTC]", "")
    head = dmc.TableThead(dmc.TableTr([dmc.TableTh(word) for word in heads]))
    body = dmc.TableTbody(
        [dmc.TableTr([dmc.TableTd(c, className="numbers") for c in _cells(store, one)]) for one in shown]
    )
    return dmc.ScrollArea(
        dmc.Table([head, body], verticalSpacing="xs", highlightOnHover=True, miw=640),
        type="auto",
        offsetScrollbars="present",
    )


def _cells(store: Store, kept: StoredNeighbourhood) -> list[Component]:
    try:
        counts = [f"{n:,}" for n in house_and_job_counts(store.open_neighbourhood(kept.id).files)]
    except StoreAway:
        raise
    except StoreError:
        counts = ["damaged", ""]
    actions = dmc.Group(
        [
            html.A(
                icon("download"),
                href=f"/api/neighbourhoods/{kept.id}/folder.zip",
                className="hood-icon-link",
                title="Write out as a folder (zip)",
                **{"aria-label": f"Write out {kept.name}"},
            ),
            icon_button("new", f"Duplicate {kept.name}", "duplicate", number=kept.id),
            icon_button("trash", f"Delete {kept.name}", "delete", number=kept.id),
        ],
        gap=4,
        wrap="nowrap",
        justify="flex-end",
    )
    return [dcc.Link(kept.name, href=f"{LIST}/{kept.id}"), *counts, time_words(kept.changed), actions]
