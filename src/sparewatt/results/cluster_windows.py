"""Windows of a simulated hub: what a picture on a screen needs, without reading all of its series."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sparewatt.results.cluster_series import CLUSTER_POWER, EVSE_POWER, SOC, SYSTEM_POWER
from sparewatt.results.series_files import META, read_horizon, read_parquet, refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

_ROW_LIMIT = 400_000_000


class HubPower(NamedTuple):
    """Power of a cluster, or of all together, in a window; shapes (periods,) [kW].

    Parameters
    ----------
    grid_kw
        Power at the grid, consumption positive.
    lower_kw, upper_kw
        Limits; infinite where there is none.
    """

    grid_kw: NDArray[np.float64]
    lower_kw: NDArray[np.float64]
    upper_kw: NDArray[np.float64]


class PowerSpells(NamedTuple):
    """Unbroken times of equal power of connections; shapes (spells,).

    Parameters
    ----------
    connection
        Row of the connection.
    begin_s, end_s
        Ends [s since the epoch].
    grid_kw
        Power at the grid; negative: V2G [kW].
    """

    connection: NDArray[np.int64]
    begin_s: NDArray[np.int64]
    end_s: NDArray[np.int64]
    grid_kw: NDArray[np.float64]


@dataclass(frozen=True)
class ClusterWindows:
    """The series of one hub, read a part at a time.

    Parameters
    ----------
    directory
        Folder of the series.
    horizon
        Its periods.
    cluster_ids
        Its clusters.
    tolerances_kw
        How far each may be beyond its limit [kW].
    system_tolerance_kw
        The same for all together; ``None`` where they have no limit [kW].
    """

    directory: Path
    horizon: Horizon
    cluster_ids: tuple[str, ...]
    tolerances_kw: tuple[float, ...]
    system_tolerance_kw: float | None

    @classmethod
    def of(cls, directory: Path) -> ClusterWindows:
        """The series that :func:`sparewatt.results.cluster_state.write_cluster_series` wrote.

        Raises
        ------
        InputError
            A file is missing, is not Parquet, or does not hold what it should.
        """
        try:
            meta = json.loads((pq.read_schema(directory / f"{SYSTEM_POWER}.parquet").metadata or {})[META])
            whole = meta["system_limit"]
            return cls(
                directory=directory,
                horizon=read_horizon(meta["horizon"]),
                cluster_ids=tuple(str(c) for c in meta["cluster_ids"]),
                tolerances_kw=tuple(float(limit[1]) for limit in meta["limits"]),
                system_tolerance_kw=None if whole is None else float(whole[1]),
            )
        except (KeyError, ValueError, TypeError, IndexError, OSError, pa.ArrowException) as error:
            raise refused("series of the hub", f"not readable ({type(error).__name__})") from None

    def power(self, cluster: int | None, lo: int, hi: int) -> HubPower:
        """Power and limits of a cluster in periods ``lo..hi``; of all together where it is ``None``."""
        names = ["grid_kw", "lower_kw", "upper_kw"]
        if cluster is None:
            table = read_parquet(self.directory / f"{SYSTEM_POWER}.parquet", _ROW_LIMIT, names)
        else:
            table = self._cluster_rows(cluster, names)
        if len(table) != self.horizon.periods:
            raise refused(CLUSTER_POWER, "it does not cover the run")
        return HubPower(*(np.asarray(table[n].to_numpy(), dtype=np.float64)[lo:hi] for n in names))

    def _cluster_rows(self, cluster: int, names: list[str]) -> pa.Table:
        """Rows of one cluster: a row group of its own, as they are written."""
        path = self.directory / f"{CLUSTER_POWER}.parquet"
        try:
            with pq.ParquetFile(path) as file:
                if file.metadata.num_row_groups == len(self.cluster_ids):
                    return file.read_row_group(cluster, columns=names)
            own = pc.field("cluster_id") == self.cluster_ids[cluster]
            return pq.read_table(path, columns=names, filters=own, partitioning=None)
        except (KeyError, ValueError, OSError, pa.ArrowException) as error:
            raise refused(path.name, f"not readable ({type(error).__name__})") from None

    def price_per_kwh(self, lo: int, hi: int) -> NDArray[np.float64]:
        """Price in periods ``lo..hi`` [currency/kWh]."""
        table = read_parquet(self.directory / f"{SYSTEM_POWER}.parquet", _ROW_LIMIT, ["price_per_kwh"])
        return np.asarray(table["price_per_kwh"].to_numpy(), dtype=np.float64)[lo:hi]

    def part(self, name: str, columns: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Columns of a file of the hub's state: ``visits``, ``connections``, ``evses``."""
        table = read_parquet(self.directory / f"{name}.parquet", _ROW_LIMIT, list(columns))
        return {c: table[c].to_numpy() for c in columns}

    def spells(self, start_s: int, end_s: int, connections: NDArray[np.int64] | None = None) -> PowerSpells:
        """Power of connections in a window, cut to it; of those connections where they are given."""
        seen = (pc.field("until") > _stamp(start_s)) & (pc.field("time") < _stamp(end_s))
        if connections is not None:
            seen &= _between("connection", connections)
        table = self._filtered(EVSE_POWER, ["connection", "time", "until", "grid_kw"], seen)
        row = np.asarray(table["connection"].to_numpy(), dtype=np.int64) - 1
        kept = np.ones(len(row), np.bool_) if connections is None else np.isin(row, connections)
        return PowerSpells(
            row[kept],
            np.maximum(seconds_of(table["time"])[kept], start_s),
            np.minimum(seconds_of(table["until"])[kept], end_s),
            np.asarray(table["grid_kw"].to_numpy(), dtype=np.float64)[kept],
        )

    def knots(
        self, connections: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Connection, time [s since the epoch] and state of charge where its slope changes."""
        table = self._filtered(SOC, ["connection", "time", "soc"], _between("connection", connections))
        row = np.asarray(table["connection"].to_numpy(), dtype=np.int64) - 1
        kept = np.isin(row, connections)
        soc = np.asarray(table["soc"].to_numpy(), dtype=np.float64)
        return row[kept], seconds_of(table["time"])[kept], soc[kept]

    def _filtered(self, name: str, columns: list[str], seen: pc.Expression) -> pa.Table:
        path = self.directory / f"{name}.parquet"
        try:
            return pq.read_table(path, columns=columns, filters=seen, partitioning=None)
        except (KeyError, ValueError, OSError, pa.ArrowException) as error:
            raise refused(path.name, f"not readable ({type(error).__name__})") from None


def seconds_of(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """A column of times as seconds since the epoch."""
    return np.asarray(
        column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy() // 1_000_000, dtype=np.int64
    )


def _stamp(second: int) -> pa.Scalar:
    return pa.scalar(second * 1_000_000, pa.timestamp("us", "UTC"))


def _between(column: str, rows: NDArray[np.int64]) -> pc.Expression:
    """Numbers, from 1, in the range of ``rows``, from 0; reading leaves out other row groups."""
    if not len(rows):
        return pc.field(column) < 0
    return (pc.field(column) >= int(rows.min()) + 1) & (pc.field(column) <= int(rows.max()) + 1)
