"""Belief: what the operator knows now, as the view that a control rule is given (rule 9)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.control_view import ControlView
from sparewatt.model.power_table import PowerTable
from sparewatt.model.trace import NONE
from sparewatt.simulate.plant import fastest_soc
from sparewatt.simulate.state import (
    BATTERY,
    CHARGE,
    CONNECTION,
    DISCHARGE,
    EFFICIENCY,
    EVSE,
    LEAD,
    MAX_CHARGE,
    MAX_SOC,
    MIN_SOC,
    SINCE,
    SOC,
    TARGET,
    V2G_LEFT,
    VEHICLE,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.reservation import Contract
    from sparewatt.simulate.state import Hub


class Belief:
    """Makes the views of a run; keeps the reference trajectories of those who are connected.

    Parameters
    ----------
    system, fleet
        What is simulated; of the fleet only battery and power table of the connected are read.
    window
        How many periods the limits are known ahead.
    """

    def __init__(self, system: ClusterSystem, fleet: Fleet, window: int) -> None:
        self._system, self._fleet, self._window = system, fleet, window
        self._paths: dict[int, tuple[int, NDArray[np.float64]]] = {}

    def places(self, hub: Hub) -> NDArray[np.int64]:
        """Where the connected vehicles stand in ``hub.plug_kw``: by cluster, then as they connected."""
        rows = zip(hub.clusters["first"].tolist(), hub.clusters["connected"].tolist(), strict=True)
        return np.concatenate([np.arange(a, a + n) for a, n in rows]).astype(np.int64)

    def view(
        self, hub: Hub, places: NDArray[np.int64], period: int, contracts: Sequence[Contract]
    ) -> ControlView:
        """What a rule may know in ``period``; ``refresh`` has been called for it."""
        window = min(self._window, hub.periods - period)
        ahead = slice(period, period + window)
        own, row = hub.plug_kw[:, places], hub.plug_row[:, places]
        limits, whole = self._system.limits, self._system.system_limit
        free = np.broadcast_to(np.inf, (window,))
        return ControlView(
            period=period,
            step_h=hub.step_h,
            vehicle=row[VEHICLE],
            evse=row[EVSE],
            cluster=np.ascontiguousarray(hub.units["cluster"][row[EVSE]]),
            since=row[SINCE],
            soc=own[SOC],
            target_soc=own[TARGET],
            min_soc=own[MIN_SOC],
            max_soc=own[MAX_SOC],
            battery_kwh=own[BATTERY],
            charge_kw=own[CHARGE],
            max_charge_kw=own[MAX_CHARGE],
            discharge_kw=own[DISCHARGE],
            efficiency=own[EFFICIENCY],
            lead_h=own[LEAD],
            v2g_left_kwh=own[V2G_LEFT],
            contract_soc=self._contract_soc(hub, row[CONNECTION], own[MAX_CHARGE], period, window, contracts),
            power_table=self._table(row[VEHICLE]),
            lower_kw=np.array([limit.lower_kw[ahead] for limit in limits]),
            upper_kw=np.array([limit.upper_kw[ahead] for limit in limits]),
            tolerance_kw=np.array([limit.tolerance_kw for limit in limits]),
            system_lower_kw=-free if whole is None else whole.lower_kw[ahead],
            system_upper_kw=free if whole is None else whole.upper_kw[ahead],
            imbalance_limits=tuple(
                replace(limit, upper_kw=limit.upper_kw[ahead]) for limit in self._system.imbalance_limits
            ),
        )

    def _table(self, vehicles: NDArray[np.int64]) -> PowerTable:
        """The power table of some vehicles."""
        table = self._fleet.power_table
        if len(table.soc_to) == 0:
            return PowerTable.empty(len(vehicles))
        first, end = table.offset[vehicles], table.offset[vehicles + 1]
        rows = np.concatenate([np.arange(0), *map(np.arange, first.tolist(), end.tolist())])
        offset = np.concatenate([[0], np.cumsum(end - first)])
        return PowerTable(offset, table.soc_to[rows], table.max_kw[rows])

    def _contract_soc(
        self,
        hub: Hub,
        connections: NDArray[np.int64],
        max_charge_kw: NDArray[np.float64],
        period: int,
        window: int,
        contracts: Sequence[Contract],
    ) -> NDArray[np.float64]:
        """Reference trajectories on the boundaries of the window, shape (connected, window + 1)."""
        known, self._paths = self._paths, {}
        out = np.empty((len(connections), window + 1))
        boundaries = np.arange(period, period + window + 1)
        for n, k in enumerate(connections.tolist()):
            path = known.get(k) or self._path(hub, k, float(max_charge_kw[n]), contracts)
            self._paths[k] = path
            first, soc = path
            out[n] = soc[np.clip(boundaries - first, 0, len(soc) - 1)]
        return out

    def _path(
        self, hub: Hub, connection: int, max_charge_kw: float, contracts: Sequence[Contract]
    ) -> tuple[int, NDArray[np.float64]]:
        """First boundary and states of charge of the trajectory of one connection, constant outside."""
        link = hub.links[connection]
        vehicle, first = int(link["vehicle"]), int(link["first"])
        number = int(hub.bookings[link["booking"]]["contract"])
        battery_kwh = float(self._fleet.battery_kwh[vehicle])
        if number != NONE:
            contract = contracts[number]
            kwh = np.cumsum(contract.battery_kw) * hub.step_h
            return contract.first, contract.arrival_soc + np.concatenate([[0.0], kwh]) / battery_kwh
        table = self._fleet.power_table
        ranges = slice(int(table.offset[vehicle]), int(table.offset[vehicle + 1]))
        return first, fastest_soc(
            float(link["soc_first"]),
            float(min(self._fleet.target_soc[vehicle], self._fleet.max_soc[vehicle])),
            battery_kwh,
            max_charge_kw,
            hub.soc_to[ranges],
            hub.max_kw[ranges],
            hub.step_h,
            hub.periods - first + 1,
        )
