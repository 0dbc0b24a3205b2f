"""Limits of clusters that come from other runs: found in the store, read, and put on the system."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import StoreError
from sparewatt.finding import Finding
from sparewatt.inputs.limit_file import CLUSTER_RULES
from sparewatt.model.limit import Limit
from sparewatt.results.store import Store
from sparewatt.studies.taken_limits import (
    limit_finding,
    limit_place,
    shared_findings,
    store_away,
    take_limit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.inputs.limit_file import LimitPeriods
    from sparewatt.inputs.scenario import LimitSource
    from sparewatt.model.cluster_system import ClusterSystem

SYSTEM = "system"
"""Key of the limit on all clusters together."""

_SYSTEM_ROW = -1


def with_cluster_limits(
    system: ClusterSystem, limits: Mapping[str, LimitSource], store_url: str
) -> tuple[ClusterSystem, tuple[Finding, ...]]:
    """The system with the limits that other runs made, each within what was there before.

    Parameters
    ----------
    system
        What was read from the inputs.
    limits
        The `[limits]` of the scenario: ``cluster_<cluster_id>``, the bare cluster id, or ``system`` → run
        and zone.
    store_url
        Where the runs are that made the limits; it is only read.

    Returns
    -------
    The system and findings; with an error among them it must not be simulated.
    """
    if not limits:
        return system, ()
    of_row, findings = _rows(system, limits)
    if findings:
        return system, findings
    try:
        with Store.open(store_url, create=False) as store:
            limited, said = _limited(system, of_row, store)
            return limited, (*said, *shared_findings(limits, store, CLUSTER_RULES, whole=SYSTEM))
    except StoreError as error:
        return system, store_away(error, limits, CLUSTER_RULES)


def _rows(
    system: ClusterSystem, limits: Mapping[str, LimitSource]
) -> tuple[dict[int, tuple[str, LimitSource]], tuple[Finding, ...]]:
    """Key and source per row of the clusters."""
    row_of = {name: row for row, name in enumerate(system.cluster_ids)}
    names = ", ".join((*(f"cluster_{name}" for name in row_of), SYSTEM))
    of_row: dict[int, tuple[str, LimitSource]] = {}
    findings = []
    for key, source in limits.items():
        row = _SYSTEM_ROW if key == SYSTEM else row_of.get(key, row_of.get(key.removeprefix("cluster_")))
        if row is None:
            message = "names no cluster of this hub"
            findings.append(limit_finding(CLUSTER_RULES.target, key, message, key, f"one of {names}"))
        elif row in of_row:
            message = f"limits the same cluster as {of_row[row][0]}"
            findings.append(limit_finding(CLUSTER_RULES.target, key, message, key, "one key per cluster"))
        else:
            of_row[row] = (key, source)
    return of_row, tuple(findings)


def _limited(
    system: ClusterSystem, of_row: Mapping[int, tuple[str, LimitSource]], store: Store
) -> tuple[ClusterSystem, tuple[Finding, ...]]:
    limits, whole = list(system.limits), system.system_limit
    findings: list[Finding] = []
    for row, (key, source) in of_row.items():
        taken, said = take_limit(key, source, system.horizon, store, CLUSTER_RULES)
        findings += said
        if taken is None:
            continue
        before = whole if row == _SYSTEM_ROW else limits[row]
        both = _within(before, taken, f"limit from {source.run}")
        crossed = np.flatnonzero(both.lower_kw > both.upper_kw)
        if len(crossed):
            at = system.horizon.local(int(crossed[0]))
            message = (
                f"leaves nothing together with the limit of the inputs in {len(crossed)} of "
                f"{system.horizon.periods} periods, the first at {at:%Y-%m-%d %H:%M%z}"
            )
            remedy = "a lower bound that is not above the upper one"
            where = limit_place(key, source)
            findings.append(Finding(CLUSTER_RULES.lower, "error", where, message, str(len(crossed)), remedy))
        elif row == _SYSTEM_ROW:
            whole = both
        else:
            limits[row] = both
    return replace(system, limits=tuple(limits), system_limit=whole), tuple(findings)


def _within(before: Limit | None, taken: LimitPeriods, reason: str) -> Limit:
    """Both limits at once; the tolerance of the first stays."""
    if before is None:
        return Limit(taken.lower_kw, taken.upper_kw, reason)
    return replace(
        before,
        lower_kw=np.maximum(before.lower_kw, taken.lower_kw),
        upper_kw=np.minimum(before.upper_kw, taken.upper_kw),
        reason=f"{before.reason}; {reason}",
    )
