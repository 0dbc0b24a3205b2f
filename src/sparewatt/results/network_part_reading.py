"""Parts of the series of a network run: one case or one way of charging, all zones or one of them.

`network_reading` reads a run whole; pages need less, sooner. The rows of other cases and zones are left out
while the file is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sparewatt.model.zonal import ZonalSeries
from sparewatt.results.network_columns import ROW_LIMIT, times
from sparewatt.results.network_series import (
    DAILY_PROFILE,
    FORECAST,
    HEADROOM,
    REPLAY_TRANSFORMER,
    REPLAY_ZONES,
    SIDES,
    TRANSFORMER,
    ZONE_FLOW,
    ZONE_VOLTAGE,
)
from sparewatt.results.series_files import read_floats, refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

_MINUTES = 60


@dataclass(frozen=True)
class ZonalPart:
    """Zonal quantities of some zones in one case or replay.

    Parameters
    ----------
    periods
        Periods of the horizon, rising.
    series
        What is known of them, (zones, periods).
    """

    periods: NDArray[np.int64]
    series: ZonalSeries


def read_zonal(
    directory: Path, horizon: Horizon, *, zones: Sequence[str], case: str = "", charging: str = ""
) -> ZonalPart:
    """Flows, voltages and overloads of zones, and the transformer.

    Parameters
    ----------
    directory
        Folder of the series.
    horizon
        Of the run.
    zones
        Names of all zones of the run, or of one, in the order of the run.
    case, charging
        One of them: a case without EVs, or a way of charging that was replayed.

    Raises
    ------
    InputError
        A file is missing, or does not hold this.
    """
    key = {"charging": charging} if charging else {"case": case}
    where = key | ({"zone_id": zones[0]} if len(zones) == 1 else {})
    whole = _rows(directory, REPLAY_TRANSFORMER if charging else TRANSFORMER, key)
    shape = (len(zones), len(whole))
    try:
        if charging:
            flow = volt = _rows(directory, REPLAY_ZONES, where)
        else:
            flow, volt = _rows(directory, ZONE_FLOW, where), _rows(directory, ZONE_VOLTAGE, where)
        series = ZonalSeries(
            flow_kva=read_floats(flow, "flow_kva", shape),
            min_pu=read_floats(volt, "min_pu", shape),
            max_pu=read_floats(volt, "max_pu", shape),
            overloads=np.asarray(flow["overloads"].to_numpy(), dtype=np.int32).reshape(shape),
            busbar_pu=np.stack([read_floats(whole, f"busbar_{p}_pu", shape[1:]) for p in SIDES]),
            busbar_flow_kva=np.stack([read_floats(whole, f"flow_{p}_kva", shape[1:]) for p in SIDES]),
            losses_kw=read_floats(whole, "losses_kw", shape[1:]),
            converged=np.asarray(whole["converged"].to_numpy(), dtype=np.bool_),
        )
        return ZonalPart(times(whole, "time", horizon), series)
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise refused("series of the network", f"the files do not fit together: {error}") from None


def read_room(directory: Path, case: str, zone: str, periods: int) -> dict[str, NDArray[np.float64]]:
    """``headroom_kva`` and ``footroom_kva`` of a zone in a case, over the periods of the run."""
    table = _rows(directory, HEADROOM, {"case": case, "zone_id": zone})
    return _floats(table, ("headroom_kva", "footroom_kva"), (periods,))


def read_room_of_all(directory: Path, case: str, zones: int, periods: int) -> NDArray[np.float64]:
    """Headroom of every zone in a case, shape (zones, periods) [kVA]."""
    table = _rows(directory, HEADROOM, {"case": case}, ["headroom_kva"])
    return _floats(table, ("headroom_kva",), (zones, periods))["headroom_kva"]


def read_daily(directory: Path, case: str, zone: str) -> dict[str, NDArray[np.float64]]:
    """The same by local time of day, at the chosen risk."""
    table = _rows(directory, DAILY_PROFILE, {"case": case, "zone_id": zone})
    return _floats(table, ("headroom_kva", "footroom_kva"), (len(table),))


def read_daily_of_all(directory: Path, case: str, zones: int) -> NDArray[np.float64]:
    """Headroom of every zone in a case by local time of day, shape (zones, slots) [kVA]."""
    table = _rows(directory, DAILY_PROFILE, {"case": case}, ["headroom_kva"])
    return _floats(table, ("headroom_kva",), (zones, len(table) // max(zones, 1)))["headroom_kva"]


def _floats(table: pa.Table, names: Sequence[str], shape: tuple[int, ...]) -> dict[str, NDArray[np.float64]]:
    try:
        return {name: read_floats(table, name, shape) for name in names}
    except (KeyError, ValueError, pa.ArrowException) as error:
        raise refused("series of the network", f"the files do not fit together: {error}") from None


def _rows(directory: Path, name: str, where: Mapping[str, str], columns: list[str] | None = None) -> pa.Table:
    """Rows of a series in which columns have some texts."""
    path = directory / f"{name}.parquet"
    wanted: Any = reduce(and_, (pc.field(column) == text for column, text in where.items()))
    try:
        if pq.read_metadata(path).num_rows > ROW_LIMIT:
            raise refused(path.name, f"more than {ROW_LIMIT:,} rows")
        return pq.read_table(path, filters=wanted, columns=columns, partitioning=None)
    except FileNotFoundError:
        raise refused(path.name, "the file is not there") from None
    except (pa.ArrowException, OSError) as error:
        raise refused(path.name, f"not readable as Parquet ({type(error).__name__})") from None


def read_transformer_kva(directory: Path, *, case: str = "", charging: str = "") -> NDArray[np.float64]:
    """Apparent power of the transformer in the solved periods of a case or a replay [kVA]."""
    name, key = (REPLAY_TRANSFORMER, {"charging": charging}) if charging else (TRANSFORMER, {"case": case})
    columns = [f"flow_{p}_kva" for p in SIDES]
    table = _rows(directory, name, key, [*columns, "converged"])
    flows = _floats(table, columns, (len(table),))
    solved = np.asarray(table["converged"].to_numpy(), dtype=np.bool_)
    return np.asarray(np.abs(np.stack(list(flows.values()))).sum(axis=0)[solved])


def read_tomorrow_levels(
    directory: Path, zone: str
) -> tuple[str, str, NDArray[np.float64], dict[float, NDArray[np.float64]]]:
    """Forecast of a zone's headroom by its best rule: rule, date, times of day [h], and kVA by level."""
    table = _rows(directory, FORECAST, {"zone_id": zone})
    table = table.filter(pc.field("is_best"))
    stem = "headroom_kva_"
    names = [n for n in table.column_names if n.startswith(stem)]
    levels = _floats(table, names, (len(table),))
    clock = [t.split(":") for t in table["time_of_day"].to_pylist()]
    if not clock or not names:
        raise refused(f"{FORECAST}.parquet", f"it holds nothing of zone {zone}")
    hours = np.array([int(h) + int(m) / _MINUTES for h, m in clock])
    rule, date = str(table["rule"][0].as_py()), str(table["date"][0].as_py())
    return rule, date, hours, {float(n.removeprefix(stem)): v for n, v in levels.items()}
