from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sparewatt.errors import StoreError
from sparewatt.results.store import Store, current_owner, is_gone
from support.store_rows import OWNER, demand, new_run, new_scenarios, report, summary

OTHER = "elsewhere:4711:1"
TESTS = Path(__file__).parents[3]


@pytest.fixture
def store(store_url):
    with Store.open(store_url) as opened:
        yield opened


def test_scenarios_come_back_as_they_were_noted(store):
    run_id, scenarios = new_run(store, 3)
    assert [s.what for s in scenarios] == new_scenarios(3)
    assert store.find_scenarios(run_id) == scenarios
    assert store.find_scenario(scenarios[1].scenario_id) == scenarios[1]
    assert [s.position for s in scenarios] == [0, 1, 2]
    assert scenarios[0].what.charger_type == "mixed"
    assert {s.status for s in scenarios} == {"n"}
    more = store.create_scenarios(run_id, new_scenarios(1))
    assert more[0].position == 3
    with pytest.raises(StoreError, match="no scenario 99"):
        store.find_scenario(99)


def test_each_is_claimed_once_in_order(store):
    run_id, scenarios = new_run(store, 2)
    first, second = store.claim_scenario(run_id, OWNER), store.claim_scenario(run_id, OWNER)
    assert [first.scenario_id, second.scenario_id] == [s.scenario_id for s in scenarios]
    assert (first.status, first.owner, first.attempt) == ("p", OWNER, 1)
    assert store.claim_scenario(run_id, OWNER) is None
    assert store.claim_scenario(run_id, OTHER) is None
    assert store.claim_scenario(run_id + 1, OTHER) is None


def test_a_certain_one_may_be_asked_for(store):
    run_id, scenarios = new_run(store, 2)
    wanted = scenarios[1].scenario_id
    assert store.claim_scenario(run_id, OWNER, scenario_id=wanted).scenario_id == wanted
    assert store.claim_scenario(run_id, OWNER, scenario_id=wanted) is None


def test_a_stale_heartbeat_loses_the_claim_and_the_late_owner_writes_nothing(store):
    run_id, (scenario,) = new_run(store)
    store.claim_scenario(run_id, OTHER)
    assert store.claim_scenario(run_id, OWNER, stale_s=30.0) is None
    time.sleep(0.05)
    taken = store.claim_scenario(run_id, OWNER, stale_s=0.01)
    assert (taken.scenario_id, taken.owner, taken.attempt) == (scenario.scenario_id, OWNER, 2)
    for late in (
        lambda: store.commit_day(scenario.scenario_id, OTHER, 0, demand(0), report(0), b""),
        lambda: store.heartbeat_scenario(scenario.scenario_id, OTHER),
        lambda: store.finish_scenario(scenario.scenario_id, OTHER, summary()),
        lambda: store.fail_scenario(scenario.scenario_id, OTHER, "late"),
        lambda: store.release_scenario(scenario.scenario_id, OTHER),
    ):
        with pytest.raises(StoreError, match="not claimed by elsewhere:4711:1 any more: it belongs to"):
            late()
    assert store.committed_days(scenario.scenario_id) == ()
    assert store.find_scenario(scenario.scenario_id).owner == OWNER


def test_keep_alive_keeps_a_claim_fresh(store):
    run_id, (scenario,) = new_run(store)
    store.claim_scenario(run_id, OTHER)
    with store.keep_alive(scenario.scenario_id, OTHER, every_s=0.05):
        time.sleep(0.8)
        assert store.claim_scenario(run_id, OWNER, stale_s=0.5) is None
    time.sleep(0.6)
    assert store.claim_scenario(run_id, OWNER, stale_s=0.5) is not None


def test_released_failed_and_put_back(store):
    run_id, (scenario,) = new_run(store)
    number = scenario.scenario_id
    store.claim_scenario(run_id, OWNER)
    store.commit_day(number, OWNER, 0, demand(0), report(0), b"s")
    store.release_scenario(number, OWNER)
    assert store.find_scenario(number).status == "n"
    assert len(store.committed_days(number)) == 1
    store.claim_scenario(run_id, OWNER)
    store.fail_scenario(number, OWNER, "the solver fell over")
    failed = store.find_scenario(number)
    assert (failed.status, failed.owner, failed.error) == ("f", "", "the solver fell over")
    assert store.claim_scenario(run_id, OWNER) is None
    with pytest.raises(StoreError, match="nobody holds it now"):
        store.commit_day(number, OWNER, 1, demand(1), report(1), b"s")
    assert store.requeue_failed(run_id) == 1
    again = store.claim_scenario(run_id, OWNER)
    assert (again.error, again.attempt) == ("", 3)
    assert len(store.committed_days(number)) == 1


def test_an_owner_knows_a_reused_process_id():
    host, pid, start = current_owner().rsplit(":", 2)
    assert int(pid) == os.getpid()
    assert not is_gone(current_owner())
    earlier = f"{host}:{pid}:1.{start.partition('.')[2]}"
    assert is_gone(earlier) == (sys.platform == "linux")
    for unknown in (
        f"elsewhere:{pid}:{start}",
        f"{host}:{pid}:unknown",
        f"{host}:{pid}:1.otherboot.1",
        "",
        "nonsense",
        "a:b:c.d",
    ):
        assert not is_gone(unknown)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_dead_process_of_this_host_is_known_at_once(store):
    code = "from sparewatt.results.store import current_owner; print(current_owner())"
    dead = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert is_gone(dead)
    run_id, _ = new_run(store)
    assert store.claim_scenario(run_id, dead).owner == dead
    assert store.claim_scenario(run_id, OWNER).owner == OWNER


def test_two_processes_never_both_win(store_url, tmp_path):
    with Store.open(store_url) as store:
        run_id, scenarios = new_run(store, 100)
    outs = [tmp_path / f"{name}.txt" for name in ("a", "b")]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "support.store_tasks", "claim_all", store_url, str(run_id), str(out)],
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            cwd=tmp_path,
        )
        for out in outs
    ]
    until = time.monotonic() + 30
    while not all(out.with_suffix(".ready").exists() for out in outs) and time.monotonic() < until:
        time.sleep(0.01)
    (tmp_path / "go").touch()
    assert [process.wait(60) for process in processes] == [0, 0]
    won = [out.read_text().split() for out in outs]
    assert sorted(map(int, won[0] + won[1])) == [s.scenario_id for s in scenarios]
    assert min(len(each) for each in won) > 0  # they did race
