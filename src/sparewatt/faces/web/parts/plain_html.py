"""Plain HTML: long lists that the browser builds by itself, without what Dash keeps of every component.

Dash subscribes each component of a page to each change of it: a street of sixty houses, four thousand
components, takes it half a minute. As plain HTML it is one component, and there at once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dash import dcc, html

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sparewatt.faces.web.page import Component

_NAMES = {"className": "class", "colSpan": "colspan"}


def plain_html(tree: Component, **attributes: str) -> Component:
    """A place that the browser fills from a tree of components; ``plain_html.js`` does it.

    Parameters
    ----------
    tree
        Components of ``dash.html``, without ids and styles, and ``dcc.Link``; text stays text.
    **attributes
        Of the place: ``className``, ``id``.
    """
    told = json.dumps(_told(tree), separators=(",", ":"))
    return html.Div(**{"data-plain": told}, **attributes)


def plain_table(
    heads: Sequence[str], rows: Iterable[Sequence[Component]], label: str, kind: str = ""
) -> Component:
    """A table that scrolls inside itself.

    Parameters
    ----------
    heads
        Words above the columns; empty: none.
    rows
        Cells of each row, as of `plain_html`.
    label
        What it is called, for screen readers.
    kind
        Another class of the table.
    """
    head = html.Thead(html.Tr([html.Th(word, scope="col") if word else html.Td() for word in heads]))
    body = html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows])
    table = html.Table([head, body], className=f"told-table numbers {kind}".strip())
    return html.Div(
        plain_html(table),
        className="told-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": label},
    )


def _told(node: Any) -> Any:  # noqa: ANN401 - text, a component, or several
    """Tag, attributes and children of a component."""
    if node is None or isinstance(node, (str, int, float)):
        return "" if node is None else str(node)
    if isinstance(node, (list, tuple)):
        return [_told(one) for one in node]
    props = dict(node.to_plotly_json()["props"])
    children = props.pop("children", None)
    given = {_NAMES.get(name, name): str(value) for name, value in props.items() if value is not None}
    tag = type(node).__name__.lower()
    if isinstance(node, dcc.Link):
        tag, given = "a", {**given, "data-go": "here"}
    several = children if isinstance(children, (list, tuple)) else [children]
    return {"tag": tag, "attributes": given, "children": [_told(one) for one in several]}
