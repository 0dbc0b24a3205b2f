"""Compare: the same KPIs of several runs or modes side by side, with differences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from sparewatt.results.depot_kpis import TIMING_KPIS
from sparewatt.results.depot_view import MODE_WORDS
from sparewatt.results.kpis import SHARE_UNIT, Kpi, number_text
from sparewatt.results.overview import unit_head
from sparewatt.results.tables import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.results.outcome import Outcome, ScenarioOutcome
    from sparewatt.results.tables import Cell

Verdict = Literal["better", "worse", "same", "differs", "unknown"]

SAME = 1e-9
"""Relative difference below which two values are the same."""

WHOLE_RUN = "run"
"""Subject of the KPIs of runs as a whole."""


@dataclass(frozen=True)
class Difference:
    """One KPI of one subject in several columns; the first column is what others are compared with.

    Parameters
    ----------
    subject
        What it is about, e.g. ``"allocation 71"``.
    kpi
        The KPI of the first column that has it (name, label, unit, direction).
    values
        One value per column; ``None`` where the column has none.
    """

    subject: str
    kpi: Kpi
    values: tuple[float | int | None, ...]

    def change(self, column: int) -> float | int | None:
        """Value minus that of the first column; ``None`` where either is missing."""
        base, value = self.values[0], self.values[column]
        return None if base is None or value is None else value - base

    def relative(self, column: int) -> float | None:
        """Change as a share of the first column; ``None`` where that is zero or missing."""
        base, change = self.values[0], self.change(column)
        return None if change is None or not base else change / abs(base)

    def verdict(self, column: int) -> Verdict:
        """Whether the column is better than the first."""
        change = self.change(column)
        if change is None:
            return "unknown"
        scale = max(abs(v) for v in (self.values[0], self.values[column]) if v is not None)
        if abs(change) <= SAME * max(1.0, scale):
            return "same"
        if self.kpi.better is None:
            return "differs"
        return "better" if (change < 0) == (self.kpi.better == "lower") else "worse"


@dataclass(frozen=True)
class Comparison:
    """Columns (runs or modes) and the KPIs in which they are compared.

    Parameters
    ----------
    columns
        Names of the columns; the first is the base.
    rows
        One per subject and KPI.
    """

    columns: tuple[str, ...]
    rows: tuple[Difference, ...]

    def subjects(self) -> tuple[str, ...]:
        """Subjects in order."""
        return tuple(dict.fromkeys(r.subject for r in self.rows))

    def header(self) -> tuple[str, ...]:
        """Header of :meth:`text_rows`."""
        others = (h for c in self.columns[1:] for h in (c, "difference", "relative"))
        return ("", "KPI", "unit", self.columns[0], *others)

    def text_rows(self) -> list[tuple[str, ...]]:
        """Rows of formatted text, e.g. for ``rich.table.Table.add_row``."""
        out = []
        for r in self.rows:
            cells = [r.subject, r.kpi.label, unit_head(r.kpi.unit), number_text(r.values[0], r.kpi.unit)]
            for c in range(1, len(self.columns)):
                value = number_text(r.values[c], r.kpi.unit)
                same = r.verdict(c) == "same"  # what differs by rounding alone reads as no difference
                change, share = (0, 0.0 if r.values[0] else None) if same else (r.change(c), r.relative(c))
                cells += [value, change_text(change, r.kpi.unit), share_text(share)]
            out.append(tuple(cells))
        return out

    def table(self) -> Table:
        """The comparison with exact numbers."""
        columns = ["subject", "kpi", "unit", self.columns[0]]
        for name in self.columns[1:]:
            columns += [name, f"{name} difference", f"{name} relative", f"{name} verdict"]
        rows = []
        for r in self.rows:
            cells: list[Cell] = [r.subject, r.kpi.name, r.kpi.unit, r.values[0]]
            for c in range(1, len(self.columns)):
                cells += [r.values[c], r.change(c), r.relative(c), r.verdict(c)]
            rows.append(tuple(cells))
        return Table("comparison", tuple(columns), tuple(rows))

    def json_text(self) -> str:
        """The comparison as JSON: one object per row, names of :meth:`table`."""
        table = self.table()
        rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
        return json.dumps({"columns": self.columns, "rows": rows}, indent=1, ensure_ascii=False) + "\n"

    def html_text(self) -> str:
        """The comparison as one plain HTML table, every text escaped."""
        head = "".join(f"<th>{escape(h)}</th>" for h in self.header())
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in self.text_rows()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>\n"


def change_text(change: float | None, unit: str) -> str:
    """A signed difference: ``+12.0``, ``−3``; shares differ by percentage points."""
    if change is None:
        return "–"
    number = number_text(abs(change), unit)
    if unit == SHARE_UNIT:
        number = number.replace(" %", " pp")
    if not number.strip("0.,p "):
        return "0"
    return number if number.startswith("<") else f"{'+' if change > 0 else '−'}{number}"


def share_text(share: float | None) -> str:
    """A signed relative difference: ``−12 %``."""
    if share is None:
        return "–"
    text = f"{abs(share) * 100:.1f}"
    return "0 %" if not text.strip("0.") else f"{'+' if share > 0 else '−'}{text} %"


def compare_modes(scenarios: Sequence[ScenarioOutcome]) -> Comparison:
    """Smart against unmanaged, per allocation that has both."""
    by_key = {(s.allocation_id, s.mode): s for s in scenarios}
    allocations = dict.fromkeys(s.allocation_id for s in scenarios)
    rows = []
    for allocation in allocations:
        bau, opt = by_key.get((allocation, "BAU")), by_key.get((allocation, "opt"))
        if bau is not None and opt is not None:
            rows += _differences(f"allocation {allocation}", [bau.kpis, opt.kpis])
    return Comparison((MODE_WORDS["BAU"], MODE_WORDS["opt"]), tuple(rows))


def compare_outcomes(outcomes: Sequence[Outcome], names: Sequence[str] | None = None) -> Comparison:
    """Runs side by side, the first as the base: KPIs of the run, then of each allocation and mode or cluster.

    Parameters
    ----------
    outcomes
        At least one.
    names
        A name per run; the runs' own names, told apart by number, where not given.
    """
    columns = _told_apart(names if names is not None else [o.name for o in outcomes])
    rows = list(_differences(WHOLE_RUN, [o.kpis for o in outcomes]))
    keys = dict.fromkeys((s.allocation_id, s.mode) for o in outcomes for s in o.scenarios)
    for allocation, mode in keys:
        found = [{(s.allocation_id, s.mode): s.kpis for s in o.scenarios} for o in outcomes]
        subject = f"allocation {allocation}, {dict(MODE_WORDS).get(mode, mode)}"  # type: ignore[call-overload]
        rows += _differences(subject, [f.get((allocation, mode), ()) for f in found])
    for kind, part in dict.fromkeys((p.kind, p.id) for o in outcomes for p in o.parts):
        kpis = [next((p.kpis for p in o.parts if (p.kind, p.id) == (kind, part)), ()) for o in outcomes]
        rows += _differences(f"{kind} {part}", kpis)
    return Comparison(columns, tuple(rows))


def _told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Names with a number behind where two are the same."""
    return tuple(n if names.count(n) == 1 else f"{n} ({i + 1})" for i, n in enumerate(names))


def _differences(subject: str, columns: Sequence[Sequence[Kpi]]) -> list[Difference]:
    """One row per KPI name that any column has; measured times are left out."""
    known: dict[str, Kpi] = {}
    for kpis in columns:
        for kpi in kpis:
            known.setdefault(kpi.name, kpi)
    values = [{k.name: k.value for k in kpis} for kpis in columns]
    return [
        Difference(subject, kpi, tuple(v.get(name) for v in values))
        for name, kpi in known.items()
        if name not in TIMING_KPIS and name.rpartition("_")[0] not in TIMING_KPIS
    ]
