"""Files of metered data, CSV or Parquet, wide or long → columns of stamps and numbers."""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from sparewatt.inputs.profiles.meter_form import unit_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.profiles.meter_form import MeterForm, Unit

_MOST_BYTES = 8_000_000_000
_HEAD_BYTES = 1 << 22
_SEPARATORS = (",", ";", "\t")
_TIMES = {
    "time",
    "datetime",
    "timestamp",
    "date",
    "date_time",
    "stamp",
    "utc",
    "start",
    "end",
    "period",
    "tstp",
}
_CUSTOMERS = {"customer", "customer_id", "load", "load_id", "meter", "meter_id", "household", "household_id"}
_CUSTOMERS |= {"id", "name", "lclid", "mpan"}
_VALUES = {"value", "reading", "energy", "power", "demand"}
_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
_FIRST_ROW = 2


@dataclass(frozen=True)
class MeterTable:
    """What a file holds.

    Parameters
    ----------
    name
        Of the file.
    ids
        Customers or meters.
    stamps
        A stamp per row, text or timestamps.
    who
        Row of ``ids`` of each row of a long file, shape (rows,); ``None`` for a wide one.
    values
        Shape (rows,) if long, (ids, rows) if wide; NaN where nothing stands.
    unit
        What the header says.
    """

    name: str
    ids: tuple[str, ...]
    stamps: pa.ChunkedArray
    who: NDArray[np.int64] | None
    values: NDArray[np.float64]
    unit: Unit | None


