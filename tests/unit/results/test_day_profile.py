"""The mean day and its spread, against plain loops over a week with a clock change."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest

from sparewatt.model.horizon import Horizon
from sparewatt.results.day_profile import day_profile, local_minutes


@pytest.mark.parametrize("first", [date(2026, 3, 26), date(2026, 10, 22), date(2026, 7, 1)])
def test_profile_is_what_plain_loops_find(first: date) -> None:
    week = Horizon.of_days(first, 7, day_start_hours=12, step=timedelta(minutes=30), timezone="Europe/London")
    values = np.random.default_rng(3).uniform(0, 50, week.periods)
    found: dict[int, list[float]] = defaultdict(list)
    for t, stamp in enumerate(week.local_stamps()):
        found[60 * stamp.hour + stamp.minute].append(float(values[t]))
    assert local_minutes(week).tolist() == [60 * s.hour + s.minute for s in week.local_stamps()]
    profile = day_profile(values, week)
    assert profile.minutes.tolist() == sorted(found)
    for k, minute in enumerate(profile.minutes.tolist()):
        assert profile.mean[k] == pytest.approx(np.mean(found[minute]))
        assert [profile.low[k], profile.high[k]] == pytest.approx(np.quantile(found[minute], (0.1, 0.9)))
