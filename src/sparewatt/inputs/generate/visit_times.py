"""Clock readings of drawn visits in UTC, across clock changes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from sparewatt.inputs.generate.visit_bins import IndependentBins
from sparewatt.inputs.generate.visit_draws import draw_stays
from sparewatt.inputs.local_clock import NO_OFFSET, clocks_to_utc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.generate.visit_bins import JointBins
    from sparewatt.inputs.generate.visit_draws import VisitDraws

SATURDAY = 5
_DAY_S, _QUARTER_S, _MINUTE_S = 86_400, 900, 60
_EPOCH = date(1970, 1, 1)
_ROUNDS = 100  # of redrawing stays that a clock change made too short; what is left then is stretched


def days_of_visits(
    first_day: date, days: int, visits_per_day: int, weekend_visits_per_day: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Day of each visit, counted from the first, and whether it is a Saturday or Sunday."""
    weekend = np.array([(first_day + timedelta(days=d)).weekday() >= SATURDAY for d in range(days)])
    counts = np.where(weekend, weekend_visits_per_day, visits_per_day)
    day = np.repeat(np.arange(days), counts)
    return day, weekend[day]


def visit_times(
    rng: np.random.Generator,
    bins: IndependentBins | JointBins,
    draws: VisitDraws,
    first_day: date,
    day: NDArray[np.int64],
    weekend: NDArray[np.bool_],
    timezone: str,
    min_stay_min: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Arrivals and departures in UTC, shape (visits,) [s since the epoch].

    A reading that the clock skips is taken with the offset before the change (02:30 becomes 03:30), one
    that it shows twice as its first occurrence. The minimum stay holds in elapsed time: where a clock
    change leaves less, a departure from independent bins is drawn again, one from joint bins stretched.

    Parameters
    ----------
    rng
        Seeded generator, used for those draws only.
    bins, draws, min_stay_min
        As in `draw_visits`.
    first_day
        Local date of day 0.
    day, weekend
        As from `days_of_visits`, shape (visits,).
    timezone
        IANA name of the zone of the clock.
    """
    midnight_s = ((first_day - _EPOCH).days + day) * _DAY_S
    arrival_s = _to_utc(midnight_s + draws.arrival_min * _MINUTE_S, timezone)
    departure_s = _to_utc(midnight_s + (draws.arrival_min + draws.stay_min) * _MINUTE_S, timezone)
    least_s = min_stay_min * _MINUTE_S
    short = np.flatnonzero(departure_s - arrival_s < least_s)
    rounds = _ROUNDS
    while isinstance(bins, IndependentBins) and len(short) and rounds:
        a, rounds = draws.arrival_min[short], rounds - 1
        stay = draw_stays(rng, bins, weekend[short].astype(np.int64), a, min_stay_min)
        departure_s[short] = _to_utc(midnight_s[short] + (a + stay) * _MINUTE_S, timezone)
        short = short[departure_s[short] - arrival_s[short] < least_s]
    departure_s[short] = arrival_s[short] + least_s
    return arrival_s, departure_s


def clock_of(time_s: NDArray[np.int64], timezone: str) -> NDArray[np.int64]:
    """What the local clock shows at UTC times, shape (times,) [s since the epoch on that clock]."""
    zone = ZoneInfo(timezone)
    quarters, at = np.unique(time_s // _QUARTER_S, return_inverse=True)  # clocks change on quarters of UTC
    moments = [datetime.fromtimestamp(int(q) * _QUARTER_S, zone) for q in quarters]
    offsets = [int((m.utcoffset() or timedelta(0)).total_seconds()) for m in moments]
    return np.asarray(time_s + np.array(offsets, dtype=np.int64)[at], dtype=np.int64)


def _to_utc(naive_s: NDArray[np.int64], timezone: str) -> NDArray[np.int64]:
    return clocks_to_utc(naive_s, np.full(len(naive_s), NO_OFFSET, dtype=np.int64), timezone)[0]
