"""Limits of a depot's sites that come from other runs: found in the store, read, and put on the depots."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sparewatt.errors import StoreError
from sparewatt.finding import Finding
from sparewatt.inputs.limit_file import DEPOT_RULES
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

    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.inputs.scenario import LimitSource
    from sparewatt.model.depot import Depot, DepotRun
    from sparewatt.model.horizon import Horizon

Found = tuple["NDArray[np.float64] | None", tuple[Finding, ...]]


def with_limits(
    run: DepotRun, limits: Mapping[str, LimitSource], store_url: str
) -> tuple[DepotRun, tuple[Finding, ...]]:
    """The run with the limits of its sites, and what is wrong with them.

    Parameters
    ----------
    run
        What was read from the tables.
    limits
        The `[limits]` of the scenario: ``site_<site_id>`` or the bare site id → run and zone.
    store_url
        Where the runs are that made the limits; it is only read.

    Returns
    -------
    The run, whose depots carry ``limit_kw`` where one applies, and findings; with an error among them
    the run must not be planned.
    """
    if not limits:
        return run, ()
    of_site, findings = _sites(run, limits)
    if findings:
        return run, findings
    try:
        with Store.open(store_url, create=False) as store:
            limited, said = _limited(run, of_site, store)
            return limited, (*said, *shared_findings(limits, store, DEPOT_RULES))
    except StoreError as error:
        return run, store_away(error, limits, DEPOT_RULES)


def _sites(
    run: DepotRun, limits: Mapping[str, LimitSource]
) -> tuple[dict[str, tuple[str, LimitSource]], tuple[Finding, ...]]:
    """Key and source per site id."""
    known = tuple(dict.fromkeys(depot.site_id for depot in run.depots))
    of_site: dict[str, tuple[str, LimitSource]] = {}
    findings = []
    for key, source in limits.items():
        site = key if key in known else key.removeprefix("site_")
        names = ", ".join(f"site_{s}" for s in known)
        if site not in known:
            message = "names no site of this run"
            findings.append(limit_finding(DEPOT_RULES.target, key, message, key, f"one of {names}"))
        elif site in of_site:
            message = f"limits the same site as {of_site[site][0]}"
            findings.append(limit_finding(DEPOT_RULES.target, key, message, key, "one key per site"))
        else:
            of_site[site] = (key, source)
    return of_site, tuple(findings)


def _limited(
    run: DepotRun, of_site: Mapping[str, tuple[str, LimitSource]], store: Store
) -> tuple[DepotRun, tuple[Finding, ...]]:
    findings: dict[Finding, None] = {}
    depots: list[Depot] = []
    read: dict[tuple[str, Horizon], Found] = {}
    for depot in run.depots:
        if depot.site_id not in of_site:
            depots.append(depot)
            continue
        key, source = of_site[depot.site_id]
        place = (depot.site_id, depot.horizon)
        if place not in read:
            read[place] = _read(key, source, depot.horizon, store)
        limit_kw, said = read[place]
        findings |= dict.fromkeys(said)
        depots.append(replace(depot, limit_kw=limit_kw))
    return replace(run, depots=tuple(depots)), tuple(findings)


def _read(key: str, source: LimitSource, horizon: Horizon, store: Store) -> Found:
    """The upper bound of one site on the periods of a depot."""
    taken, findings = take_limit(key, source, horizon, store, DEPOT_RULES)
    if taken is None:
        return None, findings
    if (taken.lower_kw > 0.0).any():
        message = "asks for a least power above zero, which a depot does not keep; only the upper bound binds"
        value = f"{taken.lower_kw.max():g} kW"
        findings = (
            *findings,
            Finding(DEPOT_RULES.lower, "warning", limit_place(key, source), message, value),
        )
    return taken.upper_kw, findings
