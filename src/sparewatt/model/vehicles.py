"""Vehicles as a struct of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Vehicles:
    """A fleet; row n of every array is vehicle ``ids[n]``.

    Parameters
    ----------
    ids
        Vehicle ids as the user wrote them, ascending.
    spec_ids
        Specification of each vehicle.
    battery_kwh
        Usable battery [kWh].
    ac_kw, dc_kw
        Greatest charging power of the vehicle itself on AC and DC, meter side [kW]; 0 = cannot.
    """

    ids: tuple[str, ...]
    spec_ids: tuple[str, ...]
    battery_kwh: NDArray[np.float64]
    ac_kw: NDArray[np.float64]
    dc_kw: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of vehicles."""
        return len(self.ids)
