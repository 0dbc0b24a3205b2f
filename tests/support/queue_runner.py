"""Workers of the queue in a process of its own, to be killed: small steps, and no pictures in reports."""

from __future__ import annotations

import json
import sys
import types
from functools import partial
from pathlib import Path

KEPT_EVERY_S = 0.05

# Spawned workers import this module as well, so they work in the same way.
_report = types.ModuleType("sparewatt.results.report")
_report.write_report = lambda folder, target=None: target or folder.path / "report.html"
sys.modules["sparewatt.results.report"] = _report  # pictures take longer than all else of a small run

import sparewatt.studies.kept_work as kept  # noqa: E402 - after its reports were put aside

kept.Checkpoint = partial(kept.Checkpoint, every_s=KEPT_EVERY_S)


def main() -> None:
    """``queue_runner STORE DATA WORKERS [once]``: an event per line on stdout."""
    from sparewatt.studies.queue import QueueEvent, work_queue  # noqa: PLC0415 - in the first process only
    from sparewatt.tasks import Cancel  # noqa: PLC0415 - as above

    def tell(event: QueueEvent) -> None:
        sys.stdout.write(json.dumps([event.kind, event.run_id, event.text]) + "\n")
        sys.stdout.flush()

    url, data, workers, *once = sys.argv[1:]
    work_queue(url, Path(data), workers=int(workers), stop=Cancel(), once=bool(once), on_event=tell)


if __name__ == "__main__":
    main()
