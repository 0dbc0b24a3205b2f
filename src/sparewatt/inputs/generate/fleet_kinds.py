"""Kinds of fleet that the generator knows: vehicles, chargers, shifts, and how tight the site is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["vans", "tight_vans", "second_shift", "mixed", "hgv"]


@dataclass(frozen=True, slots=True)
class Spec:
    """A vehicle type: usable battery [kWh], greatest AC and DC power [kW]."""

    spec_id: int
    battery_kwh: float
    ac_kw: float
    dc_kw: float


@dataclass(frozen=True, slots=True)
class Shift:
    """One route of a day.

    Parameters
    ----------
    leave_h, back_h
        Earliest and latest local hour of departure and of arrival [h].
    share_of_battery
        Energy of an ordinary day over the usable battery, lowest and highest [-].
    recharge_h
        Shortest and longest stay after it [h]; (0, 0) = plugged in until the next departure.
    """

    leave_h: tuple[float, float]
    back_h: tuple[float, float]
    share_of_battery: tuple[float, float]
    recharge_h: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Crew:
    """A share of the fleet with one type of vehicle and one pattern of shifts."""

    share: float
    spec: Spec
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class FleetKind:
    """What a fleet is made of.

    Parameters
    ----------
    crews
        Parts of the fleet; shares add up to 1.
    ac_kw, dc_kw
        Charger ratings [kW].
    dc_per_vehicle
        DC chargers per vehicle, at least one in all.
    supply
        Agreed supply capacity over what an ordinary working day needs, spread over a night [-].
    weekend
        Share of the vehicles that go out on a day of the weekend [-].
    """

    crews: tuple[Crew, ...]
    ac_kw: float
    dc_kw: float
    dc_per_vehicle: float
    supply: float
    weekend: float


SMALL_VAN = Spec(1, 45.0, 7.4, 50.0)
LARGE_VAN = Spec(2, 75.0, 11.0, 80.0)
BOX_TRUCK = Spec(3, 160.0, 22.0, 120.0)
TRACTOR = Spec(4, 300.0, 43.0, 250.0)
SPECS = (SMALL_VAN, LARGE_VAN, BOX_TRUCK, TRACTOR)

_DAY = Shift((5.0, 8.0), (15.0, 20.0), (0.35, 0.8))
_EARLY = Shift((5.0, 7.0), (12.5, 14.5), (0.35, 0.6))
_LATE = Shift((17.0, 18.5), (21.5, 23.5), (0.3, 0.55))
_LONG_LEG = Shift((5.0, 8.0), (10.5, 13.0), (0.55, 0.7), (1.75, 2.5))
_SECOND_LEG = Shift((16.0, 17.0), (19.0, 21.5), (0.5, 0.65), (6.5, 7.5))
_ONE_LEG = Shift((5.5, 8.0), (14.0, 18.0), (0.45, 0.7), (8.0, 10.0))

_VANS = (Crew(0.5, SMALL_VAN, (_DAY,)), Crew(0.5, LARGE_VAN, (_DAY,)))

KINDS: dict[Kind, FleetKind] = {
    "vans": FleetKind(_VANS, 7.4, 50.0, 0.05, 1.0, 0.3),
    "tight_vans": FleetKind(_VANS, 7.4, 50.0, 0.05, 0.68, 0.3),
    "second_shift": FleetKind(
        (
            Crew(0.4, SMALL_VAN, (_DAY,)),
            Crew(0.3, LARGE_VAN, (_DAY,)),
            Crew(0.3, LARGE_VAN, (_EARLY, _LATE)),
        ),
        7.4,
        50.0,
        0.1,
        0.72,
        0.3,
    ),
    "mixed": FleetKind(
        (
            Crew(0.35, SMALL_VAN, (_DAY,)),
            Crew(0.3, LARGE_VAN, (_EARLY, _LATE)),
            Crew(0.2, LARGE_VAN, (_DAY,)),
            Crew(0.15, BOX_TRUCK, (_DAY,)),
        ),
        11.0,
        80.0,
        0.1,
        0.7,
        0.3,
    ),
    "hgv": FleetKind(
        (Crew(0.4, TRACTOR, (_LONG_LEG, _SECOND_LEG)), Crew(0.6, TRACTOR, (_ONE_LEG,))),
        43.0,
        180.0,
        0.4,
        1.05,
        0.2,
    ),
}
