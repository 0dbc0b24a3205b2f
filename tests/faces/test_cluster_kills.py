"""A hub's run killed, stopped, doubled, robbed of its store or its files: --resume gives the same bytes."""

from __future__ import annotations

import random
import re
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sparewatt.results.store import Store
from support.command_line import Fork, Forks, query, run_files, wait_for, write_hub

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="dead owners are known on Linux")

OUT = ("run", ".", "--out", "out", "--quiet")
KILLS = 8
Rows = list[tuple[object, ...]]


def stored(database: Path) -> dict[str, Rows]:
    """What the store holds of finished runs, times left out."""
    runs = "SELECT id, study, name, input_hash, seed, state, owner, progress, error FROM runs ORDER BY id"
    kpis = "SELECT run_id, name, unit, value, is_count, better FROM kpis ORDER BY run_id, id"
    findings = 'SELECT run_id, rule, severity, "where", message FROM findings ORDER BY run_id, id'
    return {
        "runs": query(database, runs),
        "kpis": query(database, kpis),
        "findings": query(database, findings),
    }


@dataclass(frozen=True)
class Undisturbed:
    """What a run comes to when nobody disturbs it."""

    inputs: Path
    files: dict[str, bytes]
    rows: dict[str, Rows]
    seconds: float

    def copy(self, folder: Path) -> Path:
        """The inputs in a fresh folder."""
        folder.mkdir(parents=True)
        shutil.copytree(self.inputs / "tables", folder / "tables")
        shutil.copy(self.inputs / "scenario.toml", folder)
        return folder

    def check(self, folder: Path, out: str = "out") -> None:
        """The same bytes in files, the same rows in the store, and nothing left of what was kept."""
        assert run_files(folder / out) == self.files
        assert stored(folder / "sparewatt.db") == self.rows
        assert not (folder / out / "checkpoint.bin").exists()
        assert not list((folder / out).rglob("*.partial"))
        assert Store.check(folder / "sparewatt.db") == ()


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """Command lines that may be killed, the kernels of hubs loaded."""
    with Forks(hubs=True) as forks:
        yield forks


def undisturbed(forks: Forks, inputs: Path, **hub: object) -> Undisturbed:
    write_hub(inputs, **hub)
    forks.start(*OUT, "--db", "warm.db", cwd=inputs).end()  # compiled kernels are loaded from now on
    shutil.rmtree(inputs / "out")
    began = time.monotonic()
    forks.start(*OUT, cwd=inputs).end()
    seconds = time.monotonic() - began
    files, rows = run_files(inputs / "out"), stored(inputs / "sparewatt.db")
    assert "series/soc.parquet" in files
    assert rows["runs"][0][5:] == ("done", "", 1.0, "")
    assert len(rows["kpis"]) > 20
    return Undisturbed(inputs, files, rows, seconds)


