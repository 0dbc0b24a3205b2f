"""`work`: workers for the queue of runs."""

from __future__ import annotations

import contextlib
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from sparewatt.faces.cli.console import ERR, OUT, local_text
from sparewatt.faces.cli.places import data_folder, store_url
from sparewatt.faces.cli.run_commands import Db  # noqa: TC001 - typer reads the annotations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from sparewatt.studies.queue import QueueEvent
    from sparewatt.tasks import Cancel

_WORDS = {
    "taken": "begun",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "put back": "put back, to be carried on",
}


def work(
    db: Db = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Runs that are worked on side by side.")] = 1,
    once: Annotated[  # noqa: FBT002 - typer's form
        bool, typer.Option("--once", help="End when the queue is empty.")
    ] = False,
) -> None:
    """Work on the runs that were queued; Ctrl-C puts back what is being worked on."""
    from sparewatt.studies.queue import work_queue  # noqa: PLC0415 - heavy
    from sparewatt.tasks import Cancel  # noqa: PLC0415 - as above

    stop, data = Cancel(), data_folder()
    OUT.print(local_text(f"Working on the queue; runs lie in {data}. Ctrl-C ends it."), markup=False)
    with _signals_set(stop):
        ended = work_queue(store_url(db), data, workers=workers, stop=stop, once=once, on_event=_print)
    OUT.print(f"{ended} run{'s' if ended != 1 else ''} ended.", markup=False)


def _print(event: QueueEvent) -> None:
    """One line for what happened."""
    why = f": {local_text(event.text)}" if event.text else ""
    if event.kind in _WORDS:
        OUT.print(
            f"run {event.run_id} of {event.name}: {_WORDS[event.kind]}{why}", markup=False, soft_wrap=True
        )
    elif event.kind == "worker died":
        of_run = f" of run {event.run_id}" if event.run_id is not None else ""
        ERR.print(f"The worker{of_run} ended; another takes its place.", markup=False)
    elif event.kind == "store away":
        ERR.print(f"Waiting for the store{why}", markup=False, soft_wrap=True)
    elif event.kind == "store back":
        ERR.print("The store is back.", markup=False)


@contextlib.contextmanager
def _signals_set(stop: Cancel) -> Iterator[None]:
    """SIGTERM and Ctrl-C set ``stop``; Ctrl-C pressed again ends at once, and what is kept stays."""

    def ask(number: int, _frame: FrameType | None) -> None:
        stop.set()
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
