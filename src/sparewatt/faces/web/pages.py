"""All pages of the application, in the order of the navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.web import compare, depot, home, neighbourhoods, network, new, run, runs

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Page

PAGES: tuple[Page, ...] = (
    *home.PAGES,
    *new.PAGES,
    *depot.PAGES,
    *neighbourhoods.PAGES,
    *network.PAGES,
    *runs.PAGES,
    *run.PAGES,
    *compare.PAGES,
)