@pytest.fixture(scope="module")
def optimised(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Undisturbed:
    """A rule that solves in every step and starts warm: 288 steps, kept again and again."""
    inputs = tmp_path_factory.mktemp("optimised")
    return undisturbed(forks, inputs, control="milp")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Undisturbed:
    """A compiled rule over ten days of minutes: four blocks."""
    inputs = tmp_path_factory.mktemp("compiled")
    return undisturbed(forks, inputs, days=10, step_min=1)


def start(forks: Forks, folder: Path, *more: str) -> Fork:
    """Begin or carry on, whichever it is."""
    begun = bool(query(folder / "sparewatt.db", "SELECT 1 FROM runs"))
    return forks.start(*OUT, *more, *(["--resume"] if begun else []), cwd=folder)


def is_kept(folder: Path) -> bool:
    return (folder / "out" / "checkpoint.bin").exists()


@pytest.mark.slow
@pytest.mark.parametrize("which", ["optimised", "compiled"])
def test_kill_9_at_random_moments(request, forks, tmp_path, which):
    undisturbed: Undisturbed = request.getfixturevalue(which)
    moments, kills, runs, resumed = random.Random(21), 0, 0, 0
    while kills < KILLS:
        runs += 1
        folder = undisturbed.copy(tmp_path / f"run{runs}")
        for _ in range(4):
            run = start(forks, folder)
            time.sleep(moments.uniform(0.05, undisturbed.seconds))
            with suppress(ProcessLookupError):  # it was done before
                run.send(signal.SIGKILL)
            if run.end(code=None).code != -signal.SIGKILL:
                break
            kills += 1
        start(forks, folder).end()
        undisturbed.check(folder)
        log = (folder / "out" / "run.log").read_text(encoding="utf-8")
        resumed += bool(re.search(r"goes on with period [1-9]", log))
    # Some did go on where they were; compiled steps take milliseconds, which no moment need have met.
    assert resumed or which == "compiled"


def test_killed_once_and_carried_on_where_it_was(optimised, forks, tmp_path):
    folder = optimised.copy(tmp_path / "run")
    run = forks.start(*OUT, cwd=folder)
    wait_for(lambda: is_kept(folder))
    time.sleep(0.3)
    run.send(signal.SIGKILL)
    run.end(code=-signal.SIGKILL)
    assert "interrupted" in forks.start("runs", cwd=folder).end().words
    assert "is interrupted, so there is no result" in forks.start("show", "1", cwd=folder).end(1).words
    forks.start(*OUT, "--resume", cwd=folder).end()
    assert re.search(r"goes on with period \d+ of 288", (folder / "out" / "run.log").read_text("utf-8"))
    optimised.check(folder)


@pytest.mark.parametrize("out", ["out", "other"])
def test_ctrl_c_keeps_what_was_simulated_and_the_rest_comes_with_resume(optimised, forks, tmp_path, out):
    folder = optimised.copy(tmp_path / "run")
    run = forks.start(*OUT, cwd=folder)
    wait_for(lambda: is_kept(folder))
    run.send(signal.SIGINT)
    said = run.end(code=1)
    assert re.search(
        r"The run was stopped after \d+ of 288 periods; what was simulated is kept\.", said.words
    )
    assert "Carry on with: sparewatt run . --out out --resume" in said.words
    assert query(folder / "sparewatt.db", "SELECT state, owner FROM runs") == [("cancelled", "")]
    assert is_kept(folder)
    assert not (folder / "out" / "outcome.json").exists()
    forks.start("run", ".", "--out", out, "--quiet", "--resume", cwd=folder).end()
    assert "goes on with period" in (folder / out / "run.log").read_text("utf-8")
    optimised.check(folder, out)
    assert not is_kept(folder)


def test_one_process_works_on_a_run_and_another_leaves_it_alone(optimised, forks, tmp_path):
    folder = optimised.copy(tmp_path / "run")
    first = forks.start(*OUT, cwd=folder)
    wait_for(lambda: is_kept(folder))
    second = forks.start(*OUT, "--resume", cwd=folder)
    assert "Another process works on run 1; it will finish the run." in second.end(0).words
    first.end()
    optimised.check(folder)


def test_of_two_that_carry_on_one_does(optimised, forks, tmp_path):
    folder = optimised.copy(tmp_path / "run")
    first = forks.start(*OUT, cwd=folder)
    wait_for(lambda: is_kept(folder))
    first.send(signal.SIGKILL)
    first.end(code=-signal.SIGKILL)
    both = [forks.start("run", ".", "--out", "out", "--resume", cwd=folder) for _ in range(2)]
    words = " ".join(run.end().words for run in both)
    done = len(re.findall(r"run 1 of small hub: (?:done|was done before), level", words))
    assert done + words.count("Another process works on run 1") == 2
    assert done >= 1
    log = (folder / "out" / "run.log").read_text(encoding="utf-8")
    assert len(re.findall(r"run 1: simulated in", log)) == 1
    optimised.check(folder)


def test_resume_of_what_is_done_hands_it_on_or_makes_it_anew(compiled, forks, tmp_path):
    folder = compiled.copy(tmp_path / "run")
    forks.start(*OUT, cwd=folder).end()
    again = ("run", ".", "--out", "out", "--resume")
    assert "run 1 of small hub: was done before" in forks.start(*again, cwd=folder).end().words
    compiled.check(folder)
    shutil.rmtree(folder / "out")
    assert "run 1 of small hub: done" in forks.start(*again, cwd=folder).end().words
    compiled.check(folder)
    forks.start("run", ".", "--out", "other", "--resume", "--quiet", cwd=folder).end()
    compiled.check(folder, "other")


@pytest.mark.parametrize("how", ["changed", "of other inputs"])
def test_what_was_kept_and_is_no_good_is_not_used(optimised, forks, tmp_path, how):
    folder = optimised.copy(tmp_path / "run")
    run = forks.start(*OUT, cwd=folder)
    wait_for(lambda: is_kept(folder))
    run.send(signal.SIGKILL)
    run.end(code=-signal.SIGKILL)
    kept = folder / "out" / "checkpoint.bin"
    content = kept.read_bytes()
    if how == "of other inputs":
        (folder / "scenario.toml").write_text(
            (folder / "scenario.toml").read_text("utf-8").replace("grace =", "arbitrage = 0.2\ngrace ="),
            "utf-8",
        )
        said = forks.start(*OUT, "--resume", cwd=folder).end(1)
        assert "its settings or tables have changed since" in said.words
        forks.start(*OUT, cwd=folder).end()  # anew, into the folder with what the first one kept
        assert "goes on" not in (folder / "out" / "run.log").read_text("utf-8")
        return
    kept.write_bytes(content[:-100] + bytes(100))
    forks.start(*OUT, "--resume", cwd=folder).end()
    assert "goes on" not in (folder / "out" / "run.log").read_text("utf-8")
    optimised.check(folder)


@pytest.mark.parametrize("how", ["removed", "folder gone"])
def test_a_store_that_is_taken_away(optimised, forks, tmp_path, how):
    folder = optimised.copy(tmp_path / "run")
    place, elsewhere = folder / "store", folder / "elsewhere"
    place.mkdir()
    run = forks.start(*OUT, "--db", "store/sparewatt.db", cwd=folder)
    wait_for(lambda: is_kept(folder))
    if how == "folder gone":
        place.rename(elsewhere)
    else:
        shutil.copytree(place, elsewhere)
        (place / "sparewatt.db").unlink()
    said = run.end(code=1)
    assert re.search("the file was removed or replaced|cannot be opened", said.words)
    assert (
        "Carry on when the cause is gone with: sparewatt run . --out out --db store/sparewatt.db --resume"
        in (said.words)
    )
    assert str(folder) not in said.words
    assert not (place / "sparewatt.db").exists()  # and no empty one in its place
    if how == "folder gone":
        elsewhere.rename(place)
        forks.start(*OUT, "--db", "store/sparewatt.db", "--resume", cwd=folder).end()
        for file in place.glob("sparewatt.db*"):
            shutil.move(file, folder / file.name)
        optimised.check(folder)


@pytest.mark.postgres
def test_killed_and_carried_on_over_a_server(optimised, forks, tmp_path, postgres_database):
    folder = optimised.copy(tmp_path / "run")
    on_server = (*OUT, "--db", postgres_database)
    run = forks.start(*on_server, cwd=folder)
    wait_for(lambda: is_kept(folder))
    second = forks.start(*on_server, "--resume", cwd=folder)
    assert "Another process works on run 1" in second.end(0).words
    run.send(signal.SIGKILL)
    run.end(code=-signal.SIGKILL)
    forks.start(*on_server, "--resume", cwd=folder).end()
    assert run_files(folder / "out") == optimised.files
    with Store.open(postgres_database) as store:
        done = store.find_run(1)
        assert (done.state, done.progress, done.owner) == ("done", 1.0, "")
        assert [(k.name, k.value) for k in store.read_kpis(1)] == [
            (row[1], row[3]) for row in optimised.rows["kpis"]
        ]


@pytest.mark.slow
@pytest.mark.postgres
def test_a_server_that_stops_in_the_middle(optimised, forks, tmp_path, postgres_cluster):
    folder, url = optimised.copy(tmp_path / "run"), postgres_cluster.url()
    run = forks.start(*OUT, "--db", url, cwd=folder)
    wait_for(lambda: is_kept(folder))
    postgres_cluster.stop()
    said = run.end(code=1)
    assert "the database server does not answer" in said.words
    assert "Carry on when the cause is gone with: sparewatt run . --out out --db" in said.words
    postgres_cluster.start()
    forks.start(*OUT, "--db", url, "--resume", cwd=folder).end()
    assert run_files(folder / "out") == optimised.files
    assert Store.check(url) == ()
