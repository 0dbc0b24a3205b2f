"""The file of a limit that a run offers to others, for people and spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pacsv

from sparewatt.results.arrow_files import csv_safe, in_zone
from sparewatt.results.series_files import read_parquet

if TYPE_CHECKING:
    from pathlib import Path

MOST_ROWS = 5_000_000
"""Rows of a limit at most: nine years of minutes."""


def limit_csv(path: Path) -> bytes:
    """A limit as CSV: ``time`` (ISO 8601, UTC), ``lower_kw``, ``upper_kw``.

    Raises
    ------
    InputError
        The file is missing, or does not hold a limit.
    """
    table = read_parquet(path, MOST_ROWS, ["datetime", "lower_kw", "upper_kw"])
    named = in_zone(table.rename_columns(["time", "lower_kw", "upper_kw"]), "UTC")
    out = pa.BufferOutputStream()
    pacsv.write_csv(csv_safe(named), out, write_options=pacsv.WriteOptions(quoting_style="needed"))
    return bytes(out.getvalue().to_pybytes())
