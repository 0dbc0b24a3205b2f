"""Rescheduling: plan the connected vehicles of clusters anew, towards their contracts, under the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.cluster_levels import SplitSolver
from sparewatt.decide.optimise.cluster_single import SECONDS, without_dust
from sparewatt.decide.optimise.cluster_split import SplitBuilder
from sparewatt.decide.optimise.cluster_window import ClusterPlan, ClusterWindow
from sparewatt.decide.optimise.matrix import INFINITY, Deadline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.cluster_levels import SplitSolution
    from sparewatt.decide.optimise.cluster_split import SplitModel

UNPLANNED_V2G = 2.0
"""Tie-break: weight of V2G outside the contract per period of the window, more than 1 kWh given by one
vehicle and taken by another can bring nearer to contracts; likewise of ε per period squared."""
PLANNED_V2G = 1e-3
"""Tie-break: weight of V2G where the contract falls."""


class ReschedulingModel(SplitBuilder):
    """Columns and rows of `plan_rescheduling`.

    The SoC is written as its distance from the contract, E·s = E·s* + o - u with o, u >= 0 at every
    boundary 1..N; then o[N] + u[N] = E·y, and the distances before N are the tie-break:

    o[t+1] - u[t+1] - (o[t] - u[t]) - Δ·(p⁺[t] - p⁻[t]) = E·(s*[t] - s*[t+1])
    with o[0] - u[0] = E·(s[0] - s*[0]).

    Levels: 0 violation, 1 objective, 2 tie-break.
    """

    def __init__(self, window: ClusterWindow) -> None:
        super().__init__()
        self.window = window
        self.shape = (window.vehicles, window.periods)
        self.beyond: list[NDArray[np.int64]] = []
        self._add_batteries()
        self._add_cluster_limits()
        self._add_joint_limits()
        self._add_levels()

    def _columns(self, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> NDArray[np.int64]:
        return self.add_columns(lower.size, lower.ravel(), upper.ravel()).reshape(lower.shape)

    def _add_batteries(self) -> None:
        w, count = self.window, self.window.vehicles * self.window.periods
        plus, minus = self.add_split(count, w.charge_kw.ravel(), w.discharge_kw.ravel())
        self.plus_of, self.minus_of = plus.reshape(self.shape), minus.reshape(self.shape)
        battery = w.battery_kwh[:, None]
        contract = battery * w.contract_soc
        low, high = (battery * bound - contract[:, 1:] for bound in w.soc_bounds())
        self.over = self._columns(np.maximum(0.0, low), np.maximum(0.0, high))
        self.under = self._columns(np.maximum(0.0, -high), np.maximum(0.0, -low))
        moved = contract[:, :-1] - contract[:, 1:]
        moved[:, :1] += battery * w.soc[:, None] - contract[:, :1]
        rows = self.add_rows(count, moved.ravel(), moved.ravel()).reshape(self.shape)
        for columns, sign in ((self.over, 1.0), (self.under, -1.0)):
            self.put(rows, columns, sign)
            self.put(rows[:, 1:], columns[:, :-1], -sign)
        self.put(rows, self.plus_of, -w.step_h)
        self.put(rows, self.minus_of, w.step_h)
        counted = np.flatnonzero(np.isfinite(w.v2g_left_kwh))
        if len(counted):
            budgets = self.add_rows(len(counted), -INFINITY, np.maximum(0.0, w.v2g_left_kwh[counted]))
            self.put(np.repeat(budgets, w.periods), self.minus_of[counted].ravel(), w.step_h)

    def _put_power(self, rows: NDArray[np.int64], cluster: int | None, sign: float = 1.0) -> None:
        """Add ±P_t of a cluster, or of all, to one row per period."""
        w = self.window
        mine = np.arange(w.vehicles) if cluster is None else np.flatnonzero(w.cluster == cluster)
        shape = (len(mine), w.periods)
        at = np.broadcast_to(rows, shape).ravel()
        draw = np.broadcast_to(sign / w.charge_efficiency[mine, None], shape).ravel()
        give = np.broadcast_to(-sign * w.discharge_efficiency[mine, None], shape).ravel()
        self.put(at, self.plus_of[mine].ravel(), draw)
        self.put(at, self.minus_of[mine].ravel(), give)

    def _add_limit(
        self, bound: NDArray[np.float64], sign: float, terms: tuple[tuple[int | None, float], ...], slack: int
    ) -> None:
        """sign·(Σ terms - bound) <= ε + violation in every period with a finite bound."""
        if not np.isfinite(bound).any():
            return
        periods = self.window.periods
        rows = self.add_rows(periods, -INFINITY, sign * bound)
        for cluster, weight in terms:
            self._put_power(rows, cluster, sign * weight)
        beyond = self.add_columns(periods, 0.0, INFINITY)
        self.put(rows, beyond, -1.0)
        if slack >= 0:
            self.put(rows, np.full(periods, self.excess[slack]), -1.0)
        self.beyond.append(beyond)

    def _add_cluster_limits(self) -> None:
        w = self.window
        self.excess = self.add_columns(w.clusters, 0.0, w.tolerance_kw)
        for c in range(w.clusters):
            self._add_limit(w.upper_kw[c], 1.0, ((c, 1.0),), c)
            self._add_limit(w.lower_kw[c], -1.0, ((c, 1.0),), c)

    def _add_joint_limits(self) -> None:
        w = self.window
        for bound, sign in ((w.system_upper_kw, 1.0), (w.system_lower_kw, -1.0)):
            if bound is not None:
                self._add_limit(bound, sign, ((None, 1.0),), -1)
        for limit in w.imbalance_limits:
            self._add_limit(limit.upper_kw, 1.0, ((limit.first, 1.0), (limit.second, -1.0)), -1)

    def _add_levels(self) -> None:
        w = self.window
        beyond = np.concatenate([np.zeros(0, dtype=np.int64), *self.beyond])
        self.add_level((beyond, w.step_h))
        rho = w.deviation_per_kwh[w.cluster]
        last = [(columns[:, -1], rho) for columns in (self.over, self.under)]
        self.add_level(*last, (self.excess, w.excess_per_kw))
        planned = w.contract_soc[:, 1:] < w.contract_soc[:, :-1]
        v2g = np.where(planned, PLANNED_V2G, UNPLANNED_V2G * w.periods) * w.step_h
        before = [(columns[:, :-1].ravel(), 1.0) for columns in (self.over, self.under)]
        weight = UNPLANNED_V2G * w.periods**2 * w.step_h
        self.add_level(*before, (self.minus_of.ravel(), v2g.ravel()), (self.excess, weight))

    def violation_columns(self) -> NDArray[np.int64]:
        """Columns of the violations."""
        return self._levels[0].columns

    def read(self, found: SplitSolution, *, kept: bool) -> ClusterPlan:
        """The plan of a solution; ``kept`` tells whether all limits could be."""
        w = self.window
        if found.x is None:
            empty = np.zeros(0)
            return ClusterPlan(found.status, float("inf"), empty, empty, empty, empty, gap=1.0)
        power = without_dust(found.x[self.plus_of] - found.x[self.minus_of])
        soc = w.soc_of(power)
        deviation = np.abs(soc[:, -1] - w.contract_soc[:, -1]) * w.battery_kwh
        excess = found.x[self.excess]
        objective = float(w.deviation_per_kwh[w.cluster] @ deviation + w.excess_per_kw @ excess)
        violation = 0.0 if kept else float(found.x[self.violation_columns()].sum()) * w.step_h
        status = found.status if kept or found.status == "timed_out" else "infeasible"
        return ClusterPlan(status, objective, power, soc, deviation, excess, violation, found.gap)


class Rescheduler:
    """Plans window after window; one with the vehicles of the window before starts from its basis."""

    def __init__(self) -> None:
        self._solver = SplitSolver()

    def plan(
        self, window: ClusterWindow, *, feasible: bool, seconds: float, gap: float, binaries: bool
    ) -> ClusterPlan:
        """See `plan_rescheduling`."""
        deadline = Deadline(seconds)
        builder = ReschedulingModel(window)
        model: SplitModel = builder.model()
        beyond = builder.violation_columns()
        strict = model.with_upper(beyond, 0.0)
        found = self._solver.solve(strict, deadline, gap=gap, binaries=binaries, first=1)
        if found.status != "infeasible" or not feasible or not len(beyond):
            return builder.read(found, kept=True)
        found = self._solver.solve(model, deadline, gap=gap, binaries=binaries)
        return builder.read(found, kept=False)


def plan_rescheduling(
    window: ClusterWindow,
    *,
    feasible: bool = True,
    seconds: float = SECONDS,
    gap: float = 0.0,
    binaries: bool = False,
) -> ClusterPlan:
    """Plan the vehicles of one cluster, or of several together (MILP).

    min Σ_c (ρ_y,c·Σ_{v in c} y_v·E_v + ρ_ε,c·ε_c)   with, in every period t,
    P_c[t] = Σ_{v in c} (p⁺[v,t]/η_ch - p⁻[v,t]·η_ds),
    LB_c[t] - ε_c <= P_c[t] <= UB_c[t] + ε_c,  0 <= ε_c <= tolerance_c  (one ε per cluster and window),
    LB_sys[t] <= Σ_c P_c[t] <= UB_sys[t],  P_c1[t] - P_c2[t] <= W[t] for pairs where given,
    |s*_v - s[v,N]| <= y_v,  s_min <= s <= s_max,  Δ·Σ_t p⁻[v,t] <= what is left of the V2G allowance,
    p⁺ <= P_ch·x,  p⁻ <= P_ds·(1 - x), both 0 from the departure on.

    Where no plan keeps the limits, and ``feasible`` is set, the least violation is planned first:
    min Δ·Σ (what P exceeds a limit and its ε by), over all limits and periods with the same weight; then
    the objective above among the plans with that violation. Status ``infeasible`` then tells so.

    Among plans with one objective (to 1e-9, relative) that one is taken which is nearest to the
    contracts on the way, Σ_{v, t<N} E·|s - s*|, where ε and V2G that no contract plans are avoided first.

    Parameters
    ----------
    window
        Vehicles and limits.
    feasible
        Whether to plan the least violation where limits cannot be kept; else there is no plan then.
    seconds
        Deadline [s].
    gap
        Relative gap at which a branch and bound may stop [-].
    binaries
        Whether to solve with binaries even where the LP is exact.
    """
    return Rescheduler().plan(window, feasible=feasible, seconds=seconds, gap=gap, binaries=binaries)
