"""Runs: one row per run of a scenario file."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, insert, literal, select, update

from sparewatt.errors import StoreMissing
from sparewatt.results.store.core import Core, now_s
from sparewatt.results.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection, Row

RunState = Literal["queued", "running", "done", "failed", "cancelled"]
RUN_STATES: tuple[RunState, ...] = ("queued", "running", "done", "failed", "cancelled")
_ENDED = frozenset({"done", "failed", "cancelled"})

LATEST = "latest"


@dataclass(frozen=True)
class StoredRun:
    """One run.

    Parameters
    ----------
    id, study, name
        Number in this store, study, and name from the scenario file.
    scenario
        The scenario file, overrides applied, as text.
    input_hash, seed, versions
        What makes it repeatable.
    state
        ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``.
    owner, heartbeat
        The process that works on it, and when it was last heard of [s since the epoch].
    progress
        Share that is done [0-1].
    created, started, ended
        Times, UTC.
    error
        Why it failed, for people.
    directory
        Where its files are.
    submitted
        Whether workers take it from the queue.
    stop_wanted
        Whether its worker was asked to stop and has not yet.
    """

    id: int
    study: str
    name: str
    scenario: str
    input_hash: str
    seed: int
    versions: Mapping[str, str]
    state: RunState
    owner: str
    heartbeat: float | None
    progress: float
    created: datetime
    started: datetime | None
    ended: datetime | None
    error: str
    directory: str
    submitted: bool = False
    stop_wanted: bool = False


_FIELDS = tuple(field.name for field in fields(StoredRun))


class Runs(Core):
    """The part of the store that knows runs."""

    def create_run(
        self,
        *,
        study: str,
        name: str,
        scenario: str = "",
        input_hash: str = "",
        seed: int = 0,
        versions: Mapping[str, str] | None = None,
        directory: str = "",
        state: RunState = "queued",
        error: str = "",
    ) -> StoredRun:
        """Note a new run; see `StoredRun` for the fields."""
        values = {
            "study": study,
            "name": name,
            "scenario": scenario,
            "input_hash": input_hash,
            "seed": seed,
            "versions": dict(versions or {}),
            "directory": directory,
            "state": state,
            "owner": "",
            "progress": 0.0,
            "created": datetime.now(UTC),
            "started": datetime.now(UTC) if state == "running" else None,
            "error": error,
        }

        def work(connection: Connection) -> StoredRun:
            return run_of_row(connection.execute(insert(runs).values(values).returning(runs)).one())

        return self.write(f"note the run {name!r}", work, repeatable=False)

    def find_run(self, ref: int | str) -> StoredRun:
        """A run by its id, its name (the newest of that name), ``"latest"`` or ``"latest:NAME"``.

        Raises
        ------
        StoreError
            There is none; the message names those that there are.
        """
        return self.read(f"look for run {ref}", lambda connection: self._find(connection, ref))

    def _find(self, connection: Connection, ref: int | str) -> StoredRun:
        word = str(ref).strip()
        newest = select(runs).order_by(runs.c.id.desc()).limit(1)
        if word == LATEST:
            query = newest
        elif word.startswith(f"{LATEST}:"):
            query = newest.where(runs.c.name == word.partition(":")[2])
        else:
            query = newest.where(runs.c.name == word)
            if word.isdecimal() and int(word) < 2**63:
                by_id = connection.execute(select(runs).where(runs.c.id == int(word))).one_or_none()
                if by_id is not None:
                    return run_of_row(by_id)
        row = connection.execute(query).one_or_none()
        if row is None:
            known = connection.execute(
                select(runs.c.id, runs.c.name).order_by(runs.c.id.desc()).limit(5)
            ).all()
            there = ", ".join(f"{i} ({name})" for i, name in known) or "none at all"
            raise StoreMissing(f"There is no run {word!r} in {self.label}; the newest runs are {there}.")
        return run_of_row(row)

    def find_runs(
        self,
        *,
        study: str | None = None,
        name: str | None = None,
        state: RunState | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[StoredRun, ...]:
        """Runs that match everything given, newest first."""
        query = select(runs).order_by(runs.c.id.desc()).limit(limit).offset(offset or None)
        for column, value in ((runs.c.study, study), (runs.c.name, name), (runs.c.state, state)):
            if value is not None:
                query = query.where(column == value)
        return self.read("list the runs", lambda c: tuple(run_of_row(row) for row in c.execute(query)))

    def set_run_state(
        self,
        run_id: int,
        state: RunState,
        *,
        owner: str | None = None,
        error: str = "",
        directory: str | None = None,
    ) -> None:
        """Move a run on: its times follow, `done` completes the progress, an end lets go of the owner."""
        now = datetime.now(UTC)

        def work(connection: Connection) -> None:
            values: dict[str, object] = {"state": state, "error": error}
            if state in _ENDED:
                values |= {"ended": now, "owner": "", "heartbeat": None}
            else:
                values |= {"ended": None, "heartbeat": now_s(connection), "owner": owner or ""}
            if state == "running":
                before = connection.execute(select(runs.c.started).where(runs.c.id == run_id)).scalar()
                values["started"] = before or now
            if state == "done":
                values["progress"] = 1.0
            if directory is not None:
                values["directory"] = directory
            self._update(connection, run_id, values)

        self.write(f"set run {run_id} to {state}", work)

    def set_progress(self, run_id: int, progress: float) -> None:
        """Note how much of a run is done [0-1]."""
        share = min(max(progress, 0.0), 1.0)
        self.write(
            f"note the progress of run {run_id}", lambda c: self._update(c, run_id, {"progress": share})
        )

    def heartbeat(self, run_id: int, owner: str) -> None:
        """Say that ``owner`` still works on a run."""
        self.write(
            f"say that run {run_id} is alive",
            lambda c: self._update(c, run_id, {"heartbeat": now_s(c), "owner": owner}),
        )

    def _update(self, connection: Connection, run_id: int, values: Mapping[str, object]) -> None:
        if connection.execute(update(runs).where(runs.c.id == run_id).values(values)).rowcount == 0:
            raise StoreMissing(f"There is no run {run_id} in {self.label}.")


def first_start() -> ColumnElement[datetime]:
    """When work on a run began: for the first time, now where that has not been."""
    column = runs.c.started
    return func.coalesce(column, literal(datetime.now(UTC), column.type))


def run_of_row(row: Row[tuple[object, ...]]) -> StoredRun:
    """A row of the table as a noun."""
    found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    values = {name: found[name] for name in _FIELDS}
    return StoredRun(**values | {name: bool(found[name]) for name in ("submitted", "stop_wanted")})
