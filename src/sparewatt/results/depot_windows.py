"""Windows of a depot scenario: what a picture on a screen needs, without reading all of its series.

The demand has a row per vehicle and period, vehicle by vehicle, so a row is known by its number; of a
column only the row groups of the wanted vehicles are unpacked. A year of half-hours of 200 vehicles has
3.5 million rows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sparewatt.results.depot_view import SessionBars
from sparewatt.results.series_files import META, read_horizon, read_parquet, refused

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

_ROW_LIMIT = 60_000_000
_NOISE_KWH = 1e-9
_SITE_COLUMNS = ("site_load_kw", "free_kw", "price_per_kwh", "charging_kw", "site_kw", "breach_kw")


@dataclass(frozen=True)
class DepotWindows:
    """The series of one scenario, read a part at a time.

    Parameters
    ----------
    directory
        Folder of the series.
    scenario_id
        Which scenario.
    horizon
        Its periods.
    asc_kw
        Agreed supply capacity [kW].
    planned_kw
        The part of it that is planned for [kW].
    reserve
        Share of the battery that a route must leave [0-1].
    vehicle_ids
        Ids in the order of the rows.
    battery_kwh
        Usable batteries [kWh].
    """

    directory: Path
    scenario_id: int
    horizon: Horizon
    asc_kw: float
    planned_kw: float
    reserve: float
    vehicle_ids: tuple[str, ...]
    battery_kwh: NDArray[np.float64]

    @classmethod
    def of(cls, directory: Path, scenario_id: int) -> DepotWindows:
        """The series that :func:`sparewatt.results.depot_series.write_depot_series` wrote.

        Raises
        ------
        InputError
            A file is missing, is not Parquet, or does not hold what it should.
        """
        try:
            schema = pq.read_schema(_path(directory, scenario_id, "site"))
            meta = json.loads((schema.metadata or {})[META])
            vehicles = read_parquet(_path(directory, scenario_id, "vehicles"), _ROW_LIMIT)
            return cls(
                directory=directory,
                scenario_id=scenario_id,
                horizon=read_horizon(meta["horizon"]),
                asc_kw=float(meta["asc_kw"]),
                planned_kw=float(meta["asc_kw"]) * float(meta["utilisation"]),
                reserve=float(meta["reserve"]),
                vehicle_ids=tuple(str(v) for v in vehicles["vehicle_id"].to_pylist()),
                battery_kwh=np.asarray(vehicles["battery_kwh"].to_numpy(), dtype=np.float64),
            )
        except (KeyError, ValueError, TypeError, OSError, pa.ArrowException) as error:
            raise refused(
                f"series of scenario {scenario_id}", f"not readable ({type(error).__name__})"
            ) from None

    def site(self, lo: int, hi: int) -> dict[str, NDArray[np.float64]]:
        """Columns of the site in periods ``lo..hi``: load, room, price, charging, demand, breach.

        ``limit_kw`` is among them only where a limit came from another run.
        """
        path = _path(self.directory, self.scenario_id, "site")
        names = [*_SITE_COLUMNS, *(["limit_kw"] if "limit_kw" in pq.read_schema(path).names else [])]
        table = read_parquet(path, _ROW_LIMIT, names)
        if len(table) != self.horizon.periods:
            raise refused(path.name, "it does not cover the run")
        return {n: np.asarray(table[n].to_numpy(), dtype=np.float64)[lo:hi] for n in names}

    def fleet(self, column: str, lo: int, hi: int) -> NDArray[np.float64]:
        """A number of all vehicles in periods ``lo..hi``, shape (vehicles, hi - lo)."""
        return self._rows(column, 0, len(self.vehicle_ids))[:, lo:hi]

    def vehicle(self, column: str, row: int) -> NDArray[np.float64]:
        """A number of one vehicle in all periods; only its row groups are read."""
        found: NDArray[np.float64] = self._rows(column, row, row + 1)[0]
        return found

    def _rows(self, column: str, first: int, end: int) -> NDArray[np.float64]:
        """A number of vehicles ``first..end`` in all periods."""
        path, periods = _path(self.directory, self.scenario_id, "demand"), self.horizon.periods
        try:
            with pq.ParquetFile(path) as file:
                meta = file.metadata
                if meta.num_rows != len(self.vehicle_ids) * periods or meta.num_rows > _ROW_LIMIT:
                    raise refused(path.name, "it does not hold a row per vehicle and period")
                sizes = [meta.row_group(k).num_rows for k in range(meta.num_row_groups)]
                edges = np.cumsum([0, *sizes])
                lo, hi = first * periods, end * periods
                wanted = [k for k in range(len(sizes)) if edges[k] < hi and edges[k + 1] > lo]
                values = file.read_row_groups(wanted, columns=[column])[column].to_numpy()
        except (KeyError, ValueError, OSError, pa.ArrowException) as error:
            raise refused(path.name, f"not readable ({type(error).__name__})") from None
        begin = lo - int(edges[wanted[0]]) if wanted else 0
        part = np.asarray(values, dtype=np.float64)[begin : begin + hi - lo]
        return part.reshape(end - first, periods)

    def stays(self, start_s: int, end_s: int) -> SessionBars:
        """Stays that are not over at ``start_s`` and begin before ``end_s``."""
        path = _path(self.directory, self.scenario_id, "sessions")
        seen = (pc.field("plug_out_s") > start_s) & (pc.field("plug_in_s") < end_s)
        try:
            table = pq.read_table(path, filters=seen, partitioning=None)
            columns: dict[str, Any] = {
                name: table[name].to_numpy() for name in SessionBars.__dataclass_fields__
            }
        except (KeyError, ValueError, OSError, pa.ArrowException) as error:
            raise refused(path.name, f"not readable ({type(error).__name__})") from None
        rows = columns["vehicle"]
        if len(rows) and not (rows.min() >= 0 and rows.max() < len(self.vehicle_ids)):
            raise refused(path.name, "a stay names a vehicle that is not there")
        return SessionBars(**columns)


def _path(directory: Path, scenario_id: int, part: str) -> Path:
    return directory / f"scenario_{scenario_id}_{part}.parquet"


def busy_days(windows: DepotWindows, days: int) -> tuple[int, int]:
    """Periods of about ``days`` planning days around the one with most trouble.

    That is the one with most energy above the planned limit, or the highest demand where there is none.
    """
    h = windows.horizon
    site = windows.site(0, h.periods)
    trouble = np.add.reduceat(site["breach_kw"], np.asarray(h.day_edges[:-1]))
    if not trouble.any():
        trouble = np.maximum.reduceat(site["site_kw"], np.asarray(h.day_edges[:-1]))
    first = max(0, min(int(np.argmax(trouble)) - (days - 1) // 2, h.days - days))
    return h.day_edges[first], h.day_edges[min(h.days, first + days)]


class ChargingSpells(NamedTuple):
    """Unbroken charging; shapes (spells,).

    Parameters
    ----------
    stay
        Row among the stays that were given.
    begin_s, end_s
        Ends, inside the stay [s since the epoch].
    energy_kwh
        Meter-side energy [kWh].
    """

    stay: NDArray[np.int64]
    begin_s: NDArray[np.int64]
    end_s: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]


def charging_spells(
    energy_kwh: NDArray[np.float64], stays: SessionBars, starts_s: NDArray[np.int64], step_s: int
) -> ChargingSpells:
    """When vehicles draw power, cut to the stay that it belongs to.

    Parameters
    ----------
    energy_kwh
        Meter-side energy in the periods of a window, shape (vehicles, periods) [kWh].
    stays
        Stays of the window, ordered by vehicle and then by time.
    starts_s
        Left edges of the periods [s since the epoch].
    step_s
        Length of a period [s].
    """
    row, period = np.nonzero(energy_kwh > _NOISE_KWH)
    far = np.int64(1 << 40)  # seconds: longer than any run
    ends = stays.vehicle * far + stays.plug_out_s
    stay = np.searchsorted(ends, row * far + starts_s[period], side="right")  # the first that is not over
    known = stay < len(stays)
    known[known] = stays.vehicle[stay[known]] == row[known]
    row, period, stay = row[known], period[known], stay[known]
    new = np.ones(len(stay), dtype=np.bool_)
    new[1:] = (np.diff(stay) != 0) | (np.diff(period) != 1)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(stay)) - 1 if len(first) else first
    kwh = np.add.reduceat(energy_kwh[row, period], first) if len(first) else np.zeros(0)
    stay = stay[first].astype(np.int64)
    begin_s = np.maximum(starts_s[period[first]], stays.plug_in_s[stay])
    end_s = np.minimum(starts_s[period[last]] + step_s, stays.plug_out_s[stay])
    return ChargingSpells(stay, begin_s, end_s, kwh)
