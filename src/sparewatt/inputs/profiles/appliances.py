"""What households switch on: power, length, uses per day, when, and who has one.

Own numbers in the ranges of the Household Electricity Survey (Intertek for DECC/DEFRA 2012, 250 English
homes: cold appliances 16 %, lighting 15 %, consumer electronics and ICT 20 %, cooking 14 %, washing 14 %,
water heating 7 %) and of the appliance list of Richardson, Thomson, Infield & Clifford, "Domestic electricity
use: a high-resolution energy demand model", Energy and Buildings 42 (2010). About four in ten British homes
have an electric shower, which makes the highest peaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sparewatt.inputs.profiles.local_days import READINGS

if TYPE_CHECKING:
    from numpy.typing import NDArray

Bump = tuple[float, float, float]
"""Clock hour, spread [h] and weight of one part of a start-time distribution."""


@dataclass(frozen=True)
class Appliance:
    """A kind of use.

    Parameters
    ----------
    name
        For people.
    owned
        Share of homes that have it [0-1].
    uses
        Mean uses per day of a home that has it.
    kw, minutes
        Power and mean length of its first part; a use takes 0.6-1.4 of that length [kW, min].
    tail_kw, tail_minutes
        Power and mean length of what follows [kW, min].
    times, weekend_times
        When it starts; the same at weekends where those are not given.
    weekend
        Uses at a weekend over those of a weekday.
    winter
        Uses rise and fall by this share over the year, most in mid-January [0-1].
    cold
        Uses grow by this per 10 K that the day is below 15.5 °C; with ``only_cold`` there are no others.
    needs
        ``"home"``: somebody is in and awake; ``"dark"``: also, it is dark outside; ``"any"``: neither.
    """

    name: str
    owned: float
    uses: float
    kw: float
    minutes: float
    times: tuple[Bump, ...]
    tail_kw: float = 0.0
    tail_minutes: float = 0.0
    weekend_times: tuple[Bump, ...] = ()
    weekend: float = 1.0
    winter: float = 0.0
    cold: float = 0.0
    only_cold: bool = False
    needs: str = "home"

    @property
    def kwh(self) -> float:
        """Mean energy of a use [kWh]."""
        return (self.kw * self.minutes + self.tail_kw * self.tail_minutes) / 60.0


_DINNER: tuple[Bump, ...] = ((17.8, 0.8, 0.75), (12.4, 0.9, 0.15), (7.6, 0.8, 0.10))
_MEALS: tuple[Bump, ...] = ((18.0, 0.9, 0.58), (12.5, 1.0, 0.24), (7.8, 0.9, 0.18))
_SUNDAY: tuple[Bump, ...] = ((17.8, 1.2, 0.50), (12.6, 1.4, 0.40), (9.3, 1.0, 0.10))
_MORNING: tuple[Bump, ...] = ((7.0, 0.8, 0.70), (18.8, 2.2, 0.22), (12.5, 2.5, 0.08))
_LATE_MORNING: tuple[Bump, ...] = ((8.8, 1.3, 0.70), (18.8, 2.5, 0.30))
_DAY: tuple[Bump, ...] = ((10.5, 2.2, 0.55), (18.2, 1.8, 0.45))
_EVENING: tuple[Bump, ...] = ((18.6, 1.9, 0.72), (13.0, 3.0, 0.18), (8.0, 1.2, 0.10))

APPLIANCES: Final = (
    Appliance("kettle", 0.97, 4.2, 2.7, 3.0, ((7.5, 1.0, 0.28), (13.0, 3.0, 0.32), (18.0, 2.2, 0.40))),
    Appliance("hob", 0.55, 1.15, 1.7, 24.0, _MEALS, weekend_times=_SUNDAY, winter=0.08),
    Appliance("oven", 0.70, 0.62, 2.3, 13.0, _DINNER, 0.9, 32.0, _SUNDAY, 1.25, 0.10),
    Appliance("microwave", 0.90, 1.6, 1.3, 5.0, _MEALS),
    Appliance("toaster", 0.85, 0.9, 1.1, 4.0, ((7.7, 1.0, 0.75), (12.5, 1.5, 0.25))),
    Appliance("shower", 0.43, 1.35, 8.5, 5.0, _MORNING, weekend_times=_LATE_MORNING, winter=0.10),
    Appliance("washer", 0.95, 0.60, 1.9, 22.0, _DAY, 0.22, 65.0, weekend=1.35),
    Appliance("dryer", 0.45, 0.45, 2.3, 55.0, ((12.5, 2.8, 0.5), (18.6, 1.8, 0.5)), winter=0.40, weekend=1.3),
    Appliance(
        "dishwasher", 0.45, 0.65, 1.9, 22.0, ((19.0, 1.4, 0.7), (11.5, 3.0, 0.3)), 0.55, 45.0, needs="any"
    ),
    Appliance("iron", 0.90, 0.18, 1.4, 25.0, ((18.5, 2.2, 0.6), (10.5, 2.0, 0.4))),
    Appliance("vacuum", 0.95, 0.25, 1.1, 18.0, _DAY, weekend=1.5),
    Appliance("television", 0.97, 2.6, 0.12, 105.0, ((19.3, 1.9, 0.75), (10.5, 3.0, 0.25)), winter=0.12),
    Appliance("computer", 0.90, 1.9, 0.09, 110.0, _EVENING, winter=0.05),
    Appliance("console", 0.40, 0.8, 0.14, 90.0, _EVENING, winter=0.10, weekend=1.4),
    Appliance("small", 1.00, 3.0, 0.35, 15.0, _EVENING),
    Appliance("lighting", 1.00, 15.0, 0.085, 75.0, ((18.8, 2.6, 0.70), (7.2, 0.9, 0.30)), needs="dark"),
    Appliance(
        "heater", 0.22, 1.0, 1.4, 75.0, ((18.8, 1.8, 0.60), (8.0, 1.8, 0.40)), cold=1.0, only_cold=True
    ),
)
NEEDS: Final = ("any", "home", "dark")


def start_tables() -> NDArray[np.float64]:
    """Cumulative chance that a use starts before each clock reading, shape (2, appliances, 49).

    First index: weekday, weekend. Spreads wrap round midnight.
    """
    hours = (np.arange(READINGS) + 0.5) * 24.0 / READINGS
    tables = np.zeros((2, len(APPLIANCES), READINGS + 1))
    for a, appliance in enumerate(APPLIANCES):
        for w, bumps in enumerate((appliance.times, appliance.weekend_times or appliance.times)):
            density = np.zeros(READINGS)
            for hour, spread, weight in bumps:
                off = (hours - hour + 12.0) % 24.0 - 12.0
                density += weight / spread * np.exp(-0.5 * (off / spread) ** 2)
            tables[w, a, 1:] = np.cumsum(density / density.sum())
    tables[:, :, -1] = 1.0
    return tables
