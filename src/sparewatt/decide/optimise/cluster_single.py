"""Schedules of one vehicle: cheapest, two prices with a V2G budget, inside a power band.

All know the same battery: s[t+1] = s[t] + (p⁺[t] - p⁻[t])·Δ/E on boundaries 0..N, powers battery side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.cluster_levels import SplitSolver
from sparewatt.decide.optimise.cluster_split import SplitBuilder
from sparewatt.decide.optimise.matrix import INFINITY, Deadline

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from sparewatt.decide.optimise.cluster_levels import SplitSolution
    from sparewatt.decide.optimise.matrix import Status

SECONDS = 10.0
"""Deadline of a solve unless told otherwise [s]."""
SOC_SLACK = 1e-9
"""Rounding within which a given state of charge still meets a bound."""
DUST_KW = 1e-9
"""Power below which a solver's answer is rounding [kW]."""
EARLINESS = 1e-4
"""Weight of the missing state of charge in the power band's objective (spec, section 8)."""


@dataclass(frozen=True)
class ChargingTask:
    """One battery, where it stands and where it must be.

    Parameters
    ----------
    battery_kwh
        Battery E [kWh].
    soc, target_soc
        State of charge at boundary 0 and, exactly, at boundary N [0-1].
    charge_kw, discharge_kw
        Greatest powers, battery side, >= 0, scalars or shape (N,) [kW].
    min_soc, max_soc
        Bounds at every boundary [0-1].
    critical_soc, critical_boundary
        s[t] >= critical_soc from this boundary on; ``None`` = never [0-1].
    v2g_allowance_kwh
        Most energy that may be taken from the battery; infinite = no budget [kWh].
    """

    battery_kwh: float
    soc: float
    target_soc: float
    charge_kw: ArrayLike
    discharge_kw: ArrayLike = 0.0
    min_soc: float = 0.0
    max_soc: float = 1.0
    critical_soc: float = 0.0
    critical_boundary: int | None = None
    v2g_allowance_kwh: float = float("inf")


@dataclass(frozen=True)
class VehiclePlan:
    """A schedule of one vehicle.

    Parameters
    ----------
    status
        ``optimal``, ``infeasible`` (no schedule meets the task; the arrays are empty) or ``timed_out``.
    objective
        Of the plan; infinite without one.
    battery_kw
        Schedule, battery side, positive charges, shape (N,) [kW].
    soc
        On boundaries, shape (N + 1,) [0-1].
    gap
        Proven relative gap [-].
    """

    status: Status
    objective: float
    battery_kw: NDArray[np.float64]
    soc: NDArray[np.float64]
    gap: float = 0.0

    @property
    def found(self) -> bool:
        """Whether there is a schedule."""
        return len(self.soc) > 0


class BatteryModel(SplitBuilder):
    """Columns and rows of one battery: p⁺, p⁻ and its energy e[1..N] = E·s[1..N].

    e[t+1] - e[t] - Δ·p⁺[t] + Δ·p⁻[t] = 0 with e[0] = E·s[0];  Δ·Σ p⁻ <= allowance.
    """

    def __init__(self, task: ChargingTask, periods: int, step_h: float) -> None:
        super().__init__()
        self.task, self.periods, self.step_h = task, periods, step_h
        lower = np.full(periods + 1, task.min_soc)
        if task.critical_boundary is not None:
            lower[task.critical_boundary :] = np.maximum(task.min_soc, task.critical_soc)
        starts = lower[0] - SOC_SLACK <= task.soc <= task.max_soc + SOC_SLACK
        ends = lower[-1] - SOC_SLACK <= task.target_soc <= task.max_soc + SOC_SLACK
        stays = periods > 0 or abs(task.soc - task.target_soc) <= SOC_SLACK
        self.possible = bool(starts and ends and stays)
        battery = task.battery_kwh
        self.plus, self.minus = self.add_split(periods, task.charge_kw, task.discharge_kw)
        low, high = lower[1:] * battery, np.full(periods, task.max_soc * battery)
        low[-1:] = high[-1:] = task.target_soc * battery
        self.energy = self.add_columns(periods, low, high)
        start = np.zeros(periods)
        start[:1] = task.soc * battery
        rows = self.add_rows(periods, start, start)
        self.put(rows, self.energy, 1.0)
        self.put(rows[1:], self.energy[:-1], -1.0)
        self.put(rows, self.plus, -step_h)
        self.put(rows, self.minus, step_h)
        if np.isfinite(task.v2g_allowance_kwh):
            budget = self.add_rows(1, -INFINITY, task.v2g_allowance_kwh)
            self.put(np.repeat(budget, periods), self.minus, step_h)

    def add_tie_break(self) -> None:
        """Among equals the least V2G, then the earliest charging: min (2N+1)·Δ·Σ p⁻ - Σ e."""
        weight = (2 * self.periods + 1) * self.step_h
        self.add_level((self.minus, weight), (self.energy, -1.0))

    def solve(self, seconds: float, *, binaries: bool = False) -> VehiclePlan:
        """Solve, and read the plan; the first level is its objective."""
        if not self.possible:
            return nothing("infeasible")
        if self.periods == 0:
            return VehiclePlan("optimal", 0.0, np.zeros(0), np.array([self.task.soc]))
        found = SplitSolver().solve(self.model(), Deadline(seconds), binaries=binaries)
        return self._read(found)

    def _read(self, found: SplitSolution) -> VehiclePlan:
        if found.x is None:
            return nothing(found.status)
        power = without_dust(found.x[self.plus] - found.x[self.minus])
        soc = self.task.soc + np.concatenate([[0.0], np.cumsum(power)]) * self.step_h / self.task.battery_kwh
        return VehiclePlan(found.status, found.values[0], power, soc, found.gap)


