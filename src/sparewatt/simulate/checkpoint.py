"""Checkpoint: the state of a run as bytes and back; arrays only, nothing is unpickled (rule 11)."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import BadZipFile

import numpy as np

from sparewatt.errors import StoreError
from sparewatt.model.limit import Limit
from sparewatt.model.reservation import Contract
from sparewatt.model.trace import LimitChange, StepNote
from sparewatt.simulate.operations import Operations
from sparewatt.simulate.state import CHANGING, LOGGED, PERIOD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet
    from sparewatt.model.operating_rules import OperatingRules
    from sparewatt.simulate.state import Hub, Records

LAYOUT = 2
"""Changes whenever the arrays of a checkpoint do."""
DIGEST_BYTES = 32
CONTRACT_ROWS = ("battery_kw", "g2v_per_kwh", "v2g_per_kwh")
LIMIT_ROWS = ("lower_kw", "upper_kw")


class Moment(NamedTuple):
    """All that changes, at one instant between two periods.

    Parameters
    ----------
    counts, arrays
        ``Hub.counts`` and the filled parts of `CHANGING`, by name.
    logged, contracts, notes
        How many there were.
    """

    counts: NDArray[np.int64]
    arrays: dict[str, NDArray[Any]]
    logged: int
    contracts: int
    notes: int


def moment_of(hub: Hub, logged: int, contracts: int, notes: int) -> Moment:
    """A copy of what changes; what only grows (log, cluster power, contracts, notes) is only counted."""
    arrays = {
        name: getattr(hub, name)[: None if count is None else int(hub.counts[count])].copy()
        for name, count in CHANGING
    }
    counts = hub.counts.copy()
    counts[LOGGED] = 0  # how much of the log was put aside depends on how the run was advanced
    return Moment(counts, arrays, logged, contracts, notes)


def pack(
    moment: Moment,
    hub: Hub,
    log: Records,
    contracts: Sequence[Contract],
    notes: Sequence[StepNote],
    operations: Operations,
    facts: dict[str, Any],
) -> bytes:
    """A moment and all that led to it as bytes, with a digest in front.

    Parameters
    ----------
    log
        Whole, up to the moment or beyond.
    operations
        What the operator did; nothing after the moment.
    facts
        Plain values that must be the same when it is read back, or that go with it.
    """
    contracts, notes = contracts[: moment.contracts], notes[: moment.notes]
    head: dict[str, Any] = {
        "layout": LAYOUT,
        **facts,
        "notes": [astuple(note) for note in notes],
        "contracts": [
            (c.cluster, c.evse, c.first, c.end, c.arrival_soc, c.target_soc, c.payment, c.gap)
            for c in contracts
        ],
        "limits": [(c, own.reason, own.tolerance_kw) for c, own in operations.limits.items()],
        "limit_changes": [(c.cluster, c.period, len(c.lower_kw)) for c in operations.limit_changes],
        "by_hand": operations.by_hand,
    }
    arrays = dict(moment.arrays)
    arrays["counts"] = moment.counts
    arrays["log"] = log[: moment.logged]
    arrays["cluster_kw"] = hub.cluster_kw[:, : int(moment.counts[PERIOD])]
    for name in CONTRACT_ROWS:
        arrays[f"contract_{name}"] = _joined(getattr(c, name) for c in contracts)
    bounded = (*operations.limits.values(), *operations.limit_changes)
    for name in LIMIT_ROWS:
        arrays[f"limit_{name}"] = _joined(getattr(own, name) for own in bounded)
    arrays["facts"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    body = buffer.getvalue()
    return _digest(body) + body


class Unpacked(NamedTuple):
    """What a checkpoint held."""

    facts: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    contracts: list[Contract]
    notes: list[StepNote]
    operations: Operations


def unpack(data: bytes) -> Unpacked:
    """Read a checkpoint; `StoreError` where it is damaged or of another version."""
    if _digest(data[DIGEST_BYTES:]) != data[:DIGEST_BYTES]:
        raise StoreError(f"the checkpoint of {len(data)} bytes is damaged; run again without resuming")
    try:
        with np.load(io.BytesIO(data[DIGEST_BYTES:]), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        head = json.loads(bytes(arrays.pop("facts")))
    except (BadZipFile, KeyError, ValueError) as error:
        raise StoreError(f"the checkpoint cannot be read ({error}); run again without resuming") from error
    if head.pop("layout") != LAYOUT:
        raise StoreError("the checkpoint is of another version of Sparewatt; run again without resuming")
    rows = [arrays.pop(f"contract_{name}") for name in CONTRACT_ROWS]
    contracts: list[Contract] = []
    at = 0
    for cluster, evse, first, end, arrival_soc, target_soc, payment, gap in head.pop("contracts"):
        kw, g2v, v2g = (values[at : at + end - first] for values in rows)
        at += end - first
        contracts.append(
            Contract(cluster, evse, first, end, arrival_soc, target_soc, kw, g2v, v2g, payment, gap)
        )
    notes = [StepNote(*note) for note in head.pop("notes")]
    return Unpacked(head, arrays, contracts, notes, _operations(head, arrays))


def _operations(head: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Operations:
    """What the operator had done; taken out of head and arrays."""
    lower, upper = (arrays.pop(f"limit_{name}") for name in LIMIT_ROWS)
    changed, changes = head.pop("limits"), head.pop("limit_changes")
    each = (len(lower) - sum(n for _, _, n in changes)) // max(1, len(changed))  # all over the whole horizon
    ends = np.cumsum([each] * len(changed) + [n for _, _, n in changes]).astype(np.int64)[:-1]
    bounds = [*zip(np.split(lower, ends), np.split(upper, ends), strict=True)]
    limits = {c: Limit(*own, reason, kw) for (c, reason, kw), own in zip(changed, bounds, strict=False)}
    rest = zip(changes, bounds[len(changed) :], strict=False)
    by_hand = [(int(booking), int(first)) for booking, first in head.pop("by_hand")]
    return Operations(limits, [LimitChange(c, period, *own) for (c, period, _), own in rest], by_hand)


def restore(hub: Hub, arrays: dict[str, NDArray[Any]]) -> Records:
    """Write a checkpoint's arrays into a new hub of the same run; returns its log."""
    hub.counts[:] = arrays["counts"]
    for name, count in CHANGING:
        getattr(hub, name)[: None if count is None else int(hub.counts[count])] = arrays[name]
    hub.cluster_kw[:, : int(hub.counts[PERIOD])] = arrays["cluster_kw"]
    return arrays["log"]


def fingerprint(system: ClusterSystem, fleet: Fleet, rules: OperatingRules) -> str:
    """A digest of all that a run depends on; a view of one value counts as that value."""
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for part in _parts(system, fleet, rules):
        if isinstance(part, np.ndarray):
            same = part.ndim == 1 and part.strides == (0,)
            digest.update(f"|{part.dtype}{part.shape}{same}|".encode())
            digest.update(np.ascontiguousarray(part[:1] if same else part).tobytes())
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()


def _parts(system: ClusterSystem, fleet: Fleet, rules: OperatingRules) -> Iterable[Any]:
    """All values of the inputs, one by one."""
    evses, table, traffic = system.evses, fleet.power_table, system.traffic
    for noun in (evses, table, traffic, fleet, *system.limits, system.system_limit, *system.imbalance_limits):
        if noun is not None:
            yield from (getattr(noun, name) for name in noun.__dataclass_fields__ if name != "power_table")
    yield system.price_per_kwh
    yield from (system.horizon, system.cluster_ids, rules)


def _joined(rows: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Rows one after another."""
    return np.concatenate([np.zeros(0), *rows])


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=DIGEST_BYTES).digest()
