"""Growth: how one more kVA of a zone spreads over its customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.feeders import Zones

GrowthBy = Literal["load", "equal"]
"""In proportion to what each customer draws, or the same of each."""


@dataclass(frozen=True)
class Growth:
    """Power that each load takes of one more kVA in its zone.

    Parameters
    ----------
    kw, kvar
        Shape (loads, snapshots); 0 for a load that belongs to no zone [kW/kVA, kvar/kVA].
    can_grow
        Whether the zone has any load to vary, shape (zones,).
    """

    kw: NDArray[np.float64]
    kvar: NDArray[np.float64]
    can_grow: NDArray[np.bool_]


def find_growth(zones: Zones, kw: NDArray[np.float64], by: GrowthBy, power_factor: float) -> Growth:
    """How the zones grow: ``kw = pf·w`` and ``kvar = √(1 − pf²)·w`` with the weights w of a zone adding to 1.

    By load, w is in proportion to the power of the loads that draw any, so that a zone of pure demand is
    scaled; where none draws any, and by ``"equal"``, all loads of the zone have the same w. A load of all
    three phases belongs to no zone and stays as it is.

    Parameters
    ----------
    zones
        Zones of the loads.
    kw
        Power of the loads, shape (loads, snapshots) [kW].
    by
        How.
    power_factor
        Of what is added, pf [0-1].
    """
    n = len(zones)
    member = zones.load_zone[:, None] == np.arange(n)
    in_zone = member.any(axis=1)
    row = np.where(in_zone, zones.load_zone, 0)
    # Loads of no zone get no weight.
    even = np.where(in_zone, 1.0, 0.0)[:, None] * np.ones((1, kw.shape[1]))
    weight = np.maximum(kw, 0.0) * even if by == "load" else even
    total = member.T.astype(np.float64) @ weight
    none = (total <= 0.0)[row]
    weight = np.where(none, even, weight)
    total = member.T.astype(np.float64) @ weight
    share = weight / np.where(total > 0.0, total, 1.0)[row]
    return Growth(share * power_factor, share * np.sqrt(1.0 - power_factor**2), member.any(axis=0))
