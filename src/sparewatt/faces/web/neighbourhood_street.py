"""The street of a neighbourhood: its houses with what is in them, and its day at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import opener
from sparewatt.faces.web.neighbourhood_house import house_card
from sparewatt.faces.web.neighbourhood_pictures import MOST_JOBS, graph, timeline_figure
from sparewatt.studies.neighbourhood_timeline import draft_timeline
from sparewatt.studies.neighbourhood_view import house_views, open_ends

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_draft import Draft

_HOUSES_A_PAGE = 60
_HINTS = 6


def street(draft: Draft, page: int) -> Component:
    """The street."""
    views = house_views(draft)
    first = min(max(page - 1, 0), max(0, (len(views) - 1) // _HOUSES_A_PAGE)) * _HOUSES_A_PAGE
    shown = views[first : first + _HOUSES_A_PAGE]
    return dmc.Stack(
        gap="lg",
        children=[
            dmc.Group(
                [
                    dmc.Button("Add a house", id=opener("house"), leftSection=icon("new")),
                    *([_import_button()] if views else []),
                ],
                gap="sm",
            ),
            _empty() if not views else html.Div([house_card(v) for v in shown], className="hood-street"),
            *([_range_words(first, len(shown), len(views))] if len(views) > len(shown) else []),
            _hints(open_ends(draft, views)) if views else None,
            _day(draft),
        ],
    )


def _import_button() -> Component:
    return dmc.Button(
        "Import houses (XML)",
        variant="default",
        leftSection=icon("upload"),
        **{"data-upload": "houses", "data-accept": ".xml"},
    )


def _empty() -> Component:
    return dmc.Paper(
        withBorder=True,
        p="xl",
        children=dmc.Stack(
            align="flex-start",
            gap="xs",
            children=[
                dmc.Text("Nobody lives here yet", fw=600),
                dmc.Text(
                    "Add the first house, or bring houses and devices with a neighbourhood XML. Then give "
                    "houses solar panels and consumers, and consumers jobs.",
                    className="quiet prose",
                ),
                _import_button(),
            ],
        ),
    )


def _range_words(first: int, count: int, total: int) -> Component:
    last = (total - 1) // _HOUSES_A_PAGE + 1
    page = first // _HOUSES_A_PAGE + 1
    links = [dcc.Link("Houses before", href=f"?tab=street&page={page - 1}")] if page > 1 else []
    links += [dcc.Link("More houses", href=f"?tab=street&page={page + 1}")] if page < last else []
    return dmc.Group(
        [dmc.Text(f"Houses {first + 1} to {first + count} of {total}", className="quiet"), *links]
    )


def _hints(words: list[str]) -> Component:
    if not words:
        return None
    more = len(words) - _HINTS
    shown = [*words[:_HINTS], *([f"{more} more of these."] if more > 0 else [])]
    return dmc.Alert(
        html.Ul([html.Li(one) for one in shown], className="hood-findings"),
        title="Still open",
        color="blue",
        variant="light",
        icon=icon("info"),
    )


def _day(draft: Draft) -> Component:
    timeline = draft_timeline(draft)
    if not len(timeline.edges_s):
        return None
    drawn = min(len(timeline.jobs), MOST_JOBS)
    count = len(timeline.jobs)
    asks = f"{count} job{'s ask' if count != 1 else ' asks'} for {timeline.asked_kwh:,.1f} kWh"
    words = f"The forecasts expect {timeline.sun_kwh:,.1f} kWh of sun; {asks}."
    if drawn < len(timeline.jobs):
        words += f" The first {drawn} jobs are drawn."
    return dmc.Stack(
        gap=4,
        children=[
            dmc.Title("The day at a glance", order=2, size="h4"),
            dmc.Text(words, className="quiet"),
            html.Div(
                graph(timeline_figure(timeline)),
                role="figure",
                **{"aria-label": f"Sun and jobs over time. {words}"},
            ),
        ],
    )
