"""Rules on chargers: rate per vehicle, one charger per session, counts, least power."""

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

_NONE, _AC, _DC = 0, 1, 2
_NAMES = ("no charger", "AC", "DC")


def check_rates(schedule: DepotSchedule, facts: DepotFacts, tolerance: float) -> Iterator[Finding]:
    """No session takes more than its one charger and its vehicle allow for the share it is plugged in.

    energy ≤ share·step·min(vehicle, charger); a session has one charger kind for all its periods,
    so a rate above it is a second charger in disguise. No energy at all without a charger.
    """
    s = schedule.depot.sessions
    rate = facts.rate_kw(schedule.charger)[facts.session]
    over = schedule.energy_kwh - rate * facts.step_h * s.fraction
    without = Tally("depot.schedule.no_charger", "no energy in a session without a charger")
    above = Tally(
        "depot.schedule.rate", "at most plugged-in share × step × the lesser of vehicle and charger"
    )
    for e in worst_first(over, tolerance):
        i = int(facts.session[e])
        kind, energy = int(schedule.charger[i]), float(schedule.energy_kwh[e])
        text = f"{energy:.9g}"
        if kind == _NONE:
            without.add(facts.entry_name(e), f"{text} kWh", energy, value=text, ids=facts.ids(i))
        else:
            message = (
                f"{text} kWh on {_NAMES[kind]} where {rate[e]:.6g} kW over {s.fraction[e]:.6g} of "
                f"{facts.step_h:.6g} h allow {energy - over[e]:.9g} kWh"
            )
            above.add(facts.entry_name(e), message, float(over[e]), value=text, ids=facts.ids(i))
    yield from without.findings()
    yield from above.findings()


def check_counts(schedule: DepotSchedule, facts: DepotFacts) -> Iterator[Finding]:
    """In every period at most as many sessions hold a charger of a kind as there are.

    A DC charger is held through every period in which its session is plugged in. AC chargers are
    counted only with ``limit_ac``; otherwise every vehicle has a socket.
    """
    c, periods = schedule.depot.chargers, schedule.depot.horizon.periods
    plugged = schedule.depot.sessions.fraction > 0
    for kind, count, binds in ((_DC, c.num_dc, True), (_AC, c.num_ac, c.limit_ac)):
        if not binds:
            continue
        name = _NAMES[kind]
        rule = Tally(f"depot.schedule.{name.lower()}_count", f"at most {count} sessions on {name}")
        of_kind = plugged & (schedule.charger[facts.session] == kind)
        held = np.bincount(facts.period[of_kind], minlength=periods)
        for t in worst_first((held - count).astype(np.float64), 0.0):
            sessions = facts.session[of_kind & (facts.period == t)]
            vehicles = [
                schedule.depot.vehicles.ids[int(schedule.depot.sessions.vehicle[i])] for i in sessions
            ]
            rule.add(
                f"period {t} ({facts.stamp(t)})",
                f"{held[t]} sessions hold {name} chargers, there are {count}",
                float(held[t] - count),
                value=str(held[t]),
                ids=(schedule.depot.allocation_id, *vehicles),
            )
        yield from rule.findings()


def check_least_power(
    schedule: DepotSchedule, facts: DepotFacts, mode: Mode, tolerance: float
) -> Iterator[Finding]:
    """In a planned schedule every period is 0 or at least ``min_power_kw`` for the share plugged in."""
    d = schedule.depot
    if mode == "BAU" or d.min_power_kw <= 0:
        return
    rule = Tally("depot.schedule.min_power", f"0 or at least {d.min_power_kw:.6g} kW while plugged in")
    least = d.min_power_kw * facts.step_h * d.sessions.fraction
    short = np.where(schedule.energy_kwh > tolerance, least - schedule.energy_kwh, 0.0)
    for e in worst_first(short, tolerance):
        message = f"{schedule.energy_kwh[e]:.9g} kWh where the least a charger can hold is {least[e]:.9g} kWh"
        rule.add(
            facts.entry_name(e),
            message,
            float(short[e]),
            value=f"{schedule.energy_kwh[e]:.9g}",
            ids=facts.ids(int(facts.session[e])),
        )
    yield from rule.findings()
