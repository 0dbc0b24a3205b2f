"""Curves by the files that tables name; each file is read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.curve_text import read_points
from sparewatt.model.curves import join_curves

if TYPE_CHECKING:
    from sparewatt.inputs.community.curve_text import Points
    from sparewatt.inputs.community.folder_files import FolderFiles
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.tables.raw_table import RawTable
    from sparewatt.model.curves import Curves

NOTHING: Points = (np.zeros(1, np.int64), np.zeros(1))
"""Stands for a file that could not be read; then a finding says so."""


class CurveFiles:
    """Curves of one folder, numbered in the order in which tables name their files first.

    Parameters
    ----------
    files, log
        Where they are, and where problems are noted.
    folder
        ``loads``, ``predictions`` or ``base_loads``.
    from_zero
        Whether they have to begin with 0 s and 0 Wh.
    """

    def __init__(self, files: FolderFiles, folder: str, log: FindingLog, *, from_zero: bool = False) -> None:
        self._files, self._folder, self._log, self._from_zero = files, folder, log, from_zero
        self._rows: dict[str, int] = {}
        self._points: list[Points] = []

    def rows_of(self, table: RawTable, column: str) -> list[int]:
        """Number of the curve of each record; files are read as they are met."""
        rows = []
        for record, source in enumerate(table.columns[column]):
            if source not in self._rows:
                self._rows[source] = len(self._points)
                self._points.append(self._read(table, column, record, source) or NOTHING)
            rows.append(self._rows[source])
        return rows

    def points(self, row: int) -> Points:
        """Times [s] and energies [kWh] of one curve."""
        return self._points[row]

    def curves(self) -> Curves:
        """All curves in the order of their numbers."""
        return join_curves(self._points)

    def _read(self, table: RawTable, column: str, record: int, source: str) -> Points | None:
        where = table.where(record, column)
        if not source:
            self._log.at(
                "community.value.missing", "error", table, record, column, f"{column} is empty", "fill it in"
            )
            return None
        rooted = source[0] in "/\\" or source[1:2] == ":"
        name = source if rooted else f"{self._folder}/{source}"
        text = self._files.read(name, where, source)
        if text is None:
            return None
        return read_points(name, text, self._log, from_zero=self._from_zero)
