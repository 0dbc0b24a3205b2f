"""Overview: the KPIs of one run as a table, the same three ways in every study."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sparewatt.results.kpis import MONEY_UNIT, SHARE_UNIT, number_text
from sparewatt.results.study_results import results_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.results.kpis import Kpi
    from sparewatt.results.outcome import Outcome


class Overview(Protocol):
    """A table of KPIs; the comparison of a depot's two modes is one, `KpiTable` is another."""

    @property
    def rows(self) -> Sequence[object]:
        """Its rows; empty where there is nothing to show."""

    def header(self) -> tuple[str, ...]:
        """Heads of the columns."""

    def text_rows(self) -> list[tuple[str, ...]]:
        """Rows of formatted text, e.g. for ``rich.table.Table.add_row``."""

    def json_text(self) -> str:
        """The same as JSON, numbers exact."""


@dataclass(frozen=True)
class KpiRow:
    """One KPI of a run and of its parts.

    Parameters
    ----------
    kpi
        Of the first column that has it.
    values
        One value per column; ``None`` where the column has none.
    """

    kpi: Kpi
    values: tuple[float | int | None, ...]


@dataclass(frozen=True)
class KpiTable:
    """KPIs of a run, a column for the whole and one for each part.

    Parameters
    ----------
    columns
        Names of the columns.
    rows
        One per KPI.
    """

    columns: tuple[str, ...]
    rows: tuple[KpiRow, ...]

    @classmethod
    def of_outcome(cls, outcome: Outcome, whole: str, most_parts: int) -> KpiTable:
        """The table of an outcome with its first parts; a run of one part has one column."""
        parts = outcome.parts[:most_parts] if len(outcome.parts) > 1 else ()
        found = [{k.name: k.value for k in p.kpis} for p in parts]
        rows = tuple(KpiRow(k, (k.value, *(f.get(k.name) for f in found))) for k in outcome.kpis)
        return cls((whole, *(p.id for p in parts)), rows)

    def header(self) -> tuple[str, ...]:
        """Heads of the columns."""
        return ("KPI", "unit", *self.columns)

    def text_rows(self) -> list[tuple[str, ...]]:
        """Rows of formatted text."""
        return [
            (r.kpi.label, unit_head(r.kpi.unit), *(number_text(v, r.kpi.unit) for v in r.values))
            for r in self.rows
        ]

    def json_text(self) -> str:
        """The same as JSON, one object per KPI."""
        rows = [
            {"kpi": r.kpi.name, "unit": r.kpi.unit, **dict(zip(self.columns, r.values, strict=True))}
            for r in self.rows
        ]
        return json.dumps({"columns": self.columns, "rows": rows}, indent=1, ensure_ascii=False) + "\n"


def unit_head(unit: str) -> str:
    """A unit in a column of its own."""
    return {SHARE_UNIT: "%", MONEY_UNIT: "currency"}.get(unit, unit)


def overview_table(outcome: Outcome) -> Overview:
    """The KPIs of one run: depot smart against unmanaged, cluster the whole hub and each cluster."""
    return results_of(outcome.study).overview(outcome)
