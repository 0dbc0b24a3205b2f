"""The tables of a depot and the columns that are read from them (spec section 1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableForm:
    """What is read of one table.

    Parameters
    ----------
    name
        Name as the spec fixes it.
    required, optional
        Columns; other columns are ignored.
    key
        Columns that tell a person which record is meant.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    key: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read."""
        return self.required + self.optional


SYSTEM_PARAMETERS = TableForm("t_system_parameters", ("current_run_id",))
RUN_CHARGING = TableForm(
    "t_run_charging",
    ("run_id",),
    (
        "client_id",
        "charging_mode",
        "day_start_hours",
        "asc_margin",
        "soc_margin",
        "num_days",
        "allocation_ids",
    ),
    ("run_id",),
)
CLIENT = TableForm("t_client", ("client_id",), ("name",), ("client_id",))
ALLOCATION = TableForm(
    "t_allocation",
    ("allocation_id", "site_id"),
    (
        "run_id",
        "route_table",
        "charger1",
        "charger2",
        "num_charger1",
        "num_charger2",
        "schedule_charge",
    ),
    ("allocation_id",),
)
ROUTE_ALLOCATED = TableForm(
    "t_route_allocated",
    (
        "allocation_id",
        "route_id",
        "allocated_vehicle_id",
        "allocated_spec_id",
        "date",
        "energy_required_kwh",
    ),
    ("recharge_hours",),
    ("allocation_id", "allocated_vehicle_id", "route_id", "date"),
)
ROUTE_MASTER = TableForm("t_route_master", ("route_id", "departure_time", "arrival_time"), (), ("route_id",))
SITES = TableForm(
    "t_sites",
    ("site_id", "asc_kw", "distribution_id"),
    ("min_to_connect", "timezone", "excess_capacity_price"),
    ("site_id",),
)
SITE_LOAD = TableForm("t_site_load", ("site_id", "datetime", "clean_load"), (), ("site_id", "datetime"))
ELECTRICITY_PRICE = TableForm(
    "t_electricity_price",
    ("distribution_id", "datetime", "electricity_price_fixed"),
    (),
    ("distribution_id", "datetime"),
)
VEHICLE_SPECIFICATIONS = TableForm(
    "t_vehicle_specifications",
    ("spec_id", "battery_size", "charge_power_ac", "charge_power_dc"),
    (),
    ("spec_id",),
)


def route_master_named(name: str) -> TableForm:
    """The form of ``t_route_master`` under the name that an allocation gives it."""
    form = ROUTE_MASTER
    return TableForm(name, form.required, form.optional, form.key)


REQUIRED = (
    SYSTEM_PARAMETERS,
    RUN_CHARGING,
    ALLOCATION,
    ROUTE_ALLOCATED,
    SITES,
    VEHICLE_SPECIFICATIONS,
)
"""Tables without which there is no run; t_route_master may be replaced by an allocation's own."""

OPTIONAL = (CLIENT, SITE_LOAD, ELECTRICITY_PRICE)
"""Tables whose absence means something."""
