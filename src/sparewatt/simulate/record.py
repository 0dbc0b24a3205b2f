"""Record: from the state at the end of the horizon to the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel
from sparewatt.model.trace import Bookings, Connections, Setting, Trace
from sparewatt.simulate.state import BOOKINGS, CONNECTION, CONNECTIONS, G2V, QUEUED, SOC, V2G

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.operating_rules import OperatingRules
    from sparewatt.model.reservation import Contract
    from sparewatt.model.trace import StepNote
    from sparewatt.simulate.operations import Operations
    from sparewatt.simulate.state import Hub, Records


def trace_of(
    hub: Hub,
    system: ClusterSystem,
    fleet: Fleet,
    rules: OperatingRules,
    log: Sequence[Records],
    contracts: Sequence[Contract],
    notes: Sequence[StepNote],
    operations: Operations,
) -> Trace:
    """The trace of a hub whose last period is done; the state stays as it is."""
    waiting = hub.queue[: hub.counts[QUEUED]]
    waited = hub.progress["waited"].copy()
    waited[waiting] = hub.periods - hub.visits["arrival"][waiting]
    return Trace(
        system=system,
        fleet=fleet,
        rules=rules,
        connections=_connections(hub),
        bookings=_bookings(hub),
        contracts=tuple(contracts),
        setting=_setting(int(hub.counts[CONNECTIONS]), log),
        cluster_kw=hub.cluster_kw,
        fate=hub.progress["fate"].astype(np.int8),
        waited_h=waited * hub.step_h,
        notes=tuple(notes),
        limit_changes=tuple(operations.limit_changes),
        by_hand=tuple(operations.by_hand),
    )


def _connections(hub: Hub) -> Connections:
    """Finished connections as they are; of the others state of charge and energies are still at the unit."""
    links = hub.links[: hub.counts[CONNECTIONS]]
    here = np.flatnonzero(np.arange(hub.taken.shape[0]) < _filled(hub))
    still = hub.plug_row[CONNECTION, here]
    end, soc_last = links["end"].copy(), links["soc_last"].copy()
    g2v, v2g = links["g2v_kwh"].copy(), links["v2g_kwh"].copy()
    end[still], soc_last[still] = hub.periods, hub.plug_kw[SOC, here]
    g2v[still], v2g[still] = hub.plug_kw[G2V, here], hub.plug_kw[V2G, here]
    connected = np.zeros(len(links), dtype=np.bool_)
    connected[still] = True
    return Connections(
        vehicle=links["vehicle"].copy(),
        evse=links["evse"].copy(),
        booking=links["booking"].copy(),
        first=links["first"].copy(),
        end=end,
        still_connected=connected,
        soc_first=links["soc_first"].copy(),
        soc_last=soc_last,
        g2v_kwh=g2v,
        v2g_kwh=v2g,
    )


def _filled(hub: Hub) -> NDArray[np.int64]:
    """For each place of ``plug_kw``, the end of the filled places of its cluster, shape (units,)."""
    clusters = hub.clusters
    return np.repeat(clusters["first"] + clusters["connected"], clusters["end"] - clusters["first"])


def _bookings(hub: Hub) -> Bookings:
    """All bookings."""
    rows = hub.bookings[: hub.counts[BOOKINGS]]
    return Bookings(
        vehicle=rows["vehicle"].copy(),
        evse=rows["evse"].copy(),
        made=rows["made"].copy(),
        first=rows["first"].copy(),
        end=rows["end"].copy(),
        closed=rows["closed"].copy(),
        state=rows["state"].astype(np.int8),
        contract=rows["contract"].copy(),
    )


def _setting(connections: int, log: Sequence[Records]) -> Setting:
    """The log ordered by connection; within one it is in the order of time already."""
    count = np.zeros(connections + 1, dtype=np.int64)
    for piece in log:
        count[1:] += np.bincount(piece["link"], minlength=connections)
    offset = np.cumsum(count)
    period, battery_kw = np.empty(offset[-1], dtype=np.int64), np.empty(offset[-1])
    place = offset[:-1].copy()
    for piece in log:
        scatter(piece, place, period, battery_kw)
    return Setting(offset, period, battery_kw)


@kernel()
def scatter(
    changes: Records,
    place: NDArray[np.int64],
    period: NDArray[np.int64],
    battery_kw: NDArray[np.float64],
) -> None:
    """Write each change at the next place of its connection.

    In plain Python::

        for k, t, p in changes:
            period[place[k]], battery_kw[place[k]] = t, p
            place[k] += 1
    """
    for n in range(changes.shape[0]):
        k = changes[n].link
        period[place[k]] = changes[n].period
        battery_kw[place[k]] = changes[n].kw
        place[k] += 1
