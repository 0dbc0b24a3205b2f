"""Numbers of runs side by side: KPI by KPI with differences to the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from sparewatt.faces.web.parts.kpis import help_words, plain_table
from sparewatt.results.compare import WHOLE_RUN, change_text, share_text
from sparewatt.results.kpi_meanings import kpi_meaning
from sparewatt.results.kpis import SHARE_UNIT, number_text
from sparewatt.results.overview import unit_head

if TYPE_CHECKING:
    from sparewatt.faces.web.page import Component
    from sparewatt.results.compare import Comparison, Difference

MOST_ROWS = 600
_VERDICTS = {
    "better": ("check", "kpi-good", "better"),
    "worse": ("warning", "kpi-bad", "worse"),
}


def comparison_table(comparison: Comparison, study: str, *, parts: bool, differing: bool) -> Component:
    """The table.

    Parameters
    ----------
    comparison
        What is compared.
    study
        Whose KPIs these are.
    parts
        Whether to show allocations, clusters, zones or houses beside the whole runs.
    differing
        Whether to leave out what is the same in all.
    """
    columns = range(1, len(comparison.columns))
    rows = [
        row
        for row in comparison.rows
        if (parts or row.subject == WHOLE_RUN)
        and any(value is not None for value in row.values)
        and not (differing and all(row.verdict(c) == "same" for c in columns))
    ]
    body: list[Component] = []
    subject = WHOLE_RUN
    for row in rows[:MOST_ROWS]:
        if row.subject != subject:
            subject = row.subject
            head = html.Th(
                subject[:1].upper() + subject[1:], colSpan=len(comparison.columns) + 2, scope="rowgroup"
            )
            body.append(html.Tr(head, className="group"))
        body.append(_row(row, study, len(comparison.columns)))
    if not body:
        return html.Div("All numbers are the same.", className="quiet")
    table = plain_table(["KPI", "Unit", *comparison.columns], body, "Numbers side by side")
    hidden = len(rows) - MOST_ROWS
    note = html.Div(f"{hidden:,} more rows are not shown.", className="quiet")
    return [table, note] if hidden > 0 else table


def _row(row: Difference, study: str, columns: int) -> Component:
    unit = row.kpi.unit
    cells: list[Component] = [
        html.Th(help_words(row.kpi.label, kpi_meaning(study, row.kpi.name)), scope="row"),
        html.Td(unit_head(unit)),
        html.Td(number_text(row.values[0], unit)),
    ]
    for column in range(1, columns):
        value = html.Div(number_text(row.values[column], unit))
        verdict = row.verdict(column)
        if verdict in {"same", "unknown"}:
            cells.append(html.Td(value))
            continue
        share = (
            ""
            if unit == SHARE_UNIT or row.relative(column) is None
            else f" ({share_text(row.relative(column))})"
        )
        icon, kind, words = _VERDICTS.get(verdict, ("", "", ""))
        sign = html.Span(
            className=f"icon icon-{icon} {kind}", role="img", title=words, **{"aria-label": words}
        )
        change = html.Div(
            [*([sign, " "] if icon else []), f"{change_text(row.change(column), unit)}{share}"],
            className="quiet change",
        )
        cells.append(html.Td([value, change]))
    return html.Tr(cells)
