"""Stays on periods, in the three ways to count a part period."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.model.sessions import Sessions
from support.depots import make_horizon


def sessions_of(*stays_min, availability="fraction", vehicle=None, use=None):
    """Stays in minutes after the start of a day of 48 half-hours."""
    horizon = make_horizon()
    count = len(stays_min)
    return Sessions.from_stays(
        horizon,
        np.array(vehicle or [0] * count, dtype=np.int64),
        np.array([a * 60 for a, _ in stays_min], dtype=np.int64) + horizon.start_s,
        np.array([b * 60 for _, b in stays_min], dtype=np.int64) + horizon.start_s,
        np.array(use or [0.0] * count),
        availability,
    )


@pytest.mark.parametrize(
    ("stay", "availability", "first", "shares"),
    [
        ((60, 150), "fraction", 2, [1, 1, 1]),
        ((60, 150), "nearest", 2, [1, 1, 1]),
        ((60, 150), "whole", 2, [1, 1, 1]),
        ((70, 140), "fraction", 2, [2 / 3, 1, 2 / 3]),
        ((70, 140), "nearest", 2, [1, 1, 1]),  # 70 -> 60, 140 -> 150
        ((70, 140), "whole", 3, [1]),
        ((75, 135), "nearest", 3, [1, 1]),  # half up at both ends: 75 -> 90, 135 -> 150
        ((76, 134), "nearest", 3, [1]),  # 76 -> 90, 134 -> 120
        ((65, 85), "fraction", 2, [2 / 3]),  # inside one period
        ((65, 85), "nearest", 2, [1]),  # 65 -> 60, 85 -> 90
        ((76, 86), "nearest", 3, []),  # both -> 90
        ((65, 85), "whole", 3, []),
        ((62, 88), "fraction", 2, [26 / 30]),
        ((60, 60), "fraction", 2, []),
        ((70, 70), "fraction", 2, []),
    ],
)
def test_availability(stay, availability, first, shares):
    s = sessions_of(stay, availability=availability)
    assert s.fraction == pytest.approx(shares)
    assert (s.first[0], s.end[0]) == (first, first + len(shares))


def test_stays_are_clipped_to_the_horizon():
    s = sessions_of((-100, 45), (1400, 2000))
    assert (s.first.tolist(), s.end.tolist()) == ([0, 46], [2, 48])
    assert s.fraction == pytest.approx([1, 0.5, 1 / 3, 1])


@pytest.mark.parametrize("availability", ["fraction", "nearest", "whole"])
def test_a_vehicle_still_away_at_the_end_has_an_empty_stay_there(availability):
    s = sessions_of((0, 60), (1440, 1440), (1500, 1600), availability=availability, vehicle=[0, 0, 1])
    assert s.first.tolist() == [0, 48, 48]
    assert s.end.tolist() == [2, 48, 48]
    assert len(s.fraction) == 2


def test_compressed_rows():
    s = sessions_of((0, 60), (75, 75), (70, 130), vehicle=[0, 0, 1])
    assert len(s) == 3
    assert s.offset.tolist() == [0, 2, 2, 5]
    assert s.entry_session.tolist() == [0, 0, 2, 2, 2]
    assert s.entry_period.tolist() == [0, 1, 2, 3, 4]


def test_two_stays_may_share_a_period():
    s = sessions_of((0, 70), (80, 120))
    assert s.entry_period.tolist() == [0, 1, 2, 2, 3]
    assert s.fraction == pytest.approx([1, 1, 1 / 3, 1 / 3, 1])
