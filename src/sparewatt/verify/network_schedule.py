"""Judge of EV schedules: inside the room of their zone, inside the batteries, under the taper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.model.ev_sessions import taper_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.ev_schedule import EvSchedule
    from sparewatt.model.horizon import Horizon

TOLERANCE_KW = 1e-5
TOLERANCE_KWH = 1e-5


def check_ev_schedule(
    zone: str,
    schedule: EvSchedule,
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    horizon: Horizon,
) -> tuple[Finding, ...]:
    """Everything that a schedule of a zone must keep; one finding per rule that it breaks.

    Power of all cars within the bounds of the zone; charging and discharging from 0 to the charger's power,
    never both; energy from 0 to the battery at every boundary, above the reserve while discharging; no more
    than the taper allows.

    Parameters
    ----------
    zone
        Its name.
    schedule
        On the periods of ``horizon``.
    lower_kw, upper_kw
        Bounds on the sum, shape (periods,) [kW].
    horizon
        The periods.
    """
    s = schedule.sessions
    if s.periods != horizon.periods:
        message = f"the schedule has {s.periods} periods, its days have {horizon.periods}"
        return (Finding("network.schedule.periods", "error", f"zone {zone}", message),)
    car, charge, discharge = s.entry_car, schedule.charge_kw, schedule.discharge_kw
    before, after = _energies(schedule)
    total = np.bincount(s.entry_period, weights=charge - discharge, minlength=s.periods)
    intercept, slope = taper_line(s.battery_kwh, s.charge_kw)
    reserve = np.minimum(s.reserve_kwh[car], before)
    excess = {
        "network.schedule.bounds": (
            np.maximum(total - upper_kw, lower_kw - total),
            "the cars together are beyond what the zone leaves",
            TOLERANCE_KW,
        ),
        "network.schedule.charger": (
            np.maximum.reduce(
                [-charge, -discharge, charge - s.charge_kw[car], discharge - s.discharge_kw[car]]
            ),
            "a car is beyond the power of its charger",
            TOLERANCE_KW,
        ),
        "network.schedule.both": (
            np.minimum(charge, discharge),
            "a car charges and discharges at once",
            TOLERANCE_KW,
        ),
        "network.schedule.battery": (
            np.maximum(after - s.battery_kwh[car], -after),
            "a battery is beyond full or below empty",
            TOLERANCE_KWH,
        ),
        "network.schedule.reserve": (
            np.where(discharge > TOLERANCE_KW, reserve - after, -np.inf),
            "a battery is discharged below its reserve",
            TOLERANCE_KWH,
        ),
        "network.schedule.taper": (
            charge - np.maximum(intercept[car] - slope[car] * before, 0.0),
            "a nearly full battery is charged faster than it can be",
            TOLERANCE_KW,
        ),
    }
    findings = []
    for rule, (over, message, tolerance) in excess.items():
        broken = np.flatnonzero(over > tolerance)
        if not len(broken):
            continue
        worst = int(over.argmax())
        period = worst if rule == "network.schedule.bounds" else int(s.entry_period[worst])
        at = f"{horizon.local(period):%Y-%m-%d %H:%M%z}"
        unit = "kWh" if tolerance is TOLERANCE_KWH and "batter" in message else "kW"
        findings.append(
            Finding(
                rule,
                "error",
                f"zone {zone}, {at}",
                f"{message} in {len(broken)} steps, by up to {over[worst]:.4g} {unit}",
                f"{over[worst]:.4g} {unit}",
                margin=float(over[worst]),
            )
        )
    return tuple(findings)


def _energies(schedule: EvSchedule) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Energy at the beginning and end of each entry, added up stay by stay [kWh]."""
    s = schedule.sessions
    eta = s.efficiency[s.entry_car]
    gain = (eta * schedule.charge_kw - schedule.discharge_kw / eta) * s.step_h
    after = np.empty(s.entries)
    for k in range(len(s)):
        own = slice(int(s.offset[k]), int(s.offset[k + 1]))
        after[own] = s.start_kwh[k] + np.cumsum(gain[own])
    return after - gain, after
