"""Where findings are in the tables of an upload: file, sheet, row and cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparewatt.faces.api.upload_files import list_files
from sparewatt.faces.web.parts.table_editor import table_key
from sparewatt.faces.web.parts.table_files import read_file_table
from sparewatt.faces.web.parts.table_sheets import FileTable, sheet_names
from sparewatt.faces.web.parts.table_words import column_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sparewatt.faces.api.place import ApiPlace

_PLACE = re.compile(r"(?P<table>.+?)(?:,? (?:row|line) (?P<row>\d+))?(?:, column (?P<column>.+))?")


@dataclass(frozen=True)
class TablePlace:
    """A table of an upload, and a row and column in it; 0 and empty where none is named."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""


class TablePlaces:
    """The tables of an upload by the names that findings have for them.

    Parameters
    ----------
    place
        Where uploads are.
    upload_id
        Which.
    """

    def __init__(self, place: ApiPlace, upload_id: str) -> None:
        self._place, self._upload_id = place, upload_id
        self._folder = place.uploads / upload_id
        self._named: dict[str, tuple[str, str]] = {}
        for name, _ in list_files(self._folder):
            low = name.lower()
            if low.endswith(".csv"):
                for known in (low, low.rpartition("/")[2], low.rpartition("/")[2][:-4]):
                    self._named.setdefault(known, (name, ""))
            elif low.endswith(".xlsx"):
                for sheet in place.reading.call(sheet_names, self._folder / name):
                    self._named.setdefault(sheet.strip().lower(), (name, sheet))

    def find(self, where: str) -> TablePlace | None:
        """The place that a finding names; ``None`` where it names no table."""
        match = _PLACE.fullmatch(where)
        known = self._named.get(match["table"].strip().lower()) if match else None
        if match is None or known is None:
            return None
        return TablePlace(*known, int(match["row"] or 0), match["column"] or "")

    def located(self, findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Findings with the file and the sheet that they are about, where they are about one."""
        found = []
        for one in findings:
            at = self.find(one["where"])
            found.append(dict(one) if at is None else {**one, "file": at.file, "sheet": at.sheet})
        return found

    def marks(self, findings: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, str]]]:
        """Words for cells by table, row and cell, as the grids take them."""
        tables: dict[tuple[str, str], list[str]] = {}
        marks: dict[str, dict[str, dict[str, str]]] = {}
        for one in findings:
            at = self.find(one["where"])
            if at is None or not at.row:
                continue
            columns = tables.get((at.file, at.sheet))
            if columns is None:
                columns = tables[at.file, at.sheet] = self._columns(at.file, at.sheet)
            cell = columns.index(at.column.lower()) if at.column.lower() in columns else 0
            row = marks.setdefault(table_key(self._upload_id, at.file, at.sheet), {}).setdefault(
                str(at.row), {}
            )
            words = one["message"] + (f". Right would be: {one['remedy']}" if one["remedy"] else "")
            row[f"_m{cell}"] = "; ".join(t for t in (row.get(f"_m{cell}"), words) if t)
        return marks

    def _columns(self, file: str, sheet: str) -> list[str]:
        path = self._folder / file
        table: FileTable = (
            self._place.reading.call(read_file_table, path, sheet) if sheet else read_file_table(path)
        )
        if table.header:
            return [name.strip().lower() for name in table.header]
        width = len(table.rows[0]) if table.rows else 0
        return [words.title.lower() for words in column_words(file, (), width)]
