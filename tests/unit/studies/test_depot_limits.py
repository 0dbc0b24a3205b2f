"""Limits from other runs: a hand-made Parquet through store, findings, plan, judge and files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparewatt.decide.optimise.depot_days import DepotPlanner
from sparewatt.errors import InputError
from sparewatt.inputs.depot.input_hash import hash_depot_inputs
from sparewatt.inputs.depot.template import write_depot_template
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.schedule import DepotSchedule
from sparewatt.results.depot_series import read_depot_series
from sparewatt.results.store import Store, StoredLimit
from sparewatt.studies.depot import RunPlace, run_depot
from sparewatt.studies.depot_inputs import check_depot, read_depot
from sparewatt.verify.depot_schedule import check_depot_schedule

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.model.depot_day import DepotDay

FIRST = datetime(2026, 3, 2, tzinfo=UTC)  # London keeps UTC in March; the example begins here
HOUR, HALF_HOUR = timedelta(hours=1), timedelta(minutes=30)


def write_limit(
    path: Path, upper: list[float], *, step: timedelta = HOUR, first: datetime = FIRST, lower=0.0
):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        pa.table(
            {
                "datetime": pa.array(
                    [first + k * step for k in range(len(upper))], pa.timestamp("us", "UTC")
                ),
                "lower_kw": pa.array([lower] * len(upper), pa.float64()),
                "upper_kw": pa.array(upper, pa.float64()),
            }
        ),
        path,
    )


@pytest.fixture
def feeder(tmp_path):
    """A store with a finished run `feeder-17` whose folder may hold limits, and the example beside it."""
    write_depot_template(tmp_path / "vans")
    folder = tmp_path / "data" / "1-feeder-17"
    folder.mkdir(parents=True)
    with Store.open(tmp_path / "runs.db") as store:
        run = store.create_run(study="network", name="feeder-17")
        store.set_run_state(run.id, "done", directory=str(folder))
    return tmp_path


def offer(feeder: Path, *limits: StoredLimit) -> None:
    with Store.open(feeder / "runs.db") as store:
        store.write_limits(1, limits)


def scenario(feeder: Path, key: str = "site_1", **source: str):
    values = {"run": "latest:feeder-17"} | source
    inner = ", ".join(f"{k} = {json.dumps(v)}" for k, v in values.items())
    path = feeder / "vans" / "scenario.toml"
    text = path.read_text(encoding="utf-8").partition("\n[limits]\n")[0]
    path.write_text(f"{text}\n[limits]\n{key} = {{ {inner} }}\n", encoding="utf-8")
    return read_scenario(path)


def findings_of(feeder: Path, known) -> list[tuple[str, str, str]]:
    return [(f.rule, f.where, f.message) for f in check_depot(known, str(feeder / "runs.db"))]


# two days: 10 kW, but 4 kW from 00:00 to 06:00 on the second day
UPPER = [10.0] * 24 + [4.0] * 6 + [10.0] * 18


@pytest.mark.parametrize("key", ["site_1", "1", '"1"'])
def test_a_limit_caps_the_free_power_period_by_period(feeder, key):
    write_limit(feeder / "data" / "1-feeder-17" / "limits" / "z.parquet", UPPER)
    offer(feeder, StoredLimit("headroom", "2/4", "limits/z.parquet"))
    run, findings = read_depot(scenario(feeder, key, zone="2/4"), str(feeder / "runs.db"))
    assert findings == ()
    (depot,) = run.depots
    assert depot.limit_kw.tolist() == [10.0] * 48 + [4.0] * 12 + [10.0] * 36
    # 0.9 x 60 kW less 14 kW at night and 38 kW before noon: 40 and 16 kW, of which the limit leaves 10 and 4
    assert depot.free_kw[[0, 20, 48, 59, 60]].tolist() == [10.0, 10.0, 4.0, 4.0, 10.0]
    assert "limit from elsewhere" in depot.site_limit.reason
    bare = replace(depot, limit_kw=None)
    assert bare.free_kw[[0, 20]].tolist() == pytest.approx([40.0, 16.0])
    assert depot.free_kw.tolist() == np.minimum(bare.free_kw, depot.limit_kw).tolist()


def test_a_limit_below_zero_leaves_nothing(feeder):
    write_limit(feeder / "data" / "1-feeder-17" / "z.parquet", [-5.0] * 48)
    offer(feeder, StoredLimit("headroom", "", "z.parquet"))
    run, _ = read_depot(scenario(feeder), str(feeder / "runs.db"))
    assert not run.depots[0].free_kw.any()


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (timedelta(minutes=10), [1.0, 4.0, 7.0]),  # a half-hour sees three values and takes the least
        (timedelta(minutes=20), [1.0, 2.0, 4.0]),  # 0-20 and 20-40, 20-40 and 40-60, 60-80 and 80-100
        (timedelta(minutes=30), [1.0, 2.0, 3.0]),
        (timedelta(hours=1), [1.0, 1.0, 2.0]),
    ],
)
def test_values_hold_for_one_step_of_the_file(feeder, step, expected):
    count = int(timedelta(days=2) / step)
    write_limit(feeder / "data" / "1-feeder-17" / "z.parquet", [1.0 + k for k in range(count)], step=step)
    offer(feeder, StoredLimit("headroom", "", "z.parquet"))
    run, findings = read_depot(scenario(feeder), str(feeder / "runs.db"))
    assert findings == ()
    assert run.depots[0].limit_kw[:3].tolist() == expected


def test_limits_of_one_zone_bind_together(feeder):
    folder = feeder / "data" / "1-feeder-17"
    write_limit(folder / "a.parquet", [5.0] * 24 + [9.0] * 24)
    write_limit(folder / "b.parquet", [7.0] * 48)
    offer(feeder, StoredLimit("cable", "2/4", "a.parquet"), StoredLimit("voltage", "2/4", "b.parquet"))
    run, _ = read_depot(scenario(feeder, zone="2/4"), str(feeder / "runs.db"))
    assert run.depots[0].limit_kw.tolist() == [5.0] * 48 + [7.0] * 48


def test_a_path_may_count_from_the_data_folder(feeder):
    write_limit(feeder / "data" / "1-feeder-17" / "z.parquet", UPPER)
    offer(feeder, StoredLimit("headroom", "", "1-feeder-17/z.parquet"))
    run, findings = read_depot(scenario(feeder), str(feeder / "runs.db"))
    assert findings == ()
    assert run.depots[0].limit_kw[0] == 10.0


def test_the_plan_keeps_the_limit_and_the_judge_sees_it(feeder):
    write_limit(feeder / "data" / "1-feeder-17" / "z.parquet", UPPER)
    offer(feeder, StoredLimit("headroom", "2/4", "z.parquet"))
    run, _ = read_depot(scenario(feeder, zone="2/4"), str(feeder / "runs.db"))
    (depot,) = run.depots
    schedule = planned(depot)
    assert check_depot_schedule(schedule, mode="opt") == ()
    assert (schedule.charging_kw <= depot.limit_kw + depot.asc_kw * depot.asc_margin + 1e-6).all()
    breach = np.maximum(0.0, schedule.charging_kw - depot.limit_kw)
    assert schedule.breach_kw == pytest.approx(breach, abs=1e-6)

    # a plan made without the limit uses more than it, and is told as breach or refused
    free = planned(replace(depot, limit_kw=None))
    assert (free.charging_kw > depot.limit_kw + 1.0).any()
    cheat = DepotSchedule(depot, free.energy_kwh, free.charger, free.unserved_kwh)
    hidden = replace(depot, limit_kw=None)
    cheat.__dict__["breach_kw"] = DepotSchedule(
        hidden, free.energy_kwh, free.charger, free.unserved_kwh
    ).breach_kw
    assert {f.rule for f in check_depot_schedule(cheat, mode="opt")} >= {"depot.schedule.site_limit"}


def planned(depot) -> DepotSchedule:
    energy = np.zeros(len(depot.sessions.fraction))
    charger = np.zeros(len(depot.sessions), dtype=np.int8)
    unserved = np.zeros(len(depot.sessions))
    day: DepotDay
    for day in DepotPlanner().plan(depot):
        energy[day.entries] = day.energy_kwh
        charger[day.sessions] = day.charger
        unserved[day.sessions] += day.unserved_kwh
    return DepotSchedule(depot, energy, charger, unserved)


@pytest.mark.parametrize("values", [[1.0] * 95, [float("nan")] * 96])
def test_the_judge_checks_the_form_of_a_limit(feeder, values):
    run, _ = read_depot(read_scenario(feeder / "vans" / "scenario.toml"), str(feeder / "runs.db"))
    schedule = planned(run.depots[0])
    broken = replace(run.depots[0], limit_kw=np.array(values))
    bad = DepotSchedule(broken, schedule.energy_kwh, schedule.charger, schedule.unserved_kwh)
    (finding,) = check_depot_schedule(bad, mode="opt")
    assert finding.rule in {"depot.schedule.shape", "depot.schedule.finite"}
    assert finding.where.startswith("limit_kw")


def test_the_limit_is_part_of_the_input_hash(feeder):
    path = feeder / "data" / "1-feeder-17" / "z.parquet"
    offer(feeder, StoredLimit("headroom", "", "z.parquet"))
    hashes = set()
    for upper in ([10.0] * 48, UPPER):
        write_limit(path, upper)
        known = scenario(feeder)
        run, _ = read_depot(known, str(feeder / "runs.db"))
        hashes.add(hash_depot_inputs(run, known.depot))
    run, _ = read_depot(read_scenario(path_without_limits(feeder)), str(feeder / "runs.db"))
    hashes.add(hash_depot_inputs(run, known.depot))
    assert len(hashes) == 3


def path_without_limits(feeder: Path) -> Path:
    path = feeder / "vans" / "scenario.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("\n[limits]\n")[0], encoding="utf-8")
    return path


def test_a_whole_run_with_a_limit_and_what_its_files_say(feeder):
    write_limit(feeder / "data" / "1-feeder-17" / "z.parquet", UPPER)
    offer(feeder, StoredLimit("headroom", "2/4", "z.parquet"))
    known = scenario(feeder, zone="2/4")
    place = RunPlace(str(feeder / "runs.db"), lambda _: feeder / "out", named=True)
    finished = run_depot(known, place)
    assert finished.run_id == 2
    assert [f for f in finished.outcome.findings if f.severity == "error"] == []
    view = read_depot_series(feeder / "out" / "series", 2)
    assert view.limit_kw.tolist() == [10.0] * 48 + [4.0] * 12 + [10.0] * 36
    assert view.free_kw.max() == 10.0
    report = (feeder / "out" / "report.html").read_text(encoding="utf-8")
    assert "limit taken from another run" in report
    copy = (feeder / "out" / "scenario.toml").read_text(encoding="utf-8")
    assert 'site_1 = { run = "latest:feeder-17", zone = "2/4" }' in copy


@pytest.mark.parametrize(
    ("key", "source", "rule", "words"),
    [
        ("site_9", {}, "depot.limit.site", "names no site of this run"),
        ("site_1", {"run": "latest:feeder-18"}, "depot.limit.run", "There is no run 'latest:feeder-18'"),
        ("site_1", {"run": "7"}, "depot.limit.run", "There is no run '7'"),
        ("site_1", {}, "depot.limit.zone", "limits 2 zones, and none is chosen"),
        ("site_1", {"zone": "3/1"}, "depot.limit.zone", "has no zone '3/1'"),
        ("site_1", {"zone": "gone"}, "depot.limit.file", "the file of the limit is not there"),
    ],
)
def test_what_is_missing_is_a_finding(feeder, key, source, rule, words):
    write_limit(feeder / "data" / "1-feeder-17" / "z.parquet", UPPER)
    zones = [StoredLimit("headroom", "2/4", "z.parquet"), StoredLimit("headroom", "gone", "no.parquet")]
    offer(feeder, *zones)
    ((found, where, message),) = findings_of(feeder, scenario(feeder, key, **source))
    assert found == rule
    assert where.startswith(f"limits.{key}")
    assert words in message


def test_two_keys_for_one_site(feeder):
    scenario(feeder)
    path = feeder / "vans" / "scenario.toml"
    path.write_text(path.read_text(encoding="utf-8") + '1 = { run = "1" }\n', encoding="utf-8")
    ((rule, _, message),) = findings_of(feeder, read_scenario(path))
    assert rule == "depot.limit.site"
    assert "limits the same site as site_1" in message


def test_a_run_that_is_not_done_or_offers_nothing(feeder):
    ((rule, _, message),) = findings_of(feeder, scenario(feeder))
    assert (rule, "offers no limits" in message) == ("depot.limit.run", True)
    with Store.open(feeder / "runs.db") as store:
        store.create_run(study="network", name="feeder-17", state="running")
    ((rule, _, message),) = findings_of(feeder, scenario(feeder))
    assert (rule, "is running, so its limits are not whole" in message) == ("depot.limit.run", True)


def test_a_store_that_is_not_there_is_a_finding_and_is_not_made(feeder):
    nowhere = feeder / "nowhere.db"
    (finding,) = check_depot(scenario(feeder), str(nowhere))
    assert (finding.rule, finding.severity) == ("depot.limit.run", "error")
    with pytest.raises(InputError):
        run_depot(scenario(feeder), RunPlace(str(nowhere), lambda _: feeder / "out"))
    assert not nowhere.exists()
    assert not (feeder / "out").exists()


@pytest.mark.parametrize(
    "path", ["../secret.parquet", "/etc/passwd", "C:\\limits.parquet", "a/../../b.parquet"]
)
def test_a_path_that_leaves_the_folder_is_not_followed(feeder, path):
    offer(feeder, StoredLimit("headroom", "", path))
    ((rule, _, message),) = findings_of(feeder, scenario(feeder))
    assert rule == "depot.limit.file"
    assert "outside of its folder" in message


def stamps(*hours: float) -> pa.Array:
    return pa.array([FIRST + h * HOUR for h in hours], pa.timestamp("us", "UTC"))


ONE = pa.array([1.0])


@pytest.mark.parametrize(
    ("table", "rule", "words"),
    [
        (pa.table({"datetime": stamps(0), "upper_kw": ONE}), "file", "no column lower_kw"),
        (
            pa.table({"datetime": ["now"], "lower_kw": ONE, "upper_kw": ONE}),
            "file",
            "holds string, not times",
        ),
        (
            pa.table({"datetime": stamps(0), "lower_kw": ONE, "upper_kw": ["1"]}),
            "file",
            "holds string, not numbers",
        ),
        (
            pa.table({"datetime": stamps(0), "lower_kw": ONE, "upper_kw": pa.array([None], pa.float64())}),
            "file",
            "1 of 1 values of upper_kw are no finite numbers",
        ),
        (
            pa.table({"datetime": stamps(0, 1, 1), "lower_kw": [0.0] * 3, "upper_kw": [1.0] * 3}),
            "stamps",
            "stamps do not rise, or one stands twice",
        ),
        (
            pa.table(
                {
                    "datetime": stamps(),
                    "lower_kw": pa.array([], pa.float64()),
                    "upper_kw": pa.array([], pa.float64()),
                }
            ),
            "stamps",
            "the limit has no stamps",
        ),
        (
            pa.table({"datetime": stamps(*range(47)), "lower_kw": [0.0] * 47, "upper_kw": [1.0] * 47}),
            "stamps",
            "2 of 96 periods of the run are not covered, the first at 2026-03-03 23:00+0000",
        ),
        (
            pa.table({"datetime": stamps(*range(1, 48)), "lower_kw": [0.0] * 47, "upper_kw": [1.0] * 47}),
            "stamps",
            "2 of 96 periods of the run are not covered, the first at 2026-03-02 00:00+0000",
        ),
        (
            pa.table(
                {"datetime": stamps(*range(5), *range(6, 48)), "lower_kw": [0.0] * 47, "upper_kw": [1.0] * 47}
            ),
            "stamps",
            "2 of 96 periods of the run are not covered, the first at 2026-03-02 05:00+0000",
        ),
    ],
)
def test_a_file_that_is_wrong(feeder, table, rule, words):
    pq.write_table(table, feeder / "data" / "1-feeder-17" / "z.parquet")
    offer(feeder, StoredLimit("headroom", "", "z.parquet"))
    ((found, _, message),) = findings_of(feeder, scenario(feeder))
    assert found == f"depot.limit.{rule}"
    assert words in message


def test_a_file_that_is_no_parquet(feeder):
    (feeder / "data" / "1-feeder-17" / "z.parquet").write_text("limits", encoding="utf-8")
    offer(feeder, StoredLimit("headroom", "", "z.parquet"))
    ((rule, _, message),) = findings_of(feeder, scenario(feeder))
    assert (rule, message) == ("depot.limit.file", "the file is not readable as Parquet")


def test_a_least_power_is_a_warning(feeder):
    write_limit(feeder / "data" / "1-feeder-17" / "z.parquet", UPPER, lower=2.0)
    offer(feeder, StoredLimit("headroom", "", "z.parquet"))
    (finding,) = check_depot(scenario(feeder), str(feeder / "runs.db"))
    assert (finding.rule, finding.severity, finding.value) == ("depot.limit.lower", "warning", "2 kW")


def test_stamps_without_a_zone_are_utc_and_others_are_moved(feeder):
    path = feeder / "data" / "1-feeder-17" / "z.parquet"
    offer(feeder, StoredLimit("headroom", "", "z.parquet"))
    for zone in (None, "Asia/Tokyo"):
        at = pa.array([FIRST + k * HOUR for k in range(48)], pa.timestamp("us", "UTC"))
        at = at.cast(pa.timestamp("us", zone)) if zone else at.cast(pa.timestamp("us"))
        pq.write_table(pa.table({"datetime": at, "lower_kw": [0.0] * 48, "upper_kw": UPPER}), path)
        run, findings = read_depot(scenario(feeder), str(feeder / "runs.db"))
        assert findings == ()
        assert run.depots[0].limit_kw.tolist() == [10.0] * 48 + [4.0] * 12 + [10.0] * 36
