"""Shell: what stands around every page; header, navigation, notices, and the place where pages go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html

from sparewatt.faces.web.desk import NOTICES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sparewatt.faces.web.page import Component, Page

OUTLET = "outlet"
"""Id of where pages are shown."""
URL = "url"
"""Id of the address of the browser; pages listen to its ``search`` where they keep their state there."""
GO = "go"
"""Id of a store of every page; what a page writes to it, a `way`, leads elsewhere.

Answers whose buttons come with the page write to this rather than to the address, which is there before them:
Dash asks them nothing, then, before somebody presses one.
"""

THEME = {
    "primaryColor": "watt",
    "colors": {
        "watt": [
            *("#e8f3fb", "#cfe4f5", "#9dc9ec", "#68ace2", "#3f94d9"),
            *("#2484d4", "#0072b2", "#00639c", "#00558a", "#004877"),
        ]
    },
    "primaryShade": 6,
    "autoContrast": True,
    "luminanceThreshold": 0.2,
    "defaultRadius": "md",
    "fontFamily": "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "headings": {"fontWeight": "650"},
    "cursorType": "pointer",
}
"""Blue of Okabe and Ito as the colour of what can be pressed."""


Way = dict[str, Any]
"""Where a page leads."""


def way(*, path: str | None = None, search: str | None = None) -> Way:
    """Where a page leads: to another path, another part of itself, or both."""
    return {"path": path, "search": search, "at": time.time()}


def make_shell(pages: Iterable[Page], *, can_leave: bool) -> Component:
    """The layout of the application.

    Parameters
    ----------
    pages
        All pages; those with words for it stand in the navigation.
    can_leave
        Whether there is a session to log out of.
    """
    return dmc.MantineProvider(
        id="theme",
        theme=THEME,
        defaultColorScheme="auto",
        children=[
            dcc.Location(id=URL, refresh="callback-nav"),
            dmc.NotificationContainer(id=NOTICES, position="bottom-right", limit=4),
            html.Div(id="page-loading", role="status", className="page-loading"),
            html.Div(id="server-state", role="status", className="server-state"),
            html.A("Skip to content", href=f"#{OUTLET}", className="skip-link"),
            dmc.AppShell(
                id="shell",
                header={"height": 56},
                navbar={"width": 208, "breakpoint": "sm", "collapsed": {"mobile": True}},
                padding="md",
                children=[
                    dmc.AppShellHeader(_header(can_leave=can_leave)),
                    dmc.AppShellNavbar(
                        dmc.Stack([_nav_link(page) for page in pages if page.nav], gap=2, p="sm"),
                        **{"aria-label": "Main"},
                    ),
                    dmc.AppShellMain(
                        dmc.Container(
                            html.Div(id=OUTLET, tabIndex=-1, className="outlet"), size=1280, px={"base": 0}
                        )
                    ),
                ],
            ),
        ],
    )


def _header(*, can_leave: bool) -> Component:
    return dmc.Group(
        h="100%",
        px="md",
        justify="space-between",
        wrap="nowrap",
        children=[
            dmc.Group(
                gap="sm",
                wrap="nowrap",
                children=[
                    dmc.Burger(
                        id="burger", opened=False, hiddenFrom="sm", size="sm", **{"aria-label": "Navigation"}
                    ),
                    dcc.Link(
                        dmc.Group(
                            [html.Span(className="icon icon-bolt brand-mark"), html.Span("Sparewatt")],
                            gap=6,
                            wrap="nowrap",
                        ),
                        href="/",
                        className="brand",
                    ),
                ],
            ),
            dmc.Group(
                gap="xs",
                wrap="nowrap",
                children=[
                    dmc.ColorSchemeToggle(
                        id="colour-scheme",
                        lightIcon=html.Span(className="icon icon-sun"),
                        darkIcon=html.Span(className="icon icon-moon"),
                        variant="subtle",
                        color="gray",
                        size="lg",
                        **{"aria-label": "Light or dark"},
                    ),
                    *(
                        [
                            html.Form(
                                html.Button("Log out", type="submit", className="log-out"),
                                action="/logout",
                                method="post",
                            )
                        ]
                        if can_leave
                        else []
                    ),
                ],
            ),
        ],
    )


def _nav_link(page: Page) -> Component:
    return dmc.NavLink(
        label=page.nav,
        href=page.path,
        active="exact" if page.path == "/" else "partial",
        leftSection=html.Span(className=f"icon icon-{page.icon}"),
        className="nav-link",
    )
