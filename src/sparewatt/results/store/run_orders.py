"""Orders about runs that workers have: to stop, to be queued again; and what a worker sees of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import and_, or_, select, update

from sparewatt.errors import StoreError
from sparewatt.results.store.core import now_s
from sparewatt.results.store.owner import is_gone
from sparewatt.results.store.run_claims import RunClaims, is_left
from sparewatt.results.store.runs import StoredRun, run_of_row
from sparewatt.results.store.scenario_rows import STALE_S
from sparewatt.results.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

Word = Literal["go on", "stop", "lost"]
"""What a worker is told of its run."""

FREE: dict[str, object] = {"owner": "", "heartbeat": None, "stop_wanted": 0}
"""Columns of a run that nobody works on."""

_C = runs.c


class RunOrders(RunClaims):
    """The part of the store that passes orders to whoever works on a run."""

    def tend_run(
        self, run_id: int, owner: str, *, progress: float | None = None, alive: bool = False
    ) -> Word:
        """What the worker of a run is told; with ``progress`` [0-1] or ``alive`` it is heard of as well."""
        mine = and_(_C.id == run_id, _C.owner == owner, _C.state == "running")

        def look(connection: Connection) -> int | None:
            return connection.execute(select(_C.stop_wanted).where(mine)).scalar()

        def note(connection: Connection) -> int | None:
            values: dict[str, object] = {"heartbeat": now_s(connection)}
            if progress is not None:
                values["progress"] = min(max(progress, 0.0), 1.0)
            changed = update(runs).where(mine).values(values).returning(_C.stop_wanted)
            return connection.execute(changed).scalar()

        if progress is None and not alive:
            wanted = self.read(f"look for orders about run {run_id}", look)
        else:
            wanted = self.write(f"say that run {run_id} is alive", note)
        return "lost" if wanted is None else "stop" if wanted else "go on"

    def stop_run(self, run_id: int, *, stale_s: float = STALE_S) -> StoredRun:
        """Cancel a run that waits or that nobody works on; ask the worker of a running one to stop.

        A run that is cancelled already stays so.

        Raises
        ------
        StoreError
            There is no such run, it has ended, or it was begun by ``sparewatt run`` and goes on there.
        """

        def work(connection: Connection) -> StoredRun:
            owner = connection.execute(select(_C.owner).where(_C.id == run_id)).scalar()
            gone = [owner] if owner and is_gone(owner) else []
            left = and_(_C.state == "running", is_left(connection, gone, stale_s))
            ended = {**FREE, "state": "cancelled", "ended": datetime.now(UTC)}
            found = _change(connection, run_id, or_(_C.state == "queued", left), ended) or _change(
                connection, run_id, and_(_C.state == "running", _C.submitted == 1), {"stop_wanted": 1}
            )
            if found is not None:
                return found
            now = self._find(connection, run_id)
            if now.state == "running":
                raise StoreError(f"Run {run_id} was begun by `sparewatt run`; stop it there, with Ctrl-C.")
            if now.state != "cancelled":
                raise StoreError(f"Run {run_id} is {now.state}; there is nothing to stop.")
            return now

        return self.write(f"stop run {run_id}", work)

    def requeue_run(self, run_id: int) -> StoredRun:
        """Queue a submitted run again that failed or was cancelled; it goes on after what is kept of it.

        A run that waits stays so, and one that was asked to stop and has not yet goes on.

        Raises
        ------
        StoreError
            There is no such run, it is done or goes on, or it was begun by ``sparewatt run``.
        """

        def work(connection: Connection) -> StoredRun:
            ended = and_(_C.submitted == 1, _C.state.in_(("failed", "cancelled")))
            again = {**FREE, "state": "queued", "ended": None, "error": "", "deaths": 0}
            stopping = and_(_C.submitted == 1, _C.state == "running", _C.stop_wanted == 1)
            found = _change(connection, run_id, ended, again) or _change(
                connection, run_id, stopping, {"stop_wanted": 0}
            )
            if found is not None:
                return found
            now = self._find(connection, run_id)
            if not now.submitted:
                raise StoreError(
                    f"Run {run_id} was begun by `sparewatt run`; carry it on with `sparewatt run --resume`."
                )
            if now.state != "queued":
                raise StoreError(f"Run {run_id} is {now.state}; only one that ended early is queued again.")
            return now

        return self.write(f"queue run {run_id} again", work)


def _change(
    connection: Connection, run_id: int, only: ColumnElement[bool], values: Mapping[str, object]
) -> StoredRun | None:
    """Change a run if it is as said; ``None`` where it is not."""
    row = connection.execute(
        update(runs).where(_C.id == run_id, only).values(values).returning(runs)
    ).one_or_none()
    return None if row is None else run_of_row(row)
