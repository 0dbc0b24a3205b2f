"""Fleet: the visits of vehicles to charging hubs, declared and real, as a struct of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.power_table import PowerTable

NO_TIME = -1
"""A time that was not given [s since the epoch]."""
NO_SOC = -1.0
"""A state of charge that was not given."""
NOWHERE = -1
"""A row that was not given."""


@dataclass(frozen=True)
class Fleet:
    """Visits, one per row; ids are unique, rows are in the order of the input.

    A vehicle with a reservation time books ahead; one without walks in. One without a real arrival
    never comes (a no-show). Times are whole seconds since the epoch, `NO_TIME` where not given.

    Parameters
    ----------
    ids
        Vehicle ids as the user wrote them.
    battery_kwh
        Usable battery, > 0 [kWh].
    max_charge_kw, max_discharge_kw
        Greatest powers of the vehicle, battery side, both >= 0 [kW].
    min_soc, max_soc
        Bounds that no rule leaves [0-1].
    power_table
        Greatest charging power by SoC.
    reservation_s
        When it books [s], or `NO_TIME`.
    declared_arrival_s, declared_departure_s
        What it says; the departure is always given [s].
    declared_soc
        SoC it says it will arrive with [0-1], or `NO_SOC`.
    target_soc
        SoC wanted at the declared departure [0-1].
    v2g_allowance_kwh
        Most energy that may be taken from its battery in the visit, >= 0 [kWh].
    real_arrival_s, real_departure_s
        What happens [s]; the arrival is `NO_TIME` for a no-show.
    real_soc
        SoC on arrival [0-1] (`NO_SOC` for a no-show).
    target_cluster
        Row of the cluster it drives to, or `NOWHERE`.
    """

    ids: tuple[str, ...]
    battery_kwh: NDArray[np.float64]
    max_charge_kw: NDArray[np.float64]
    max_discharge_kw: NDArray[np.float64]
    min_soc: NDArray[np.float64]
    max_soc: NDArray[np.float64]
    power_table: PowerTable
    reservation_s: NDArray[np.int64]
    declared_arrival_s: NDArray[np.int64]
    declared_departure_s: NDArray[np.int64]
    declared_soc: NDArray[np.float64]
    target_soc: NDArray[np.float64]
    v2g_allowance_kwh: NDArray[np.float64]
    real_arrival_s: NDArray[np.int64]
    real_departure_s: NDArray[np.int64]
    real_soc: NDArray[np.float64]
    target_cluster: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of visits."""
        return len(self.ids)

    @cached_property
    def id_rank(self) -> NDArray[np.int64]:
        """Place of each visit in the order of ids, which breaks ties, shape (visits,)."""
        rank = np.empty(len(self), dtype=np.int64)
        rank[np.array(sorted(range(len(self)), key=self.ids.__getitem__), dtype=np.int64)] = np.arange(
            len(self)
        )
        return rank
