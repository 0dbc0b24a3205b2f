"""Site load and price on the periods of a run."""

from __future__ import annotations

import numpy as np
import pytest

from support.depot_tables import half_hours


@pytest.fixture
def one_day(tables):
    tables.route(1, "2026-03-02", "06:00", "10:00", 10)
    return tables


def put(tables, name, key, column, stamps, values):
    key_column = "site_id" if name == "t_site_load" else "distribution_id"
    rows = [{key_column: key, "datetime": s, column: v} for s, v in zip(stamps, values, strict=True)]
    tables.tables[name] = rows


def put_load(tables, stamps, values):
    put(tables, "t_site_load", 5, "clean_load", stamps, values)


def put_price(tables, stamps, values):
    put(tables, "t_electricity_price", 20, "electricity_price_fixed", stamps, values)


def errors(findings):
    return [(f.rule, f.where, f.value) for f in findings if f.severity == "error"]


DAY = half_hours("2026-03-02", "2026-03-03")


def test_values_stand_at_their_left_edge(one_day):
    put_load(one_day, DAY, range(48))
    put_price(one_day, DAY, [k / 100 for k in range(48)])
    depot = one_day.depot()
    np.testing.assert_array_equal(depot.site_load_kw, np.arange(48.0))
    np.testing.assert_array_equal(depot.price_per_kwh, [k / 100 for k in range(48)])


def test_no_rows_are_no_load_and_the_default_price(one_day):
    depot = one_day.depot(default_price=0.25)
    assert not depot.site_load_kw.any()
    assert (depot.price_per_kwh == 0.25).all()


def test_other_sites_and_other_days_are_not_judged(one_day):
    put_load(one_day, DAY, [3] * 48)
    more = one_day["t_site_load"]
    more += [{"site_id": 6, "datetime": DAY[0], "clean_load": "abc"}]
    more += [{"site_id": 5, "datetime": "2025-10-26 01:30", "clean_load": "nan"}] * 2  # ambiguous, twice
    assert (one_day.depot().site_load_kw == 3).all()


def test_a_finer_step_repeats_and_a_coarser_one_takes_the_mean(one_day):
    put_load(one_day, DAY, range(48))
    put_price(one_day, DAY, [float(k) for k in range(48)])
    fine, coarse = one_day.depot(step="15min"), one_day.depot(step="1h")
    np.testing.assert_array_equal(fine.site_load_kw, np.repeat(np.arange(48.0), 2))
    np.testing.assert_array_equal(coarse.site_load_kw, np.arange(24) * 2 + 0.5)
    np.testing.assert_array_equal(coarse.price_per_kwh, np.arange(24) * 2 + 0.5)


def test_quarter_hours_serve_a_step_of_a_quarter(one_day):
    stamps = [f"2026-03-02 {h:02}:{m:02}" for h in range(24) for m in (0, 15, 30, 45)]
    put_load(one_day, stamps, range(96))
    np.testing.assert_array_equal(one_day.depot(step="15min").site_load_kw, np.arange(96.0))


def test_hourly_load_holds_for_its_hour_and_says_so(one_day):
    put_load(one_day, DAY[::2], range(24))
    run, findings = one_day.read()
    np.testing.assert_array_equal(run.depots[0].site_load_kw, np.repeat(np.arange(24.0), 2))
    assert "depot.load.coarse" in [f.rule for f in findings]


def test_missing_prices_carry_the_last_one_even_from_before_the_run(one_day):
    put_price(one_day, ["2026-03-01 23:00", "2026-03-02 01:00", "2026-03-02 12:00"], [0.3, 0.1, 0.2])
    run, findings = one_day.read()
    np.testing.assert_array_equal(run.depots[0].price_per_kwh, [0.3] * 2 + [0.1] * 22 + [0.2] * 24)
    (carried,) = (f for f in findings if f.rule == "depot.price.carried")
    assert (carried.severity, carried.value) == ("info", "46")
    assert "longest stretch 11.5 h from 2026-03-02 12:30+00:00" in carried.message


