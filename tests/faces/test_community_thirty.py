"""Thirty repetitions on two processes, stopped on a terminal by Ctrl-C, carried on by one: the same bytes."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sparewatt.inputs.community.template import write_community_template
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.store import Store
from sparewatt.studies.community import run_community
from sparewatt.studies.run_place import RunPlace
from support.command_line import clean_environment, run_files

if TYPE_CHECKING:
    from pathlib import Path

REPETITIONS = 30
STOPPED_AFTER = 6
RUN = ("run", ".", "--out", "out")
SCORES = "neighbourhood/producer_scores.json"


@pytest.fixture
def lane(tmp_path: Path) -> Path:
    """A scenario of three houses whose coin is tossed thirty times."""
    plan = NeighbourhoodPlan(houses=3, jobs_per_day=6.0, pv_share=0.6, sun_per_load=1.5, forecast_error=0.3)
    path = write_community_template(tmp_path / "lane", name="Three", seed=2, plan=plan)[0]
    text = path.read_text("utf-8")
    asked = f'algorithm = "fifty_fifty"\nrepetitions = {REPETITIONS}\nbound = false\n'
    path.write_text(text.replace('algorithm = "milp"\n', asked), "utf-8")
    return tmp_path / "lane"


def watched(folder: Path, *more: str, stop_after: int | None = None) -> tuple[int, str]:
    """Exit code and words of a run on a terminal; Ctrl-C as soon as so many repetitions are kept."""
    screen, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sparewatt", *RUN, *more],
        cwd=folder,
        env=clean_environment(TERM="xterm"),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    said, is_stopped = b"", False
    with contextlib.suppress(OSError):  # the terminal is gone when the last process has ended
        while part := os.read(screen, 65536):
            said += part
            kept = len(list((folder / "out" / "pieces").glob("repetition-*.bin")))
            if stop_after is not None and not is_stopped and kept >= stop_after:
                os.killpg(process.pid, signal.SIGINT)
                is_stopped = True
    os.close(screen)
    return process.wait(60), re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.decode("utf-8", "replace"))


@pytest.mark.slow
def test_thirty_repetitions_stopped_and_carried_on(
    lane: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = shutil.copytree(lane, tmp_path / "undisturbed")
    monkeypatch.setattr("sparewatt.results.report.write_report", lambda folder: folder.path)  # takes long
    place = RunPlace(str(tmp_path / "runs.db"), lambda _: undisturbed / "out")
    run_community(read_scenario(undisturbed / "scenario.toml"), place)
    code, words = watched(lane, "--workers", "2", stop_after=STOPPED_AFTER)
    assert code == 1
    done = int(re.search(r"cancelled after (\d+) of 30 tasks", " ".join(words.split()))[1])
    assert STOPPED_AFTER <= done < REPETITIONS
    assert re.search(r"run 1: Three .*?\d+ ?% .*?/s +\d:\d\d:\d\d", words), "share, rate and time left"
    assert not (lane / SCORES).exists()
    code, words = watched(lane, "--workers", "1", "--resume")  # on fewer processes than it began with
    assert code == 0, words
    assert "100%" in words
    log = (lane / "out" / "run.log").read_text("utf-8")
    kept = [int(n) for n in re.findall(r"(\d+) of 30 tasks kept from before", log)]
    assert kept == [0, done], "nothing that was kept is worked out again"
    assert run_files(lane / "out") == run_files(undisturbed / "out")
    assert (lane / SCORES).read_bytes() == (undisturbed / SCORES).read_bytes()
    with Store.open(str(lane / "sparewatt.db")) as store:
        assert [run.state for run in store.find_runs()] == ["done"]
