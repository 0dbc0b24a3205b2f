"""The plain formulations of the spec (cluster, section 8) written row by row for `scipy.optimize.milp`.

Nothing is shared with the optimisers: binaries everywhere, SoC as a column, routing with its y and q.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

if TYPE_CHECKING:
    from sparewatt.decide.optimise.cluster_routing import RoutingCandidate
    from sparewatt.decide.optimise.cluster_single import ChargingTask
    from sparewatt.decide.optimise.cluster_window import ClusterWindow

INF = np.inf


@dataclass
class Plain:
    """A model under construction, one column and one row at a time."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    binary: list[int] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def column(self, lower: float, upper: float, *, binary: bool = False) -> int:
        self.lower.append(lower)
        self.upper.append(upper)
        self.binary.append(int(binary))
        return len(self.lower) - 1

    def row(self, terms: list[tuple[int, float]], lower: float, upper: float) -> None:
        entries: dict[int, float] = {}
        for column, value in terms:
            entries[column] = entries.get(column, 0.0) + value
        self.rows.append((entries, lower, upper))

    def minimise(self, terms: list[tuple[int, float]]) -> float | None:
        """Optimum, or ``None`` where nothing is feasible."""
        cost, matrix = np.zeros(len(self.lower)), np.zeros((len(self.rows), len(self.lower)))
        for column, value in terms:
            cost[column] += value
        for n, (entries, _, _) in enumerate(self.rows):
            for column, value in entries.items():
                matrix[n, column] = value
        found = milp(
            cost,
            integrality=np.array(self.binary),
            bounds=Bounds(np.array(self.lower), np.array(self.upper)),
            constraints=LinearConstraint(matrix, [r[1] for r in self.rows], [r[2] for r in self.rows]),
            options={"mip_rel_gap": 0.0},
        )
        assert found.status in {0, 2}, found.message
        return float(found.fun) if found.status == 0 else None


def single(task: ChargingTask, periods: int, step_h: float) -> tuple[Plain, list[int], list[int], list[int]]:
    """p⁺, p⁻ with binaries, s[0..N], budget, target, critical SoC."""
    model = Plain()
    charge, discharge = (np.broadcast_to(p, periods) for p in (task.charge_kw, task.discharge_kw))
    plus = [model.column(0, float(p)) for p in charge]
    minus = [model.column(0, float(p)) for p in discharge]
    way = [model.column(0, 1, binary=True) for _ in range(periods)]
    soc = [model.column(task.min_soc, task.max_soc) for _ in range(periods + 1)]
    model.row([(soc[0], 1)], task.soc, task.soc)
    model.row([(soc[-1], 1)], task.target_soc, task.target_soc)
    for t in range(periods):
        per_kw = step_h / task.battery_kwh
        model.row([(soc[t + 1], 1), (soc[t], -1), (plus[t], -per_kw), (minus[t], per_kw)], 0, 0)
        model.row([(plus[t], 1), (way[t], -float(charge[t]))], -INF, 0)
        model.row([(minus[t], 1), (way[t], float(discharge[t]))], -INF, float(discharge[t]))
    if np.isfinite(task.v2g_allowance_kwh):
        model.row([(c, step_h) for c in minus], -INF, task.v2g_allowance_kwh)
    if task.critical_boundary is not None:
        for t in range(task.critical_boundary, periods + 1):
            model.row([(soc[t], 1)], task.critical_soc, INF)
    return model, plus, minus, soc


def two_prices(task: ChargingTask, g2v: np.ndarray, v2g: np.ndarray, step_h: float) -> float | None:
    model, plus, minus, _ = single(task, len(g2v), step_h)
    cost = [(c, step_h * float(g)) for c, g in zip(plus, g2v, strict=True)]
    return model.minimise(cost + [(c, -step_h * float(v)) for c, v in zip(minus, v2g, strict=True)])


