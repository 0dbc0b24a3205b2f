from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from sqlalchemy.engine import make_url

from sparewatt.errors import StoreError
from sparewatt.results.store import Store
from support.store_rows import OWNER, demand, expected, new_run, report, summary

LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def store(store_url):
    with Store.open(store_url) as opened:
        yield opened


@pytest.fixture
def scenario_id(store):
    run_id, _ = new_run(store)
    return store.claim_scenario(run_id, OWNER).scenario_id


def rows(url: str, query: str) -> list[tuple]:
    """What another program sees in the table."""
    if "://" not in url:
        connection = sqlite3.connect(url)
        found = connection.execute(query).fetchall()
        connection.close()
        return found
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(False)) as connection:
        return connection.execute(query).fetchall()


def commit(store: Store, scenario_id: int, *days: int, scale: float = 1.0) -> None:
    for day in days:
        store.commit_day(
            scenario_id, OWNER, day, demand(day, scale=scale), report(day, "breach"), f"after {day}".encode()
        )


def test_days_come_back_in_order_with_every_digit(store, scenario_id):
    commit(store, scenario_id, 0, 1, 2, 3)  # 24 to 27 October: the clock goes back on the 26th
    assert store.read_demand(scenario_id).equals(expected(range(4), scenario_id))
    days = store.committed_days(scenario_id)
    assert [d.report for d in days] == [report(day, "breach") for day in range(4)]
    assert [d.rows for d in days] == [144, 144, 150, 144]
    assert [d.local_date for d in days] == [date(2025, 10, 24 + day) for day in range(4)]
    assert [d.state for d in days] == [b"after 0", b"after 1", b"after 2", b"after 3"]


def test_one_vehicle_is_read_by_its_key(store, scenario_id):
    commit(store, scenario_id, 0, 1, 2, 3)
    whole = expected(range(4), scenario_id)
    for vehicle in ("071", "van 1"):
        wanted = whole.filter(pc.equal(whole["allocated_vehicle_id"], vehicle))
        assert store.read_demand(scenario_id, vehicle).equals(wanted)
    assert store.read_demand(scenario_id, "71").num_rows == 0  # 071 is not 71
    assert store.read_demand(scenario_id, "71").schema.equals(whole.schema)


def test_the_long_day_is_unambiguous_for_every_reader(store, store_url, scenario_id):
    commit(store, scenario_id, 0, 1, 2)
    one = store.read_demand(scenario_id, "071", start=datetime(2025, 10, 26, tzinfo=LONDON))
    assert one.num_rows == 50
    stamps = one["datetime"].to_pylist()
    assert [s.isoformat() for s in stamps[1:6]] == [
        "2025-10-26T00:30:00+01:00",
        "2025-10-26T01:00:00+01:00",
        "2025-10-26T01:30:00+01:00",
        "2025-10-26T01:00:00+00:00",
        "2025-10-26T01:30:00+00:00",
    ]
    assert one["power_kw"].to_pylist() == [200.0 + t for t in range(50)]  # in true time order
    query = (
        "SELECT datetime FROM t_charge_demand WHERE allocated_vehicle_id = '071' AND power_kw IN (202, 204) "
        "ORDER BY power_kw"
    )
    seen = [row[0] for row in rows(store_url, query)]
    if "://" not in store_url:
        assert seen == ["2025-10-26T01:00:00+01:00", "2025-10-26T01:00:00+00:00"]
    else:
        assert seen == [datetime(2025, 10, 26, 0, tzinfo=UTC), datetime(2025, 10, 26, 1, tzinfo=UTC)]


def test_a_window_is_half_open(store, scenario_id):
    commit(store, scenario_id, 0, 1, 2, 3)
    start = datetime(2025, 10, 25, 23, 30, tzinfo=LONDON)
    end = datetime(2025, 10, 26, 0, 30, tzinfo=LONDON)
    for vehicle, count in ((None, 6), ("van 2", 2)):
        found = store.read_demand(scenario_id, vehicle, start=start, end=end)
        assert found.num_rows == count
        assert set(found["datetime"].to_pylist()) == {start, datetime(2025, 10, 26, tzinfo=LONDON)}


