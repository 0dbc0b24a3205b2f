"""What the rules that are kernels promise: they stop at the target, and discharge only where a limit asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.operating_rules import KERNEL_CONTROLS
from sparewatt.verify.cluster_part import parts
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.verify.cluster_facts import TraceFacts
    from sparewatt.verify.cluster_part import Part

STOP_AT_TARGET = (
    "first_come_first_served",
    "earliest_deadline_first",
    "least_laxity_first",
    "equal_share",
)
"""Rules that charge nobody beyond the target; equal share does where a lower limit asks for it."""


def check_promises(facts: TraceFacts, tolerance_kwh: float) -> Iterator[Finding]:
    """No power beyond the target, and no V2G where no upper limit is below 0.

    ``uncontrolled`` goes up to the max SoC and never discharges; optimisers follow their contracts,
    so neither rule is about them.
    """
    control = facts.trace.rules.control
    beyond = Tally("cluster.trace.beyond_target", "charging ends at the target")
    unasked = Tally("cluster.trace.v2g_unasked", "no V2G but where the upper limit is below 0")
    if control not in KERNEL_CONTROLS:
        return
    for part in parts(facts):
        if control in STOP_AT_TARGET:
            _look_beyond_target(part, beyond, tolerance_kwh)
        _look_at_v2g(part, unasked, tolerance_kwh)
    yield from beyond.findings()
    yield from unasked.findings()


def _look_beyond_target(part: Part, tally: Tally, tolerance_kwh: float) -> None:
    """Energy of a charging setting ≤ what was missing to min(target, max SoC) when it began."""
    facts, fleet = part.facts, part.facts.trace.fleet
    goal = np.minimum(fleet.target_soc, fleet.max_soc)[part.vehicle] * part.battery_kwh
    missing = np.maximum(goal - part.stored_kwh, 0.0)
    over = np.where(part.battery_kw > 0, part.kwh - missing, 0.0)
    if facts.trace.rules.control == "equal_share":
        hits = np.flatnonzero(over > tolerance_kwh)
        within = (missing[hits] + tolerance_kwh) // (part.battery_kw[hits] * facts.step_h)
        asked = np.array([limit.lower_kw > 0 for limit in facts.trace.system.limits])
        free = _all_inside(part, hits, part.period[hits] + within.astype(np.int64), asked)
        over[hits[free]] = 0.0

    def place(i: int) -> Place:
        row = int(part.connection[i])
        target = goal[i] / part.battery_kwh[i]
        return Place(
            facts.connection_name(row, int(part.period[i])),
            f"{part.kwh[i]:.9g} kWh from here on, where {missing[i]:.9g} kWh were missing "
            f"to the target {target:.6g}",
            f"{part.battery_kw[i]:.9g}",
            facts.connection_ids(row),
        )

    tally.look(over, tolerance_kwh, place)


def _look_at_v2g(part: Part, tally: Tally, tolerance_kwh: float) -> None:
    """A discharging setting lies in periods whose upper limit is below 0."""
    facts = part.facts
    taken = np.where(part.battery_kw < 0, -part.kwh, 0.0)
    hits = np.flatnonzero(taken > tolerance_kwh)
    if facts.trace.rules.control != "uncontrolled":
        asked = np.array([limit.upper_kw < 0 for limit in facts.trace.system.limits])
        taken[hits[_all_inside(part, hits, part.period[hits], asked)]] = 0.0

    def place(i: int) -> Place:
        row = int(part.connection[i])
        return Place(
            facts.connection_name(row, int(part.period[i])),
            f"{part.battery_kw[i]:.9g} kW through {part.until[i] - part.period[i]} periods, not all of "
            "which have an upper limit below 0",
            f"{part.battery_kw[i]:.9g}",
            facts.connection_ids(row),
        )

    tally.look(taken, tolerance_kwh, place)


def _all_inside(
    part: Part, hits: NDArray[np.int64], begin: NDArray[np.int64], asked: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether ``asked`` (clusters, periods) is true from ``begin`` to the end of each setting of ``hits``."""
    facts = part.facts
    cluster = facts.evse_cluster[part.connection[hits]]
    inside = np.zeros(len(hits), dtype=np.bool_)
    for c in np.unique(cluster):
        mine = cluster == c
        count = np.concatenate([[0], np.cumsum(asked[c])])
        until = part.until[hits[mine]]
        inside[mine] = count[until] - count[begin[mine]] == until - begin[mine]
    return inside
