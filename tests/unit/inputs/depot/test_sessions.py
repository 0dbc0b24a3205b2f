"""From routes to sessions (spec section 2): periods and energies counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from support.depot_tables import at


def seen(depot):
    """(vehicle id, first period, end, route energy before) per session."""
    s = depot.sessions
    return [
        (depot.vehicles.ids[v], a, b, u)
        for v, a, b, u in zip(s.vehicle, s.first, s.end, s.use_kwh, strict=True)
    ]


def fractions(depot, session):
    s = depot.sessions
    return s.fraction[s.offset[session] : s.offset[session + 1]]


def two_routes(tables):
    tables["t_sites"][0]["min_to_connect"] = 15
    tables.route(1, "2026-03-02", "06:10", "14:10", 30)
    tables.route(1, "2026-03-02", "16:00", "18:00", 10)
    return tables


def test_stays_before_between_and_after_routes(tables):
    depot = two_routes(tables).depot()

    assert seen(depot) == [("1", 0, 13, 0), ("1", 28, 32, 30), ("1", 36, 48, 10)]
    np.testing.assert_allclose(fractions(depot, 0), [1.0] * 12 + [10 / 30])
    np.testing.assert_allclose(fractions(depot, 1), [5 / 30, 1, 1, 1])  # 14:25 to 16:00
    np.testing.assert_allclose(fractions(depot, 2), [15 / 30] + [1.0] * 11)  # 18:15 to 24:00
    assert depot.sessions.plug_in_s.tolist() == [
        at("2026-03-02 00:00"),
        at("2026-03-02 14:25"),
        at("2026-03-02 18:15"),
    ]
    assert depot.sessions.plug_out_s.tolist() == [
        at("2026-03-02 06:10"),
        at("2026-03-02 16:00"),
        at("2026-03-03 00:00"),
    ]


@pytest.mark.parametrize(
    ("availability", "expected"),
    [
        ("nearest", [(0, 12), (29, 32), (37, 48)]),  # 06:10 → 06:00, 14:25 → 14:30, 18:15 → 18:30
        ("whole", [(0, 12), (29, 32), (37, 48)]),
    ],
)
def test_availability_reaches_the_sessions(tables, availability, expected):
    depot = two_routes(tables).depot(availability=availability)
    assert [(a, b) for _, a, b, _ in seen(depot)] == expected


def test_recharge_hours_limit_the_stay_and_leave_none_at_the_start(tables):
    tables.route(1, "2026-03-02", "06:00", "10:00", 30, recharge_hours=1.5)
    tables.route(1, "2026-03-02", "12:00", "14:00", 10, recharge_hours=1.5)
    depot = tables.depot()
    assert seen(depot) == [("1", 20, 23, 30), ("1", 28, 31, 10)]


def test_recharge_hours_end_at_the_next_departure(tables):
    tables.route(1, "2026-03-02", "06:00", "10:00", 30, recharge_hours=4)
    tables.route(1, "2026-03-02", "12:00", "14:00", 10)
    run, findings = tables.read()
    assert seen(run.depots[0]) == [("1", 20, 24, 30), ("1", 28, 48, 10)]
    assert [f.rule for f in findings if f.severity == "warning"] == ["depot.routes.recharge_cut"]


def test_routes_without_time_to_connect_between_are_driven_on_one_charge(tables):
    tables["t_sites"][0]["min_to_connect"] = 30
    tables.route(1, "2026-03-02", "06:00", "10:00", 10)
    tables.route(1, "2026-03-02", "10:30", "11:00", 20)  # plugged in at 10:30: not at all
    tables.route(1, "2026-03-02", "11:00", "13:00", 5)
    assert seen(tables.depot()) == [("1", 0, 12, 0), ("1", 27, 48, 35)]


def test_a_vehicle_away_at_the_end_has_a_last_session_without_length(tables):
    tables.route(1, "2026-03-02", "22:00", "26:30", 30)
    tables.route(2, "2026-03-02", "08:00", "24:00", 12)
    depot = tables.depot()
    assert seen(depot) == [("1", 0, 44, 0), ("1", 48, 48, 30), ("2", 0, 16, 0), ("2", 48, 48, 12)]
    end = at("2026-03-03 00:00")
    assert (
        depot.sessions.plug_in_s[[1, 3]].tolist() == depot.sessions.plug_out_s[[1, 3]].tolist() == [end, end]
    )


def test_an_overnight_route_returns_on_the_next_day(tables):
    tables.route(1, "2026-03-02", "22:00", "26:30", 30)
    tables.route(1, "2026-03-03", "12:00", "13:00", 5)
    assert seen(tables.depot()) == [("1", 0, 44, 0), ("1", 53, 72, 30), ("1", 74, 96, 5)]


def test_full_stamps_in_the_master_count_by_their_time_of_day_and_span_of_days(tables):
    tables.route(1, "2026-03-02", "2025-01-06 22:00", "2025-01-07 02:30:00", 30)
    tables.route(1, "2026-03-03", "2025-07-06T11:00:00+00:00", "13:00", 5)  # noon in London in July
    assert seen(tables.depot()) == [("1", 0, 44, 0), ("1", 53, 72, 30), ("1", 74, 96, 5)]


def test_routes_without_energy_are_left_out(tables):
    tables.route(1, "2026-03-02", "06:00", "10:00", 10)
    tables.route(1, "2026-03-02", "12:00", "13:00", 0)
    tables.route(1, "2026-03-05", "12:00", "13:00", 0)
    depot = tables.depot()
    assert seen(depot) == [("1", 0, 12, 0), ("1", 20, 48, 10)]
    assert depot.horizon.days == 1


def test_num_days_ends_the_run_and_what_departs_later(tables):
    tables["t_run_charging"][0]["num_days"] = 1
    tables.route(1, "2026-03-02", "06:00", "10:00", 10)
    tables.route(1, "2026-03-03", "06:00", "10:00", 10)
    tables.route(2, "2026-03-04", "06:00", "10:00", 10)
    depot = tables.depot()
    assert seen(depot) == [("1", 0, 12, 0), ("1", 20, 48, 10)]


def test_days_begin_at_day_start_hours(tables):
    tables["t_run_charging"][0].update(day_start_hours=4, num_days=1)
    tables.route(1, "2026-03-02", "06:00", "10:00", 10)
    tables.route(1, "2026-03-03", "03:00", "05:00", 7)  # departs before the run ends at 04:00
    depot = tables.depot()
    assert depot.horizon.start_s == at("2026-03-02 04:00")
    assert depot.horizon.day_edges == (0, 48)
    assert seen(depot) == [("1", 0, 4, 0), ("1", 12, 46, 10), ("1", 48, 48, 7)]


def test_a_route_that_departs_before_the_run_takes_its_energy_at_the_first_plug_in(tables):
    tables["t_run_charging"][0]["day_start_hours"] = 7
    tables.route(1, "2026-03-02", "06:00", "10:00", 10)
    tables.route(2, "2026-03-02", "05:00", "06:30", 8)  # back before the run begins
    tables.route(3, "2026-03-02", "05:00", "05:30", 4, recharge_hours=0.5)  # and charged before
    run, findings = tables.read()
    assert seen(run.depots[0]) == [("1", 6, 48, 10), ("2", 0, 48, 8), ("3", 0, 0, 4)]
    assert [f.rule for f in findings if f.severity == "warning"] == ["depot.routes.before_start"] * 3


def test_vehicles_ascend_by_id_numbers_by_value(tables):
    for vehicle in ("van", 10, "9.0", 2):
        tables.route(vehicle, "2026-03-02", "06:00", "10:00", 10)
    depot = tables.depot()
    assert depot.vehicles.ids == ("2", "9", "10", "van")
    assert depot.vehicles.spec_ids == ("1",) * 4
    assert [v for v, *_ in seen(depot)] == ["2", "2", "9", "9", "10", "10", "van", "van"]


def test_a_spring_day_has_46_half_hours(tables):
    tables.route(1, "2026-03-29", "00:30", "06:00", 10)  # leaves in winter time, back at 05:00 UTC
    depot = tables.depot()
    assert depot.horizon.day_edges == (0, 46)
    assert seen(depot) == [("1", 0, 1, 0), ("1", 10, 46, 10)]


def test_an_autumn_day_has_50_half_hours(tables):
    tables.route(1, "2026-10-25", "00:30", "06:00", 10)  # leaves in summer time, back at 06:00 UTC
    depot = tables.depot()
    assert depot.horizon.start_s == at("2026-10-24 23:00")
    assert depot.horizon.day_edges == (0, 50)
    assert seen(depot) == [("1", 0, 1, 0), ("1", 14, 50, 10)]


@pytest.mark.parametrize(
    ("day", "rule", "remedy"),
    [
        ("2026-03-29", "depot.time.missing", "2026-03-29 01:30+00:00 or 2026-03-29 01:30+01:00"),
        ("2026-10-25", "depot.time.ambiguous", "2026-10-25 01:30+01:00 or 2026-10-25 01:30+00:00"),
    ],
)
def test_a_time_that_the_clock_change_skips_or_repeats_names_the_row(tables, day, rule, remedy):
    tables.route(1, "2026-03-02", "01:30", "06:00", 10)
    tables.route(1, day, "01:30", "06:00", 10)
    run, findings = tables.read()
    assert run is None
    (finding,) = (f for f in findings if f.severity == "error")
    assert (finding.rule, finding.where, finding.value) == (
        rule,
        "t_route_allocated row 3, column date",
        f"{day} 01:30",
    )
    assert "departure_time of route 01:30-06:00" in finding.message
    assert remedy in finding.remedy


@pytest.mark.parametrize(("depart", "period"), [("01:30+01:00", 3), ("01:30+00:00", 5)])
def test_a_repeated_time_with_its_offset_is_plain(tables, depart, period):
    tables.route(1, "2026-10-25", depart, "06:00", 10)
    assert seen(tables.depot())[0] == ("1", 0, period, 0)


def test_another_zone(tables):
    tables["t_sites"][0]["timezone"] = "America/New_York"
    tables.route(1, "2026-03-08", "06:00", "07:00", 10)  # the clock changed at two
    depot = tables.depot()
    assert depot.horizon.start_s == at("2026-03-08 05:00")
    assert seen(depot) == [("1", 0, 10, 0), ("1", 12, 46, 10)]


def test_a_step_that_does_not_divide_the_days_of_a_zone_is_a_finding(tables):
    tables["t_sites"][0]["timezone"] = "Australia/Lord_Howe"  # its clock changes by half an hour
    tables.route(1, "2026-04-05", "06:00", "07:00", 10)
    run, findings = tables.read(step="1h")
    assert run is None
    assert [(f.rule, f.where) for f in findings if f.severity == "error"] == [
        ("depot.settings.step", "depot.step")
    ]
    assert tables.depot().horizon.day_edges == (0, 49)
