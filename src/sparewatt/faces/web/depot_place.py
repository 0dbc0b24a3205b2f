"""Where the page of depot tables is, and which tables of an upload it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.faces.api.upload_files import list_files
from sparewatt.faces.web.new_state import NewPlace, new_place
from sparewatt.faces.web.parts.table_words import DEPOT_TITLES
from sparewatt.faces.web.parts.upload_folder import first_draft

if TYPE_CHECKING:
    from pathlib import Path

DEPOT_PATH = "/depot"


@dataclass(frozen=True)
class DepotTables:
    """Tables of an upload.

    Parameters
    ----------
    folder
        Where they lie, below the upload; empty: the upload itself.
    files
        File by table; empty where there is none. Known tables first, in the order of people, then others.
    """

    folder: str
    files: dict[str, str]


def depot_place(path: str | None, search: str | None) -> NewPlace | None:
    """What an address of this page names; ``None`` where it is another."""
    return new_place("/new/depot", search) if (path or "").rstrip("/") == DEPOT_PATH else None


def find_tables(folder: Path) -> DepotTables:
    """The depot tables of an upload."""
    inputs = first_draft(folder, "depot").get("inputs")
    told = inputs.get("tables") if isinstance(inputs, dict) else ""
    parts = [part for part in str(told or "tables").split("/") if part not in {"", ".", ".."}]
    start = "".join(f"{part}/" for part in parts)
    files = dict.fromkeys(DEPOT_TITLES, "")
    for name, _ in list_files(folder):
        inside = name[len(start) :]
        if name.startswith(start) and "/" not in inside and inside.lower().endswith(".csv"):
            files[inside[:-4].lower()] = name
    return DepotTables("/".join(parts), files)
