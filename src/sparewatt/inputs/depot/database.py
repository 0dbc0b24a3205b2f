"""Database: the depot tables in SQLite, PostgreSQL or whatever SQLAlchemy reaches; only read."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.inputs.tables.raw_table import RawTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sparewatt.inputs.depot.schema import TableForm
    from sparewatt.inputs.finding_log import FindingLog

_CONNECT_S = 10
_MAX_IDS = 500
_EXACT = 2.0**53
_WHERE = "inputs.tables"


class Database:
    """Tables of an open connection, seen as they were when it opened."""

    def __init__(self, connection: sa.Connection, place: str) -> None:
        self.place = place
        self._connection = connection
        inspector = sa.inspect(connection)
        names = [*inspector.get_view_names(), *inspector.get_table_names()]
        self._names = {name.lower(): name for name in sorted(names, key=str.islower)}
        self._inspector = inspector
        self._columns: dict[str, dict[str, tuple[str, Any]]] = {}

    def find_columns(self, table: str, log: FindingLog) -> tuple[str, ...] | None:  # noqa: ARG002 - interface
        """Names of the columns in lower case, or ``None`` where there is no such table."""
        name = self._names.get(table.lower())
        if name is None:
            return None
        if table not in self._columns:
            found = sorted(self._inspector.get_columns(name), key=lambda c: c["name"].islower())
            self._columns[table] = {c["name"].lower(): (c["name"], c["type"]) for c in found}
        return tuple(self._columns[table]) or None

    def read(
        self,
        form: TableForm,
        columns: Sequence[str],
        log: FindingLog,  # noqa: ARG002 - interface
        only: tuple[str, frozenset[str]] | None,
    ) -> RawTable:
        """Records with these columns, in the order of the database."""
        query = self._select(form.name, columns)
        if only is not None:
            condition = self._condition(form.name, *only)
            query = query if condition is None else query.where(condition)
        records = self._connection.execute(query).all()
        texts = [[_text(v) for v in values] for values in zip(*records, strict=True)]
        data = dict(zip(columns, texts or [[] for _ in columns], strict=True))
        return RawTable(form.name, data, np.arange(1, len(records) + 1), form.key)

    def first_rows(self, table: str, column: str, log: FindingLog) -> dict[str, int]:  # noqa: ARG002 - interface
        """Each text of a column; rows of a database have no numbers."""
        records = self._connection.execute(self._select(table, [column]).distinct())
        return {_text(record[0]): 0 for record in records}

    def _select(self, table: str, columns: Sequence[str]) -> sa.Select[Any]:
        """Columns without types, so that no value is refused before the rules see it."""
        known = self._columns[table]
        wanted: list[sa.ColumnElement[Any]] = [sa.column(known[c][0]) for c in columns]
        if self._connection.dialect.name == "postgresql":
            wanted = [sa.cast(c, sa.Text) for c in wanted]
        return sa.select(*wanted).select_from(sa.table(self._names[table.lower()]))

    def _condition(self, table: str, column: str, ids: frozenset[str]) -> sa.ColumnElement[bool] | None:
        """A condition that holds for every record of these ids, and perhaps for some more."""
        if len(ids) > _MAX_IDS:
            return None
        if not ids:
            return sa.false()
        name, kind = self._columns[table][column]
        if isinstance(kind, (sa.Integer, sa.Numeric, sa.Float)):
            numbers = [_number(i) for i in ids]
            if all(n is None for n in numbers) or any(n is not None and abs(n) > _EXACT for n in numbers):
                return None
            return sa.column(name, kind).in_(sorted(n for n in numbers if n is not None))
        texts = {i + tail for i in ids for tail in ("", ".0", ".00")}
        return sa.func.trim(sa.cast(sa.column(name), sa.Text)).in_(sorted(texts))


@contextmanager
def open_database(url: str, base_dir: Path) -> Iterator[Database]:
    """Open a database for reading; everything read shows one moment.

    Raises
    ------
    InputError
        When the URL is not one, or the database is away, refuses, or is none.
    """
    place = "the database"
    try:
        address = sa.make_url(url)
        place = f"the database {address.render_as_string(hide_password=True)}"
        engine = _engine(address, base_dir)
    except (ArgumentError, NoSuchModuleError, ValueError, ImportError) as error:
        shown = url.partition("://")[0] + "://…"
        raise _refused(shown, f"is not a database URL that can be used: {_first_line(error)}") from None
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            elif engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                connection.exec_driver_sql("SET LOCAL datestyle TO ISO")
                connection.exec_driver_sql("SET LOCAL intervalstyle TO postgres")
                connection.exec_driver_sql("SET LOCAL extra_float_digits TO 1")
            yield Database(connection, place)
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _refused(
            place.removeprefix("the database "), f"could not be read: {_first_line(error)}"
        ) from None
    finally:
        engine.dispose()


def database_url(url: str, base_dir: Path) -> str:
    """The URL with a relative SQLite path counted from ``base_dir``; other URLs as they are."""
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        return url
    path = (base_dir / str(address.database)).resolve()
    return address.set(database=str(path)).render_as_string(hide_password=False)


def public_url(url: str) -> str:
    """The URL for people and for files that are handed on: without its password."""
    address = sa.make_url(url)
    return address.set(query={}).render_as_string(hide_password=True)


def _engine(address: sa.URL, base_dir: Path) -> sa.Engine:
    if address.get_backend_name() == "sqlite":
        if address.database in {None, "", ":memory:"}:
            msg = "a SQLite database in memory holds no tables; name its file: sqlite:///fleet.db"
            raise ValueError(msg)
        path = (base_dir / str(address.database)).resolve()
        if not path.is_file():
            raise _refused(
                str(address), "there is no such file", "check the path; it counts from the scenario file"
            )
        uri = path.as_uri() + "?mode=ro"
        return sa.create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_CONNECT_S),
            poolclass=NullPool,
        )
    arguments = {"connect_timeout": _CONNECT_S} if address.get_backend_name() == "postgresql" else {}
    return sa.create_engine(address, poolclass=NullPool, connect_args=arguments)


def _refused(shown: str, problem: str, remedy: str = "") -> InputError:
    remedy = remedy or "check that the database runs, and its address, name, user and password"
    return InputError([Finding("depot.source.database", "error", _WHERE, problem, shown, remedy)])


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if value.is_integer() else value


def _text(value: object) -> str:
    """A value of a database as a CSV file would have it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    return repr(value) if isinstance(value, float) else str(value)