def band(
    task: ChargingTask,
    lower_kw: np.ndarray,
    upper_kw: np.ndarray,
    below: np.ndarray,
    above: np.ndarray,
    step_h: float,
) -> float | None:
    periods = len(lower_kw)
    model, plus, minus, soc = single(task, periods, step_h)
    cost = [(soc[t], -1e-4) for t in range(periods)]
    for t in range(periods):
        over, under = model.column(0, INF), model.column(0, INF)
        model.row([(plus[t], 1), (minus[t], -1), (over, -1)], -INF, float(upper_kw[t]))
        model.row([(plus[t], 1), (minus[t], -1), (under, 1)], float(lower_kw[t]), INF)
        cost += [(over, step_h * float(above[t])), (under, step_h * float(below[t]))]
    found = model.minimise(cost)
    return None if found is None else found + 1e-4 * periods * task.target_soc


def routing(task: ChargingTask, candidates: list[RoutingCandidate], step_h: float) -> float | None:
    """With y and q as in the spec; free power of each cluster in grid-side rows of its own."""
    model, periods = Plain(), candidates[0].periods
    y = [model.column(0, 1, binary=True) for _ in candidates]
    way = [model.column(0, 1, binary=True) for _ in range(periods)]
    soc = [model.column(task.min_soc, task.max_soc) for _ in range(periods + 1)]
    model.row([(c, 1) for c in y], 1, 1)
    model.row([(soc[0], 1), *((c, -k.soc) for c, k in zip(y, candidates, strict=True))], 0, 0)
    model.row([(soc[-1], 1)], task.target_soc, task.target_soc)
    cost: list[tuple[int, float]] = []
    given: list[tuple[int, float]] = []
    most, least = max(k.charge_kw for k in candidates), max(k.discharge_kw for k in candidates)
    for t in range(periods):
        plus, minus = [], []
        for c, k in enumerate(candidates):
            inside = float(k.arrival <= t < k.departure)
            draw, give = model.column(0, INF), model.column(0, INF)
            model.row([(draw, 1), (y[c], -k.charge_kw * inside)], -INF, 0)
            model.row([(give, 1), (y[c], -k.discharge_kw * inside)], -INF, 0)
            if k.free_upper_kw is not None:
                model.row([(draw, 1 / k.efficiency)], -INF, float(k.free_upper_kw[t]))
            if k.free_lower_kw is not None:
                model.row([(give, -k.efficiency)], float(k.free_lower_kw[t]), INF)
            cost += [(draw, step_h * float(k.g2v_per_kwh[t])), (give, -step_h * float(k.v2g_per_kwh[t]))]
            plus.append((draw, 1.0))
            minus.append((give, 1.0))
        model.row([*plus, (way[t], -most)], -INF, 0)
        model.row([*minus, (way[t], least)], -INF, least)
        per_kw = step_h / task.battery_kwh
        change = [(c, -per_kw) for c, _ in plus] + [(c, per_kw) for c, _ in minus]
        model.row([(soc[t + 1], 1), (soc[t], -1), *change], 0, 0)
        given += [(c, step_h) for c, _ in minus]
    if np.isfinite(task.v2g_allowance_kwh):
        model.row(given, -INF, task.v2g_allowance_kwh)
    if task.critical_boundary is not None:
        for t in range(task.critical_boundary, periods + 1):
            model.row([(soc[t], 1)], task.critical_soc, INF)
    return model.minimise(cost)


