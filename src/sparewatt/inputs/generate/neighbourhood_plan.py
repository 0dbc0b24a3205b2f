"""NeighbourhoodPlan: what a generated neighbourhood has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sparewatt.inputs.profiles.sun import MANCHESTER, Place

_MOST_JOBS, _MOST_ERROR = 200.0, 2.0


@dataclass(frozen=True)
class NeighbourhoodPlan:
    """A neighbourhood to be made.

    Parameters
    ----------
    houses
        Houses behind one substation.
    days
        Days with jobs and forecasts, from local midnight on [days].
    jobs_per_day
        Jobs of each house and day; a fraction is the chance of one more.
    pv_share
        Share of the houses with PV [0-1].
    sun_per_load
        Production over the energy of all jobs in the whole time: below 1 sun is scarce, and fewer houses have
        PV than ``pv_share`` says. ``None``: as much as roofs of 3 to 8 kWp give.
    forecast_error
        Standard deviation of a forecast for a day ahead, relative to what comes; less for sooner, none for
        the hour before; 0: perfect forecasts.
    ev_share, battery_share
        Share of the houses with an EV; with a battery [0-1].
    base_load
        Whether houses have load that cannot be moved.
    first_day, time_zone, place
        When, by which clock, and under which sun.
    name
        Of the neighbourhood; empty: by its size.
    """

    houses: int = 100
    days: int = 1
    jobs_per_day: float = 3.0
    pv_share: float = 0.5
    sun_per_load: float | None = None
    forecast_error: float = 0.0
    ev_share: float = 0.0
    battery_share: float = 0.0
    base_load: bool = False
    first_day: date = date(2026, 6, 8)
    time_zone: str = "Europe/London"
    place: Place = MANCHESTER
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse what no neighbourhood can be made of."""
        if self.houses < 1 or self.days < 1:
            raise ValueError("a neighbourhood has a house and a day at least")
        if not 0 <= self.jobs_per_day <= _MOST_JOBS:
            raise ValueError(f"a house has 0 to {_MOST_JOBS:g} jobs a day")
        if any(not 0 <= share <= 1 for share in (self.pv_share, self.ev_share, self.battery_share)):
            raise ValueError("shares are from 0 to 1")
        if not 0 <= self.forecast_error <= 2 or (self.sun_per_load is not None and not self.sun_per_load > 0):  # noqa: PLR2004 - a wild guess
            raise ValueError("forecast_error is from 0 to 2, sun_per_load above 0")
        if not (
            self.jobs_per_day or round(self.houses * self.pv_share) or round(self.houses * self.ev_share)
        ):
            raise ValueError("a neighbourhood without jobs, PV and EVs has nothing to simulate")
        ZoneInfo(self.time_zone)
