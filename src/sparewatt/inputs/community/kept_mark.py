"""kept_as.json: which neighbourhood of a store a folder was taken out of, so that scores get back there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparewatt.inputs.community.folder_files import FolderFiles
    from sparewatt.inputs.finding_log import FindingLog

KEPT_AS = "kept_as.json"
_FORM = '{"neighbourhood": 3, "since": "2026-10-05T06:00:00+00:00"}'
_MOST_SINCE = 64


@dataclass(frozen=True)
class KeptMark:
    """Which neighbourhood of a store.

    Parameters
    ----------
    number
        Its number there, from 1.
    since
        When it was first kept; numbers begin anew in every store, moments hardly coincide.
    """

    number: int
    since: str


def mark_text(mark: KeptMark) -> str:
    """A mark as JSON, which reads as the same."""
    return json.dumps({"neighbourhood": mark.number, "since": mark.since}) + "\n"


def read_kept_mark(files: FolderFiles, log: FindingLog) -> KeptMark | None:
    """The mark of a neighbourhood folder; ``None`` where it has none, or one that says nothing."""
    text = files.read(KEPT_AS) if files.has(KEPT_AS) else None
    if text is None:
        return None
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    number, since = (told.get("neighbourhood"), told.get("since")) if isinstance(told, dict) else (None, None)
    is_number = isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**31
    if is_number and isinstance(since, str) and len(since) <= _MOST_SINCE:
        return KeptMark(number, since)  # type: ignore[arg-type]  # seen in is_number
    message = "does not say which neighbourhood of the store this is; scores stay in this folder"
    log.add("community.scores.kept", "warning", KEPT_AS, message, text[:80], f"{_FORM}, or no such file")
    return None