@dataclass
class PlainFleet:
    """Vehicles of a window: columns by vehicle and period."""

    window: ClusterWindow
    model: Plain = field(default_factory=Plain)

    def __post_init__(self) -> None:
        w, model = self.window, self.model
        self.power: dict[tuple[int, int], list[tuple[int, float]]] = {}
        self.last: list[int] = []
        for v in range(w.vehicles):
            low, high = min(w.min_soc[v], w.soc[v]), max(w.max_soc[v], w.soc[v])
            before = model.column(float(w.soc[v]), float(w.soc[v]))
            given = []
            for t in range(w.periods):
                free = not w.bound_last_soc and t == w.periods - 1
                charge, discharge = float(w.charge_kw[v, t]), float(w.discharge_kw[v, t])
                plus, minus = model.column(0, charge), model.column(0, discharge)
                way = model.column(0, 1, binary=True)
                after = model.column(-INF if free else float(low), INF if free else float(high))
                per_kw = w.step_h / float(w.battery_kwh[v])
                model.row([(after, 1), (before, -1), (plus, -per_kw), (minus, per_kw)], 0, 0)
                model.row([(plus, 1), (way, -charge)], -INF, 0)
                model.row([(minus, 1), (way, discharge)], -INF, discharge)
                draw, give = 1 / float(w.charge_efficiency[v]), float(w.discharge_efficiency[v])
                self.power[v, t] = [(plus, draw), (minus, -give)]
                given.append((minus, w.step_h))
                before = after
            self.last.append(before)
            if np.isfinite(w.v2g_left_kwh[v]):
                model.row(given, -INF, float(w.v2g_left_kwh[v]))

    def drawn(self, t: int, cluster: int | None, sign: float = 1.0) -> list[tuple[int, float]]:
        w = self.window
        mine = [v for v in range(w.vehicles) if cluster is None or w.cluster[v] == cluster]
        return [(c, sign * value) for v in mine for c, value in self.power[v, t]]


def potential(window: ClusterWindow, sign: float) -> float | None:
    """Least of sign·Σ P."""
    fleet = PlainFleet(window)
    return fleet.model.minimise([term for t in range(window.periods) for term in fleet.drawn(t, None, sign)])


def rescheduling(window: ClusterWindow) -> tuple[float, float]:
    """Least violation [kWh], and the least objective with no more than that."""
    least = _rescheduling(window, None)
    assert least is not None
    objective = _rescheduling(window, max(0.0, least) + 1e-7)
    assert objective is not None
    return least, objective


def _rescheduling(window: ClusterWindow, most_violation: float | None) -> float | None:
    w, fleet = window, PlainFleet(window)
    model = fleet.model
    excess = [model.column(0, float(e)) for e in w.tolerance_kw]
    violation: list[tuple[int, float]] = []

    def limit(terms: list[tuple[int, float]], upper: float, own: int | None) -> None:
        if np.isfinite(upper):
            beyond = model.column(0, INF)
            violation.append((beyond, w.step_h))
            model.row([*terms, (beyond, -1), *([(own, -1.0)] if own is not None else [])], -INF, upper)

    for t in range(w.periods):
        for c in range(w.clusters):
            limit(fleet.drawn(t, c), float(w.upper_kw[c, t]), excess[c])
            limit(fleet.drawn(t, c, -1), -float(w.lower_kw[c, t]), excess[c])
        for terms, upper in _joint_limits(fleet, t):
            limit(terms, upper, None)
    if most_violation is None:
        return model.minimise(violation)
    if violation:
        model.row(violation, -INF, most_violation)
    cost = [(e, float(rho)) for e, rho in zip(excess, w.excess_per_kw, strict=True)]
    for v in range(w.vehicles):
        away, wanted = model.column(0, INF), float(w.contract_soc[v, -1])
        model.row([(fleet.last[v], 1), (away, -1)], -INF, wanted)
        model.row([(fleet.last[v], 1), (away, 1)], wanted, INF)
        cost.append((away, float(w.deviation_per_kwh[w.cluster[v]] * w.battery_kwh[v])))
    return model.minimise(cost)


def _joint_limits(fleet: PlainFleet, t: int) -> list[tuple[list[tuple[int, float]], float]]:
    w = fleet.window
    found = []
    if w.system_upper_kw is not None:
        found.append((fleet.drawn(t, None), float(w.system_upper_kw[t])))
    if w.system_lower_kw is not None:
        found.append((fleet.drawn(t, None, -1), -float(w.system_lower_kw[t])))
    pairs = [(i, fleet.drawn(t, i.first) + fleet.drawn(t, i.second, -1)) for i in w.imbalance_limits]
    return found + [(terms, float(i.upper_kw[t])) for i, terms in pairs]
