"""KPIs of the cluster study: per cluster and over all of them, from one simulated hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.model.trace import NONE, Fate
from sparewatt.results.cluster_view import COUNTED_KW, TURNED_AWAY
from sparewatt.results.kpis import Better, Kpi

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.cluster_view import ClusterView

VEHICLES, STEPS = "vehicles", "steps"


class _Meaning(NamedTuple):
    """What a KPI means."""

    label: str
    unit: str
    better: Better | None = None


CLUSTER_KPIS: dict[str, _Meaning] = {
    "net_kwh": _Meaning("Net consumption, grid side", "kWh"),
    "g2v_kwh": _Meaning("Charged into batteries", "kWh"),
    "v2g_kwh": _Meaning("Taken from batteries (V2G)", "kWh"),
    "short_of_target_kwh": _Meaning("Missing to the targets", "kWh", "lower"),
    "short_of_target": _Meaning("Left short of the target", VEHICLES, "lower"),
    "contracted_kwh": _Meaning("Promised by contracts, net", "kWh"),
    "short_of_contract_kwh": _Meaning("Missing to the contracts", "kWh", "lower"),
    "peak_kw": _Meaning("Highest power", "kW", "lower"),
    "min_kw": _Meaning("Lowest power", "kW"),
    "over_limit_steps": _Meaning("Steps above the limit", STEPS, "lower"),
    "over_limit_kwh": _Meaning("Energy above the limit", "kWh", "lower"),
    "over_limit_kw": _Meaning("Worst power above the limit", "kW", "lower"),
    "under_limit_steps": _Meaning("Steps below the lower limit", STEPS, "lower"),
    "under_limit_kwh": _Meaning("Energy missing to the lower limit", "kWh", "lower"),
    "under_limit_kw": _Meaning("Worst power missing to the lower limit", "kW", "lower"),
    "visits": _Meaning("Visits", VEHICLES),
    "admitted": _Meaning("Connected", VEHICLES, "higher"),
    "turned_away": _Meaning("Turned away", VEHICLES, "lower"),
    "no_free_evse": _Meaning("Turned away, no free unit on arrival", VEHICLES, "lower"),
    "reservation_refused": _Meaning("Turned away, reservation refused", VEHICLES, "lower"),
    "no_offer": _Meaning("Turned away, no schedule could be offered", VEHICLES, "lower"),
    "left_queue": _Meaning("Turned away, left the queue", VEHICLES, "lower"),
    "too_short": _Meaning("Turned away, stay shorter than a step", VEHICLES, "lower"),
    "no_show": _Meaning("Booked and never came", VEHICLES),
    "not_yet": _Meaning("Still to come or waiting at the end", VEHICLES),
    "still_connected": _Meaning("Still connected at the end", VEHICLES),
    "utilisation": _Meaning("Use of charging power (energy)", "share"),
    "occupancy": _Meaning("Occupation of units (time)", "share"),
    "energy_cost": _Meaning("Energy cost", "currency", "lower"),
    "contract_revenue": _Meaning("Payments agreed in contracts", "currency", "higher"),
    "waited": _Meaning("Waited in a queue", VEHICLES, "lower"),
    "waiting_mean_h": _Meaning("Waiting, mean of those who waited", "h", "lower"),
    "waiting_worst_h": _Meaning("Waiting, worst", "h", "lower"),
}
"""KPIs of a cluster and of the run, in order."""

SYSTEM_KPIS: dict[str, _Meaning] = {
    "system_over_limit_steps": _Meaning("Steps above the system limit", STEPS, "lower"),
    "system_over_limit_kwh": _Meaning("Energy above the system limit", "kWh", "lower"),
    "system_over_limit_kw": _Meaning("Worst power above the system limit", "kW", "lower"),
    "system_under_limit_steps": _Meaning("Steps below the lower system limit", STEPS, "lower"),
    "system_under_limit_kwh": _Meaning("Energy missing to the lower system limit", "kWh", "lower"),
    "system_under_limit_kw": _Meaning("Worst power missing to the lower system limit", "kW", "lower"),
}
IMBALANCE_KPIS: dict[str, _Meaning] = {
    "imbalance_steps": _Meaning("Steps beyond an imbalance limit", STEPS, "lower"),
    "imbalance_kwh": _Meaning("Energy beyond imbalance limits", "kWh", "lower"),
    "imbalance_kw": _Meaning("Worst power beyond an imbalance limit", "kW", "lower"),
}
SOLVE_KPIS: dict[str, _Meaning] = {
    "timed_out_steps": _Meaning("Steps whose solve met its deadline", STEPS, "lower"),
    "infeasible_steps": _Meaning("Steps without a plan that meets all limits", STEPS, "lower"),
    "gap_worst": _Meaning("Proven gap of these solves, worst", "share", "lower"),
}
LIMIT_KPIS = tuple(
    name
    for name in (*CLUSTER_KPIS, *SYSTEM_KPIS, *IMBALANCE_KPIS)
    if name.endswith(("limit_steps", "imbalance_steps"))
)
"""Counts of steps beyond limits: any of them above zero makes the level ``breach``."""

REASON_KPIS = {
    Fate.NO_FREE_EVSE: "no_free_evse",
    Fate.RESERVATION_REFUSED: "reservation_refused",
    Fate.NO_OFFER: "no_offer",
    Fate.LEFT_QUEUE: "left_queue",
    Fate.TOO_SHORT: "too_short",
    Fate.NO_SHOW: "no_show",
    Fate.NOT_YET: "not_yet",
}
"""Fates other than being connected, by the KPI that counts them."""

Values = dict[str, float | int | None]


def cluster_kpis(view: ClusterView) -> tuple[tuple[Kpi, ...], ...]:
    """KPIs of every cluster; a visit counts where :attr:`ClusterView.visit_cluster` says."""
    count = len(view.cluster_ids)
    sums = _sums(view, view.visit_cluster, view.connection_cluster, count)
    out = []
    for cluster in range(count):
        over, under = view.beyond_kw(cluster)
        kw = view.trace.cluster_kw[cluster]
        values = {name: _plain(column[cluster]) for name, column in sums.items()}
        values |= _power(view, kw) | _limits("", over, under, view.horizon.step_h)
        evses = view.trace.system.evses.cluster == cluster
        values |= _shares(
            view, values, float(view.trace.system.evses.max_charge_kw[evses].sum()), int(evses.sum())
        )
        out.append(_named(CLUSTER_KPIS, values))
    return tuple(out)


def hub_kpis(view: ClusterView) -> tuple[Kpi, ...]:
    """KPIs of the run.

    Counts, energies and money summed over clusters (with the visits that belong to none), steps beyond
    limits as cluster-steps, worst powers as the worst of any cluster; highest and lowest power are those
    of the sum of all clusters.
    """
    t = view.trace
    zero = np.zeros(len(t.fleet), dtype=np.int64)
    sums = _sums(view, zero, zero[: len(t.connections)], 1)
    values = {name: _plain(column[0]) for name, column in sums.items()}
    values |= _power(view, t.system_kw)
    values |= _shares(view, values, float(t.system.evses.max_charge_kw.sum()), len(t.system.evses))
    each = [_limits("", *view.beyond_kw(c), view.horizon.step_h) for c in range(len(view.cluster_ids))]
    for name in each[0] if each else ():
        found = [v[name] or 0 for v in each]
        values[name] = max(found) if name.endswith("_kw") else sum(found)
    kpis = _named(CLUSTER_KPIS, values)
    if t.system.system_limit is not None:
        kpis += _named(SYSTEM_KPIS, _limits("system_", *view.system_beyond_kw, view.horizon.step_h))
    if t.system.imbalance_limits:
        kpis += _named(IMBALANCE_KPIS, _imbalance(view))
    return kpis + _named(SOLVE_KPIS, _solves(view))


def _named(meanings: dict[str, _Meaning], values: Values) -> tuple[Kpi, ...]:
    """Values with labels, units and directions."""
    return tuple(Kpi(n, m.label, m.unit, values[n], m.better) for n, m in meanings.items())


def _plain(value: np.generic) -> float | int | None:
    """A NumPy number as a Python one, ``None`` for NaN."""
    number: float | int = value.item()
    return None if number != number else number  # noqa: PLR0124 - NaN is the number that differs from itself


def _sums(
    view: ClusterView, visit: NDArray[np.int64], connection: NDArray[np.int64], groups: int
) -> dict[str, NDArray[np.generic]]:
    """Counts, energies and times over groups of visits and connections; group `NONE` is left out."""
    t = view.trace
    c = t.connections
    inside = visit != NONE

    def add(values: NDArray[np.float64]) -> NDArray[np.float64]:
        known = inside & ~np.isnan(values)
        return np.bincount(visit[known], values[known], minlength=groups).astype(np.float64)

    def count(which: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(visit[inside & which], minlength=groups).astype(np.int64)

    def add_connected(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(connection, values, minlength=groups).astype(np.float64)

    waited = t.waited_h > 0
    queued = count(waited)
    worst = np.zeros(groups)
    np.maximum.at(worst, visit[inside & waited], t.waited_h[inside & waited])
    payment = np.full(len(t.fleet), np.nan)
    signed = view.visit_contract != NONE
    paid = np.array([contract.payment for contract in t.contracts], dtype=np.float64)
    payment[signed] = paid[view.visit_contract[signed]]
    payment[t.fate != Fate.ADMITTED] = np.nan
    with np.errstate(invalid="ignore"):
        mean = np.where(queued > 0, add(t.waited_h) / np.maximum(queued, 1), np.nan)
    return {
        "g2v_kwh": add_connected(c.g2v_kwh),
        "v2g_kwh": add_connected(c.v2g_kwh),
        "connected_periods": add_connected((c.end - c.first).astype(np.float64)),
        "short_of_target_kwh": add(view.short_of_target_kwh),
        "short_of_target": count(np.nan_to_num(view.short_of_target_kwh) > 0),
        "contracted_kwh": add(view.contracted_kwh),
        "short_of_contract_kwh": add(view.short_of_contract_kwh),
        "visits": count(np.ones(len(t.fleet), dtype=np.bool_)),
        "admitted": count(t.fate == Fate.ADMITTED),
        "turned_away": count(np.isin(t.fate, TURNED_AWAY)),
        **{name: count(t.fate == fate) for fate, name in REASON_KPIS.items()},
        "still_connected": np.bincount(connection[c.still_connected], minlength=groups).astype(np.int64),
        "contract_revenue": add(payment),
        "waited": queued,
        "waiting_mean_h": mean,
        "waiting_worst_h": np.where(queued > 0, worst, np.nan),
    }


def _power(view: ClusterView, kw: NDArray[np.float64]) -> Values:
    """Energy, cost, highest and lowest power of a line of power [kW]."""
    h = view.horizon.step_h
    return {
        "net_kwh": float(kw.sum() * h),
        "peak_kw": float(kw.max()) if len(kw) else 0.0,
        "min_kw": float(kw.min()) if len(kw) else 0.0,
        "energy_cost": float(kw @ view.trace.system.price_per_kwh * h),
    }


def _limits(prefix: str, over: NDArray[np.float64], under: NDArray[np.float64], step_h: float) -> Values:
    """Steps, energy and worst power beyond a limit, above and below."""
    out: Values = {}
    for name, kw in (("over", over), ("under", under)):
        out[f"{prefix}{name}_limit_steps"] = int(np.count_nonzero(kw))
        out[f"{prefix}{name}_limit_kwh"] = float(kw.sum() * step_h)
        out[f"{prefix}{name}_limit_kw"] = float(kw.max(initial=0.0))
    return out


def _shares(view: ClusterView, values: Values, charge_kw: float, evses: int) -> Values:
    """Energy charged over what the units could, and time connected over all time of the units."""
    h = view.horizon
    most = charge_kw * h.periods * h.step_h
    time = evses * h.periods
    return {
        "utilisation": (values["g2v_kwh"] or 0.0) / most if most else 0.0,
        "occupancy": (values["connected_periods"] or 0.0) / time if time else 0.0,
    }


def _imbalance(view: ClusterView) -> Values:
    """Steps, energy and worst power beyond the limits on differences of clusters."""
    kw = view.trace.cluster_kw
    steps, energy, worst = 0, 0.0, 0.0
    for limit in view.trace.system.imbalance_limits:
        beyond = kw[limit.first] - kw[limit.second] - limit.upper_kw
        beyond = np.where(beyond > COUNTED_KW, beyond, 0.0)
        steps += int(np.count_nonzero(beyond))
        energy += float(beyond.sum() * view.horizon.step_h)
        worst = max(worst, float(beyond.max(initial=0.0)))
    return {"imbalance_steps": steps, "imbalance_kwh": energy, "imbalance_kw": worst}


def _solves(view: ClusterView) -> Values:
    """Notes of the rule, counted by step."""
    notes = view.trace.notes
    return {
        "timed_out_steps": len({n.period for n in notes if n.kind == "timed_out"}),
        "infeasible_steps": len({n.period for n in notes if n.kind == "infeasible"}),
        "gap_worst": max((float(n.gap) for n in notes), default=None),
    }
