from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sparewatt.errors import StoreError
from sparewatt.finding import Finding
from sparewatt.results.kpis import Kpi
from sparewatt.results.store import Store, StoredLimit


@pytest.fixture
def store(store_url):
    with Store.open(store_url) as opened:
        yield opened


def test_a_run_comes_back_as_it_was_noted(store):
    run = store.create_run(
        study="depot",
        name="Two vans, one limit",
        scenario='version = 1\nname = "Zwei Wägen"',
        input_hash="ab" * 32,
        seed=2**40,
        versions={"sparewatt": "0.1.0"},
        directory="out",
    )
    assert store.find_run(run.id) == run
    assert run.state == "queued"
    assert run.progress == 0
    assert run.started is None
    assert run.seed == 2**40
    assert run.versions == {"sparewatt": "0.1.0"}
    assert abs(run.created - datetime.now(UTC)) < timedelta(seconds=10)


def test_runs_are_found_by_id_name_and_latest(store):
    first = store.create_run(study="depot", name="a")
    second = store.create_run(study="network", name="b")
    third = store.create_run(study="depot", name="a")
    assert store.find_run(str(first.id)).id == first.id
    assert store.find_run("a").id == third.id
    assert store.find_run("latest").id == third.id
    assert store.find_run("latest:b").id == second.id
    assert [r.id for r in store.find_runs()] == [third.id, second.id, first.id]
    assert [r.id for r in store.find_runs(study="depot", limit=1, offset=1)] == [first.id]
    assert [r.id for r in store.find_runs(name="b", state="queued")] == [second.id]
    assert store.find_runs(state="done") == ()


def test_a_name_may_look_like_a_number(store):
    run = store.create_run(study="depot", name="2025")
    assert store.find_run("2025").id == run.id


@pytest.mark.parametrize("ref", ["nope", "latest:nope", 99, "9" * 40, ""])
def test_an_unknown_run_names_those_that_there_are(store, ref):
    run = store.create_run(study="depot", name="a")
    with pytest.raises(StoreError, match=rf"no run .*newest runs are {run.id} \(a\)"):
        store.find_run(ref)


def test_latest_of_nothing(store):
    with pytest.raises(StoreError, match="none at all"):
        store.find_run("latest")


def test_states_carry_their_times(store):
    run = store.create_run(study="depot", name="a")
    store.set_run_state(run.id, "running", owner="me:1:2")
    running = store.find_run(run.id)
    assert running.started is not None
    assert (running.owner, running.ended) == ("me:1:2", None)
    assert abs(running.heartbeat - datetime.now(UTC).timestamp()) < 10
    store.set_progress(run.id, 0.25)
    store.heartbeat(run.id, "me:1:3")
    assert store.find_run(run.id).progress == 0.25
    assert store.find_run(run.id).owner == "me:1:3"
    store.set_run_state(run.id, "cancelled", error="Ctrl-C")
    assert store.find_run(run.id).error == "Ctrl-C"
    assert store.find_run(run.id).owner == ""
    store.set_run_state(run.id, "running")
    again = store.find_run(run.id)
    assert (again.started, again.ended, again.error) == (running.started, None, "")
    store.set_run_state(run.id, "done", directory="out")
    done = store.find_run(run.id)
    assert (done.progress, done.directory) == (1.0, "out")
    assert done.ended >= done.started


def test_changing_a_run_that_is_not_there_is_an_error(store):
    with pytest.raises(StoreError, match="no run 5"):
        store.set_progress(5, 0.5)
    with pytest.raises(StoreError, match="no run 5"):
        store.set_run_state(5, "done")


def test_kpis_come_back_in_order_with_their_kind_and_replace_each_other(store):
    run = store.create_run(study="depot", name="a")
    kpis = (
        Kpi("cost", "Cost", "currency", 0.1 + 0.2, "lower"),
        Kpi("num_magic_days", "Days", "days", 3, "lower"),
        Kpi("gap_worst", "Gap", "share", None),
    )
    store.write_kpis(run.id, kpis)
    store.write_kpis(run.id, kpis[:1], scenario_id=4)
    assert store.read_kpis(run.id) == kpis
    assert isinstance(store.read_kpis(run.id)[1].value, int)
    assert store.read_kpis(run.id, scenario_id=4) == kpis[:1]
    store.write_kpis(run.id, kpis[1:])
    assert store.read_kpis(run.id) == kpis[1:]
    assert store.read_kpis(run.id, scenario_id=4) == kpis[:1]


def test_findings_and_limits_come_back(store):
    run = store.create_run(study="depot", name="a")
    findings = (
        Finding(
            "depot.routes.overlap", "error", "t row 7", 'two routes "at once"', "5", "move one", ("1", "2")
        ),
        Finding("depot.price", "info", "", "none", margin=0.25),
    )
    store.write_findings(run.id, findings)
    assert store.read_findings(run.id) == findings
    store.write_findings(run.id, ())
    assert store.read_findings(run.id) == ()
    limits = (StoredLimit("feeder-17", "2/4", "limits/a.parquet"),)
    store.write_limits(run.id, limits)
    store.write_limits(run.id, limits)
    assert store.read_limits(run.id) == limits


def test_what_belongs_to_no_run_is_refused(store):
    with pytest.raises(StoreError, match="Cannot write the KPIs of run 9"):
        store.write_kpis(9, [Kpi("cost", "Cost", "currency", 1.0)])
