"""Uploaded files: names that stay inside a folder, kinds that inputs have, sizes that fit."""

from __future__ import annotations

import re
import shutil
import time
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from sparewatt.errors import InputError
from sparewatt.faces.api.upload_content import content_findings, member_problems, upload_error
from sparewatt.finding import Finding, has_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sparewatt.faces.api.place import UploadLimits

TEXTS = (".csv", ".toml", ".json", ".xml", ".dss", ".txt")
KINDS = (*TEXTS, ".xlsx", ".parquet")
KEPT_DAYS = 7
"""An upload that nobody has used for so long is thrown away [days]."""

_NAME = re.compile(r"(?:[\w-][\w .()+,-]{0,99}/){0,4}[\w-][\w .()+,-]{0,120}")
_JUNK = re.compile(r"(?:.*/)?(?:__MACOSX/.*|\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini)", re.IGNORECASE)
"""What file managers put into zips by themselves; it is left out."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{32}")
_CHUNK = 1 << 20


def find_upload(uploads: Path, upload_id: str) -> Path | None:
    """The folder of an upload, or ``None`` where there is none."""
    folder = uploads / upload_id
    return folder if _ID.fullmatch(upload_id) and folder.is_dir() else None


def list_files(folder: Path) -> list[tuple[str, int]]:
    """Name and size [bytes] of every file of an upload."""
    found = (p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink())
    return [(p.relative_to(folder).as_posix(), p.stat().st_size) for p in found]


def clear_old(uploads: Path, *, now_s: float | None = None) -> None:
    """Throw away uploads that nobody has used for `KEPT_DAYS`."""
    oldest = (time.time() if now_s is None else now_s) - KEPT_DAYS * 86400
    for folder in uploads.iterdir() if uploads.is_dir() else ():
        if folder.is_dir() and folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def keep_upload(uploads: Path, given: Iterable[tuple[str, IO[bytes]]], limits: UploadLimits) -> str:
    """Keep uploaded files in a new folder, all or none; a single zip is unpacked.

    Parameters
    ----------
    uploads
        Folder of all uploads.
    given
        Name below the folder and content of each file.
    limits
        What is taken.

    Returns
    -------
    The id of the upload, which is the name of its folder.

    Raises
    ------
    InputError
        With a finding for every file that is not taken; nothing is kept.
    """

    def take(folder: Path) -> None:
        taking = _Taking(folder, limits)
        files = list(given)
        if len(files) == 1 and files[0][0].lower().endswith(".zip"):
            taking.take_zip(*files[0])
        else:
            for name, content in files:
                taking.take(name, content)
        names = [name for name, _ in list_files(folder)]
        findings = taking.findings or list(content_findings(folder, names, limits))
        if has_errors(findings):
            raise InputError(findings)

    return new_upload(uploads, take)


def new_upload(uploads: Path, write: Callable[[Path], object]) -> str:
    """A new upload, there when ``write`` has filled its folder, and not at all when that raises; its id."""
    number = uuid4().hex
    staging = uploads / f".{number}.partial"
    staging.mkdir(parents=True)
    try:
        write(staging)
        staging.rename(uploads / number)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return number


class _Taking:
    """Files on their way into a folder."""

    def __init__(self, folder: Path, limits: UploadLimits) -> None:
        self.findings: list[Finding] = []
        self._folder, self._limits = folder, limits
        self._room = limits.total_bytes
        self._names: set[str] = set()

    def take(self, name: str, content: IO[bytes]) -> None:
        """One file."""
        name = unicodedata.normalize("NFC", name)  # an é is one letter, however a file system writes it
        problem = self._name_problem(name)
        if problem is not None:
            self.findings.append(problem)
            return
        path = self._folder.joinpath(*PurePosixPath(name).parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            size = self._copy(content, path)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            self.findings.append(upload_error("zip", name, "is damaged inside the zip", "pack it again"))
            return
        except OSError:
            self.findings.append(upload_error("name", name, "has the name of a folder", "a name of its own"))
            return
        if size is None:
            self._room = 0
            most = min(self._limits.file_bytes, self._limits.total_bytes)
            remedy = f"at most {most:,} bytes a file and {self._limits.total_bytes:,} together"
            self.findings.append(upload_error("size", name, "is too large", remedy))
        else:
            self._room -= size

    def take_zip(self, name: str, content: IO[bytes]) -> None:
        """Every file of a zip."""
        try:
            with zipfile.ZipFile(content) as zipped:
                members = [m for m in zipped.infolist() if not m.is_dir() and not _JUNK.fullmatch(m.filename)]
                if len(members) > self._limits.files:
                    message = f"holds {len(members):,} files"
                    self.findings.append(
                        upload_error("files", name, message, f"at most {self._limits.files:,}")
                    )
                    return
                self.findings += [f for m in members for f in member_problems(m, self._limits)]
                if not self.findings:
                    for member in members:
                        with zipped.open(member) as packed:
                            self.take(member.filename, packed)
                        if self._room <= 0:
                            break  # all that follow are too many as well
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError):
            self.findings.append(upload_error("zip", name, "is not readable as a zip", "pack it again"))

    def _name_problem(self, name: str) -> Finding | None:
        parts = PurePosixPath(name).parts
        if len(self._names) >= self._limits.files:
            return upload_error("files", name, "is one file too many", f"at most {self._limits.files:,}")
        if not _NAME.fullmatch(name) or any(_RESERVED.match(p) or p.endswith((".", " ")) for p in parts):
            remedy = "letters, digits, - and _, inside folders below the scenario; no .. and no drive"
            return upload_error("name", name, "has a name that cannot be kept", remedy)
        if PurePosixPath(name).suffix.lower() not in KINDS:
            return upload_error("kind", name, "is of a kind that no input has", f"one of {', '.join(KINDS)}")
        if name.casefold() in self._names:
            return upload_error("name", name, "is there twice", "every file once")
        self._names.add(name.casefold())
        return None

    def _copy(self, content: IO[bytes], path: Path) -> int | None:
        """Bytes that were written, or ``None`` where there are too many."""
        size, most = 0, min(self._limits.file_bytes, self._room)
        with path.open("xb") as out:
            while chunk := content.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    return None
                out.write(chunk)
        return size
