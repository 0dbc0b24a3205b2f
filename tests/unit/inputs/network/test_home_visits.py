"""Cars whose days are those of the generator of hubs, kind home: its histograms, its models, its weekends."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from sparewatt.inputs.generate.site_kinds import SITES
from sparewatt.inputs.network.cars import draw_cars

TEN = timedelta(minutes=10)
EPOCH = date(1970, 1, 1)
WEDNESDAY = (date(2026, 1, 14) - EPOCH).days
SATURDAY = (date(2026, 1, 17) - EPOCH).days
COUNT = 6000
HOME = SITES["home"]


@pytest.fixture(scope="module")
def pool():
    return draw_cars(3, COUNT, TEN, reserve_share=0.2, source="home_visits")


def shares_by_hour(hours, edges):
    return np.histogram(hours, bins=edges)[0] / len(hours)


def test_arrivals_follow_the_histogram_of_weekdays(pool):
    cars = pool.on_day(WEDNESDAY)
    clock = cars.arrival * cars.step_h + 12.0
    bins = HOME.chances.bins
    edges = np.append(bins.arrival.lower_min, bins.arrival.upper_min[-1]) / 60.0
    # An arrival counts from the next whole period on, at most one of 10 min later.
    np.testing.assert_allclose(
        shares_by_hour(clock - TEN.total_seconds() / 7200, edges), bins.arrival_probability[0], atol=0.035
    )
    assert len(cars) == COUNT


def test_weekends_have_nine_stays_in_ten_and_later_departures(pool):
    week, end = pool.on_day(WEDNESDAY), pool.on_day(SATURDAY)
    assert len(end) / COUNT == pytest.approx(HOME.weekend, abs=0.02)
    assert pool.on_day(SATURDAY + 1).departure.mean() > week.departure.mean() + 6  # 1 h
    assert len(pool.on_day(SATURDAY + 2)) == COUNT  # Monday


def test_models_energies_and_powers_are_those_of_the_generator(pool):
    cars = pool.on_day(WEDNESDAY)
    models = HOME.chances.models
    for size, share in zip(models.battery_kwh, models.probability, strict=True):
        assert np.mean(cars.battery_kwh == size) == pytest.approx(share, abs=0.03)
    assert set(np.round(cars.charge_kw, 6)) == {7.4}
    assert set(cars.efficiency) == {HOME.efficiency}
    size = cars.battery_kwh[cars.car]
    soc = cars.start_kwh / size, cars.wanted_kwh / size
    assert soc[0].min() >= 0.2 - 1e-12  # the reserve; the histogram begins at 0.1
    assert soc[1].min() >= 0.7
    assert soc[1].max() <= 1.0
    assert (cars.wanted_kwh > cars.start_kwh).all()
    assert soc[0].mean() == pytest.approx(0.395, abs=0.02)  # of bins 0.1-0.7 by weight, 0.1-0.2 at 0.2
    assert (cars.departure > cars.arrival).all()
    assert cars.departure.max() <= cars.periods


def test_days_depend_on_seed_and_day_alone(pool):
    again = draw_cars(3, COUNT, TEN, reserve_share=0.2, source="home_visits")
    for field in ("car", "arrival", "departure", "start_kwh", "wanted_kwh"):
        a, b, c = (getattr(p.on_day(d), field) for p, d in ((pool, 5), (again, 5), (again, 6)))
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c) or field == "car"


def test_commuters_are_what_is_drawn_unless_told_otherwise():
    cars, named = (draw_cars(3, 500, TEN, **k).on_day(7) for k in ({}, {"source": "commuters"}))
    np.testing.assert_array_equal(cars.arrival, named.arrival)
    np.testing.assert_array_equal(cars.wanted_kwh, cars.battery_kwh)  # they leave full, home visits do not
    assert (cars.arrival * cars.step_h).mean() == pytest.approx(6, abs=0.25)  # 18:00
