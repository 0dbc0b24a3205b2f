"""Headroom as the limit of a new connection in a zone, for a depot or a hub to plan in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.headroom import Binding, active_kw
from sparewatt.model.limit import Limit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.headroom import Headroom, HeadroomSettings


def offer_steps(headroom: Headroom, zone: int, zone_id: str, settings: HeadroomSettings) -> Limit:
    """What a new connection may draw and give in every period of the headroom.

    Headroom and footroom are of the zone as a whole: connections that share the zone share the limit. Below
    0 there is nothing to offer, and the bound is 0.

    Parameters
    ----------
    headroom
        Of all zones.
    zone, zone_id
        Row and name of the zone.
    settings
        ``ev_power_factor``, from kVA to kW.
    """
    words = _names(np.concatenate([headroom.headroom_binding[zone], headroom.footroom_binding[zone]]))
    reason = f"headroom of zone {zone_id}" + (f" ({words})" if words else "")
    return _offer(headroom.headroom_kva[zone], headroom.footroom_kva[zone], reason, settings)


def _offer(
    up_kva: NDArray[np.float64], down_kva: NDArray[np.float64], reason: str, settings: HeadroomSettings
) -> Limit:
    factor = settings.ev_power_factor
    return Limit(
        0.0 - np.maximum(active_kw(down_kva, factor), 0.0),
        np.maximum(active_kw(up_kva, factor), 0.0),
        reason,
    )


def _names(binding: NDArray[np.int8]) -> str:
    """The constraints that occur, in words."""
    return ", ".join(b.name.lower() for b in Binding if b != Binding.NONE and (binding == b).any())
