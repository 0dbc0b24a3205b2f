"""The columns that a sheet has to have, and whether it has them, records and every id once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.inputs.scenario_findings import nearest
from sparewatt.inputs.sheets.sheet import column_key

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.sheet import Sheet


@dataclass(frozen=True, slots=True)
class SheetForm:
    """Columns that a sheet must have, and those that it may have; others are not read."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def check_columns(sheet: Sheet, form: SheetForm, log: FindingLog) -> bool:
    """Whether a sheet holds a record and every column that it needs; what is missing is noted."""
    if not sheet.headers:
        columns = ", ".join(form.required)
        log.add(
            "cluster.sheet.empty",
            "error",
            f"{sheet.name} row 1",
            "the sheet is empty",
            "",
            f"row 1 holds the names of its columns: {columns}",
        )
        return False
    known = {column_key(c) for c in form.required + form.optional}
    others = [h for key, h in sheet.headers.items() if key not in known]
    complete = True
    for column in form.required:
        if column_key(column) in sheet.headers:
            continue
        complete = False
        meant = nearest(column, others)
        hint = f"; is {meant} meant?" if meant else ""
        listed = ", ".join(sheet.headers.values())
        log.add(
            "cluster.column.missing",
            "error",
            f"{sheet.name} row 1, column {column}",
            f"the sheet has no column {column}{hint}",
            meant or "",
            f"call a column {column}; the sheet has: {listed}",
        )
    for column in form.optional:
        meant = nearest(column, others)
        if column_key(column) not in sheet.headers and meant and _close(column, meant):
            log.add(
                "cluster.column.unknown",
                "warning",
                f"{sheet.name} row 1, column {meant}",
                f"the column {meant} is not read; is {column} meant?",
                meant,
                f"call it {column}, or leave it as a note",
            )
    if complete and not len(sheet):
        log.add(
            "cluster.sheet.empty",
            "error",
            f"{sheet.name} row 2",
            "the sheet has no records below its header",
            "",
            "one record per row, from row 2 on",
        )
        return False
    return complete


def check_unique(sheet: Sheet, column: str, names: tuple[str | None, ...], log: FindingLog) -> None:
    """Note every id that stands in an earlier row already."""
    first: dict[str, int] = {}
    for n, name in enumerate(names):
        if name is not None and first.setdefault(name, n) != n:
            log.add(
                "cluster.id.twice",
                "error",
                sheet.where(n, column),
                f"{name} stands in row {sheet.rows[first[name]]} already",
                name,
                "every id once",
                ids=(name,),
                table=sheet.name,
            )


def _close(column: str, other: str) -> bool:
    """Whether two names differ in a sign or two: ``MinSOC`` is close to ``Min SOC``."""
    letters = [[c for c in name.casefold() if c.isalnum()] for name in (column, other)]
    return letters[0] == letters[1][: len(letters[0])]
