"""KPIs of a run: cards with the numbers to see first, and the table of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import dash_mantine_components as dmc
from dash import html

from sparewatt.results.card_meanings import card_meaning
from sparewatt.results.kpi_meanings import kpi_meaning
from sparewatt.results.overview import overview_table
from sparewatt.results.study_results import results_of

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.page import Card

_VERDICTS = {"better": ("check", "good"), "worse": ("warning", "bad"), "same": ("", "")}
_MOST_ROWS = 400


def kpi_cards(outcome: Outcome) -> Component:
    """The numbers to see first."""
    cards = results_of(outcome.study).cards(outcome)
    return html.Ul(
        [html.Li(_card(outcome.study, card)) for card in cards],
        className="kpi-cards",
        **{"aria-label": "Numbers to see first"},
    )


def _card(study: str, card: Card) -> Component:
    icon, kind = _VERDICTS.get(card.verdict, ("", ""))
    sign = [html.Span(className=f"icon icon-{icon} kpi-{kind}", title=card.verdict)] if icon else []
    return [
        html.Div(help_words(card.label, card_meaning(study, card.label)), className="kpi-label"),
        html.Div(
            [
                html.Span(card.value, className="kpi-value numbers"),
                html.Span(f" {card.unit}", className="quiet"),
            ]
        ),
        html.Div([*sign, html.Span(card.beside)], className="kpi-beside quiet"),
    ]


def help_words(label: str, meaning: str) -> Component:
    """Words that tell what they mean to who points at them, or comes to them with the keyboard."""
    if not meaning:
        return label
    return dmc.Tooltip(
        html.Span(label, className="has-help", tabIndex=0),
        label=meaning,
        multiline=True,
        w=280,
        withArrow=True,
        events={"hover": True, "focus": True, "touch": True},
    )


def kpi_table(outcome: Outcome) -> Component:
    """All KPIs, with a column for the whole and each of the first parts, or smart beside unmanaged."""
    overview = overview_table(outcome)
    if not overview.rows:
        return dmc.Text("There is nothing to compare in this run.", className="quiet")
    head, rows = list(overview.header()), overview.text_rows()
    first = head.index("KPI")
    body: list[Component] = []
    subject = ""
    told = [(row, cells) for row, cells in zip(overview.rows, rows, strict=True) if _says_something(row)]
    for row, cells in told[:_MOST_ROWS]:
        if first and cells[0] != subject:
            subject = cells[0]
            body.append(
                html.Tr(
                    html.Th(_capital(subject), colSpan=len(head) - first, scope="rowgroup"), className="group"
                )
            )
        name = cast("Any", row).kpi.name
        label = help_words(cells[first], kpi_meaning(outcome.study, name))
        body.append(html.Tr([html.Th(label, scope="row"), *(html.Td(cell) for cell in cells[first + 1 :])]))
    return plain_table(
        [_capital(text) if text == "unit" else text for text in head[first:]], body, "All KPIs"
    )


def _says_something(row: object) -> bool:
    """Whether any column has a value."""
    return any(value is not None for value in cast("Any", row).values)


def plain_table(head: list[Component], body: list[Component], label: str) -> Component:
    """A table of text that scrolls inside itself; the first column stays."""
    return html.Div(
        html.Table(
            [html.Thead(html.Tr([html.Th(text, scope="col") for text in head])), html.Tbody(body)],
            className="plain-table numbers",
        ),
        className="table-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": label},
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
