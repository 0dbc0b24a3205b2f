"""Potential: the most and the least that clusters can draw over a window, limits and targets aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.decide.optimise.cluster_levels import SplitSolver
from sparewatt.decide.optimise.cluster_single import SECONDS, without_dust
from sparewatt.decide.optimise.cluster_split import SplitBuilder
from sparewatt.decide.optimise.matrix import INFINITY, Deadline

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.cluster_levels import SplitSolution
    from sparewatt.decide.optimise.cluster_window import ClusterWindow
    from sparewatt.decide.optimise.matrix import Status

Direction = Literal["most", "least"]


@dataclass(frozen=True)
class Potential:
    """What the vehicles of a window can draw at most or at least.

    Parameters
    ----------
    status
        ``optimal`` or ``timed_out`` (then the best found, with its gap).
    sum_kw
        Σ_t Σ_c P_c[t], grid side [kW]; times Δ it is the energy.
    battery_kw
        The schedule that draws it, battery side, shape (vehicles, N) [kW].
    soc
        On boundaries, shape (vehicles, N + 1) [0-1].
    gap
        Greatest proven relative gap of a vehicle [-].
    """

    status: Status
    sum_kw: float
    battery_kw: NDArray[np.float64]
    soc: NDArray[np.float64]
    gap: float = 0.0


def find_potential(
    window: ClusterWindow, direction: Direction, *, seconds: float = SECONDS, gap: float = 0.0
) -> Potential:
    """Most or least that the vehicles can draw (MILP).

    max or min Σ_t P[t],  P[t] = Σ_v (p⁺[v,t]/η_ch - p⁻[v,t]·η_ds)
    with  s_min <= s <= s_max,  the V2G allowance,  p⁺ <= P_ch·x,  p⁻ <= P_ds·(1 - x).

    No row joins two vehicles, so each is solved alone. With losses the most is more than a full
    battery: it is drawn by giving back and charging again; there the binaries count.

    Parameters
    ----------
    window
        The vehicles; limits, tolerances and contracts do not matter.
    direction
        ``"most"`` or ``"least"``.
    seconds
        Deadline for all together [s].
    gap
        Relative gap at which a branch and bound may stop [-].
    """
    deadline = Deadline(seconds)
    power = np.zeros((window.vehicles, window.periods))
    solver = SplitSolver()
    status: Status = "optimal"
    worst = 0.0
    for v in range(window.vehicles):
        plus, minus, found = _solve_one(window, v, direction, solver, deadline, gap)
        worst = max(worst, found.gap)
        if found.status != "optimal":
            status = "timed_out"
        if found.x is not None:
            power[v] = without_dust(found.x[plus] - found.x[minus])
    total = float(window.cluster_kw(power).sum())
    return Potential(status, total, power, window.soc_of(power), worst)


def _solve_one(
    window: ClusterWindow,
    v: int,
    direction: Direction,
    solver: SplitSolver,
    deadline: Deadline,
    gap: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], SplitSolution]:
    """One vehicle: its columns and what the solve gave; standing still is always feasible."""
    periods, step_h, battery = window.periods, window.step_h, float(window.battery_kwh[v])
    lower, upper = (bound[v] * battery for bound in window.soc_bounds())
    model = SplitBuilder()
    plus, minus = model.add_split(periods, window.charge_kw[v], window.discharge_kw[v])
    energy = model.add_columns(periods, lower, upper)
    start = np.zeros(periods)
    start[:1] = battery * window.soc[v]
    rows = model.add_rows(periods, start, start)
    model.put(rows, energy, 1.0)
    model.put(rows[1:], energy[:-1], -1.0)
    model.put(rows, plus, -step_h)
    model.put(rows, minus, step_h)
    if np.isfinite(window.v2g_left_kwh[v]):
        budget = model.add_rows(1, -INFINITY, max(0.0, float(window.v2g_left_kwh[v])))
        model.put(np.repeat(budget, periods), minus, step_h)
    sign = -1.0 if direction == "most" else 1.0
    draw, give = sign / window.charge_efficiency[v], -sign * window.discharge_efficiency[v]
    model.add_level((plus, float(draw)), (minus, float(give)))
    return plus, minus, solver.solve(model.model(), deadline, gap=gap)
