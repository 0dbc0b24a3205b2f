"""Plug-in charging (unmanaged): what EVs draw when nobody plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.decide.rules.plug_in_filling import fill_plug_in
from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.model.ev_sessions import taper_line

if TYPE_CHECKING:
    from sparewatt.model.ev_sessions import EvSessions


def plan_plug_in(sessions: EvSessions, *, until: Literal["full", "wanted"] = "full") -> EvSchedule:
    """Charge at full rate from plug-in on, slower above 80 %, until full, whatever the zone can take.

    c[t] = min(P, a - k·E[t], (full - E[t])/(η·Δ)); a stay that ends before is not full.

    Parameters
    ----------
    sessions
        The cars; nobody discharges.
    until
        ``"full"``: the whole battery; ``"wanted"``: the energy wanted at departure, so that planned and
        unmanaged charging deliver the same.
    """
    s = sessions
    intercept, slope = taper_line(s.battery_kwh, s.charge_kw)
    battery = s.battery_kwh[s.car]
    full = battery if until == "full" else np.minimum(s.wanted_kwh, battery)
    power = fill_plug_in(
        s.offset,
        s.start_kwh,
        full,
        s.charge_kw[s.car],
        intercept[s.car],
        slope[s.car],
        s.efficiency[s.car] * s.step_h,
    )
    return EvSchedule(s, power, np.zeros(s.entries))
