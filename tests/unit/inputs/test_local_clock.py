"""Bulk conversion of clock readings against the standard library, one reading at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sparewatt.inputs.local_clock import NO_OFFSET, clocks_to_utc, read_timezone
from sparewatt.inputs.tables.parse import CellError

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a clock's reading


def one_at_a_time(reading, zone):
    """Every UTC half-hour that the clock shows as this reading."""
    near = reading.replace(tzinfo=UTC)
    tries = [near + timedelta(minutes=m) for m in range(-16 * 60, 16 * 60, 15)]
    return [t for t in tries if t.astimezone(zone).replace(tzinfo=None) == reading]


@pytest.mark.parametrize(
    "zone", ["Europe/London", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
)
def test_every_quarter_hour_around_the_clock_changes_of_a_year(zone):
    info = ZoneInfo(zone)
    days = [EPOCH.replace(year=2026) + timedelta(days=d) for d in range(365)]
    changes = [
        d for d in days if len({(d + timedelta(days=k)).replace(tzinfo=info).utcoffset() for k in (0, 1)}) > 1
    ]
    chosen = changes or days[:1]
    readings = [d + timedelta(minutes=15 * q) for d in chosen for q in range(-96, 2 * 96)]
    naive = np.array([(r - EPOCH) // timedelta(seconds=1) for r in readings])
    utc, missing, ambiguous = clocks_to_utc(naive, np.full(len(naive), NO_OFFSET), zone)
    for k, reading in enumerate(readings):
        times = one_at_a_time(reading, info)
        assert missing[k] == (len(times) == 0), reading
        assert ambiguous[k] == (len(times) == 2), reading
        if times:
            assert utc[k] == times[0].timestamp(), reading
    assert bool(changes) == (zone not in {"Asia/Kathmandu", "UTC"})


def test_readings_with_an_offset_need_no_zone():
    utc, missing, ambiguous = clocks_to_utc(np.array([7200, 7200]), np.array([3600, -3600]), "Europe/London")
    assert utc.tolist() == [3600, 10800]
    assert not (missing | ambiguous).any()


@pytest.mark.parametrize("text", ["Europe", "../../etc/passwd", "Europe/Londn", "/etc/localtime", "BST+1x"])
def test_only_iana_names_are_time_zones(text):
    with pytest.raises(CellError, match="is not a time zone"):
        read_timezone(text)
