"""Recorded visits as columns: what a fit looks at, whatever file they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.visit_bins import DAY_MIN
from sparewatt.inputs.generate.visit_times import SATURDAY, clock_of
from sparewatt.model.fleet import NO_SOC, NO_TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.fleet import Fleet

_DAY_S, _MINUTE_S = 86_400, 60
_THURSDAY = 3  # 1 January 1970, Monday is 0


@dataclass(frozen=True)
class VisitTable:
    """Visits as clocks and batteries showed them, shape (visits,) each.

    Parameters
    ----------
    day
        Local day of the arrival [days since the epoch].
    arrival_min
        Clock at arrival [min after midnight].
    stay_min
        How much later the clock showed at departure, less than a day [min].
    arrival_soc, departure_soc
        State of charge [0-1].
    battery_kwh, charge_kw
        Battery and greatest charging power [kWh, kW].
    """

    day: NDArray[np.int64]
    arrival_min: NDArray[np.int64]
    stay_min: NDArray[np.int64]
    arrival_soc: NDArray[np.float64]
    departure_soc: NDArray[np.float64]
    battery_kwh: NDArray[np.float64]
    charge_kw: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of visits."""
        return len(self.day)

    @property
    def weekend(self) -> NDArray[np.bool_]:
        """Whether a visit began on a Saturday or Sunday."""
        weekend: NDArray[np.bool_] = (self.day + _THURSDAY) % 7 >= SATURDAY
        return weekend


def table_of_fleet(
    fleet: Fleet, timezone: str, chosen: NDArray[np.bool_] | None = None
) -> tuple[VisitTable, int]:
    """The real visits of a fleet that last less than a day, and how many last longer.

    Declared values stand in where real ones are missing; the target counts as the SoC at departure.
    Visits without an arrival or an arrival SoC are left out.

    Parameters
    ----------
    fleet
        Visits.
    timezone
        IANA name of the zone whose clock counts.
    chosen
        Only these visits, shape (visits,); ``None``: all.
    """
    arrival = np.where(fleet.real_arrival_s == NO_TIME, fleet.declared_arrival_s, fleet.real_arrival_s)
    departure = np.where(
        fleet.real_departure_s == NO_TIME, fleet.declared_departure_s, fleet.real_departure_s
    )
    soc = np.where(fleet.real_soc == NO_SOC, fleet.declared_soc, fleet.real_soc)
    whole = (arrival != NO_TIME) & (soc != NO_SOC) & (departure > arrival)
    if chosen is not None:
        whole &= chosen
    came, left = clock_of(arrival[whole], timezone), clock_of(departure[whole], timezone)
    minute = came % _DAY_S // _MINUTE_S
    stay = (left - came // _DAY_S * _DAY_S) // _MINUTE_S - minute
    short = (stay >= 0) & (stay < DAY_MIN)
    rows = np.flatnonzero(whole)[short]
    return VisitTable(
        came[short] // _DAY_S,
        minute[short],
        stay[short],
        soc[rows],
        np.maximum(fleet.target_soc[rows], soc[rows]),
        fleet.battery_kwh[rows],
        fleet.max_charge_kw[rows],
    ), int(np.count_nonzero(~short))
