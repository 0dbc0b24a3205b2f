"""DSS text to statements: comments off, one command with its arguments per statement, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_QUOTED = r'"[^"]*"|\'[^\']*\'|\([^)]*\)|\[[^\]]*\]|\{[^}]*\}'
_WORD = re.compile(rf"(?:([^\s,=\"'(\[{{]+)\s*=\s*)?({_QUOTED}|[^\s,=]+)|([,=])")
_COMMENT = re.compile(rf"{_QUOTED}|(!|//)")
_OPEN = {'"': '"', "'": "'", "(": ")", "[": "]", "{": "}"}


class Place(NamedTuple):
    """Where a statement begins.

    Parameters
    ----------
    file
        Name inside the folder of the network.
    line
        Counted from 1.
    """

    file: str
    line: int

    def __str__(self) -> str:
        """As people say it."""
        return f"{self.file} line {self.line}"


class Argument(NamedTuple):
    """One argument of a command.

    Parameters
    ----------
    name
        In lower case; empty where it is given by position.
    raw
        The value as it stands, brackets and quotation marks included.
    """

    name: str
    raw: str

    @property
    def text(self) -> str:
        """The value without brackets or quotation marks."""
        if len(self.raw) > 1 and _OPEN.get(self.raw[0]) == self.raw[-1]:
            return self.raw[1:-1].strip()
        return self.raw


@dataclass(frozen=True)
class Statement:
    """One line of DSS text.

    Parameters
    ----------
    verb
        First word, in lower case.
    arguments
        What follows.
    place
        Where it stands.
    unclosed
        A bracket or quotation mark opens and is not closed.
    """

    verb: str
    arguments: tuple[Argument, ...]
    place: Place
    unclosed: bool = False


def read_statements(text: str, file: str) -> list[Statement]:
    """All statements of a file; comments (``!``, ``//``, ``/* … */``) and empty lines are left out."""
    statements = []
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if inside or stripped.startswith("/*"):
            inside = "*/" not in stripped
            continue
        statement = _read_line(_without_comment(stripped), Place(file, number))
        if statement is not None:
            statements.append(statement)
    return statements


def _without_comment(line: str) -> str:
    for match in _COMMENT.finditer(line):
        if match.group(1):
            return line[: match.start()].rstrip()
    return line


def _read_line(line: str, place: Place) -> Statement | None:
    words = [
        Argument((m.group(1) or "").lower(), m.group(2))
        for m in _WORD.finditer(line)
        if m.group(2) is not None
    ]
    if not words:
        return None
    unclosed = any(w.raw[0] in _OPEN and (len(w.raw) == 1 or w.raw[-1] != _OPEN[w.raw[0]]) for w in words)
    first, rest = words[0], tuple(words[1:])
    if first.name:  # line.x.length=3: a property of an element
        return Statement(first.name, (Argument("", first.raw), *rest), place, unclosed)
    return Statement(first.raw.lower(), rest, place, unclosed)
