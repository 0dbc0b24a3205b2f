"""Routing: which of some charging units a vehicle should drive to, with its schedule there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.cluster_single import (
    SECONDS,
    ChargingTask,
    VehiclePlan,
    nothing,
    plan_two_prices,
)
from sparewatt.decide.optimise.matrix import Deadline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EQUAL = 1e-9
"""Objectives closer than this, relative to max(1, objective), are equal: the earlier candidate is taken."""


@dataclass(frozen=True)
class RoutingCandidate:
    """A unit that a vehicle may drive to.

    Parameters
    ----------
    arrival, departure
        Boundaries between which power may flow; those outside 0..N are cut.
    soc
        On arrival, which differs by the way there [0-1].
    charge_kw, discharge_kw
        Greatest powers of unit and vehicle, battery side, >= 0 [kW].
    g2v_per_kwh, v2g_per_kwh
        Prices at the battery, shape (N,) [currency/kWh].
    efficiency
        Of the unit; matters where free power is given [0-1].
    free_lower_kw, free_upper_kw
        What the cluster may still give back and draw, grid side, <= 0 and >= 0, shape (N,) [kW];
        ``None`` = as much as you like.
    """

    arrival: int
    departure: int
    soc: float
    charge_kw: float
    discharge_kw: float
    g2v_per_kwh: NDArray[np.float64]
    v2g_per_kwh: NDArray[np.float64]
    efficiency: float = 1.0
    free_lower_kw: NDArray[np.float64] | None = None
    free_upper_kw: NDArray[np.float64] | None = None

    @property
    def periods(self) -> int:
        """Number of periods N."""
        return len(self.g2v_per_kwh)

    def power_bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Greatest charging and discharging power per period, battery side, each shape (N,) [kW].

        p⁺ <= min(P_ch, free_upper·η),  p⁻ <= min(P_ds, -free_lower/η) inside the stay, 0 outside.
        """
        charge, discharge = np.full(self.periods, self.charge_kw), np.full(self.periods, self.discharge_kw)
        if self.free_upper_kw is not None:
            charge = np.minimum(charge, np.maximum(0.0, self.free_upper_kw) * self.efficiency)
        if self.free_lower_kw is not None:
            discharge = np.minimum(discharge, np.maximum(0.0, -self.free_lower_kw) / self.efficiency)
        t = np.arange(self.periods)
        inside = (t >= self.arrival) & (t < self.departure)
        return np.where(inside, charge, 0.0), np.where(inside, discharge, 0.0)


@dataclass(frozen=True)
class RoutingPlan:
    """The candidate chosen, and the schedule there.

    Parameters
    ----------
    candidate
        Position of the candidate, or ``None`` where none can meet the task.
    plan
        The schedule; without one its status says why.
    """

    candidate: int | None
    plan: VehiclePlan


def plan_routing(
    task: ChargingTask,
    candidates: Sequence[RoutingCandidate],
    step_h: float,
    *,
    seconds: float = SECONDS,
    binaries: bool = False,
) -> RoutingPlan:
    """Cheapest candidate with its schedule (MILP).

    min Δ·Σ_c Σ_t (g[c,t]·q⁺[c,t] - v[c,t]·q⁻[c,t])
    with  Σ_c y[c] = 1,  s[0] = Σ_c y[c]·s0[c],  q⁺[c,t] <= P_ch[c,t]·y[c],  q⁻[c,t] <= P_ds[c,t]·y[c],
    p⁺ = Σ_c q⁺,  p⁻ = Σ_c q⁻,  p⁺ <= x·max P_ch,  p⁻ <= (1 - x)·max P_ds,
    Δ·Σ p⁻ <= allowance,  s[N] = s_target,  s[t] >= s_crit for t >= t_crit,
    where P[c,t] holds the stay and the free power of the cluster (`RoutingCandidate.power_bounds`).

    Just one y is 1, and then all else is that candidate's own problem: so the optimum is the best of the
    candidates' optima, each found by `plan_two_prices`. No binary is needed for the choice.

    Parameters
    ----------
    task
        The vehicle; its ``soc``, ``charge_kw`` and ``discharge_kw`` are replaced by each candidate's.
    candidates
        All with the same number of periods.
    step_h
        Length of a period Δ [h].
    seconds
        Deadline for all together [s].
    binaries
        Whether to solve with binaries even where the LP is exact.
    """
    deadline = Deadline(seconds)
    plans = []
    for candidate in candidates:
        charge, discharge = candidate.power_bounds()
        own = replace(task, soc=candidate.soc, charge_kw=charge, discharge_kw=discharge)
        g2v, v2g = candidate.g2v_per_kwh, candidate.v2g_per_kwh
        plans.append(plan_two_prices(own, g2v, v2g, step_h, seconds=deadline.left_s, binaries=binaries))
    return find_cheapest(plans)


def find_cheapest(plans: Sequence[VehiclePlan]) -> RoutingPlan:
    """The cheapest of some plans; among equals the first.

    Where one of them met its deadline the result says ``timed_out``: it might have been the best.
    """
    best: int | None = None
    for c, plan in enumerate(plans):
        if not plan.found:
            continue
        if best is None or plan.objective < plans[best].objective - EQUAL * max(1.0, abs(plan.objective)):
            best = c
    late = any(plan.status == "timed_out" for plan in plans)
    if best is None:
        return RoutingPlan(None, nothing("timed_out" if late else "infeasible"))
    return RoutingPlan(best, replace(plans[best], status="timed_out") if late else plans[best])
