"""Facts: the inputs as the arrays that a hub begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.fleet import NO_SOC, NO_TIME
from sparewatt.model.trace import NONE, Fate
from sparewatt.simulate.clock import NEVER, boundary_at_or_after, boundary_at_or_before, departure_boundary
from sparewatt.simulate.state import (
    BOOKING,
    CHANGE,
    CLUSTER,
    COUNTS,
    LINK,
    PLUG_FLOATS,
    PLUG_INTS,
    PROGRESS,
    QUEUE_LEAVES,
    RESERVATION,
    UNIT,
    VISIT,
    Hub,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.operating_rules import OperatingRules
    from sparewatt.simulate.state import Records


def new_hub(system: ClusterSystem, fleet: Fleet, rules: OperatingRules, log_entries: int) -> Hub:
    """The state before the first period.

    Parameters
    ----------
    system, fleet, rules
        What is simulated, and how it is run.
    log_entries
        Room of the log; at least one per unit.
    """
    horizon, units, visits = system.horizon, len(system.evses), len(fleet)
    facts, reservations = _visits(system, fleet), _reservations(system, fleet, rules)
    progress = np.zeros(visits, dtype=PROGRESS)
    progress["fate"] = np.where(_never_comes(system, fleet), Fate.NO_SHOW, Fate.NOT_YET)
    progress["goal"], progress["booking"] = fleet.target_cluster, NONE
    counts = np.zeros(COUNTS, dtype=np.int64)
    counts[QUEUE_LEAVES] = NEVER
    return Hub(
        periods=horizon.periods,
        grace=-(-rules.grace_s // horizon.step_s),
        start_s=horizon.start_s,
        step_s=horizon.step_s,
        step_h=horizon.step_h,
        queueing=rules.queue,
        rerouting=rules.reroute,
        visits=facts,
        units=_units(system),
        clusters=_clusters(system),
        reservations=reservations,
        arrival_order=_in_order(fleet.real_arrival_s, fleet, facts["arrival"] < horizon.periods),
        soc_to=np.ascontiguousarray(fleet.power_table.soc_to, dtype=np.float64),
        max_kw=np.ascontiguousarray(fleet.power_table.max_kw, dtype=np.float64),
        counts=counts,
        progress=progress,
        bookings=np.zeros(visits + len(reservations), dtype=BOOKING),
        links=np.zeros(visits, dtype=LINK),
        taken=np.zeros(units, dtype=np.int8),
        plug_kw=np.zeros((PLUG_FLOATS, units)),
        plug_row=np.zeros((PLUG_INTS, units), dtype=np.int64),
        queue=np.zeros(visits, dtype=np.int64),
        departures=np.zeros(units, dtype=np.int64),
        releases=np.zeros(2 * len(reservations), dtype=np.int64),
        log=np.zeros(log_entries, dtype=CHANGE),
        cluster_kw=np.zeros((len(system.cluster_ids), horizon.periods)),
    )


def _reservations(system: ClusterSystem, fleet: Fleet, rules: OperatingRules) -> Records:
    """Requests to book, in the order in which they are heard."""
    books = np.zeros(len(fleet), dtype=np.bool_)
    if rules.reservation != "none":
        books = (fleet.reservation_s != NO_TIME) & (fleet.declared_arrival_s != NO_TIME)
        if rules.reservation == "smart":
            books &= fleet.declared_soc != NO_SOC
    heard = boundary_at_or_after(fleet.reservation_s, system.horizon)
    order = _in_order(fleet.reservation_s, fleet, books & (heard < system.horizon.periods))
    out = np.zeros(len(order), dtype=RESERVATION)
    out["visit"], out["period"] = order, heard[order]
    return out


def _in_order(time_s: NDArray[np.int64], fleet: Fleet, which: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows of some visits by a time, then by id."""
    rows = np.flatnonzero(which)
    return rows[np.lexsort((fleet.id_rank[rows], time_s[rows]))]


def _never_comes(system: ClusterSystem, fleet: Fleet) -> NDArray[np.bool_]:
    """No-shows: visits without a real arrival, unless they declared one after the end."""
    said = boundary_at_or_after(fleet.declared_arrival_s, system.horizon)
    later = (fleet.declared_arrival_s != NO_TIME) & (said >= system.horizon.periods)
    return np.asarray((fleet.real_arrival_s == NO_TIME) & ~later)


def _visits(system: ClusterSystem, fleet: Fleet) -> Records:
    """Facts of the visits."""
    horizon, table = system.horizon, fleet.power_table
    out = np.zeros(len(fleet), dtype=VISIT)
    out["arrival"] = boundary_at_or_after(fleet.real_arrival_s, horizon)
    out["depart"] = departure_boundary(fleet.real_departure_s, horizon)
    out["declared_end"] = boundary_at_or_before(fleet.declared_departure_s, horizon)
    out["arrives_s"], out["leaves_s"] = fleet.declared_arrival_s, fleet.declared_departure_s
    out["cluster"] = fleet.target_cluster
    out["table_first"], out["table_end"] = table.offset[:-1], table.offset[1:]
    out["soc"], out["target"] = fleet.real_soc, fleet.target_soc
    out["min_soc"], out["max_soc"] = fleet.min_soc, fleet.max_soc
    out["battery_kwh"], out["v2g_kwh"] = fleet.battery_kwh, fleet.v2g_allowance_kwh
    out["charge_kw"], out["discharge_kw"] = fleet.max_charge_kw, fleet.max_discharge_kw
    return out


def _units(system: ClusterSystem) -> Records:
    """Facts of the units; nothing is booked."""
    evses, row = system.evses, np.arange(len(system.evses))
    out = np.zeros(len(evses), dtype=UNIT)
    out["cluster"], out["efficiency"], out["head"] = evses.cluster, evses.efficiency, NONE
    out["charge_kw"], out["discharge_kw"] = evses.max_charge_kw, evses.max_discharge_kw
    out["smallest"] = np.lexsort((row, evses.max_charge_kw, evses.cluster))
    out["largest"] = np.lexsort((row, -evses.max_charge_kw, evses.cluster))
    out["place"] = np.argsort(out["smallest"])
    return out


def _clusters(system: ClusterSystem) -> Records:
    """Facts of the clusters; nobody is there."""
    out = np.zeros(len(system.cluster_ids), dtype=CLUSTER)
    edges = np.searchsorted(system.evses.cluster, np.arange(len(out) + 1))
    out["first"], out["end"] = edges[:-1], edges[1:]
    out["arrival_delay_s"] = system.traffic.arrival_delay_s
    out["departure_delay_s"] = system.traffic.departure_delay_s
    return out
