"""Draws against the chances of small tables, worked out by hand or by plain rejection (spec section 5)."""

from __future__ import annotations

import time

import numpy as np
import pytest
from tests.support.visit_bins import hours, independent, joint, models, socs

from sparewatt.inputs.generate.visit_bins import find_soc_gaps, find_stay_gaps
from sparewatt.inputs.generate.visit_draws import draw_visits

N = 40_000
WEEKDAYS, WEEKENDS = np.zeros(N, dtype=bool), np.ones(N, dtype=bool)


def draw(bins, weekend=WEEKDAYS, seed=5, min_stay=30):
    return draw_visits(np.random.default_rng(seed), bins, models(), weekend, min_stay)


def assert_shares(counts, shares, *, worst=4.5):
    """Chi-square of counts, by how many standard deviations it lies above its mean."""
    counts, shares = np.asarray(counts, dtype=float), np.asarray(shares, dtype=float)
    assert counts[shares == 0].sum() == 0
    counts, shares = counts[shares > 0], shares[shares > 0]
    expected = counts.sum() * shares / shares.sum()
    chi2, freedom = ((counts - expected) ** 2 / expected).sum(), len(shares) - 1
    assert chi2 < freedom + worst * np.sqrt(2 * max(freedom, 1)), (chi2, freedom)


def test_arrivals_follow_the_table_of_their_kind_of_day():
    bins = independent()
    for weekend, row in ((WEEKDAYS, 0), (WEEKENDS, 1)):
        drawn = bins.arrival.bin_of(draw(bins, weekend).arrival_min)
        assert_shares(np.bincount(drawn, minlength=3), bins.arrival_probability[row])


def test_arrivals_are_uniform_on_the_minutes_of_their_bin():
    minute = draw(independent()).arrival_min
    assert_shares(np.bincount(minute[minute < 480] - 420, minlength=60), np.full(60, 1 / 60))


def test_a_minute_that_a_bin_only_touches_is_not_in_it():
    bins = hours((7.005, 7.05))  # 07:00:18 to 07:03:00
    assert (bins.first_minute.tolist(), bins.end_minute.tolist()) == ([421], [423])
    assert bins.bin_of(np.array([420, 421, 422, 423])).tolist() == [-1, 0, 0, -1]


def test_departures_are_those_of_plain_rejection():
    """An arrival at 9:30 and stays of an hour at least, drawn again one by one until they hold."""
    bins = independent()
    arrivals = hours((9.5, 9.5 + 1 / 60))
    fixed = type(bins)(**{**vars(bins), "arrival": arrivals, "arrival_probability": np.ones((2, 1))})
    drawn = draw(fixed, min_stay=60).stay_min
    rng, plain = np.random.default_rng(3), []
    ends = [(60, 120), (540, 600), (960, 1080), (1200, 1260)]
    while len(plain) < 10_000:
        low, high = ends[rng.choice(4, p=bins.departure_probability[0])]
        stay = rng.integers(low, high) - 570
        stay += 1440 if stay < 0 else 0
        if stay >= 60:
            plain.append(stay)
    edges = np.array([60, 391, 450, 511, 631, 691, 931, 991, 1410, 1440])
    ours, theirs = np.histogram(drawn, edges)[0] / N, np.histogram(plain, edges)[0] / len(plain)
    assert ours == pytest.approx(theirs, abs=0.02)
    # by hand: of 9:00 to 10:00 half lies before the arrival, so it is on the next day and holds
    held = np.array([0.1, 0.2 * 30 / 60, 0.4, 0.3])
    clock = (570 + drawn) % 1440
    counts = [np.count_nonzero((clock >= low) & (clock < high)) for low, high in ends]
    assert_shares(counts, held / held.sum())
    assert np.all(clock[(clock >= 540) & (clock < 600)] < 570)


def test_the_minimum_stay_holds_and_departures_before_the_arrival_are_on_the_next_day():
    for bins in (independent(), joint()):
        drawn = draw(bins, min_stay=45)
        assert drawn.stay_min.min() >= 45
        assert drawn.stay_min.max() < 1440
    over_midnight = drawn.arrival_min + drawn.stay_min >= 1440
    morning, night = drawn.arrival_min < 8 * 60, drawn.arrival_min >= 22 * 60
    assert not np.any(over_midnight[morning])
    assert np.all(over_midnight[night])
    assert np.mean(over_midnight[~morning & ~night]) == pytest.approx(59 / 120, abs=0.03)


