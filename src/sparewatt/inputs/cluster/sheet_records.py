"""The sheets of a hub and its fleet, as records: what the readers read, written back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from sparewatt.inputs.cluster import schema
from sparewatt.model.fleet import NO_SOC, NO_TIME, NOWHERE
from sparewatt.model.horizon import local_time_problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.sheets.sheet import Cell
    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet

Record = tuple["Cell", ...]
_NO_BOUND_KW = 1e9


def sheet_records(
    system: ClusterSystem, fleet: Fleet
) -> Iterator[tuple[str, tuple[str, ...], Iterator[Record]]]:
    """Every sheet as its name, header and records.

    Limits and prices stand where they change and once more at the end of the horizon; a bound that is
    none becomes ±1e9 kW. Times are local times of the horizon's zone; one that the clock shows twice is
    text with its offset from UTC.

    Raises
    ------
    ValueError
        When a cluster is not called ``cluster…``, as sheets name them.
    """
    yield schema.FLEET, _FLEET_HEADER, _fleet(system, fleet)
    evses = system.evses
    for row, name in enumerate(system.cluster_ids):
        suffix = cluster_suffix(name)
        units = np.flatnonzero(evses.cluster == row).tolist()
        yield (
            f"{schema.CLUSTER}{suffix}",
            schema.CLUSTER_FORM.required,
            (
                (
                    evses.ids[n],
                    float(evses.max_charge_kw[n]),
                    float(evses.max_discharge_kw[n]),
                    float(evses.efficiency[n]),
                )
                for n in units
            ),
        )
        limit = system.limits[row]
        bounds = [np.clip(b, -_NO_BOUND_KW, _NO_BOUND_KW) for b in (limit.lower_kw, limit.upper_kw)]
        yield f"{schema.CAPACITY}{suffix}", schema.CAPACITY_FORM.required, _held(system, bounds)
    yield schema.PRICE, schema.PRICE_FORM.required, _held(system, [system.price_per_kwh])
    if len(fleet.power_table.soc_to):
        yield schema.POWER_SOC, schema.POWER_SOC_FORM.required, _power_soc(fleet)


def cluster_suffix(cluster_id: str) -> str:
    """What stands behind ``Cluster`` in the names of the sheets of a cluster."""
    kind, suffix = schema.sheet_kind(cluster_id)
    if kind != schema.CLUSTER or schema.cluster_id(suffix) != cluster_id:
        msg = f"the cluster {cluster_id!r} cannot be the name of a sheet; call it cluster1, cluster2, …"
        raise ValueError(msg)
    return suffix


_FLEET_HEADER = schema.FLEET_FORM.required + schema.FLEET_FORM.optional


def _fleet(system: ClusterSystem, fleet: Fleet) -> Iterator[Record]:
    stamp = _LocalStamps(system.horizon.timezone)
    target: list[Cell] = [None if c == NOWHERE else system.cluster_ids[c] for c in fleet.target_cluster]

    def soc(value: float) -> float | None:
        return None if value == NO_SOC else float(value)

    for n, name in enumerate(fleet.ids):
        yield (
            name,
            float(fleet.battery_kwh[n]),
            float(fleet.max_charge_kw[n]),
            float(fleet.max_discharge_kw[n]),
            stamp.of(fleet.reservation_s[n]),
            stamp.of(fleet.declared_arrival_s[n]),
            stamp.of(fleet.declared_departure_s[n]),
            soc(fleet.declared_soc[n]),
            float(fleet.target_soc[n]),
            float(fleet.v2g_allowance_kwh[n]),
            stamp.of(fleet.real_arrival_s[n]),
            soc(fleet.real_soc[n]),
            stamp.of(fleet.real_departure_s[n]),
            target[n],
            float(fleet.min_soc[n]),
            float(fleet.max_soc[n]),
        )


def _power_soc(fleet: Fleet) -> Iterator[Record]:
    table = fleet.power_table
    for v in np.flatnonzero(np.diff(table.offset)).tolist():
        begins = 0.0
        for r in range(int(table.offset[v]), int(table.offset[v + 1])):
            yield fleet.ids[v], begins, float(table.soc_to[r]), float(table.max_kw[r])
            begins = float(table.soc_to[r])


def _held(system: ClusterSystem, values: Sequence[NDArray[np.float64]]) -> Iterator[Record]:
    """Values where any of them changes, and the last ones at the end of the horizon."""
    horizon = system.horizon
    stamp = _LocalStamps(horizon.timezone)
    changes = np.zeros(horizon.periods, dtype=bool)
    changes[0] = True
    for v in values:
        changes[1:] |= v[1:] != v[:-1]
    at = np.flatnonzero(changes).tolist()
    for t in at:
        yield stamp.of(horizon.start_s + t * horizon.step_s), *(float(v[t]) for v in values)
    if len(at) > 1:
        yield stamp.of(horizon.end_s), *(float(v[-1]) for v in values)


class _LocalStamps:
    """UTC seconds → local times as sheets hold them; each different time is worked out once."""

    def __init__(self, timezone: str) -> None:
        self._timezone, self._zone = timezone, ZoneInfo(timezone)
        self._known: dict[int, datetime | str | None] = {NO_TIME: None}

    def of(self, at_s: int) -> datetime | str | None:
        """Nothing for `NO_TIME`; text with an offset where the clock shows the time twice."""
        at_s = int(at_s)
        if at_s not in self._known:
            local = datetime.fromtimestamp(at_s, self._zone)
            naive = local.replace(tzinfo=None, fold=0)
            whole_minutes = (local.utcoffset() or timedelta(0)) % timedelta(minutes=1) == timedelta(0)
            plain = local_time_problem(naive, self._timezone) is None and whole_minutes
            self._known[at_s] = naive if plain else local.isoformat(" ")
        return self._known[at_s]
