"""Limits of a depot's sites that come from other runs: found in the store, read, and put on the depots."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import StoreError
from sparewatt.finding import Finding
from sparewatt.inputs.limit_file import read_limit_periods
from sparewatt.results.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.scenario import LimitSource
    from sparewatt.model.depot import Depot, DepotRun
    from sparewatt.model.horizon import Horizon
    from sparewatt.results.store import StoredLimit, StoredRun

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
            return _limited(run, of_site, store)
    except StoreError as error:
        remedy = "run the study that makes the limit first, with the same store (--db)"
        return run, tuple(
            _finding("depot.limit.run", key, str(error), source.run, remedy) for key, source in limits.items()
        )


def _finding(rule: str, key: str, message: str, value: str, remedy: str) -> Finding:
    return Finding(rule, "error", f"limits.{key}", message, value, remedy)


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
            findings.append(_finding("depot.limit.site", key, message, key, f"one of {names}"))
        elif site in of_site:
            message = f"limits the same site as {of_site[site][0]}"
            findings.append(_finding("depot.limit.site", key, message, key, "one key per site"))
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
    """The limit of one site on the periods of a depot."""
    try:
        made_by = store.find_run(source.run)
    except StoreError as error:
        remedy = 'the number or name of a run, or "latest:NAME"; `sparewatt runs` lists them'
        return None, (_finding("depot.limit.run", key, str(error), source.run, remedy),)
    name = f"run {made_by.id} of {made_by.name!r}"
    if made_by.state != "done":
        message, remedy = f"{name} is {made_by.state}, so its limits are not whole", "finish that run first"
        return None, (_finding("depot.limit.run", key, message, source.run, remedy),)
    offered = store.read_limits(made_by.id)
    chosen, problem = _choose(key, source, name, offered)
    if problem is not None:
        return None, (problem,)
    findings: list[Finding] = []
    caps = []
    for limit in chosen:
        path = _file(made_by, limit)
        if path is None:
            message = f"{name} keeps the limit at a place outside of its folder"
            findings.append(_finding("depot.limit.file", key, message, limit.path, "run it again"))
            continue
        cap, said = read_limit_periods(path, horizon, f"limits.{key} ({name}, {_what(limit)})")
        findings += said
        if cap is not None:
            caps.append(cap)
    whole = len(caps) == len(chosen)
    return (np.minimum.reduce(caps) if whole else None), tuple(findings)


def _choose(
    key: str, source: LimitSource, name: str, offered: Sequence[StoredLimit]
) -> tuple[tuple[StoredLimit, ...], Finding | None]:
    """The limits of the zone that is asked for; without one, those of the only zone."""
    zones = tuple(dict.fromkeys(limit.zone for limit in offered))
    if not zones:
        message, remedy = f"{name} offers no limits", "a run of the network study that writes limits"
        return (), _finding("depot.limit.run", key, message, source.run, remedy)
    listed = ", ".join(zones)
    if source.zone is None and len(zones) > 1:
        message = f"{name} limits {len(zones)} zones, and none is chosen"
        return (), _finding("depot.limit.zone", key, message, "", f'zone = "…", one of {listed}')
    zone = zones[0] if source.zone is None else source.zone
    chosen = tuple(limit for limit in offered if limit.zone == zone)
    if not chosen:
        return (), _finding("depot.limit.zone", key, f"{name} has no zone {zone!r}", zone, f"one of {listed}")
    return chosen, None


def _file(run: StoredRun, limit: StoredLimit) -> Path | None:
    """Where the file of a limit is: inside the data folder of its run, or not at all."""
    windows = PureWindowsPath(limit.path)
    if PurePosixPath(limit.path).is_absolute() or windows.drive or ".." in windows.parts or not run.directory:
        return None
    folder = Path(run.directory)
    inside = folder / limit.path
    return inside if inside.exists() else folder.parent / limit.path


def _what(limit: StoredLimit) -> str:
    return f"zone {limit.zone}" if limit.zone else limit.name
