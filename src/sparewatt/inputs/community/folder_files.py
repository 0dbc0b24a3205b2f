"""FolderFiles: text of the files of a neighbourhood folder, none of them outside it (rule 11)."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog

_MAX_BYTES = 200_000_000
_MAX_MB = _MAX_BYTES // 1_000_000


class FolderFiles:
    """Files of a folder by the names that its tables give them.

    Parameters
    ----------
    folder
        The folder.
    log
        Where problems are noted.
    """

    def __init__(self, folder: Path, log: FindingLog) -> None:
        self.folder = Path(folder)
        self._root = os.path.realpath(folder)
        self._log = log
        self._plain: dict[str, frozenset[str]] = {}

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return (self.folder / name).is_file()

    def read(self, name: str, where: str = "", value: str = "") -> str | None:
        """Text of a file; parameters as of `content`."""
        content = self.content(name, where, value)
        return None if content is None else self._decode(name, content)

    def content(self, name: str, where: str = "", value: str = "") -> bytes | None:
        """Bytes of a file.

        Parameters
        ----------
        name
            Path inside the folder, parts separated by ``/``.
        where, value
            Place that names the file, and what it says there; the file itself where it is left out.

        Returns
        -------
        The bytes, or ``None`` where there are none, which is noted.
        """
        place, said = where or name, value or name
        if not self._is_inside(name):
            message = f"the path {name} leaves the neighbourhood's folder"
            self._log.add(
                "community.file.outside",
                "error",
                place,
                message,
                said,
                "a file inside the folder",
                table=name,
            )
            return None
        path = os.path.join(self._root, name)  # noqa: PTH118 - thousands of files
        try:
            if os.stat(path).st_size > _MAX_BYTES:  # noqa: PTH116 - as above
                message = f"the file {name} is larger than {_MAX_MB} MB"
                self._log.add("community.file.size", "error", place, message, said, "a smaller file")
                return None
            with open(path, "rb") as file:  # noqa: PTH123 - as above
                return file.read()
        except FileNotFoundError:
            message = f"there is no file {name}"
            self._log.add(
                "community.file.missing", "error", place, message, said, f"add {name} to the folder"
            )
            return None
        except (OSError, ValueError) as error:
            reason = (
                error.strerror if isinstance(error, OSError) and error.strerror else "not the name of a file"
            )
            message = f"the file {name} cannot be read: {reason}"
            self._log.add("community.file.unreadable", "error", place, message, said, "check its permissions")
            return None

    def _decode(self, name: str, content: bytes) -> str | None:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            value = repr(content[error.start : error.end])
            message = "is not UTF-8 text"
            self._log.add(
                "community.file.encoding", "error", f"{name} row {line}", message, value, "save it as UTF-8"
            )
            return None

    def _is_inside(self, name: str) -> bool:
        """Whether a path stays in the folder; links are followed."""
        folder, slash, file = name.rpartition("/")
        if slash and file in self._plain_files(folder):
            return True
        windows = PureWindowsPath(name)
        if PurePosixPath(name).is_absolute() or windows.drive or windows.root or ".." in windows.parts:
            return False
        try:
            return Path(self._root, name).resolve().is_relative_to(self._root)
        except (OSError, ValueError, RuntimeError):
            return "\0" in name  # no name of a file at all, which reading tells

    def _plain_files(self, folder: str) -> frozenset[str]:
        """Names in one of the folders that are files and no links."""
        if folder not in self._plain:
            path = Path(self._root, folder)
            names: frozenset[str] = frozenset()
            if (
                folder.count("/") == 0
                and path.is_dir()
                and not path.is_symlink()
                and folder not in {"", ".."}
            ):
                with os.scandir(path) as entries:
                    names = frozenset(e.name for e in entries if e.is_file(follow_symlinks=False))
            self._plain[folder] = names
        return self._plain[folder]
