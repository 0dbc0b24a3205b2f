"""What moves the time on the map of a network, and what is told of a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import dcc, html

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component

BUTTONS = (
    ("net-back-day", "«", "One day back"),
    ("net-back", "‹", "One step back"),
    ("net-next", "›", "One step on"),
    ("net-next-day", "»", "One day on"),
)
"""Id, sign and words of each button that moves the time."""
EMPTY: dict[str, Any] = {
    "data": [],
    "layout": {
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
    },
}
"""A graph before anything is drawn."""


def time_bar() -> Component:
    """The moment, what moves it, and the run over time."""
    return dmc.Stack(
        [
            dmc.Group(
                [
                    dmc.Text(id="net-when", fw=650, className="numbers", miw=220),
                    dmc.Group(
                        [
                            *(_button(*told) for told in BUTTONS[:2]),
                            dmc.Button(
                                html.Span("Play", **{"data-words": ""}),
                                id="net-play",
                                size="compact-md",
                                variant="default",
                                leftSection=html.Span(className="icon icon-play"),
                                **{"aria-pressed": "false"},
                            ),
                            *(_button(*told) for told in BUTTONS[2:]),
                            dmc.Button("Worst moment", id="net-worst", size="compact-md", variant="light"),
                        ],
                        gap=6,
                    ),
                ],
                justify="space-between",
                gap="xs",
            ),
            dmc.Slider(
                id="net-time",
                min=0,
                max=1,
                value=0,
                label=None,
                updatemode="drag",
                thumbLabel="Moment",
                size="md",
                my=4,
            ),
            dmc.Text(id="net-summary", size="sm"),
            html.Div(
                dcc.Graph(
                    id="net-strip",
                    figure=EMPTY,
                    config={"displayModeBar": False, "responsive": True},
                    className="net-strip",
                    style={"height": 175},
                    responsive=True,
                ),
                role="figure",
                **{"aria-label": "Lowest voltage and transformer over the run; the slider moves there too"},
            ),
        ],
        gap=6,
        mt="sm",
    )


def _button(name: str, sign: str, words: str) -> Component:
    return dmc.Button(sign, id=name, size="compact-md", variant="default", **{"aria-label": words})


def worst_tables() -> Component:
    """Where nodes and cables that are worst now are told, for those who do not point at the map."""
    return dmc.SimpleGrid(
        [
            html.Div(
                [
                    dmc.Title(words, order=2, size="h5"),
                    html.Div(
                        id=name, className="net-scroll", tabIndex=0, role="region", **{"aria-label": words}
                    ),
                ],
            )
            for words, name in (
                ("Lowest voltages now", "net-nodes"),
                ("Most loaded cables now", "net-cables"),
            )
        ],
        cols={"base": 1, "md": 2, "lg": 1, "xl": 2},
        mt="md",
    )
