"""Tables of a community run as files, and its export to CSV, Parquet and XLSX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.arrow_files import in_zone, write_long_csv, write_small_parquet
from sparewatt.results.cluster_series import write_parquet
from sparewatt.results.community_series import ENERGY, HOUSE_ENERGY, energy_tables, house_energy_tables
from sparewatt.results.community_sheets import community_sheets
from sparewatt.results.community_tables import LONG_TABLES, repetition_table
from sparewatt.results.tables import finding_table
from sparewatt.results.whole_file import write_whole_text
from sparewatt.results.xlsx import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.export import TableFormat
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.tables import Table

SERIES_TABLES: dict[str, Callable[[CommunityRun], Iterator[pa.Table]]] = {
    ENERGY: energy_tables,
    HOUSE_ENERGY: house_energy_tables,
}
"""Series, part by part."""


def write_community_tables(outcome: Outcome, run: CommunityRun, directory: Path) -> tuple[Path, ...]:
    """Write every table as CSV."""
    paths = [write_long_csv(parts(run), directory / f"{name}.csv") for name, parts in LONG_TABLES.items()]
    for table in _small_tables(outcome, run):
        paths.append(directory / f"{table.name}.csv")
        write_whole_text(paths[-1], table.csv_text())
    return tuple(paths)


def export_community(outcome: Outcome, run: CommunityRun, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Export tables and series.

    ``csv``, ``parquet``: a folder with the tables and the series ``energy`` and ``house_energy``; times of
    series local, those of tables UNIX seconds.
    ``xlsx``: one workbook, see :func:`sparewatt.results.community_sheets.community_sheets`.

    Returns
    -------
    tuple of Path
        The files written, each whole.
    """
    if to == "xlsx":
        write_xlsx(community_sheets(outcome, run), target)
        return (target,)
    zone = run.setting.time_zone
    series: dict[str, Iterator[pa.Table]] = {
        name: (in_zone(table, zone) for table in parts(run)) for name, parts in SERIES_TABLES.items()
    }
    if to == "csv":
        paths = list(write_community_tables(outcome, run, target))
        return (*paths, *(write_long_csv(parts, target / f"{name}.csv") for name, parts in series.items()))
    series |= {name: parts(run) for name, parts in LONG_TABLES.items()}
    paths = [target / f"{name}.parquet" for name in series]
    for path in paths:
        write_parquet(series[path.stem], path)
    small = [write_small_parquet(t, target / f"{t.name}.parquet") for t in _small_tables(outcome, run)]
    return (*paths, *small)


def _small_tables(outcome: Outcome, run: CommunityRun) -> tuple[Table, ...]:
    """Repetitions, findings."""
    return repetition_table(run), finding_table(outcome.findings)
