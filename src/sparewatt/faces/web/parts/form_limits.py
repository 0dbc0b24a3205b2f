"""Runs and zones that a form offers for limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sparewatt.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.api.place import ApiPlace

_MOST_RUNS = 100


def limit_runs(
    place: ApiPlace, draft: dict[str, Any]
) -> tuple[Sequence[tuple[str, str]], dict[str, list[str]]]:
    """Runs that offer limits, and the zones of those and of the runs that the draft names."""
    runs: list[tuple[str, str]] = []
    zones: dict[str, list[str]] = {}
    for run in place.store.list_runs(study="network", states=["done"], limit=_MOST_RUNS).runs:
        found = [limit.zone for limit in place.store.read_limits(run.id) if limit.zone]
        if found:
            runs.append((str(run.id), f"{run.id}: {run.name}"))
            zones[str(run.id)] = list(dict.fromkeys(found))
    limits = draft.get("limits")
    for source in limits.values() if isinstance(limits, dict) else ():
        name = source.get("run") if isinstance(source, dict) else None
        if isinstance(name, str) and name and name not in zones:
            try:
                number = place.store.find_run(name).id
            except StoreError:
                continue  # told by the check
            zones[name] = list(
                dict.fromkeys(limit.zone for limit in place.store.read_limits(number) if limit.zone)
            )
    return runs, zones
