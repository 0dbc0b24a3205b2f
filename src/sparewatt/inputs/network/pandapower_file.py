"""PandapowerFile: tables of a pandapower JSON file as plain values; nothing that it names is built."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparewatt.inputs.network.parts import plain_number

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.finding_log import FindingLog

MAX_BYTES = 200_000_000
TABLES = frozenset({
    "bus", "bus_geodata", "line", "trafo", "trafo3w", "ext_grid", "switch", "load", "asymmetric_load", "sgen",
    "asymmetric_sgen", "storage", "gen", "shunt", "impedance", "ward", "xward", "motor", "dcline", "line_dc",
    "vsc", "svc", "ssc", "tcsc", "load_dc", "source_dc",
})  # fmt: skip
"""Tables that are read, or told where they are not empty."""

_RULE = "network.pandapower.form"
_SPLIT = "columns", "index", "data"


@dataclass(frozen=True)
class PpRow:
    """One element.

    Parameters
    ----------
    table
        Name of its table.
    index
        As other tables refer to it.
    values
        By column; missing ones are none.
    """

    table: str
    index: int
    values: dict[str, Any]

    def number(self, column: str, default: float = math.nan) -> float:
        """A number; the default where none is given, not a number where it is none."""
        value = self.values.get(column)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return default
        return plain_number(value)

    def flag(self, column: str, default: bool) -> bool:  # noqa: FBT001 - a default
        """Yes or no."""
        value = self.values.get(column)
        return default if value is None else bool(value)

    def text(self, column: str) -> str:
        """A text; empty where none is given."""
        value = self.values.get(column)
        return value.strip() if isinstance(value, str) else ""

    def bus(self, column: str = "bus") -> int:
        """Index of a bus; -1 where it is none."""
        value = self.number(column)
        return int(value) if math.isfinite(value) and value == int(value) else -1


@dataclass(frozen=True)
class PandapowerFile:
    """Tables of one network.

    Parameters
    ----------
    name
        Of the file.
    tables
        Rows by name of the table.
    frequency_hz
        Nominal frequency [Hz].
    """

    name: str
    tables: dict[str, list[PpRow]]
    frequency_hz: float

    def rows(self, table: str) -> list[PpRow]:
        """Elements of a table that are in service."""
        return [row for row in self.tables.get(table, []) if row.flag("in_service", default=True)]

    def where(self, row: PpRow) -> str:
        """The place of an element: file, table, index and name."""
        name = row.text("name")
        return f"{self.name}, {row.table} {row.index}" + (f" ({name})" if name else "")


def read_pandapower_file(path: Path, log: FindingLog) -> PandapowerFile | None:
    """Tables of a JSON file of pandapower 2 or 3; ``None`` where it is none, which is noted."""
    try:
        if path.stat().st_size > MAX_BYTES:
            log.add("network.file.size", "error", path.name, f"is larger than {MAX_BYTES // 1_000_000} MB")
            return None
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or error}"
        log.add("network.file.unreadable", "error", path.name, message)
        return None
    except UnicodeDecodeError as error:
        value = repr(error.object[error.start : error.end])
        log.add("network.file.encoding", "error", path.name, "is not UTF-8 text", value, "save it as UTF-8")
        return None
    return parse_pandapower_text(text, path.name, log)


def parse_pandapower_text(text: str, name: str, log: FindingLog) -> PandapowerFile | None:
    """Tables of a JSON text."""
    remedy = "a file written by pandapower.to_json"
    content = _loads(text, name, log)
    if content is None:
        return None
    body = content.get("_object") if isinstance(content, dict) else None
    if not isinstance(body, dict) or content.get("_class") != "pandapowerNet":
        log.add(_RULE, "error", name, "the JSON is not of a pandapower network", "", remedy)
        return None
    tables = {}
    for table, value in body.items():
        if table in TABLES and isinstance(value, dict) and value.get("_class") == "DataFrame":
            rows = _rows(table, value, name, log)
            if rows:
                tables[table] = rows
    frequency = body.get("f_hz", 50.0)
    if not isinstance(frequency, int | float) or not 0.0 < frequency < math.inf:
        log.add(_RULE, "error", name, "the frequency f_hz is no number above 0", str(frequency)[:50])
        return None
    return PandapowerFile(name, tables, float(frequency))


def _loads(text: str, where: str, log: FindingLog) -> Any | None:  # noqa: ANN401 - any JSON
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{where} line {error.lineno}"
        log.add(
            _RULE, "error", place, f"is not JSON: {error.msg}", "", "a file written by pandapower.to_json"
        )
    except RecursionError:
        log.add(_RULE, "error", where, "the JSON is nested too deeply")
    return None


def _rows(table: str, value: dict[str, Any], name: str, log: FindingLog) -> list[PpRow]:
    """Rows of a data frame in split orient: columns, index, data."""
    where = f"{name}, {table}"
    frame = value.get("_object")
    if isinstance(frame, str):
        frame = _loads(frame, where, log)
        if frame is None:
            return []
    parts: list[list[Any]] = []
    if isinstance(frame, dict):
        parts = [p for p in (frame.get(k) for k in _SPLIT) if isinstance(p, list)]
    if len(parts) != len(_SPLIT):
        log.add(_RULE, "error", where, "the table is not in the orient split (columns, index, data)")
        return []
    columns, index, data = parts
    rows = []
    for number, record in zip(index, data, strict=False):
        ok = isinstance(number, int) and isinstance(record, list) and len(record) == len(columns)
        if not ok or not all(isinstance(c, str) for c in columns):
            message = "a row is not a whole number with one value per column"
            log.add(_RULE, "error", where, message, str(number)[:50], table=where)
            return []
        rows.append(PpRow(table, number, dict(zip(columns, record, strict=True))))
    if len(index) != len(data) or len({row.index for row in rows}) < len(rows):
        log.add(_RULE, "error", where, "the table has not one index per row, each once")
    return rows
