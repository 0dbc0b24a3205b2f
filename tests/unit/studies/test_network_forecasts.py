"""Forecasts of a network run: of the day after its last, from its own days and nothing later."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.support.network_scenarios import place_in, small_network

from sparewatt.model.horizon import Horizon
from sparewatt.results.network_reading import read_network_view
from sparewatt.studies.network import run_network
from sparewatt.studies.network_forecasts import study_forecasts

FIRST = date(2026, 3, 8)
SLOTS = 24


def horizon_of(count):
    return Horizon.of_days(FIRST, count, step=timedelta(hours=1), timezone="Europe/London")


def weather(count, seed=3):
    """Two zones over some days and how warm it was; more headroom where it is warm."""
    rng = np.random.default_rng(seed)
    warm = np.repeat(5 + 4 * np.sin(np.arange(count) / 3) + rng.normal(0, 1, count), SLOTS)
    evening = np.tile(20 - 8 * (np.arange(SLOTS) > 16), count)
    return np.stack([evening + warm, 2 * evening + warm]) + rng.normal(0, 0.5, (2, count * SLOTS)), warm


def of_days(kva, warm, count):
    h = horizon_of(count)
    return study_forecasts(kva[:, : h.periods], warm[: h.periods], h, 7, lambda: None)


def test_the_day_after_the_last_is_forecast_and_later_days_change_nothing():
    kva, warm = weather(25)
    scores, told = of_days(kva, warm, 18)
    later, colder = kva.copy(), warm.copy()
    later[:, 18 * SLOTS :] -= 1000.0
    colder[18 * SLOTS :] -= 1000.0
    again_scores, again = of_days(later, colder, 18)
    assert told.date == FIRST + timedelta(days=18)
    assert told.headroom_kva.shape == (4, len(scores.quantiles), 2, SLOTS)
    assert told.headroom_kva.tobytes() == again.headroom_kva.tobytes()
    assert scores.pinball_kva.tobytes() == again_scores.pinball_kva.tobytes()
    # What persistence says at any level, from the days themselves.
    days = kva[:, : 18 * SLOTS].reshape(2, 18, SLOTS)
    change = np.quantile(np.diff(days, axis=1), scores.quantiles, axis=1)
    assert told.headroom_kva[0] == pytest.approx(days[:, -1] + change)


def test_scores_of_a_run_are_of_days_that_their_rules_had_not_seen():
    # The last day is turned over: forecasts of the days before it stay, its own loss is what changes.
    kva, warm = weather(17)
    shorter, _ = of_days(kva, warm, 16)
    scores, _ = of_days(kva, warm, 17)
    turned = kva.copy()
    turned[:, 16 * SLOTS :] += 500.0
    worse, _ = of_days(turned, warm, 17)
    assert (shorter.days, scores.days, worse.days) == (2, 3, 3)
    own = 3 * scores.pinball_kva - 2 * shorter.pinball_kva
    # Every level is exceeded by 500 kVA more or less: the loss grows by at most q times as much.
    grown = 3 * (worse.pinball_kva - scores.pinball_kva)
    assert (own >= 0).all()
    assert (grown <= np.array(scores.quantiles) * 500.0 + 1e-9).all()
    assert (grown[:, -1] > 0.9 * 490).all()


def test_two_weeks_or_less_forecast_nothing():
    kva, warm = weather(15)
    assert of_days(kva, warm, 14) is None
    assert of_days(kva, warm, 15)[0].days == 1


def test_a_night_without_an_hour_has_a_forecast_of_every_time_of_day():
    # From 8 March 22 days end on the 29th, when London skips 01:00.
    horizon = horizon_of(22)
    assert horizon.periods == 22 * SLOTS - 1
    rng = np.random.default_rng(1)
    _, told = study_forecasts(
        rng.normal(10, 1, (1, horizon.periods)), np.zeros(horizon.periods), horizon, 1, lambda: None
    )
    assert told.date == date(2026, 3, 30)
    assert told.headroom_kva.shape[3] == SLOTS
    assert np.isfinite(told.headroom_kva).all()


def test_a_run_writes_the_forecast_of_the_day_after_it(tmp_path):
    none = "{ samples = 0, managed_samples = 0 }"
    scenario = small_network(tmp_path / "in", days="16", validate_days="0", hosting=none)
    finished = run_network(scenario, place_in(tmp_path))
    series = tmp_path / "out" / "series"
    view = read_network_view(series)
    table = pq.read_table(series / "headroom_forecast.parquet")
    assert set(table["date"].to_pylist()) == {"2026-01-28"}  # 12 January and 16 days
    assert len(table) == 4 * len(view.zone_ids) * SLOTS
    # Persistence, from the headroom of the first case that stands in the same folder.
    room = pq.read_table(series / "headroom.parquet", filters=[("case", "=", "0PV0HP")])
    days = np.asarray(room["headroom_kva"]).reshape(len(view.zone_ids), 16, SLOTS)
    change = np.quantile(np.diff(days, axis=1), 0.1, axis=1)
    told = np.asarray(table["headroom_kva_0.1"])[: len(view.zone_ids) * SLOTS]
    assert told == pytest.approx((days[:, -1] + change).ravel())
    assert (tmp_path / "out" / "tables" / "forecast_zones.csv").exists()
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "on the day after the run (2026-01-28)" in page
    tightest = min(finished.outcome.parts, key=lambda p: p.value("forecast_least_kva"))
    assert f"the median forecast falls lowest in zone {tightest.id}" in page
