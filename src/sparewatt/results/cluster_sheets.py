"""A simulated hub as a workbook, with the sheets that people know from other hub simulators.

``about``, ``Overall``, ``ClusterDataset`` (a row per connection), ``ReservationDataset`` (a row per booking),
``UnitConsumption`` and ``UnitOccupation`` (a row per step, a column per unit), ``ClusterConsumption`` (with
limits), ``Vehicles``, ``Findings``. What would not fit into a workbook is left out, and ``about`` says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.trace import NONE, BookingState
from sparewatt.results.cluster_tables import vehicle_table
from sparewatt.results.cluster_words import cluster_sentences
from sparewatt.results.tables import Table, finding_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sparewatt.results.cluster_view import ClusterView
    from sparewatt.results.outcome import Outcome
    from sparewatt.results.tables import Cell

MOST_ROWS = 100_000
"""More rows than this are left to CSV and Parquet."""
MOST_CELLS = 1_000_000
"""More cells in one sheet than this are left to CSV and Parquet."""
MOST_COLUMNS = 16_000
"""Excel holds 16,384."""

_OVERALL = {
    "net_kwh": "Net Consumption [kWh]",
    "g2v_kwh": "Net G2V [kWh]",
    "v2g_kwh": "Total V2G [kWh]",
    "short_of_contract_kwh": "Unfulfilled G2V [kWh]",
    "unscheduled_v2g_kwh": "Unscheduled V2G [kWh]",
    "short_of_target_kwh": "Short of Target [kWh]",
    "peak_kw": "Peak [kW]",
    "min_kw": "Min [kW]",
    "over_limit_kw": "max over UB [kW]",
    "under_limit_kw": "max under LB [kW]",
    "admitted": "admitted",
    "turned_away": "turned away",
    "energy_cost": "Energy Cost",
    "contract_revenue": "Contract Revenue",
}


def cluster_sheets(outcome: Outcome, view: ClusterView) -> Iterator[Table]:
    """The sheets in order."""
    t = view.trace
    wide = view.horizon.periods * (len(t.system.evses) + 2)
    fits = {
        "ClusterDataset": len(t.connections) <= MOST_ROWS,
        "ReservationDataset": len(t.bookings) <= MOST_ROWS,
        "Vehicles": len(t.fleet) <= MOST_ROWS,
        "UnitConsumption": wide <= MOST_CELLS and len(t.system.evses) <= MOST_COLUMNS,
        "ClusterConsumption": view.horizon.periods * (3 * len(view.cluster_ids) + 2) <= MOST_CELLS,
    }
    fits["UnitOccupation"] = fits["UnitConsumption"]
    yield Table("about", ("what", "value"), tuple(_about(outcome, [n for n, fit in fits.items() if not fit])))
    yield _overall(outcome, view)
    if fits["ClusterDataset"]:
        yield _dataset(view)
    if fits["ReservationDataset"]:
        yield _reservations(view)
    if fits["UnitConsumption"]:
        names = _unit_names(view)
        yield _by_step("UnitConsumption", view, names, t.evse_kw(0, view.horizon.periods).T)
        yield _by_step("UnitOccupation", view, names, t.occupied(0, view.horizon.periods).T)
    if fits["ClusterConsumption"]:
        yield _clusters_by_step(view)
    if fits["Vehicles"]:
        yield _vehicles(view)
    yield Table("Findings", *_columns_and_rows(finding_table(outcome.findings)))


def _columns_and_rows(table: Table) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    return table.columns, table.rows


def _about(outcome: Outcome, left_out: Sequence[str]) -> Iterator[tuple[Cell, ...]]:
    """What the workbook holds and where it comes from."""
    yield ("run", outcome.name)
    yield ("study", outcome.study)
    yield ("level", outcome.level)
    yield from (("found", sentence) for sentence in cluster_sentences(outcome))
    yield ("seed", outcome.seed)
    yield ("input hash", outcome.input_hash)
    yield from sorted(outcome.versions.items())
    yield ("times", "local time of the scenario; utc_offset_h tells the two hours of a clock change apart")
    yield ("sides", "UnitConsumption and ClusterConsumption are grid side, energies of vehicles battery side")
    yield from ((name, "too large for a workbook; export to csv or parquet") for name in left_out)


def _unscheduled_kwh(view: ClusterView) -> NDArray[np.float64]:
    """V2G of connections beyond what their contracts schedule, shape (connections,) [kWh]."""
    c = view.trace.connections
    contract = view.visit_contract[c.vehicle]
    scheduled = np.zeros(len(c))
    scheduled[contract != NONE] = view.contract_kwh[contract[contract != NONE], 1]
    return np.maximum(0.0, c.v2g_kwh - scheduled)


def _overall(outcome: Outcome, view: ClusterView) -> Table:
    """Totals, a row per cluster and one for all."""
    beyond = np.bincount(view.connection_cluster, _unscheduled_kwh(view), minlength=len(view.cluster_ids))
    rows: list[tuple[Cell, ...]] = []
    for part, unscheduled in zip(outcome.parts, beyond, strict=True):
        values = {k.name: k.value for k in part.kpis} | {"unscheduled_v2g_kwh": float(unscheduled)}
        rows.append((part.id, *(values.get(name) for name in _OVERALL)))
    values = {k.name: k.value for k in outcome.kpis} | {"unscheduled_v2g_kwh": float(beyond.sum())}
    rows.append(("all clusters", *(values.get(name) for name in _OVERALL)))
    return Table("Overall", ("cluster", *_OVERALL.values()), tuple(rows))


def _dataset(view: ClusterView) -> Table:
    """A row per connection."""
    t = view.trace
    c, fleet, evses = t.connections, t.fleet, t.system.evses
    rows: list[tuple[Cell, ...]] = []
    for k in range(len(c)):
        v, e, row = int(c.vehicle[k]), int(c.evse[k]), int(view.visit_contract[c.vehicle[k]])
        g2v, v2g = (0.0, 0.0) if row == NONE else (float(x) for x in view.contract_kwh[row])
        still = bool(c.still_connected[k])
        rows.append(
            (
                view.cluster_ids[int(evses.cluster[e])],
                fleet.ids[v],
                float(fleet.battery_kwh[v]),
                _wall(view, int(c.first[k])),
                float(c.soc_first[k]),
                g2v,
                v2g,
                evses.ids[e],
                None if still else _wall(view, int(c.end[k])),
                float(c.soc_last[k]),
                float(c.g2v_kwh[k] - c.v2g_kwh[k]),
                float(c.v2g_kwh[k]),
                int(c.booking[k]) + 1,
            )
        )
    head = (
        "Cluster,EV ID,EV Battery [kWh],Arrival Time,Arrival SOC,Scheduled G2V [kWh],Scheduled V2G [kWh],"
        "Connected CU,Leave Time,Leave SOC,Net G2V [kWh],Total V2G [kWh],Reservation ID"
    )
    return Table("ClusterDataset", tuple(head.split(",")), tuple(rows))


def _reservations(view: ClusterView) -> Table:
    """A row per booking."""
    t = view.trace
    b, evses = t.bookings, t.system.evses
    rows: list[tuple[Cell, ...]] = []
    for k in range(len(b)):
        row, state, closed = int(b.contract[k]), int(b.state[k]), int(b.closed[k])
        g2v, v2g = (None, None) if row == NONE else (float(x) for x in view.contract_kwh[row])
        rows.append(
            (
                view.cluster_ids[int(evses.cluster[b.evse[k]])],
                k + 1,
                int(state in {BookingState.OPEN, BookingState.ACTIVE}),
                t.fleet.ids[int(b.vehicle[k])],
                evses.ids[int(b.evse[k])],
                _wall(view, int(b.made[k])),
                _wall(view, int(b.first[k])),
                _wall(view, int(b.end[k])),
                None if closed == NONE else _wall(view, closed),
                g2v,
                v2g,
                None if row == NONE else float(t.contracts[row].payment),
                BookingState(state).name.lower(),
            )
        )
    head = (
        "Cluster,id,Active,EV ID,CU ID,Reserved At,From,Until,Cancelled At,Scheduled G2V,"
        "Scheduled V2G,Price,State"
    )
    return Table("ReservationDataset", tuple(head.split(",")), tuple(rows))


def _vehicles(view: ClusterView) -> Table:
    """`vehicles.csv` with times as Excel knows them."""
    table = vehicle_table(view)
    columns = [
        [x.replace(tzinfo=None) if isinstance(x, datetime) else x for x in column.to_pylist()]
        for column in table.columns
    ]
    return Table("Vehicles", tuple(table.column_names), tuple(zip(*columns, strict=True)))


def _unit_names(view: ClusterView) -> list[str]:
    """``cluster/unit`` of every unit."""
    evses = view.trace.system.evses
    return [f"{view.cluster_ids[int(c)]}/{i}" for c, i in zip(evses.cluster, evses.ids, strict=True)]


def _clusters_by_step(view: ClusterView) -> Table:
    """Power and limits of every cluster; infinite limits are left empty."""
    names, columns = [], []
    for row, name in enumerate(view.cluster_ids):
        limit = view.trace.system.limits[row]
        names += [name, f"{name} LB", f"{name} UB"]
        columns += [view.trace.cluster_kw[row], limit.lower_kw, limit.upper_kw]
    return _by_step("ClusterConsumption", view, names, np.stack(columns, axis=1))


def _by_step(
    sheet: str, view: ClusterView, names: Sequence[str], values: NDArray[np.float64] | NDArray[np.int64]
) -> Table:
    """A row per step; ``values`` of shape (periods, columns)."""
    h = view.horizon
    rows: list[tuple[Cell, ...]] = []
    finite = np.isfinite(values)
    for t, (row, known) in enumerate(zip(values.tolist(), finite.tolist(), strict=True)):
        local = h.local(t)
        offset = (local.utcoffset() or timedelta()) / timedelta(hours=1)
        cells = (x if ok else None for x, ok in zip(row, known, strict=True))
        rows.append((local.replace(tzinfo=None), offset, *cells))
    return Table(sheet, ("time", "utc_offset_h", *names), tuple(rows))


def _wall(view: ClusterView, boundary: int) -> datetime:
    """A boundary as the clock on the wall shows it."""
    return view.horizon.local(boundary).replace(tzinfo=None)
