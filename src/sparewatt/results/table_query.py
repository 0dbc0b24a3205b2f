"""Which rows of a table are wanted, and in which order; asked of the whole table, whatever part is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Way = Literal[
    "contains", "lacks", "is", "is_not", "begins", "ends",
    "above", "at_least", "below", "at_most", "between", "empty", "filled",
]  # fmt: skip
"""What a cell has to do: texts are compared without regard to capitals, and an empty cell is only ``empty``,
``lacks`` or, as a text, ``is_not``."""


@dataclass(frozen=True)
class CellTest:
    """What is asked of a cell.

    Parameters
    ----------
    way
        How it is compared.
    value
        With what; a number where the column holds numbers.
    to
        The other bound of ``between``; both bounds are in.
    """

    way: Way
    value: str | float = ""
    to: float = math.inf


@dataclass(frozen=True)
class ColumnFilter:
    """What is asked of the cells of a column.

    Parameters
    ----------
    column
        Name of the column.
    tests
        What is asked.
    any_of
        Whether one of the tests is enough; else all have to hold.
    """

    column: str
    tests: tuple[CellTest, ...]
    any_of: bool = False


@dataclass(frozen=True)
class TableQuery:
    """The rows that are wanted, in order.

    Parameters
    ----------
    filters
        All of them hold in a wanted row.
    sort
        Columns and whether they go down, the most important first; empty cells are last either way, and rows
        that are equal stay in the order of the table.
    """

    filters: tuple[ColumnFilter, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()

    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are asked about."""
        return (*(one.column for one in self.filters), *(name for name, _ in self.sort))


def query_rows(table: pa.Table, query: TableQuery, numeric: Mapping[str, bool]) -> pa.Table:
    """The wanted rows of a table of texts, in order.

    Parameters
    ----------
    table
        All columns text, empty cells null.
    query
        What is wanted; names columns of the table.
    numeric
        Which columns hold numbers.

    Raises
    ------
    ValueError
        A column of numbers is compared with a text, or one of texts as if it held numbers.
    """

    def cells(name: str) -> pa.ChunkedArray:
        column = table.column(table.column_names.index(name))
        return pc.cast(column, pa.float64()) if numeric[name] else column

    mask = None
    for one in query.filters:
        texts, values = table.column(table.column_names.index(one.column)), cells(one.column)
        holds = [_holds(test, texts, values) for test in one.tests]
        join = pc.or_ if one.any_of else pc.and_
        for found in holds[1:]:
            holds[0] = join(holds[0], found)
        mask = holds[0] if mask is None else pc.and_(mask, holds[0])
    if mask is not None:
        table = table.filter(mask)
    if not query.sort:
        return table
    keys = {f"k{n}": cells(name) for n, (name, _) in enumerate(query.sort)}
    folded = {
        key: pc.utf8_lower(column) if pa.types.is_string(column.type) else column
        for key, column in keys.items()
    }
    count = pa.array(np.arange(table.num_rows))
    order = [
        (key, "descending" if down else "ascending")
        for key, (_, down) in zip(folded, query.sort, strict=True)
    ]
    rows = pc.sort_indices(pa.table({**folded, "row": count}), sort_keys=[*order, ("row", "ascending")])
    return table.take(rows)


def _holds(test: CellTest, texts: pa.ChunkedArray, values: pa.ChunkedArray) -> pa.ChunkedArray:
    """For every cell whether it does what is asked."""
    is_number = pa.types.is_floating(values.type)
    text = str(test.value)
    lower = pc.utf8_lower(texts)
    if test.way in {"empty", "filled"}:
        return pc.is_null(texts) if test.way == "empty" else pc.is_valid(texts)
    if test.way in {"contains", "lacks", "begins", "ends"}:
        find: Callable[..., pa.ChunkedArray] = {"begins": pc.starts_with, "ends": pc.ends_with}.get(
            test.way, pc.match_substring
        )
        found = pc.fill_null(find(lower, text.lower()), fill_value=False)
        return pc.invert(found) if test.way == "lacks" else found
    if test.way == "between":
        if not is_number:
            msg = "texts have no between"
            raise ValueError(msg)
        low, high = sorted((float(test.value), test.to))
        found = pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
        return pc.fill_null(found, fill_value=False)
    compare: Callable[..., pa.ChunkedArray] = {
        "is": pc.equal,
        "is_not": pc.not_equal,
        "above": pc.greater,
        "at_least": pc.greater_equal,
        "below": pc.less,
        "at_most": pc.less_equal,
    }[test.way]
    found = compare(values, float(test.value)) if is_number else compare(lower, text.lower())
    return pc.fill_null(found, fill_value=test.way == "is_not" and not is_number)
