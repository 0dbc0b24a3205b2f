"""CSV files as records of text: UTF-8 with or without a mark, separated by ``,``, ``;`` or tab."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.inputs.finding_log import FindingLog

_SEPARATORS = (",", ";", "\t")
_MB = 1_000_000


@dataclass(frozen=True)
class CsvRules:
    """What findings about a file are called, and how large it may be.

    Parameters
    ----------
    unreadable, encoding, form, size
        Rules: the system refuses it; it is no UTF-8; it is no CSV; it is too large.
    most_mb
        Size above which a file is refused [MB].
    line
        What stands between the name of the file and the number of a line.
    """

    unreadable: str
    encoding: str
    form: str
    size: str
    most_mb: int = 2000
    line: str = ", line"


def read_csv_records(path: Path, rules: CsvRules, log: FindingLog) -> list[tuple[int, list[str]]] | None:
    """Every record with the line that it ends on, the header first; ``None`` where it cannot be read.

    The separator is the one that the first line with text has most of.
    """
    where = path.name
    try:
        if path.stat().st_size > rules.most_mb * _MB:
            remedy = "fewer rows, or several runs"
            log.add(rules.size, "error", where, f"is larger than {rules.most_mb:,} MB", "", remedy)
            return None
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        log.add(rules.unreadable, "error", where, f"cannot be read: {error.strerror or error}")
        return None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        value = repr(error.object[error.start : error.end])
        remedy = 'save it as "CSV UTF-8"'
        log.add(rules.encoding, "error", f"{where}{rules.line} {line}", "is not UTF-8 text", value, remedy)
        return None
    header = text.lstrip().partition("\n")[0]
    separator = max(_SEPARATORS, key=lambda s: (header.count(s), s == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, record) for record in reader]
    except csv.Error as error:
        remedy = "a quotation mark inside a value is doubled, and one that opens is closed"
        place = f"{where}{rules.line} {reader.line_num}"
        log.add(rules.form, "error", place, f"is not CSV: {error}", "", remedy)
        return None
