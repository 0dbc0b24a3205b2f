"""Writing a hub and its fleet: one workbook, or one CSV file per sheet, that read as the same again."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from sparewatt.inputs.cluster.sheet_records import sheet_records
from sparewatt.inputs.sheets.sheet import cell_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sparewatt.inputs.sheets.sheet import Cell
    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet

_WIDEST = 34
_SAVED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_THEN = b"2026-01-01T00:00:00Z"
_ZIP_THEN = (2026, 1, 1, 0, 0, 0)


def cluster_table_texts(system: ClusterSystem, fleet: Fleet) -> Iterator[tuple[str, str]]:
    """The sheets of a hub as ``(name, CSV text)``: the copy of what a run was made of.

    Raises
    ------
    ValueError
        When a cluster is not called ``cluster…``.
    """
    for name, header, records in sheet_records(system, fleet):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_csv_text(cell) for cell in record] for record in records)
        yield name, out.getvalue()


def write_cluster_tables(folder: Path, system: ClusterSystem, fleet: Fleet) -> tuple[Path, ...]:
    """Write one CSV file per sheet into a folder, which is made where it does not exist.

    Returns
    -------
    The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in cluster_table_texts(system, fleet):
        paths.append(folder / f"{name}.csv")
        paths[-1].write_text(text, encoding="utf-8", newline="")
    return tuple(paths)


def write_cluster_workbook(path: Path, system: ClusterSystem, fleet: Fleet) -> None:
    """Write one workbook; the same hub gives the same bytes.

    Raises
    ------
    ValueError
        When a cluster is not called ``cluster…``.
    """
    from openpyxl import Workbook  # noqa: PLC0415 - heavy
    from openpyxl.styles import Font  # noqa: PLC0415 - as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above

    book = Workbook(write_only=True)
    bold = Font(bold=True)
    for name, header, records in sheet_records(system, fleet):
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for n, title in enumerate(header, start=1):
            sheet.column_dimensions[get_column_letter(n)].width = min(_WIDEST, max(19, len(title) + 2))
        heads = [_text_cell(sheet, title) for title in header]
        for cell in heads:
            cell.font = bold
        sheet.append(heads)
        for record in records:
            sheet.append([_cell(sheet, c) for c in record])
    unstable = io.BytesIO()
    book.save(unstable)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_stable(unstable))


def _csv_text(cell: Cell) -> str:
    """A number so that it reads as the same, a date as ISO text."""
    return repr(cell) if isinstance(cell, float) and not cell.is_integer() else cell_text(cell)


def _cell(sheet: Any, cell: Cell) -> Any:  # noqa: ANN401 - as for _text_cell
    """A cell that reads as the same; openpyxl alone would write 16 digits of a number."""
    if isinstance(cell, str):
        return _text_cell(sheet, cell)
    if isinstance(cell, float) and float(f"{cell:.16g}") != cell:
        number = _text_cell(sheet, repr(cell))
        number.data_type = "n"
        return number
    return cell


def _text_cell(sheet: Any, text: str) -> Any:  # noqa: ANN401 - openpyxl's cells, which are only loaded here
    """A cell that holds text, whatever it begins with."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - heavy
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415 - heavy

    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text))
    cell.data_type = "s"
    return cell


def _stable(book: io.BytesIO) -> bytes:
    """A workbook without the time at which it was saved."""
    out = io.BytesIO()
    with zipfile.ZipFile(book) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as stable:
        for part in sorted(parts.namelist()):
            content = parts.read(part)
            if part == "docProps/core.xml":
                content = _SAVED.sub(rb"\g<1>" + _THEN, content)
            stable.writestr(zipfile.ZipInfo(part, _ZIP_THEN), content, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()
