"""Schedule: what was decided; whoever decides, the same judge reads it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.depot import Depot

NO_CHARGER, AC, DC = 0, 1, 2
CHARGER_NAMES = ("", "AC", "DC")

Level = Literal["normal", "breach", "magic"]
SolveStatus = Literal["optimal", "within_gap", "open", "timed_out", "rule"]


@dataclass(frozen=True)
class DepotSchedule:
    """Charging of a depot, kept per session and period and viewed per vehicle.

    Parameters
    ----------
    depot
        What was planned for.
    energy_kwh
        Meter-side energy per entry of ``depot.sessions`` (its compressed rows), shape (entries,) [kWh].
    charger
        Charger kind per session: ``NO_CHARGER``, ``AC`` or ``DC``, shape (sessions,).
    unserved_kwh
        Battery-side energy that the routes before a session missed, shape (sessions,) [kWh].
    """

    depot: Depot
    energy_kwh: NDArray[np.float64]
    charger: NDArray[np.int8]
    unserved_kwh: NDArray[np.float64]

    @cached_property
    def booking_period(self) -> NDArray[np.int64]:
        """Period in which a session's route energy and unserved energy are booked, shape (sessions,).

        That is the plug-in period; for a vehicle still away at the end, the last one.
        """
        return np.minimum(self.depot.sessions.first, self.depot.horizon.periods - 1)

    @cached_property
    def vehicle_energy_kwh(self) -> NDArray[np.float64]:
        """Meter-side energy, shape (vehicles, periods) [kWh]."""
        s = self.depot.sessions
        out = np.zeros((len(self.depot.vehicles), self.depot.horizon.periods))
        np.add.at(out, (s.vehicle[s.entry_session], s.entry_period), self.energy_kwh)
        return out

    @cached_property
    def power_kw(self) -> NDArray[np.float64]:
        """Mean meter-side power, shape (vehicles, periods) [kW]."""
        return self.vehicle_energy_kwh / self.depot.horizon.step_h

    @cached_property
    def vehicle_unserved_kwh(self) -> NDArray[np.float64]:
        """Unserved energy in the period where it is booked, shape (vehicles, periods) [kWh]."""
        out = np.zeros((len(self.depot.vehicles), self.depot.horizon.periods))
        np.add.at(out, (self.depot.sessions.vehicle, self.booking_period), self.unserved_kwh)
        return out

    @cached_property
    def vehicle_use_kwh(self) -> NDArray[np.float64]:
        """Route energy in the period where it is booked, shape (vehicles, periods) [kWh]."""
        out = np.zeros((len(self.depot.vehicles), self.depot.horizon.periods))
        np.add.at(out, (self.depot.sessions.vehicle, self.booking_period), self.depot.sessions.use_kwh)
        return out

    @cached_property
    def soc(self) -> NDArray[np.float64]:
        """State of charge on the boundaries, shape (vehicles, periods + 1) [0-1].

        soc[t+1] = soc[t] + (η·energy[t] − use[t] + unserved[t]) / battery.
        """
        d = self.depot
        change = d.efficiency * self.vehicle_energy_kwh - self.vehicle_use_kwh + self.vehicle_unserved_kwh
        out = np.empty((len(d.vehicles), d.horizon.periods + 1))
        out[:, 0] = d.initial_soc
        out[:, 1:] = d.initial_soc + np.cumsum(change, axis=1) / d.vehicles.battery_kwh[:, None]
        return out

    @cached_property
    def vehicle_charger(self) -> NDArray[np.int8]:
        """Charger kind per vehicle and period (the later session where two share one)."""
        s = self.depot.sessions
        out = np.zeros((len(self.depot.vehicles), self.depot.horizon.periods), dtype=np.int8)
        out[s.vehicle[s.entry_session], s.entry_period] = self.charger[s.entry_session]
        return out

    @cached_property
    def charging_kw(self) -> NDArray[np.float64]:
        """Charging of all vehicles, shape (periods,) [kW]."""
        s = self.depot.sessions
        total = np.bincount(s.entry_period, weights=self.energy_kwh, minlength=self.depot.horizon.periods)
        return np.asarray(total / self.depot.horizon.step_h)

    @cached_property
    def breach_kw(self) -> NDArray[np.float64]:
        """Charging above the planned limit free[t], shape (periods,) [kW]."""
        over = self.charging_kw - self.depot.free_kw
        return np.where(over > 1e-9 * max(1.0, self.depot.asc_kw), over, 0.0)

    @cached_property
    def site_kw(self) -> NDArray[np.float64]:
        """Site demand: other load plus charging, shape (periods,) [kW]."""
        return self.depot.site_load_kw + self.charging_kw


@dataclass(frozen=True, slots=True)
class DayReport:
    """How one planning day was decided.

    Parameters
    ----------
    day
        Index of the planning day.
    level
        ``normal`` (no unserved, no breach), ``breach`` or ``magic`` (unserved energy).
    status
        ``optimal`` (gap closed), ``within_gap``, ``open`` (no more is proven though time was left),
        ``timed_out`` (deadline, best found used), ``rule`` (BAU).
    unserved_kwh, breach_kwh, delivered_kwh, cost
        The ranks of the committed day: battery side, meter side, meter side, currency.
    gap
        Proven relative gap of the whole solve, largest over the ranks [-].
    solve_s
        CPU time of the solve [s].
    """

    day: int
    level: Level
    status: SolveStatus
    unserved_kwh: float
    breach_kwh: float
    delivered_kwh: float
    cost: float
    gap: float
    solve_s: float
