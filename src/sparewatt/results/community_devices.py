"""Devices of a community run: what every consumer, producer, battery and base load came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from sparewatt.results.community_device_totals import BaseTotals
from sparewatt.results.community_house_kpis import used_shares
from sparewatt.results.community_view import consumer_of_jobs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

_NO_BASE = BaseTotals(np.zeros(0), np.zeros(0), np.zeros(0))
CONSUMER, PRODUCER, BATTERY, BASE_LOAD = "consumer", "producer", "battery", "base_load"


class DeviceNames(NamedTuple):
    """Consumers, then producers, batteries and base loads; arrays and tuples of that order.

    Runs that are older than base load as a device have none of it.


    Parameters
    ----------
    house
        Row of the house.
    device
        Id within the house.
    name
        As people call it; empty where nothing says so.
    kind
        ``consumer``, ``producer``, ``battery`` or ``base_load``.
    jobs
        Jobs that were simulated, 0 for others.
    """

    house: NDArray[np.int64]
    device: tuple[str, ...]
    name: tuple[str, ...]
    kind: tuple[str, ...]
    jobs: NDArray[np.int64]


def device_names(run: CommunityRun) -> DeviceNames:
    """Who they are; the same in every repetition."""
    n = run.neighbourhood
    consumers = run.consumers
    bases = np.unique(n.base_load.house)
    if any(r.base_loads is None for r in run.repetitions):
        bases = bases[:0]
    told = {(d.house, d.device_id): d.name for d in n.devices}
    house = np.concatenate(
        [np.array([h for h, _ in consumers], np.int64), n.producers.house, n.batteries.house, bases]
    ).astype(np.int64)
    device = (
        *(d for _, d in consumers),
        *n.producers.device,
        *([BATTERY] * len(n.batteries)),
        *([BASE_LOAD] * len(bases)),
    )
    asked = np.delete(consumer_of_jobs(n), run.not_asked)
    jobs = np.bincount(asked, minlength=len(consumers))
    others = len(n.producers) + len(n.batteries) + len(bases)
    return DeviceNames(
        house,
        device,
        tuple(told.get((n.house_ids[h], d), "") for h, d in zip(house, device, strict=True)),
        (
            *([CONSUMER] * len(consumers)),
            *([PRODUCER] * len(n.producers)),
            *([BATTERY] * len(n.batteries)),
            *([BASE_LOAD] * len(bases)),
        ),
        np.concatenate([jobs, np.zeros(others, np.int64)]).astype(np.int64),
    )


def device_table(run: CommunityRun, r: Repetition, names: DeviceNames) -> pa.Table:
    """One repetition: energies in kWh, empty where a device has none of them.

    A consumer takes ``own_kwh``, ``peer_kwh`` and ``grid_kwh``; a producer gives ``own_kwh`` at home,
    ``peer_kwh`` to neighbours, ``stored_kwh`` to the battery and ``feed_in_kwh`` to the grid; a battery
    stores ``stored_kwh`` and gives ``own_kwh``; base load takes ``own_kwh`` and ``grid_kwh``. The devices of
    a house pay ``cost`` together: the house's bill, with what a battery spares it below 0.
    """
    c, p, b = r.consumers, r.producers, run.neighbourhood.batteries
    base = r.base_loads if BASE_LOAD in names.kind and r.base_loads is not None else _NO_BASE
    nothing = [np.full(len(part), np.nan) for part in (c.own_kwh, p.own_kwh, b.house, base.own_kwh)]
    used = base.own_kwh + base.grid_kwh
    taken = c.own_kwh + c.peer_kwh + c.grid_kwh
    given = p.own_kwh + p.peer_kwh + p.stored_kwh + p.feed_in_kwh
    columns = {
        "energy_kwh": (taken, given, r.houses.charge_kwh[b.house], used),
        "own_kwh": (c.own_kwh, p.own_kwh, r.houses.discharge_kwh[b.house], base.own_kwh),
        "peer_kwh": (c.peer_kwh, p.peer_kwh, nothing[2], nothing[3]),
        "grid_kwh": (c.grid_kwh, nothing[1], nothing[2], base.grid_kwh),
        "feed_in_kwh": (nothing[0], p.feed_in_kwh, nothing[2], nothing[3]),
        "stored_kwh": (nothing[0], p.stored_kwh, r.houses.charge_kwh[b.house], nothing[3]),
        "self_consumption": (nothing[0], used_shares(given, p.feed_in_kwh), nothing[2], nothing[3]),
        "self_sufficiency": (
            *(used_shares(taken, c.grid_kwh), nothing[1], nothing[2]),
            used_shares(used, base.grid_kwh),
        ),
        "par": (_positive(c.par), _positive(p.par), nothing[2], _positive(base.par)),
    }
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    unknown = np.full(len(names.house), np.nan)
    tariff, shared = (unknown, unknown) if r.costs is None else (r.costs.tariff_cost, r.costs.shared_cost)
    joined |= {"tariff_cost": tariff, "cost": shared, "saved": tariff - shared}
    return pa.table(
        {
            "repetition": np.full(len(names.house), r.number, np.int32),
            "house": pa.array(run.house_ids, pa.string()).take(pa.array(names.house)),
            "device": pa.array(names.device, pa.string()),
            "kind": pa.array(names.kind, pa.string()),
            "name": pa.array(names.name, pa.string()),
            "jobs": names.jobs,
        }
        | {name: pa.array(values, mask=np.isnan(values)) for name, values in joined.items()}
    )


def _positive(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values, NaN where 0."""
    return np.where(values > 0.0, values, np.nan)
