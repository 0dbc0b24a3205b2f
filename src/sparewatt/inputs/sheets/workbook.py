"""Sheets of an Excel workbook: stored values, never macros, links or formulas."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO

from openpyxl import load_workbook

from sparewatt.inputs.sheets.sheet import Cell, Unsolved, make_sheet
from sparewatt.inputs.sheets.workbook_parts import PartsError, read_sheet_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from openpyxl import Workbook

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.sheets.sheet import Sheet
    from sparewatt.inputs.sheets.workbook_parts import SheetFacts

_LAST_ROW = 1_048_576
_CORNER = re.compile(r"([A-Z]+)([0-9]+)")


def read_workbook(path: Path, wanted: Callable[[str], bool], log: FindingLog) -> dict[str, Sheet] | None:
    """The wanted sheets of a workbook by name.

    Parameters
    ----------
    path
        The file.
    wanted
        Whether a sheet of this name is read; the others come without records.
    log
        Where problems are noted.

    Returns
    -------
    ``None`` where the file is not read at all, which was noted.
    """
    try:
        facts = read_sheet_facts(path)
        with warnings.catch_warnings(), path.open("rb") as values, path.open("rb") as formulas:
            warnings.simplefilter("ignore")  # openpyxl warns of styles and filters that nobody needs here
            return _read(values, formulas, facts, wanted, log)
    except PartsError as error:
        log.add(error.rule, "error", path.name, error.message, "", error.remedy)
    except Exception as error:  # noqa: BLE001 - a broken file leads openpyxl to whatever exception
        message = f"is damaged: {type(error).__name__}: {error}"
        log.add(
            "cluster.workbook.broken", "error", path.name, message, "", "open it in Excel and save it anew"
        )
    return None


def _read(
    value_file: BinaryIO,
    formula_file: BinaryIO,
    facts: tuple[SheetFacts, ...],
    wanted: Callable[[str], bool],
    log: FindingLog,
) -> dict[str, Sheet]:
    values = load_workbook(value_file, read_only=True, data_only=True, keep_links=False)
    formulas: Workbook | None = None
    if any(f.has_formulas and wanted(f.name) for f in facts):
        formulas = load_workbook(formula_file, read_only=True, data_only=False, keep_links=False)
    sheets = {}
    for fact in facts:
        if fact.name not in values.sheetnames or not hasattr(values[fact.name], "iter_rows"):
            continue  # a chart, not a sheet
        if not wanted(fact.name):
            sheets[fact.name] = make_sheet(fact.name, (), log, typed=True)
            continue
        rows = _rows(values, fact.name)
        if formulas is not None and fact.has_formulas:
            rows = _with_formulas(rows, _rows(formulas, fact.name))
        sheet = make_sheet(fact.name, rows, log, typed=True)
        _check_facts(fact, sheet, log)
        sheets[fact.name] = sheet
    return sheets


def _rows(book: Workbook, name: str) -> Iterator[tuple[Cell, ...]]:
    sheet = book[name]
    sheet.reset_dimensions()  # some programs store wrong ones
    rows: Iterator[Any] = sheet.iter_rows(max_row=_LAST_ROW, values_only=True)
    yield from rows


def _with_formulas(
    rows: Iterator[tuple[Cell, ...]], formulas: Iterator[tuple[Cell, ...]]
) -> Iterator[tuple[Cell, ...]]:
    """Rows in which a formula without a stored result stands itself."""
    for row, formula in zip(rows, formulas, strict=False):
        yield tuple(
            Unsolved(_formula_text(f)) if value is None and f is not None else value
            for value, f in zip(row, formula, strict=False)
        )


def _formula_text(formula: Cell) -> str:
    return str(getattr(formula, "text", formula))


def _check_facts(facts: SheetFacts, sheet: Sheet, log: FindingLog) -> None:
    if facts.hidden:
        message = "the sheet is hidden, and read all the same"
        log.add("cluster.sheet.hidden", "warning", sheet.name, message, "", "show it, or take it out")
    for merged in facts.merged:
        first = _CORNER.match(merged)
        if first is not None and _column(first[1]) <= len(sheet.headers):
            log.add(
                "cluster.sheet.merged",
                "error",
                f"{sheet.name} row {first[2]}, cells {merged}",
                "cells are merged, so only the first of them holds a value",
                merged,
                "unmerge them and give every cell its value",
                table=sheet.name,
            )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
