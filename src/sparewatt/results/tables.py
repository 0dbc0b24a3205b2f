"""Table: small tables of a run as people and files read them; long series are Arrow tables elsewhere."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sparewatt.results.depot_kpis import DEPOT_KPIS, TIMING_KPIS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sparewatt.finding import Finding
    from sparewatt.results.depot_view import DepotView
    from sparewatt.results.outcome import ScenarioOutcome

Cell = str | int | float | bool | datetime | None

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so may be run as a formula by a spreadsheet."""


@dataclass(frozen=True)
class Table:
    """Rows under named columns.

    Parameters
    ----------
    name
        Stable name; file stem and sheet name.
    columns
        Column names.
    rows
        One tuple per row, a cell per column.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def csv_text(self) -> str:
        """The table as CSV; numbers exact, text that a spreadsheet would run made harmless."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_csv_cell(c) for c in row] for row in self.rows)
        return out.getvalue()


def _csv_cell(cell: Cell) -> str:
    """One cell as CSV text."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless_text(cell)
    return cell.isoformat() if isinstance(cell, datetime) else repr(cell)


def harmless_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula: prefixed with ``'`` where it begins like one."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def scenario_table(scenarios: Iterable[ScenarioOutcome]) -> Table:
    """The summaries, one row per scenario; columns as in `t_charging_scenarios` without measured times."""
    kpis = [name for name in DEPOT_KPIS if name not in TIMING_KPIS]
    return Table(
        "scenarios",
        ("scenario_id", "allocation_id", "site_id", "mode", "smart_charging", "level", *kpis),
        tuple(
            (
                s.scenario_id,
                s.allocation_id,
                s.site_id,
                s.mode,
                int(s.mode == "opt"),
                s.level,
                *(s.value(name) for name in kpis),
            )
            for s in scenarios
        ),
    )


def day_table(views: Iterable[DepotView]) -> Table:
    """How each planning day of each scenario went, one row per day."""
    rows: list[tuple[Cell, ...]] = []
    for view in views:
        rows += day_rows(view)
    return Table("days", DAY_COLUMNS, tuple(rows))


DAY_COLUMNS = (
    "scenario_id",
    "allocation_id",
    "mode",
    "date",
    "periods",
    "level",
    "status",
    "delivered_kwh",
    "unserved_kwh",
    "breach_kwh",
    "cost",
    "peak_site_kw",
    "asc_kw",
    "gap",
)


def day_rows(view: DepotView) -> list[tuple[Cell, ...]]:
    """The rows of one scenario in the table of days."""
    edges = view.horizon.day_edges
    return [
        (
            view.scenario_id,
            view.allocation_id,
            view.mode,
            view.horizon.day_date(d.day).isoformat(),
            edges[d.day + 1] - edges[d.day],
            d.level,
            d.status,
            d.delivered_kwh,
            d.unserved_kwh,
            d.breach_kwh,
            d.cost,
            float(view.day_peak_kw[d.day]),
            view.asc_kw,
            None if d.status == "rule" else d.gap,
        )
        for d in view.days
    ]


def finding_table(findings: Sequence[Finding]) -> Table:
    """Findings, one row each."""
    return Table(
        "findings",
        ("severity", "rule", "where", "message", "value", "remedy", "ids", "margin"),
        tuple(
            (f.severity, f.rule, f.where, f.message, f.value, f.remedy, " ".join(f.ids), f.margin)
            for f in findings
        ),
    )
