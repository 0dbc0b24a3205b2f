"""Rules on power: of unit, vehicle and SoC; and the sum of a cluster, grid side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.verify.cluster_part import parts
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.verify.cluster_facts import TraceFacts
    from sparewatt.verify.cluster_part import Part

EDGE_SOC = 1e-9
"""How near a SoC may be to the edge of a range and still count as either side of it."""
SUM_DIGITS = 1e-12
"""Rounding of sums over many vehicles, as a share of the greatest power."""


def check_power(facts: TraceFacts, tolerance_kw: float) -> Iterator[Finding]:
    """Power of every connection within unit and vehicle, and within what its SoC allows."""
    rated = Tally("cluster.trace.power", "at most the lesser of unit and vehicle, each direction")
    by_soc = Tally("cluster.trace.power_by_soc", "at most what the vehicle takes at its SoC")
    for part in parts(facts):
        _look_at_rated(part, rated, tolerance_kw)
        _look_at_ranges(part, by_soc, tolerance_kw)
    yield from rated.findings()
    yield from by_soc.findings()


def _look_at_rated(part: Part, tally: Tally, tolerance_kw: float) -> None:
    """-min(unit, vehicle) discharging ≤ p ≤ min(unit, vehicle) charging."""
    facts, trace = part.facts, part.facts.trace
    e, v = trace.system.evses, part.vehicle
    evse = trace.connections.evse[part.connection]
    charge = np.minimum(e.max_charge_kw[evse], trace.fleet.max_charge_kw[v])
    discharge = np.minimum(e.max_discharge_kw[evse], trace.fleet.max_discharge_kw[v])

    def place(i: int) -> Place:
        row, power = int(part.connection[i]), part.battery_kw[i]
        return Place(
            facts.connection_name(row, int(part.period[i])),
            f"{power:.9g} kW where -{discharge[i]:.6g} to {charge[i]:.6g} kW are allowed",
            f"{power:.9g}",
            facts.connection_ids(row),
        )

    tally.look(np.maximum(part.battery_kw - charge, -discharge - part.battery_kw), tolerance_kw, place)


def _look_at_ranges(part: Part, tally: Tally, tolerance_kw: float) -> None:
    """p[t] ≤ the greatest power of the range that holds the SoC at the beginning of period t.

    Within a setting of power p the SoC at the beginning of its k-th period is s + k·Δ·p/E. For every
    range of the vehicle the first such SoC inside it is found; one that lies there is judged.
    """
    facts, table = part.facts, part.facts.trace.fleet.power_table
    ranges = np.diff(table.offset)
    charging = np.flatnonzero((part.battery_kw > 0) & (ranges[part.vehicle] > 0))
    if not len(charging):
        return
    count = ranges[part.vehicle[charging]]
    entry = np.repeat(charging, count)
    start = np.repeat(np.cumsum(count) - count, count)
    at = table.offset[part.vehicle[entry]] + np.arange(len(entry)) - start
    lowest, topmost = at == table.offset[part.vehicle[entry]], at == table.offset[part.vehicle[entry] + 1] - 1
    soc_from = np.where(lowest, -np.inf, table.soc_to[at - 1] + EDGE_SOC)
    soc_to = np.where(topmost, np.inf, table.soc_to[at] - EDGE_SOC)
    soc = part.stored_kwh[entry] / part.battery_kwh[entry]
    rise = part.battery_kw[entry] * facts.step_h / part.battery_kwh[entry]
    steps = np.maximum(np.ceil((soc_from - soc) / rise), 0.0)
    there = (steps < part.until[entry] - part.period[entry]) & (soc + steps * rise < soc_to)
    over = np.where(there, part.battery_kw[entry] - table.max_kw[at], 0.0)

    def place(i: int) -> Place:
        row, k = int(part.connection[entry[i]]), int(steps[i])
        power = part.battery_kw[entry[i]]
        return Place(
            facts.connection_name(row, int(part.period[entry[i]]) + k),
            f"{power:.9g} kW at SoC {soc[i] + k * rise[i]:.6g}, "
            f"where the vehicle takes {table.max_kw[at[i]]:.6g} kW",
            f"{power:.9g}",
            facts.connection_ids(row),
        )

    tally.look(over, tolerance_kw, place)


def cluster_power(facts: TraceFacts) -> NDArray[np.float64]:
    """Sum of the grid powers of each cluster's connections, shape (clusters, periods) [kW].

    p/η when charging, p·η when discharging; every setting counts from its first period to its last.
    """
    trace, periods = facts.trace, facts.periods
    clusters = len(trace.system.cluster_ids)
    edges = np.zeros(clusters * (periods + 1))
    for part in parts(facts):
        evse = trace.connections.evse[part.connection]
        efficiency = trace.system.evses.efficiency[evse]
        grid = part.battery_kw * np.where(part.battery_kw > 0, 1.0 / efficiency, efficiency)
        row = trace.system.evses.cluster[evse] * (periods + 1)
        edges += np.bincount(row + part.period, weights=grid, minlength=len(edges))
        edges -= np.bincount(row + part.until, weights=grid, minlength=len(edges))
    return np.cumsum(edges.reshape(clusters, periods + 1), axis=1)[:, :-1]


def check_cluster_power(
    facts: TraceFacts, grid_kw: NDArray[np.float64], tolerance_kw: float
) -> Iterator[Finding]:
    """What a cluster is said to draw is the sum of what its vehicles draw through their units."""
    trace = facts.trace
    tally = Tally(
        "cluster.trace.cluster_power", "the sum of the grid-side powers of the cluster's connections"
    )
    for cluster, name in enumerate(trace.system.cluster_ids):
        stated, own = trace.cluster_kw[cluster], grid_kw[cluster]
        slack = SUM_DIGITS * len(own) * float(np.abs(own).max(initial=0.0))

        def place(t: int, name: str = name, stated: NDArray[np.float64] = stated) -> Place:
            message = f"{stated[t]:.9g} kW is stated"
            return Place(f"cluster {name}, {facts.stamp(t)}", message, f"{stated[t]:.9g}", (name,))

        tally.look(np.abs(stated - own), tolerance_kw + slack, place)
    yield from tally.findings()
