"""A finding: one thing that a rule says about input or a result; what, where, value, what would be right."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of one rule.

    Parameters
    ----------
    rule
        Stable dotted name, e.g. ``"depot.routes.overlap"``; listed in ``docs/rules.md``.
    severity
        ``"error"`` (nothing runs), ``"warning"`` (it runs, look at it) or ``"info"``.
    where
        The place: ``"t_route_master row 7, column arrival_time"``. Rows count as a person
        sees them in the file: the header is row 1, the first record row 2.
    message
        What is wrong, in one sentence with the facts in it.
    value
        The offending value as text, empty where there is none.
    remedy
        What would be right.
    ids
        Ids of the things concerned (vehicle, route, session).
    margin
        By how much the rule is missed, in the unit of the rule; ``None`` where that has no meaning.
    """

    rule: str
    severity: Severity
    where: str
    message: str
    value: str = ""
    remedy: str = ""
    ids: tuple[str, ...] = ()
    margin: float | None = None

    def __str__(self) -> str:
        """One line for a log."""
        value = f" [{self.value}]" if self.value else ""
        remedy = f" -> {self.remedy}" if self.remedy else ""
        return f"{self.severity}: {self.where}: {self.message}{value}{remedy} ({self.rule})"

    def to_dict(self) -> dict[str, object]:
        """Plain dict for JSON."""
        return asdict(self)


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any finding forbids running."""
    return any(f.severity == "error" for f in findings)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then warnings, then infos; stable inside."""
    return tuple(sorted(findings, key=lambda f: SEVERITIES.index(f.severity)))
