"""What a database holds of ours: found, made, upgraded, and told apart from other people's tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import Double, Integer, LargeBinary, Text, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Date, DateTime, Float, NullType, Numeric, String, TypeEngine

from sparewatt.errors import StoreError
from sparewatt.finding import Finding
from sparewatt.results.store.core import is_sqlite
from sparewatt.results.store.tables import USER_TABLES, Id, Stamp, metadata

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Column, Table
    from sqlalchemy.engine import Connection, Inspector
    from sqlalchemy.engine.interfaces import ReflectedColumn

SCHEMA = "0003"
"""Newest version of the tables that this Sparewatt knows; a name in `migrations/versions`."""

_MADE_IN: dict[str, tuple[str, ...]] = {"0002": ("community_neighbourhoods",)}
"""Tables that a version has and the one before had not."""
_OLDER: tuple[str, ...] = ("0001", "0002")
_VERSION_TABLE = "sparewatt_schema"
_LOCK = 0x5041_5245  # one upgrade at a time on a server

State = Literal["fresh", "current", "older", "unknown"]


class Found(NamedTuple):
    """State of a database, and the version that it says it has."""

    state: State
    version: str


def find_state(connection: Connection) -> Found:
    """Which version of our tables is there."""
    if not inspect(connection).has_table(_VERSION_TABLE):
        return Found("fresh", "")
    version = str(connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar() or "")  # noqa: S608 - a constant
    if version == SCHEMA:
        return Found("current", version)
    if not version:
        return Found("fresh", "")
    return Found("older" if version in _OLDER else "unknown", version)


def upgrade(connection: Connection, label: str) -> None:
    """Bring our tables to ``SCHEMA`` inside the transaction of ``connection``; nothing else is touched.

    Raises
    ------
    StoreError
        A table stands in the way, or the database is of a newer Sparewatt.
    """
    if not is_sqlite(connection):
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    found = find_state(connection)
    if found.state == "current":
        return
    if found.state == "unknown":
        raise newer(label, found.version)
    if found.state == "fresh":
        raise_problems(table_problems(connection, fresh=True), label)
    else:
        raise_problems(_taken_since(connection, found.version), label)
    from alembic import command  # noqa: PLC0415 - slow to import, and needed once in the life of a store
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = _VERSION_TABLE
    command.upgrade(config, SCHEMA)


def require_current(connection: Connection, label: str) -> None:
    """Nothing when our tables are there and whole.

    Raises
    ------
    StoreError
        They are not; the message says what to do.
    """
    found = find_state(connection)
    if found.state == "fresh":
        raise StoreError(f"There is no store in {label} yet; `sparewatt run` makes one.")
    if found.state == "older":
        raise older(label, found.version)
    if found.state == "unknown":
        raise newer(label, found.version)
    raise_problems(table_problems(connection, fresh=False), label)


def newer(label: str, version: str) -> StoreError:
    """The error for a store that this Sparewatt does not know."""
    return StoreError(
        f"The store {label} has version {version} of the tables, this Sparewatt knows {SCHEMA}: it was made "
        "by a newer one. Install that one, or name another store."
    )


def older(label: str, version: str) -> StoreError:
    """The error for a store that must be upgraded first."""
    return StoreError(
        f"The store {label} has version {version} of the tables, this Sparewatt needs {SCHEMA}. "
        "Make a copy of it, then run `sparewatt db upgrade`."
    )


def raise_problems(problems: Sequence[Finding], label: str) -> None:
    """All that stands in the way, in one error; nothing when there is nothing."""
    if problems:
        lines = [f"  {p.where}: {p.message}" for p in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            lines.append(f"  and {len(problems) - _SHOWN} more")
        remedies = [f"  -> {remedy}" for remedy in dict.fromkeys(p.remedy for p in problems)]
        head = f"The store cannot be kept in {label}; nothing was changed:"
        raise StoreError("\n".join([head, *lines, *remedies]))


def table_problems(connection: Connection, *, fresh: bool) -> tuple[Finding, ...]:
    """Tables that are not as the store needs them; ``fresh`` before our tables were made."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    views = set(inspector.get_view_names())
    problems: list[Finding] = []
    for table in metadata.sorted_tables:
        if table.name in views:
            problems.append(
                _problem("taken", table.name, "is a view, and the store needs a table of that name", _ASIDE)
            )
        elif table.name not in there:
            if not fresh:
                problems.append(_problem("missing", table.name, "is missing", _RESTORE))
        elif fresh and table.name not in USER_TABLES:
            problems.append(
                _problem("taken", table.name, "is there already and was not made by Sparewatt", _ASIDE)
            )
        else:
            problems.extend(_column_problems(inspector, table, fresh=fresh))
    return tuple(problems)


def _taken_since(connection: Connection, version: str) -> tuple[Finding, ...]:
    """Names of tables to be made after a version that somebody else's table or view has."""
    inspector = inspect(connection)
    there = {*inspector.get_table_names(), *inspector.get_view_names()}
    return tuple(
        _problem("taken", name, "is there already and was not made by Sparewatt", _ASIDE)
        for made_in, names in _MADE_IN.items()
        for name in names
        if made_in > version and name in there
    )


