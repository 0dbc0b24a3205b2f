"""Power of every load in a case: demand, heat pumps, PV and EVs with their power factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.customers import Case, Customers, Profiles


@dataclass(frozen=True)
class PowerFactors:
    """Power factors, lagging: reactive power has the sign of the active power.

    Parameters
    ----------
    demand, ev, pv
        cos φ; heat pumps count as demand [0-1].
    """

    demand: float = 0.95
    ev: float = 0.98
    pv: float = 1.0


def kvar_per_kw(power_factor: float) -> float:
    """Reactive per active power, tan φ = √(1 - cos²φ)/cos φ."""
    return float(np.sqrt(1.0 - power_factor**2) / power_factor)


def case_loads(
    customers: Customers,
    case: Case,
    profiles: Profiles,
    *,
    loads: int | None = None,
    ev_kw: NDArray[np.float64] | None = None,
    factors: PowerFactors = PowerFactors(),
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Active and reactive power of every load over the periods of the profiles.

    P = demand + heat pump·has_hp + EV - pv_kwp·pv·has_pv
    Q = (demand + heat pump)·tan φ_demand + EV·tan φ_ev - pv·tan φ_pv

    Parameters
    ----------
    customers, case, profiles
        Who, what they have, and their powers; profiles may be any block of periods.
    loads
        Number of loads of the network; left out: as many as there are customers.
    ev_kw
        Grid power of the EVs of each customer, negative where they give back, shape (customers, periods)
        [kW]; left out: none.
    factors
        Power factors.

    Returns
    -------
    kw, kvar
        Shape (loads, periods), consumption positive [kW, kvar]. Loads without a customer are 0.
    """
    demand = np.where(case.has_hp[:, None], profiles.heat_pump_kw, 0.0)
    demand += profiles.demand_kw
    pv_kw = np.where(case.has_pv, customers.pv_kwp, 0.0)[:, None] * profiles.pv_kw_per_kwp
    own_kw = demand - pv_kw
    demand *= kvar_per_kw(factors.demand)
    own_kvar = demand
    if factors.pv < 1.0:
        own_kvar -= pv_kw * kvar_per_kw(factors.pv)
    if ev_kw is not None:
        own_kw += ev_kw
        own_kvar += ev_kw * kvar_per_kw(factors.ev)
    count = len(customers) if loads is None else loads
    if count == len(customers) and np.array_equal(customers.load, np.arange(count)):
        return own_kw, own_kvar
    kw, kvar = np.zeros((2, count, own_kw.shape[1]))
    np.add.at(kw, customers.load, own_kw)
    np.add.at(kvar, customers.load, own_kvar)
    return kw, kvar