def test_a_departure_soc_lies_in_a_bin_strictly_above_the_arrival():
    bins = independent()
    drawn = draw(bins)
    assert_shares(np.bincount(bins.arrival_soc.bin_of(drawn.arrival_soc)), bins.arrival_soc_probability)
    low = drawn.arrival_soc < 0.2  # all four bins are above
    assert_shares(
        np.bincount(bins.departure_soc.bin_of(drawn.departure_soc[low]), minlength=4), [0.1, 0.2, 0.3, 0.4]
    )
    high = (drawn.arrival_soc >= 0.4) & (drawn.arrival_soc < 0.6)  # 0.6 to 0.8 and 0.8 to 1
    assert_shares(
        np.bincount(bins.departure_soc.bin_of(drawn.departure_soc[high]), minlength=4), [0, 0, 0.3, 0.4]
    )
    assert np.all(drawn.departure_soc > drawn.arrival_soc)
    assert np.all(
        bins.departure_soc.lower[bins.departure_soc.bin_of(drawn.departure_soc)] > drawn.arrival_soc
    )


def test_states_of_charge_are_uniform_in_their_bin():
    soc = draw(independent()).arrival_soc
    inside = soc[(soc >= 0.3) & (soc < 0.5)]
    assert_shares(np.histogram(inside, np.linspace(0.3, 0.5, 11))[0], np.full(10, 0.1))


def test_pairs_of_joint_bins():
    bins = joint()
    drawn = draw(bins)
    arrival = bins.time.bin_of(drawn.arrival_min)
    departure = bins.time.bin_of((drawn.arrival_min + drawn.stay_min) % 1440)
    held = (arrival == 1) & (drawn.stay_min == 30) & (departure == -1)  # stretched beyond 17:00
    counts = np.bincount(arrival[~held] * 3 + departure[~held], minlength=9).reshape(3, 3)
    assert counts[0, 1] + counts[1, 1] + counts[2, 0] == N - np.count_nonzero(held)
    assert_shares(np.bincount(arrival), [0.5, 0.2, 0.3])
    first, last = bins.soc.bin_of(drawn.arrival_soc), bins.soc.bin_of(drawn.departure_soc)
    assert_shares(np.bincount(first * 3 + last, minlength=9), bins.soc_probability.ravel())
    assert np.all(drawn.departure_soc >= drawn.arrival_soc)


def test_one_joint_bin_for_both_times_by_hand():
    """Both uniform on 60 minutes: earlier in 59/120 of the pairs, then on the next day; a stay of k minutes
    in (60 - k)/3600 of them, and those of 0 to 29 min are stretched to 30."""
    bins = joint()
    table = np.zeros((2, 3, 3))
    table[:, 0, 0] = 1
    drawn = draw(type(bins)(**{**vars(bins), "time_probability": table}))
    over, stretched = drawn.stay_min > 720, drawn.stay_min == 30
    assert np.mean(over) == pytest.approx(59 / 120, abs=0.01)
    assert np.mean(stretched) == pytest.approx(sum(60 - k for k in range(31)) / 3600, abs=0.01)


def test_models_by_their_probability():
    assert_shares(np.bincount(draw(independent()).model), [0.25, 0.75])


def test_same_seed_same_draws():
    for bins in (independent(), joint()):
        one, two, other = draw(bins), draw(bins), draw(bins, seed=6)
        assert all(np.array_equal(vars(one)[k], vars(two)[k]) for k in vars(one))
        assert not np.array_equal(one.arrival_min, other.arrival_min)


def test_arrivals_that_no_departure_can_follow_are_found():
    bins = independent()
    assert [g.tolist() for g in find_stay_gaps(bins, 30)] == [[], []]
    # at weekends all leave 16:00 to 18:00 or 20:00 to 21:00: after 12:59 the last is 20:59, 480 min later
    assert [g.tolist() for g in find_stay_gaps(bins, 480)] == [[], []]
    assert [g.tolist() for g in find_stay_gaps(bins, 481)] == [[], [2]]
    assert [g.tolist() for g in find_stay_gaps(bins, 540)] == [[], [2]]


def test_arrival_bins_without_a_departure_bin_above_are_found():
    bins = independent()
    assert find_soc_gaps(bins).tolist() == []
    none_above = type(bins)(**{**vars(bins), "departure_soc_probability": np.array([0.5, 0.5, 0, 0])})
    assert find_soc_gaps(none_above).tolist() == [1, 2]
    assert socs(0.1, 0.2).bin_of(np.array([0.05, 0.1, 0.2, 0.3])).tolist() == [-1, 0, 0, -1]


def test_a_million_visits_in_seconds():
    weekend = np.arange(1_000_000) % 7 > 4
    begin = time.process_time()
    drawn = draw(independent(), weekend)
    assert time.process_time() - begin < 3
    assert len(drawn) == 1_000_000
