"""Contracting: smart reservations, from what is free and booked to a contract in the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.evses import grid_power
from sparewatt.model.reservation import ReservationCandidate, ReservationRequest
from sparewatt.model.trace import NONE, Fate
from sparewatt.simulate.book import free_units, live_contracts, reserve
from sparewatt.simulate.protocol import booked_stay, next_to_book, refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.operating_rules import OperatingRules
    from sparewatt.model.reservation import Contract
    from sparewatt.simulate.state import Hub


def reserve_smartly(
    hub: Hub,
    system: ClusterSystem,
    fleet: Fleet,
    rules: OperatingRules,
    now: int,
    contracts: list[Contract],
) -> None:
    """Smart reservations that are heard now; new contracts are appended.

    A vehicle for which no unit is free over its stay is refused; one that no schedule serves inside
    limits and bookings gets no offer. Either does not come.
    """
    from sparewatt.decide.optimise.cluster_reservation import plan_reservation  # noqa: PLC0415 - solver loads late

    v = next_to_book(hub, now)
    while v != NONE:
        candidates = find_candidates(hub, system, fleet, v, now, contracts)
        contract = plan_reservation(_request(fleet, v), candidates, rules, hub.step_h) if candidates else None
        if contract is not None:
            contracts.append(contract)
            number = len(contracts) - 1
            reserve(hub, v, contract.evse, contract.first, contract.end, now, number)
        else:
            refuse(hub, v, int(Fate.NO_OFFER if candidates else Fate.RESERVATION_REFUSED))
        v = next_to_book(hub, now)


def find_candidates(
    hub: Hub, system: ClusterSystem, fleet: Fleet, vehicle: int, now: int, contracts: list[Contract]
) -> list[ReservationCandidate]:
    """One candidate per cluster and kind of unit (powers with this vehicle, efficiency) that is free.

    Of each kind it is the unit that the common choice rule gives: the weakest, then the first. Beyond
    the horizon the last limits and prices hold.
    """
    evses, out = system.evses, []
    for cluster, limit in enumerate(system.limits):
        first, end = booked_stay(hub, vehicle, cluster, now)
        units = free_units(hub, cluster, first, end, now)
        kinds: dict[tuple[float, float, float], int] = {}
        charge = np.minimum(evses.max_charge_kw[units], fleet.max_charge_kw[vehicle])
        discharge = np.minimum(evses.max_discharge_kw[units], fleet.max_discharge_kw[vehicle])
        rows = zip(charge.tolist(), discharge.tolist(), evses.efficiency[units].tolist(), strict=True)
        for evse, kind in zip(units.tolist(), rows, strict=True):
            kinds.setdefault(kind, evse)
        if not kinds:
            continue
        drop = float(system.traffic.soc_drop[cluster])
        booked = booked_kw(hub, system, cluster, first, end, contracts)
        held = np.minimum(np.arange(first, end), hub.periods - 1)
        out += [
            ReservationCandidate(
                cluster=cluster,
                evse=evse,
                first=first,
                end=end,
                arrival_soc=max(0.0, float(fleet.declared_soc[vehicle]) - drop),
                charge_kw=kind[0],
                discharge_kw=kind[1],
                efficiency=kind[2],
                booked_kw=booked,
                lower_kw=limit.lower_kw[held],
                upper_kw=limit.upper_kw[held],
                tariff_per_kwh=system.price_per_kwh[held],
            )
            for kind, evse in kinds.items()
        ]
    return out


def booked_kw(
    hub: Hub, system: ClusterSystem, cluster: int, first: int, end: int, contracts: list[Contract]
) -> NDArray[np.float64]:
    """Power of all live contracts of a cluster over a stay, grid side, shape (end - first,) [kW]."""
    out = np.zeros(end - first)
    for number in live_contracts(hub, cluster).tolist():
        contract = contracts[number]
        a, b = max(first, contract.first), min(end, contract.end)
        if a < b:
            own = contract.battery_kw[a - contract.first : b - contract.first]
            out[a - first : b - first] += grid_power(own, float(system.evses.efficiency[contract.evse]))
    return out


def _request(fleet: Fleet, vehicle: int) -> ReservationRequest:
    """What the vehicle declares, beside its stay."""
    return ReservationRequest(
        battery_kwh=float(fleet.battery_kwh[vehicle]),
        min_soc=float(fleet.min_soc[vehicle]),
        max_soc=float(fleet.max_soc[vehicle]),
        target_soc=float(fleet.target_soc[vehicle]),
        v2g_allowance_kwh=float(fleet.v2g_allowance_kwh[vehicle]),
    )
