"""Rows of `t_charge_demand` put back on vehicles × periods, with what does not fit there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparewatt.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.depot import Depot
    from sparewatt.verify.depot_facts import DepotFacts

NUMBERS = ("power_kw", "energy_kwh", "soc", "unserved_kwh")
COLUMNS = ("allocated_vehicle_id", "datetime", *NUMBERS, "charger")


@dataclass(frozen=True)
class DemandRows:
    """Where each row belongs: ``vehicle`` and ``period``, -1 where it belongs nowhere, shapes (rows,)."""

    vehicle: NDArray[np.int64]
    period: NDArray[np.int64]

    @classmethod
    def of_table(cls, table: pa.Table, depot: Depot) -> DemandRows:
        """Look vehicles and stamps of a table up in a depot."""
        ids = pc.index_in(table["allocated_vehicle_id"].cast(pa.string()), pa.array(depot.vehicles.ids))
        vehicle = pc.fill_null(ids, -1).to_numpy().astype(np.int64)
        h = depot.horizon
        ahead = _epoch_s(table["datetime"]) - h.start.timestamp()
        step_s = h.step.total_seconds()
        fits = (ahead >= 0) & (ahead < h.periods * step_s) & (ahead % step_s == 0)
        period = np.full(len(ahead), -1, dtype=np.int64)
        period[fits] = (ahead[fits] / step_s).astype(np.int64)
        return cls(vehicle, period)


def _epoch_s(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Stamps with a zone, or texts with an offset, in s since the epoch; NaN where there is neither."""
    if pa.types.is_timestamp(column.type):
        if column.type.tz is None:
            return np.full(len(column), np.nan)
        micros = pc.cast(column, pa.timestamp("us", "UTC")).cast(pa.int64())
        seconds: NDArray[np.float64] = pc.fill_null(micros.cast(pa.float64()), np.nan).to_numpy() / 1e6
        return seconds
    coded = column.combine_chunks().dictionary_encode()
    known = np.array([*(_text_s(text) for text in coded.dictionary.to_pylist()), np.nan])
    where = pc.fill_null(coded.indices, len(known) - 1).to_numpy(zero_copy_only=False)
    found: NDArray[np.float64] = known[where]
    return found


def _text_s(text: Any) -> float:  # noqa: ANN401 - whatever a column may hold
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return float("nan")
    return moment.timestamp() if moment.tzinfo else float("nan")


def check_rows(table: pa.Table, rows: DemandRows, depot: Depot, facts: DepotFacts) -> Iterator[Finding]:
    """One row per vehicle and period, so 46, 48 or 50 half-hours per vehicle and day, none twice."""
    vehicles, periods = len(depot.vehicles.ids), depot.horizon.periods
    stamp = Tally("depot.demand.stamp", "the left edge of a period of the horizon, with its offset")
    for row in np.flatnonzero(rows.period < 0):
        text = str(table["datetime"][int(row)])
        stamp.add(f"t_charge_demand, record {row + 1}", "is no period of the run", 1.0, value=text)
    yield from stamp.findings()
    unknown = Tally("depot.demand.vehicle", "a vehicle of the allocation")
    for row in np.flatnonzero(rows.vehicle < 0):
        text = str(table["allocated_vehicle_id"][int(row)])
        unknown.add(f"t_charge_demand, record {row + 1}", "is no vehicle of the depot", 1.0, value=text)
    yield from unknown.findings()

    known = (rows.vehicle >= 0) & (rows.period >= 0)
    count = np.zeros((vehicles, periods), dtype=np.int64)
    np.add.at(count, (rows.vehicle[known], rows.period[known]), 1)
    double = Tally("depot.demand.duplicate", "one row per vehicle and period")
    for n, t in np.argwhere(count > 1):
        ids = (depot.allocation_id, depot.vehicles.ids[n])
        where = f"vehicle {depot.vehicles.ids[n]}, {facts.stamp(int(t))}"
        double.add(where, f"stands in {count[n, t]} rows", float(count[n, t] - 1), ids=ids)
    yield from double.findings()
    missing = Tally("depot.demand.rows_per_day", "as many rows per vehicle as the day has periods")
    edges = depot.horizon.day_edges
    for d, (a, b) in enumerate(pairwise(edges)):
        found = (count[:, a:b] > 0).sum(axis=1)
        for n in np.flatnonzero(found != b - a):
            vehicle = depot.vehicles.ids[n]
            message = f"{found[n]} of {b - a} periods have a row"
            where = f"vehicle {vehicle}, day {d} from {facts.stamp(a)}"
            ids = (depot.allocation_id, vehicle)
            missing.add(where, message, float(b - a - found[n]), value=str(found[n]), ids=ids)
    yield from missing.findings()
