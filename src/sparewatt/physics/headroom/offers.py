"""Headroom as the limit of a new connection in a zone, for a depot or a hub to plan in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.clock import clock_slots, slots_of_day
from sparewatt.model.headroom import Binding, active_kw
from sparewatt.model.limit import Limit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.headroom import DailyProfile, Headroom, HeadroomSettings
    from sparewatt.model.horizon import Horizon


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


def offer_profile(
    profile: DailyProfile, zone: int, zone_id: str, horizon: Horizon, settings: HeadroomSettings
) -> Limit:
    """The same from a daily profile, by the local clock of any horizon.

    A period longer than a slot of the profile gets the tightest of the slots that it sees; a shorter one
    the slot in which it begins.

    Parameters
    ----------
    profile
        Of all zones.
    zone, zone_id
        Row and name of the zone.
    horizon
        The periods that are limited.
    settings
        ``ev_power_factor``.
    """
    slots, own_slots = profile.headroom_kva.shape[1], slots_of_day(horizon)
    _, own = clock_slots(horizon)
    first, last = own * slots // own_slots, -(-(own + 1) * slots // own_slots) - 1
    seen = np.minimum(first[:, None] + np.arange(int((last - first).max()) + 1), last[:, None])
    reason = (
        f"headroom of zone {zone_id} by time of day, less than that on {profile.quantile:.3g} of the days"
    )
    return _offer(
        profile.headroom_kva[zone][seen].min(axis=1),
        profile.footroom_kva[zone][seen].min(axis=1),
        reason,
        settings,
    )


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
