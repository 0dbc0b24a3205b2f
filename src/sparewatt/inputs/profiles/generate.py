"""Generated profiles of a neighbourhood: demand, heat pumps and PV under one weather, from one seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.inputs.profiles.clouds import CloudDays
from sparewatt.inputs.profiles.heat_pump import HeatPumpDemand, draw_buildings
from sparewatt.inputs.profiles.household import HouseholdDemand, draw_homes
from sparewatt.inputs.profiles.solar import SolarYield, draw_roofs
from sparewatt.inputs.profiles.source import ProfileSet
from sparewatt.inputs.profiles.sun import MANCHESTER, Place
from sparewatt.inputs.profiles.weather import Climate

if TYPE_CHECKING:
    from sparewatt.inputs.profiles.weather import OutdoorTemperature
    from sparewatt.model.customers import Customers
    from sparewatt.model.horizon import Horizon


def generate_profiles(
    customers: Customers,
    horizon: Horizon,
    *,
    seed: int,
    place: Place = MANCHESTER,
    temperature: OutdoorTemperature | None = None,
) -> ProfileSet:
    """Profiles of customers; same seed, same bytes, whatever blocks are asked for and by how many workers.

    Parameters
    ----------
    customers, horizon
        Who, and when: any step that divides an hour.
    seed
        Of homes, buildings, roofs and weather. A customer's profile depends on it, the customer's name
        and class, and the day; it stays when other customers come or go.
    place
        Where the sun is seen from.
    temperature
        Outdoor temperature; left out: `Climate` of this seed and place.
    """
    weather = Climate(seed, place.longitude_deg) if temperature is None else temperature
    return ProfileSet(
        horizon,
        HouseholdDemand(horizon, draw_homes(customers, seed, place), place, weather),
        HeatPumpDemand(horizon, draw_buildings(customers.ids, seed), weather),
        SolarYield(horizon, place, draw_roofs(customers.ids, seed), CloudDays(seed), weather),
    )
