"""EvSchedule: what the cars of a zone charge and give back, period by period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.ev_sessions import EvSessions


@dataclass(frozen=True)
class EvSchedule:
    """Powers of all sessions, one value per session and period of its stay.

    Parameters
    ----------
    sessions
        Whose schedule it is.
    charge_kw, discharge_kw
        Grid side, both >= 0, at most one of them above 0, entries of ``sessions``, shape (entries,) [kW].
    """

    sessions: EvSessions
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]

    @cached_property
    def grid_kw(self) -> NDArray[np.float64]:
        """Power taken from the grid, c - d, shape (entries,) [kW]."""
        return self.charge_kw - self.discharge_kw

    @cached_property
    def boundary_offset(self) -> NDArray[np.int64]:
        """Boundaries of session s are ``boundary_offset[s]:boundary_offset[s + 1]`` of `energy_kwh`."""
        return self.sessions.offset + np.arange(len(self.sessions) + 1)

    @cached_property
    def energy_kwh(self) -> NDArray[np.float64]:
        """Energy in the battery on the boundaries of each stay, shape (entries + sessions,) [kWh].

        E[t+1] = E[t] + (η·c[t] - d[t]/η)·Δ
        """
        s = self.sessions
        eta = s.efficiency[s.entry_car]
        gain = (eta * self.charge_kw - self.discharge_kw / eta) * s.step_h
        total = np.concatenate([[0.0], np.cumsum(gain)])
        session = np.repeat(np.arange(len(s)), np.diff(self.boundary_offset))
        rows = np.arange(len(session)) - session
        return np.asarray(s.start_kwh[session] + total[rows] - total[s.offset[session]])

    @cached_property
    def end_kwh(self) -> NDArray[np.float64]:
        """Energy in the battery at departure, shape (sessions,) [kWh]."""
        return np.asarray(self.energy_kwh[self.boundary_offset[1:] - 1])

    @cached_property
    def car_kw(self) -> NDArray[np.float64]:
        """Grid power of each car, shape (cars, periods) [kW]."""
        s = self.sessions
        out = np.zeros((s.cars, s.periods))
        np.add.at(out, (s.entry_car, s.entry_period), self.grid_kw)
        return out

    @cached_property
    def total_kw(self) -> NDArray[np.float64]:
        """Grid power of all cars, shape (periods,) [kW]."""
        s = self.sessions
        total = np.bincount(s.entry_period, weights=self.grid_kw, minlength=s.periods)
        return np.asarray(total, dtype=np.float64)
