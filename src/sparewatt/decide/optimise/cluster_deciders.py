"""Control rules that optimise: every step plans a window anew and applies its first period.

What a window holds (see `window_of`): the limits and contracts that the view knows ahead, powers 0 from
the declared departure on, V2G within what is left of the allowance. A vehicle that stays beyond its
declared departure is controllable in the first period of every window, so that it is still charged
towards its contract; nothing later is counted on. The charging power of the first period is that of the
present SoC; that of later ones is the least of the ranges that the SoC can have reached by then without
going beyond what contract and target ask for, so that no plan relies on power that the battery may not
take. Clusters without vehicles are left out.

Where no plan keeps the limits within their tolerances all three plan the least violation and say so
(note ``infeasible``); a hub always gets powers. Where the limits can be kept, `milp` and
`feasible_milp` are the same optimisation of one cluster; `central_milp` optimises all clusters at once
and knows the limits of their sum and differences.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.cluster_rescheduling import Rescheduler
from sparewatt.decide.optimise.cluster_window import ClusterWindow
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.control_view import Setpoints
from sparewatt.model.evses import grid_power

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.cluster_window import ClusterPlan
    from sparewatt.model.control_view import ControlView
    from sparewatt.model.operating_rules import OperatingRules

MIP_GAP = 1e-4
"""Relative gap at which a branch and bound stops, where one is needed at all [-]."""
ROUNDING = 1e-9
"""Of times and states of charge."""


def window_of(view: ControlView, rules: OperatingRules) -> ClusterWindow:
    """All connected vehicles and limits of a view as a `ClusterWindow`; clusters keep their rows."""
    periods, clusters = view.lower_kw.shape[1], view.lower_kw.shape[0]
    stays = np.maximum(1, np.floor(view.lead_h / view.step_h + ROUNDING)).astype(np.int64)
    inside = np.arange(periods)[None, :] < stays[:, None]
    return ClusterWindow(
        step_h=view.step_h,
        cluster=view.cluster,
        battery_kwh=view.battery_kwh,
        soc=view.soc,
        contract_soc=view.contract_soc,
        min_soc=view.min_soc,
        max_soc=view.max_soc,
        charge_kw=np.where(inside, charging_power(view, periods), 0.0),
        discharge_kw=np.where(inside, view.discharge_kw[:, None], 0.0),
        charge_efficiency=view.efficiency,
        discharge_efficiency=view.efficiency,
        v2g_left_kwh=view.v2g_left_kwh,
        lower_kw=view.lower_kw,
        upper_kw=view.upper_kw,
        tolerance_kw=view.tolerance_kw,
        deviation_per_kwh=np.full(clusters, rules.deviation_per_kwh),
        excess_per_kw=np.full(clusters, rules.excess_per_kw),
        system_lower_kw=view.system_lower_kw,
        system_upper_kw=view.system_upper_kw,
        imbalance_limits=view.imbalance_limits,
    )


def charging_power(view: ControlView, periods: int) -> NDArray[np.float64]:
    """Greatest charging power that a plan may count on, shape (connected, periods) [kW].

    In period t: the least of unit, vehicle and all SoC ranges between the SoC after discharging and
    the SoC after charging as fast as allowed for t periods, the latter cut at the greatest of present
    SoC, target and contract.
    """
    power = np.tile(view.max_charge_kw[:, None], (1, periods))
    power[:, :1] = np.minimum(view.charge_kw, view.max_charge_kw)[:, None]
    table = view.power_table
    for v in np.flatnonzero(np.diff(table.offset) > 0):
        rows = slice(int(table.offset[v]), int(table.offset[v + 1]))
        soc_to, range_kw = table.soc_to[rows], table.max_kw[rows]
        goal = max(float(view.soc[v]), float(view.target_soc[v]), float(view.contract_soc[v].max()))
        low = high = float(view.soc[v])
        per_kw = view.step_h / float(view.battery_kwh[v])
        for t in range(1, periods):
            high = min(goal, high + float(power[v, t - 1]) * per_kw)
            low = max(float(view.min_soc[v]), low - float(view.discharge_kw[v]) * per_kw)
            # A SoC on an edge belongs to the range above; one that only just gets there stays below.
            first = min(int(np.searchsorted(soc_to, low, side="right")), len(soc_to) - 1)
            last = min(int(np.searchsorted(soc_to, high - ROUNDING, side="right")), len(soc_to) - 1)
            power[v, t] = min(power[v, t], float(range_kw[first : max(first, last) + 1].min()))
    return power


def rows_of(window: ClusterWindow, cluster: int) -> tuple[ClusterWindow, NDArray[np.int64]]:
    """The part of a window that is one cluster, under its own limits alone, and its vehicles' rows."""
    mine = np.flatnonzero(window.cluster == cluster)
    vehicles = {name: getattr(window, name)[mine] for name in PER_VEHICLE}
    own = {name: getattr(window, name)[cluster : cluster + 1] for name in PER_CLUSTER}
    part = replace(window, **vehicles, **own, system_lower_kw=None, system_upper_kw=None, imbalance_limits=())
    return replace(part, cluster=np.zeros(len(mine), dtype=np.int64)), mine


