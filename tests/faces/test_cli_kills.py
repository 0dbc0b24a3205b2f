"""Killed, stopped, doubled, robbed of its database: a run is finished by --resume with the same bytes."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from sparewatt.results.store import Store
from support.command_line import Fork, Forks, query, run_files, stored_rows, wait_for, write_fleet

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="dead owners are known on Linux")

KILLS = 20
KILLS_PER_RUN = 4
OUT = ("run", ".", "--out", "out", "--quiet")


@dataclass(frozen=True)
class Undisturbed:
    """What a run comes to when nobody disturbs it."""

    inputs: Path
    files: dict[str, bytes]
    rows: dict[str, list[tuple[object, ...]]]
    begins_s: float
    seconds: float

    def copy(self, folder: Path) -> Path:
        """The inputs in a fresh folder."""
        folder.mkdir(parents=True)
        shutil.copytree(self.inputs / "tables", folder / "tables")
        shutil.copy(self.inputs / "scenario.toml", folder)
        return folder

    def check(self, folder: Path) -> None:
        """The same bytes in files, the same rows in the store, none lost and none twice."""
        assert run_files(folder / "out") == self.files
        assert stored_rows(folder / "sparewatt.db") == self.rows
        assert Store.check(folder / "sparewatt.db") == ()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Undisturbed:
    inputs = tmp_path_factory.mktemp("undisturbed")
    write_fleet(inputs)
    forks.start(*OUT, "--db", "warm.db", cwd=inputs).end()  # compiled kernels are loaded from now on
    shutil.rmtree(inputs / "out")
    began = time.monotonic()
    run = forks.start(*OUT, cwd=inputs)
    wait_for(lambda: query(inputs / "sparewatt.db", "SELECT 1 FROM depot_days"))
    begins_s = time.monotonic() - began
    run.end()
    seconds = time.monotonic() - began
    rows = stored_rows(inputs / "sparewatt.db")
    assert len(rows["t_charging_scenarios"]) == 4
    assert len(rows["t_charge_demand"]) == 4 * 3 * 6 * 48
    return Undisturbed(inputs, run_files(inputs / "out"), rows, begins_s, seconds)


def is_begun(folder: Path) -> bool:
    return bool(query(folder / "sparewatt.db", "SELECT 1 FROM depot_scenarios"))


def is_planned_by(run: Fork, folder: Path) -> bool:
    """Whether workers of this very run hold a scenario, or it is over."""
    owners = [o for (o,) in query(folder / "sparewatt.db", "SELECT owner FROM depot_scenarios")]
    workers = {str(pid) for pid in run.workers()}
    return any(o.split(":")[1] in workers for o in owners if o) or run.is_over()


def is_running(folder: Path) -> bool:
    return query(folder / "sparewatt.db", "SELECT state FROM runs") == [("running",)]


def committed(folder: Path) -> int:
    """Days that are in the store."""
    return len(query(folder / "sparewatt.db", "SELECT 1 FROM depot_days"))


def has_days(run: Fork, folder: Path, days: int) -> bool:
    """Whether so many days are committed by now, or the run is over."""
    return (is_planned_by(run, folder) and committed(folder) >= days) or run.is_over()


def start(forks: Forks, folder: Path, *more: str):
    """Begin or carry on, whichever it is."""
    return forks.start(*OUT, *more, *(["--resume"] if is_begun(folder) else []), cwd=folder)


def rows_are_whole_days(folder: Path) -> None:
    """Every committed day has all its rows, once, and there are no others."""
    told = query(
        folder / "sparewatt.db", "SELECT scenario_id, sum(rows) FROM depot_days GROUP BY 1 ORDER BY 1"
    )
    there = query(
        folder / "sparewatt.db", "SELECT scenario_id, count(*) FROM t_charge_demand GROUP BY 1 ORDER BY 1"
    )
    assert told == there


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "seed"), [("1", 11), ("2", 12)])
def test_kill_9_at_random_moments(undisturbed, forks, tmp_path, workers, seed):
    moments, kills, met, runs = random.Random(seed), 0, Counter(), 0
    wanted = KILLS if workers == "1" else 6
    while kills < wanted:
        runs += 1
        folder, of_this = undisturbed.copy(tmp_path / f"run{runs}"), 0
        while of_this < KILLS_PER_RUN:
            run = start(forks, folder, "--workers", workers)
            if workers == "1":
                time.sleep(moments.uniform(0.3 * undisturbed.begins_s, undisturbed.seconds))
            else:  # processes take their time to start, so the moment is told by the days that are done
                wait_for(partial(has_days, run, folder, committed(folder) + moments.randint(0, 8)))
                time.sleep(moments.uniform(0.0, 0.05))
            with suppress(ProcessLookupError):  # it was done before
                run.send(signal.SIGKILL)
            if run.end(code=None).code != -signal.SIGKILL:
                break
            of_this += 1
            rows_are_whole_days(folder)
            met[committed(folder)] += 1
        kills += of_this
        start(forks, folder, "--workers", workers).end()
        undisturbed.check(folder)
    assert len(met) > 2, met  # not all after the same day


@pytest.mark.slow
def test_a_killed_worker_costs_nothing(undisturbed, forks, tmp_path):
    moments = random.Random(13)
    for number in range(3):
        folder = undisturbed.copy(tmp_path / str(number))
        run = forks.start(*OUT, "--workers", "2", cwd=folder)
        wait_for(partial(is_planned_by, run, folder))
        time.sleep(moments.uniform(0.0, 0.3))
        victims = run.workers()
        assert victims
        os.kill(moments.choice(victims), signal.SIGKILL)
        run.end()
        undisturbed.check(folder)


def test_the_same_bytes_with_one_worker_and_two(undisturbed, forks, tmp_path):
    for workers in ("1", "2"):
        folder = undisturbed.copy(tmp_path / workers)
        forks.start(*OUT, "--workers", workers, cwd=folder).end()
        undisturbed.check(folder)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_with_a_hint_and_the_rest_comes_with_resume(undisturbed, forks, tmp_path, workers):
    folder = undisturbed.copy(tmp_path / "run")
    run = forks.start(*OUT, "--workers", workers, cwd=folder)
    wait_for(lambda: query(folder / "sparewatt.db", "SELECT 1 FROM depot_days"))
    run.send(signal.SIGINT)
    said = run.end(code=1)
    assert "what was committed stays. Carry on with: sparewatt run . --out out --resume" in said.words
    assert query(folder / "sparewatt.db", "SELECT state FROM runs") == [("cancelled",)]
    statuses = {
        s for (s,) in query(folder / "sparewatt.db", "SELECT schedule_status FROM t_charging_scenarios")
    }
    assert statuses <= {"n", "d"}
    assert "n" in statuses
    rows_are_whole_days(folder)
    forks.start(*OUT, "--resume", cwd=folder).end()
    undisturbed.check(folder)


def test_two_processes_share_a_run(undisturbed, forks, tmp_path):
    for number in range(3):
        folder = undisturbed.copy(tmp_path / str(number))
        first = forks.start(*OUT, cwd=folder)
        wait_for(partial(is_running, folder))
        first.send(signal.SIGKILL)
        first.end(code=-signal.SIGKILL)
        assert "interrupted" in forks.start("runs", cwd=folder).end().words
        assert "is interrupted, so there is no result" in forks.start("show", "1", cwd=folder).end(1).words
        before = dict(query(folder / "sparewatt.db", "SELECT scenario_id, attempt FROM depot_scenarios"))
        both = [forks.start(*OUT, "--resume", cwd=folder) for _ in range(2)]
        for run in both:
            run.end()
        undisturbed.check(folder)
        after = dict(query(folder / "sparewatt.db", "SELECT scenario_id, attempt FROM depot_scenarios"))
        assert after == {scenario: attempt + 1 for scenario, attempt in before.items()}
        log = (folder / "out" / "run.log").read_text(encoding="utf-8")
        planned = re.findall(r"INFO (\d+) \S+ (allocation \d (?:BAU|opt)): \d+ days planned", log)
        assert sorted(name for _, name in planned) == sorted({name for _, name in planned})
        assert {int(pid) for pid, _ in planned} <= {run.pid for run in both}


def test_a_second_process_begins_while_the_first_still_runs(undisturbed, forks, tmp_path):
    folder = undisturbed.copy(tmp_path / "run")
    first = forks.start(*OUT, cwd=folder)
    wait_for(lambda: query(folder / "sparewatt.db", "SELECT 1 FROM depot_days"))
    second = forks.start(*OUT, "--resume", cwd=folder)
    second.end()
    first.end()
    undisturbed.check(folder)
    assert query(folder / "sparewatt.db", "SELECT max(attempt), min(attempt) FROM depot_scenarios") == [
        (1, 1)
    ]


def test_resume_of_what_is_done_hands_it_on(undisturbed, forks, tmp_path):
    folder = undisturbed.copy(tmp_path / "run")
    forks.start(*OUT, cwd=folder).end()
    said = forks.start("run", ".", "--out", "out", "--resume", cwd=folder).end()
    assert "run 1 of small: was done before" in said.words
    undisturbed.check(folder)


@pytest.mark.parametrize("lost", ["series", "everything", "moved"])
def test_files_that_were_lost_are_made_anew_from_the_store(undisturbed, forks, tmp_path, lost):
    folder = undisturbed.copy(tmp_path / "run")
    run = forks.start(*OUT, cwd=folder)
    done = "SELECT 1 FROM t_charging_scenarios WHERE schedule_status = 'd'"
    wait_for(lambda: query(folder / "sparewatt.db", done))
    run.send(signal.SIGINT)
    run.end(code=1)
    if lost == "series":
        for path in (folder / "out" / "series").glob("scenario_1_*"):
            path.unlink()
        forks.start(*OUT, "--resume", cwd=folder).end()
    elif lost == "everything":
        shutil.rmtree(folder / "out")
        forks.start(*OUT, "--resume", cwd=folder).end()
    else:
        forks.start("run", ".", "--out", "other", "--resume", cwd=folder).end()
        shutil.rmtree(folder / "out")
        (folder / "other").rename(folder / "out")
    undisturbed.check(folder)


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Undisturbed:
    """A run that is long enough to take its database away."""
    inputs = tmp_path_factory.mktemp("longer")
    write_fleet(inputs, kinds=("mixed",), days=40)
    # Each day proven to the end, and two days ahead: the planner is too fast to be caught otherwise.
    scenario = inputs / "scenario.toml"
    slow = "[depot]\ngap = 0.0\nhorizon_days = 2\n"
    scenario.write_text(scenario.read_text().replace("[depot]\n", slow))
    assert slow in scenario.read_text()
    forks.start(*OUT, cwd=inputs).end()
    return Undisturbed(inputs, run_files(inputs / "out"), stored_rows(inputs / "sparewatt.db"), 0, 0)


@pytest.mark.parametrize("how", ["removed", "folder gone", "replaced"])
def test_a_database_file_that_is_taken_away(longer, forks, tmp_path, how):
    folder = longer.copy(tmp_path / "run")
    place, elsewhere = folder / "store", folder / "elsewhere"
    place.mkdir()
    database = place / "sparewatt.db"
    run = forks.start(*OUT, "--db", "store/sparewatt.db", cwd=folder)
    wait_for(lambda: len(query(database, "SELECT 1 FROM depot_days WHERE scenario_id = 2")) > 2)
    if how == "folder gone":
        place.rename(elsewhere)
    elif how == "removed":
        shutil.copytree(place, elsewhere)
        database.unlink()
    else:
        shutil.copytree(place, elsewhere)
        (folder / "empty").touch()
        (folder / "empty").replace(database)
    began = time.monotonic()
    said = run.end(code=1)
    assert time.monotonic() - began < 10
    assert re.search("the file was removed or replaced|cannot be opened", said.words)
    assert (
        "Carry on when the cause is gone with: sparewatt run . --out out --db store/sparewatt.db --resume"
        in (said.words)
    )
    assert str(folder) not in said.words
    if how == "folder gone":
        assert not place.exists()
        elsewhere.rename(place)
        forks.start(*OUT, "--db", "store/sparewatt.db", "--resume", cwd=folder).end()
        shutil.move(database, folder / "sparewatt.db")
        longer.check(folder)
    elif how == "removed":
        assert not database.exists()  # and no empty one in its place


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_that_stops_in_the_middle(longer, forks, tmp_path, postgres_cluster, workers):
    folder, url = longer.copy(tmp_path / "run"), postgres_cluster.url()
    run = forks.start(*OUT, "--db", url, "--workers", workers, cwd=folder)

    def three_days() -> bool:
        with suppress(Exception), Store.open(url, create=False) as store:
            return len(store.committed_days(2)) > 2
        return False

    wait_for(three_days)
    postgres_cluster.stop()
    began = time.monotonic()
    said = run.end(code=1)
    assert time.monotonic() - began < 20
    assert "the database server does not answer" in said.words
    assert "Carry on when the cause is gone with: sparewatt run . --out out --db" in said.words
    postgres_cluster.start()
    forks.start(*OUT, "--db", url, "--resume", cwd=folder).end()
    assert run_files(folder / "out") == longer.files
    with Store.open(url) as store:
        for scenario in store.find_scenarios(1):
            assert scenario.status == "d"
            assert store.read_demand(scenario.scenario_id).num_rows == 3 * (40 * 48 + 2)
    assert Store.check(url) == ()
