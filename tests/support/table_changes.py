"""Changes of CSV tables as the cases of bad input write them; see tests/cases/depot/bad_input/README.md."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def change_table(folder: Path, change: dict[str, Any]) -> None:
    path = folder / f"{change['table']}.csv"
    if change.get("drop"):
        path.unlink()
        return
    if "text" in change:
        path.write_text(change["text"])
        return
    rows = list(csv.reader(io.StringIO(path.read_text())))
    if "row" in change:
        rows[change["row"] - 1][rows[0].index(change["column"])] = change["value"]
    if "add" in change:
        rows += list(csv.reader([change["add"]]))
    if "cut" in change:
        rows = [row for number, row in enumerate(rows, start=1) if number not in change["cut"]]
    if "rename" in change:
        rows[0][rows[0].index(change["rename"])] = change["to"]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path.write_text(out.getvalue())
