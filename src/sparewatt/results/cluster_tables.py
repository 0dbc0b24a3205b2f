"""Tables of a simulated hub: vehicles, connections, reservations and clusters, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sparewatt.model.trace import NONE, BookingState, Fate
from sparewatt.results.cluster_kpis import CLUSTER_KPIS
from sparewatt.results.cluster_series import text_column
from sparewatt.results.tables import Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.cluster_view import ClusterView
    from sparewatt.results.outcome import Outcome

_HERE = (Fate.ADMITTED, Fate.NO_FREE_EVSE, Fate.LEFT_QUEUE, Fate.TOO_SHORT)
"""Fates of vehicles that came."""


def vehicle_table(view: ClusterView) -> pa.Table:
    """Every visit: where it charged or why not, and what it got."""
    t = view.trace
    fleet, connection = t.fleet, view.visit_connection
    there = connection != NONE
    queued = (t.fate == Fate.NOT_YET) & (t.waited_h > 0)
    came = np.isin(t.fate, _HERE) | queued
    still = view.of_visit(t.connections.still_connected.astype(np.float64)) > 0
    left = (there & ~still) | (t.fate == Fate.LEFT_QUEUE)
    evse = np.full(len(fleet), NONE, dtype=np.int64)
    evse[t.connections.vehicle] = t.connections.evse
    g2v, v2g = view.of_visit(t.connections.g2v_kwh), view.of_visit(t.connections.v2g_kwh)
    return pa.table(
        {
            "ev_id": pa.array(fleet.ids, pa.string()),
            "cluster_id": text_column(view.cluster_ids, view.visit_cluster),
            "evse_id": text_column(t.system.evses.ids, evse),
            "admitted": (t.fate == Fate.ADMITTED).astype(np.int8),
            "reason": _words(Fate, t.fate, empty=Fate.ADMITTED),
            "arrival": _real_time(view, fleet.real_arrival_s, came),
            "departure": _real_time(view, fleet.real_departure_s, left),
            "soc_arrival": pa.array(fleet.real_soc, mask=~came),
            "soc_departure": _number(np.where(still, np.nan, view.of_visit(t.connections.soc_last))),
            "target_soc": fleet.target_soc,
            "net_kwh": _number(g2v - v2g),
            "g2v_kwh": _number(g2v),
            "v2g_kwh": _number(v2g),
            "contracted_kwh": _number(view.contracted_kwh),
            "short_of_target_kwh": _number(view.short_of_target_kwh),
        }
    )


def connection_table(view: ClusterView) -> pa.Table:
    """Every vehicle at a unit, in the order in which they were connected."""
    t = view.trace
    c, fleet = t.connections, t.fleet
    scheduled = _scheduled(view, view.visit_contract[c.vehicle])
    return pa.table(
        {
            "connection": np.arange(1, len(c) + 1),
            "cluster_id": text_column(view.cluster_ids, view.connection_cluster),
            "evse_id": text_column(t.system.evses.ids, c.evse),
            "ev_id": text_column(fleet.ids, c.vehicle),
            "reservation": pa.array(c.booking + 1, mask=c.booking < 0),
            "connected": _period_time(view, c.first),
            "left": _period_time(view, np.where(c.still_connected, NONE, c.end)),
            "battery_kwh": fleet.battery_kwh[c.vehicle],
            "soc_connected": c.soc_first,
            "soc_last": c.soc_last,
            "target_soc": fleet.target_soc[c.vehicle],
            "net_kwh": c.g2v_kwh - c.v2g_kwh,
            "g2v_kwh": c.g2v_kwh,
            "v2g_kwh": c.v2g_kwh,
            "scheduled_g2v_kwh": _number(scheduled[:, 0]),
            "scheduled_v2g_kwh": _number(scheduled[:, 1]),
            "waited_h": t.waited_h[c.vehicle],
        }
    )


def reservation_table(view: ClusterView) -> pa.Table:
    """Every booking, in the order in which they were made; walk-ins book when they arrive."""
    t = view.trace
    b, evses = t.bookings, t.system.evses
    scheduled = _scheduled(view, b.contract)
    signed = b.contract != NONE
    payment = np.full(len(b), np.nan)
    payment[signed] = np.array([c.payment for c in t.contracts], dtype=np.float64)[b.contract[signed]]
    return pa.table(
        {
            "reservation": np.arange(1, len(b) + 1),
            "ev_id": text_column(t.fleet.ids, b.vehicle),
            "cluster_id": text_column(view.cluster_ids, evses.cluster[b.evse]),
            "evse_id": text_column(evses.ids, b.evse),
            "reserved": _period_time(view, b.made),
            "from": _period_time(view, b.first),
            "until": _period_time(view, b.end),
            "closed": _period_time(view, b.closed),
            "state": _words(BookingState, b.state),
            "scheduled_g2v_kwh": _number(scheduled[:, 0]),
            "scheduled_v2g_kwh": _number(scheduled[:, 1]),
            "payment": _number(payment),
        }
    )


def cluster_table(outcome: Outcome, evses: NDArray[np.int64]) -> Table:
    """The KPIs of every cluster, one row each."""
    return Table(
        "clusters",
        ("cluster_id", "evses", *CLUSTER_KPIS),
        tuple(
            (part.id, int(count), *(part.value(name) for name in CLUSTER_KPIS))
            for part, count in zip(outcome.parts, evses, strict=True)
        ),
    )


def _scheduled(view: ClusterView, contract: NDArray[np.int64]) -> NDArray[np.float64]:
    """Scheduled charge and discharge of contracts, NaN without one, shape (rows, 2) [kWh]."""
    out = np.full((len(contract), 2), np.nan)
    signed = contract != NONE
    out[signed] = view.contract_kwh[contract[signed]]
    return out


def _number(values: NDArray[np.float64]) -> pa.Array:
    """Numbers, missing where NaN."""
    return pa.array(values, mask=np.isnan(values))


def _words(kind: type[Fate | BookingState], code: NDArray[np.int8], empty: Fate | None = None) -> pa.Array:
    """Names of codes in lower case, an empty text for ``empty``."""
    names = ["" if member == empty else member.name.lower() for member in kind]
    return pa.array(names, pa.string()).take(pa.array(code.astype(np.int64)))


def _period_time(view: ClusterView, boundary: NDArray[np.int64]) -> pa.Array:
    """Boundaries as local times; `NONE` as missing."""
    h = view.horizon
    return _local(view, h.start_s + boundary * h.step_s, boundary >= 0)


def _real_time(view: ClusterView, seconds: NDArray[np.int64], known: NDArray[np.bool_]) -> pa.Array:
    """Times as local times, missing where not ``known``."""
    return _local(view, seconds, known & (seconds >= 0))


def _local(view: ClusterView, seconds: NDArray[np.int64], known: NDArray[np.bool_]) -> pa.Array:
    stamps = pa.array(seconds * 1_000_000, mask=~known)
    return stamps.cast(pa.timestamp("us", view.horizon.timezone))
