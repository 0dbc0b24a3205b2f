"""Kernels that plug vehicles in and out of their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel
from sparewatt.model.trace import NONE, Fate
from sparewatt.simulate.book import ACTIVE, USED, close
from sparewatt.simulate.heap import ROW_BITS, ROW_MASK, pop_due, push_due
from sparewatt.simulate.state import (
    BATTERY,
    CHARGE,
    CONNECTION,
    CONNECTIONS,
    DEADLINE_S,
    DEPARTING,
    DISCHARGE,
    EFFICIENCY,
    EVSE,
    G2V,
    GONE,
    LAST_KW,
    MAX_CHARGE,
    MAX_SOC,
    MIN_SOC,
    PLUG_FLOATS,
    PLUG_INTS,
    SINCE,
    SOC,
    TABLE_END,
    TABLE_FIRST,
    TARGET,
    V2G,
    V2G_LEFT,
    VEHICLE,
)

if TYPE_CHECKING:
    from sparewatt.simulate.state import Hub

ADMITTED = int(Fate.ADMITTED)


@kernel()
def connect(hub: Hub, vehicle: int, booking: int, now: int) -> None:
    """Plug a vehicle in at the unit of its booking, last in its cluster's order."""
    evse = hub.bookings[booking].evse
    hub.bookings[booking].state = ACTIVE
    k = hub.counts[CONNECTIONS]
    hub.counts[CONNECTIONS] = k + 1
    hub.taken[hub.units[evse].place] = 1
    visit, unit, link, progress = hub.visits[vehicle], hub.units[evse], hub.links[k], hub.progress[vehicle]
    link.vehicle, link.evse, link.booking, link.first, link.end = vehicle, evse, booking, now, NONE
    link.soc_first, link.soc_last = visit.soc, visit.soc
    progress.fate, progress.waited = ADMITTED, now - visit.arrival
    hub.counts[DEPARTING] = push_due(hub.departures, hub.counts[DEPARTING], visit.depart, k)
    i = hub.clusters[unit.cluster].first + hub.clusters[unit.cluster].connected
    hub.clusters[unit.cluster].connected += 1
    own, row = hub.plug_kw[:, i], hub.plug_row[:, i]
    own[SOC], own[TARGET], own[MIN_SOC], own[MAX_SOC] = visit.soc, visit.target, visit.min_soc, visit.max_soc
    own[BATTERY], own[EFFICIENCY] = visit.battery_kwh, unit.efficiency
    own[MAX_CHARGE] = min(unit.charge_kw, visit.charge_kw)
    own[CHARGE] = own[MAX_CHARGE]
    own[DISCHARGE] = min(unit.discharge_kw, visit.discharge_kw)
    own[V2G_LEFT], own[G2V], own[V2G], own[LAST_KW] = visit.v2g_kwh, 0.0, 0.0, np.inf
    row[VEHICLE], row[EVSE], row[CONNECTION], row[SINCE] = vehicle, evse, k, now
    row[DEADLINE_S], row[GONE] = visit.leaves_s, 0
    row[TABLE_FIRST], row[TABLE_END] = visit.table_first, visit.table_end


@kernel()
def depart(hub: Hub, now: int) -> None:
    """Plug out all whose departure has come; their bookings are closed and the others close ranks."""
    some = False
    while hub.counts[DEPARTING] > 0 and hub.departures[0] >> ROW_BITS <= now:
        k = hub.departures[0] & ROW_MASK
        hub.counts[DEPARTING] = pop_due(hub.departures, hub.counts[DEPARTING])
        link = hub.links[k]
        cluster = hub.units[link.evse].cluster
        first = hub.clusters[cluster].first
        order = hub.plug_row[CONNECTION, first : first + hub.clusters[cluster].connected]
        i = first + np.searchsorted(order, k)
        link.end, link.soc_last = now, hub.plug_kw[SOC, i]
        link.g2v_kwh, link.v2g_kwh = hub.plug_kw[G2V, i], hub.plug_kw[V2G, i]
        hub.plug_row[GONE, i] = 1
        hub.taken[hub.units[link.evse].place] = 0
        close(hub, link.booking, USED, now)
        some = True
    if some:
        for cluster in range(hub.clusters.shape[0]):
            if hub.clusters[cluster].freed == 1:
                _close_ranks(hub, cluster)


@kernel()
def _close_ranks(hub: Hub, cluster: int) -> None:
    """Move the vehicles of a cluster to the left over those that are gone, in their order."""
    first = hub.clusters[cluster].first
    end = first + hub.clusters[cluster].connected
    to = first
    while to < end and hub.plug_row[GONE, to] == 0:
        to += 1
    for i in range(to, end):
        if hub.plug_row[GONE, i] == 0:
            for field in range(PLUG_FLOATS):
                hub.plug_kw[field, to] = hub.plug_kw[field, i]
            for field in range(PLUG_INTS):
                hub.plug_row[field, to] = hub.plug_row[field, i]
            to += 1
    for i in range(to, end):
        hub.plug_kw[:, i] = 0.0
        hub.plug_row[:, i] = 0
    hub.clusters[cluster].connected = to - first