def test_the_table_holds_what_was_committed_as_others_read_it(store, store_url, scenario_id):
    commit(store, scenario_id, 0)
    query = (
        "SELECT scenario_id, allocated_vehicle_id, power_kw, energy_kwh, soc, charger, unserved_kwh "
        "FROM t_charge_demand ORDER BY power_kw"
    )
    found = rows(store_url, query)
    assert len(found) == 144
    assert found[0] == (scenario_id, "071", 0.0, 0.0, 0.30000000000000004, "", 0.0)
    assert found[50] == (scenario_id, "van 1", 1002.0, 501.0, 0.30000000000000004, "DC", 0.0)


def test_a_day_is_never_committed_twice_nor_out_of_order(store, scenario_id):
    commit(store, scenario_id, 0)
    with pytest.raises(StoreError, match=r"Day 0 of scenario \d+ is committed already"):
        commit(store, scenario_id, 0)
    with pytest.raises(StoreError, match=r"Day 2 of scenario \d+ came before day 1"):
        commit(store, scenario_id, 2)
    assert store.read_demand(scenario_id).num_rows == 144
    assert len(store.committed_days(scenario_id)) == 1


def broken(change) -> pa.Table:
    table = demand(0)
    return change(table)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (demand(0).drop_columns(["soc", "charger"]), "lacks the columns soc, charger"),
        (demand(0).slice(0, 0), "is empty"),
        (
            demand(0).set_column(1, "datetime", demand(0)["datetime"].cast(pa.timestamp("us"))),
            "they need a time zone",
        ),
        (demand(0).set_column(4, "soc", pa.array([None] * 144, pa.float64())), "missing values in soc"),
        (demand(0).set_column(4, "soc", pa.array([float("nan")] * 144)), "no finite numbers in soc"),
        (demand(0).set_column(2, "power_kw", pa.array(["x"] * 144)), "a column of another kind"),
        (
            pa.concat_tables([demand(0), demand(0).slice(60, 1)]),
            "1 rows twice, the first of vehicle van 1 at 2025-10-24T06:00:00\\+01:00",
        ),
    ],
)
def test_rows_that_break_rules_are_refused_and_nothing_is_written(store, scenario_id, table, words):
    with pytest.raises(StoreError, match=words):
        store.commit_day(scenario_id, OWNER, 0, table, report(0), b"")
    assert store.committed_days(scenario_id) == ()
    assert store.read_demand(scenario_id).num_rows == 0


def test_a_report_of_another_day_is_refused(store, scenario_id):
    with pytest.raises(StoreError, match="came with the report of day 1"):
        store.commit_day(scenario_id, OWNER, 0, demand(0), report(1), b"")


def test_rows_in_any_order_and_texts_of_any_length(store, scenario_id):
    table = demand(0)
    names = pa.array(["Ünïcode-ß" if v == "van 1" else v for v in table["allocated_vehicle_id"].to_pylist()])
    table = table.set_column(0, "allocated_vehicle_id", names)
    mixed = table.take(pa.array(list(reversed(range(144)))))
    store.commit_day(scenario_id, OWNER, 0, mixed, report(0), b"")
    back = store.read_demand(scenario_id, "Ünïcode-ß")
    assert back["power_kw"].to_pylist() == [1000.0 + t for t in range(48)]
    assert back["charger"].to_pylist() == [["", "AC", "DC"][t % 3] for t in range(48)]


def test_finishing_writes_the_summary(store, scenario_id):
    with pytest.raises(StoreError, match="No day of scenario"):
        store.finish_scenario(scenario_id, OWNER, summary())
    commit(store, scenario_id, 0)
    values = summary(cost=12.5, num_breach_days=1, gap_median=None)
    for wrong, words in (
        ({k: v for k, v in values.items() if k != "cost"}, "lacks cost"),
        (values | {"costs": 1}, "has unknown costs"),
        (values | {"cost": float("nan")}, "no finite number for cost"),
    ):
        with pytest.raises(StoreError, match=words):
            store.finish_scenario(scenario_id, OWNER, wrong)
    store.finish_scenario(scenario_id, OWNER, values)
    done = store.find_scenario(scenario_id)
    assert (done.status, done.owner) == ("d", "")
    assert done.summary == values
    with pytest.raises(StoreError, match="nobody holds it now"):
        store.finish_scenario(scenario_id, OWNER, values)


