"""What a simulated hub promised: power that its contracts schedule, and the bookings of its units."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.model.trace import NONE, BookingState
from sparewatt.results.cluster_windows import seconds_of
from sparewatt.results.series_files import read_parquet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.cluster_windows import ClusterWindows

_ROW_LIMIT = 20_000_000
BOOKING_WORDS = {
    BookingState.OPEN: "still to begin at the end of the run",
    BookingState.ACTIVE: "in use at the end of the run",
    BookingState.USED: "used",
    BookingState.MOVED: "given up, the vehicle got another unit",
    BookingState.RELEASED: "given free, the vehicle did not come or was turned away",
    BookingState.CANCELLED: "cancelled before its use",
}
"""What became of bookings, as people read it."""
GIVEN_UP = (BookingState.MOVED, BookingState.RELEASED, BookingState.CANCELLED)
"""Bookings whose unit was not used by their vehicle."""


class BookedSpans(NamedTuple):
    """Bookings of a window; shapes (bookings,).

    Parameters
    ----------
    vehicle, evse
        Rows of visits and units.
    first, end
        Periods booked, half-open, not cut to the window.
    made
        Period in which it was made.
    state
        A `BookingState`.
    """

    vehicle: NDArray[np.int64]
    evse: NDArray[np.int64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    made: NDArray[np.int64]
    state: NDArray[np.int64]


def bookings_between(windows: ClusterWindows, lo: int, hi: int) -> BookedSpans:
    """Bookings that touch the periods ``lo..hi``, in the order in which they were made."""
    b = windows.part("bookings", list(BookedSpans._fields))
    seen = (b["first"] < hi) & (b["end"] > lo) & (b["first"] < b["end"])
    return BookedSpans(*(b[name][seen].astype(np.int64) for name in BookedSpans._fields))


def promised_kw(windows: ClusterWindows, cluster: int | None, lo: int, hi: int) -> NDArray[np.float64]:
    """What contracts of vehicles that were connected schedule in a cluster, or in all; shape (hi - lo,) [kW].

    At the grid: p / η where the schedule charges, p · η where it gives back.
    """
    contracts = windows.part("contracts", ["cluster", "evse"])
    out = np.zeros(hi - lo)
    kept = _kept_contracts(windows, len(contracts["cluster"]))
    if cluster is not None:
        kept &= contracts["cluster"].astype(np.int64) == cluster
    if not kept.any():
        return out
    path = windows.directory / "contract_schedules.parquet"
    table = read_parquet(path, _ROW_LIMIT, ["contract", "time", "battery_kw"])
    contract = np.asarray(table["contract"].to_numpy(), dtype=np.int64)
    h = windows.horizon
    period = (seconds_of(table["time"]) - h.start_s) // h.step_s - lo
    seen = kept[contract] & (period >= 0) & (period < hi - lo)
    kw = np.asarray(table["battery_kw"].to_numpy(), dtype=np.float64)[seen]
    evse = contracts["evse"].astype(np.int64)[contract[seen]]
    efficiency = windows.part("evses", ["efficiency"])["efficiency"].astype(np.float64)[evse]
    return out + np.bincount(period[seen], np.where(kw > 0, kw / efficiency, kw * efficiency), hi - lo)


def _kept_contracts(windows: ClusterWindows, count: int) -> NDArray[np.bool_]:
    """Which contracts are those of vehicles that were connected; the last of a vehicle counts."""
    b = windows.part("bookings", ["vehicle", "contract"])
    connected = windows.part("connections", ["vehicle"])["vehicle"].astype(np.int64)
    held = np.flatnonzero(b["contract"] != NONE)
    kept = np.zeros(count, dtype=np.bool_)
    if not len(held) or not len(connected):
        return kept
    vehicle = b["vehicle"][held].astype(np.int64)
    of = np.full(max(int(vehicle.max()), int(connected.max())) + 1, NONE, dtype=np.int64)
    of[vehicle] = b["contract"][held].astype(np.int64)
    rows = of[connected]
    kept[rows[rows != NONE]] = True
    return kept


def promised_to(windows: ClusterWindows, vehicle: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """What a vehicle's contract schedules at the grid: periods, and power in them; none without one [kW].

    As `promised_kw` for one vehicle: the last of its contracts counts.
    """
    b = windows.part("bookings", ["vehicle", "contract"])
    own = b["contract"][(b["vehicle"] == vehicle) & (b["contract"] != NONE)]
    if not len(own):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    contract = int(own[-1])
    path = windows.directory / "contract_schedules.parquet"
    table = read_parquet(path, _ROW_LIMIT, ["contract", "time", "battery_kw"])
    rows = np.asarray(table["contract"].to_numpy(), dtype=np.int64) == contract
    h = windows.horizon
    kw = np.asarray(table["battery_kw"].to_numpy(), dtype=np.float64)[rows]
    evse = int(windows.part("contracts", ["evse"])["evse"][contract])
    efficiency = float(windows.part("evses", ["efficiency"])["efficiency"][evse])
    period = (seconds_of(table["time"])[rows] - h.start_s) // h.step_s
    return period, np.where(kw > 0, kw / efficiency, kw * efficiency)
