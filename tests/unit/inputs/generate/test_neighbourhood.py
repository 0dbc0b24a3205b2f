"""Generated neighbourhoods have what was asked for, obey the laws of the folder, and repeat to the bit."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from sparewatt.inputs.community.input_hash import hash_neighbourhood
from sparewatt.inputs.community.read import read_neighbourhood
from sparewatt.inputs.community.write import same_parts, write_neighbourhood
from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.inputs.generate.neighbourhood_kinds import KINDS, Phase, programme_points
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan

HOUR_S, DAY_S = 3600, 86400


def test_a_programme_by_hand():
    """Two minutes rising from 0 to 1.2 kW, then 0.6 kW one minute on and two off (3 % of it)."""
    phases = (Phase(2, 0.0, 1.2), Phase(4, 0.6, 0.6, 1, 2))
    time_s, energy_kwh = programme_points(phases)
    assert time_s.tolist() == [0, 60, 120, 180, 240, 300, 360]
    expected = np.cumsum([0, 0.3, 0.9, 0.6, 0.018, 0.018, 0.6]) / 60
    np.testing.assert_allclose(energy_kwh, expected, atol=6e-8)


def test_programmes_are_such_as_appliances_have():
    kwh = {n: programme_points(phases)[1][-1] for kind in KINDS for n, phases in kind.programmes}
    assert 0.4 < kwh["washing_40"] < kwh["washing_60"] < 1.6
    assert 0.7 < kwh["dishwasher_eco"] < 1.3
    assert 0.8 < kwh["dryer_heat_pump"] < kwh["dryer_condenser"] < 3.5
    assert len(kwh) == sum(len(kind.programmes) for kind in KINDS)


@pytest.fixture(scope="module")
def busy():
    return generate_neighbourhood(
        3, 40, 3, 2.5, 0.5, forecast_error=0.3, ev_share=0.25, battery_share=0.6, base_load=True
    )


def test_counts_are_those_asked_for(busy):
    jobs = busy.jobs
    assert len(busy.house_ids) == 40
    assert len(busy.producers) == len(set(busy.producers.house.tolist())) == 20
    assert len(busy.forecasts) == 20 * 3 * 4
    assert len(busy.base_load) == 40
    assert len(busy.batteries) == 24
    # Batteries stand in houses with PV first.
    assert set(busy.producers.house.tolist()) <= set(busy.batteries.house.tolist())
    fixed = int((~jobs.is_flexible).sum())
    assert 40 * 3 * 2 <= fixed <= 40 * 3 * 3
    assert abs(fixed - 300) < 40
    assert int(jobs.is_flexible.sum()) == 10 * 3
    assert len(set(jobs.ids)) == len(jobs)
    per_day = np.bincount(jobs.house[~jobs.is_flexible] * 3 + jobs.registered_s[~jobs.is_flexible] // DAY_S)
    assert set(per_day.tolist()) <= {1, 2, 3, 4}


def test_whole_numbers_of_jobs_are_met_exactly():
    n = generate_neighbourhood(1, 10, 2, 3, 0.3)
    assert len(n.jobs) == 60
    assert np.bincount(n.jobs.house).tolist() == [6] * 10


def test_windows_are_right_and_inside_the_days(busy):
    jobs = busy.jobs
    assert (jobs.registered_s >= 0).all()
    assert (jobs.registered_s <= jobs.earliest_s).all()
    assert (jobs.earliest_s <= jobs.latest_s).all()
    assert (jobs.end_s <= 3 * DAY_S).all()
    fixed = ~jobs.is_flexible
    assert (np.diff(jobs.registered_s[fixed]) >= 0).all()
    assert (np.diff(jobs.registered_s[~fixed]) >= 0).all()
    full_h = jobs.energy_kwh[~fixed] / jobs.max_kw[~fixed]
    assert (jobs.earliest_s[~fixed] + full_h * HOUR_S <= jobs.end_s[~fixed] + 1).all()


def test_a_device_does_what_its_template_says(busy):
    templates = {(d.house, d.device_id): d.template for d in busy.devices}
    by_template: dict[str, set[int]] = {}
    for house, device, profile in zip(busy.jobs.house, busy.jobs.device, busy.jobs.profile, strict=True):
        by_template.setdefault(templates[busy.house_ids[house], device], set()).add(int(profile))
    assert all(len(rows) == 1 for rows in by_template.values())
    numbers = [d.device_id for d in busy.devices]
    assert len(set(numbers)) == len(numbers)


def test_forecasts_come_every_six_hours_and_first_tell_the_hour_before():
    n = generate_neighbourhood(2, 4, 2, 1, 1.0, forecast_error=0.4)
    issued = n.forecasts.issued_s.reshape(8, 4)
    assert (issued == np.arange(8)[:, None] * 6 * HOUR_S).all()
    true = generate_neighbourhood(2, 4, 2, 1, 1.0)  # perfect forecasts under the same sky
    for row in range(32):
        time_s, energy_kwh = n.forecasts.curves.points(row)
        assert time_s[0] == n.forecasts.issued_s[row]
        assert (np.diff(time_s) == HOUR_S).all()
        assert (np.diff(energy_kwh) >= 0).all()
        # The hour before is known, whatever was expected of it.
        assert energy_kwh[0] == true.forecasts.curves.points(row)[1][0]
    assert n.forecasts.curves.points(8)[1][0] > 0  # 11:00 to 12:00
    assert not np.array_equal(n.forecasts.curves.energy_kwh, true.forecasts.curves.energy_kwh)


def test_perfect_forecasts_agree_with_each_other():
    n = generate_neighbourhood(5, 3, 2, 1, 1.0)
    hours = {}
    for row in range(len(n.forecasts)):
        time_s, energy_kwh = n.forecasts.curves.points(row)
        for begin, kwh in zip(time_s[:-1].tolist(), np.diff(energy_kwh).tolist(), strict=True):
            known = hours.setdefault((int(n.forecasts.producer[row]), begin), kwh)
            assert known == pytest.approx(kwh, abs=1e-12)


def test_errors_are_as_large_as_asked_for_and_grow_with_time():
    n = generate_neighbourhood(7, 60, 30, 1, 1.0, forecast_error=0.3)
    true = generate_neighbourhood(7, 60, 30, 1, 1.0)
    told, came = (np.diff(x.forecasts.curves.energy_kwh.reshape(-1, 24), axis=1) for x in (n, true))
    early = np.log(told[:, :6][came[:, :6] > 0.05] / came[:, :6][came[:, :6] > 0.05])
    late = np.log(told[:, 17:][came[:, 17:] > 0.05] / came[:, 17:][came[:, 17:] > 0.05])
    assert 0.25 < late.std() < 0.33
    assert early.std() < 0.6 * late.std()
    assert told.sum() == pytest.approx(came.sum(), rel=0.05)


@pytest.mark.parametrize("scarcity", [0.3, 1.5])
def test_sun_is_as_scarce_as_asked_for(scarcity):
    n = generate_neighbourhood(4, 20, 2, 3, 0.4, sun_per_load=scarcity)
    curves = n.forecasts.curves
    total = 0.0
    for row in np.flatnonzero(n.forecasts.issued_s % DAY_S == 0):
        # The midnight forecast tells 23 hours; in the last one of the day it is dark.
        total += curves.points(int(row))[1][-1]
    assert total == pytest.approx(scarcity * n.jobs.energy_kwh.sum(), rel=1e-6)


def test_scarce_sun_means_fewer_roofs_not_smaller_ones():
    full = generate_neighbourhood(4, 40, 1, 3, 0.5)
    scarce = generate_neighbourhood(4, 40, 1, 3, 0.5, sun_per_load=0.4)
    assert len(full.producers) == 20
    assert 0 < len(scarce.producers) < 8
    assert set(scarce.producers.house.tolist()) < set(full.producers.house.tolist())
    strongest = np.diff(scarce.forecasts.curves.energy_kwh.reshape(-1, 24), axis=1).max(axis=1)
    assert strongest.max() > 2.1  # in an hour, so that an appliance can run
    assert same_parts(scarce.jobs, full.jobs)


def test_the_same_seed_gives_the_same_neighbourhood(busy):
    again = generate_neighbourhood(
        3, 40, 3, 2.5, 0.5, forecast_error=0.3, ev_share=0.25, battery_share=0.6, base_load=True
    )
    assert same_parts(again, busy)
    hashes = {hash_neighbourhood(generate_neighbourhood(seed, 5)) for seed in range(5)}
    assert len(hashes) == 5


def test_what_it_makes_is_a_folder_without_findings(busy, tmp_path):
    write_neighbourhood(busy, tmp_path / "made")
    read, findings = read_neighbourhood(tmp_path / "made")
    assert findings == ()
    assert same_parts(read, busy)


def test_without_pv_time_begins_with_the_first_job(tmp_path):
    n = generate_neighbourhood(6, 5, 1, 2, 0.0)
    assert len(n.producers) == len(n.forecasts) == 0
    assert n.jobs.registered_s.min() == 0
    write_neighbourhood(n, tmp_path / "made")
    assert same_parts(read_neighbourhood(tmp_path / "made")[0], n)


def test_days_are_those_of_the_clock():
    plan = NeighbourhoodPlan(houses=2, first_day=date(2026, 7, 1), time_zone="Europe/Rome", pv_share=1.0)
    n = generate_neighbourhood(1, plan=plan)
    assert n.origin_s == 1782856800  # 2026-06-30 22:00 UTC
    time_s, energy_kwh = n.forecasts.curves.points(0)
    by_hour = np.diff(energy_kwh)
    assert time_s[int(by_hour.argmax())] // HOUR_S in range(9, 19)


def test_load_of_the_houses_is_usual(busy):
    """British homes without heating take some 3,200 kWh a year, jobs left out here: 4 to 9 kWh a day."""
    daily = [np.interp([0, 3 * DAY_S], *busy.base_load.curves.points(row)) @ [-1, 1] / 3 for row in range(40)]
    assert 4 < np.mean(daily) < 9
    for one, other in pairwise(daily[:5]):
        assert one != other


@pytest.mark.parametrize(
    "change",
    [
        {"houses": 0},
        {"days": 0},
        {"jobs_per_day": -1},
        {"pv_share": 1.5},
        {"ev_share": -0.1},
        {"sun_per_load": 0},
        {"forecast_error": 3},
        {"jobs_per_day": 0, "pv_share": 0},
    ],
)
def test_what_no_neighbourhood_can_be_made_of(change):
    with pytest.raises(ValueError):
        NeighbourhoodPlan(**change)
