"""Putting a hub together: limits, tariff, traffic and limits between clusters on the periods of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.cluster import schema
from sparewatt.inputs.cluster.held import Held, on_periods
from sparewatt.inputs.cluster.hub import check_covered, limit_on
from sparewatt.inputs.cluster.periods import moment_s
from sparewatt.inputs.scenario_findings import nearest
from sparewatt.model.cluster_system import ClusterSystem, ImbalanceLimit, Traffic
from sparewatt.model.limit import Limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sparewatt.inputs.cluster.hub import HeldLimit
    from sparewatt.inputs.cluster.settings import ClusterSettings
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.model.evses import Evses
    from sparewatt.model.horizon import Horizon

SYSTEM = "system"
"""Name of the sum of all clusters in the table of tolerances."""


def make_system(
    settings: ClusterSettings,
    horizon: Horizon,
    cluster_ids: tuple[str, ...],
    evses: Evses | None,
    limits: Mapping[str, HeldLimit | None],
    price: Held | None,
    log: FindingLog,
) -> ClusterSystem | None:
    """A hub on its periods; what does not fit is noted.

    Parameters
    ----------
    settings, horizon, cluster_ids
        What holds for the whole hub.
    evses, limits, price
        What was read; units and limits by cluster id are ``None`` or not there where they could not be.
        Without a price energy costs nothing.
    log
        Where problems are noted.

    Returns
    -------
    ``None`` where units or a limit are missing.
    """
    held = tuple(
        limit_on(limit, horizon, settings.tolerance_kw(name), log)
        for name in cluster_ids
        if (limit := limits.get(name)) is not None
    )
    tariff = np.broadcast_to(np.float64(0.0), horizon.periods)
    if price is not None:
        check_covered(schema.PRICE, price, horizon, log)
        tariff = on_periods(price, horizon, "mean")
    system_limit = _system_limit(settings, horizon, log)
    imbalances = _imbalances(settings, horizon, cluster_ids, log)
    if evses is None or len(held) < len(cluster_ids):
        return None
    traffic = _traffic(settings, cluster_ids)
    return ClusterSystem(horizon, cluster_ids, evses, held, tariff, traffic, system_limit, imbalances)


def check_names(settings: ClusterSettings, cluster_ids: Sequence[str], log: FindingLog) -> None:
    """Clusters that the settings name are there."""
    named = [(f"cluster.traffic.{name}", name) for name in settings.traffic]
    named += [
        (f"cluster.limit_tolerance_kw.{name}", name)
        for name in settings.limit_tolerance_kw
        if name not in {SYSTEM, "default"}
    ]
    for n, pair in enumerate(settings.imbalance_limits):
        named += [(f"cluster.imbalance_limits.{n}.{k}", getattr(pair, k)) for k in ("first", "second")]
        if pair.first.casefold() == pair.second.casefold():
            where, message = f"cluster.imbalance_limits.{n}.second", "a cluster is compared with itself"
            log.add("cluster.settings.cluster", "error", where, message, pair.second, "two clusters")
    for where, name in named:
        if name.strip().casefold() not in cluster_ids:
            meant = nearest(name, cluster_ids)
            remedy = f"one of {', '.join(cluster_ids)}{f'; did you mean {meant}?' if meant else ''}"
            log.add("cluster.settings.cluster", "error", where, f"there is no cluster {name}", name, remedy)


def _traffic(settings: ClusterSettings, cluster_ids: Sequence[str]) -> Traffic:
    none = Traffic.none(len(cluster_ids))
    for row, name in enumerate(cluster_ids):
        if (road := settings.traffic.get(name)) is not None:
            none.arrival_delay_s[row] = int(road.arrival_delay.total_seconds())
            none.departure_delay_s[row] = int(road.departure_delay.total_seconds())
            none.soc_drop[row] = road.soc_drop
    return none


def _system_limit(settings: ClusterSettings, horizon: Horizon, log: FindingLog) -> Limit | None:
    steps = settings.system_limits
    if not steps:
        return None
    for n, s in enumerate(steps):
        if s.lower_kw is not None and s.upper_kw is not None and s.lower_kw > s.upper_kw:
            where = f"cluster.system_limits.{n}"
            message = f"the lower bound of {s.lower_kw:g} kW is above the upper bound of {s.upper_kw:g} kW"
            log.add(
                "cluster.settings.crossed",
                "error",
                where,
                message,
                f"{s.lower_kw:g}",
                "lower_kw at most upper_kw",
            )
    times = [s.time for s in steps]
    lower = [-np.inf if s.lower_kw is None else s.lower_kw for s in steps]
    upper = [np.inf if s.upper_kw is None else s.upper_kw for s in steps]
    where = "cluster.system_limits"
    held_lower, held_upper = (_held(times, v, horizon, where, log) for v in (lower, upper))
    return Limit(
        on_periods(held_lower, horizon, "max"),
        on_periods(held_upper, horizon, "min"),
        "system_limits",
        settings.limit_tolerance_kw.get(SYSTEM, 0.0),
    )


def _imbalances(
    settings: ClusterSettings, horizon: Horizon, cluster_ids: Sequence[str], log: FindingLog
) -> tuple[ImbalanceLimit, ...]:
    pairs: dict[tuple[int, int], list[int]] = {}
    row_of = {name: row for row, name in enumerate(cluster_ids)}
    steps = settings.imbalance_limits
    for n, step in enumerate(steps):
        first, second = (row_of.get(name.strip().casefold(), -1) for name in (step.first, step.second))
        if first >= 0 and second >= 0:
            pairs.setdefault((first, second), []).append(n)
    limits = []
    for (first, second), chosen in sorted(pairs.items()):
        times = [steps[n].time for n in chosen]
        held = _held(
            times, [steps[n].upper_kw for n in chosen], horizon, f"cluster.imbalance_limits.{chosen[0]}", log
        )
        limits.append(ImbalanceLimit(first, second, on_periods(held, horizon, "min")))
    return tuple(limits)


def _held(
    times: Sequence[datetime | None], values: Sequence[float], horizon: Horizon, where: str, log: FindingLog
) -> Held:
    """Values of the settings by time; the first holds from the start where it has no time."""
    at = [
        horizon.start_s if t is None else moment_s(t, horizon.timezone, f"{where}.time", log) for t in times
    ]
    order = np.argsort(np.array(at, dtype=np.int64), kind="stable")
    stamps = np.array(at, dtype=np.int64)[order]
    if (np.diff(stamps) == 0).any():
        message, remedy = "two entries hold from the same moment", "each entry with its own time"
        log.add("cluster.settings.time", "error", where, message, "", remedy)
    if stamps[0] > horizon.start_s:
        message = "the first entry begins after the start of the run"
        log.add(
            "cluster.settings.time", "error", where, message, "", "an entry without time, or an earlier one"
        )
    return Held(stamps, np.array(values, dtype=np.float64)[order])


def intersect_limits(
    system: ClusterSystem, limits: Mapping[str, Limit], log: FindingLog
) -> tuple[Limit, ...]:
    """Limits of the clusters, each with one from elsewhere (another run) where it is named.

    The intersection keeps the reasons of both and the smaller tolerance.
    """
    held = list(system.limits)
    row_of = {name: row for row, name in enumerate(system.cluster_ids)}
    for name, limit in limits.items():
        row = row_of.get(name.strip().casefold())
        where = f"limits.{name}"
        if row is None:
            meant = nearest(name, row_of)
            remedy = f"one of {', '.join(row_of)}{f'; did you mean {meant}?' if meant else ''}"
            log.add("cluster.limit.cluster", "error", where, f"there is no cluster {name}", name, remedy)
            continue
        both = held[row] & limit
        crossed = np.flatnonzero(both.lower_kw > both.upper_kw)
        if len(crossed):
            at = system.horizon.local(int(crossed[0])).isoformat(" ", "minutes")
            message = (
                f"in {len(crossed)} periods the limits of {name} leave no power, the first at {at}: at least "
                f"{both.lower_kw[crossed[0]]:g} kW and at most {both.upper_kw[crossed[0]]:g} kW"
            )
            log.add(
                "cluster.limit.crossed", "error", where, message, "", "a Capacity sheet that the limit fits"
            )
        held[row] = both
    return tuple(held)
