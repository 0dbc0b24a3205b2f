"""Generated fleets: the same bytes for a seed, and tables as the spec wants them."""

from __future__ import annotations

import csv
import time
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from sparewatt.inputs.generate.fleet import generate_fleet, write_demo_scenario
from sparewatt.inputs.generate.fleet_kinds import KINDS
from sparewatt.model.horizon import local_time_problem

TABLES = {
    "t_system_parameters",
    "t_run_charging",
    "t_client",
    "t_allocation",
    "t_route_allocated",
    "t_route_master",
    "t_sites",
    "t_site_load",
    "t_electricity_price",
    "t_vehicle_specifications",
}


def read(directory, table):
    with (directory / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def routes_by_vehicle(directory):
    """(allocation, vehicle) -> [(departure, arrival, energy, recharge hours, battery)] in time order."""
    master = {r["route_id"]: r for r in read(directory, "t_route_master")}
    battery = {r["spec_id"]: float(r["battery_size"]) for r in read(directory, "t_vehicle_specifications")}
    found = defaultdict(list)
    for r in read(directory, "t_route_allocated"):
        m = master[r["route_id"]]
        departure = datetime.fromisoformat(m["departure_time"])
        assert departure.date().isoformat() == r["date"]
        found[r["allocation_id"], r["allocated_vehicle_id"]].append(
            (
                departure,
                datetime.fromisoformat(m["arrival_time"]),
                float(r["energy_required_kwh"]),
                float(r["recharge_hours"] or 0),
                battery[r["allocated_spec_id"]],
            )
        )
    return {key: sorted(routes) for key, routes in found.items()}


@pytest.fixture(scope="module", params=sorted(KINDS))
def folder(request, tmp_path_factory):
    directory = tmp_path_factory.mktemp(request.param)
    generate_fleet(directory, seed=3, kind=request.param, vehicles=12, allocations=2)
    return directory


def test_all_tables_are_there(folder):
    assert {path.stem for path in folder.iterdir()} == TABLES
    assert all(read(folder, table) for table in TABLES)


def test_ids_refer_to_something(folder):
    def ids(table, column):
        return {r[column] for r in read(folder, table)}

    assert ids("t_route_allocated", "route_id") == ids("t_route_master", "route_id")
    assert ids("t_route_allocated", "allocated_spec_id") <= ids("t_vehicle_specifications", "spec_id")
    assert ids("t_route_allocated", "allocation_id") == ids("t_allocation", "allocation_id")
    assert ids("t_allocation", "site_id") == ids("t_sites", "site_id") == ids("t_site_load", "site_id")
    assert ids("t_sites", "distribution_id") == ids("t_electricity_price", "distribution_id")
    assert len(read(folder, "t_route_master")) == len(ids("t_route_master", "route_id"))


def test_routes_are_in_order_and_within_the_battery(folder):
    for routes in routes_by_vehicle(folder).values():
        for departure, arrival, energy, _, battery in routes:
            assert timedelta(hours=2) <= arrival - departure <= timedelta(hours=15)
            assert 0 < energy <= 0.9 * battery + 0.01
        for (_, back, _, recharge, _), (departure, *_) in pairwise(routes):
            assert departure - back >= timedelta(hours=max(recharge + 0.25, 2.0))


def test_local_times_exist_once_and_are_real_minutes(folder):
    minutes = Counter()
    for routes in routes_by_vehicle(folder).values():
        for departure, arrival, *_ in routes:
            for moment in (departure, arrival):
                assert local_time_problem(moment, "Europe/London") is None
                minutes[moment.minute] += 1
            assert departure >= datetime(2026, 10, 5, 12)  # noqa: DTZ001 - naive local; the run begins then
    assert len(minutes) > 50


def test_every_day_has_routes_and_weekends_are_quiet(folder):
    per_day = Counter(date.fromisoformat(r["date"]) for r in read(folder, "t_route_allocated"))
    assert sorted(per_day) == [date(2026, 10, 5) + timedelta(days=d) for d in range(28)]
    weekend = sum(n for d, n in per_day.items() if d.weekday() >= 5) / 8
    assert weekend < 0.6 * (sum(per_day.values()) - 8 * weekend) / 19  # the first Monday is half a day


@pytest.mark.parametrize(
    ("table", "column", "who"),
    [
        ("t_site_load", "clean_load", "site_id"),
        ("t_electricity_price", "electricity_price_fixed", "distribution_id"),
    ],
)
def test_half_hours_are_whole_without_doubles_over_the_clock_change(folder, table, column, who):
    series = defaultdict(list)
    for r in read(folder, table):
        stamp = datetime.fromisoformat(r["datetime"])
        assert stamp.utcoffset() == stamp.astimezone(ZoneInfo("Europe/London")).utcoffset()
        assert float(r[column]) >= 0
        series[r[who]].append(stamp)
    for stamps in series.values():
        assert {b - a for a, b in pairwise(stamps)} == {timedelta(minutes=30)}
        assert Counter(s.date() for s in stamps)[date(2026, 10, 25)] == 50
        assert stamps[0].date() == date(2026, 10, 5)
        assert stamps[-1].date() >= date(2026, 11, 2)  # the last planning day ends on 2 November at 04:00


def test_price_has_an_evening_peak_cheap_nights_and_differs_from_day_to_day(folder):
    price = defaultdict(list)
    for r in read(folder, "t_electricity_price"):
        stamp = datetime.fromisoformat(r["datetime"])
        if stamp.weekday() < 5:
            price[stamp.hour].append(float(r["electricity_price_fixed"]))
    mean = {hour: sum(p) / len(p) for hour, p in price.items()}
    assert max(mean, key=mean.get) in {16, 17, 18}
    assert min(mean, key=mean.get) in {1, 2, 3, 4}
    assert mean[17] > 2 * mean[3]
    assert max(price[17]) > 1.2 * min(price[17])


def test_site_load_is_higher_in_working_hours(folder):
    load = defaultdict(list)
    for r in read(folder, "t_site_load"):
        stamp = datetime.fromisoformat(r["datetime"])
        load[stamp.weekday() < 5, stamp.hour].append(float(r["clean_load"]))
    mean = {key: sum(v) / len(v) for key, v in load.items()}
    assert mean[True, 11] > 1.5 * mean[True, 3]
    assert mean[True, 11] > 1.2 * mean[False, 11]


def test_kinds_have_what_makes_them():
    assert KINDS["hgv"].crews[0].shifts[0].recharge_h[0] > 0
    assert all(sum(crew.share for crew in kind.crews) == pytest.approx(1) for kind in KINDS.values())


def test_second_shifts_go_out_twice(tmp_path):
    generate_fleet(tmp_path, seed=1, kind="second_shift", vehicles=10, allocations=1, days=5)
    twice = [
        routes
        for routes in routes_by_vehicle(tmp_path).values()
        if max(Counter(r[0].date() for r in routes).values()) == 2
    ]
    assert len(twice) == 3


def test_heavy_trucks_need_dc_between_their_legs(tmp_path):
    generate_fleet(tmp_path, seed=1, kind="hgv", vehicles=10, allocations=1, days=5)
    needing = 0
    for routes in routes_by_vehicle(tmp_path).values():
        for (d1, _, first, stay, battery), (d2, _, second, _, _) in pairwise(routes):
            if d1.date() == d2.date():
                assert 1.75 <= stay <= 2.5
                needing += first + second - 0.95 * battery > 0.9 * 43 * stay
    assert needing > 5


def test_same_seed_same_bytes_and_another_seed_another_fleet(tmp_path):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        generate_fleet(tmp_path / name, seed=seed, vehicles=6, days=10)
    for table in TABLES:
        a, b = ((tmp_path / name / f"{table}.csv").read_bytes() for name in "ab")
        assert a == b
        assert b"\r" not in a
    routes = [(tmp_path / name / "t_route_master.csv").read_bytes() for name in "ac"]
    assert routes[0] != routes[1]


def test_more_allocations_leave_the_first_as_it_was(tmp_path):
    generate_fleet(tmp_path / "one", seed=5, kind="vans", vehicles=6, days=5, allocations=1)
    generate_fleet(tmp_path / "two", seed=5, kind="vans", vehicles=6, days=5, allocations=2)
    one, two = read(tmp_path / "one", "t_route_master"), read(tmp_path / "two", "t_route_master")
    assert two[: len(one)] == one
    prices = [(tmp_path / name / "t_electricity_price.csv").read_bytes() for name in ("one", "two")]
    assert prices[0] == prices[1]


def test_a_spring_clock_change_has_46_half_hours(tmp_path):
    generate_fleet(tmp_path, seed=1, vehicles=3, days=3, first_day=date(2027, 3, 27), allocations=1)
    days = Counter(r["datetime"][:10] for r in read(tmp_path, "t_electricity_price"))
    assert days["2027-03-28"] == 46


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_first_date_has_a_route_after_the_run_begins(tmp_path, kind):
    generate_fleet(tmp_path, seed=4, kind=kind, vehicles=2, days=3, allocations=1)
    first = [r for routes in routes_by_vehicle(tmp_path).values() for r in routes if r[0].day == 5]
    assert first
    assert min(r[0].hour for r in first) >= 12


def test_planning_days_may_begin_early(tmp_path):
    generate_fleet(tmp_path, seed=4, kind="vans", vehicles=9, days=3, allocations=1, day_start_hours=4)
    hours = {r[0].hour for routes in routes_by_vehicle(tmp_path).values() for r in routes if r[0].day == 5}
    assert hours <= {5, 6, 7, 8}
    assert read(tmp_path, "t_run_charging")[0]["day_start_hours"] == "4"
    with pytest.raises(ValueError, match="begin at 0 to 16 h"):
        generate_fleet(tmp_path, seed=4, day_start_hours=17)


@pytest.mark.parametrize("wrong", [{"days": 0}, {"vehicles": 0}, {"allocations": 0}, {"kind": ()}])
def test_nothing_to_generate_is_refused(tmp_path, wrong):
    with pytest.raises(ValueError, match="at least one"):
        generate_fleet(tmp_path / "x", seed=1, **wrong)
    assert not (tmp_path / "x").exists()


def test_a_year_of_100_vans_in_a_few_seconds(tmp_path):
    begin = time.process_time()
    generate_fleet(tmp_path, seed=1, kind="vans", vehicles=100, days=365, allocations=1)
    assert time.process_time() - begin < 4
    assert 25_000 < len(read(tmp_path, "t_route_master")) <= 36_500


def test_the_demo_scenario_reads_as_it_was_meant(tmp_path):
    scenario_file = pytest.importorskip("sparewatt.inputs.scenario_file")
    scenario = scenario_file.read_scenario(write_demo_scenario(tmp_path, seed=11))
    assert (scenario.study, scenario.seed, scenario.inputs.tables) == ("depot", 11, "tables/")
    assert {path.stem for path in (tmp_path / "tables").iterdir()} == TABLES
    assert [r["charging_mode"] for r in read(tmp_path / "tables", "t_run_charging")] == ['["opt", "BAU"]']


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_reader_finds_nothing_to_say(tmp_path, kind):
    reader = pytest.importorskip("sparewatt.inputs.depot.run")
    settings = pytest.importorskip("sparewatt.inputs.depot.settings")
    generate_fleet(tmp_path / "tables", seed=2, kind=kind, vehicles=15, allocations=2)
    run, findings = reader.read_depot_run("tables", settings.DepotSettings(), tmp_path)
    assert findings == ()
    assert [len(d.vehicles) for d in run.depots] == [15, 15]
    assert run.depots[0].horizon.days == 28
    assert run.depots[0].horizon.periods == 28 * 48 + 2
