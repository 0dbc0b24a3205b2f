"""A neighbourhood's run killed, stopped, doubled, its workers shot: --resume gives the same bytes."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sparewatt.inputs.community.template import write_community_template
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.results.store import Store
from support.command_line import Fork, Forks, query, run_files, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="dead owners are known on Linux")

REPETITIONS = 8
OUT = ("run", ".", "--out", "out", "--quiet")
KILLS = {"1": 8, "2": 4}
SCORES = "neighbourhood/producer_scores.json"
SETTINGS = f'algorithm = "SLSQP"\nrepetitions = {REPETITIONS}\nbound = false\n'


@dataclass(frozen=True)
class Undisturbed:
    """What a run comes to when nobody disturbs it."""

    inputs: Path
    files: dict[str, bytes]
    scores: str
    seconds: float

    def copy(self, folder: Path) -> Path:
        """The inputs in a fresh folder, as they were before any run."""
        shutil.copytree(self.inputs, folder)
        return folder

    def check(self, folder: Path, out: str = "out") -> None:
        """The same bytes in files, the same scores, and nothing left of what was kept."""
        assert run_files(folder / out) == self.files
        assert (folder / SCORES).read_text("utf-8") == self.scores
        assert not (folder / out / "pieces").exists()
        assert not list(folder.rglob("*.partial"))
        assert query(folder / "sparewatt.db", "SELECT state, owner, error FROM runs") == [("done", "", "")]
        assert Store.check(folder / "sparewatt.db") == ()


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """Command lines that may be killed, the kernels of neighbourhoods loaded."""
    with Forks(neighbourhoods=True) as forks:
        yield forks


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Undisturbed:
    """Twelve houses and eight repetitions of a search that draws."""
    folder = tmp_path_factory.mktemp("undisturbed")
    inputs, here = folder / "inputs", folder / "here"
    plan = NeighbourhoodPlan(houses=12, jobs_per_day=4.0, forecast_error=0.3)
    path = write_community_template(inputs, name="Small lane", seed=2, plan=plan)[0]
    text = path.read_text("utf-8").replace('algorithm = "milp"\n', SETTINGS)
    path.write_text(text, "utf-8")
    shutil.copytree(inputs, here)
    began = time.monotonic()
    forks.start(*OUT, cwd=here).end()
    seconds = time.monotonic() - began
    files = run_files(here / "out")
    assert "series/contracts.parquet" in files
    return Undisturbed(inputs, files, (here / SCORES).read_text("utf-8"), seconds)


def start(forks: Forks, folder: Path, *more: str) -> Fork:
    """Begin or carry on, whichever it is."""
    begun = bool(query(folder / "sparewatt.db", "SELECT 1 FROM runs"))
    return forks.start(*OUT, *more, *(["--resume"] if begun else []), cwd=folder)


def pieces(folder: Path, out: str = "out") -> int:
    return len(list((folder / out / "pieces").glob("repetition-*.bin")))


def has_pieces(run: Fork, folder: Path, wanted: int) -> bool:
    """Whether so many repetitions are kept by now, or the run is over."""
    return pieces(folder) >= wanted or run.is_over()


def log(folder: Path, out: str = "out") -> str:
    return (folder / out / "run.log").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_kill_9_at_random_moments(forks, undisturbed, tmp_path, workers):
    """Half of the kills come at any moment, half a little after some more repetitions are kept."""
    moments, kills, runs, resumed = random.Random(22), 0, 0, 0
    while kills < KILLS[workers]:
        runs += 1
        folder = undisturbed.copy(tmp_path / f"run{runs}")
        for n in range(4):
            run = start(forks, folder, "--workers", workers)
            if n % 2:
                time.sleep(moments.uniform(0.05, undisturbed.seconds))
            else:
                wait_for(partial(has_pieces, run, folder, pieces(folder) + moments.randint(1, 3)))
                time.sleep(moments.uniform(0.0, 0.05))
            with suppress(ProcessLookupError):  # it was done before
                run.send(signal.SIGKILL)
            if run.end(code=None).code != -signal.SIGKILL:
                break
            kills += 1
        start(forks, folder).end()
        undisturbed.check(folder)
        resumed += bool(re.search(rf"[1-9] of {REPETITIONS} tasks kept from before", log(folder)))
    assert resumed


def test_killed_once_and_carried_on_where_it_was(forks, undisturbed, tmp_path):
    folder = undisturbed.copy(tmp_path / "run")
    run = forks.start(*OUT, cwd=folder)
    wait_for(lambda: pieces(folder) >= 2)
    run.send(signal.SIGKILL)
    run.end(code=-signal.SIGKILL)
    assert not (folder / SCORES).exists()
    assert "interrupted" in forks.start("runs", cwd=folder).end().words
    forks.start(*OUT, "--resume", cwd=folder).end()
    assert re.search(rf"[2-8] of {REPETITIONS} tasks kept from before", log(folder))
    undisturbed.check(folder)


@pytest.mark.parametrize("out", ["out", "other"])
def test_ctrl_c_keeps_what_was_finished_and_the_rest_comes_with_resume(forks, undisturbed, tmp_path, out):
    folder = undisturbed.copy(tmp_path / "run")
    run = forks.start(*OUT, cwd=folder)
    wait_for(lambda: pieces(folder))
    run.send(signal.SIGINT)
    said = run.end(code=1)
    assert re.search(rf"The run was cancelled after \d of {REPETITIONS} tasks; what was", said.words)
    assert "Carry on with: sparewatt run . --out out --resume" in said.words
    assert query(folder / "sparewatt.db", "SELECT state, owner FROM runs") == [("cancelled", "")]
    assert not (folder / "out" / "outcome.json").exists()
    assert not (folder / SCORES).exists()
    forks.start("run", ".", "--out", out, "--quiet", "--resume", cwd=folder).end()
    assert re.search(rf"[1-8] of {REPETITIONS} tasks kept from before", log(folder, out))
    undisturbed.check(folder, out)
    assert not pieces(folder)


def test_one_process_works_on_a_run_and_another_leaves_it_alone(forks, undisturbed, tmp_path):
    folder = undisturbed.copy(tmp_path / "run")
    first = forks.start(*OUT, cwd=folder)
    wait_for(lambda: pieces(folder))
    second = forks.start(*OUT, "--resume", cwd=folder)
    assert "Another process works on run 1; it will finish the run." in second.end(0).words
    first.end()
    undisturbed.check(folder)


def test_a_worker_that_is_shot_costs_its_repetition_one_try(forks, undisturbed, tmp_path):
    folder = undisturbed.copy(tmp_path / "run")
    run = forks.start(*OUT, "--workers", "2", cwd=folder)
    wait_for(lambda: pieces(folder) or run.is_over())
    for worker in run.workers()[:1]:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    run.end()
    undisturbed.check(folder)


@pytest.mark.parametrize("how", ["damaged", "of other inputs"])
def test_what_was_kept_and_is_no_good_is_not_used(forks, undisturbed, tmp_path, how):
    folder = undisturbed.copy(tmp_path / "run")
    run = forks.start(*OUT, cwd=folder)
    wait_for(lambda: pieces(folder) >= 2)
    run.send(signal.SIGKILL)
    run.end(code=-signal.SIGKILL)
    if how == "of other inputs":
        scenario = folder / "scenario.toml"
        scenario.write_text(
            scenario.read_text("utf-8").replace("bound = false", "bound = false\neps = 600"), "utf-8"
        )
        said = forks.start(*OUT, "--resume", cwd=folder).end(1)
        assert "its settings or tables have changed since" in said.words
        forks.start(*OUT, cwd=folder).end()  # anew, into the folder with what the first one kept
        assert f"0 of {REPETITIONS} tasks kept from before" in log(folder)
        return
    kept = sorted((folder / "out" / "pieces").iterdir())
    for piece in kept:
        piece.write_bytes(piece.read_bytes()[:-100] + bytes(100))
    forks.start(*OUT, "--resume", cwd=folder).end()
    assert f"0 of {REPETITIONS} tasks kept from before" in log(folder)
    undisturbed.check(folder)


@pytest.mark.postgres
def test_killed_and_carried_on_over_a_server(forks, undisturbed, tmp_path, postgres_database):
    folder = undisturbed.copy(tmp_path / "run")
    on_server = (*OUT, "--db", postgres_database)
    run = forks.start(*on_server, cwd=folder)
    wait_for(lambda: pieces(folder))
    run.send(signal.SIGKILL)
    run.end(code=-signal.SIGKILL)
    forks.start(*on_server, "--resume", cwd=folder).end()
    assert run_files(folder / "out") == undisturbed.files
    with Store.open(postgres_database) as store:
        assert (store.find_run(1).state, store.find_run(1).owner) == ("done", "")