def without_dust(power_kw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Powers with those below a microwatt set to 0 [kW]."""
    return np.where(np.abs(power_kw) < DUST_KW, 0.0, power_kw)


def nothing(status: Status) -> VehiclePlan:
    """No schedule."""
    return VehiclePlan(status, float("inf"), np.zeros(0), np.zeros(0), 1.0)


def plan_cheapest(
    task: ChargingTask, price_per_kwh: NDArray[np.float64], step_h: float, *, seconds: float = SECONDS
) -> VehiclePlan:
    """Cheapest schedule: one price for either direction (LP).

    min Δ·Σ π[t]·p[t]  with  -P_ds <= p <= P_ch,  s_min <= s <= s_max,  s[N] = s_target,
    s[t] >= s_crit for t >= t_crit; a V2G budget is kept where the task has one.

    Parameters
    ----------
    task
        The battery.
    price_per_kwh
        Price π of energy at the battery, shape (N,) [currency/kWh].
    step_h
        Length of a period Δ [h].
    seconds
        Deadline [s].
    """
    return plan_two_prices(task, price_per_kwh, price_per_kwh, step_h, seconds=seconds)


def plan_two_prices(
    task: ChargingTask,
    g2v_per_kwh: NDArray[np.float64],
    v2g_per_kwh: NDArray[np.float64],
    step_h: float,
    *,
    seconds: float = SECONDS,
    binaries: bool = False,
) -> VehiclePlan:
    """Cheapest schedule with one price for charging, another for giving back, and a V2G budget (MILP).

    min Δ·Σ (g[t]·p⁺[t] - v[t]·p⁻[t])  with  p⁺ <= P_ch·x,  p⁻ <= P_ds·(1 - x),  Δ·Σ p⁻ <= allowance,
    and the battery as in `plan_cheapest`. Among equals: the least V2G, then the earliest charging.

    Parameters
    ----------
    task
        The battery.
    g2v_per_kwh, v2g_per_kwh
        Prices g and v of energy at the battery, shape (N,) [currency/kWh].
    step_h
        Length of a period Δ [h].
    seconds
        Deadline [s].
    binaries
        Whether to solve with binaries even where the LP is exact.
    """
    model = BatteryModel(task, len(g2v_per_kwh), step_h)
    model.add_level((model.plus, step_h * g2v_per_kwh), (model.minus, -step_h * v2g_per_kwh))
    model.add_tie_break()
    return model.solve(seconds, binaries=binaries)


def plan_in_band(
    task: ChargingTask,
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    below_per_kwh: NDArray[np.float64],
    above_per_kwh: NDArray[np.float64],
    step_h: float,
    *,
    seconds: float = SECONDS,
    binaries: bool = False,
) -> VehiclePlan:
    """Schedule inside a power band as far as the penalties make it worth while (MILP).

    min Δ·Σ (a[t]·u[t] + b[t]·d[t]) + 1e-4·Σ_{t<N} (s_target - s[t])
    with  p[t] <= UB[t] + u[t],  p[t] >= LB[t] - d[t],  u, d >= 0,  s[N] = s_target,
    budget and split as in `plan_two_prices`.

    Parameters
    ----------
    task
        The battery.
    lower_kw, upper_kw
        The band LB, UB, battery side, shape (N,) [kW].
    below_per_kwh, above_per_kwh
        Penalties b and a on energy outside the band, shape (N,) [1/kWh].
    step_h
        Length of a period Δ [h].
    seconds
        Deadline [s].
    binaries
        Whether to solve with binaries even where the LP is exact.
    """
    periods = len(upper_kw)
    model = BatteryModel(task, periods, step_h)
    over, under = model.add_columns(periods, 0.0, INFINITY), model.add_columns(periods, 0.0, INFINITY)
    above = model.add_rows(periods, -INFINITY, upper_kw)
    below = model.add_rows(periods, lower_kw, INFINITY)
    for rows, slack, sign in ((above, over, -1.0), (below, under, 1.0)):
        model.put(rows, model.plus, 1.0)
        model.put(rows, model.minus, -1.0)
        model.put(rows, slack, sign)
    model.add_level(
        (over, step_h * above_per_kwh),
        (under, step_h * below_per_kwh),
        (model.energy[:-1], -EARLINESS / task.battery_kwh),
    )
    plan = model.solve(seconds, binaries=binaries)
    if not plan.found:
        return plan
    # What no decision changes: the target in every period, and the state of charge at the start.
    constant = EARLINESS * (periods * task.target_soc - task.soc)
    return VehiclePlan(plan.status, plan.objective + constant, plan.battery_kw, plan.soc, plan.gap)
