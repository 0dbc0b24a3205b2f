"""Fleets of hubs: calendars, clock changes, habits and seeds (spec section 5; rules 3 and 10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.support.visit_bins import hours, independent, joint, models

from sparewatt.inputs.generate.hub_fleet import draw_fleet, hub_span
from sparewatt.inputs.generate.hub_plan import ClusterPlan, DriverHabits, HubPlan
from sparewatt.inputs.generate.visit_times import clock_of
from sparewatt.model.fleet import NO_SOC, NO_TIME

ZONE = "Europe/London"
CLUSTERS = (
    ClusterPlan("slow", 10, share=3.0),
    ClusterPlan("fast", 4, charge_kw=100.0, discharge_kw=0.0, share=1.0, fast=True),
)
PLAN = HubPlan(CLUSTERS, date(2026, 3, 2), 28, 100, 40, ZONE)


def fleet_of(plan=PLAN, *, bins=None, seed=3, **habits):
    return draw_fleet(
        replace(plan, habits=DriverHabits(**habits)), bins or independent(), models(), seed=seed
    )


def minutes(seconds):
    return seconds // 60


def test_every_day_has_its_visits_and_weekends_theirs():
    fleet = fleet_of()
    days, counts = np.unique(clock_of(fleet.declared_arrival_s, ZONE) // 86400, return_counts=True)
    assert len(days) == 28
    assert [c for d, c in zip(days, counts, strict=True) if (d + 3) % 7 >= 5] == [40] * 8
    assert sum(counts) == 20 * 100 + 8 * 40
    assert len(fleet_of(replace(PLAN, weekend_visits_per_day=None))) == 2800


def test_the_clock_at_arrival_follows_the_table_also_after_the_clock_change():
    """29 March is a Sunday with summer time; hours stay hours of the local clock."""
    fleet = fleet_of(replace(PLAN, first_day=date(2026, 3, 29), days=7))
    minute = clock_of(fleet.declared_arrival_s, ZONE) % 86400 // 60
    bins = independent()
    assert set(np.unique(bins.arrival.bin_of(minute))) == {0, 1, 2}
    assert fleet.declared_arrival_s.min() >= datetime(2026, 3, 29, 6, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("day", "offset_of_day"), [(date(2026, 3, 28), 23), (date(2026, 10, 24), 25), (date(2026, 6, 1), 24)]
)
def test_stays_over_a_clock_change(day, offset_of_day):
    """From 22:30 one day to 22:00 the next the clock shows 23.5 h; an hour less or more has passed."""
    bins = replace(
        independent(),
        arrival=hours((22.5, 22.5 + 1 / 60)),
        arrival_probability=np.ones((2, 1)),
        departure=hours((22, 22 + 1 / 60)),
        departure_probability=np.ones((2, 1)),
    )
    fleet = fleet_of(replace(PLAN, first_day=day, days=1), bins=bins)
    stays = set((fleet.declared_departure_s - fleet.declared_arrival_s).tolist())
    assert stays == {int((offset_of_day - 0.5) * 3600)}


@pytest.mark.parametrize("kind", ["independent", "joint"])
def test_the_minimum_stay_holds_in_elapsed_time_when_the_clock_goes_forward(kind):
    """Arrivals 00:30 to 01:00 and departures 02:00 to 03:00: by the clock an hour at least, in fact none."""
    night = hours((0.5, 1), (2, 3))
    if kind == "independent":
        bins = replace(
            independent(),
            arrival=night,
            arrival_probability=np.array([[1.0, 0.0]] * 2),
            departure=night,
            departure_probability=np.array([[0.0, 1.0]] * 2),
        )
    else:
        bins = replace(joint(), time=night, time_probability=np.array([[[0.0, 1.0], [0.0, 0.0]]] * 2))
    plan = replace(PLAN, first_day=date(2026, 3, 29), days=1, visits_per_day=200, weekend_visits_per_day=200)
    fleet = fleet_of(replace(plan, min_stay_min=60), bins=bins)
    stay = minutes(fleet.declared_departure_s - fleet.declared_arrival_s)
    assert stay.min() >= 60
    if kind == "independent":  # drawn again, not stretched: all still leave before 03:00
        assert np.all(clock_of(fleet.declared_departure_s, ZONE) % 86400 < 3 * 3600)


def test_a_skipped_reading_is_shown_an_hour_later():
    bins = replace(independent(), arrival=hours((1, 2)), arrival_probability=np.ones((2, 1)))
    plan = replace(PLAN, first_day=date(2026, 3, 29), days=1, weekend_visits_per_day=50)
    clock = clock_of(fleet_of(plan, bins=bins).declared_arrival_s, ZONE) % 86400
    assert clock.min() >= 2 * 3600
    assert clock.max() < 3 * 3600


def test_clocks_are_those_of_the_standard_library():
    at = datetime(2026, 1, 1, tzinfo=UTC).timestamp() + np.arange(0, 366 * 86400, 5077)
    for zone in ("Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu"):
        expected = [
            datetime.fromtimestamp(t, ZoneInfo(zone)).replace(tzinfo=UTC).timestamp() for t in at.tolist()
        ]
        assert clock_of(at.astype(np.int64), zone).tolist() == expected


def test_habits_switched_off_leave_what_was_declared():
    fleet = fleet_of()
    assert np.array_equal(fleet.real_arrival_s, fleet.declared_arrival_s)
    assert np.array_equal(fleet.real_departure_s, fleet.declared_departure_s)
    assert np.array_equal(fleet.real_soc, fleet.declared_soc)
    assert not np.any(fleet.reservation_s == NO_TIME)
    assert not np.any(fleet.max_discharge_kw == 0)
    assert np.array_equal(fleet.v2g_allowance_kwh, 0.2 * fleet.battery_kwh)


def test_every_habit_has_a_stream_of_its_own():
    """Changing one part leaves the other fields as they were."""
    plain = fleet_of()
    changes = {
        "reservation_share": (0.5, {"reservation_s"}),
        "arrival_spread_min": (5.0, {"real_arrival_s"}),
        "departure_spread_min": (5.0, {"real_departure_s"}),
        "overstay_share": (0.3, {"real_departure_s"}),
        "soc_spread": (0.05, {"real_soc", "min_soc"}),
        "no_show_share": (0.2, {"real_arrival_s", "real_departure_s", "real_soc"}),
        "v2g_share": (0.5, {"max_discharge_kw", "v2g_allowance_kwh"}),
        "targets_in_reach": (True, {"target_soc"}),
    }
    for habit, (value, fields) in changes.items():
        changed = fleet_of(**{habit: value})
        differing = {
            name
            for name, array in vars(plain).items()
            if isinstance(array, np.ndarray) and not np.array_equal(array, vars(changed)[name])
        }
        assert differing <= fields, habit
        assert differing, habit


def test_shares_of_habits_and_clusters():
    fleet = fleet_of(reservation_share=0.6, no_show_share=0.1, overstay_share=0.25, v2g_share=0.3)
    books = fleet.reservation_s != NO_TIME
    absent = fleet.real_arrival_s == NO_TIME
    come = ~absent
    assert np.mean(books) == pytest.approx(0.6, abs=0.03)
    assert np.mean(absent[books]) == pytest.approx(0.1, abs=0.02)
    assert not np.any(absent[~books])
    assert np.all(fleet.real_soc[absent] == NO_SOC)
    assert np.mean((fleet.real_departure_s > fleet.declared_departure_s)[come]) == pytest.approx(
        0.25, abs=0.03
    )
    assert np.mean(fleet.v2g_allowance_kwh > 0) == pytest.approx(0.3, abs=0.03)
    assert np.mean(fleet.target_cluster == 0) == pytest.approx(0.75, abs=0.03)
    fast = fleet.target_cluster == 1
    assert set(fleet.max_charge_kw[fast]) == {50.0, 150.0}
    assert set(fleet.max_charge_kw[~fast]) == {7.4, 11.0}


def test_lead_times_lie_between_their_ends_and_not_before_the_start():
    fleet = fleet_of(lead_min=(15, 90))
    lead = minutes(fleet.declared_arrival_s - fleet.reservation_s)
    assert (lead.min(), lead.max()) == (15, 90)
    start, end = hub_span(PLAN)
    assert fleet_of(lead_min=(1000, 2000)).reservation_s.min() == start.timestamp()
    assert end == datetime(2026, 3, 29, 23, tzinfo=UTC)  # midnight of 30 March, summer time


def test_real_stays_keep_the_minimum_stay():
    fleet = fleet_of(arrival_spread_min=200.0, departure_spread_min=200.0)
    assert minutes(fleet.real_departure_s - fleet.real_arrival_s).min() >= 30
    assert np.all(fleet.real_arrival_s <= fleet.declared_departure_s - 30 * 60)
    assert np.std(minutes(fleet.real_arrival_s - fleet.declared_arrival_s)) > 100


def test_bounds_hold_every_state_of_charge():
    fleet = fleet_of(soc_spread=0.3, min_soc=0.2, max_soc=0.8)
    for soc in (fleet.declared_soc, fleet.real_soc, fleet.target_soc):
        assert np.all((fleet.min_soc <= soc) & (soc <= fleet.max_soc))
    assert fleet.real_soc.min() == 0.0


def test_targets_in_reach_can_be_reached_at_full_power():
    fleet = fleet_of(targets_in_reach=True)
    unit_kw = np.array([11.0, 100.0])[fleet.target_cluster]
    stay_h = (fleet.declared_departure_s - fleet.declared_arrival_s) / 3600
    most = fleet.declared_soc + np.minimum(fleet.max_charge_kw, unit_kw) * stay_h / fleet.battery_kwh
    assert np.all(fleet.target_soc <= most)
    assert np.all(fleet.target_soc >= fleet.declared_soc)
    assert np.any(fleet_of().target_soc > most)


def test_ids_are_unique_and_in_the_order_of_arrivals():
    fleet = fleet_of()
    assert list(fleet.ids) == sorted(set(fleet.ids))
    assert np.all(np.diff(fleet.declared_arrival_s) >= 0)
    assert fleet.id_rank.tolist() == list(range(len(fleet)))


def test_same_seed_same_fleet():
    one, two, other = fleet_of(seed=3), fleet_of(seed=3), fleet_of(seed=4)
    assert all(np.array_equal(v, vars(two)[k]) for k, v in vars(one).items() if isinstance(v, np.ndarray))
    assert not np.array_equal(one.declared_arrival_s, other.declared_arrival_s)


@pytest.mark.parametrize(
    "wrong",
    [
        {"clusters": ()},
        {"clusters": (CLUSTERS[0], CLUSTERS[0])},
        {"clusters": (ClusterPlan("a", 0),)},
        {"clusters": (ClusterPlan("a", 1, share=0.0),)},
        {"days": 0},
        {"visits_per_day": -1},
        {"min_stay_min": 0},
        {"min_stay_min": 1440},
    ],
)
def test_what_no_hub_can_be_made_of_is_refused(wrong):
    with pytest.raises(ValueError, match=r"hub|share|stay"):
        replace(PLAN, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"no_show_share": 1.1},
        {"v2g_share": -0.1},
        {"min_soc": 2.0},
        {"soc_spread": -1.0},
        {"lead_min": (60, 30)},
    ],
)
def test_habits_that_nobody_has_are_refused(wrong):
    with pytest.raises(ValueError, match="habits"):
        DriverHabits(**wrong)
