"""Rows of `t_charge_demand` as Arrow: checked on the way in, packed beside the day, read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sparewatt.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NUMBERS = ("power_kw", "energy_kwh", "soc", "unserved_kwh")
COLUMNS = ("allocated_vehicle_id", "datetime", "power_kw", "energy_kwh", "soc", "charger", "unserved_kwh")


@dataclass(frozen=True)
class Demand:
    """Rows ordered by vehicle (as first met) and then by time, each pair once.

    Parameters
    ----------
    vehicles, chargers
        Distinct values.
    vehicle, charger
        Index of each row's value, shape (rows,).
    time_us
        Left edges [µs since the epoch].
    timezone
        Zone in which people read them.
    numbers
        One array per name of ``NUMBERS``.
    """

    vehicles: tuple[str, ...]
    chargers: tuple[str, ...]
    vehicle: NDArray[np.int32]
    charger: NDArray[np.int32]
    time_us: NDArray[np.int64]
    timezone: str
    numbers: dict[str, NDArray[np.float64]]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.time_us)

    @classmethod
    def of_table(cls, table: pa.Table, where: str) -> Demand:
        """Rows from a table as :func:`sparewatt.results.depot_demand.demand_table` makes it.

        Raises
        ------
        StoreError
            A column is missing or of another kind, a value is missing or no finite number, or a
            vehicle has two rows for one period; ``where`` names the day and scenario.
        """
        missing = [name for name in COLUMNS if name not in table.column_names]
        if missing:
            raise StoreError(f"The demand of {where} lacks the columns {', '.join(missing)}.")
        stamps = table.schema.field("datetime").type
        if not pa.types.is_timestamp(stamps) or stamps.tz is None:
            raise StoreError(f"The demand of {where} has times of type {stamps}; they need a time zone.")
        if table.num_rows == 0:
            raise StoreError(f"The demand of {where} is empty.")
        empty = [name for name in COLUMNS if table[name].null_count]
        if empty:
            raise StoreError(f"The demand of {where} has missing values in {', '.join(empty)}.")
        try:
            vehicles, vehicle = _coded(table["allocated_vehicle_id"])
            chargers, charger = _coded(table["charger"])
            numbers = {name: np.asarray(table[name].cast(pa.float64()).to_numpy()) for name in NUMBERS}
            time_us = table["datetime"].cast(pa.timestamp("us", stamps.tz)).cast(pa.int64()).to_numpy()
        except pa.ArrowException as error:
            raise StoreError(f"The demand of {where} has a column of another kind: {error}.") from None
        odd = [name for name, values in numbers.items() if not np.isfinite(values).all()]
        if odd:
            raise StoreError(
                f"The demand of {where} has values that are no finite numbers in {', '.join(odd)}."
            )
        demand = cls(vehicles, chargers, vehicle, charger, time_us, stamps.tz, numbers)
        return demand.in_order(where)

    def in_order(self, where: str) -> Demand:
        """The same rows by vehicle and time.

        Raises
        ------
        StoreError
            A vehicle has two rows for one period.
        """
        same = np.diff(self.vehicle) == 0
        later = np.diff(self.time_us) > 0
        if np.all(np.where(same, later, np.diff(self.vehicle) > 0)):
            return self
        order = np.lexsort((self.time_us, self.vehicle))
        vehicle, time_us = self.vehicle[order], self.time_us[order]
        twice = np.flatnonzero((np.diff(vehicle) == 0) & (np.diff(time_us) == 0))
        if len(twice):
            first = self.vehicles[vehicle[twice[0]]]
            at = _local(int(time_us[twice[0]]), self.timezone).isoformat()
            raise StoreError(
                f"The demand of {where} has {len(twice)} rows twice, the first of vehicle {first} at {at}."
            )
        numbers = {name: values[order] for name, values in self.numbers.items()}
        return Demand(
            self.vehicles, self.chargers, vehicle, self.charger[order], time_us, self.timezone, numbers
        )

    @property
    def local_date(self) -> date:
        """Local date of the first period."""
        return _local(int(self.time_us.min()), self.timezone).date()

    def local_stamps(self) -> tuple[NDArray[np.int64], list[str]]:
        """Index of each row's time, and the distinct times as ISO text with their offsets."""
        distinct, index = np.unique(self.time_us, return_inverse=True)
        return index, [_local(int(t), self.timezone).isoformat() for t in distinct]

    def packed(self) -> bytes:
        """The rows as a compressed Arrow stream, a tenth of their size as rows."""
        table = pa.table(
            {
                "allocated_vehicle_id": pa.DictionaryArray.from_arrays(
                    pa.array(self.vehicle), pa.array(self.vehicles, pa.string())
                ),
                "datetime": pa.array(self.time_us).cast(pa.timestamp("us", self.timezone)),
                **{name: pa.array(self.numbers[name]) for name in ("power_kw", "energy_kwh", "soc")},
                "charger": pa.DictionaryArray.from_arrays(
                    pa.array(self.charger.astype(np.int8)), pa.array(self.chargers, pa.string())
                ),
                "unserved_kwh": pa.array(self.numbers["unserved_kwh"]),
            }
        )
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as out:
            out.write_table(table)
        data: bytes = sink.getvalue().to_pybytes()
        return data


def unpack(parts: Sequence[bytes], where: str) -> pa.Table | None:
    """Packed days as one table ordered by vehicle and then by time; ``None`` for no days.

    Raises
    ------
    StoreError
        A packed day is damaged.
    """
    if not parts:
        return None
    try:
        table = pa.concat_tables([pa.ipc.open_stream(part).read_all() for part in parts]).unify_dictionaries()
    except pa.ArrowException as error:
        raise StoreError(
            f"The packed days of {where} are damaged ({error}); run `sparewatt db check`, and run it again."
        ) from None
    table = table.combine_chunks()
    vehicle = table["allocated_vehicle_id"].chunk(0).indices.to_numpy()
    order = np.argsort(vehicle.astype(np.int32), kind="stable")  # days follow in time already
    return table.take(pa.array(order))


def as_rows(table: pa.Table, scenario_id: int) -> pa.Table:
    """The columns of `t_charge_demand`, text as plain text."""
    columns = {"scenario_id": pa.array(np.full(table.num_rows, scenario_id, dtype=np.int64))}
    for name in COLUMNS:
        column = table[name]
        columns[name] = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    return pa.table(columns)


def within(table: pa.Table, start: datetime | None, end: datetime | None) -> pa.Table:
    """Rows whose left edge lies in [start, end)."""
    if start is not None:
        table = table.filter(pc.greater_equal(table["datetime"], pa.scalar(start, table["datetime"].type)))
    if end is not None:
        table = table.filter(pc.less(table["datetime"], pa.scalar(end, table["datetime"].type)))
    return table


def empty_rows(timezone: str) -> pa.Table:
    """No rows, with their columns."""
    kinds = {
        "scenario_id": pa.int64(),
        "allocated_vehicle_id": pa.string(),
        "datetime": pa.timestamp("us", timezone or "UTC"),
        "charger": pa.string(),
    }
    names = ("scenario_id", *COLUMNS)
    return pa.schema([(name, kinds.get(name, pa.float64())) for name in names]).empty_table()


def _coded(column: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Distinct texts as first met, and the index of each row's."""
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.unify_dictionaries().chunks)
    return tuple(whole.dictionary.cast(pa.string()).to_pylist()), whole.indices.to_numpy().astype(np.int32)


def _local(time_us: int, timezone: str) -> datetime:
    return datetime.fromtimestamp(time_us / 1_000_000, UTC).astimezone(ZoneInfo(timezone))
