"""Where the tables of a depot come from: a folder of CSV files or a database, behind one interface."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.inputs.scenario_inputs import is_database_url
from sparewatt.inputs.tables.raw_table import RawTable, records_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sparewatt.inputs.depot.schema import TableForm
    from sparewatt.inputs.finding_log import FindingLog


class TableSource(Protocol):
    """Tables by name; names of tables and columns are matched without regard to case."""

    place: str
    """What people call this source, without secrets."""

    def find_columns(self, table: str, log: FindingLog) -> tuple[str, ...] | None:
        """Names of the columns in lower case; none where the table is broken, which was noted then.

        ``None`` where there is no such table.
        """

    def read(
        self,
        form: TableForm,
        columns: Sequence[str],
        log: FindingLog,
        only: tuple[str, frozenset[str]] | None,
    ) -> RawTable:
        """Records with these columns; ``only`` = (column, ids) may leave out records of other ids."""

    def first_rows(self, table: str, column: str, log: FindingLog) -> dict[str, int]:
        """Each text of a column with the first row that holds it (0 where rows have no number)."""


def read_table(
    source: TableSource,
    form: TableForm,
    log: FindingLog,
    *,
    only: tuple[str, frozenset[str]] | None = None,
    required: bool = True,
) -> RawTable | None:
    """Read the columns that are needed of one table.

    Parameters
    ----------
    source, form, log
        Where from, what, and where problems are noted.
    only
        (column, ids): just the records of these ids.
    required
        Whether it is an error that the table is missing.

    Returns
    -------
    ``None`` where the table or a required column is missing.
    """
    present = check_columns(source, form, log, required=required)
    if present is None:
        return None
    table = source.read(form, [c for c in form.columns if c in present], log, only)
    return table.take(records_with(table, *only)) if only else table


def check_columns(
    source: TableSource, form: TableForm, log: FindingLog, *, required: bool = True
) -> tuple[str, ...] | None:
    """Columns of a table; ``None`` where the table or a required column is missing, which is noted."""
    present = source.find_columns(form.name, log)
    if present is None:
        if required:
            log.add(
                "depot.table.missing",
                "error",
                form.name,
                f"there is no table {form.name} in {source.place}",
                form.name,
                f"add it with the columns {', '.join(form.required)}",
            )
        return None
    if not present:
        return None
    missing = [c for c in form.required if c not in present]
    for column in missing:
        log.add(
            "depot.column.missing",
            "error",
            f"{form.name}, column {column}",
            f"{form.name} has no column {column}",
            column,
            f"add it; the table has: {', '.join(present) or 'no columns'}",
        )
    return None if missing else present


@contextmanager
def open_source(source: str, base_dir: Path) -> Iterator[TableSource]:
    """Open a folder of CSV files or a database for reading.

    Parameters
    ----------
    source
        Folder, relative to ``base_dir`` and inside it, or database URL.
    base_dir
        Folder of the scenario file; a relative path in a SQLite URL counts from here too.

    Raises
    ------
    InputError
        When there is no such folder, or the database is away.
    """
    if is_database_url(source):
        from sparewatt.inputs.depot.database import open_database  # noqa: PLC0415 - heavy, only for databases

        with open_database(source, base_dir) as database:
            yield database
        return
    from sparewatt.inputs.depot.csv_folder import CsvFolder  # noqa: PLC0415 - beside its alternative

    yield CsvFolder(_find_folder(source, base_dir))


def _find_folder(source: str, base_dir: Path) -> Path:
    folder = (base_dir / source).resolve()
    where, problem, remedy = "inputs.tables", "", "a folder beside the scenario file, or a database URL"
    if not folder.is_relative_to(base_dir.resolve()):
        problem = "the path leaves the folder of the scenario file"
    elif not folder.exists():
        problem = "there is no such folder"
    elif not folder.is_dir():
        problem = "is a file, not a folder of CSV files"
        if folder.suffix in {".db", ".sqlite", ".sqlite3"}:
            remedy = f"for a SQLite database write sqlite:///{source}"
    if problem:
        raise InputError([Finding("depot.source.folder", "error", where, problem, source, remedy)])
    return folder