def test_before_the_first_price_ever_the_default_holds(one_day):
    put_price(one_day, DAY[4:], [0.3] * 44)
    depot = one_day.depot()
    np.testing.assert_array_equal(depot.price_per_kwh, [0.12] * 4 + [0.3] * 44)


def test_a_spring_day_in_local_time_needs_46_rows(tables):
    tables.route(1, "2026-03-29", "06:00", "10:00", 10)
    stamps = [s.strftime("%Y-%m-%d %H:%M") for s in half_hours("2026-03-29", "2026-03-30")]
    assert len(stamps) == 46
    put_load(tables, stamps, range(46))
    np.testing.assert_array_equal(tables.depot().site_load_kw, np.arange(46.0))


def test_a_spring_reading_that_does_not_exist_is_named(tables):
    tables.route(1, "2026-03-29", "06:00", "10:00", 10)
    stamps = [s.strftime("%Y-%m-%d %H:%M") for s in half_hours("2026-03-29", "2026-03-30")]
    put_load(tables, [*stamps, "2026-03-29 01:30"], range(47))
    run, findings = tables.read()
    assert run is None
    assert errors(findings) == [
        ("depot.time.missing", "t_site_load row 48, column datetime", "2026-03-29 01:30")
    ]


@pytest.mark.parametrize("name", ["load", "price"])
def test_an_autumn_day_needs_offsets_in_the_repeated_hour(tables, name):
    tables.route(1, "2026-10-25", "06:00", "10:00", 10)
    stamps = half_hours("2026-10-25", "2026-10-26")
    assert len(stamps) == 50
    put_series = {"load": put_load, "price": put_price}[name]
    put_series(tables, [s.strftime("%Y-%m-%d %H:%M") for s in stamps], range(50))
    run, findings = tables.read()
    assert run is None
    table = {"load": "t_site_load", "price": "t_electricity_price"}[name]
    assert errors(findings) == [
        ("depot.time.ambiguous", f"{table} row {row}, column datetime", f"2026-10-25 {clock}")
        for row, clock in ((4, "01:00"), (5, "01:30"), (6, "01:00"), (7, "01:30"))
    ]
    assert "2026-10-25 01:00+01:00 or 2026-10-25 01:00+00:00" in findings[0].remedy

    put_series(tables, stamps, range(50))
    depot = tables.depot()
    np.testing.assert_array_equal(
        depot.site_load_kw if name == "load" else depot.price_per_kwh, np.arange(50.0)
    )


def test_stamps_in_utc_mean_utc(tables):
    tables.route(1, "2026-06-02", "06:00", "10:00", 10)  # the day begins at 23:00 UTC
    stamps = [s.timestamp() for s in half_hours("2026-06-02", "2026-06-03")]
    utc = [np.datetime_as_string(np.datetime64(int(s), "s")) + "Z" for s in stamps]
    assert utc[0] == "2026-06-01T23:00:00Z"
    put_load(tables, utc, range(48))
    np.testing.assert_array_equal(tables.depot().site_load_kw, np.arange(48.0))


def test_every_stretch_without_load_is_told(one_day):
    put_load(one_day, DAY[:5] + DAY[6:20] + DAY[22:], [1.0] * 45)
    _, findings = one_day.read()
    assert errors(findings) == [
        ("depot.load.gap", "t_site_load, site_id 5, column datetime", "2026-03-02 02:30+00:00"),
        ("depot.load.gap", "t_site_load, site_id 5, column datetime", "2026-03-02 10:00+00:00"),
    ]


def test_repeats_are_counted_after_fifty(one_day):
    days = half_hours("2026-03-02", "2026-03-04")
    one_day.route(1, "2026-03-03", "06:00", "10:00", 10)
    put_load(one_day, days, ["x"] * 96)
    _, findings = one_day.read()
    bad = [f for f in findings if f.rule == "depot.value.number"]
    assert len(bad) == 51
    assert (bad[-1].where, bad[-1].value) == ("t_site_load", "46")
