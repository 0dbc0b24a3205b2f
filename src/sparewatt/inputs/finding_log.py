"""FindingLog: collects findings; repeats of one rule in one table are counted, not all told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sparewatt.finding import Finding, sorted_findings

if TYPE_CHECKING:
    from sparewatt.finding import Severity
    from sparewatt.inputs.tables.raw_table import RawTable

MAX_REPEATS = 50
"""Findings of one rule in one table that are told one by one."""


class FindingLog:
    """Findings in the order in which they were made, each told once."""

    def __init__(self) -> None:
        self._findings: dict[Finding, None] = {}
        self._count: Counter[tuple[str, Severity, str]] = Counter()
        self.errors = 0

    def add(
        self,
        rule: str,
        severity: Severity,
        where: str,
        message: str,
        value: str = "",
        remedy: str = "",
        *,
        ids: tuple[str, ...] = (),
        margin: float | None = None,
        table: str = "",
    ) -> None:
        """Note one finding; with ``table``, repeats of the rule in that table are counted together."""
        finding = Finding(rule, severity, where, message, value[:200], remedy, ids, margin)
        if finding in self._findings:
            return
        self.errors += severity == "error"
        if table:
            self._count[rule, severity, table] += 1
            if self._count[rule, severity, table] > MAX_REPEATS:
                return
        self._findings[finding] = None

    def at(
        self,
        rule: str,
        severity: Severity,
        table: RawTable,
        record: int,
        column: str,
        message: str,
        remedy: str = "",
        *,
        value: str | None = None,
        ids: tuple[str, ...] = (),
        margin: float | None = None,
    ) -> None:
        """Note a finding on one value of a table."""
        self.add(
            rule,
            severity,
            table.where(record, column),
            message,
            table.text(column, record) if value is None else value,
            remedy,
            ids=ids,
            margin=margin,
            table=table.name,
        )

    def findings(self) -> tuple[Finding, ...]:
        """All findings, errors first, and one more per rule and table that counts those not told."""
        more = [
            Finding(
                rule, severity, table, f"{n - MAX_REPEATS} more findings of this kind", str(n - MAX_REPEATS)
            )
            for (rule, severity, table), n in self._count.items()
            if n > MAX_REPEATS
        ]
        return sorted_findings([*self._findings, *more])
