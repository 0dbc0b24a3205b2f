"""Rules on the battery: balance per vehicle and session, 0 ≤ SoC ≤ 1, reserve, unserved energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparewatt.finding import Finding
    from sparewatt.model.schedule import DepotSchedule
    from sparewatt.verify.depot_facts import DepotFacts


def check_battery(schedule: DepotSchedule, facts: DepotFacts, tolerance: float) -> Iterator[Finding]:
    """Follow every battery through its stays with nothing but a running sum.

    With the level E before the routes of stay s (E₀ = initial_soc·battery at first)::

        missing = max(0, reserve·battery − (E − use))       0 ≤ unserved ≤ missing
        E ← E − use + unserved                              E ≥ reserve·battery after a route, E ≥ 0 ever
        E ← E + η·Σ energy                                  E ≤ battery

    ``balance``: the state of charge that the schedule shows at the end of the stay is E/battery.
    A stay with no route before it may find the battery under the reserve only if it started there.
    """
    d, s = schedule.depot, schedule.depot.sessions
    balance = Tally("depot.schedule.balance", "soc[t+1] = soc[t] + (η·energy − use + unserved) / battery")
    reserve = Tally("depot.schedule.reserve", "the missing part of a route reported as unserved")
    full = Tally("depot.schedule.full", "at most what the battery has room for")
    unserved = Tally(
        "depot.schedule.unserved", "at least 0 and at most what the routes before the stay missed"
    )
    level: dict[int, float] = {}
    shown_soc = schedule.soc
    for i in range(len(s.vehicle)):
        n = int(s.vehicle[i])
        battery = float(d.vehicles.battery_kwh[n])
        use, given = float(s.use_kwh[i]), float(schedule.unserved_kwh[i])
        before = level.get(n, d.initial_soc * battery)
        missing = max(0.0, d.reserve * battery - (before - use))
        if given < -tolerance or given > missing + tolerance:
            message = f"{given:.9g} kWh reported as unserved where {missing:.9g} kWh were missing"
            margin = max(-given, given - missing)
            unserved.add(facts.session_name(i), message, margin, value=f"{given:.9g}", ids=facts.ids(i))
        energy = before - use + given
        least = d.reserve * battery if use > 0 else 0.0
        if energy < least - tolerance:
            message = (
                f"{energy:.9g} kWh are left after the route, the reserve is {least:.9g} kWh, "
                f"and only {given:.9g} kWh are reported as unserved"
            )
            margin = least - energy
            reserve.add(facts.session_name(i), message, margin, value=f"{energy:.9g}", ids=facts.ids(i))
        charged = sum(float(e) for e in schedule.energy_kwh[s.offset[i] : s.offset[i + 1]])
        energy += d.efficiency * charged
        if energy > battery + tolerance:
            message = f"{energy:.9g} kWh in a battery of {battery:.9g} kWh at the end of the stay"
            full.add(
                facts.session_name(i), message, energy - battery, value=f"{energy:.9g}", ids=facts.ids(i)
            )
        level[n] = energy
        # What comes next to this battery is booked in the plug-in period of its next stay; compare
        # the shown state of charge where nothing of the next stay is in it yet.
        boundary = int(s.end[i]) if s.end[i] > s.first[i] else min(int(s.first[i]) + 1, d.horizon.periods)
        is_last = i + 1 == len(s.vehicle) or s.vehicle[i + 1] != n
        if is_last or min(int(s.first[i + 1]), d.horizon.periods - 1) >= boundary:
            gap = abs(float(shown_soc[n, boundary]) * battery - energy)
            if not gap <= tolerance:
                message = (
                    f"the schedule shows {shown_soc[n, boundary] * battery:.9g} kWh at boundary {boundary}, "
                    f"the stay ends with {energy:.9g} kWh"
                )
                balance.add(facts.session_name(i), message, gap, ids=facts.ids(i))
    for rule in (balance, reserve, full, unserved):
        yield from rule.findings()
