"""What the commands print: findings, errors, progress, tables."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sparewatt.finding import Finding

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)
COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
NARROW = 100


def print_findings(findings: Sequence[Finding], console: Console = ERR) -> None:
    """One table of findings, or cards where the terminal is narrow."""
    if not findings:
        return
    if console.width < NARROW:
        for f in findings:
            value = f" [{f.value}]" if f.value else ""
            colour = COLOURS[f.severity]
            console.print(f"[{colour}]{f.severity}[/] {escape(f.where)}")
            console.print(f"  {escape(f.message + value)}", soft_wrap=False)
            if f.remedy:
                console.print(f"  → {escape(f.remedy)}", soft_wrap=False)
        return
    table = Table(show_lines=False, expand=False)
    for name, ratio in (("", 1), ("where", 4), ("what", 6), ("value", 2), ("what would be right", 5)):
        table.add_column(name, ratio=ratio, overflow="fold")
    for f in findings:
        severity = f"[{COLOURS[f.severity]}]{f.severity}[/]"
        table.add_row(severity, escape(f.where), escape(f.message), escape(f.value), escape(f.remedy))
    console.print(table)


def count_text(findings: Iterable[Finding]) -> str:
    """``2 errors, 1 warning``."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for f in findings:
        counts[f.severity] += 1
    words = [f"{n} {name}{'s' if n != 1 else ''}" for name, n in counts.items() if n]
    return ", ".join(words) or "no findings"


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]], console: Console = OUT) -> None:
    """A plain table; all but the first columns to the right where they are numbers."""
    table = Table(expand=False)
    rows = list(rows)
    for i, name in enumerate(header):
        cells = [row[i] for row in rows]
        numeric = bool(cells) and all(_is_number(c) for c in cells)
        table.add_column(escape(name), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(c) for c in row))
    console.print(table)


def _is_number(text: str) -> bool:
    bare = text.strip().strip("+-−±–").replace(",", "").replace("%", "").strip()
    return not bare or bare.replace(".", "", 1).isdigit()


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
        """Show the bars."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave them as they stand."""
        self._progress.stop()

    def start(self, run_id: int, names: tuple[str, ...]) -> None:
        """One bar per scenario of a run."""
        self._ids = [self._progress.add_task(f"run {run_id}: {name}", total=1.0, rate="") for name in names]

    def update(self, index: int, share: float) -> None:
        """Move one bar."""
        task = self._progress.tasks[self._progress.task_ids.index(self._ids[index])]
        rate = f"{100 * task.speed:.0f} %/s" if task.speed else ""
        self._progress.update(self._ids[index], completed=share, rate=rate)


def start_log(level: str | None) -> None:
    """Let the library's log speak to stderr at a level (``SPAREWATT_LOG`` where none is given)."""
    name = (level or os.environ.get("SPAREWATT_LOG") or "warning").upper()
    logger = logging.getLogger("sparewatt")
    logger.setLevel(min(logging.INFO, logging.getLevelName(name)))
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(name)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logger.handlers = [handler]


def log_to(path: Path) -> logging.Handler:
    """Keep the log of a run in a file beside its outcome."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="a", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("sparewatt").addHandler(handler)
    return handler
