"""What uploaded files are, whatever their names say: text, workbook, Parquet, a file of a zip."""

from __future__ import annotations

import json
import stat
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.finding import Finding
from sparewatt.inputs.community.xml_tree import read_xml
from sparewatt.inputs.finding_log import FindingLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sparewatt.faces.api.place import UploadLimits

_CHUNK = 1 << 20
_ENCRYPTED = 0x1


def upload_error(rule: str, where: str, message: str, remedy: str) -> Finding:
    """One finding about an uploaded file."""
    shown = "".join(c if c.isprintable() else "?" for c in where)[:120]
    return Finding(f"api.upload.{rule}", "error", shown or "a file", message, "", remedy)


def member_problems(m: zipfile.ZipInfo, limits: UploadLimits) -> Iterable[Finding]:
    """What is wrong with a file of a zip before a byte of it is unpacked."""
    if stat.S_IFMT(m.external_attr >> 16) not in {0, stat.S_IFREG} or m.flag_bits & _ENCRYPTED:
        yield upload_error("zip", m.filename, "is a link, or encrypted", "plain files only")
    times = m.file_size / max(1, m.compress_size)
    if m.file_size > limits.ratio_from_bytes and times > limits.ratio:
        message = f"unpacks to {times:,.0f} times its size"
        yield upload_error("ratio", m.filename, message, f"at most {limits.ratio:,.0f} times")
    if m.file_size > limits.file_bytes:
        message = f"unpacks to {m.file_size:,} bytes"
        yield upload_error("size", m.filename, message, f"at most {limits.file_bytes:,} bytes")


def content_findings(folder: Path, names: Sequence[str], limits: UploadLimits) -> Iterable[Finding]:
    """What is wrong with the files of a folder."""
    files = [folder / name for name in names]
    if not files:
        yield upload_error("files", "the upload", "holds no file", "at least one file")
    for path in files:
        name = path.relative_to(folder).as_posix()
        match path.suffix.lower():
            case ".xlsx":
                yield from _workbook_problems(path, name, limits)
            case ".parquet":
                yield from _parquet_problems(path, name, limits)
            case _:
                yield from _text_problems(path, name, limits)


def _text_problems(path: Path, name: str, limits: UploadLimits) -> Iterable[Finding]:
    lines = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\0" in chunk:
                yield upload_error(
                    "text", name, "is not text, whatever its name says", "save it as UTF-8 text"
                )
                return
            lines += chunk.count(b"\n")
    if lines > limits.rows:
        yield upload_error("rows", name, f"has {lines:,} lines", f"at most {limits.rows:,}")
    elif path.suffix.lower() == ".xml":
        log = FindingLog()
        read_xml(name, path.read_bytes(), log)
        yield from log.findings()
    elif path.suffix.lower() == ".json":
        try:
            json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            yield upload_error("text", name, "is not JSON", "save it as JSON in UTF-8")


def _workbook_problems(path: Path, name: str, limits: UploadLimits) -> Iterable[Finding]:
    try:
        with zipfile.ZipFile(path) as zipped:
            members = zipped.infolist()
            problems = [p for m in members for p in member_problems(m, limits)]
            if sum(m.file_size for m in members) > limits.total_bytes:
                problems.append(upload_error("size", name, "unpacks to too much", "fewer rows"))
            names = {m.filename for m in members}
            if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
                problems.append(upload_error("text", name, "is a zip, but no workbook", "save it as .xlsx"))
            for p in problems:
                inside = "" if p.where == name else f"{p.where} "
                yield Finding(p.rule, "error", name, f"{inside}{p.message}", "", p.remedy)
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        yield upload_error("text", name, "is no Excel workbook, whatever its name says", "save it as .xlsx")


def _parquet_problems(path: Path, name: str, limits: UploadLimits) -> Iterable[Finding]:
    try:
        rows = pq.read_metadata(path).num_rows
    except (pa.ArrowException, OSError, ValueError):
        yield upload_error(
            "text", name, "is not readable as Parquet, whatever its name says", "write it anew"
        )
        return
    if rows > limits.rows:
        yield upload_error("rows", name, f"has {rows:,} rows", f"at most {limits.rows:,}")
