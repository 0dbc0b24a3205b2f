"""Tables and columns of inputs in words: titles, units and what a column means, beside what specs name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.inputs.community.events import CONSUMER_COLUMNS, PRODUCER_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class ColumnWords:
    """A column for people: title, unit, and what it means."""

    title: str
    unit: str = ""
    help: str = ""


DEPOT_TITLES = {
    "t_sites": ("Sites", "Where vehicles charge, and how much power the supply agreement allows."),
    "t_allocation": ("Chargers", "Which site a plan is for, and with which chargers."),
    "t_route_allocated": ("Driven routes", "Which vehicle drives which route on which day, and its energy."),
    "t_route_master": ("Route times", "When routes leave and come back."),
    "t_vehicle_specifications": ("Vehicles", "Batteries and charging powers of the kinds of vehicles."),
    "t_electricity_price": ("Prices", "Price of electricity by half-hour; a gap carries the last price."),
    "t_site_load": ("Site load", "What else the site draws by half-hour; no rows mean none."),
    "t_client": ("Client", "Whose fleet it is."),
    "t_run_charging": ("Plans", "What is planned: modes, days and margins."),
    "t_system_parameters": ("Current plan", "Which plan is run where the settings name none."),
}
"""Title and meaning of the depot's tables, in the order in which people fill them in."""

_DEPOT = {
    "current_run_id": ("Current plan", "", "Id of the plan that is run"),
    "run_id": ("Plan", "", "Id of the plan"),
    "client_id": ("Client", "", "Id of the client"),
    "name": ("Name", "", ""),
    "charging_mode": ("Charging modes", "", 'List of "BAU" (unmanaged) and "opt" (smart); empty: both'),
    "day_start_hours": ("Day starts at", "h", "Hour at which a planning day begins, 0 to 23; empty: 0"),
    "asc_margin": (
        "Breach margin",
        "share",
        "0.2: up to 120 % of the supply capacity in a breach; empty: 0.2",
    ),
    "soc_margin": ("Battery reserve", "share", "Share of the battery kept as reserve; empty: 0"),
    "num_days": ("Days", "days", "Days planned at most; empty: all"),
    "allocation_ids": ("Allocations", "", "List of ids; empty: all of this plan with schedule 2"),
    "allocation_id": ("Allocation", "", "Id of a choice of site, vehicles and chargers"),
    "site_id": ("Site", "", "Id of the site"),
    "route_table": ("Table of times", "", "Which table holds the times of routes; empty: t_route_master"),
    "charger1": ("AC charger", "kW", "Rating of an AC charger; 0 or empty: none"),
    "charger2": ("DC charger", "kW", "Rating of a DC charger; 0 or empty: none"),
    "num_charger1": ("AC chargers", "number", "How many AC chargers there are"),
    "num_charger2": ("DC chargers", "number", "How many DC chargers there are"),
    "schedule_charge": ("Schedule", "", "2: planned where a plan names no allocations"),
    "route_id": ("Route", "", "Id of the route"),
    "allocated_vehicle_id": ("Vehicle", "", "Id of the vehicle that drives it"),
    "allocated_spec_id": ("Vehicle kind", "", "Id of its kind in Vehicles"),
    "date": ("Date", "", "Local day of departure, YYYY-MM-DD"),
    "energy_required_kwh": ("Energy", "kWh", "What the route takes from the battery"),
    "recharge_hours": ("Plugged in for", "h", "0 or empty: until the next departure"),
    "departure_time": ("Leaves", "h:min", "Local time of day; 24:00 and above is the next day"),
    "arrival_time": ("Returns", "h:min", "Local time of day; 28:15 is 04:15 on the next day"),
    "asc_kw": ("Supply capacity", "kW", "Agreed supply capacity of the site"),
    "distribution_id": ("Price area", "", "Id of the prices that hold at the site"),
    "min_to_connect": ("Time to plug in", "min", "From arrival to plugged in; empty: 0"),
    "timezone": ("Time zone", "", "IANA zone of its clocks; empty: Europe/London"),
    "excess_capacity_price": (
        "Excess price",
        "currency per kW",
        "Per kW above the capacity and day; empty: 0",
    ),
    "datetime": ("Time", "", "Local beginning of the half-hour, YYYY-MM-DD HH:MM"),
    "clean_load": ("Other load", "kW", "Mean power of everything but vehicles"),
    "electricity_price_fixed": ("Price", "currency/kWh", "Price of energy in the half-hour"),
    "spec_id": ("Vehicle kind", "", "Id of the kind"),
    "battery_size": ("Battery", "kWh", "Usable energy of the battery"),
    "charge_power_ac": ("AC charging", "kW", "Greatest power on AC; 0 or empty: none"),
    "charge_power_dc": ("DC charging", "kW", "Greatest power on DC; 0 or empty: none"),
}
_HEADERLESS = {"consumer_event.csv": CONSUMER_COLUMNS, "producer_event.csv": PRODUCER_COLUMNS}
_KNOWN_UNITS = {
    "registered": "UNIX s",
    "earliest_start": "UNIX s",
    "latest_start": "UNIX s",
    "earliest": "UNIX s",
    "ready_by": "UNIX s",
    "issued": "UNIX s",
    "efficiency": "0–1",
    "start_soc": "0–1",
}
_SUFFIXES = (
    ("_per_kwh", "currency/kWh"),
    ("_kwh", "kWh"),
    ("_kw", "kW"),
    ("_wh", "Wh"),
    ("_kva", "kVA"),
    ("_pu", "pu"),
    ("_w", "W"),
    ("_h", "h"),
)
_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]+)[)\]]\s*$")


def column_words(file: str, header: Sequence[str], width: int) -> list[ColumnWords]:
    """Words for every column of a table of inputs, as many as it is wide."""
    name = file.rpartition("/")[2].lower()
    keys = list(header) or list(_HEADERLESS.get(name, ()))
    if len(keys) != width:
        keys = [f"Column {n + 1}" for n in range(width)]
    if not header and name not in _HEADERLESS and width == 2 and "/" in file:  # noqa: PLR2004 - time and energy
        keys = ["Time (s)", "Energy so far (Wh)"]
    is_depot = name.startswith("t_")
    return [_words(key, is_depot=is_depot) for key in keys]


def _words(key: str, *, is_depot: bool) -> ColumnWords:
    if is_depot and key.lower() in _DEPOT:
        return ColumnWords(*_DEPOT[key.lower()])
    inside = _BRACKETS.search(key)
    if inside is not None:
        return ColumnWords(_BRACKETS.sub("", key), inside[1])
    unit = _KNOWN_UNITS.get(key.lower(), "")
    unit = unit or next((u for end, u in _SUFFIXES if key.lower().endswith(end)), "")
    return ColumnWords(key, unit)
