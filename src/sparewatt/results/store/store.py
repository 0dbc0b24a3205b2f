"""Store: one database of runs; opening, upgrading and checking it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from sqlalchemy import text

from sparewatt.errors import StoreAway, StoreError
from sparewatt.finding import Finding
from sparewatt.results.store import schema
from sparewatt.results.store.core import is_sqlite
from sparewatt.results.store.days import Days
from sparewatt.results.store.neighbourhood_changes import NeighbourhoodChanges
from sparewatt.results.store.opening import check_file, make_engine, parse_address
from sparewatt.results.store.outcomes import Outcomes
from sparewatt.results.store.run_list import RunList
from sparewatt.results.store.run_queue import RunQueue

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from sqlalchemy.engine import Connection


class Store(RunQueue, RunList, Days, Outcomes, NeighbourhoodChanges):
    """Runs with all that belongs to them, and neighbourhoods, in SQLite or PostgreSQL; a context manager.

    Every call is one transaction and raises `StoreError` within seconds when the database is away.
    A store may be used by several threads; each process opens its own (hand on ``address``).
    """

    @classmethod
    def open(cls, url: str | Path, *, create: bool = True) -> Self:
        """Open the store at a path or URL; an empty database, or a user's own, gets our tables.

        Parameters
        ----------
        url
            A path, ``sqlite:///path`` or ``postgresql://user:password@host/database``.
        create
            Whether to make the file or the tables where they are missing.

        Raises
        ------
        StoreError
            The database is away, read-only, none at all, of another version, or holds tables in our way.
        """
        store = cls._connected(url, create=create)
        try:
            found = store.read("open the store", _look)
            if found.state == "fresh" and create:
                store.write("make the tables of the store", lambda c: schema.upgrade(c, store.label))
            store.read("look at the tables", lambda c: schema.require_current(c, store.label))
            store.use_log()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def upgrade(cls, url: str | Path) -> str:
        """Bring the tables of a store to the newest version; says what was done.

        Raises
        ------
        StoreError
            As `open`; nothing was changed then.
        """
        with cls._connected(url, create=True) as store:
            before = store.read("open the store", _look)
            if before.state == "current":
                return f"{store.label}: version {before.version}, nothing to do"
            store.write("upgrade the tables of the store", lambda c: schema.upgrade(c, store.label))
            return f"{store.label}: version {before.version or 'none'} -> {schema.SCHEMA}"

    @classmethod
    def check(cls, url: str | Path) -> tuple[Finding, ...]:
        """What is wrong with a store; nothing is changed. Empty: all is well."""
        try:
            store = cls._connected(url, create=False)
        except StoreError as error:
            return (Finding("store.away", "error", "the store", str(error)),)
        with store:
            try:
                return store.read("check the store", lambda c: _check(c, store.label))
            except StoreError as error:
                return (Finding("store.away", "error", "the store", str(error)),)

    @classmethod
    def _connected(cls, url: str | Path, *, create: bool) -> Self:
        address = parse_address(url)
        if address.path is not None:
            check_file(address.path, create=create)
        return cls(address, make_engine(address))

    def __enter__(self) -> Self:
        """The store itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def _look(connection: Connection) -> schema.Found:
    if not is_sqlite(connection) and connection.execute(text("SHOW transaction_read_only")).scalar() == "on":
        raise StoreAway(
            "Cannot open the store: the database is read-only; ask for the right to write, or name another."
        )
    return schema.find_state(connection)


def _check(connection: Connection, label: str) -> tuple[Finding, ...]:
    found = schema.find_state(connection)
    if found.state in {"older", "unknown"}:
        error = schema.older if found.state == "older" else schema.newer
        return (Finding("store.version", "error", "the store", str(error(label, found.version))),)
    problems = schema.table_problems(connection, fresh=found.state == "fresh")
    if found.state == "fresh":
        remedy = "run `sparewatt db upgrade`, or just `sparewatt run`"
        return (
            *problems,
            Finding("store.empty", "info", "the store", "it has no tables of ours yet", remedy=remedy),
        )
    return problems or schema.content_problems(connection)
