"""The run that a scenario resumes: the newest unfinished one of its name and inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.results.store import Store, StoredRun

UNFINISHED = ("queued", "running", "failed", "cancelled")
"""States from which a run may be carried on."""


def find_unfinished(
    store: Store,
    study: str,
    name: str,
    digest: str,
    *,
    is_begun: Callable[[StoredRun], bool] = lambda _: True,
) -> StoredRun:
    """The newest unfinished run of the same name and inputs, else the newest that is done.

    Parameters
    ----------
    store
        Where the runs are.
    study, name, digest
        Study, name and hash of the inputs.
    is_begun
        Whether there is anything of an unfinished run to carry on.

    Raises
    ------
    StoreError
        There is none, or its inputs have changed since.
    """
    of_name = store.find_runs(study=study, name=name)
    same = [stored for stored in of_name if stored.input_hash == digest]
    for stored in same:
        if stored.state in UNFINISHED and is_begun(stored):
            return stored
    for stored in same:
        if stored.state == "done":
            return stored
    changed = [s.id for s in of_name if s.state in UNFINISHED and s.input_hash != digest]
    if changed:
        raise StoreError(
            f"Run {changed[0]} of {name!r} is unfinished, but its settings or tables have changed since; "
            "undo the changes to resume it, or run without --resume to begin anew."
        )
    raise StoreError(f"There is no run of {name!r} to resume; run it without --resume.")
