"""Structs of arrays from columns of a file, every row number checked."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.results.series_files import read_floats

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from numpy.typing import NDArray


def check_rows(rows: NDArray[np.int64], count: int, what: str, least: int = 0) -> None:
    """A ValueError where a row is not there."""
    if len(rows) and not (rows.min() >= least and rows.max() < count):
        raise ValueError(f"{what} names a row that is not there")


def read_struct(noun: Any, table: pa.Table, rows: Mapping[str, tuple[int, int]], **more: object) -> Any:  # noqa: ANN401 - any struct of arrays
    """A struct of arrays from its columns.

    Parameters
    ----------
    noun
        The class.
    table
        Its columns.
    rows
        Columns that are rows of something else: the least that is allowed, and how many of it there are.
    more
        Fields that are no columns.
    """
    values = dict(more)
    for f in fields(noun):
        if f.name in more:
            continue
        kind = str(f.type)
        if kind.startswith("tuple"):
            values[f.name] = tuple(str(text) for text in table[f.name].to_pylist())
        elif "float" in kind:
            values[f.name] = read_floats(table, f.name, (len(table),))
        else:
            column = np.asarray(table[f.name].to_numpy(), dtype=np.int64)
            if f.name in rows:
                least, count = rows[f.name]
                check_rows(column, count, f.name, least)
            values[f.name] = column
    return noun(**values)
