"""Power flow of a block of periods: of the cases, and of replays with EVs; limits by power flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.model.case_loads import case_loads
from sparewatt.model.customers import Case
from sparewatt.model.headroom import Binding, FlowLimit, FoundLimit
from sparewatt.physics.headroom.growth import find_growth
from sparewatt.physics.headroom.margins import find_watch
from sparewatt.physics.headroom.shared_limit import find_shared_limit
from sparewatt.physics.headroom.zonal import zonal_series, zonal_want
from sparewatt.physics.headroom.zone_limit import find_zone_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.case_loads import PowerFactors
    from sparewatt.model.customers import Customers, Profiles
    from sparewatt.model.ev_schedule import EvSchedule
    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.headroom import HeadroomSettings
    from sparewatt.model.network import Network
    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.physics.headroom.margins import Side
    from sparewatt.physics.power_flow import FlowResult, PowerFlow


@dataclass(frozen=True)
class Grid:
    """Where power flows, and what everybody's power factor is.

    Parameters
    ----------
    network, feeders, zones, customers
        Where.
    engine
        Holds ``network``.
    factors
        Power factors.
    """

    network: Network
    feeders: Feeders
    zones: Zones
    customers: Customers
    engine: PowerFlow
    factors: PowerFactors

    def loads(
        self, case: Case, profiles: Profiles, ev_kw: NDArray[np.float64] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Power of every load, shape (loads, periods) [kW, kvar]."""
        return case_loads(
            self.customers, case, profiles, loads=len(self.network.loads), ev_kw=ev_kw, factors=self.factors
        )

    def solve(self, kw: NDArray[np.float64], kvar: NDArray[np.float64]) -> tuple[ZonalSeries, float]:
        """Zonal quantities, and the largest power that busbar, loads and losses do not balance by [kW]."""
        result = self.engine.solve(kw, kvar, zonal_want(self.network, self.feeders, self.zones))
        return zonal_series(result, self.network, self.zones), self._imbalance_kw(result, kw)

    def _imbalance_kw(self, result: FlowResult, kw: NDArray[np.float64]) -> float:
        """|P_busbar + transformer losses - Σ P_load - losses| beyond what the transformer itself loses.

        Losses are those of branches and transformer, the busbar lies between: what leaves it is at least
        the loads, and at most loads and all losses. Only loads of constant power say what they take.
        """
        if (self.network.loads.zip_share[:, :2] != 0.0).any():
            return 0.0
        out, taken = result.busbar_kva.real.sum(axis=0), kw.sum(axis=0)
        known = result.converged
        off = np.maximum(taken - out, out - taken - result.losses_kw)[known]
        return float(max(0.0, off.max(initial=0.0)))


def limits_by_power_flow(
    grid: Grid,
    kw: NDArray[np.float64],
    kvar: NDArray[np.float64],
    method: Literal["per_zone", "shared"],
    settings: HeadroomSettings,
) -> tuple[FoundLimit, FoundLimit]:
    """Limits of import and export of every snapshot.

    Parameters
    ----------
    grid
        Where.
    kw, kvar
        Loads, shape (loads, snapshots) [kW, kvar].
    method
        Zone by zone, or all together.
    settings
        Floor, ceiling, shares; what is added has the power factor of EVs.
    """
    watch = find_watch(grid.network, grid.feeders, grid.zones, settings)
    growth = find_growth(grid.zones, kw, "load", settings.ev_power_factor)

    def side(name: Side) -> FoundLimit:
        alone = find_zone_limit(grid.engine, watch, kw, kvar, growth, name)
        if method == "per_zone":
            return alone
        return find_shared_limit(grid.engine, watch, kw, kvar, growth, name, alone)

    return side("import"), side("export")


def no_limit(zones: int) -> FlowLimit:
    """No limit at all, for zones that nothing is known of."""
    return FlowLimit(np.full((zones, 1), np.inf), np.full((zones, 1), Binding.NONE, dtype=np.int8))


def mix_cases(cases: Sequence[Case], taken: NDArray[np.int64], customers: Customers) -> Case:
    """One case in which the customers of every zone have what the case of their zone gives them.

    Parameters
    ----------
    cases
        Cases.
    taken
        Row of the case of every zone, shape (zones,); customers of no zone have what the first gives.
    customers
        Who.
    """
    row = np.where(customers.zone >= 0, taken[np.maximum(customers.zone, 0)], 0)
    everyone = np.arange(len(customers))
    pv = np.stack([c.has_pv for c in cases])[row, everyone]
    hp = np.stack([c.has_hp for c in cases])[row, everyone]
    return Case("as taken", float(pv.mean()), float(hp.mean()), pv, hp)


def ev_power(
    schedules: Sequence[tuple[NDArray[np.int64], EvSchedule]], customers: int, first: int, end: int
) -> NDArray[np.float64]:
    """Power of the EVs of every customer over a block of the periods that the schedules are made for.

    Parameters
    ----------
    schedules
        Customer of each car, shape (cars,), and the schedule, per zone.
    customers
        How many there are.
    first, end
        The block is ``first..end-1``.

    Returns
    -------
    Shape (customers, end - first) [kW].
    """
    out = np.zeros((customers, end - first))
    for customer, schedule in schedules:
        s = schedule.sessions
        inside = (s.entry_period >= first) & (s.entry_period < end)
        place = (customer[s.entry_car[inside]], s.entry_period[inside] - first)
        np.add.at(out, place, schedule.grid_kw[inside])
    return out
