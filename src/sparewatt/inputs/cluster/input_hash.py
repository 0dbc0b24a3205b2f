"""A hash of everything that a cluster run is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.cluster.visits import take_visits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.cluster.read import ClusterInputs
    from sparewatt.model.limit import Limit


def hash_cluster_inputs(inputs: ClusterInputs) -> str:
    """SHA-256 over hub, fleet and rules, as hexadecimal digits.

    Visits count in the order of their ids, so the hash does not depend on the order of rows or sheets,
    on notes and other columns, or on whether a workbook or CSV files held them. The order of units
    counts: it breaks ties.
    """
    system, fleet = inputs.system, inputs.fleet
    digest = hashlib.sha256()
    horizon = system.horizon
    _add_text(
        digest,
        "hub 1",
        horizon.start.isoformat(),
        str(horizon.step_s),
        str(horizon.periods),
        horizon.timezone,
        json.dumps(asdict(inputs.rules), sort_keys=True),
        *system.cluster_ids,
        *system.evses.ids,
    )
    evses, traffic = system.evses, system.traffic
    for array in (evses.cluster, evses.max_charge_kw, evses.max_discharge_kw, evses.efficiency):
        _add_array(digest, array)
    for array in (traffic.arrival_delay_s, traffic.departure_delay_s, traffic.soc_drop):
        _add_array(digest, array)
    for limit in (*system.limits, system.system_limit):
        _add_limit(digest, limit)
    _add_array(digest, system.price_per_kwh)
    for pair in system.imbalance_limits:
        _add_text(digest, f"imbalance {pair.first} {pair.second}")
        _add_array(digest, pair.upper_kw)
    ordered = take_visits(fleet, np.argsort(fleet.id_rank))
    _add_text(digest, "fleet", *ordered.ids)
    for field in fields(ordered):
        if field.name not in {"ids", "power_table"}:
            _add_array(digest, getattr(ordered, field.name))
    table = ordered.power_table
    for array in (table.offset, table.soc_to, table.max_kw):
        _add_array(digest, array)
    return digest.hexdigest()


def _add_limit(digest: hashlib._Hash, limit: Limit | None) -> None:
    """Bounds and tolerance; where a limit comes from does not matter."""
    if limit is None:
        _add_text(digest, "no limit")
        return
    _add_text(digest, "limit", repr(float(limit.tolerance_kw)))
    _add_array(digest, limit.lower_kw)
    _add_array(digest, limit.upper_kw)


def _add_text(digest: hashlib._Hash, *texts: str) -> None:
    """Feed texts with their lengths, so that no two lists feed the same bytes."""
    for text in (str(len(texts)), *texts):
        encoded = text.encode()
        digest.update(f"text {len(encoded)}:".encode() + encoded)


def _add_array(digest: hashlib._Hash, array: NDArray[np.float64] | NDArray[np.int64]) -> None:
    little = np.ascontiguousarray(array + 0, dtype=array.dtype.newbyteorder("<"))  # -0.0 is 0.0
    digest.update(f"array {array.dtype.kind} {array.shape}".encode())
    digest.update(little.tobytes())
