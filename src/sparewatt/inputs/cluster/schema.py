"""The sheets of a hub and their columns (spec section 2)."""

from __future__ import annotations

import re

from sparewatt.inputs.scenario_findings import nearest
from sparewatt.inputs.sheets.columns import SheetForm

FLEET, PRICE, POWER_SOC = "Fleet", "Price", "PowerSoC"
CLUSTER, CAPACITY = "Cluster", "Capacity"

EV_ID = "ev_id"
BATTERY = "Battery Capacity (kWh)"
CHARGE = "p_max_ch (kW)"
DISCHARGE = "p_max_ds (kW)"
RESERVATION = "Reservation Time"
DECLARED_ARRIVAL = "Estimated Arrival Time"
DECLARED_DEPARTURE = "Estimated Departure Time"
DECLARED_SOC = "Estimated Arrival SOC"
TARGET_SOC = "Target SOC @ Estimated Departure Time"
V2G = "V2G Allowance (kWh)"
REAL_ARRIVAL = "Real Arrival Time"
REAL_SOC = "Real Arrival SOC"
REAL_DEPARTURE = "Real Departure Time"
TARGET_CLUSTER = "Target Cluster"
MIN_SOC, MAX_SOC = "Min SOC", "Max SOC"

UNIT_ID = "cu_id"
UNIT_CHARGE = "cu_p_ch_max (kW)"
UNIT_DISCHARGE = "cu_p_ds_max (kW)"
UNIT_EFFICIENCY = "cu_eff"

TIME, LOWER, UPPER, PRICE_KWH = "TimeStep", "LB (kW)", "UB (kW)", "Price (per/kWh)"
SOC_FROM, SOC_TO, SOC_POWER = "SOC_LB", "SOC_UB", "P_UB (kW)"


FLEET_FORM = SheetForm(
    (
        EV_ID,
        BATTERY,
        CHARGE,
        DISCHARGE,
        RESERVATION,
        DECLARED_ARRIVAL,
        DECLARED_DEPARTURE,
        DECLARED_SOC,
        TARGET_SOC,
        V2G,
        REAL_ARRIVAL,
        REAL_SOC,
        REAL_DEPARTURE,
        TARGET_CLUSTER,
    ),
    (MIN_SOC, MAX_SOC),
)
CLUSTER_FORM = SheetForm((UNIT_ID, UNIT_CHARGE, UNIT_DISCHARGE, UNIT_EFFICIENCY))
CAPACITY_FORM = SheetForm((TIME, LOWER, UPPER))
PRICE_FORM = SheetForm((TIME, PRICE_KWH))
POWER_SOC_FORM = SheetForm((EV_ID, SOC_FROM, SOC_TO, SOC_POWER))

_SINGLE = {name.casefold(): name for name in (FLEET, PRICE, POWER_SOC)}
_NUMBERED = re.compile(r"(cluster|capacity)(.*)", re.IGNORECASE | re.DOTALL)
_DIGITS = re.compile(r"([0-9]+)")
_LEAST_LETTERS = 4


def sheet_kind(name: str) -> tuple[str, str]:
    """Kind of a sheet by its name, and the suffix of a ``Cluster…`` or ``Capacity…``; ``""`` for others.

    Case and surrounding spaces do not matter: ``"cluster A "`` is of kind ``Cluster``, suffix ``"a"``.
    """
    plain = name.strip().casefold()
    if plain in _SINGLE:
        return _SINGLE[plain], ""
    match = _NUMBERED.fullmatch(plain)
    if match is None:
        return "", ""
    return (CLUSTER if match[1] == CLUSTER.casefold() else CAPACITY), match[2].strip()


def cluster_id(suffix: str) -> str:
    """What Target Cluster calls the cluster of a sheet: ``"cluster1"`` for ``Cluster1``."""
    return f"{CLUSTER.casefold()}{suffix}"


def natural_order(suffix: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key that puts ``2`` before ``10``; sheets and files of any order give the same order."""
    parts = (p for p in _DIGITS.split(suffix) if p)
    return tuple((0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts), suffix


def meant_kind(name: str) -> str | None:
    """The kind of sheet that an unknown name was probably meant to be."""
    letters = _DIGITS.sub("", name).strip()
    if len(letters) < _LEAST_LETTERS:
        return None
    return nearest(letters, (FLEET, PRICE, POWER_SOC, CLUSTER, CAPACITY))
