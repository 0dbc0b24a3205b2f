"""Server and workers killed with kill -9 at random moments: every run ends, once, with the right bytes."""

from __future__ import annotations

import os
import random
import signal
import socket
import time
from collections import Counter
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from sparewatt.results.store import Store
from sparewatt.studies.queue import requeue_run
from support.command_line import wait_for
from support.queued_runs import Queue, small_scenarios

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="dead owners are known on Linux"),
    pytest.mark.slow,
]
COUNTS = {"depot": 6, "cluster": 9, "network": 2, "community": 3}
KILLS = {"sqlite": 20, "postgresql": 10}
WORKERS = 2
DEATHS = 3
"""Deaths over a run, none of which it moved on before, after which it is given up."""
LONGEST_S = 400
LOOK_S = 0.03
"""Time between two looks [s]: each costs some milliseconds, which the workers then do not have."""
AT_WORK_OR_OVER = {(True, True), (False, False)}


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory):
    return small_scenarios(tmp_path_factory.mktemp("scenarios"))


@pytest.fixture(scope="module")
def undisturbed(scenarios, tmp_path_factory):
    """Files of runs that nobody disturbed: the first, second, … of each study.

    Scenarios of depots have numbers of their own in a store, so each of their runs is another; the runs of
    the other studies are all alike.
    """
    folder = tmp_path_factory.mktemp("undisturbed")
    queue = Queue(folder, str(folder / "sparewatt.db"))
    numbers = {
        study: [queue.submit(scenario) for _ in range(COUNTS[study] if study == "depot" else 1)]
        for study, scenario in scenarios.items()
    }
    queue.start(2, once=True).end()
    files = {study: [queue.files(number) for number in ones] for study, ones in numbers.items()}
    return {study: ones * (COUNTS[study] // len(ones)) for study, ones in files.items()}


def check_all_ended(queue: Queue, submitted: dict[int, str], undisturbed) -> list[int]:
    """Done with the right bytes, or failed with a reason; none stuck, none doubled. Those that failed."""
    with Store.open(queue.url, create=False) as store:
        runs = {run.id: run for run in store.find_runs()}
        assert sorted(runs) == sorted(submitted)
        expected = {s: iter(files) if s == "depot" else cycle(files) for s, files in undisturbed.items()}
        for number, study in submitted.items():
            files = next(expected[study])
            run = runs[number]
            assert run.state in {"done", "failed"}, (run, queue.said())
            assert (run.owner, run.stop_wanted, run.heartbeat) == ("", False, None)
            if run.state == "failed":
                assert "ended 3 times without the run moving on" in run.error
                continue
            assert run.progress == 1.0
            assert queue.files(number) == files
            names = [kpi.name for kpi in store.read_kpis(number)]
            assert names
            assert len(names) == len(set(names))
    assert Store.check(queue.url) == ()
    ended = Counter(number for kind, number, _ in queue.events() if kind == "done")
    assert not [number for number, times in ended.items() if times > 1]
    return [number for number, run in runs.items() if run.state == "failed"]


def when_it_answers(question: Callable[[], bool]) -> bool:
    """A question to a store that may be away for a moment: false then."""
    with suppress(Exception):
        return question()
    return False


def test_kills_of_server_and_workers_at_random_moments(scenarios, undisturbed, tmp_path, store_url):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    queue, chance = Queue(tmp_path, store_url, port, pages=False), random.Random(6)
    studies = [study for study, count in COUNTS.items() for _ in range(count)]
    chance.shuffle(studies)
    submitted = {queue.submit(scenarios[study]): study for study in studies}
    queue.start()
    killed = Counter()
    for kill in range(KILLS["postgresql" if "://" in store_url else "sqlite"]):
        if not queue.is_work_left():
            submitted |= {queue.submit(scenarios["cluster"]): "cluster" for _ in range(4)}
        wait_for(lambda: queue.look() in AT_WORK_OR_OVER, LONGEST_S, every_s=LOOK_S)
        time.sleep(chance.uniform(0.0, 0.8))
        workers = queue.workers()
        if kill % 3 == 2 or not workers:
            queue.kill()
            queue.start()
            killed["server"] += 1
        else:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                killed["worker"] += 1
    assert killed["server"] >= 2, killed
    assert killed["worker"] >= 3, killed
    wait_for(lambda: httpx.get(f"{queue.address}/api/runs").status_code == 200, 60)
    wait_for(lambda: not queue.is_work_left(), LONGEST_S, every_s=LOOK_S)
    told = httpx.get(f"{queue.address}/api/runs", params={"limit": 100}).json()
    assert {run["state"] for run in told["items"]} <= {"done", "failed"}
    queue.kill()
    failed = check_all_ended(queue, submitted, undisturbed)
    assert DEATHS * len(failed) <= killed["worker"] + WORKERS * killed["server"]
    for number in failed:  # whoever asks for them again gets what they would have come to
        requeue_run(store_url, number)
    queue.start(once=True).end()
    assert check_all_ended(queue, submitted, undisturbed) == []


@pytest.mark.postgres
def test_the_database_goes_away_and_comes_back(scenarios, undisturbed, tmp_path, postgres_cluster):
    queue = Queue(tmp_path, postgres_cluster.url())
    submitted = {queue.submit(scenarios[study]): study for study in ("depot", "cluster") for _ in range(3)}
    queue.start()
    for _ in range(2):
        wait_for(lambda: when_it_answers(lambda: queue.look() in AT_WORK_OR_OVER), LONGEST_S, every_s=LOOK_S)
        postgres_cluster.stop()
        time.sleep(1.5)
        postgres_cluster.start()
    wait_for(lambda: when_it_answers(lambda: not queue.is_work_left()), LONGEST_S, every_s=LOOK_S)
    queue.kill()
    assert check_all_ended(queue, submitted, undisturbed) == []
