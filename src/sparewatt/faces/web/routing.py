"""Routing: which page an address is of, and what is shown where there is none."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html

from sparewatt.errors import SparewattError
from sparewatt.faces.api.problems import ProblemError
from sparewatt.faces.web.desk import BUG, error_words
from sparewatt.faces.web.page import Visit
from sparewatt.faces.web.shell import GO, OUTLET, URL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.api.place import ApiPlace
    from sparewatt.faces.web.desk import Desk
    from sparewatt.faces.web.page import Component, Page

LOG = logging.getLogger(__name__)


def register_routing(desk: Desk, pages: Sequence[Page]) -> None:
    """Show the page of every address that the browser comes to."""

    @desk.answer(Output(OUTLET, "children"), Input(URL, "pathname"), State(URL, "search"))
    def show(path: str | None, search: str | None) -> Component:
        return show_address(desk.place, pages, path or "/", search or "")

    desk.in_browser("sparewatt.depart", Output("page-loading", "data-path"), Input(URL, "pathname"))
    desk.in_browser(
        "sparewatt.go",
        Output(URL, "pathname", allow_duplicate=True),
        Output(URL, "search", allow_duplicate=True),
        Input(GO, "data"),
        prevent_initial_call=True,
    )
    desk.in_browser(
        "sparewatt.arrive",
        Output(OUTLET, "data-page"),
        Input(OUTLET, "children"),
        State(URL, "pathname"),
        prevent_initial_call=True,
    )
    desk.in_browser(
        "sparewatt.openMenu",
        Output("shell", "navbar"),
        Output("burger", "opened"),
        Input("burger", "opened"),
        Input(URL, "pathname"),
        State("shell", "navbar"),
        prevent_initial_call=True,
    )


def show_address(place: ApiPlace, pages: Sequence[Page], path: str, search: str) -> Component:
    """What is shown at an address; a page in words where it is of none, or cannot be shown."""
    for page in pages:
        parts = page.parts(path)
        if parts is None:
            continue
        try:
            content = page.show(Visit(place, path, parts, search))
        except (SparewattError, ProblemError) as error:
            content = sorry("This cannot be shown", error_words(error, place))
        except Exception:
            LOG.exception("the page %s failed", page.path)
            content = sorry("This cannot be shown", BUG)
        return _shown(content, page.title, is_of_one="<" in page.path)
    return _shown(sorry("There is no such page", f"Nothing is kept at {path[:200]}."), "Not found")


def _shown(content: Component, title: str, *, is_of_one: bool = False) -> Component:
    """Content, and what the browser makes its title of; a page of one thing has its heading in it."""
    said = {"data-title": title, "data-of-one": "yes" if is_of_one else "no"}
    return html.Div([content, dcc.Store(id=GO)], **said)


def sorry(title: str, message: str) -> Component:
    """A page for what cannot be shown, with a way on."""
    return dmc.Stack(
        [
            dmc.Title(title, order=1),
            dmc.Text(message, className="prose"),
            dmc.Group([dcc.Link("Home", href="/"), dcc.Link("Runs", href="/runs")]),
        ],
        gap="sm",
    )
