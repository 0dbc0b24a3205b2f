"""Merging of forecasts, with numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.model.curves import minute_kw
from sparewatt.model.minute_grid import MinuteGrid, find_grid
from sparewatt.simulate.community_forecasts import ForecastBook, find_production, merge_forecast
from support.neighbourhoods import HOUR_S, Forecast, Producer, neighbourhood_of


def points(*pairs: tuple[int, float]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([t for t, _ in pairs], np.int64), np.array([e for _, e in pairs], np.float64)


def said(curve: tuple[np.ndarray, np.ndarray]) -> list[tuple[int, float]]:
    return list(zip(curve[0].tolist(), curve[1].tolist(), strict=True))


STORED = points((0, 0.0), (3600, 1.0), (7200, 3.0), (10800, 6.0), (14400, 10.0))


def test_aligned_stamps():
    # First row at 10,800: the hour before it, from 7,200 on, gives 2.5 instead of 3. Base is E(7,200) = 3.
    new = points((10800, 2.5), (14400, 4.5), (18000, 5.0))
    assert said(merge_forecast(STORED, new)) == [
        (0, 0.0),
        (3600, 1.0),
        (7200, 3.0),
        (10800, 5.5),
        (14400, 7.5),
        (18000, 8.0),
    ]


def test_stamps_that_are_not_aligned():
    # First row at 9,000, the hour before it begins at 5,400: E(5,400) = 1 + 2 / 2 = 2.
    new = points((9000, 0.5), (12600, 4.0))
    assert said(merge_forecast(STORED, new)) == [
        (0, 0.0),
        (3600, 1.0),
        (5400, 2.0),
        (9000, 2.5),
        (12600, 6.0),
    ]


def test_what_was_expected_after_the_new_forecast_is_forgotten():
    new = points((3600, 0.0))
    assert said(merge_forecast(STORED, new)) == [(0, 0.0), (3600, 0.0)]


def test_a_forecast_after_the_stored_one_ended_leaves_a_gap_without_production():
    new = points((25200, 1.0))  # 21,600 to 25,200: the stored curve ended at 14,400 with 10
    assert said(merge_forecast(STORED, new))[-3:] == [(14400, 10.0), (21600, 10.0), (25200, 11.0)]


def test_a_forecast_from_before_the_stored_one_replaces_it():
    late = points((7200, 0.0), (10800, 1.0))
    early = points((3600, 0.5), (14400, 2.0))
    assert said(merge_forecast(late, early)) == [(0, 0.0), (3600, 0.5), (14400, 2.0)]


def forecasts():
    """Two producers; the second one's stamps fall inside minutes."""
    return neighbourhood_of(
        [],
        [Producer(), Producer("2")],
        [
            Forecast(0, 0, tuple((HOUR_S * n, float(e)) for n, e in enumerate([0, 1, 3, 6, 10]))),
            Forecast(1, 0, ((0, 0.0), (5000, 5.0))),
            Forecast(1, 4000, ((4000, 1.8), (7600, 3.0))),
            Forecast(0, 9000, ((9000, 0.5), (12600, 4.0))),
        ],
    )


def test_power_of_the_minutes_by_hand():
    hood = forecasts()
    grid, _ = find_grid(hood)
    kw = find_production(hood, grid)
    # Producer 0: 1 kWh in the first hour; 2 kWh/h until 5,400; 0.5 kWh until 9,000; 3.5 kWh until 12,600.
    np.testing.assert_allclose(kw[0, :60], 1.0)
    np.testing.assert_allclose(kw[0, 60:90], 2.0)
    np.testing.assert_allclose(kw[0, 90:150], 0.5)
    np.testing.assert_allclose(kw[0, 150:210], 3.5)
    np.testing.assert_allclose(kw[0, 210:], 0.0)
    # Producer 1: 1 Wh/s = 3.6 kW until 400 s, then 1.8 kWh in the hour until 4,000 s, then 1.2 kW until
    # 7,600 s. Second 400 is 40 s into minute 6: (40 · 3.6 + 20 · 1.8) / 60 = 3.0.
    np.testing.assert_allclose(kw[1, :6], 3.6)
    assert kw[1, 6] == pytest.approx(3.0)
    np.testing.assert_allclose(kw[1, 7:66], 1.8)
    assert kw[1, 66] == pytest.approx((40 * 1.8 + 20 * 1.2) / 60)
    assert kw[1, 126] == pytest.approx(40 * 1.2 / 60)
    np.testing.assert_allclose(kw[1, 127:], 0.0)


def test_only_what_changed_is_resampled_and_gives_the_whole():
    rng = np.random.default_rng(3)
    rows, issued = [], 0
    for _ in range(12):
        times = issued + np.concatenate([[0], np.cumsum(rng.integers(60, 5000, 6))])
        energy = np.cumsum(rng.random(7))
        rows.append(Forecast(0, issued, tuple(zip(times.tolist(), energy.tolist(), strict=True))))
        issued += int(rng.integers(1, 4000))
    hood = neighbourhood_of([], [Producer()], rows)
    grid = MinuteGrid(hood.origin_s, 1500)
    book = ForecastBook(hood.forecasts, 1, grid)
    whole = None
    for row in range(len(rows)):
        before = book.production_kw.copy()
        part, expected_kw = book.add(row)
        np.testing.assert_array_equal(expected_kw, before[0, part])
        outside = np.ones(grid.minutes, bool)
        outside[part] = False
        np.testing.assert_array_equal(book.production_kw[0, outside], before[0, outside])
        new = hood.forecasts.curves.points(row)
        whole = new if whole is None else merge_forecast(whole, new)
        np.testing.assert_allclose(book.production_kw[0], minute_kw(*whole, grid.edges_s), atol=1e-9)
    assert (np.diff(whole[1]) >= 0).all()


def test_forecasts_outside_the_minutes_change_nothing():
    hood = neighbourhood_of(
        [], [Producer()], [Forecast(), Forecast(0, 90_000, ((90_000, 1.0), (99_000, 2.0)))]
    )
    book = ForecastBook(hood.forecasts, 1, MinuteGrid(hood.origin_s, 60))
    book.add(0)
    part, _ = book.add(1)
    assert part == slice(60, 60)
    np.testing.assert_allclose(book.production_kw[0], 1.0)
