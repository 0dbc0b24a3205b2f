"""ControlView: what a control rule may know in a step, and the face every rule has (rule 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ImbalanceLimit
    from sparewatt.model.power_table import PowerTable


@dataclass(frozen=True)
class ControlView:
    """The connected vehicles of all clusters now, and the limits that are known ahead.

    Vehicles are ordered by cluster, then first connected (in one period: by real arrival time, then
    by id), so that a stable sort breaks ties as stated. Powers of vehicles are battery side, limits
    grid side. Real departures are not in here.

    Parameters
    ----------
    period
        The period that is being decided.
    step_h
        Its length [h].
    vehicle, evse, cluster
        Rows of the connected vehicles, their units and clusters, shape (connected,).
    since
        Period in which each was connected.
    soc, target_soc, min_soc, max_soc
        States of charge [0-1].
    battery_kwh
        Batteries [kWh].
    charge_kw
        Most power now: the least of unit, vehicle and power by SoC at the present SoC [kW].
    max_charge_kw
        The least of unit and vehicle, whatever the SoC [kW].
    discharge_kw
        Most discharging power, the least of unit and vehicle, >= 0 [kW].
    efficiency
        Of the unit, either direction [0-1].
    lead_h
        Time to the declared departure, negative when overdue [h].
    v2g_left_kwh
        What is left of the V2G allowance [kWh].
    contract_soc
        SoC of the contracted schedule on the boundaries ``period .. period + window``, shape
        (connected, window + 1); constant after the end of the contract. A vehicle without a contract
        has the schedule that charges it to its target as fast as it may.
    power_table
        Power by SoC of the connected vehicles (its rows are those of this view).
    lower_kw, upper_kw
        Limits of each cluster for the periods ``period .. period + window - 1``, shape
        (clusters, window) [kW]; at the end of the horizon the window is shorter.
    tolerance_kw
        Of each cluster, shape (clusters,) [kW].
    system_lower_kw, system_upper_kw
        Limits of the sum, shape (window,); infinite where there are none [kW].
    imbalance_limits
        Limits on differences, cut to the window.
    """

    period: int
    step_h: float
    vehicle: NDArray[np.int64]
    evse: NDArray[np.int64]
    cluster: NDArray[np.int64]
    since: NDArray[np.int64]
    soc: NDArray[np.float64]
    target_soc: NDArray[np.float64]
    min_soc: NDArray[np.float64]
    max_soc: NDArray[np.float64]
    battery_kwh: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    max_charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    efficiency: NDArray[np.float64]
    lead_h: NDArray[np.float64]
    v2g_left_kwh: NDArray[np.float64]
    contract_soc: NDArray[np.float64]
    power_table: PowerTable
    lower_kw: NDArray[np.float64]
    upper_kw: NDArray[np.float64]
    tolerance_kw: NDArray[np.float64]
    system_lower_kw: NDArray[np.float64]
    system_upper_kw: NDArray[np.float64]
    imbalance_limits: tuple[ImbalanceLimit, ...]

    def __len__(self) -> int:
        """Number of connected vehicles."""
        return len(self.vehicle)


@dataclass(frozen=True)
class Setpoints:
    """What a rule decided for one step.

    Parameters
    ----------
    battery_kw
        Power of each vehicle of the view, battery side, positive charges, shape (connected,) [kW].
    gap
        Proven relative gap of the solve behind it; 0 for rules [-].
    timed_out
        Whether a deadline was met.
    note
        ``"infeasible"`` where no plan meets all limits and the least violation was planned, or another
        word worth telling (`StepNote.kind`); empty = nothing.
    """

    battery_kw: NDArray[np.float64]
    gap: float = 0.0
    timed_out: bool = False
    note: str = ""


class Decider(Protocol):
    """A control rule; it may keep solver state to start warm, never knowledge of the future."""

    def decide(self, view: ControlView) -> Setpoints:
        """Powers for the period of the view."""

    def reset(self) -> None:
        """Forget solver state, so that what follows does not depend on what was (resumed runs)."""
