"""Whether contracts fit under the limits of their cluster, beside all that is booked when they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.trace import NONE, BookingState
from sparewatt.verify.cluster_facts import NEVER
from sparewatt.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.reservation import Contract
    from sparewatt.verify.cluster_facts import TraceFacts


def check_contract_limits(facts: TraceFacts, tolerance_kw: float) -> Iterator[Finding]:
    """When a contract is made, its schedule fits under the cluster's limit beside all live contracts.

    With b the grid power of the contracts that are live then, q that of the new one, LB and UB the
    limits as they were announced then, in every period::

        min(0, LB - b) ≤ q ≤ max(0, UB - b)
    """
    trace = facts.trace
    tally = Tally("cluster.trace.contract_limit", "min(0, LB - booked) ≤ new ≤ max(0, UB - booked)")
    booked = np.zeros_like(trace.cluster_kw) if trace.contracts else trace.cluster_kw
    for _, opens, row, number in _events(facts):
        contract = trace.contracts[number]
        window = slice(max(contract.first, 0), contract.end)
        before = booked[contract.cluster, window]
        grid = _grid_kw(facts, contract)[window.start - contract.first :][: len(before)]
        if not opens:
            before -= grid
            continue
        lower, upper = _announced(facts, contract, int(trace.bookings.made[row]))
        most = np.maximum(0.0, upper - before)
        least = np.minimum(0.0, lower - before)
        out = np.maximum(grid - most, least - grid)
        if out.max(initial=0.0) > tolerance_kw:
            at = int(np.argmax(out))
            message = (
                f"{grid[at]:.9g} kW at {facts.stamp(window.start + at)} beside {before[at]:.9g} kW booked, "
                f"limits {lower[at]:.6g} to {upper[at]:.6g} kW"
            )
            where = f"contract {number}, {facts.booking_name(row)}"
            tally.add(where, message, float(out[at]), value=f"{grid[at]:.9g}")
        before += grid
    yield from tally.findings()


def _announced(
    facts: TraceFacts, contract: Contract, made: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Limits over a contract's stay as known in period ``made``: later changes undone, last one first."""
    begin, limit = max(contract.first, 0), facts.trace.system.limits[contract.cluster]
    lower, upper = (bound[begin : contract.end].copy() for bound in (limit.lower_kw, limit.upper_kw))
    for change in reversed(facts.trace.limit_changes):
        if change.cluster == contract.cluster and change.period > made:
            first, end = (
                max(begin, change.period),
                min(begin + len(lower), change.period + len(change.lower_kw)),
            )
            if first < end:
                new, old = (
                    slice(first - begin, end - begin),
                    slice(first - change.period, end - change.period),
                )
                lower[new], upper[new] = change.lower_kw[old], change.upper_kw[old]
    return lower, upper


def _events(facts: TraceFacts) -> list[tuple[int, int, int, int]]:
    """When contracts begin and end to count, in order: (period, 1 begins or 0 ends, booking, contract).

    A contract counts from when its first booking is made until its last one is closed; in a period
    departures and releases come before reservations.
    """
    b = facts.trace.bookings
    made: dict[int, int] = {}
    closed: dict[int, tuple[int, int]] = {}
    for row in np.flatnonzero(b.contract != NONE):
        number = int(b.contract[row])
        made.setdefault(number, int(row))
        until = int(NEVER) if b.closed[row] == NONE else int(b.closed[row])
        late = int(b.state[row]) == BookingState.MOVED
        closed[number] = max(closed.get(number, (0, 0)), (until, 2 if late else 0))
    begins = [(int(b.made[row]), 1, row, number) for number, row in made.items()]
    ends = [(until, when, made[number], number) for number, (until, when) in closed.items()]
    return [(t, int(when == 1), row, number) for t, when, row, number in sorted([*begins, *ends])]


def _grid_kw(facts: TraceFacts, contract: Contract) -> NDArray[np.float64]:
    """Grid side of a contract's schedule [kW]."""
    efficiency = float(facts.trace.system.evses.efficiency[contract.evse])
    return contract.battery_kw * np.where(contract.battery_kw > 0, 1.0 / efficiency, efficiency)
