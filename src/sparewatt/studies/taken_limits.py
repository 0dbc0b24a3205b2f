"""Limits that a scenario takes from other runs: found in the store and read, whatever the study."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import StoreError
from sparewatt.finding import Finding
from sparewatt.inputs.limit_file import LimitPeriods, read_limit_periods

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.inputs.limit_file import LimitRules
    from sparewatt.inputs.scenario import LimitSource
    from sparewatt.model.horizon import Horizon
    from sparewatt.results.store import Store, StoredLimit, StoredRun

Taken = tuple[LimitPeriods | None, tuple[Finding, ...]]
"""Bounds, or none where any finding is an error; and the findings."""


def limit_finding(rule: str, key: str, message: str, value: str, remedy: str) -> Finding:
    """An error about one key of `[limits]`."""
    return Finding(rule, "error", f"limits.{key}", message, value, remedy)


def store_away(
    error: StoreError, limits: Mapping[str, LimitSource], rules: LimitRules
) -> tuple[Finding, ...]:
    """A finding per limit when the store that holds them is not there."""
    remedy = "run the study that makes the limit first, with the same store (--db)"
    return tuple(
        limit_finding(rules.run, key, str(error), source.run, remedy) for key, source in limits.items()
    )


def take_limit(key: str, source: LimitSource, horizon: Horizon, store: Store, rules: LimitRules) -> Taken:
    """One limit of another run on the periods of a horizon.

    Parameters
    ----------
    key, source
        An entry of `[limits]`.
    horizon
        The periods.
    store
        Where the run is; it is only read.
    rules
        What findings are called.
    """
    try:
        made_by = store.find_run(source.run)
    except StoreError as error:
        remedy = 'the number or name of a run, or "latest:NAME"; `sparewatt runs` lists them'
        return None, (limit_finding(rules.run, key, str(error), source.run, remedy),)
    name = f"run {made_by.id} of {made_by.name!r}"
    if made_by.state != "done":
        message, remedy = f"{name} is {made_by.state}, so its limits are not whole", "finish that run first"
        return None, (limit_finding(rules.run, key, message, source.run, remedy),)
    chosen, problem = _choose(key, source, name, store.read_limits(made_by.id), rules)
    if problem is not None:
        return None, (problem,)
    findings: list[Finding] = []
    parts = []
    for limit in chosen:
        path = _file(made_by, limit)
        if path is None:
            message = f"{name} keeps the limit at a place outside of its folder"
            findings.append(limit_finding(rules.file, key, message, limit.path, "run it again"))
            continue
        where = f"limits.{key} ({name}, {_what(limit)})"
        periods, said = read_limit_periods(path, horizon, where, rules)
        findings += said
        if periods is not None:
            parts.append(periods)
    if len(parts) < len(chosen):
        return None, tuple(findings)
    tightest = LimitPeriods(
        np.maximum.reduce([p.lower_kw for p in parts]), np.minimum.reduce([p.upper_kw for p in parts])
    )
    return tightest, tuple(findings)


def shared_findings(
    limits: Mapping[str, LimitSource], store: Store, rules: LimitRules, *, whole: str = ""
) -> tuple[Finding, ...]:
    """A warning for every zone that several connections take, each as if it had all of it.

    Parameters
    ----------
    limits
        The `[limits]` of a scenario.
    store
        Where the runs are; it is only read.
    rules
        What findings are called.
    whole
        Key of the limit on all connections together: where that takes the zone too, it is kept.
    """
    taken: dict[tuple[int, str], list[str]] = {}
    for key, source in limits.items():
        try:
            made_by = store.find_run(source.run)
        except StoreError:
            continue  # told with the limit itself
        offered = store.read_limits(made_by.id)
        zone = source.zone if source.zone is not None or not offered else offered[0].zone
        taken.setdefault((made_by.id, zone or ""), []).append(key)
    findings = []
    for (number, zone), keys in taken.items():
        if len(keys) < 2 or whole in keys:  # noqa: PLR2004 - one alone shares with nobody
            continue
        message = (
            f"{', '.join(keys)} take the same limit, zone {zone or 'of the only one'} of run {number}: each "
            f"is held to all of it, so together they may take {len(keys)} times what the zone has"
        )
        remedy = (
            f"one zone each, or the limit on {whole!r} as well"
            if whole
            else "one zone each, or one connection"
        )
        findings.append(Finding(rules.shared, "warning", "limits", message, zone, remedy, tuple(keys)))
    return tuple(findings)


def limit_place(key: str, source: LimitSource) -> str:
    """What a limit is called in findings."""
    return f"limits.{key} (run {source.run!r})"


def _choose(
    key: str, source: LimitSource, name: str, offered: Sequence[StoredLimit], rules: LimitRules
) -> tuple[tuple[StoredLimit, ...], Finding | None]:
    """The limits of the zone that is asked for; without one, those of the only zone."""
    zones = tuple(dict.fromkeys(limit.zone for limit in offered))
    if not zones:
        message, remedy = f"{name} offers no limits", "a run of the network study that writes limits"
        return (), limit_finding(rules.run, key, message, source.run, remedy)
    listed = ", ".join(zones)
    if source.zone is None and len(zones) > 1:
        message = f"{name} limits {len(zones)} zones, and none is chosen"
        return (), limit_finding(rules.zone, key, message, "", f'zone = "…", one of {listed}')
    zone = zones[0] if source.zone is None else source.zone
    chosen = tuple(limit for limit in offered if limit.zone == zone)
    if not chosen:
        return (), limit_finding(rules.zone, key, f"{name} has no zone {zone!r}", zone, f"one of {listed}")
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
