"""Vehicles and limits of one or more clusters over a window: what rescheduling and potential are asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.evses import grid_power

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.matrix import Status
    from sparewatt.model.cluster_system import ImbalanceLimit


@dataclass(frozen=True)
class ClusterWindow:
    """Connected vehicles and the limits of their clusters over N periods.

    Powers of vehicles are battery side, limits grid side.

    Parameters
    ----------
    step_h
        Length of a period Δ [h].
    cluster
        Row of each vehicle's cluster, shape (vehicles,).
    battery_kwh
        Batteries E, shape (vehicles,) [kWh].
    soc
        At boundary 0, shape (vehicles,) [0-1].
    contract_soc
        Contracted SoC s* on boundaries, shape (vehicles, N + 1) [0-1]. The last one is what counts;
        those before it break ties.
    min_soc, max_soc
        Bounds, shape (vehicles,) [0-1]. A battery that is outside at boundary 0 may stay where it is,
        and go no further.
    charge_kw, discharge_kw
        Greatest powers per period, >= 0, 0 from the departure on, shape (vehicles, N) [kW].
    charge_efficiency, discharge_efficiency
        Grid power is p⁺/η_ch - p⁻·η_ds, shape (vehicles,) [0-1].
    v2g_left_kwh
        Most energy that may be taken in the window, infinite = no budget, shape (vehicles,) [kWh].
    lower_kw, upper_kw
        Limits LB, UB of each cluster, infinite = none, shape (clusters, N) [kW].
    tolerance_kw
        Most excess ε that the plan may allow itself, shape (clusters,) [kW].
    deviation_per_kwh, excess_per_kw
        Penalties ρ_y and ρ_ε of each cluster, >= 0, shape (clusters,).
    system_lower_kw, system_upper_kw
        Limits of the sum of all clusters, shape (N,) [kW]; ``None`` = none.
    imbalance_limits
        Limits on P_first - P_second, their arrays of shape (N,).
    bound_last_soc
        Whether s_min <= s <= s_max holds at boundary N too.
    """

    step_h: float
    cluster: NDArray[np.int64]
    battery_kwh: NDArray[np.float64]
    soc: NDArray[np.float64]
    contract_soc: NDArray[np.float64]
    min_soc: NDArray[np.float64]
    max_soc: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    charge_efficiency: NDArray[np.float64]
    discharge_efficiency: NDArray[np.float64]
    v2g_left_kwh: NDArray[np.float64]
    lower_kw: NDArray[np.float64]
    upper_kw: NDArray[np.float64]
    tolerance_kw: NDArray[np.float64]
    deviation_per_kwh: NDArray[np.float64]
    excess_per_kw: NDArray[np.float64]
    system_lower_kw: NDArray[np.float64] | None = None
    system_upper_kw: NDArray[np.float64] | None = None
    imbalance_limits: tuple[ImbalanceLimit, ...] = ()
    bound_last_soc: bool = True

    @property
    def vehicles(self) -> int:
        """Number of vehicles."""
        return len(self.soc)

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.tolerance_kw)

    @property
    def periods(self) -> int:
        """Number of periods N."""
        return int(self.charge_kw.shape[1])

    def soc_bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bounds on the SoC at boundaries 1..N, each shape (vehicles, N) [0-1]."""
        lower = np.tile(np.minimum(self.min_soc, self.soc)[:, None], (1, self.periods))
        upper = np.tile(np.maximum(self.max_soc, self.soc)[:, None], (1, self.periods))
        if not self.bound_last_soc:
            lower[:, -1:], upper[:, -1:] = -np.inf, np.inf
        return lower, upper

    def soc_of(self, battery_kw: NDArray[np.float64]) -> NDArray[np.float64]:
        """SoC on boundaries of a schedule of shape (vehicles, N), shape (vehicles, N + 1) [0-1]."""
        gained = np.cumsum(battery_kw, axis=1) * self.step_h / self.battery_kwh[:, None]
        return np.asarray(np.hstack([self.soc[:, None], self.soc[:, None] + gained]))

    def cluster_kw(self, battery_kw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Power of each cluster, grid side, shape (clusters, N) [kW]."""
        charging = grid_power(np.maximum(battery_kw, 0.0), self.charge_efficiency[:, None])
        grid = charging + grid_power(np.minimum(battery_kw, 0.0), self.discharge_efficiency[:, None])
        total = np.zeros((self.clusters, self.periods))
        np.add.at(total, self.cluster, grid)
        return total

    def without_limits(self) -> ClusterWindow:
        """The same vehicles under no limit at all."""
        free = np.full_like(self.upper_kw, np.inf)
        return replace(
            self,
            lower_kw=-free,
            upper_kw=free,
            system_lower_kw=None,
            system_upper_kw=None,
            imbalance_limits=(),
        )

    @cached_property
    def has_limits(self) -> bool:
        """Whether any limit is finite."""
        bounds = [self.lower_kw, self.upper_kw, self.system_lower_kw, self.system_upper_kw]
        return bool(self.imbalance_limits) or any(b is not None and np.isfinite(b).any() for b in bounds)


@dataclass(frozen=True)
class ClusterPlan:
    """A plan for the vehicles of a window.

    Parameters
    ----------
    status
        ``optimal``; ``infeasible`` where no plan keeps all limits within their tolerances (the plan,
        if there is one, has the least violation); ``timed_out``.
    objective
        Σ ρ_y·y·E + ρ_ε·ε, infinite without a plan.
    battery_kw
        Schedule, battery side, shape (vehicles, N) [kW]; empty without a plan.
    soc
        On boundaries, shape (vehicles, N + 1) [0-1].
    deviation_kwh
        y·E: distance from the contracted energy at boundary N, shape (vehicles,) [kWh].
    excess_kw
        ε of each cluster, shape (clusters,) [kW].
    violation_kwh
        Energy beyond limits and tolerances, over all limits and periods [kWh].
    gap
        Proven relative gap [-].
    """

    status: Status
    objective: float
    battery_kw: NDArray[np.float64]
    soc: NDArray[np.float64]
    deviation_kwh: NDArray[np.float64]
    excess_kw: NDArray[np.float64]
    violation_kwh: float = 0.0
    gap: float = 0.0

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return bool(np.isfinite(self.objective))