def read_meter_file(path: Path, form: MeterForm, log: FindingLog) -> MeterTable | None:
    """Read a file; ``None`` where it cannot be read, which is noted."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            size = f"is larger than {_MOST_BYTES // 1_000_000_000} GB"
            log.add(
                "network.profiles.file", "error", path.name, size, "", "fewer customers or days, or Parquet"
            )
            return None
        table = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_csv(path, form, log)
    except (pa.ArrowException, OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"cannot be read: {str(error).partition(chr(10))[0].replace(str(path), path.name)}"
        if isinstance(error, UnicodeDecodeError):
            message = "is not UTF-8 text"
        elif isinstance(error, OSError) and not isinstance(error, pa.ArrowException):
            message = f"cannot be read: {error.strerror or type(error).__name__}"
        remedy = "a table as CSV (UTF-8) or Parquet"
        log.add("network.profiles.file", "error", path.name, message, "", remedy)
        return None
    return None if table is None else _find_columns(path.name, table, form, log)


def _read_parquet(path: Path) -> pa.Table:
    return pq.read_table(path, partitioning=None)


def _read_csv(path: Path, form: MeterForm, log: FindingLog) -> pa.Table | None:
    with path.open("rb") as file:
        first = file.read(_HEAD_BYTES).removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")[0]
    head = first.decode()
    if not head.strip():
        log.add(
            "network.profiles.file",
            "error",
            f"{path.name} row 1",
            "the file is empty",
            "",
            "a header in row 1",
        )
        return None
    separator = max(_SEPARATORS, key=lambda s: (head.count(s), s == ","))
    names = next(csv.reader([head], delimiter=separator))
    texts = {n for n in names if _key(n) in _CUSTOMERS} if _is_long(names, form) else set()
    texts |= {_time_column(names)}
    ragged: list[tuple[int | None, int, int]] = []

    def skip(row: pa.csv.InvalidRow) -> str:
        ragged.append((row.number, row.actual_columns, row.expected_columns))
        return "skip"

    def read(number: pa.DataType) -> pa.Table:
        ragged.clear()
        return pa.csv.read_csv(
            path,
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=1 << 24),
            parse_options=pa.csv.ParseOptions(delimiter=separator, invalid_row_handler=skip),
            convert_options=pa.csv.ConvertOptions(
                column_types={n: pa.string() if n in texts else number for n in names}
            ),
        )

    try:
        table = read(pa.float64())
    except pa.ArrowInvalid:
        table = _note_no_numbers(path.name, read(pa.string()), texts, log)
    for number, actual, expected in ragged:
        message = f"the row has {actual} values, the header {expected} columns"
        place, remedy = f"{path.name} row {number}", "one value per column"
        log.add("network.profiles.ragged", "error", place, message, "", remedy, table=path.name)
    return None if ragged else table


def _note_no_numbers(name: str, table: pa.Table, texts: set[str], log: FindingLog) -> pa.Table | None:
    """Note every cell that is no number; the table with numbers where all are (quotes, spaces)."""
    columns, fine = [], True
    for header, column in zip(table.column_names, table.columns, strict=True):
        if header in texts:
            columns.append(column)
            continue
        text = pc.if_else(pc.equal(pc.utf8_trim_whitespace(column), ""), None, column)
        wrong = pc.invert(pc.fill_null(pc.match_substring_regex(text, _NUMBER), fill_value=True))
        for row in np.flatnonzero(wrong.to_numpy()).tolist():
            fine = False
            cell, place = column[row].as_py(), f"{name} row {row + _FIRST_ROW}, column {header}"
            remedy = "a number with a decimal point, such as 0.25, or nothing where it is not known"
            message = f"{cell!r} is not a number"
            log.add("network.profiles.number", "error", place, message, cell, remedy, table=name)
        columns.append(text)
    if not fine:
        return None
    numbers = [
        c if h in texts else pc.utf8_trim_whitespace(c).cast(pa.float64())
        for h, c in zip(table.column_names, columns, strict=True)
    ]
    return pa.table(numbers, names=table.column_names)


def _key(header: str) -> str:
    return header.strip().casefold().replace(" ", "_")


def _is_long(names: Sequence[str], form: MeterForm) -> bool:
    return form.layout == "long" or (form.layout is None and any(_key(n) in _CUSTOMERS for n in names))


def _time_column(names: Sequence[str]) -> str:
    return next((n for n in names if _key(n) in _TIMES), names[0])


def _find_columns(name: str, table: pa.Table, form: MeterForm, log: FindingLog) -> MeterTable | None:
    names = [str(n) for n in table.column_names]
    place = f"{name} row 1"
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        message = f"{len(twice)} names stand over two columns: {', '.join(twice[:5])}"
        log.add("network.profiles.column", "error", place, message, twice[0], "one column per name")
        return None
    time = _time_column(names)
    if not table.num_rows or len(names) < 2:  # noqa: PLR2004 - a time and a value
        what = "no rows below its header" if len(names) > 1 else "one column only"
        log.add(
            "network.profiles.file", "error", place, f"the file has {what}", "", "a time and values per row"
        )
        return None
    if _is_long(names, form):
        return _long_columns(name, table, time, log)
    ids = [n for n in names if n != time]
    if not _are_numbers(table, ids, name, log):
        return None
    values = np.empty((len(ids), table.num_rows))
    for k, column in enumerate(ids):
        values[k] = _floats(table.column(column))
    return MeterTable(name, tuple(n.strip() for n in ids), table.column(time), None, values, None)


def _long_columns(name: str, table: pa.Table, time: str, log: FindingLog) -> MeterTable | None:
    names = [str(n) for n in table.column_names]
    customer = next((n for n in names if _key(n) in _CUSTOMERS and n != time), None)
    rest = [n for n in names if n not in {time, customer}]
    value = rest[0] if len(rest) == 1 else next((n for n in rest if unit_in(n) or _key(n) in _VALUES), None)
    if customer is None or value is None:
        missing = "customer" if customer is None else "value"
        message = f"the file has no column {missing}; it has: {', '.join(names[:10])}"
        remedy = "columns time, customer and kwh or kw"
        log.add("network.profiles.column", "error", f"{name} row 1", message, missing, remedy)
        return None
    if not _are_numbers(table, [value], name, log):
        return None
    text = pc.utf8_trim_whitespace(table.column(customer).cast(pa.string()))
    coded = pc.if_else(pc.equal(text, ""), None, text).combine_chunks().dictionary_encode()
    if coded.null_count:
        row = int(np.flatnonzero(coded.is_null().to_numpy(zero_copy_only=False))[0]) + _FIRST_ROW
        message = f"{coded.null_count} rows do not say whose they are, the first is row {row}"
        log.add("network.profiles.customer", "error", name, message, "", "a customer in every row")
        return None
    who = np.asarray(coded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    ids = tuple(str(i) for i in coded.dictionary.to_pylist())
    return MeterTable(name, ids, table.column(time), who, _floats(table.column(value)), unit_in(value))


def _are_numbers(table: pa.Table, columns: Sequence[str], name: str, log: FindingLog) -> bool:
    fine = True
    for column in columns:
        kind = table.column(column).type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
            fine = False
            message = f"the column {column} holds {kind}, not numbers"
            place = f"{name}, column {column}"
            log.add("network.profiles.number", "error", place, message, str(kind), "numbers", table=name)
    return fine


def _floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Numbers, NaN where nothing stands; infinite ones count as nothing."""
    filled = column.cast(pa.float64()).fill_null(float("nan"))
    values = np.array(filled.to_numpy(), dtype=np.float64)
    values[~np.isfinite(values)] = np.nan
    return values
