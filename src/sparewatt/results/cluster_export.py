"""Tables of a simulated hub as files, and its export to CSV, Parquet and XLSX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.arrow_files import in_zone, write_csv, write_long_csv, write_small_parquet
from sparewatt.results.cluster_series import (
    CLUSTER_POWER,
    EVSE_POWER,
    SOC,
    SYSTEM_POWER,
    cluster_power_tables,
    evse_power_tables,
    soc_tables,
    system_power_table,
    write_parquet,
)
from sparewatt.results.cluster_sheets import cluster_sheets
from sparewatt.results.cluster_tables import cluster_table, connection_table, reservation_table, vehicle_table
from sparewatt.results.tables import Table, finding_table
from sparewatt.results.whole_file import write_whole_text
from sparewatt.results.xlsx import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from sparewatt.results.cluster_view import ClusterView
    from sparewatt.results.export import TableFormat
    from sparewatt.results.outcome import Outcome

ROW_TABLES: dict[str, Callable[[ClusterView], pa.Table]] = {
    "vehicles": vehicle_table,
    "connections": connection_table,
    "reservations": reservation_table,
}
"""Tables with a row per visit, connection and booking."""


def _system_power_tables(view: ClusterView) -> Iterator[pa.Table]:
    """The one table of the system."""
    yield system_power_table(view)


LONG_TABLES: dict[str, Callable[[ClusterView], Iterator[pa.Table]]] = {
    EVSE_POWER: evse_power_tables,
    SOC: soc_tables,
    CLUSTER_POWER: cluster_power_tables,
    SYSTEM_POWER: _system_power_tables,
}
"""Series, part by part."""


def write_cluster_tables(outcome: Outcome, view: ClusterView, directory: Path) -> tuple[Path, ...]:
    """Write every table as CSV."""
    paths = [write_csv(made(view), directory / f"{name}.csv") for name, made in ROW_TABLES.items()]
    for table in _small_tables(outcome, view):
        paths.append(directory / f"{table.name}.csv")
        write_whole_text(paths[-1], table.csv_text())
    return tuple(paths)


def export_cluster(outcome: Outcome, view: ClusterView, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Export tables and series.

    ``csv``, ``parquet``: a folder with ``vehicles``, ``connections``, ``reservations``, ``clusters``,
    ``notes``, ``findings`` and the series ``evse_power``, ``soc``, ``cluster_power``, ``system_power``;
    all times local.
    ``xlsx``: one workbook, see :func:`sparewatt.results.cluster_sheets.cluster_sheets`.

    Returns
    -------
    tuple of Path
        The files written, each whole.
    """
    if to == "xlsx":
        write_xlsx(cluster_sheets(outcome, view), target)
        return (target,)
    zone = view.horizon.timezone
    if to == "csv":
        paths = list(write_cluster_tables(outcome, view, target))
        for name, parts in LONG_TABLES.items():
            paths.append(write_long_csv((in_zone(t, zone) for t in parts(view)), target / f"{name}.csv"))
        return tuple(paths)
    paths = [target / f"{name}.parquet" for name in (*ROW_TABLES, *LONG_TABLES)]
    for path in paths:
        made = LONG_TABLES.get(path.stem)
        parts_of = made(view) if made is not None else iter([ROW_TABLES[path.stem](view)])
        write_parquet((in_zone(t, zone) for t in parts_of), path)
    small = [write_small_parquet(t, target / f"{t.name}.parquet") for t in _small_tables(outcome, view)]
    return (*paths, *small)


def _small_tables(outcome: Outcome, view: ClusterView) -> tuple[Table, ...]:
    """Clusters, notes on steps, findings."""
    notes = Table(
        "notes",
        ("time", "kind", "gap"),
        tuple((view.horizon.local(n.period), n.kind, n.gap) for n in view.trace.notes),
    )
    return cluster_table(outcome, view.evses_per_cluster), notes, finding_table(outcome.findings)
