"""Smart reservation: one optimisation that chooses cluster, unit and schedule, and writes the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.cluster_pricing import price_reservation
from sparewatt.decide.optimise.cluster_routing import RoutingCandidate, find_cheapest
from sparewatt.decide.optimise.cluster_single import ChargingTask, nothing, plan_two_prices
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.reservation import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.model.operating_rules import OperatingRules
    from sparewatt.model.reservation import ReservationCandidate, ReservationRequest

NOTHING_KWH = 1e-6
"""Energy below which an offer to a vehicle that wants to charge is no offer [kWh]."""


def energy_margin(candidate: ReservationCandidate, step_h: float) -> float:
    """Most energy that a candidate can put into the battery over its stay [kWh, battery side].

    Δ·Σ_t min(max(0, UB[t] - booked[t])·η, P_ch)

    Parameters
    ----------
    candidate
        The unit, its cluster's limits and what is booked there.
    step_h
        Length of a period Δ [h].
    """
    free = np.maximum(0.0, candidate.upper_kw - candidate.booked_kw) * candidate.efficiency
    return float(np.minimum(free, candidate.charge_kw).sum()) * step_h


def plan_reservation(
    request: ReservationRequest,
    candidates: Sequence[ReservationCandidate],
    rules: OperatingRules,
    step_h: float,
) -> Contract | None:
    """The cheapest contract for a vehicle, or ``None`` where no candidate can serve it.

    1. Reachable SoC of a candidate: arrival SoC + `energy_margin` / E. The target is the declared one
       (never above the max SoC), lowered to the greatest reachable of all candidates; so a candidate
       that could only undercut the others by delivering less is out. A vehicle that arrives above the
       target is promised its arrival SoC.
    2. g = pricing rule on what is booked in the candidate's cluster (`price_reservation`),
       v = g·(1 - arbitrage).
    3. Routing (`plan_routing`: the best of the candidates' optima) with q, grid side, inside what
       bookings and limits leave in every period:
       min(0, LB[t] - booked[t]) <= q[t] <= max(0, UB[t] - booked[t]); s_crit = target at departure;
       V2G within the allowance.

    ``None`` also where the vehicle wants energy and no candidate has any for it.

    Parameters
    ----------
    request
        What the vehicle declares.
    candidates
        Units that are free over the stay; among equal costs the earlier one is taken.
    rules
        Pricing factors, arbitrage, deadline.
    step_h
        Length of a period [h].
    """
    deadline = Deadline(rules.solve_seconds)
    target = _common_target(request, candidates, step_h)
    options, plans = [_option(c, rules) for c in candidates], []
    for candidate, option in zip(candidates, options, strict=True):
        if _offers_nothing(request, candidate, target):
            plans.append(nothing("infeasible"))
            continue
        task = _task(request, candidate, option, target)
        g2v, v2g = option.g2v_per_kwh, option.v2g_per_kwh
        plans.append(plan_two_prices(task, g2v, v2g, step_h, seconds=deadline.left_s))
    routing = find_cheapest(plans)
    if routing.candidate is None:
        return None
    candidate, option = candidates[routing.candidate], options[routing.candidate]
    power = routing.plan.battery_kw
    charged, given = np.maximum(power, 0.0), np.maximum(-power, 0.0)
    return Contract(
        cluster=candidate.cluster,
        evse=candidate.evse,
        first=candidate.first,
        end=candidate.end,
        arrival_soc=candidate.arrival_soc,
        target_soc=float(routing.plan.soc[-1]),
        battery_kw=power,
        g2v_per_kwh=option.g2v_per_kwh,
        v2g_per_kwh=option.v2g_per_kwh,
        payment=step_h * float(option.g2v_per_kwh @ charged - option.v2g_per_kwh @ given),
        gap=1.0 if routing.plan.status == "timed_out" else routing.plan.gap,
    )


def _common_target(
    request: ReservationRequest, candidates: Sequence[ReservationCandidate], step_h: float
) -> float:
    wanted = min(request.target_soc, request.max_soc)
    reachable = [c.arrival_soc + energy_margin(c, step_h) / request.battery_kwh for c in candidates]
    return min(wanted, max(reachable, default=wanted))


def _offers_nothing(request: ReservationRequest, candidate: ReservationCandidate, target: float) -> bool:
    """Whether a vehicle that wants energy would get none at a candidate."""
    wants = min(request.target_soc, request.max_soc) > candidate.arrival_soc
    return wants and (target - candidate.arrival_soc) * request.battery_kwh < NOTHING_KWH


def _task(
    request: ReservationRequest, candidate: ReservationCandidate, option: RoutingCandidate, target: float
) -> ChargingTask:
    """What the battery must do at a candidate."""
    charge, discharge = option.power_bounds()
    promised = max(target, candidate.arrival_soc)
    return ChargingTask(
        battery_kwh=request.battery_kwh,
        soc=candidate.arrival_soc,
        target_soc=promised,
        charge_kw=charge,
        discharge_kw=discharge,
        # A battery that arrives outside its bounds may stay there, and go no further.
        min_soc=min(request.min_soc, candidate.arrival_soc),
        max_soc=max(request.max_soc, candidate.arrival_soc),
        critical_soc=promised,
        critical_boundary=candidate.end - candidate.first,
        v2g_allowance_kwh=request.v2g_allowance_kwh,
    )


def _option(candidate: ReservationCandidate, rules: OperatingRules) -> RoutingCandidate:
    g2v = price_reservation(
        candidate.booked_kw,
        candidate.lower_kw,
        candidate.upper_kw,
        candidate.tariff_per_kwh,
        f_markup=rules.f_markup,
        f_discount=rules.f_discount,
    )
    return RoutingCandidate(
        arrival=0,
        departure=candidate.end - candidate.first,
        soc=candidate.arrival_soc,
        charge_kw=candidate.charge_kw,
        discharge_kw=candidate.discharge_kw,
        g2v_per_kwh=g2v,
        v2g_per_kwh=g2v * (1.0 - rules.arbitrage),
        efficiency=candidate.efficiency,
        free_lower_kw=np.minimum(0.0, candidate.lower_kw - candidate.booked_kw),
        free_upper_kw=np.maximum(0.0, candidate.upper_kw - candidate.booked_kw),
    )
