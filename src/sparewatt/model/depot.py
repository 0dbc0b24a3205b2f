"""Depot: one site with its fleet, chargers, load and price over a horizon: one allocation, ready to plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.model.limit import Limit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon
    from sparewatt.model.sessions import Sessions
    from sparewatt.model.vehicles import Vehicles


Mode = Literal["BAU", "opt"]
MODES: tuple[Mode, ...] = ("BAU", "opt")


@dataclass(frozen=True)
class DepotChargers:
    """The chargers of a depot: one AC and one DC kind.

    Parameters
    ----------
    ac_kw, dc_kw
        Rating per charger [kW]; 0 = that kind is absent.
    num_ac, num_dc
        How many there are. DC chargers are held for a whole session.
    limit_ac
        False: every vehicle has an AC socket and ``num_ac`` does not bind (as in the original).
        True: at most ``num_ac`` sessions on AC and ``num_dc`` on DC at a time.
    """

    ac_kw: float
    dc_kw: float
    num_ac: int
    num_dc: int
    limit_ac: bool = False


@dataclass(frozen=True)
class Depot:
    """One allocation of a run.

    Parameters
    ----------
    allocation_id, site_id
        Ids as the user wrote them.
    horizon
        All periods of the run.
    vehicles, sessions, chargers
        The fleet, its stays and what it can plug into.
    asc_kw
        Agreed supply capacity of the site [kW].
    asc_margin
        Share of ``asc_kw`` that a breach may add, 0.2 = up to 120 % [-].
    utilisation
        Share of ``asc_kw`` that is planned for [0-1].
    site_load_kw
        Other load on the site per period, shape (periods,) [kW].
    price_per_kwh
        Price per period, shape (periods,) [currency/kWh].
    efficiency
        Battery energy per meter energy when charging [0-1].
    reserve
        Share of the battery that a route must leave (``soc_margin``) [0-1].
    initial_soc
        State of charge of every vehicle at the start [0-1].
    min_power_kw
        Least power a charger can hold; every period is 0 or at least that [kW].
    excess_capacity_price
        Price per kW above ``asc_kw`` and day [currency/kW].
    limit_kw
        Limit on the charging power from elsewhere (another run), shape (periods,) [kW]; ``None`` = none.
    """

    allocation_id: str
    site_id: str
    horizon: Horizon
    vehicles: Vehicles
    sessions: Sessions
    chargers: DepotChargers
    asc_kw: float
    asc_margin: float
    utilisation: float
    site_load_kw: NDArray[np.float64]
    price_per_kwh: NDArray[np.float64]
    efficiency: float = 0.9
    reserve: float = 0.0
    initial_soc: float = 1.0
    min_power_kw: float = 0.0
    excess_capacity_price: float = 0.0
    limit_kw: NDArray[np.float64] | None = None

    @cached_property
    def free_kw(self) -> NDArray[np.float64]:
        """Power left for charging, shape (periods,) [kW].

        free[t] = max(0, min(utilisation·asc − load[t], limit[t])).
        """
        room = self.utilisation * self.asc_kw - self.site_load_kw
        return np.maximum(0.0, room if self.limit_kw is None else np.minimum(room, self.limit_kw))

    @property
    def site_limit(self) -> Limit:
        """``free_kw`` as a limit on the charging power."""
        free = self.free_kw
        reason = f"agreed supply capacity of {self.site_id}"
        if self.limit_kw is not None:
            reason = f"{reason}; limit from elsewhere"
        return Limit(np.zeros_like(free), free, reason)

    @cached_property
    def session_ac_kw(self) -> NDArray[np.float64]:
        """min(vehicle, AC charger) per session [kW]."""
        return np.minimum(self.vehicles.ac_kw, self.chargers.ac_kw)[self.sessions.vehicle]

    @cached_property
    def session_dc_kw(self) -> NDArray[np.float64]:
        """min(vehicle, DC charger) per session, 0 where the depot has no DC charger [kW]."""
        dc_kw = self.chargers.dc_kw if self.chargers.num_dc > 0 else 0.0
        return np.minimum(self.vehicles.dc_kw, dc_kw)[self.sessions.vehicle]


@dataclass(frozen=True)
class DepotRun:
    """What one `current_run_id` asks for: allocations to plan, each in one or two modes.

    Parameters
    ----------
    run_id, client_id, client_name
        As the user wrote them; empty where not given.
    modes
        Charging modes, ``"BAU"`` before ``"opt"``.
    depots
        One per allocation, in ascending order of allocation id.
    """

    run_id: str
    client_id: str
    client_name: str
    modes: tuple[Mode, ...]
    depots: tuple[Depot, ...]
