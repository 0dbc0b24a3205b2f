"""RawTable: records of one table as text, each with the row that a person sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class RawTable:
    """Records of a table, every value as text and missing as ``""``.

    Files and databases both end here, so that the same content means the same.

    Parameters
    ----------
    name
        Name of the table.
    columns
        Text per column, each of one length.
    rows
        Row of each record: in a file the header is row 1; in a database the position as read, from 1.
    key
        Columns that name a record, shown where ``rows`` are not seen by people (databases).
    """

    name: str
    columns: Mapping[str, Sequence[str]]
    rows: NDArray[np.int64]
    key: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        """Number of records."""
        return len(self.rows)

    def take(self, records: NDArray[np.int64]) -> RawTable:
        """Only these records."""
        columns = {name: [texts[i] for i in records.tolist()] for name, texts in self.columns.items()}
        return RawTable(self.name, columns, self.rows[records], self.key)

    def text(self, column: str, record: int) -> str:
        """One value; missing where the table has no such column."""
        texts = self.columns.get(column)
        return texts[record].strip() if texts is not None else ""

    def where(self, record: int, column: str = "") -> str:
        """The place of a record, and of one column in it."""
        if self.key:
            keys = ", ".join(f"{k} {self.text(k, record) or '(empty)'}" for k in self.key)
            place = f"{self.name} record {self.rows[record]} ({keys})"
        else:
            place = f"{self.name} row {self.rows[record]}"
        return f"{place}, column {column}" if column else place


def read_id(text: str) -> str:
    """Ids are text: ``71``, ``71.0`` and `` 71 `` are all ``"71"``."""
    text = text.strip()
    whole, point, decimals = text.partition(".")
    if point and not decimals.strip("0") and whole.lstrip("-").isdigit():
        return whole
    return text


def id_order(text: str) -> tuple[int, int, str]:
    """Sort key of ids: numbers by value, then the rest as text."""
    digits = text.isascii() and text.removeprefix("-").isdigit()
    return (0, int(text), text) if digits else (1, 0, text)


def records_with(table: RawTable, column: str, ids: frozenset[str]) -> NDArray[np.int64]:
    """Records whose id in ``column`` is one of ``ids``."""
    texts = table.columns[column]
    wanted = {text for text in set(texts) if read_id(text) in ids}
    return np.array([i for i, text in enumerate(texts) if text in wanted], dtype=np.int64)
