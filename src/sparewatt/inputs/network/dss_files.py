"""DssFiles: text files of an OpenDSS folder; the chain of redirects, kept inside the folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.inputs.network.dss_text import Argument, Place, Statement, read_statements
from sparewatt.inputs.network.dss_words import COMMANDS, find_word
from sparewatt.inputs.scenario_findings import nearest

if TYPE_CHECKING:
    from sparewatt.finding import Severity
    from sparewatt.inputs.finding_log import FindingLog

MASTER = "master.dss"
MAX_BYTES = 200_000_000
"""Of all files of a network together."""

_MAX_DEPTH = 20
_MAX_STATEMENTS = 2_000_000


class DssFiles:
    """The files of one network; nothing outside its folder is opened.

    Parameters
    ----------
    folder
        All files must lie in it.
    log
        Where problems are noted.
    """

    def __init__(self, folder: Path, log: FindingLog) -> None:
        self._folder = folder.resolve()
        self._log = log
        self._bytes = 0
        self.broken = False

    def read_text(self, path: Path, where: str) -> str | None:
        """Content of a file of the folder; ``None`` where there is none to be had, which is noted."""
        name = self._name(path)
        try:
            self._bytes += path.stat().st_size
            if self._bytes > MAX_BYTES:
                message = f"the files of the network hold more than {MAX_BYTES // 1_000_000} MB"
                self._log.add("network.file.size", "error", name, message, "", "a network of one substation")
                return None
            content = path.read_bytes()
        except OSError as error:
            message = f"{name} cannot be read: {error.strerror or error}"
            self._log.add("network.file.unreadable", "error", where, message, name)
            return None
        if b"\0" in content:
            line = content[: content.index(b"\0")].count(b"\n") + 1
            message = "is not text: it holds a zero byte"
            self._log.add(
                "network.file.encoding", "error", f"{name} line {line}", message, name, "a text file"
            )
            return None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            value = repr(content[error.start : error.end])
            message = "is not UTF-8 text"
            remedy = "save it as UTF-8"
            self._log.add("network.file.encoding", "error", f"{name} line {line}", message, value, remedy)
            return None

    def find(self, argument: str, beside: Path, place: Place, severity: Severity = "error") -> Path | None:
        """The file that a command names, relative to the file that holds the command.

        Names may differ in upper and lower case, and may be written with backslashes. A file that is not
        there is told with ``severity``.
        """
        text = argument.replace("\\", "/").strip()
        try:
            path = (beside.parent / text).resolve()
            inside = path.is_relative_to(self._folder) and not Path(text).is_absolute() and ":" not in text
        except (ValueError, OSError, RuntimeError):
            inside = False
        if not inside:
            message = "the file lies outside the folder of the network, and is not opened"
            remedy = "copy it into the folder and name it relative to it"
            self._log.add("network.file.outside", "error", str(place), message, argument, remedy)
            return None
        found = self._as_written(path)
        if found is None:
            message = f"there is no file {argument} in the folder of the network"
            self._log.add(
                "network.file.missing", severity, str(place), message, argument, self._remedy(path, text)
            )
        return found

    def statements(self, master: Path) -> list[tuple[Statement, Path]]:
        """All statements in the order in which they are carried out, each with its file.

        Where a file is missing or not readable, ``broken`` says so: what is left is not the network.
        """
        out: list[tuple[Statement, Path]] = []
        before = self._log.errors
        self._follow(master, self._name(master), (), out)
        self.broken = self._log.errors > before
        return out

    def _follow(
        self, path: Path, where: str, chain: tuple[Path, ...], out: list[tuple[Statement, Path]]
    ) -> None:
        text = self.read_text(path, where)
        if text is None:
            return
        for statement in read_statements(text, self._name(path)):
            if len(out) >= _MAX_STATEMENTS:
                message = f"the network has more than {_MAX_STATEMENTS:,} lines"
                self._log.add("network.file.size", "error", str(statement.place), message)
                return
            if not is_redirect(statement.verb):
                out.append((statement, path))
                continue
            if not statement.arguments:
                message = f"{statement.verb} names no file"
                self._log.add("network.file.missing", "error", str(statement.place), message)
                continue
            target = self.find(_file_name(statement.arguments), path, statement.place)
            if target is None:
                continue
            if target in {*chain, path} or len(chain) >= _MAX_DEPTH:
                message = f"{self._name(target)} is read while it is being read: the redirects go round"
                self._log.add(
                    "network.file.redirect_loop",
                    "error",
                    str(statement.place),
                    message,
                    _file_name(statement.arguments),
                )
                continue
            self._follow(target, str(statement.place), (*chain, path), out)

    def _name(self, path: Path) -> str:
        resolved = path.resolve()
        inside = resolved.is_relative_to(self._folder)
        return resolved.relative_to(self._folder).as_posix() if inside else path.name

    def _as_written(self, path: Path) -> Path | None:
        """The file, or the only one whose name differs in upper and lower case alone."""
        if path.is_file():
            return path
        if not path.parent.is_dir():
            return None
        same = [p for p in path.parent.iterdir() if p.name.lower() == path.name.lower() and p.is_file()]
        only = same[0].resolve() if len(same) == 1 else None
        return only if only is not None and only.is_relative_to(self._folder) else None

    def _remedy(self, path: Path, text: str) -> str:
        if not path.parent.is_dir():
            return ""
        names = [p.name for p in path.parent.iterdir() if p.is_file()]
        close = nearest(Path(text).name, names)
        return f"did you mean {close}?" if close else "put it there, or take the line out"


def is_redirect(verb: str) -> bool:
    """Whether a command reads another file of commands: ``redirect`` and ``compile``, also shortened."""
    return find_word(verb, COMMANDS) in {"redirect", "compile"}


def _file_name(arguments: tuple[Argument, ...]) -> str:
    """A file name; without quotation marks it may hold blanks, as OpenDSS lets it."""
    return arguments[0].text if len(arguments) == 1 else " ".join(a.raw for a in arguments)


def find_master(path: Path, log: FindingLog) -> Path | None:
    """The file to begin with: the path itself, or ``Master.dss`` of a folder, or its only ``.dss`` file."""
    if path.is_file():
        return path
    if not path.is_dir():
        remedy = "a folder with a Master.dss, or the file itself"
        log.add(
            "network.file.missing", "error", path.name, "there is no such file or folder", path.name, remedy
        )
        return None
    files = sorted(p for p in path.iterdir() if p.suffix.lower() == ".dss" and p.is_file())
    masters = [p for p in files if p.name.lower() == MASTER] or files
    masters = [p for p in masters if p.resolve().is_relative_to(path.resolve())]
    if len(masters) == 1:
        return masters[0]
    if masters:
        message = f"the folder has {len(masters)} .dss files and none is called Master.dss"
        remedy = "name the one to begin with"
    else:
        message, remedy = "the folder has no .dss file", "a folder with a Master.dss"
    log.add("network.file.missing", "error", path.name, message, "", remedy)
    return None
