"""Killed at any instant: nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sparewatt.errors import StoreError
from sparewatt.results.store import Store
from support.store_rows import OWNER, demand, expected, new_run, report, summary

TESTS = Path(__file__).parents[3]
DAYS = 60


def start(url: str, run_id: int, folder: Path, days: int = DAYS) -> subprocess.Popen[str]:
    """A worker process that has the store open."""
    process = subprocess.Popen(
        [sys.executable, "-m", "support.store_tasks", "commit_days", url, str(run_id), str(days)],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "open\n"
    return process


@pytest.mark.parametrize("is_rerun", [False, True])
@pytest.mark.skipif(sys.platform != "linux", reason="dead owners are known at once on Linux only")
def test_kill_9_at_random_moments(store_url, tmp_path, is_rerun):
    with Store.open(store_url) as store:
        run_id, (scenario,) = new_run(store)
        if is_rerun:
            store.claim_scenario(run_id, OWNER)
            store.commit_day(scenario.scenario_id, OWNER, 0, demand(0, scale=2.0), report(0), b"")
            store.finish_scenario(scenario.scenario_id, OWNER, summary())
            store.rerun_scenarios([scenario.scenario_id], run_id)
    moments = random.Random(7)
    interrupted, kills = 0, 0
    while kills < 6 or (interrupted < 2 and kills < 40):
        worker = start(store_url, run_id, tmp_path)
        time.sleep(moments.uniform(0.0, 0.15) * (1 + kills // 6))  # longer where the machine is busy
        kills += 1
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        with Store.open(store_url) as store:
            found = store.find_scenario(scenario.scenario_id)
            days = len(store.committed_days(scenario.scenario_id))
            rows = store.read_demand(scenario.scenario_id)
            interrupted += found.status == "p" and 0 < days < DAYS
            if found.status == "d" or not is_rerun:
                # Before its first day a scenario has no time zone yet, so only the count can be told.
                assert rows.equals(expected(range(days), scenario.scenario_id)) if days else len(rows) == 0
            else:
                assert rows.equals(expected(range(1), scenario.scenario_id, scale=2.0))
        assert Store.check(store_url) == ()
    assert interrupted > 1
    last = start(store_url, run_id, tmp_path)
    assert last.communicate()[0] == "done\n"
    assert last.returncode == 0
    with Store.open(store_url) as store:
        assert store.find_scenario(scenario.scenario_id).status == "d"
        assert store.read_demand(scenario.scenario_id).equals(expected(range(DAYS), scenario.scenario_id))
        assert [d.day for d in store.committed_days(scenario.scenario_id)] == list(range(DAYS))
    assert Store.check(store_url) == ()


def test_two_workers_on_one_run_share_it(store_url, tmp_path):
    with Store.open(store_url) as store:
        run_id, scenarios = new_run(store, 6)
    workers = [start(store_url, run_id, tmp_path, days=10) for _ in range(2)]
    assert [w.communicate(timeout=60)[0] for w in workers] == ["done\n", "done\n"]
    with Store.open(store_url) as store:
        for scenario in store.find_scenarios(run_id):
            assert (scenario.status, scenario.attempt) == ("d", 1)
            assert store.read_demand(scenario.scenario_id).equals(expected(range(10), scenario.scenario_id))
    assert len(scenarios) == 6


@pytest.mark.postgres
def test_a_server_that_stops_is_a_clear_error_within_seconds_and_all_committed_days_stay(postgres_cluster):
    url = postgres_cluster.url()
    with Store.open(url) as store:
        run_id, (scenario,) = new_run(store)
        number = scenario.scenario_id
        store.claim_scenario(run_id, OWNER)
        store.commit_day(number, OWNER, 0, demand(0), report(0), b"0")
        postgres_cluster.stop()
        for call in (
            lambda: store.commit_day(number, OWNER, 1, demand(1), report(1), b"1"),
            lambda: store.set_progress(run_id, 0.5),
            lambda: Store.open(url),
        ):
            began = time.monotonic()
            with pytest.raises(StoreError, match="the database server does not answer"):
                call()
            assert time.monotonic() - began < 10
        postgres_cluster.start()
        store.commit_day(number, OWNER, 1, demand(1), report(1), b"1")
        assert store.read_demand(number).equals(expected(range(2), number))


@pytest.mark.postgres
def test_a_server_that_comes_back_soon_is_waited_for(postgres_cluster):
    with Store.open(postgres_cluster.url()) as store:
        run_id, (scenario,) = new_run(store)
        store.claim_scenario(run_id, OWNER)
        postgres_cluster.stop()
        postgres_cluster.start()
        store.commit_day(scenario.scenario_id, OWNER, 0, demand(0), report(0), b"0")
        assert len(store.committed_days(scenario.scenario_id)) == 1


@pytest.mark.parametrize("how", ["removed", "replaced", "folder gone"])
def test_a_file_that_is_taken_away_is_a_clear_error(tmp_path, how):
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "sparewatt.db"
    with Store.open(path) as store:
        run_id, (scenario,) = new_run(store)
        number = scenario.scenario_id
        store.claim_scenario(run_id, OWNER)
        store.commit_day(number, OWNER, 0, demand(0), report(0), b"0")
        if how == "removed":
            path.unlink()
        elif how == "replaced":
            path.rename(folder / "old.db")
            path.touch()
        else:
            folder.rename(tmp_path / "elsewhere")
        for call in (
            lambda: store.commit_day(number, OWNER, 1, demand(1), report(1), b"1"),
            lambda: store.find_run(run_id),
        ):
            with pytest.raises(StoreError, match=r"the file was removed or replaced|cannot be opened"):
                call()
        if how == "folder gone":
            (tmp_path / "elsewhere").rename(folder)
            store.commit_day(number, OWNER, 1, demand(1), report(1), b"1")
            assert store.read_demand(number).num_rows == 288
