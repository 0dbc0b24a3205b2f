"""Rules on the site: its limit plus the reported breach, and nothing beyond the margin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.verify.tally import Tally, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparewatt.finding import Finding
    from sparewatt.model.depot import Mode
    from sparewatt.model.schedule import DepotSchedule
    from sparewatt.verify.depot_facts import DepotFacts


def check_site(schedule: DepotSchedule, facts: DepotFacts, mode: Mode, tolerance: float) -> Iterator[Finding]:
    """Charging stays within the limit plus what the schedule reports as breach.

    With free[t] = max(0, min(utilisation·asc − load[t], limit[t]))::

        step·breach[t] = max(0, Σ energy[t] − step·free[t])       (what is shown as breach is all of it)
        breach[t] ≤ asc·asc_margin                              (planned schedules only)

    Unmanaged charging knows no limit: going beyond the margin is its result, not a fault.
    """
    d = schedule.depot
    energy = np.zeros(d.horizon.periods)
    np.add.at(energy, facts.period, schedule.energy_kwh)
    room_kw = d.utilisation * d.asc_kw - d.site_load_kw
    if d.limit_kw is not None:
        room_kw = np.where(d.limit_kw < room_kw, d.limit_kw, room_kw)
    free_kwh = facts.step_h * np.clip(room_kw, 0.0, None)
    over = np.clip(energy - free_kwh, 0.0, None)
    reported = facts.step_h * schedule.breach_kw
    ids = (d.allocation_id, d.site_id)

    limit = Tally("depot.schedule.site_limit", "charging within the limit, or reported as breach")
    for t in worst_first(np.abs(over - reported), tolerance + 1e-9 * facts.step_h * d.asc_kw):
        limit.add(
            f"site {d.site_id}, period {t} ({facts.stamp(t)})",
            f"charging {energy[t]:.9g} kWh, limit {free_kwh[t]:.9g} kWh, breach shown {reported[t]:.9g} kWh",
            float(abs(over[t] - reported[t])),
            value=f"{energy[t]:.9g}",
            ids=ids,
        )
    yield from limit.findings()

    if mode == "BAU":
        return
    most = facts.step_h * d.asc_kw * d.asc_margin
    margin = Tally("depot.schedule.margin", f"at most {d.asc_kw * d.asc_margin:.6g} kW above the limit")
    for t in worst_first(over - most, tolerance):
        margin.add(
            f"site {d.site_id}, period {t} ({facts.stamp(t)})",
            f"charging is {over[t]:.9g} kWh above the limit where a breach may add {most:.9g} kWh",
            float(over[t] - most),
            value=f"{over[t]:.9g}",
            ids=ids,
        )
    yield from margin.findings()
