"""What a workbook file is before anything reads it: kind, size, macros, and facts that sheets do not show.

The parts of the ZIP are read in pieces and within bounds; XML with a document type is refused, so that
no entity is ever expanded (rule 11).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE_BYTES = 100_000_000
MAX_WHOLE_BYTES = 600_000_000
MAX_PARTS = 10_000
_PIECE = 1 << 20
_SMALL_PART = 10_000_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT_MAIN = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell [^>]*ref=[\"']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_OVERLAP = 200


@dataclass(frozen=True)
class SheetFacts:
    """What the part of one sheet tells beside its values.

    Parameters
    ----------
    name
        Name of the sheet.
    hidden
        Whether people do not see it.
    merged
        Ranges of merged cells, such as ``"A2:A4"``.
    has_formulas
        Whether a cell holds a formula.
    """

    name: str
    hidden: bool
    merged: tuple[str, ...]
    has_formulas: bool


class PartsError(ValueError):
    """A file that is not read as a workbook.

    Parameters
    ----------
    rule
        Rule that it breaks.
    message, remedy
        What it is, and what would be right.
    """

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.rule, self.message, self.remedy = rule, message, remedy


_SAVE = 'save it as an Excel workbook (.xlsx), or its sheets as CSV and name their folder: tables = "…"'


def read_sheet_facts(path: Path) -> tuple[SheetFacts, ...]:
    """Look at a file before it is read as a workbook.

    Raises
    ------
    PartsError
        When it is no workbook that is read.
    """
    _check_kind(path)
    try:
        with zipfile.ZipFile(path) as parts:
            return _look(parts)
    except PartsError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        ValueError,
        KeyError,
        ET.ParseError,
    ) as error:
        message = f"is damaged or not a workbook: {error}"
        raise PartsError("cluster.workbook.broken", message, _SAVE) from None


def _check_kind(path: Path) -> None:
    kind = path.suffix.lower()
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise PartsError(
            "cluster.workbook.file", f"cannot be read: {error.strerror}", "check the path and its permissions"
        ) from None
    if kind in {".xlsm", ".xltm", ".xlsb"}:
        raise PartsError("cluster.workbook.macros", f"is a workbook with macros ({kind})", _SAVE)
    if start == _OLE:
        if kind == ".xls":
            raise PartsError("cluster.workbook.kind", "is of the old Excel form (.xls)", _SAVE)
        message = "is protected by a password, or of the old Excel form"
        raise PartsError("cluster.workbook.protected", message, f"take the password away; {_SAVE}")
    if not start.startswith(b"PK"):
        message = "is empty" if size == 0 else "is not an Excel workbook"
        raise PartsError("cluster.workbook.kind", message, _SAVE)
    if size > MAX_FILE_BYTES:
        message = f"is larger than {MAX_FILE_BYTES // 1_000_000} MB"
        raise PartsError("cluster.workbook.size", message, "save the sheets as CSV; they may be larger")


def _look(parts: zipfile.ZipFile) -> tuple[SheetFacts, ...]:
    infos = parts.infolist()
    whole = sum(i.file_size for i in infos)
    if whole > MAX_WHOLE_BYTES or len(infos) > MAX_PARTS:
        message = f"unpacks to {whole / 1e6:.0f} MB in {len(infos)} parts"
        raise PartsError("cluster.workbook.size", message, "save the sheets as CSV; they may be larger")
    names = {i.filename.lower() for i in infos}
    if any(n.endswith("vbaproject.bin") for n in names):
        raise PartsError("cluster.workbook.macros", "holds macros, which are never run here", _SAVE)
    if "xl/workbook.bin" in names:
        raise PartsError("cluster.workbook.kind", "is a binary workbook (.xlsb)", _SAVE)
    if "xl/workbook.xml" not in names:
        message = "is a ZIP file, but not an Excel workbook"
        raise PartsError("cluster.workbook.kind", message, _SAVE)
    found = {i.filename: _scan(parts, i) for i in infos if i.filename.lower().endswith((".xml", ".rels"))}
    return tuple(
        SheetFacts(name, hidden, *found.get(part, ((), False))) for name, hidden, part in _sheets(parts)
    )


def _scan(parts: zipfile.ZipFile, info: zipfile.ZipInfo) -> tuple[tuple[str, ...], bool]:
    """Merged ranges and whether there are formulas, of one part; refuses a document type."""
    merged: dict[str, None] = {}
    formulas, before = False, b""
    is_sheet = "worksheets/" in info.filename.lower()
    with parts.open(info) as file:
        while piece := file.read(_PIECE):
            window = before + piece
            if b"<!" in window or b"\x00" in window:
                plain = window.replace(b"\x00", b"").upper()
                if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
                    message = f"declares a document type in {info.filename}, which no workbook needs"
                    raise PartsError("cluster.workbook.broken", message, _SAVE)
            if is_sheet:
                formulas = formulas or _FORMULA.search(window) is not None
                merged |= dict.fromkeys(m.decode() for m in _MERGED.findall(window))
            before = window[-_OVERLAP:]
    return tuple(merged), formulas


def _sheets(parts: zipfile.ZipFile) -> list[tuple[str, bool, str]]:
    """Name, whether it is hidden, and part of every sheet."""
    targets = {}
    for link in _tree(parts, "xl/_rels/workbook.xml.rels").iter(_REL):
        target = link.get("Target", "")
        targets[link.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
    tree = _tree(parts, "xl/workbook.xml")
    sheets = [s for main in (_MAIN, _STRICT_MAIN) for s in tree.iter(f"{main}sheet")]
    return [
        (
            s.get("name", ""),
            s.get("state", "visible") != "visible",
            targets.get(next((v for k in _IDS if (v := s.get(k))), ""), ""),
        )
        for s in sheets
    ]


def _tree(parts: zipfile.ZipFile, name: str) -> ET.Element:
    if parts.getinfo(name).file_size > _SMALL_PART:
        message = f"has an oversized part {name}"
        raise PartsError("cluster.workbook.size", message, _SAVE)
    return ET.fromstring(parts.read(name))  # noqa: S314 - bounded, and a document type was refused before
