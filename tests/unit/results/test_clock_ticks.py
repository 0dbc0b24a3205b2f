"""Labels of a time axis say what the clock on the wall shows, over clock changes as well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from sparewatt.results.clock_ticks import clock_ticks

LONDON = "Europe/London"


def test_labels_of_a_day_whose_clock_goes_back_stand_further_apart() -> None:
    start = datetime(2026, 10, 24, 23, tzinfo=UTC)  # midnight in London
    ticks = clock_ticks(start, start + timedelta(hours=25), LONDON, 9)
    assert [t.label for t in ticks] == [f"{h:02d}:00" for h in (0, 3, 6, 9, 12, 15, 18, 21, 0)]
    assert [t.day for t in ticks] == ["Sun 25 Oct", *[""] * 7, "Mon 26 Oct"]
    assert [(b.time - a.time) // timedelta(hours=1) for a, b in pairwise(ticks)][:2] == [
        4,
        3,
    ]


def test_a_time_that_the_clock_skips_has_no_label_and_one_shown_twice_has_one() -> None:
    spring = datetime(2026, 3, 29, 0, tzinfo=UTC)
    assert [t.label for t in clock_ticks(spring, spring + timedelta(hours=3), LONDON, 4)] == [
        *("00:00", "02:00", "03:00", "04:00"),
    ]
    autumn = datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert [t.label for t in clock_ticks(autumn, autumn + timedelta(hours=3), LONDON, 4)] == [
        *("01:00", "02:00", "03:00"),
    ]


@pytest.mark.parametrize("zone", ["UTC", LONDON, "America/St_Johns", "Asia/Kathmandu", "America/Santiago"])
@pytest.mark.parametrize(
    "span",
    [
        timedelta(minutes=7),
        timedelta(hours=5),
        timedelta(days=2),
        timedelta(days=40),
        timedelta(days=366 * 9),
    ],
)
@pytest.mark.parametrize("most", [3, 8, 12])
def test_labels_are_few_ordered_inside_and_true(zone: str, span: timedelta, most: int) -> None:
    start = datetime(2025, 8, 30, 3, 17, tzinfo=UTC)
    ticks = clock_ticks(start, start + span, zone, most)
    assert 1 <= len(ticks) <= most + 2
    times = [t.time for t in ticks]
    assert times == sorted(set(times))
    assert start <= times[0]
    assert times[-1] <= start + span
    for tick in ticks:
        local = tick.time.astimezone(ZoneInfo(zone))
        if ":" in tick.label:
            assert tick.label == f"{local:%H:%M}"
        else:
            assert tick.label.split()[-1] in {str(local.year), f"{local:%b}"}
