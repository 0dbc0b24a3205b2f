"""A hub and its fleet as a workbook or a folder of CSV files, in the form that `inputs.cluster` reads."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from sparewatt.inputs.cluster import schema
from sparewatt.inputs.depot.local_clock import NO_OFFSET, clocks_to_utc
from sparewatt.inputs.generate.visit_times import clock_of
from sparewatt.model.fleet import NO_SOC, NO_TIME, NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.cluster_system import ClusterSystem
    from sparewatt.model.fleet import Fleet

Cell = str | float | datetime | None
Rows = list[tuple[Cell, ...]]

_STAMP = (1980, 1, 1, 0, 0, 0)  # of every part of a workbook, so that the same content is the same bytes
_WRITTEN = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_WHEN = "yyyy-mm-dd hh:mm:ss"


def hub_sheets(system: ClusterSystem, fleet: Fleet) -> dict[str, tuple[tuple[str, ...], Rows]]:
    """Header and rows of every sheet.

    Times are naive local times of the horizon's zone; one that the clock shows twice is text with its
    offset. Limits and tariff have a stamp where they change and one at the end of the horizon.

    Parameters
    ----------
    system
        A hub whose clusters are called ``cluster…``, after which the sheets are named.
    fleet
        Its visits.
    """
    sheets: dict[str, tuple[tuple[str, ...], Rows]] = {
        schema.FLEET: ((*schema.FLEET_FORM.required, *schema.FLEET_FORM.optional), _fleet_rows(system, fleet))
    }
    for row, name in enumerate(system.cluster_ids):
        if not name.startswith(schema.CLUSTER.casefold()):
            raise ValueError(f"a cluster of a workbook is called cluster1, cluster2, ...; not {name}")
        suffix = name[len(schema.CLUSTER) :]
        limit, units = system.limits[row], np.flatnonzero(system.evses.cluster == row).tolist()
        e = system.evses
        sheets[schema.CLUSTER + suffix] = (
            schema.CLUSTER_FORM.required,
            [
                (e.ids[u], *(float(a[u]) for a in (e.max_charge_kw, e.max_discharge_kw, e.efficiency)))
                for u in units
            ],
        )
        bounds = (limit.lower_kw, limit.upper_kw)
        sheets[schema.CAPACITY + suffix] = (schema.CAPACITY_FORM.required, _held_rows(system, bounds))
    sheets[schema.PRICE] = (schema.PRICE_FORM.required, _held_rows(system, (system.price_per_kwh,)))
    return sheets


def write_hub_workbook(path: Path, system: ClusterSystem, fleet: Fleet) -> None:
    """Write ``.xlsx``; the same hub gives the same bytes."""
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, only here
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above

    book = Workbook(write_only=True)
    for name, (header, rows) in hub_sheets(system, fleet).items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for column, title in enumerate(header):
            sheet.column_dimensions[chr(ord("A") + column)].width = min(24, max(12, len(title) + 2))
        sheet.append(header)
        for row in rows:
            cells = []
            for value in row:
                cell = WriteOnlyCell(sheet, value)
                if isinstance(value, datetime):
                    cell.number_format = _WHEN
                cells.append(cell)
            sheet.append(cells)
    written = io.BytesIO()
    book.save(written)
    path.write_bytes(_without_times(written))


def write_hub_tables(folder: Path, system: ClusterSystem, fleet: Fleet) -> None:
    """Write the same sheets as ``<sheet>.csv``; lines end with a line feed on every system."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (header, rows) in hub_sheets(system, fleet).items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)


def _without_times(written: io.BytesIO) -> bytes:
    """The same workbook without the moment at which it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for info in parts.infolist():
            content = parts.read(info)
            if info.filename == "docProps/core.xml":
                content = _WRITTEN.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            same = zipfile.ZipInfo(info.filename, _STAMP)
            same.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(same, content)
    return out.getvalue()


def _fleet_rows(system: ClusterSystem, fleet: Fleet) -> Rows:
    """Rows in the order of the columns of the sheet Fleet."""
    zone = system.horizon.timezone
    where = [None if c == NOWHERE else system.cluster_ids[c] for c in fleet.target_cluster.tolist()]
    columns: tuple[Iterable[Cell], ...] = (
        fleet.ids,
        fleet.battery_kwh.tolist(),
        fleet.max_charge_kw.tolist(),
        fleet.max_discharge_kw.tolist(),
        _local(fleet.reservation_s, zone),
        _local(fleet.declared_arrival_s, zone),
        _local(fleet.declared_departure_s, zone),
        _given(fleet.declared_soc),
        fleet.target_soc.tolist(),
        fleet.v2g_allowance_kwh.tolist(),
        _local(fleet.real_arrival_s, zone),
        _given(fleet.real_soc),
        _local(fleet.real_departure_s, zone),
        where,
        fleet.min_soc.tolist(),
        fleet.max_soc.tolist(),
    )
    return list(zip(*columns, strict=True))


def _held_rows(system: ClusterSystem, values: Sequence[NDArray[np.float64]]) -> Rows:
    """A stamp at the start, wherever a value changes, and at the end."""
    table = np.stack(values)
    changed = np.any(np.diff(table, axis=1) != 0, axis=0)
    at = np.concatenate([[0], np.flatnonzero(changed) + 1])
    stamps = np.append(system.horizon.boundaries_s[at], system.horizon.end_s)
    kept = table[:, np.append(at, table.shape[1] - 1)]
    return list(zip(_local(stamps, system.horizon.timezone), *kept.tolist(), strict=True))


def _given(soc: NDArray[np.float64]) -> list[float | None]:
    return [None if s == NO_SOC else s for s in soc.tolist()]


def _local(time_s: NDArray[np.int64], timezone: str) -> list[datetime | str | None]:
    """Naive local times; ``None`` where there is none, text with its offset where it comes twice."""
    clock = clock_of(np.maximum(time_s, 0), timezone)
    out: list[datetime | str | None] = clock.astype("datetime64[s]").astype(object).tolist()
    twice = clocks_to_utc(clock, np.full(len(clock), NO_OFFSET, dtype=np.int64), timezone)[2]
    for k in np.flatnonzero(twice).tolist():
        out[k] = datetime.fromtimestamp(int(time_s[k]), ZoneInfo(timezone)).isoformat(" ")
    for k in np.flatnonzero(time_s == NO_TIME).tolist():
        out[k] = None
    return out
