"""What the commands print: findings, errors, progress, tables."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import textwrap
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sparewatt.finding import Finding

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)
COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
NARROW = 100
MANY_FILES = 10
_NUMBER = re.compile(r"[+−-]?(< )?[+−-]?[\d,.]*(e[+−-]?\d+)?( ?(%|pp))?|–")


def print_findings(findings: Sequence[Finding], console: Console = ERR) -> None:
    """One table of findings, or cards where the terminal is narrow."""
    if not findings:
        return
    if console.width < NARROW:
        for f in findings:
            value = f" [{f.value}]" if f.value else ""
            colour = COLOURS[f.severity]
            console.print(f"[{colour}]{f.severity}[/] {escape(f.where)}")
            console.print(f"  {escape(local_text(f.message) + value)}", soft_wrap=False)
            if f.remedy:
                console.print(f"  → {escape(f.remedy)}", soft_wrap=False)
        return
    table = Table(show_lines=False, expand=False)
    for name, ratio in (("", 1), ("where", 4), ("what", 6), ("value", 2), ("what would be right", 5)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for f in findings:
        severity = f"[{COLOURS[f.severity]}]{f.severity}[/]"
        message = escape(local_text(f.message))
        table.add_row(severity, escape(f.where), message, escape(f.value), escape(f.remedy))
    console.print(table)


def count_text(findings: Iterable[Finding]) -> str:
    """``2 errors, 1 warning``."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for f in findings:
        counts[f.severity] += 1
    words = [f"{n} {name}{'s' if n != 1 else ''}" for name, n in counts.items() if n]
    return ", ".join(words) or "no findings"


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], console: Console = OUT) -> None:
    """A plain table, numbers to the right; where the first column repeats it heads its rows.

    Numbers are never broken or cut: where the terminal is too narrow for the table, every row is a card.
    """
    rows = [tuple(row) for row in rows]
    numeric = [_is_numeric([row[i] for row in rows]) for i in range(len(header))]
    heads = [row[0] for row in rows]
    grouped = not header[0] and len(set(heads)) < len(heads)
    least = [
        max(map(len, cells)) if numeric[i] else max(len(w) for c in cells for w in (c.split() or [""]))
        for i, cells in enumerate(zip(*([*rows, _words(header)]), strict=True))
    ][grouped:]
    if sum(least) + 2 * len(least) > console.width:
        _print_cards(header, rows, console, grouped=grouped)
        return
    table = Table(expand=False, box=box.SIMPLE_HEAD, pad_edge=False)
    shown = list(zip(header, numeric, strict=True))[grouped:]
    for (name, right), width in zip(shown, least, strict=True):
        title = textwrap.fill(name, max(width, *map(len, name.split()), 1)) if name else ""
        table.add_column(escape(title), justify="right" if right else "left", no_wrap=right)
    for i, row in enumerate(rows):
        if grouped and (i == 0 or row[0] != heads[i - 1]):
            table.add_row(f"[bold]{escape(row[0])}[/]")
        table.add_row(*(escape(c) for c in row[grouped:]))
    console.print(table)


def _print_cards(
    header: Sequence[str], rows: Sequence[Sequence[str]], console: Console, *, grouped: bool
) -> None:
    """One row after the other, its cells with their titles behind each other."""
    head = ""
    for row in rows:
        if grouped and row[0] != head:
            head = row[0]
            console.print(f"[bold]{escape(head)}[/]")
        console.print(f"{escape(row[1])}" if grouped else f"[bold]{escape(header[0])} {escape(row[0])}[/]")
        rest = zip(header[grouped + 1 :], row[grouped + 1 :], strict=True)
        cells = [f"{name} {cell}" for name, cell in rest if "\n" not in cell]
        lines = [line for cell in row[grouped + 1 :] if "\n" in cell for line in cell.splitlines()]
        for line in (" · ".join(cells), *lines):
            console.print(Padding(escape(line), (0, 0, 0, 2)))


def _words(header: Sequence[str]) -> tuple[str, ...]:
    """The longest word of each title: titles may be broken between words."""
    return tuple(max(name.split() or [""], key=len) for name in header)


def _is_numeric(cells: Sequence[str]) -> bool:
    return bool(cells) and all(_NUMBER.fullmatch(cell) for cell in cells)


class Bars:
    """A progress bar per scenario with rate and time left; silent where ``quiet``."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(show_speed=False),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=ERR,
            disable=quiet,
        )
        self._ids: list[TaskID] = []

    def __enter__(self) -> Self:
        """Ready; shown when there is something to show."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave them as they stand."""
        if self._ids:
            self._progress.stop()

    def start(self, run_id: int, names: tuple[str, ...]) -> None:
        """One bar per scenario of a run."""
        self._progress.start()
        titles = [escape(f"run {run_id}: {name}") for name in names]
        self._ids = [self._progress.add_task(title, total=1.0, rate="") for title in titles]

    def update(self, index: int, share: float) -> None:
        """Move one bar."""
        task = self._progress.tasks[self._progress.task_ids.index(self._ids[index])]
        rate = f"{100 * task.speed:.0f} %/s" if task.speed else ""
        self._progress.update(self._ids[index], completed=share, rate=rate)


def written_lines(files: Sequence[Path]) -> list[str]:
    """What was written, a line for each file; one for all files of a folder where there are many."""
    folders = Counter(file.parent for file in files)
    lines = []
    for file in files:
        many = folders[file.parent]
        told = f"{file.parent}{os.sep} ({many} files)" if many > MANY_FILES else str(file)
        lines.append(f"wrote {local_text(told)}")
    return list(dict.fromkeys(lines))


def print_error(text: str, *, kind: str = "error") -> None:
    """One error on stderr, without the places of this machine."""
    ERR.print(f"[red]{kind}[/] {escape(local_text(text))}")


def local_text(text: str) -> str:
    """Paths below the working folder or the home folder written as people know them."""
    with contextlib.suppress(OSError, RuntimeError):  # the working folder was removed, or there is no home
        for folder, short in ((Path.cwd(), ""), (Path.home(), f"~{os.sep}")):
            if folder != Path(folder.anchor):
                text = text.replace(f"{folder}{os.sep}", short)
    return text


def start_log(level: str) -> None:
    """Let the library's log speak to stderr from a level on, but for what the commands say themselves."""
    logger = logging.getLogger("sparewatt")
    logger.setLevel(level.upper())
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level.upper())
    handler.addFilter(lambda record: not getattr(record, "told", False) or logger.isEnabledFor(logging.DEBUG))
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logger.handlers = [handler]
