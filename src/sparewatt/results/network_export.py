"""Tables of a network run as files, and its export to CSV, Parquet and XLSX."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.arrow_files import in_zone, write_long_csv, write_small_parquet
from sparewatt.results.cluster_series import write_parquet
from sparewatt.results.network_series import LONG_TABLES, OFFERS, offer_tables, written_tables
from sparewatt.results.network_tables import network_tables
from sparewatt.results.network_words import network_sentences
from sparewatt.results.tables import Table
from sparewatt.results.whole_file import write_whole_text
from sparewatt.results.xlsx import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sparewatt.results.export import TableFormat
    from sparewatt.results.network_view import NetworkView
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.tables import Cell

MOST_ROWS = 100_000
"""More rows than this are left to CSV and Parquet."""


def write_network_tables(outcome: Outcome, view: NetworkView, directory: Path) -> tuple[Path, ...]:
    """Write every small table as CSV, and what the zones offer."""
    paths = [directory / f"{OFFERS}.csv"] if view.offers else []
    for path in paths:
        write_long_csv((in_zone(t, view.horizon.timezone) for t in offer_tables(view)), path)
    for table in network_tables(outcome, view):
        paths.append(directory / f"{table.name}.csv")
        write_whole_text(paths[-1], table.csv_text())
    return tuple(paths)


def export_network(outcome: Outcome, view: NetworkView, to: TableFormat, target: Path) -> tuple[Path, ...]:
    """Export tables and series.

    ``csv``, ``parquet``: a folder with ``zones``, ``limits``, ``violations``, ``hosting``, ``customers``,
    ``forecasts``, ``offers``, ``findings`` and the long series, as far as the run has them; all times local.
    ``xlsx``: one workbook with the small tables and the daily profiles.

    Returns
    -------
    tuple of Path
        The files written, each whole.
    """
    if to == "xlsx":
        write_xlsx(_sheets(outcome, view), target)
        return (target,)
    zone = view.horizon.timezone
    long = {name: LONG_TABLES[name] for name in written_tables(view)}
    if view.offers:
        long[OFFERS] = offer_tables
    paths = [target / f"{name}.{to}" for name in long]
    for path in paths:
        parts = (in_zone(t, zone) for t in long[path.stem](view))
        if to == "csv":
            write_long_csv(parts, path)
        else:
            write_parquet(parts, path)
    for table in network_tables(outcome, view):
        paths.append(target / f"{table.name}.{to}")
        if to == "csv":
            write_whole_text(paths[-1], table.csv_text())
        else:
            write_small_parquet(table, paths[-1])
    return tuple(paths)


def _sheets(outcome: Outcome, view: NetworkView) -> Iterator[Table]:
    """The sheets in order."""
    sheets = [*network_tables(outcome, view), _wide_profiles(view)]
    left_out = [t.name for t in sheets if len(t.rows) > MOST_ROWS]
    yield Table("about", ("what", "value"), tuple(_about(outcome, left_out)))
    yield from (sheet for sheet in sheets if sheet.name not in left_out)


def _about(outcome: Outcome, left_out: list[str]) -> Iterator[tuple[Cell, ...]]:
    """What the workbook holds and where it comes from."""
    yield ("run", outcome.name)
    yield ("study", outcome.study)
    yield ("level", outcome.level)
    yield from (("found", sentence) for sentence in network_sentences(outcome))
    yield ("seed", outcome.seed)
    yield ("input hash", outcome.input_hash)
    yield from sorted(outcome.versions.items())
    yield ("series", "flows, voltages, headroom and offers of every period stand in csv and parquet")
    yield from ((name, "too large for a workbook; export to csv or parquet") for name in left_out)


def _wide_profiles(view: NetworkView) -> Table:
    """Headroom at the chosen risk: a row per case and time of day, a column per zone."""
    columns = ("case", "time_of_day", *view.zone_ids)
    rows: list[tuple[Cell, ...]] = []
    for case in view.cases:
        p = case.profile
        for slot in range(p.headroom_kva.shape[1]):
            minute = round(slot * p.step_h * 60)
            clock = f"{minute // 60:02d}:{minute % 60:02d}"
            rows.append((case.case.name, clock, *(float(x) for x in p.headroom_kva[:, slot])))
    return Table("headroom_kva", columns, tuple(rows))
