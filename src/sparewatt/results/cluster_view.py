"""ClusterView: everything that one simulated hub shows, whether just simulated or read back from files.

What studies and faces call::

    cluster_results.cluster_outcome(view, name=, seed=, input_hash=, findings=) -> Outcome
    cluster_results.write_cluster_folder(directory, outcome, view, simulate_s=None) -> RunFolder
    report.write_report(folder) -> Path                      every study; so are
    words.outcome_sentences(outcome) -> tuple[str, ...]      what ``run`` and ``show`` say
    overview.overview_table(outcome) -> OverviewTable        header(), text_rows(), json_text() for ``show``
    compare.compare_outcomes(outcomes, names) -> Comparison
    comparison_page.write_comparison_page(folders, names, path) -> Path     ``compare --html``
    export.export_run(folder, to, target), bundle.write_bundle, bundle.read_bundle
    cluster_reading.read_cluster_view(folder.path / SERIES) -> ClusterView  without simulating again

with ``view = ClusterView(trace)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.model.trace import NONE, Fate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.model.trace import Trace

COUNTED_KW = 1e-6
"""Power beyond a limit and its tolerance below this is noise of the arithmetic [kW]."""

COUNTED_KWH = 1e-6
"""Energy missing below this is noise of the arithmetic [kWh]."""

TURNED_AWAY = (
    Fate.NO_FREE_EVSE,
    Fate.RESERVATION_REFUSED,
    Fate.NO_OFFER,
    Fate.LEFT_QUEUE,
    Fate.TOO_SHORT,
)
"""Visits that wanted to charge and were never connected; no-shows and those to come are not among them."""

FATE_WORDS = {
    Fate.ADMITTED: "connected",
    Fate.NOT_YET: "still to come or waiting at the end",
    Fate.NO_SHOW: "booked and never came",
    Fate.NO_FREE_EVSE: "no free unit on arrival",
    Fate.RESERVATION_REFUSED: "reservation refused, nothing free",
    Fate.NO_OFFER: "no smart schedule met target, limits and bookings",
    Fate.TOO_SHORT: "stay shorter than one period",
    Fate.LEFT_QUEUE: "left the queue",
}
"""Fates as people read them."""


class Spells(NamedTuple):
    """Unbroken times of equal power of single connections, cut to a window; shapes (spells,).

    Parameters
    ----------
    connection
        Row of the connection.
    first, end
        Periods, half-open.
    battery_kw
        Power, battery side [kW].
    """

    connection: NDArray[np.int64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    battery_kw: NDArray[np.float64]


@dataclass(frozen=True)
class ClusterView:
    """One simulated hub, ready to be shown.

    Parameters
    ----------
    trace
        What was simulated and what happened.
    """

    trace: Trace

    @property
    def horizon(self) -> Horizon:
        """The periods."""
        return self.trace.system.horizon

    @property
    def cluster_ids(self) -> tuple[str, ...]:
        """Names of the clusters."""
        return self.trace.system.cluster_ids

    @cached_property
    def evses_per_cluster(self) -> NDArray[np.int64]:
        """Units of each cluster, shape (clusters,)."""
        return np.bincount(self.trace.system.evses.cluster, minlength=len(self.cluster_ids)).astype(np.int64)

    # who

    @cached_property
    def connection_cluster(self) -> NDArray[np.int64]:
        """Cluster of each connection, shape (connections,)."""
        return np.asarray(self.trace.system.evses.cluster[self.trace.connections.evse], dtype=np.int64)

    @cached_property
    def visit_connection(self) -> NDArray[np.int64]:
        """Connection of each visit, `NONE` where it was never connected, shape (visits,)."""
        row = np.full(len(self.trace.fleet), NONE, dtype=np.int64)
        row[self.trace.connections.vehicle] = np.arange(len(self.trace.connections))
        return row

    @cached_property
    def visit_cluster(self) -> NDArray[np.int64]:
        """Cluster of each visit, `NONE` for one without, shape (visits,).

        That of its unit; without one that of its last booking; without one the cluster it drives to.
        """
        of = np.array(self.trace.fleet.target_cluster, dtype=np.int64)
        b, evses = self.trace.bookings, self.trace.system.evses
        of[b.vehicle] = evses.cluster[b.evse]
        of[self.trace.connections.vehicle] = self.connection_cluster
        return of

    @cached_property
    def is_due(self) -> NDArray[np.bool_]:
        """Connected visits that have left, or whose declared departure has come, shape (visits,)."""
        due = np.zeros(len(self.trace.fleet), dtype=np.bool_)
        c = self.trace.connections
        late = self.trace.fleet.declared_departure_s[c.vehicle] <= self.horizon.end_s
        due[c.vehicle] = ~c.still_connected | late
        return due

    # what they got

    def of_visit(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values of connections for the visits, NaN where a visit was never connected, shape (visits,)."""
        out = np.full(len(self.trace.fleet), np.nan)
        out[self.trace.connections.vehicle] = values
        return out

    @cached_property
    def short_of_target_kwh(self) -> NDArray[np.float64]:
        """What is missing of the target, NaN for visits that are not due, shape (visits,) [kWh].

        max(0, target - soc_last) · E.
        """
        t = self.trace
        gap = (t.fleet.target_soc - self.of_visit(t.connections.soc_last)) * t.fleet.battery_kwh
        short = np.where(gap > COUNTED_KWH, gap, 0.0)
        return np.where(self.is_due, short, np.nan)

    @cached_property
    def contract_kwh(self) -> NDArray[np.float64]:
        """Charged and discharged energy of each contract, battery side, shape (contracts, 2) [kWh]."""
        h = self.horizon.step_h
        kw = [c.battery_kw for c in self.trace.contracts]
        return np.array(
            [(np.maximum(p, 0.0).sum() * h, np.maximum(-p, 0.0).sum() * h) for p in kw], dtype=np.float64
        ).reshape(-1, 2)

    @cached_property
    def visit_contract(self) -> NDArray[np.int64]:
        """Contract of each visit, `NONE` without one, shape (visits,)."""
        row = np.full(len(self.trace.fleet), NONE, dtype=np.int64)
        b = self.trace.bookings
        held = np.flatnonzero(b.contract != NONE)
        row[b.vehicle[held]] = b.contract[held]
        return row

    @cached_property
    def contracted_kwh(self) -> NDArray[np.float64]:
        """Net energy that each visit was promised, NaN without a contract, shape (visits,) [kWh]."""
        out = np.full(len(self.trace.fleet), np.nan)
        has = self.visit_contract != NONE
        net = self.contract_kwh[:, 0] - self.contract_kwh[:, 1]
        out[has] = net[self.visit_contract[has]]
        return out

    @cached_property
    def short_of_contract_kwh(self) -> NDArray[np.float64]:
        """What is missing of the contract, NaN without one or where it is not due, shape (visits,) [kWh].

        max(0, contracted net energy - net energy); all of it where the hub had no unit for the vehicle.
        """
        t = self.trace
        c = t.connections
        net = self.of_visit(c.g2v_kwh - c.v2g_kwh)
        refused = np.isin(t.fate, (Fate.NO_FREE_EVSE, Fate.LEFT_QUEUE))
        gap = self.contracted_kwh - np.where(refused, 0.0, net)
        short = np.where(gap > COUNTED_KWH, gap, 0.0)
        return np.where((self.is_due | refused) & ~np.isnan(gap), short, np.nan)

    # when

    def spells(self, lo: int, hi: int) -> Spells:
        """Unbroken times of equal power within periods ``lo .. hi - 1``, by connection, then by time."""
        t = self.trace
        rows = t.connected(lo, hi)
        begin, count = t.setting.offset[rows], np.diff(t.setting.offset)[rows]
        before = np.concatenate([[0], np.cumsum(count)])
        at = np.repeat(begin - before[:-1], count) + np.arange(before[-1])
        first = t.setting.period[at]
        end = np.append(first[1:], 0)[: len(first)]
        end[before[1:] - 1] = t.connections.end[rows]
        connection = np.repeat(rows, count)
        seen = (first < hi) & (end > lo) & (first < end)
        return Spells(
            connection[seen],
            np.maximum(first[seen], lo),
            np.minimum(end[seen], hi),
            t.setting.battery_kw[at][seen],
        )

    def grid_kw(self, spells: Spells) -> NDArray[np.float64]:
        """Grid side of the power of spells, shape (spells,) [kW]."""
        efficiency = self.trace.system.evses.efficiency[self.trace.connections.evse[spells.connection]]
        p = spells.battery_kw
        return np.where(p > 0, p / efficiency, p * efficiency)

    def flows_kw(self, cluster: int, lo: int, hi: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Charging and V2G of one cluster, grid side, both >= 0, each of shape (hi - lo,) [kW]."""
        s = self.spells(lo, hi)
        own = self.connection_cluster[s.connection] == cluster
        kw = self.grid_kw(s)[own]
        flows = []
        for part in (np.maximum(kw, 0.0), np.maximum(-kw, 0.0)):
            change = np.zeros(hi - lo + 1)
            np.add.at(change, s.first[own] - lo, part)
            np.add.at(change, s.end[own] - lo, -part)
            flow = np.cumsum(change)[:-1]
            flows.append(np.where(flow > COUNTED_KW, flow, 0.0))
        return flows[0], flows[1]

    def contracted_kw(self, cluster: int, lo: int, hi: int) -> NDArray[np.float64]:
        """What contracts of connected vehicles schedule in one cluster, grid side, shape (hi - lo,) [kW]."""
        out = np.zeros(hi - lo)
        efficiency = self.trace.system.evses.efficiency
        kept = np.unique(self.visit_contract[self.trace.connections.vehicle])
        for row in kept[kept != NONE]:
            c = self.trace.contracts[row]
            a, b = max(lo, c.first), min(hi, c.end)
            if c.cluster == cluster and a < b:
                p = c.battery_kw[a - c.first : b - c.first]
                out[a - lo : b - lo] += np.where(p > 0, p / efficiency[c.evse], p * efficiency[c.evse])
        return out

    def beyond_kw(self, cluster: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Power of a cluster above and below its limit and tolerance, both >= 0, each (periods,) [kW]."""
        limit = self.trace.system.limits[cluster]
        return _beyond(self.trace.cluster_kw[cluster], limit.lower_kw, limit.upper_kw, limit.tolerance_kw)

    @cached_property
    def system_beyond_kw(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The same for the sum of all clusters and the system limit; zeros where there is none [kW]."""
        limit = self.trace.system.system_limit
        if limit is None:
            return np.zeros(self.horizon.periods), np.zeros(self.horizon.periods)
        return _beyond(self.trace.system_kw, limit.lower_kw, limit.upper_kw, limit.tolerance_kw)

    def knots_of(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Connection, boundary and SoC where the SoC of connections changes its slope.

        Between two knots of a connection the SoC is a straight line; ordered as ``rows``, then by time;
        each of shape (knots,).
        """
        t = self.trace
        begin, count = t.setting.offset[rows], np.diff(t.setting.offset)[rows]
        knots = count + 1
        start = np.concatenate([[0], np.cumsum(knots)])
        connection = np.repeat(rows, knots)
        is_first, is_last = np.zeros((2, start[-1]), dtype=np.bool_)
        is_first[start[:-1]] = True
        is_last[start[1:] - 1] = True
        at = np.repeat(begin - np.concatenate([[0], np.cumsum(count)])[:-1], count) + np.arange(count.sum())
        boundary = np.empty(start[-1], dtype=np.int64)
        boundary[~is_last] = t.setting.period[at]
        boundary[is_last] = t.connections.end[rows]
        kwh = np.zeros(start[-1])
        length = np.diff(boundary, append=0)[~is_last]
        kwh[~is_first] = t.setting.battery_kw[at] * length * self.horizon.step_h
        total = np.cumsum(kwh)
        own = total - np.repeat(total[start[:-1]], knots)
        battery = t.fleet.battery_kwh[t.connections.vehicle[connection]]
        return connection, boundary, t.connections.soc_first[connection] + own / battery


def _beyond(
    kw: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64], tolerance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Power above ``upper + tolerance`` and below ``lower - tolerance``, noise left out [kW]."""
    over, under = kw - upper - tolerance, lower - tolerance - kw
    return np.where(over > COUNTED_KW, over, 0.0), np.where(under > COUNTED_KW, under, 0.0)
