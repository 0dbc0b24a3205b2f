"""Tables as CSV and Parquet files: local times with their offset, and texts that no spreadsheet runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from sparewatt.results.tables import harmless_text
from sparewatt.results.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sparewatt.results.tables import Table


def csv_writer(path: Path, schema: pa.Schema) -> pacsv.CSVWriter:
    """CSV with text quoted where needed only."""
    return pacsv.CSVWriter(path, schema, write_options=pacsv.WriteOptions(quoting_style="needed"))


def csv_safe(table: pa.Table) -> pa.Table:
    """Local times with their offset as text, and ids that no spreadsheet runs."""
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            stamps = _encoded(table[i])
            text = pa.compute.strftime(stamps.dictionary, format="%Y-%m-%dT%H:%M:%S%z").to_pylist()
            table = table.set_column(i, field.name, _decoded(stamps, [_iso_offset(t) for t in text]))
        elif pa.types.is_string(field.type):
            texts = _encoded(table[i])
            safe = [harmless_text(t) for t in texts.dictionary.to_pylist()]
            table = table.set_column(i, field.name, _decoded(texts, safe))
    return table


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column as indices into its distinct values."""
    whole = column.combine_chunks()
    return (whole if isinstance(whole, pa.Array) else whole.chunk(0)).dictionary_encode()


def _decoded(encoded: pa.DictionaryArray, texts: list[str]) -> pa.Array:
    """Texts in place of the distinct values."""
    return pa.array(texts, pa.string()).take(encoded.indices)


def _iso_offset(stamp: str) -> str:
    """``...+0100`` as ISO 8601 has it: ``...+01:00``."""
    return f"{stamp[:19]}{stamp[-5:-2]}:{stamp[-2:]}"


def write_small_parquet(table: Table, path: Path) -> Path:
    """A small table as Parquet."""
    columns = {name: [row[i] for row in table.rows] for i, name in enumerate(table.columns)}
    with whole_file(path) as partial:
        pq.write_table(pa.table(columns), partial, compression="zstd")
    return path


def write_csv(table: pa.Table, path: Path) -> Path:
    """A table as CSV, whole or not at all."""
    safe = csv_safe(table)
    with whole_file(path) as partial, csv_writer(partial, safe.schema) as out:
        out.write_table(safe)
    return path


def in_zone(table: pa.Table, timezone: str) -> pa.Table:
    """The same with times in a zone, without our metadata."""
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            table = table.set_column(i, field.name, table[i].cast(pa.timestamp("us", timezone)))
    return table.replace_schema_metadata(None)


def write_long_csv(parts: Iterator[pa.Table], path: Path) -> Path:
    """A long table as CSV, a part in memory at a time."""
    first = csv_safe(next(parts))
    with whole_file(path) as partial, csv_writer(partial, first.schema) as out:
        out.write_table(first)
        for part in parts:
            out.write_table(csv_safe(part))
    return path
