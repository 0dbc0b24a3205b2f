"""Forecasts of headroom: values by hand, nothing of the future, scores that tell good from bad."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

from sparewatt.decide.rules.forecast import QUANTILES, DayAhead, Persistence, SameWeekday
from sparewatt.decide.rules.forecast_mixture import TypicalDays, weighted_quantiles
from sparewatt.decide.rules.forecast_scores import pinball_kva, score_forecasts
from sparewatt.decide.rules.forecast_temperature import TemperatureBins
from sparewatt.decide.rules.forecast_tomorrow import forecast_tomorrow
from sparewatt.model.headroom_days import EPOCH, HeadroomDays, find_headroom_days
from sparewatt.model.horizon import Horizon

MONDAY = (date(2026, 1, 5) - EPOCH).days
HALF = (0.5,)
RULES = (Persistence(), SameWeekday(), TemperatureBins(), TypicalDays())


def days(kva, temperature=None, first=MONDAY):
    """One zone and one slot per day unless told."""
    kva = np.array(kva, dtype=float)
    kva = kva.reshape(len(kva), 1, 1) if kva.ndim == 1 else kva
    cold = np.zeros(len(kva)) if temperature is None else np.array(temperature, dtype=float)
    return HeadroomDays(np.arange(first, first + len(kva)), kva, cold)


def ahead(history, temperature=0.0, later=1):
    return DayAhead(int(history.day[-1]) + later, temperature)


def winter(seed=5, count=60, zones=2, slots=24):
    """Cold days leave less headroom, weekends more, evenings least."""
    rng = np.random.default_rng(seed)
    temperature = 5 + 6 * np.sin(np.arange(count) / 9) + rng.normal(0, 1.5, count)
    weekend = (np.arange(count) % 7 >= 5) * 3.0
    shape = 30 - 12 * np.exp(-((np.arange(slots) - 18) ** 2) / 8)
    level = 1.5 * temperature + weekend + rng.normal(0, 0.7, count)
    kva = shape + level[:, None, None] + rng.normal(0, 0.5, (count, zones, slots))
    return days(kva, temperature)


def test_weekdays_are_those_of_the_calendar():
    history = days(range(9))
    assert history.weekday.tolist() == [0, 1, 2, 3, 4, 5, 6, 0, 1]
    assert [history.day_date(k).weekday() for k in range(9)] == history.weekday.tolist()
    assert [DayAhead(d, 0.0).weekday for d in history.day.tolist()] == history.weekday.tolist()


def test_persistence_by_hand():
    # Changes 2, −1, 3: median 2, minimum −1; after 14 comes 16, at worst 13.
    history = days([10, 12, 11, 14])
    forecast = Persistence((0.0, 0.5, 1.0)).fit(history).forecast(ahead(history))
    assert forecast[:, 0, 0].tolist() == [13, 16, 17]


def test_persistence_after_one_day_has_no_spread():
    history = days([10])
    assert Persistence().fit(history).forecast(ahead(history)).tolist() == [[[10.0]]] * len(QUANTILES)


def test_same_weekday_by_hand():
    # Mondays 10, 20; Tuesdays 5, 9; then Wednesday to Sunday 1 each, once: changes 10 and 4.
    history = days([10, 5, 1, 1, 1, 1, 1, 20, 9])
    fitted = SameWeekday((0.0, 1.0)).fit(history)
    assert fitted.forecast(ahead(history))[:, 0, 0].tolist() == [5, 11]
    assert fitted.forecast(ahead(history, later=7))[:, 0, 0].tolist() == [13, 19]


def test_a_weekday_that_was_not_seen_is_forecast_by_persistence():
    history = days([10, 12, 11])
    fitted = SameWeekday(HALF).fit(history)
    assert fitted.forecast(ahead(history)).item() == 11.5
    # Monday was seen once: it, with the spread of persistence.
    assert fitted.forecast(ahead(history, later=5)).item() == 10.5


def test_temperature_bins_by_hand():
    # Edges at the median 4.5: cold days 1..4, warm days 11..14.
    history = days([1, 11, 2, 12, 3, 13, 4, 14], [0, 9, 1, 8, 2, 7, 3, 6])
    rule = TemperatureBins(bins=2, fewest_days=2, quantiles=(0.0, 0.5, 1.0))
    fitted = rule.fit(history)
    assert fitted.forecast(ahead(history, -5.0))[:, 0, 0].tolist() == [1, 2.5, 4]
    assert fitted.forecast(ahead(history, 20.0))[:, 0, 0].tolist() == [11, 12.5, 14]


def test_a_bin_of_few_days_takes_the_nearest_in_temperature():
    history = days([1, 11, 2, 12, 3, 13, 4, 14], [0, 9, 1, 8, 2, 7, 3, 6])
    rule = TemperatureBins(bins=2, fewest_days=6, quantiles=(0.0, 1.0))
    # The six nearest to 0: 0, 1, 2, 3, 6, 7.
    assert rule.fit(history).forecast(ahead(history, 0.0))[:, 0, 0].tolist() == [1, 14]


def test_weighted_quantiles_by_hand():
    values = np.array([[30.0, 1.0], [10.0, 2.0], [20.0, 3.0]])
    weight = np.array([0.5, 0.2, 0.3])
    found = weighted_quantiles(values, weight, (0.02, 0.2, 0.21, 0.5, 0.51, 1.0))
    assert found[:, 0].tolist() == [10, 10, 20, 20, 30, 30]
    assert found[:, 1].tolist() == [1, 1, 1, 1, 2, 3]


def test_typical_days_tell_two_kinds_apart_by_temperature():
    # Twenty cold days around 10 and twenty warm ones around 50, in turn.
    rng = np.random.default_rng(1)
    cold = np.arange(40) % 2 == 0
    kva = np.where(cold, 10.0, 50.0)[:, None, None] + rng.normal(0, 1, (40, 2, 6))
    history = days(kva, np.where(cold, -5.0, 15.0) + rng.normal(0, 1, 40))
    fitted = TypicalDays(kinds=2).fit(history)
    assert fitted.forecast(ahead(history, -5.0)).max() < 20
    assert fitted.forecast(ahead(history, 15.0)).min() > 40


def test_typical_days_follow_one_another():
    # The same, with temperatures that tell nothing: the last day was warm, so tomorrow is cold.
    rng = np.random.default_rng(1)
    cold = np.arange(40) % 2 == 0
    history = days(np.where(cold, 10.0, 50.0)[:, None, None] + rng.normal(0, 1, (40, 2, 6)))
    middle = TypicalDays(kinds=2, quantiles=HALF).fit(history)
    assert middle.forecast(ahead(history)).max() < 20
    assert middle.forecast(ahead(history, later=2)).min() > 40


@pytest.mark.parametrize("count", [1, 2, 9, 17])
@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_short_and_constant_histories_are_forecast(rule, count):
    history = days([7.0] * count)
    assert rule.fit(history).forecast(ahead(history)).tolist() == [[[7.0]]] * len(QUANTILES)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_forecasts_are_repeatable_and_never_fall_with_the_quantile(rule):
    history = winter()
    first = rule.fit(history).forecast(ahead(history, 4.0))
    again = rule.fit(history).forecast(ahead(history, 4.0))
    assert first.tobytes() == again.tobytes()
    assert first.shape == (len(QUANTILES), 2, 24)
    assert (np.diff(first, axis=0) >= 0).all()


def test_the_loss_by_hand():
    # y = 10: at f = 8 the loss is q·2, at f = 14 it is (1 − q)·4.
    loss = pinball_kva(np.array([10.0]), np.array([[8.0], [14.0]]), (0.1, 0.9))
    assert loss[:, 0].tolist() == pytest.approx([0.2, 0.4])


def test_scores_by_hand():
    # Held out: 3 and 4 after at least two days. Persistence at the median: 2 + 1, then 3 + 1: right.
    scores = score_forecasts(days([1, 2, 3, 5]), [Persistence(HALF)], quantiles=HALF, first_days=2)
    assert scores.days == 2
    assert scores.pinball_kva.tolist() == [[0.25]]
    assert scores.zone_pinball_kva.tolist() == [[0.25]]
    assert scores.share_below.tolist() == [[0.0]]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_scores_are_those_of_another_program_on_days_forecast_one_by_one(rule):
    history, first = winter(count=22), 16
    scores = score_forecasts(history, [rule], first_days=first)
    real, told = [], []
    for row in range(first, 22):
        known = HeadroomDays(history.day[:row], history.headroom_kva[:row], history.temperature_c[:row])
        told.append(rule.fit(known).forecast(DayAhead(MONDAY + row, float(history.temperature_c[row - 1]))))
        real.append(history.headroom_kva[row])
    real, told = np.array(real), np.array(told)
    expected = [mean_pinball_loss(real.ravel(), told[:, k].ravel(), alpha=q) for k, q in enumerate(QUANTILES)]
    assert scores.days == 6
    assert scores.pinball_kva[0] == pytest.approx(expected)
    assert scores.mean_kva[0] == pytest.approx(np.mean(expected))
    of_zone = [
        np.mean(
            [
                mean_pinball_loss(real[:, z].ravel(), told[:, k, z].ravel(), alpha=q)
                for k, q in enumerate(QUANTILES)
            ]
        )
        for z in range(2)
    ]
    assert scores.zone_pinball_kva[0] == pytest.approx(of_zone)
    assert scores.share_below[0] == pytest.approx([(real < told[:, k]).mean() for k in range(len(QUANTILES))])


class Spy:
    """Remembers what it was shown, and spoils it."""

    name = "spy"

    def __init__(self):
        self.seen = []

    def fit(self, history):
        self.seen.append((int(history.day[-1]), len(history)))
        history.headroom_kva[:] = -1e9
        return self

    def forecast(self, day):
        assert day.day == self.seen[-1][0] + 1
        return np.zeros((len(QUANTILES), 2, 24))


def test_a_rule_sees_the_days_before_and_its_copy_is_its_own():
    history = winter(count=20)
    before = history.headroom_kva.copy()
    spy, told = Spy(), []
    scores = score_forecasts(history, [spy], progress=lambda done, of: told.append((done, of)))
    assert spy.seen == [(MONDAY + k - 1, k) for k in range(14, 20)]
    assert told == [(k, 6) for k in range(1, 7)]
    assert np.array_equal(history.headroom_kva, before)
    assert scores.days == 6


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_the_future_changes_nothing(rule):
    history = winter()
    changed = replace(history, headroom_kva=history.headroom_kva.copy())
    changed.headroom_kva[40:] += 1000
    a = rule.fit(history.before(40)).forecast(DayAhead(int(history.day[40]), 3.0))
    b = rule.fit(changed.before(40)).forecast(DayAhead(int(history.day[40]), 3.0))
    assert np.array_equal(a, b)


def test_rules_that_know_what_drives_headroom_score_better():
    history = winter()
    scores = score_forecasts(history, RULES, expected_c=history.temperature_c)
    persistence, weekday, temperature, typical = scores.mean_kva
    assert scores.names == ("persistence", "same weekday", "temperature bins", "typical days")
    assert typical < persistence < weekday
    assert temperature < weekday
    assert scores.skill[0] == 0
    assert scores.skill[3] > 0
    assert scores.best in {2, 3}
    assert scores.zone_pinball_kva.mean(axis=1) == pytest.approx(scores.mean_kva)


def test_without_a_weather_forecast_the_day_before_tells_the_temperature():
    history, told = winter(count=20), []

    class Listener(Spy):
        def forecast(self, day):
            told.append(day.temperature_c)
            return super().forecast(day)

    score_forecasts(history, [Listener()])
    assert told == history.temperature_c[13:19].tolist()


def test_tomorrow_by_hand():
    # Changes 2, −1, 3 after 14; of the three nearest in temperature to the last day's 5 °C: 14, 11, 12.
    history = days([10, 12, 11, 14], [0, 9, 6, 5])
    levels = (0.0, 0.5, 1.0)
    rules = (Persistence(levels), TemperatureBins(bins=1, fewest_days=4, quantiles=levels))
    told = forecast_tomorrow(history, rules, quantiles=levels)
    assert told.date == date(2026, 1, 9)
    assert told.names == ("persistence", "temperature bins")
    assert told.headroom_kva.shape == (2, 3, 1, 1)
    assert told.headroom_kva[:, :, 0, 0].tolist() == [[13, 16, 17], [10, 11.5, 14]]
    assert told.level_kva(0.4, np.array([1])).tolist() == [[11.5]]
    assert told.step_h == 24.0


def test_tomorrow_is_told_the_temperature_of_the_last_day_and_spoils_nothing():
    history, told = winter(count=20), []

    class Listener(Spy):
        def forecast(self, day):
            told.append(day)
            return super().forecast(day)

    before = history.headroom_kva.copy()
    forecast_tomorrow(history, [Listener(), Listener()])
    forecast_tomorrow(history, [Listener()], expected_c=-3.0)
    last = float(history.temperature_c[-1])
    assert told == [DayAhead(MONDAY + 20, t) for t in (last, last, -3.0)]
    assert np.array_equal(history.headroom_kva, before)


@pytest.mark.parametrize("last", [15, 40, 59])
def test_tomorrow_is_forecast_as_a_held_out_day_is_so_its_score_is_its_own(last):
    # The day after day ``last - 1`` is forecast from those before it; then it comes, and is scored.
    history = winter()
    told = forecast_tomorrow(history.before(last), RULES)
    scores = score_forecasts(history.before(last + 1), RULES, first_days=last)
    assert scores.days == 1
    for r in range(len(RULES)):
        loss = pinball_kva(history.headroom_kva[last], told.headroom_kva[r], QUANTILES)
        assert scores.pinball_kva[r] == pytest.approx(loss.mean(axis=(1, 2)))


def test_the_best_rule_of_each_zone_by_hand():
    loss = np.array([[2.0, 1.0, 0.0], [1.0, 1.0, 0.0]])
    scores = replace(score_forecasts(winter(count=14), RULES[:2]), zone_pinball_kva=loss)
    assert scores.best_of_zones.tolist() == [1, 0, 0]
    assert scores.zone_skill.tolist() == [0.5, 0.0, 0.0]


def test_too_few_days_score_nothing():
    scores = score_forecasts(winter(count=14), RULES)
    assert scores.days == 0
    assert scores.skill.tolist() == [0, 0, 0, 0]


def horizon_of(first, count, start=0):
    return Horizon.of_days(
        first, count, day_start_hours=start, step=timedelta(hours=1), timezone="Europe/London"
    )


def test_days_are_cut_at_local_midnights_and_parts_are_left_out():
    horizon = horizon_of(date(2026, 1, 5), 3, start=12)
    kva = np.arange(72.0)[None, :]
    found = find_headroom_days(kva, np.arange(72.0), horizon)
    assert [found.day_date(k) for k in range(len(found))] == [date(2026, 1, 6), date(2026, 1, 7)]
    assert found.headroom_kva[:, 0].tolist() == [list(range(12, 36)), list(range(36, 60))]
    assert found.temperature_c.tolist() == [23.5, 47.5]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        # 00, 02, 03 …: the skipped hour is like the one before.
        (date(2026, 3, 29), [0, 0, *range(1, 23)]),
        # 01 twice, with 1 and 2: the lesser.
        (date(2026, 10, 25), [0, 1, *range(3, 25)]),
    ],
)
def test_days_on_which_the_clock_changes(first, expected):
    horizon = horizon_of(first, 1)
    found = find_headroom_days(np.arange(float(horizon.periods))[None], np.zeros(horizon.periods), horizon)
    assert found.headroom_kva[0, 0].tolist() == expected


def test_a_day_that_begins_with_a_skipped_hour():
    # In Santiago the clock goes from 24:00 to 01:00.
    horizon = Horizon.of_days(date(2025, 9, 6), 2, step=timedelta(hours=1), timezone="America/Santiago")
    found = find_headroom_days(np.arange(47.0)[None], np.zeros(47), horizon)
    assert len(found) == 2
    assert found.headroom_kva[1, 0, :3].tolist() == [24, 24, 25]
