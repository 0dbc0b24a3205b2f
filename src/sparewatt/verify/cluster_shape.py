"""Whether the arrays of a trace fit together, which every other rule relies on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.model.trace import NONE, BookingState, Fate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from sparewatt.model.trace import Trace

_SHAPE = "cluster.trace.shape"


def check_shapes(trace: Trace) -> Iterator[Finding]:
    """Lengths, rows and periods are such that they can be followed.

    Every row points at something there is; periods lie in the horizon, stays and bookings are not
    empty or backward; connections are in the order in which they began; settings begin at the first
    period of their connection and go forward.
    """
    yield from _lengths(trace)
    wrong = [*_rows(trace)]
    yield from wrong
    if not wrong:
        yield from _settings(trace)


def check_finite(trace: Trace) -> Iterator[Finding]:
    """No NaN and no infinity anywhere (rule 4)."""
    c = trace.connections
    places: dict[str, NDArray[np.float64]] = {
        "connections.soc_first": c.soc_first,
        "connections.soc_last": c.soc_last,
        "connections.g2v_kwh": c.g2v_kwh,
        "connections.v2g_kwh": c.v2g_kwh,
        "setting.battery_kw": trace.setting.battery_kw,
        "cluster_kw": trace.cluster_kw,
        "waited_h": trace.waited_h,
    }
    for k, contract in enumerate(trace.contracts):
        for name in ("battery_kw", "g2v_per_kwh", "v2g_per_kwh"):
            places[f"contracts[{k}].{name}"] = getattr(contract, name)
        numbers = (contract.arrival_soc, contract.target_soc, contract.payment)
        places[f"contracts[{k}], a number"] = np.array(numbers)
    for name, array in places.items():
        if not np.isfinite(np.sum(array)):
            bad = int((~np.isfinite(array)).sum())
            if bad:
                yield Finding(
                    "cluster.trace.finite",
                    "error",
                    name,
                    f"{bad} values are no finite numbers",
                    str(bad),
                    "a finite number everywhere",
                )


def _wrong(where: str, message: str, remedy: str, value: object = "") -> Finding:
    return Finding(_SHAPE, "error", where, message, str(value), remedy)


def _lengths(trace: Trace) -> Iterator[Finding]:
    c, b, s = trace.connections, trace.bookings, trace.setting
    visits, clusters = len(trace.fleet), len(trace.system.cluster_ids)
    connections, bookings = len(c.vehicle), len(b.vehicle)
    expected: list[tuple[str, ArrayLike, int | tuple[int, ...]]] = [
        *((f"connections.{f}", getattr(c, f), connections) for f in c.__dataclass_fields__),
        *((f"bookings.{f}", getattr(b, f), bookings) for f in b.__dataclass_fields__),
        ("setting.offset", s.offset, connections + 1),
        ("setting.battery_kw", s.battery_kw, len(s.period)),
        ("fate", trace.fate, visits),
        ("waited_h", trace.waited_h, visits),
        ("cluster_kw", trace.cluster_kw, (clusters, trace.system.horizon.periods)),
    ]
    for k, contract in enumerate(trace.contracts):
        length = max(contract.end - contract.first, 0)
        series = ("battery_kw", "g2v_per_kwh", "v2g_per_kwh")
        expected.extend((f"contracts[{k}].{name}", getattr(contract, name), length) for name in series)
    for name, array, size in expected:
        shape, wanted = np.shape(array), size if isinstance(size, tuple) else (size,)
        if shape != wanted:
            yield _wrong(name, f"has shape {shape}", f"shape {wanted}", shape)


def _rows(trace: Trace) -> Iterator[Finding]:
    c, b = trace.connections, trace.bookings
    periods = trace.system.horizon.periods
    visits, evses, clusters = len(trace.fleet), len(trace.system.evses), len(trace.system.cluster_ids)
    last_contract = len(trace.contracts) - 1
    ranges: list[tuple[str, ArrayLike, int, int]] = [
        ("connections.vehicle", c.vehicle, 0, visits - 1),
        ("connections.evse", c.evse, 0, evses - 1),
        ("connections.booking", c.booking, 0, len(b.vehicle) - 1),
        ("connections.first", c.first, 0, periods - 1),
        ("connections.end", c.end, 1, periods),
        ("bookings.vehicle", b.vehicle, 0, visits - 1),
        ("bookings.evse", b.evse, 0, evses - 1),
        ("bookings.made", b.made, 0, periods - 1),
        ("bookings.closed", b.closed, NONE, periods),
        ("bookings.contract", b.contract, NONE, last_contract),
        ("bookings.state", b.state, 0, max(BookingState)),
        ("fate", trace.fate, 0, max(Fate)),
        ("contracts.cluster", [k.cluster for k in trace.contracts], 0, clusters - 1),
        ("contracts.evse", [k.evse for k in trace.contracts], 0, evses - 1),
    ]
    for name, values, least, most in ranges:
        array = np.asarray(values)
        bad = np.flatnonzero((array < least) | (array > most))
        if len(bad):
            yield _wrong(
                f"{name}, row {bad[0]}",
                f"{len(bad)} values lie outside {least} to {most}, the first is {array[bad[0]]}",
                f"{least} to {most}",
                array[bad[0]],
            )
    for name, first, end in (
        ("connections", c.first, c.end),
        ("bookings", b.first, b.end),
        ("contracts", [k.first for k in trace.contracts], [k.end for k in trace.contracts]),
    ):
        if np.shape(first) == np.shape(end):
            bad = np.flatnonzero(np.asarray(end) <= np.asarray(first))
            if len(bad):
                yield _wrong(
                    f"{name}, row {bad[0]}",
                    f"{len(bad)} end before or when they begin",
                    "first < end",
                    len(bad),
                )
    back = np.flatnonzero(np.diff(c.first) < 0)
    if len(back):
        yield _wrong(
            f"connections.first, row {back[0] + 1}",
            "connections are not in the order in which they began",
            "rows in the order of connecting",
            c.first[back[0] + 1],
        )


def _settings(trace: Trace) -> Iterator[Finding]:
    c, s = trace.connections, trace.setting
    remedy = "one setting at the first period of each connection, the next ones ascending before its end"
    if len(s.offset) != len(c.vehicle) + 1 or len(c.first) != len(c.vehicle) or len(c.end) != len(c.vehicle):
        return
    counts = np.diff(s.offset)
    if s.offset[0] != 0 or s.offset[-1] != len(s.period) or (counts < 1).any():
        yield _wrong("setting.offset", "does not give every connection its own settings", remedy)
        return
    if not len(counts):
        return
    starts = np.flatnonzero(s.period[s.offset[:-1]] != c.first)
    late = np.flatnonzero(s.period[s.offset[1:] - 1] >= c.end)
    forward = np.diff(s.period) > 0
    forward[s.offset[1:-1] - 1] = True
    for name, bad in (("begins elsewhere", starts), ("goes on after the end", late)):
        if len(bad):
            yield _wrong(f"setting of connection {bad[0]}", f"{name}; {len(bad)} such", remedy, len(bad))
    if not forward.all():
        at = int(np.flatnonzero(~forward)[0]) + 1
        yield _wrong(f"setting.period, row {at}", "is not after the one before", remedy, s.period[at])
