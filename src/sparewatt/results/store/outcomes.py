"""KPIs and findings of a run and of its scenarios, and the limits that it offers to others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import ColumnElement, Table, and_, delete, insert, select

from sparewatt.finding import Finding
from sparewatt.results.kpis import Kpi
from sparewatt.results.store.core import Core
from sparewatt.results.store.tables import findings, kpis, limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection


@dataclass(frozen=True)
class StoredLimit:
    """A limit that a run offers to others.

    Parameters
    ----------
    name, zone
        What it limits.
    path
        Parquet file with its periods, relative to the data folder.
    """

    name: str
    zone: str
    path: str


class Outcomes(Core):
    """The part of the store that knows what runs came to."""

    def write_kpis(self, run_id: int, values: Sequence[Kpi], *, scenario_id: int | None = None) -> None:
        """Put the KPIs of a run, or of one scenario of it, in the place of those that were there."""
        rows = [
            {
                "run_id": run_id,
                "scenario_id": scenario_id,
                "name": kpi.name,
                "label": kpi.label,
                "unit": kpi.unit,
                "value": None if kpi.value is None else float(kpi.value),
                "is_count": int(isinstance(kpi.value, (int, np.integer))),
                "better": kpi.better,
            }
            for kpi in values
        ]
        self._replace(f"write the KPIs of run {run_id}", kpis, run_id, scenario_id, rows)

    def read_kpis(self, run_id: int, *, scenario_id: int | None = None) -> tuple[Kpi, ...]:
        """KPIs of a run, or of one scenario of it, in the order in which they were written."""
        query = select(kpis).where(_of(kpis, run_id, scenario_id)).order_by(kpis.c.id)
        return self.read(
            f"read the KPIs of run {run_id}",
            lambda c: tuple(
                Kpi(
                    row.name,
                    row.label,
                    row.unit,
                    int(row.value) if row.is_count else row.value,
                    row.better,
                )
                for row in c.execute(query)
            ),
        )

    def write_findings(
        self, run_id: int, values: Sequence[Finding], *, scenario_id: int | None = None
    ) -> None:
        """Put the findings of a run, or of one scenario of it, in the place of those that were there."""
        rows = [
            {"run_id": run_id, "scenario_id": scenario_id, **finding.to_dict(), "ids": list(finding.ids)}
            for finding in values
        ]
        self._replace(f"write the findings of run {run_id}", findings, run_id, scenario_id, rows)

    def read_findings(self, run_id: int, *, scenario_id: int | None = None) -> tuple[Finding, ...]:
        """Findings of a run, or of one scenario of it, in the order in which they were written."""
        query = select(findings).where(_of(findings, run_id, scenario_id)).order_by(findings.c.id)
        return self.read(
            f"read the findings of run {run_id}",
            lambda c: tuple(
                Finding(
                    row.rule,
                    row.severity,
                    row.where,
                    row.message,
                    row.value,
                    row.remedy,
                    tuple(row.ids),
                    row.margin,
                )
                for row in c.execute(query)
            ),
        )

    def write_limits(self, run_id: int, values: Sequence[StoredLimit]) -> None:
        """Put the limits of a run in the place of those that were there."""

        def work(connection: Connection) -> None:
            connection.execute(delete(limits).where(limits.c.run_id == run_id))
            if values:
                connection.execute(insert(limits), [{"run_id": run_id, **asdict(v)} for v in values])

        self.write(f"write the limits of run {run_id}", work)

    def read_limits(self, run_id: int) -> tuple[StoredLimit, ...]:
        """Limits of a run, by name and zone."""
        query = (
            select(limits.c.name, limits.c.zone, limits.c.path)
            .where(limits.c.run_id == run_id)
            .order_by(limits.c.name, limits.c.zone)
        )
        return self.read(
            f"read the limits of run {run_id}", lambda c: tuple(StoredLimit(*row) for row in c.execute(query))
        )

    def _replace(
        self,
        doing: str,
        table: Table,
        run_id: int,
        scenario_id: int | None,
        rows: Sequence[Mapping[str, object]],
    ) -> None:
        def work(connection: Connection) -> None:
            connection.execute(delete(table).where(_of(table, run_id, scenario_id)))
            if rows:
                connection.execute(insert(table), rows)

        self.write(doing, work)


def _of(table: Table, run_id: int, scenario_id: int | None) -> ColumnElement[bool]:
    return and_(table.c.run_id == run_id, table.c.scenario_id.is_not_distinct_from(scenario_id))