def finished(store: Store, days: int = 2) -> tuple[int, int]:
    """A run with one finished scenario."""
    run_id, _ = new_run(store)
    scenario_id = store.claim_scenario(run_id, OWNER).scenario_id
    commit(store, scenario_id, *range(days))
    store.finish_scenario(scenario_id, OWNER, summary(cost=1.0))
    return run_id, scenario_id


def test_a_rerun_shows_the_old_result_until_the_new_one_is_whole(store, store_url):
    _, scenario_id = finished(store)
    old = expected(range(2), scenario_id)
    again = store.create_run(study="depot", name="again")
    (scenario,) = store.rerun_scenarios([scenario_id], again.id)
    assert (scenario.status, scenario.is_rerun, scenario.store_run_id) == ("n", True, again.id)
    assert store.committed_days(scenario_id) == ()
    assert len(store.committed_days(scenario_id, shown=True)) == 2
    store.claim_scenario(again.id, OWNER)
    commit(store, scenario_id, 0, 1, scale=3.0)
    store.release_scenario(scenario_id, OWNER)  # as after Ctrl-C or a crash
    assert store.read_demand(scenario_id).equals(old)
    assert len(rows(store_url, "SELECT 1 FROM t_charge_demand")) == 288
    assert store.find_scenario(scenario_id).summary["cost"] == 1.0
    store.claim_scenario(again.id, OWNER)
    assert [d.state for d in store.committed_days(scenario_id)] == [b"after 0", b"after 1"]
    commit(store, scenario_id, 2, scale=3.0)
    assert store.read_demand(scenario_id).equals(old)
    store.finish_scenario(scenario_id, OWNER, summary(cost=2.0))
    new = expected(range(3), scenario_id, scale=3.0)
    assert store.read_demand(scenario_id).equals(new)
    assert store.read_demand(scenario_id, "071").equals(new.slice(0, 146))
    assert len(rows(store_url, "SELECT 1 FROM t_charge_demand")) == 438
    done = store.find_scenario(scenario_id)
    assert (done.status, done.is_rerun, done.summary["cost"]) == ("d", False, 2.0)
    assert Store.check(store_url) == ()


def test_a_rerun_asked_for_again_begins_anew(store):
    _, scenario_id = finished(store)
    for attempt in range(2):
        run = store.create_run(study="depot", name=f"again {attempt}")
        store.rerun_scenarios([scenario_id], run.id)
        store.claim_scenario(run.id, OWNER)
        commit(store, scenario_id, 0, scale=2.0 + attempt)
        store.release_scenario(scenario_id, OWNER)
    store.claim_scenario(run.id, OWNER)
    store.finish_scenario(scenario_id, OWNER, summary())
    assert store.read_demand(scenario_id).equals(expected(range(1), scenario_id, scale=3.0))


def test_a_failed_rerun_leaves_the_old_result(store):
    _, scenario_id = finished(store)
    run = store.create_run(study="depot", name="again")
    store.rerun_scenarios([scenario_id], run.id)
    store.claim_scenario(run.id, OWNER)
    commit(store, scenario_id, 0, scale=5.0)
    store.fail_scenario(scenario_id, OWNER, "no")
    assert store.read_demand(scenario_id).equals(expected(range(2), scenario_id))


def test_a_rerun_of_what_is_not_there_or_at_work_is_refused(store):
    _, scenario_id = finished(store)
    run = store.create_run(study="depot", name="again")
    with pytest.raises(StoreError, match=r"no scenario 98, 99"):
        store.rerun_scenarios([scenario_id, 98, 99], run.id)
    store.rerun_scenarios([scenario_id], run.id)
    store.claim_scenario(run.id, OWNER)
    with pytest.raises(StoreError, match=rf"Scenario {scenario_id} is being planned now"):
        store.rerun_scenarios([scenario_id], run.id)


def test_demand_of_an_unknown_scenario(store):
    with pytest.raises(StoreError, match="no scenario 9"):
        store.read_demand(9)
