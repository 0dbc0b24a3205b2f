"""The network of a run with its cases and EVs, and its kept moments, without the long series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.model.customers import Case
from sparewatt.results.network_columns import ROW_LIMIT, indices, times
from sparewatt.results.network_ev_reading import read_evs
from sparewatt.results.network_grid_reading import read_grid
from sparewatt.results.network_places import outer_nodes
from sparewatt.results.network_series import REPLAY_TRANSFORMER
from sparewatt.results.network_state import ZONES
from sparewatt.results.network_state_files import fitting, known_charging, read_state_files
from sparewatt.results.network_view import Moment
from sparewatt.results.series_files import read_floats, read_horizon, read_parquet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from sparewatt.model.customers import Customers
    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.horizon import Horizon
    from sparewatt.model.network import Network
    from sparewatt.results.network_state_files import StateFiles
    from sparewatt.results.network_view import Charging, ZoneEvs


@dataclass(frozen=True)
class GridState:
    """What a run knows of its network beside series over time.

    Parameters
    ----------
    network, feeders, zones, customers, horizon
        Where and when.
    engine
        Power flow that was used.
    floor_pu, ceiling_pu
        Statutory bounds on voltages [pu].
    planned_floor_pu
        Voltage that limits were made for [pu].
    cases
        Penetrations, rising.
    taken
        Row of the case that each zone takes, shape (zones,).
    ev_horizon, evs
        As in `NetworkView`.
    charging
        Ways of charging that were replayed.
    replayed
        Periods that were, rising, shape (replayed,).
    moments
        The first is the one to be shown first.
    """

    network: Network
    feeders: Feeders
    zones: Zones
    customers: Customers
    horizon: Horizon
    engine: str
    floor_pu: float
    ceiling_pu: float
    planned_floor_pu: float
    cases: tuple[Case, ...]
    taken: NDArray[np.int64]
    ev_horizon: Horizon | None
    evs: tuple[ZoneEvs, ...]
    charging: tuple[Charging, ...]
    replayed: NDArray[np.int64]
    moments: tuple[Moment, ...]

    @property
    def outer_node(self) -> NDArray[np.int64]:
        """The node of every branch that is further from the busbar, shape (branches,)."""
        return outer_nodes(self.network, self.feeders)

    @property
    def node_customers(self) -> NDArray[np.int64]:
        """Customers at every node, shape (nodes,)."""
        at = self.network.loads.node[self.customers.load]
        return np.bincount(at, minlength=len(self.network.nodes)).astype(np.int64)

    @property
    def branch_customers(self) -> NDArray[np.int64]:
        """Customers behind every branch of the tree, seen from the busbar, shape (branches,)."""
        below = self.node_customers.copy()
        out = np.zeros(len(self.network.branches), dtype=np.int64)
        for node in self.feeders.order[::-1].tolist():
            parent, branch = self.feeders.node_parent[node], self.feeders.node_branch[node]
            if parent >= 0:
                below[parent] += below[node]
                out[branch] = below[node]
        return out


def read_grid_state(directory: Path) -> GridState:
    """What a run of a network kept in its series folder, without its long series.

    Raises
    ------
    InputError
        A file is missing, is not Parquet, or does not hold what it should.
    """
    with fitting():
        return grid_state(read_state_files(directory))


def grid_state(files: StateFiles) -> GridState:
    """The same, of files that were read; any misfit is a ValueError, KeyError, TypeError or IndexError."""
    found, meta = files.found, files.meta
    horizon = read_horizon(meta["horizon"])
    network, feeders, zones, customers = read_grid(found, meta["network"])
    ev_horizon = None if meta["ev_horizon"] is None else read_horizon(meta["ev_horizon"])
    evs: tuple[ZoneEvs, ...] = ()
    if ev_horizon is not None:
        evs = read_evs(files.directory, found, ev_horizon, meta["ev_zones"], zones.ids, customers.ids)
    setting = meta["setting"]
    cases = _cases(meta["cases"], found["case_customers"], len(customers))
    has_replays = bool(meta["replays"])
    return GridState(
        network=network,
        feeders=feeders,
        zones=zones,
        customers=customers,
        horizon=horizon,
        engine=str(setting["engine"]),
        floor_pu=float(setting["judged_floor_pu"]),
        ceiling_pu=float(setting["judged_ceiling_pu"]),
        planned_floor_pu=float(setting["headroom"]["voltage_floor_pu"]),
        cases=cases,
        taken=indices(found[ZONES], "case", len(cases)),
        ev_horizon=ev_horizon,
        evs=evs,
        charging=tuple(known_charging(told[0]) for told in meta["replays"]),
        replayed=_replayed(files.directory, horizon) if has_replays else np.zeros(0, dtype=np.int64),
        moments=_moments(found, meta["moments"], len(network.nodes), len(network.branches), horizon),
    )


def _cases(told: list[list[Any]], who: pa.Table, count: int) -> tuple[Case, ...]:
    if len(who) != count * len(told):
        raise ValueError("cases and customers do not fit together")
    pv, hp = (
        np.asarray(who[n].to_numpy(), dtype=np.bool_).reshape(len(told), count) for n in ("has_pv", "has_hp")
    )
    return tuple(Case(str(t[0]), float(t[1]), float(t[2]), pv[k], hp[k]) for k, t in enumerate(told))


def _replayed(directory: Path, horizon: Horizon) -> NDArray[np.int64]:
    """Periods that were replayed, the same in all replays."""
    path = directory / f"{REPLAY_TRANSFORMER}.parquet"
    table = read_parquet(path, ROW_LIMIT, ["time"])
    if not len(table):
        return np.zeros(0, dtype=np.int64)
    return np.unique(times(table, "time", horizon))


def _moments(
    found: Mapping[str, pa.Table], told: list[list[Any]], nodes: int, branches: int, horizon: Horizon
) -> tuple[Moment, ...]:
    """The network at some moments."""
    kinds = (("moment_nodes", "pu", nodes), ("moment_branches", "loading", branches))
    volts, loads = (
        np.stack([read_floats(found[name], f"{what}_{p + 1}", (len(told), rows)) for p in range(3)], axis=2)
        for name, what, rows in kinds
    )
    if any(not 0 <= int(t[2]) < horizon.periods for t in told):
        raise ValueError("a moment is not of this run")
    return tuple(
        Moment(str(t[0]), known_charging(t[1]), int(t[2]), volts[k], loads[k], float(t[3]))
        for k, t in enumerate(told)
    )
