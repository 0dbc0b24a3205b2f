"""Limits of clusters, of the system and of differences: what was beyond them is recorded, not refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.model.limit import Limit
    from sparewatt.verify.cluster_facts import TraceFacts


def check_limits(facts: TraceFacts, grid_kw: NDArray[np.float64], tolerance_kw: float) -> Iterator[Finding]:
    """One warning per node whose power was outside [LB - tolerance, UB + tolerance].

    A limit that cannot be met (more than the vehicles can give back, less than they can take) is
    missed by physics, so that this is told with its size and does not make the trace wrong.
    """
    system = facts.trace.system
    for cluster, limit in enumerate(system.limits):
        name = system.cluster_ids[cluster]
        yield from _look(
            facts, f"cluster {name}", "cluster.trace.limit", limit, grid_kw[cluster], tolerance_kw
        )
    if system.system_limit is not None:
        total = grid_kw.sum(axis=0)
        yield from _look(
            facts, "system", "cluster.trace.system_limit", system.system_limit, total, tolerance_kw
        )
    for imbalance in system.imbalance_limits:
        first, second = (system.cluster_ids[c] for c in (imbalance.first, imbalance.second))
        over = grid_kw[imbalance.first] - grid_kw[imbalance.second] - imbalance.upper_kw
        where = f"cluster {first} less cluster {second}"
        yield from _tell(facts, where, "cluster.trace.imbalance_limit", np.maximum(over, 0.0), tolerance_kw)


def _look(
    facts: TraceFacts, where: str, rule: str, limit: Limit, power_kw: NDArray[np.float64], tolerance_kw: float
) -> Iterator[Finding]:
    """Power of a node against its limit, above it positive, below it negative."""
    over = np.maximum(power_kw - (limit.upper_kw + limit.tolerance_kw), 0.0)
    under = np.minimum(power_kw - (limit.lower_kw - limit.tolerance_kw), 0.0)
    yield from _tell(facts, where, rule, np.where(over > -under, over, under), tolerance_kw)


def _tell(
    facts: TraceFacts, where: str, rule: str, excess_kw: NDArray[np.float64], tolerance_kw: float
) -> Iterator[Finding]:
    size = np.abs(excess_kw)
    beyond = size > tolerance_kw
    if not beyond.any():
        return
    worst = int(np.argmax(size))
    kwh = float(size[beyond].sum()) * facts.step_h
    side = "above" if excess_kw[worst] > 0 else "below"
    yield Finding(
        rule,
        "warning",
        f"{where}, {facts.stamp(worst)}",
        f"outside its limit and tolerance in {int(beyond.sum())} periods, {kwh:.6g} kWh in all; the worst is "
        f"{size[worst]:.6g} kW {side}",
        f"{size[worst]:.6g}",
        "power within the limit; where it cannot be kept, the violation is recorded here",
        (where.removeprefix("cluster "),),
        float(size[worst]),
    )
