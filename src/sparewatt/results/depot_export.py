"""Export of a depot run from its files."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sparewatt.results.arrow_files import csv_safe, csv_writer, write_small_parquet
from sparewatt.results.compare import compare_modes
from sparewatt.results.depot_series import site_table, view_demand_table
from sparewatt.results.depot_words import depot_sentences
from sparewatt.results.run_folder import run_tables
from sparewatt.results.tables import DAY_COLUMNS, Table, day_rows
from sparewatt.results.whole_file import whole_file, write_whole_text
from sparewatt.results.xlsx import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pyarrow.csv as pacsv

    from sparewatt.results.depot_view import DepotView
    from sparewatt.results.export import TableFormat
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.run_folder import RunFolder
    from sparewatt.results.tables import Cell

XLSX_DEMAND_ROWS = 100_000
"""More rows of `t_charge_demand` than this are left to CSV and Parquet: Excel holds a million in all."""

LONG_TABLES: dict[str, Callable[[DepotView], pa.Table]] = {
    "t_charge_demand": view_demand_table,
    "site": site_table,
}
"""Long tables, one part per scenario."""


def export_depot(folder: RunFolder, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Export tables of a depot run.

    They are ``t_charge_demand``, ``site``, ``scenarios``, ``days``, ``comparison`` and ``findings``.

    Parameters
    ----------
    folder
        The run.
    to
        ``csv`` and ``parquet``: ``target`` is a folder, one file per table. ``xlsx``: a file.

    Returns
    -------
    tuple of Path
        The files written, each whole.
    """
    if to == "csv":
        return _export_long(folder, target, ".csv", csv_writer, csv_safe) + _export_small(folder, target)
    if to == "parquet":
        small = tuple(write_small_parquet(t, target / f"{t.name}.parquet") for t in _small_tables(folder))
        return _export_long(folder, target, ".parquet", _parquet_writer, lambda t: t) + small
    write_xlsx(_sheets(folder), target)
    return (target,)


def _small_tables(folder: RunFolder) -> tuple[Table, ...]:
    """The small tables, made from outcome and series."""
    outcome = folder.outcome()
    rows = [row for view in folder.views() for row in day_rows(view)]
    return run_tables(outcome, Table("days", DAY_COLUMNS, tuple(rows)))


def _export_small(folder: RunFolder, target: Path) -> tuple[Path, ...]:
    """The small tables as CSV."""
    paths = []
    for table in _small_tables(folder):
        paths.append(target / f"{table.name}.csv")
        write_whole_text(paths[-1], table.csv_text())
    return tuple(paths)


def _export_long(
    folder: RunFolder,
    target: Path,
    suffix: str,
    writer: Callable[[Path, pa.Schema], AbstractContextManager[pacsv.CSVWriter | pq.ParquetWriter]],
    shaped: Callable[[pa.Table], pa.Table],
) -> tuple[Path, ...]:
    """Long tables, scenario after scenario, one in memory at a time."""
    paths = []
    for name, rows_of in LONG_TABLES.items():
        views = folder.views()
        first = next(views, None)
        if first is None:
            continue
        table = shaped(rows_of(first))
        path = target / f"{name}{suffix}"
        with whole_file(path) as partial, writer(partial, table.schema) as out:
            out.write_table(table)
            for view in views:
                out.write_table(_same_zone(shaped(rows_of(view)), table.schema))
        paths.append(path)
    return tuple(paths)


def _same_zone(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Sites in several zones in one file: the same instants in the zone of the first."""
    return table.cast(schema)


def _parquet_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Parquet as the series are."""
    return pq.ParquetWriter(path, schema, compression="zstd")


def _sheets(folder: RunFolder) -> Iterator[Table]:
    """Sheets of the workbook: what it is, the small tables, the site per period, and demand where it fits."""
    outcome = folder.outcome()
    small = _small_tables(folder)
    rows = sum(len(v.vehicle_ids) * v.horizon.periods for v in folder.views())
    yield Table("about", ("what", "value"), tuple(_about(outcome, rows)))
    yield from small
    yield _sheet("site", site_table, folder)
    if rows <= XLSX_DEMAND_ROWS:
        yield _sheet("t_charge_demand", view_demand_table, folder)


def _about(outcome: Outcome, demand_rows: int) -> Iterator[tuple[Cell, ...]]:
    """What the workbook holds and where it comes from."""
    yield ("run", outcome.name)
    yield ("study", outcome.study)
    yield ("level", outcome.level)
    yield from (("found", sentence) for sentence in depot_sentences(outcome))
    yield ("seed", outcome.seed)
    yield ("input hash", outcome.input_hash)
    yield from sorted(outcome.versions.items())
    yield ("times", "local time of the site; utc_offset_h tells the two hours of a clock change apart")
    if demand_rows > XLSX_DEMAND_ROWS:
        yield (
            "t_charge_demand",
            f"{demand_rows:,} rows are too many for a workbook; export to csv or parquet",
        )
    if compare_modes(outcome.scenarios).rows:
        yield ("comparison", "smart against unmanaged, per allocation")


def _sheet(name: str, rows_of: Callable[[DepotView], pa.Table], folder: RunFolder) -> Table:
    """A long table as a sheet: the local time as Excel knows it, without a zone, and its offset from UTC."""
    columns: tuple[str, ...] = ()
    rows: list[tuple[Cell, ...]] = []
    for view in folder.views():
        table = rows_of(view)
        at = table.column_names.index("datetime")
        stamps = table["datetime"].to_pylist()
        parts = [c.to_pylist() for c in table.columns]
        parts[at] = [t.replace(tzinfo=None) for t in stamps]
        parts.insert(at + 1, [t.utcoffset() / timedelta(hours=1) for t in stamps])
        columns = (*table.column_names[: at + 1], "utc_offset_h", *table.column_names[at + 1 :])
        rows += list(zip(*parts, strict=True))
    return Table(name, columns, tuple(rows))
