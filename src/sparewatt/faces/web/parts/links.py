"""Links inside the application that look like tabs, pills and buttons, and stay links."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import html

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sparewatt.faces.web.page import Component


def tab_link(words: Component, href: str, *, is_here: bool, kind: str = "tab-link") -> Component:
    """One of several links of which one is where somebody is; ``kind`` is ``tab-link`` or ``pill-link``."""
    return dmc.Anchor(
        words,
        href=href,
        unstyled=True,
        className=f"{kind} {kind}-active" if is_here else kind,
        **({"aria-current": "page"} if is_here else {}),
    )


def link_row(label: str, links: Iterable[Component], kind: str = "tab-link") -> Component:
    """Such links in a row."""
    return html.Nav(list(links), className=f"{kind}s", **{"aria-label": label})


def run_pills(
    label: str,
    run_id: int,
    tab: str,
    key: str,
    words: Mapping[str, str],
    chosen: str,
    *,
    more: Mapping[str, str] | None = None,
) -> Component:
    """Links to the parts of a tab of a run's page, in a row.

    Parameters
    ----------
    label
        What the parts are; for screen readers.
    run_id, tab
        The run and its tab.
    key
        What names the part in the address.
    words
        Words by what stands in the address.
    chosen
        Where somebody is.
    more
        What else stands in the address.
    """
    links = [
        tab_link(
            text,
            f"/runs/{run_id}?{urlencode({'tab': tab, **(more or {}), key: name})}",
            is_here=name == chosen,
            kind="pill-link",
        )
        for name, text in words.items()
    ]
    return link_row(label, links, "pill-link")


def button_link(words: str, href: str, icon: str, *, is_file: bool = False) -> Component:
    """A link that looks like a button; ``is_file`` where it leads to a file and not to a page."""
    inside = [html.Span(className=f"icon icon-{icon}"), words]
    if is_file:
        return html.A(inside, href=href, className="button-link", download="")
    return dmc.Anchor(inside, href=href, unstyled=True, className="button-link")
