"""Claims on whole runs: studies that do not fall into scenarios are worked on by one process at a time."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, case, literal, or_, select, update

from sparewatt.errors import StoreError
from sparewatt.results.store.core import now_s
from sparewatt.results.store.heartbeat import keep_beating
from sparewatt.results.store.owner import is_gone
from sparewatt.results.store.runs import Runs, RunState, StoredRun, first_start, run_of_row
from sparewatt.results.store.scenario_rows import STALE_S
from sparewatt.results.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Connection

_OPEN = ("queued", "failed", "cancelled")
_NOTE_S = 1.0
"""Progress is noted at most this often [s]."""


class RunClaims(Runs):
    """The part of the store that knows which process works on which run."""

    def claim_run(self, run_id: int, owner: str, *, stale_s: float = STALE_S) -> StoredRun | None:
        """Claim a run that is not done and that nobody works on; ``None`` where somebody does, or it is done.

        A run that is said to be running is free as well when its owner is a dead process of this host or
        was not heard of for ``stale_s`` [s]. One statement: two processes never both win.

        Parameters
        ----------
        run_id, owner
            Which run, and who asks: :func:`sparewatt.results.store.current_owner`.
        stale_s
            Age of a heartbeat from which on it counts as gone [s].
        """

        def work(connection: Connection) -> StoredRun | None:
            c = runs.c
            holder = connection.execute(select(c.owner).where(c.id == run_id)).scalar()
            gone = [holder] if holder and is_gone(holder) else []
            free = or_(c.state.in_(_OPEN), and_(c.state == "running", is_left(connection, gone, stale_s)))
            row = connection.execute(
                update(runs)
                .where(c.id == run_id, free)
                .values(
                    state="running",
                    owner=owner,
                    heartbeat=now_s(connection),
                    started=first_start(),
                    ended=None,
                    error="",
                    stop_wanted=0,
                )
                .returning(runs)
            ).one_or_none()
            return None if row is None else run_of_row(row)

        return self.write(f"claim run {run_id}", work, repeatable=False)

    def hold_run(
        self, run_id: int, owner: str, *, progress: float | None = None, directory: str | None = None
    ) -> None:
        """Say that ``owner`` still works on a run, how far it is [0-1], and where its files are.

        Raises
        ------
        StoreError
            Somebody else took it over, or stopped it.
        """
        values: dict[str, object] = {}
        if progress is not None:
            values["progress"] = min(max(progress, 0.0), 1.0)
        if directory is not None:
            values["directory"] = directory
        self.write(f"say that run {run_id} is alive", lambda c: _hold(c, run_id, owner, values))

    def leave_run(self, run_id: int, owner: str, state: RunState, *, error: str = "") -> None:
        """Let go of a claimed run: ``done``, ``failed`` (with the reason) or ``cancelled``.

        A submitted run that was stopped without anybody having asked for that is queued again: its worker
        ended, and the next one carries it on.

        Raises
        ------
        StoreError
            Somebody else took it over, or stopped it; nothing was written.
        """
        values: dict[str, object] = {"state": state, "error": error, "owner": "", "ended": datetime.now(UTC)}
        values["heartbeat"] = None
        values["stop_wanted"] = 0
        if state == "done":
            values["progress"] = 1.0
        if state == "cancelled":
            unasked = and_(runs.c.submitted == 1, runs.c.stop_wanted == 0)
            values["state"] = case((unasked, "queued"), else_=state)
            values["ended"] = case((unasked, None), else_=literal(values["ended"], runs.c.ended.type))
        left_as = {("queued", "")} if state == "cancelled" else set()
        tried = False

        def work(connection: Connection) -> None:
            nonlocal tried
            again, tried = tried, True
            if again:  # the connection was lost during the commit: it may have gone through
                now = connection.execute(
                    select(runs.c.state, runs.c.owner).where(runs.c.id == run_id)
                ).one_or_none()
                if now is not None and tuple(now) in {(state, ""), *left_as}:
                    return
            _hold(connection, run_id, owner, values)

        self.write(f"set run {run_id} to {state}", work)

    def reopen_run(self, run_id: int) -> None:
        """Let a run that is done be claimed once more, to make its files anew; others stay as they are."""

        def work(connection: Connection) -> None:
            connection.execute(
                update(runs)
                .where(runs.c.id == run_id, runs.c.state == "done")
                .values(state="queued", owner="", heartbeat=None, ended=None)
            )

        self.write(f"open run {run_id} again", work)

    @contextmanager
    def keep_run_alive(self, run_id: int, owner: str, *, every_s: float = STALE_S / 4) -> Iterator[RunPulse]:
        """Heartbeats in the background while a run is worked on; yields the pulse that progress is told to.

        A heartbeat that fails is left to the next call of `RunPulse.tell`, which reports it.
        """
        with keep_beating(f"keep run {run_id} alive", lambda: self.hold_run(run_id, owner), every_s):
            yield RunPulse(self, run_id, owner)


class RunPulse:
    """Tells the store now and then how far a claimed run is, and sees whether the claim still holds."""

    def __init__(self, store: RunClaims, run_id: int, owner: str) -> None:
        self._store, self._run_id, self._owner = store, run_id, owner
        self._told = time.monotonic()

    def tell(self, progress: float) -> None:
        """Note the progress [0-1], unless it was noted a moment ago.

        Raises
        ------
        StoreError
            The store is away, or somebody else took the run over.
        """
        now = time.monotonic()
        if now - self._told >= _NOTE_S:
            self._store.hold_run(self._run_id, self._owner, progress=progress)
            self._told = now


def is_left(connection: Connection, gone: Sequence[str], stale_s: float) -> ColumnElement[bool]:
    """Whether nobody works on a running run any more.

    Parameters
    ----------
    connection
        Whose clock counts.
    gone
        Owners that are surely dead.
    stale_s
        Age of a heartbeat from which on it counts as gone [s].
    """
    c = runs.c
    return or_(
        c.owner == "", c.heartbeat.is_(None), c.heartbeat < now_s(connection) - stale_s, c.owner.in_(gone)
    )


def _hold(connection: Connection, run_id: int, owner: str, values: dict[str, object]) -> None:
    """Change a run that ``owner`` works on; freshens its heartbeat."""
    c = runs.c
    changed = connection.execute(
        update(runs)
        .where(c.id == run_id, c.owner == owner, c.state == "running")
        .values({"heartbeat": now_s(connection), **values})
    )
    if changed.rowcount:
        return
    row = connection.execute(select(c.state, c.owner).where(c.id == run_id)).one_or_none()
    if row is None:
        now = "it is not there any more"
    elif row.state == "running" and row.owner:
        now = f"it belongs to {row.owner} now"
    else:
        now = f"it is {row.state} now"
    raise StoreError(f"Run {run_id} is not claimed by {owner} any more: {now}. Nothing was written.")
