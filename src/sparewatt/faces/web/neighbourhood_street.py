"""The street of a neighbourhood: its houses with what is in them, and its day at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.neighbourhood_alerts import icon
from sparewatt.faces.web.neighbourhood_ask import opener
from sparewatt.faces.web.neighbourhood_house import house_card
from sparewatt.faces.web.neighbourhood_pictures import graph, timeline_figure
from sparewatt.faces.web.parts.plain_html import plain_html
from sparewatt.studies.neighbourhood_view import find_houses, open_ends

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.studies.neighbourhood_sight import Sight

_HOUSES_A_PAGE, _FEW = 24, 12
_HINTS = 6
DAY = "hood-day"
"""Id of the place of the day of a long street."""


def street(sight: Sight, page: int, sought: str) -> Component:
    """The street.

    Parameters
    ----------
    sight
        The neighbourhood.
    page
        Which houses of many.
    sought
        What is looked for in the names of houses and devices; empty: all are shown.
    """
    views = sight.houses
    houses = html.Div(houses_found(sight, page, sought), id="hood-houses")
    is_long = len(views) > _FEW
    parts = [houses, _hints(open_ends(sight.draft, views)) if views else None]
    parts.append(_day_later() if is_long else day(sight))
    return dmc.Stack(
        gap="lg",
        children=[
            dmc.Group(
                [
                    dmc.Button("Add a house", **opener("house"), leftSection=icon("new")),
                    *([_import_button()] if views else []),
                    *([_search(sought)] if is_long or sought else []),
                ],
                gap="sm",
            ),
            _empty() if not views else None,
            *(reversed(parts) if is_long else parts),
        ],
    )


def houses_found(sight: Sight, page: int, sought: str) -> Component:
    """The houses that are looked for, as of `street`; of many a page."""
    views = sight.houses
    found = find_houses(views, sought)
    first = min(max(page - 1, 0), max(0, (len(found) - 1) // _HOUSES_A_PAGE)) * _HOUSES_A_PAGE
    shown = found[first : first + _HOUSES_A_PAGE]
    ranged = None
    if len(shown) < len(views):
        ranged = _range_words(first, len(shown), len(found), len(views), sought)
    cards = plain_html([house_card(v) for v in shown], className="hood-street") if shown else None
    return dmc.Stack([ranged, cards, ranged if len(shown) > _FEW else None], gap="sm")


def _search(sought: str) -> Component:
    return dmc.TextInput(
        id="hood-find",
        value=sought,
        placeholder="Find a house or device",
        debounce=300,
        w=230,
        leftSection=icon("filter"),
        attributes={"input": {"type": "search", "aria-label": "Find a house or device"}},
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


def _range_words(first: int, count: int, found: int, total: int, sought: str) -> Component:
    last = (found - 1) // _HOUSES_A_PAGE + 1
    page = first // _HOUSES_A_PAGE + 1
    here = f"?{urlencode({'tab': 'street', **({'find': sought} if sought else {})})}"
    links = [dcc.Link("Houses before", href=f"{here}&page={page - 1}")] if page > 1 else []
    links += [dcc.Link("More houses", href=f"{here}&page={page + 1}")] if page < last else []
    words = f"Houses {first + 1:,} to {first + count:,} of {found:,}"
    if sought:
        words = f"{words} with “{sought}”" if count else f"None of the {total:,} houses has “{sought}” in it."
        links.append(dcc.Link("All houses", href="?tab=street"))
    return dmc.Group([dmc.Text(words, className="quiet", **{"aria-live": "polite"}), *links])


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


def _day_later() -> Component:
    """The place of the day of a long street, which is drawn when the houses are there."""
    return dcc.Loading(html.Div(id=DAY, className="hood-day"), color="var(--mantine-color-watt-filled)")


def day(sight: Sight) -> Component:
    """Sun, base load and jobs of the street over time; nothing where there are none."""
    timeline = sight.timeline
    if not len(timeline.edges_s):
        return None
    count = len(timeline.jobs)
    asks = f"{count:,} job{'s ask' if count != 1 else ' asks'} for {timeline.asked_kwh:,.1f} kWh"
    words = f"The forecasts expect {timeline.sun_kwh:,.1f} kWh of sun; {asks}."
    return dmc.Stack(
        gap=4,
        children=[
            dmc.Title("Sun and jobs at a glance", order=2, size="h4"),
            dmc.Text(words, className="quiet"),
            html.Div(
                graph(timeline_figure(timeline)),
                role="figure",
                **{"aria-label": f"Sun and jobs over time. {words}"},
            ),
        ],
    )
