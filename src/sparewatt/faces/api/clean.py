"""Texts without paths: what people of other machines are shown names no folder of this one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sparewatt.finding import Finding

_POSIX = re.compile(r"(?<![\w.:/~-])~?/(?:[^\s/'\"`,;:()]+/)+([^\s/'\"`,;:()]*)")
_WINDOWS = re.compile(r"\b[A-Za-z]:\\(?:[^\s\\'\",;:()]+\\)*([^\s\\'\",;:()]*)")
_ADDRESS = re.compile(r"\b(sqlite|postgresql)[+\w]*://\S+")


def clean_text(text: str, folders: Iterable[Path] = ()) -> str:
    """A text in which only the last part of every absolute path is left, and no address of a database.

    Parameters
    ----------
    text
        For people.
    folders
        Folders whose names may hold blanks; they are struck out first.
    """
    text = text.encode("utf-8", "replace").decode()  # half a character cannot be sent
    for folder in folders:
        for name in dict.fromkeys((str(folder.absolute()), str(folder))):
            if len(name) > 1:
                text = text.replace(f"{name}/", "").replace(name, folder.name)
    text = _ADDRESS.sub("the database", text)
    return _WINDOWS.sub(r"\1", _POSIX.sub(r"\1", text))


def clean_finding(finding: Finding, folders: Iterable[Path] = ()) -> Finding:
    """A finding whose texts name no folder of this machine."""
    folders = tuple(folders)
    return replace(
        finding,
        where=clean_text(finding.where, folders),
        message=clean_text(finding.message, folders),
        value=clean_text(finding.value, folders),
        remedy=clean_text(finding.remedy, folders),
    )
