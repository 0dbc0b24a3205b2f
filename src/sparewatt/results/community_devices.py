"""Devices of a community run: what every consumer, producer and battery came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from sparewatt.results.community_kpis import used_shares
from sparewatt.results.community_view import consumer_of_jobs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.community_view import CommunityRun, Repetition

CONSUMER, PRODUCER, BATTERY = "consumer", "producer", "battery"


class DeviceNames(NamedTuple):
    """Consumers, then producers, then batteries; arrays and tuples of that order.

    Parameters
    ----------
    house
        Row of the house.
    device
        Id within the house.
    name
        As people call it; empty where nothing says so.
    kind
        ``consumer``, ``producer`` or ``battery``.
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
    told = {(d.house, d.device_id): d.name for d in n.devices}
    house = np.concatenate(
        [np.array([h for h, _ in consumers], np.int64), n.producers.house, n.batteries.house]
    ).astype(np.int64)
    device = (*(d for _, d in consumers), *n.producers.device, *([BATTERY] * len(n.batteries)))
    asked = np.delete(consumer_of_jobs(n), run.not_asked)
    jobs = np.bincount(asked, minlength=len(consumers))
    others = len(n.producers) + len(n.batteries)
    return DeviceNames(
        house,
        device,
        tuple(told.get((n.house_ids[h], d), "") for h, d in zip(house, device, strict=True)),
        (
            *([CONSUMER] * len(consumers)),
            *([PRODUCER] * len(n.producers)),
            *([BATTERY] * len(n.batteries)),
        ),
        np.concatenate([jobs, np.zeros(others, np.int64)]).astype(np.int64),
    )


def device_table(run: CommunityRun, r: Repetition, names: DeviceNames) -> pa.Table:
    """One repetition: energies in kWh, empty where a device has none of them.

    A consumer takes ``own_kwh``, ``peer_kwh`` and ``grid_kwh``; a producer gives ``own_kwh`` at home,
    ``peer_kwh`` to neighbours, ``stored_kwh`` to the battery and ``feed_in_kwh`` to the grid; a battery
    stores ``stored_kwh`` and gives ``own_kwh``.
    """
    c, p, b = r.consumers, r.producers, run.neighbourhood.batteries
    nothing = [np.full(len(part), np.nan) for part in (c.own_kwh, p.own_kwh, b.house)]
    taken = c.own_kwh + c.peer_kwh + c.grid_kwh
    given = p.own_kwh + p.peer_kwh + p.stored_kwh + p.feed_in_kwh
    columns = {
        "energy_kwh": (taken, given, r.houses.charge_kwh[b.house]),
        "own_kwh": (c.own_kwh, p.own_kwh, r.houses.discharge_kwh[b.house]),
        "peer_kwh": (c.peer_kwh, p.peer_kwh, nothing[2]),
        "grid_kwh": (c.grid_kwh, nothing[1], nothing[2]),
        "feed_in_kwh": (nothing[0], p.feed_in_kwh, nothing[2]),
        "stored_kwh": (nothing[0], p.stored_kwh, r.houses.charge_kwh[b.house]),
        "self_consumption": (nothing[0], used_shares(given, p.feed_in_kwh), nothing[2]),
        "self_sufficiency": (used_shares(taken, c.grid_kwh), nothing[1], nothing[2]),
        "par": (_positive(c.par), _positive(p.par), nothing[2]),
    }
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
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
