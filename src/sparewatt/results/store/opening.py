"""From an address to an engine; SQLite and PostgreSQL are known."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from sparewatt.errors import StoreAway, StoreError
from sparewatt.results.store.trouble import Moved

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

BUSY_S = 30.0
"""How long a writer waits for another writer [s]; the longest write, swapping in a re-run, takes seconds."""

_CACHE_KIB = 64 * 1024
_LOG_BYTES = 64_000_000  # what a large write leaves of the log beside the file
_CHECKPOINT_PAGES = 8_000  # 32 MB: fewer, larger copies from the log into the file


@dataclass(frozen=True)
class Address:
    """Where a store is.

    Parameters
    ----------
    label
        For people: the path, or the URL without its password.
    url
        PostgreSQL's address; ``None`` for a file.
    path
        SQLite's file; ``None`` for a server.
    """

    label: str
    url: URL | None = field(default=None, repr=False)
    path: Path | None = None

    @property
    def secret(self) -> str | None:
        """The password, which no message may hold."""
        return str(self.url.password) if self.url is not None and self.url.password else None

    @property
    def text(self) -> str:
        """The whole address, password included: for another process of ours, never for people."""
        return self.url.render_as_string(hide_password=False) if self.url is not None else str(self.path)


def parse_address(url: str | Path) -> Address:
    """A path or a URL as an address.

    Raises
    ------
    StoreError
        A URL of another kind of database, or none at all.
    """
    text = str(url)
    if isinstance(url, Path) or "://" not in text:
        path = Path(text).expanduser().absolute()
        return Address(str(path), path=path)
    try:
        parsed = make_url(text.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        raise StoreError(
            "The address of the database is no URL; write postgresql://user:password@host:5432/database, "
            "sqlite:///path/to/file.db, or just a path."
        ) from None
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        shown = parsed.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
        return Address(shown, url=parsed)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in {None, "", ":memory:"}:
            raise StoreError("A store in memory would be lost with its process; give SQLite a file.")
        path = Path(str(parsed.database)).absolute()
        return Address(str(path), path=path)
    raise StoreError(
        f"A store is kept in SQLite or PostgreSQL, not in {parsed.get_backend_name()!r}; "
        "write postgresql://user@host/database or a path."
    )


class Place:
    """The file that was opened; a file that is removed under an open connection takes writes in silence."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._id = self._now()

    def check(self) -> None:
        """Raise when the file was removed or replaced meanwhile."""
        if self._path is not None and self._now() != self._id:
            raise Moved(
                "the file was removed or replaced while it was in use; put it back, or begin a new store"
            )

    def _now(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def check_file(path: Path, *, create: bool) -> None:
    """Say in words what SQLite would say in code; makes the empty file when asked to.

    Raises
    ------
    StoreAway
        The folder or file is missing, is no file, or may not be written.
    """
    if path.is_dir():
        raise StoreAway(
            f"Cannot open the store: {path} is a folder; name a file in it, e.g. {path / 'sparewatt.db'}."
        )
    if not path.parent.is_dir():
        raise StoreAway(f"Cannot open the store: the folder {path.parent} does not exist; make it first.")
    if not path.exists():
        if not create:
            raise StoreAway(f"Cannot open the store: {path} does not exist; see that the path is right.")
        try:
            path.touch()
        except OSError as error:
            raise StoreAway(
                f"Cannot make the store {path}: {error.strerror}; allow writing there, or name another."
            ) from None
    effective = os.access in os.supports_effective_ids
    for place in (path, path.parent):
        if not os.access(place, os.R_OK | os.W_OK, effective_ids=effective):
            raise StoreAway(
                f"Cannot open the store: {place} is read-only for you; allow writing to the file and its "
                "folder (SQLite keeps its log beside the file), or name another one."
            )


def make_engine(address: Address) -> Engine:
    """An engine whose transactions are real; it has not connected yet."""
    return _sqlite_engine(address.path) if address.path is not None else _postgres_engine(address.url)


def _sqlite_engine(path: Path) -> Engine:
    # mode=rw: a file that was taken away is an error, not a new empty database
    uri = f"file:{quote(path.as_posix())}?mode=rw"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        return connection

    engine = create_engine(
        "sqlite+pysqlite://", creator=connect, poolclass=_queue_pool(), pool_reset_on_return="rollback"
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _queue_pool() -> type[Any]:
    from sqlalchemy.pool import QueuePool  # noqa: PLC0415 - the pool of a file, which a bare sqlite:// would not get

    return QueuePool


def _postgres_engine(url: URL | None) -> Engine:
    defaults = {
        "connect_timeout": "5",
        "tcp_user_timeout": "10000",
        "keepalives_idle": "5",
        "keepalives_interval": "2",
        "keepalives_count": "3",
        "application_name": "sparewatt",
    }
    assert url is not None  # noqa: S101 - an address is one or the other
    wanted = url.update_query_dict({k: v for k, v in defaults.items() if k not in url.query})
    engine = create_engine(wanted, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _record: object) -> None:  # noqa: ANN401 - of the driver
        connection.execute(f"SET lock_timeout = {int(BUSY_S * 1000)}")
        connection.commit()

    return engine
