"""The queue in the store: one winner each, orders seen, the lost carried on, killers given up."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sparewatt.errors import StoreError
from sparewatt.results.store import NewScenario, Store, current_owner

TESTS = Path(__file__).parents[3]
ME, OTHER = "elsewhere:1:1", "elsewhere:4711:1"


@pytest.fixture
def store(store_url):
    with Store.open(store_url) as opened:
        yield opened


def submit(store: Store, name: str = "a", directory: str = "/data/a", **more) -> int:
    return store.submit_run(
        study="depot",
        name=name,
        scenario="{}",
        input_hash="h",
        seed=1,
        versions={"sparewatt": "0"},
        directory=directory,
        **more,
    ).id


def seconds(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_the_oldest_is_taken_first_and_each_once(store):
    first, second = submit(store), submit(store)
    store.create_run(study="depot", name="begun by sparewatt run")
    taken = store.take_run(ME, versions={"sparewatt": "1"})
    assert (taken.id, taken.state, taken.owner, taken.versions) == (first, "running", ME, {"sparewatt": "1"})
    assert taken.submitted
    assert taken.started.utcoffset() is not None  # rule 3
    assert abs(taken.started - datetime.now(UTC)) < timedelta(seconds=30)
    assert store.find_run(taken.id) == taken
    assert store.take_run(OTHER).id == second
    assert store.take_run("elsewhere:3:1") is None


def test_only_what_lies_below_the_folder_and_is_wanted(store):
    odd, other = submit(store, directory="/da_a%/1"), submit(store, directory="/data/2")
    assert store.take_run(ME, below="/dat").id == other
    assert store.take_run(OTHER, below="/da_a%/", without=[odd]) is None
    assert store.take_run(OTHER, below="/da_a%/").id == odd


def test_many_ask_at_once_and_nobody_gets_the_same(store_url):
    with Store.open(store_url) as store:
        numbers = {submit(store, str(n)) for n in range(24)}
    taken: list[int] = []
    start = threading.Barrier(6)

    def ask(owner: str) -> None:
        with Store.open(store_url) as mine:
            start.wait()
            for turn in range(5):
                run = mine.take_run(f"{owner}:{turn}:1")
                if run is not None:
                    taken.append(run.id)

    threads = [threading.Thread(target=ask, args=(f"elsewhere{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken))
    assert numbers.issuperset(taken)
    with Store.open(store_url) as store:  # on a server, a row that is locked is passed over
        while (run := store.take_run(f"late:{len(taken)}:1")) is not None:
            taken.append(run.id)
    assert sorted(taken) == sorted(numbers)


def test_a_run_is_noted_with_its_scenarios_or_not_at_all(store):
    what = NewScenario("1", "2", "opt", 7.0, 50.0, 1, 1)
    number = submit(store, scenarios=[what, what])
    assert [s.what.allocation_id for s in store.find_scenarios(number)] == ["2", "2"]
    with pytest.raises(AttributeError):
        submit(store, scenarios=[what, None])
    assert [run.id for run in store.find_runs()] == [number]


def test_a_run_whose_heart_stopped_is_taken_over(store):
    number = submit(store)
    store.take_run(ME)
    assert store.take_run(OTHER) is None
    time.sleep(0.3)
    assert store.take_run(OTHER, stale_s=0.2).id == number
    with pytest.raises(StoreError, match="belongs to"):
        store.leave_run(number, ME, "done")
    assert store.tend_run(number, ME) == "lost"
    assert store.find_run(number).state == "running"


def test_a_run_of_a_dead_process_is_taken_over_at_once(store, store_url):
    number = submit(store)
    code = (
        "import sys; from sparewatt.results.store import Store, current_owner;"
        "Store.open(sys.argv[1]).take_run(current_owner())"
    )
    subprocess.run([sys.executable, "-c", code, store_url], check=True, env=dict(os.environ), cwd=TESTS)
    assert store.find_run(number).state == "running"
    assert store.take_run(current_owner()).id == number


def test_a_run_that_kills_its_workers_is_given_up(store):
    number = submit(store)
    for _ in range(3):
        assert store.end_lost_runs(ME) == ()
        assert store.take_run(ME).id == number  # whoever asks again has lost what it had
    (lost,) = store.end_lost_runs(ME)
    assert (lost.id, lost.state, lost.owner) == (number, "failed", "")
    assert "ended 3 times without the run moving on" in lost.error
    assert store.take_run(ME) is None
    again = store.requeue_run(number)
    assert (again.state, again.error, again.ended) == ("queued", "", None)
    assert store.take_run(ME).id == number
    assert store.end_lost_runs(OTHER) == ()


def test_a_run_that_moves_on_between_deaths_is_not_given_up(store):
    number = submit(store)
    for step in range(8):
        assert store.end_lost_runs(ME) == ()
        assert store.take_run(ME).id == number
        store.hold_run(number, ME, progress=(step + 1) / 10)


def test_trouble_with_the_store_counts_and_its_last_cause_is_the_reason(store):
    number = submit(store)
    states = []
    for _ in range(3):
        store.take_run(ME)
        states.append(store.put_back_run(number, ME, error="the disk is full").state)
    assert states == ["queued", "queued", "failed"]
    assert store.find_run(number).error == "the disk is full"
    assert store.put_back_run(number, ME) is None


def test_putting_back_for_others_counts_nothing(store):
    number = submit(store)
    for _ in range(5):
        assert store.take_run(ME).id == number
        assert store.put_back_run(number, ME).state == "queued"


def test_a_waiting_run_is_cancelled_at_once_and_queued_again(store):
    number = submit(store)
    assert store.stop_run(number).state == "cancelled"
    assert store.stop_run(number).state == "cancelled"
    assert store.take_run(ME) is None
    assert store.requeue_run(number).state == "queued"
    assert store.requeue_run(number).state == "queued"
    assert store.take_run(ME).id == number


def test_a_running_one_is_asked_and_its_worker_sees_it(store):
    number = submit(store)
    store.take_run(ME)
    assert store.tend_run(number, ME) == "go on"
    asked = store.stop_run(number)
    assert (asked.state, asked.stop_wanted) == ("running", True)
    assert store.tend_run(number, ME) == "stop"
    assert store.tend_run(number, ME, progress=0.5) == "stop"
    store.leave_run(number, ME, "cancelled")
    left = store.find_run(number)
    assert (left.state, left.stop_wanted, left.progress) == ("cancelled", False, 0.5)
    assert left.ended is not None


def test_one_that_was_stopped_without_being_asked_is_queued_again(store):
    number = submit(store)
    store.take_run(ME)
    store.leave_run(number, ME, "cancelled")  # its worker was told to end
    assert (store.find_run(number).state, store.find_run(number).ended) == ("queued", None)
    assert store.take_run(OTHER).id == number


def test_one_that_was_asked_to_stop_and_lost_is_cancelled(store):
    number = submit(store)
    store.take_run(ME)
    store.stop_run(number)
    assert [run.state for run in store.end_lost_runs(ME)] == ["cancelled"]
    assert store.take_run(ME) is None


def test_one_that_is_being_stopped_may_go_on_after_all(store):
    number = submit(store)
    store.take_run(ME)
    store.stop_run(number)
    assert not store.requeue_run(number).stop_wanted
    assert store.tend_run(number, ME) == "go on"


def test_runs_of_the_command_line_are_left_to_it(store):
    number = store.create_run(study="depot", name="mine", state="running").id
    store.set_run_state(number, "running", owner=ME)
    with pytest.raises(StoreError, match="Ctrl-C"):
        store.stop_run(number)
    assert store.end_lost_runs(OTHER, stale_s=0.0) == ()
    assert store.take_run(OTHER, stale_s=0.0) is None
    store.set_run_state(number, "cancelled")
    assert store.find_run(number).state == "cancelled"
    with pytest.raises(StoreError, match="--resume"):
        store.requeue_run(number)
    store.set_run_state(number, "done")
    with pytest.raises(StoreError, match="is done; there is nothing to stop"):
        store.stop_run(number)
    with pytest.raises(StoreError, match="There is no run '99'"):
        store.stop_run(99)
    with pytest.raises(StoreError, match="There is no run '99'"):
        store.requeue_run(99)


def test_what_is_done_is_not_queued_again(store):
    number = submit(store)
    store.take_run(ME)
    with pytest.raises(StoreError, match="is running"):
        store.requeue_run(number)
    store.leave_run(number, ME, "done")
    with pytest.raises(StoreError, match="is done"):
        store.requeue_run(number)


def test_lists_are_filtered_counted_and_paged(store):
    for n in range(7):
        submit(store, f"Street {n % 2} 100%")
    store.create_run(study="cluster", name="hub", state="done")
    page = store.list_runs(text="street 1")
    assert ([run.id for run in page.runs], page.count) == ([6, 4, 2], 3)
    page = store.list_runs(limit=2, offset=1, study="depot")
    assert ([run.id for run in page.runs], page.count) == ([6, 5], 7)
    assert store.list_runs(text="0%").count == 7
    assert store.list_runs(text="_").count == 0
    assert store.list_runs(states=["done", "failed"]).count == 1
    assert store.list_runs(states=[]).count == 0
    assert store.list_runs(offset=20).runs == ()


def test_heads_of_runs_are_told_whole_or_as_far_as_they_may_have_changed(store):
    for n in range(5):
        submit(store, f"Street {n}")
    store.take_run(ME)
    store.leave_run(1, ME, "done")
    heads = store.list_run_heads(limit=3)
    assert [head.id for head in heads] == [5, 4, 3]
    assert (heads[0].name, heads[0].study, heads[0].submitted) == ("Street 4", "depot", True)
    for number in (2, 3, 4, 5):
        store.stop_run(number)
    assert store.list_run_heads(limit=9, after=5) == ()
    assert [(head.id, head.state) for head in store.list_run_heads(limit=9, after=4, also=[1, 3])] == [
        (5, "cancelled"),
        (3, "cancelled"),
        (1, "done"),
    ]


def test_ten_thousand_runs_are_filtered_in_half_a_second(store):
    from sqlalchemy import insert  # noqa: PLC0415 - rows in bulk, for this test alone

    from sparewatt.results.store.tables import runs  # noqa: PLC0415 - as above

    submit(store, "first")
    with store._engine.connect() as connection, connection.begin():  # rows in bulk
        row = dict(connection.execute(runs.select()).one()._mapping)
        states = ("done", "failed", "cancelled", "queued")
        rows = [
            row | {"id": n, "name": f"Street {n % 977}", "state": states[n % 4], "scenario": "x" * 4000}
            for n in range(2, 10_001)
        ]
        connection.execute(insert(runs), rows)
    worst = 0.0
    for asked in (
        {"text": "street 97"},
        {"states": ["failed"], "text": "5"},
        {"study": "depot", "states": ["done", "queued"], "offset": 4000},
        {},
    ):
        page = store.list_runs(**asked)
        assert page.count > 0
        assert len(page.runs) == min(50, page.count)
        worst = max(worst, min(seconds(lambda asked=asked: store.list_runs(**asked)) for _ in range(3)))
    assert worst < 0.5
    assert min(seconds(lambda: store.take_run(f"{ME}{time.monotonic()}")) for _ in range(3)) < 0.5