_SHOWN = 12
_ASIDE = "rename it, or keep the results in a database of their own, e.g. --db sparewatt.db"
_RESTORE = "put back a copy of the database, or begin a new store"


def _problem(rule: str, where: str, message: str, remedy: str) -> Finding:
    return Finding(f"store.table.{rule}", "error", f"table {where}", message, remedy=remedy)


def _column_problems(inspector: Inspector, table: Table, *, fresh: bool) -> list[Finding]:
    found = {column["name"]: column for column in inspector.get_columns(table.name)}
    missing = [column.name for column in table.columns if column.name not in found]
    remedy = _ASIDE if fresh or table.name in USER_TABLES else _RESTORE
    problems = []
    if missing:
        words = "column" if len(missing) == 1 else "columns"
        problems.append(_problem("columns", table.name, f"lacks the {words} {', '.join(missing)}", remedy))
    for column in table.columns:
        there = found.get(column.name)
        if there is not None and not _fits(column, there["type"], inspector):
            problems.append(
                _problem(
                    "type",
                    f"{table.name}, column {column.name}",
                    f"has type {there['type']}, and the store writes {_kind_words(column)}",
                    remedy,
                )
            )
    ours = {column.name for column in table.columns}
    problems.extend(
        _problem(
            "required",
            f"{table.name}, column {name}",
            "must have a value, and the store has none for it",
            "give it a default, allow it to be empty, or " + _ASIDE,
        )
        for name, there in found.items()
        if name not in ours and _is_required(there)
    )
    return problems


def _is_required(column: ReflectedColumn) -> bool:
    has_value = column.get("default") is not None or column.get("computed") or column.get("identity")
    return not column["nullable"] and not has_value and column.get("autoincrement") is not True


def _kind_words(column: Column[object]) -> str:
    kind = column.type
    if isinstance(kind, Stamp):
        return "times with their offset (TEXT in SQLite, timestamptz in PostgreSQL)"
    if isinstance(kind, Double):
        return "numbers (DOUBLE PRECISION)"
    if kind is Id or isinstance(kind, Integer):
        return "whole numbers"
    return "text (ids stay as they were written: 071 is not 71)"


def _fits(column: Column[object], there: TypeEngine[object], inspector: Inspector) -> bool:
    """Whether a column can hold what we write, value by value."""
    kind = column.type
    if isinstance(there, NullType) and inspector.dialect.name == "sqlite":
        return True  # no declared type: values stay as they are
    if isinstance(kind, Stamp):
        if inspector.dialect.name == "sqlite":
            return isinstance(there, (String, DateTime))
        return isinstance(there, DateTime) and bool(there.timezone)
    for ours, theirs in _HOLDS:
        if isinstance(kind, ours):
            return isinstance(there, theirs)
    return True  # JSON: what a database calls it is its own affair


_HOLDS: tuple[tuple[type[TypeEngine[Any]], tuple[type[TypeEngine[Any]], ...]], ...] = (
    (Double, (Float, Numeric)),  # Double is a Float
    (Integer, (Integer,)),
    (Text, (String,)),
    (LargeBinary, (LargeBinary,)),
    (Date, (Date,)),
)


def content_problems(connection: Connection) -> tuple[Finding, ...]:
    """What the rows themselves say: damage of the file, demand that is not what was committed."""
    problems: list[Finding] = []
    if is_sqlite(connection):
        try:
            said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(5)")]
        except DBAPIError as error:
            said = [str(error.orig)]
        problems.extend(
            Finding("store.file.damaged", "error", "the file", line, remedy=_RESTORE)
            for line in said
            if line != "ok"
        )
        if problems:
            return tuple(problems)
    counts = connection.execute(text(_DIFFERING))
    problems.extend(
        Finding(
            "store.demand.differs",
            "error",
            f"table t_charge_demand, scenario {row.scenario_id}",
            f"holds {row.there} rows, and {row.committed} were committed",
            remedy=f"run scenario {row.scenario_id} again (depot.scenario_ids)",
            ids=(str(row.scenario_id),),
        )
        for row in counts
    )
    return tuple(problems)


_DIFFERING = """
SELECT s.scenario_id, coalesce(d.there, 0) AS there, coalesce(c.committed, 0) AS committed
FROM depot_scenarios AS s
LEFT JOIN (SELECT scenario_id, count(*) AS there FROM t_charge_demand GROUP BY scenario_id) AS d
  ON d.scenario_id = s.scenario_id
LEFT JOIN (
    SELECT scenario_id, edition, sum("rows") AS committed FROM depot_days GROUP BY scenario_id, edition
) AS c
  ON c.scenario_id = s.scenario_id AND c.edition = s.shown_edition
WHERE coalesce(d.there, 0) <> coalesce(c.committed, 0)
ORDER BY s.scenario_id
"""
