"""Small scenarios of every study for the queue, its workers as processes, and what runs came to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sparewatt.inputs.community.template import write_community_template
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.store import Store
from sparewatt.studies.submission import submit_run
from support.command_line import clean_environment, run_files, write_fleet, write_hub
from support.network_scenarios import write_network_scenario

if TYPE_CHECKING:
    from sparewatt.inputs.scenario import Scenario

HOSTING = "{ samples = 1, managed_samples = 1, penetrations = [1.0], days = 1 }"


def small_scenarios(folder: Path) -> dict[str, Scenario]:
    """A scenario per study that takes a second or so."""
    community = write_community_template(folder / "community")[0]
    text = community.read_text(encoding="utf-8")
    quick = 'algorithm = "greedy"\ndays = 1\nbound = false'  # a deadline would end the bound somewhere else
    community.write_text(text.replace('algorithm = "milp"', quick), encoding="utf-8")
    paths = {
        "depot": write_fleet(folder / "depot", kinds=("vans",), days=3),
        "cluster": write_hub(folder / "cluster"),
        "network": write_network_scenario(folder / "network", customers=6, feeders=1, hosting=HOSTING),
        "community": community,
    }
    return {study: read_scenario(path) for study, path in paths.items()}


@dataclass
class Queue:
    """A store with queued runs in a folder, and the process that works on them.

    With a port it is `sparewatt serve`; without ``pages`` one that has the API alone, which starts sooner.
    """

    folder: Path
    url: str
    port: int | None = None
    pages: bool = True
    process: subprocess.Popen[str] | None = field(default=None, init=False)
    _store: Store | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        """Of the server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def submit(self, scenario: Scenario) -> int:
        return submit_run(scenario, self.url, self.data).id

    def start(self, workers: int = 2, *, once: bool = False) -> Self:
        """Begin to work, see `queue_runner`; with a port, and not ``once``, as `serve_runner`."""
        serves = self.port is not None and not once
        words = [sys.executable, "-m", f"support.{'serve' if serves else 'queue'}_runner"]
        words += [self.url, str(self.data), str(workers)]
        words += ([str(self.port), *([] if self.pages else ["bare"])]) if serves else ["once"] if once else []
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(
                words,
                stdout=said,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=clean_environment(),
            )
        return self

    def look(self) -> tuple[bool, bool]:
        """Whether a worker of it works on a run, and whether any run has not ended."""
        assert self.process is None or self.process.poll() is None, self.said()
        if self._store is None:
            self._store = Store.open(self.url, create=False)  # kept: this is asked again and again
        runs = self._store.find_runs()
        owners = [run.owner for run in runs if run.state == "running"]
        has_begun = any(self.is_worker(int(owner.split(":")[-2])) for owner in owners if owner)
        return has_begun, any(run.state not in {"done", "failed"} for run in runs)

    def has_begun(self) -> bool:
        """Whether it works on a run."""
        return self.look()[0]

    def is_work_left(self) -> bool:
        """Whether any run has not ended."""
        return self.look()[1]

    def close(self) -> None:
        """Nobody asks any more."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def workers(self) -> list[int]:
        """Its worker processes."""
        numbers = [int(folder.name) for folder in Path("/proc").glob("[0-9]*")]
        return sorted(number for number in numbers if self.is_worker(number))

    def is_worker(self, number: int) -> bool:
        """Whether a process is one of its workers."""
        if self.process is None:
            return False
        with suppress(OSError):  # it has ended
            parent = int(Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[1])
            command = Path(f"/proc/{number}/cmdline")
            return parent == self.process.pid and b"spawn_main" in command.read_bytes()
        return False

    def end(self, timeout_s: float = 400.0) -> None:
        """Wait until the queue is empty."""
        assert self.process.wait(timeout_s) == 0, self.said()

    def kill(self) -> None:
        """The process that started the workers dies; they go with it."""
        self.close()
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait(30)

    def said(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8")

    def events(self) -> list[tuple[str, int | None, str]]:
        """What happened, in order."""
        return [tuple(json.loads(line)) for line in self.said().splitlines() if line.startswith("[")]

    def files(self, run_id: int) -> dict[str, bytes]:
        """What a run came to, nothing left of what was kept on the way."""
        with Store.open(self.url, create=False) as store:
            directory = Path(store.find_run(run_id).directory)
        assert not list(directory.rglob("*.partial"))
        return run_files(directory)
