"""Customers of a network: one per load, with the class of their demand and the size of their roof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.profiles.draw_order import group_turns
from sparewatt.inputs.profiles.seeds import DEMAND_CLASS, PV_RATING, named_rng, stream_rng
from sparewatt.model.customers import Customers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.model.feeders import Zones
    from sparewatt.model.network import Network


@dataclass(frozen=True)
class DemandClass:
    """A kind of household by its annual demand without heating and charging.

    Parameters
    ----------
    name
        For people.
    annual_kwh
        Mean of the households of the class [kWh].
    share
        Of all households [0-1].
    """

    name: str
    annual_kwh: float
    share: float


DEMAND_CLASSES = (
    DemandClass("low", 2500.0, 0.30),
    DemandClass("medium", 3200.0, 0.45),
    DemandClass("high", 4000.0, 0.25),
)
"""Between Ofgem's typical domestic consumption values of profile class 1 (2013-2023: low 1,800-2,100, medium
2,700-3,300, high 4,100-5,100 kWh a year), which are quartiles of single homes."""

PV_KWP = (2.5, 3.0, 3.5, 4.0)
"""Rated power of domestic PV [kW], equally likely; 4 kW was the limit of the first British feed-in band."""


def find_customers(
    network: Network,
    zones: Zones,
    *,
    seed: int,
    classes: Sequence[DemandClass] = DEMAND_CLASSES,
    pv_kwp: Sequence[float] = PV_KWP,
) -> Customers:
    """One customer per load.

    Classes are dealt out by their shares, taking turns zone after zone (`group_turns`), so that every zone
    has its share of each; who of a zone gets which is drawn. The size of a roof depends on the seed and the
    customer's name alone.

    Parameters
    ----------
    network, zones
        Where they live; a load of all three phases has zone -1.
    seed
        Same seed, same customers.
    classes, pv_kwp
        What they can be.
    """
    loads = network.loads
    zone = np.asarray(zones.load_zone, dtype=np.int64)
    ends = np.cumsum([0.0, *(c.share for c in classes)])
    sizes = np.diff(np.floor(ends / ends[-1] * len(loads) + 0.5)).astype(np.int64)
    shuffled = stream_rng(seed, DEMAND_CLASS).permutation(len(loads))
    kind = np.empty(len(loads), dtype=np.int64)
    kind[shuffled[np.argsort(zone[shuffled], kind="stable")]] = group_turns(sizes)
    return Customers(
        ids=loads.ids,
        load=np.arange(len(loads), dtype=np.int64),
        zone=zone.copy(),
        demand_class=kind,
        pv_kwp=np.array([named_rng(seed, PV_RATING, i).choice(np.asarray(pv_kwp)) for i in loads.ids]),
    )
