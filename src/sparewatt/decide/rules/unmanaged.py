"""Unmanaged charging (mode BAU): what the fleet draws when nobody plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.charger_queue import queue_for_chargers
from sparewatt.decide.rules.stay_filling import fill_stays
from sparewatt.model.schedule import AC, DC, DepotSchedule

if TYPE_CHECKING:
    from sparewatt.model.depot import Depot


def plan_unmanaged(depot: Depot) -> DepotSchedule:
    """Charge at full rate from plug-in until full, whatever the price and the site load.

    Chargers go first come, first served (:func:`queue_for_chargers`). A period takes
    min(rate·step·plugged-in share, what is missing / η), so the last one is a part one. Where the
    routes before a stay need more than the battery holds above its reserve, the missing part is
    unserved and the battery comes back with exactly its reserve. ``min_power_kw``, the site limit
    and the price bind nothing here.

    Parameters
    ----------
    depot
        One allocation, ready to plan.

    Returns
    -------
    DepotSchedule
        For the whole horizon; its site demand may go beyond every limit.
    """
    s = depot.sessions
    charger = queue_for_chargers(depot)
    rate_kw = np.where(charger == DC, depot.session_dc_kw, np.where(charger == AC, depot.session_ac_kw, 0.0))
    room_kwh = np.repeat(rate_kw * depot.horizon.step_h, np.diff(s.offset)) * s.fraction
    energy_kwh, unserved_kwh = fill_stays(
        s.vehicle,
        s.use_kwh,
        s.offset,
        room_kwh,
        depot.vehicles.battery_kwh,
        depot.efficiency,
        depot.reserve,
        depot.initial_soc,
    )
    return DepotSchedule(depot, energy_kwh, charger, unserved_kwh)