PER_VEHICLE = (
    "battery_kwh",
    "soc",
    "contract_soc",
    "min_soc",
    "max_soc",
    "charge_kw",
    "discharge_kw",
    "charge_efficiency",
    "discharge_efficiency",
    "v2g_left_kwh",
)
PER_CLUSTER = ("lower_kw", "upper_kw", "tolerance_kw", "deviation_per_kwh", "excess_per_kw")


def follow_contracts(window: ClusterWindow) -> NDArray[np.float64]:
    """Powers of the first period where a deadline left no plan, battery side, shape (vehicles,) [kW].

    What the contract asks for next, within the powers; charging is cut in proportion where a cluster
    would exceed its upper limit.
    """
    step = (window.contract_soc[:, 1] - window.soc) * window.battery_kwh / window.step_h
    room_down = (
        np.minimum((window.soc - window.min_soc) * window.battery_kwh, window.v2g_left_kwh) / window.step_h
    )
    least = -np.minimum(window.discharge_kw[:, 0], np.maximum(0.0, room_down))
    room_up = np.maximum(0.0, window.max_soc - window.soc) * window.battery_kwh / window.step_h
    power = np.clip(step, least, np.minimum(window.charge_kw[:, 0], room_up))
    for c in np.unique(window.cluster):
        mine = window.cluster == c
        charging, giving = mine & (power > 0), mine & (power < 0)
        drawn = float(grid_power(power[charging], window.charge_efficiency[charging]).sum())
        given = float(grid_power(power[giving], window.discharge_efficiency[giving]).sum())
        if drawn + given > window.upper_kw[c, 0] and drawn > 0:
            power[charging] *= max(0.0, (float(window.upper_kw[c, 0]) - given) / drawn)
    return power


class ClusterMilp:
    """``milp``: each cluster for itself, warm from its last window.

    Parameters
    ----------
    rules
        Penalties and deadline.
    """

    def __init__(self, rules: OperatingRules) -> None:
        self._rules = rules
        self._planners: dict[int, Rescheduler] = {}

    def decide(self, view: ControlView) -> Setpoints:
        """Powers for the period of the view."""
        if not len(view):
            return Setpoints(np.zeros(0))
        deadline = Deadline(self._rules.solve_seconds)
        window = window_of(view, self._rules)
        power, told = np.zeros(len(view)), Told()
        for cluster, part, mine in self._parts(window):
            planner = self._planners.setdefault(cluster, Rescheduler())
            plan = planner.plan(part, feasible=True, seconds=deadline.left_s, gap=MIP_GAP, binaries=False)
            power[mine] = plan.battery_kw[:, 0] if plan.found else follow_contracts(part)
            told.add(plan)
        return Setpoints(power, gap=told.gap, timed_out=told.timed_out, note=told.note)

    def _parts(self, window: ClusterWindow) -> list[tuple[int, ClusterWindow, NDArray[np.int64]]]:
        return [(int(c), *rows_of(window, int(c))) for c in np.unique(window.cluster)]

    def reset(self) -> None:
        """Forget the bases of the last windows."""
        self._planners.clear()


class FeasibleMilp(ClusterMilp):
    """``feasible_milp``: limits first, as far as they can be kept, then the contracts."""


class CentralMilp(ClusterMilp):
    """``central_milp``: all clusters at once, with the limits of their sum and differences."""

    def _parts(self, window: ClusterWindow) -> list[tuple[int, ClusterWindow, NDArray[np.int64]]]:
        # A cluster without vehicles draws nothing, whatever is decided: its own limits are no question here.
        free = np.full(window.clusters, np.inf)
        free[np.unique(window.cluster)] = 0.0
        lower, upper = window.lower_kw - free[:, None], window.upper_kw + free[:, None]
        return [(0, replace(window, lower_kw=lower, upper_kw=upper), np.arange(window.vehicles))]


class Told:
    """What is worth telling about the plans of one step."""

    def __init__(self) -> None:
        self.gap, self.timed_out, self.note = 0.0, False, ""

    def add(self, plan: ClusterPlan) -> None:
        """Take another plan into account."""
        self.gap = max(self.gap, plan.gap)
        self.timed_out |= plan.status == "timed_out"
        if plan.status == "infeasible":
            self.note = "infeasible"
