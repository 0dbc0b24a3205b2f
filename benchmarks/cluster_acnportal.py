"""The same sessions at the same 54 units under the same limit: acnportal's simulator beside ours."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.acnportal_peer import (
    BATTERY_KWH,
    MAX_KW,
    PER_DAY,
    START,
    STEP_MINUTES,
    PeerRun,
    Session,
    caltech,
    connected_steps,
    draw_sessions,
    most_at_once,
    simulate_peer,
)

from sparewatt.model.cluster_system import ClusterSystem, Traffic
from sparewatt.model.evses import Evses
from sparewatt.model.fleet import NO_TIME, Fleet
from sparewatt.model.horizon import Horizon
from sparewatt.model.limit import Limit
from sparewatt.model.operating_rules import KERNEL_CONTROLS, OperatingRules
from sparewatt.model.power_table import PowerTable
from sparewatt.simulate.hub import simulate_hub

if TYPE_CHECKING:
    from sparewatt.model.operating_rules import Control
    from sparewatt.model.trace import Trace

NAME = "cluster_acnportal"
SUMMARY = "54 units, 5 days at 5 min: ours against acnportal on the same sessions, rule by rule"

DAYS = 5
LIMIT_KW = 60.0
REPEATS = 9
ASKED_RATIO = 100.0
STATED_S = 1.9e-3
ASKED_STEP_S = 2e-6
# What acnportal leaves: 1 Wh counts as charged; its bisection stops 0.01 A below what is free.
SAME_KWH = 0.05

NOTES = """
CPU seconds. acnportal: Simulator.run alone. Ours: simulate_hub whole, admission and the trace of every
setting included; kernels compiled before; median of 9. Both have one limit on the sum of powers, units
of 0-32 A at 208 V, batteries without taper, known departures. 'step': one connected vehicle in one period.

acnportal stops its bisection up to 0.01 A (2 W) below what is free and calls a vehicle charged 1 Wh before
it is; hence the differences per session ('worst': of one session, 'over 50 Wh': how many sessions). To
'least_laxity_first' it was given our key, through its face for sorting functions, and to
'earliest_deadline_first' our rule for ties. Its own least laxity is absolute (lead - need), ours relative
(1 - need/lead): another order, so another split of the energy. 'as the site is': eight constraints on three
phases with a transformer of the same kW, and units with steps of current; a harder problem, here for its
time only.
"""


def make_hub(sessions: list[Session], days: int, kw: float) -> tuple[ClusterSystem, Fleet]:
    """Our nouns for the same problem."""
    n, units, periods = len(sessions), len(caltech(kw=kw, single=True).station_ids), (days + 1) * PER_DAY
    edges = tuple(range(0, periods + 1, PER_DAY))
    horizon = Horizon(START, timedelta(minutes=STEP_MINUTES), periods, "UTC", edges)
    system = ClusterSystem(
        horizon,
        ("caltech",),
        Evses(
            tuple(f"unit {k:02d}" for k in range(units)),
            np.zeros(units, dtype=np.int64),
            np.full(units, MAX_KW),
            np.zeros(units),
            np.ones(units),
        ),
        (Limit(np.zeros(periods), np.full(periods, kw), "one limit"),),
        np.zeros(periods),
        Traffic.none(1),
    )
    arrival = horizon.boundaries_s[[s.arrival for s in sessions]]
    departure = horizon.boundaries_s[[s.departure for s in sessions]]
    soc = 1.0 - np.array([s.kwh for s in sessions]) / BATTERY_KWH
    fleet = Fleet(
        ids=tuple(s.name for s in sessions),
        battery_kwh=np.full(n, BATTERY_KWH),
        max_charge_kw=np.full(n, MAX_KW),
        max_discharge_kw=np.zeros(n),
        min_soc=np.zeros(n),
        max_soc=np.ones(n),
        power_table=PowerTable.empty(n),
        reservation_s=np.full(n, NO_TIME, dtype=np.int64),
        declared_arrival_s=arrival,
        declared_departure_s=departure,
        declared_soc=soc,
        target_soc=np.ones(n),
        v2g_allowance_kwh=np.zeros(n),
        real_arrival_s=arrival,
        real_departure_s=departure,
        real_soc=soc,
        target_cluster=np.zeros(n, dtype=np.int64),
    )
    return system, fleet


def simulate_ours(system: ClusterSystem, fleet: Fleet, control: Control) -> tuple[Trace, float]:
    """Our trace, and the median CPU time [s]."""
    rules, times = OperatingRules(control=control), []
    for _ in range(REPEATS + 1):
        started = time.process_time()
        trace = simulate_hub(system, fleet, rules)
        times.append(time.process_time() - started)
    return trace, float(np.median(times[1:]))


def print_rule(name: str, sessions: list[Session], ours: tuple[Trace, float], peer: PeerRun) -> float:
    """One line; returns the ratio."""
    trace, cpu_s = ours
    c = trace.connections
    mine = np.zeros(len(sessions))
    mine[c.vehicle] = c.g2v_kwh
    other = np.array([peer.kwh[s.name] for s in sessions])
    gap = np.abs(mine - other)
    ratio, steps = peer.cpu_s / cpu_s, connected_steps(sessions)
    print(
        f"{name:<25}{peer.cpu_s:>9.2f}{cpu_s * 1e3:>9.2f}{ratio:>8.0f}"
        f"{peer.cpu_s / steps * 1e6:>9.0f}{cpu_s / steps * 1e6:>9.3f}"
        f"{other.sum():>10.1f}{mine.sum():>10.1f}{gap.max():>9.3f}{(gap > SAME_KWH).sum():>6}"
        f"{peer.peak_kw:>9.2f}{trace.cluster_kw.max():>9.2f}"
    )
    return ratio


def main(quick: bool = False) -> None:  # noqa: FBT001, FBT002 - the common face of benchmarks
    """Print the table.

    Parameters
    ----------
    quick
        One day instead of five.
    """
    days = 1 if quick else DAYS
    units = len(caltech(kw=LIMIT_KW, single=True).station_ids)
    sessions = draw_sessions(days, units)
    system, fleet = make_hub(sessions, days, LIMIT_KW)
    steps, asked = connected_steps(sessions), sum(s.kwh for s in sessions)
    print(NOTES)
    print(
        f"{units} units, {days} days, {len(sessions)} sessions (at most {most_at_once(sessions)} at once), "
        f"{steps} vehicle-steps, {asked:.1f} kWh asked for, limit {LIMIT_KW:g} kW\n"
    )
    print(
        f"{'':<25}{'CPU s':>9}{'CPU ms':>9}{'':>8}{'us/step':>9}{'us/step':>9}{'kWh':>10}{'kWh':>10}"
        f"{'worst':>9}{'over':>6}{'peak kW':>9}{'peak kW':>9}"
    )
    print(
        f"{'rule':<25}{'acnp.':>9}{'ours':>9}{'ratio':>8}{'acnp.':>9}{'ours':>9}{'acnp.':>10}{'ours':>10}"
        f"{'kWh':>9}{'50 Wh':>6}{'acnp.':>9}{'ours':>9}"
    )
    ratios, slowest = {}, 0.0
    for control in KERNEL_CONTROLS[:4]:
        ours = simulate_ours(system, fleet, control)
        slowest = max(slowest, ours[1] / steps)
        ratios[control] = print_rule(control, sessions, ours, simulate_peer(control, sessions, LIMIT_KW))
    laxity = simulate_ours(system, fleet, "least_laxity_first")
    own = "its own least laxity"
    print_rule(own, sessions, laxity, simulate_peer(own, sessions, LIMIT_KW))
    print_rule("  as the site is", sessions, laxity, simulate_peer(own, sessions, LIMIT_KW, single=False))
    least = min(ratios, key=ratios.__getitem__)
    verdict = (
        "reached"
        if ratios[least] >= ASKED_RATIO
        else "MISSED (a day alone is too short)"
        if quick
        else "MISSED"
    )
    print(f"\nleast ratio {ratios[least]:.0f} x ({least}), target {ASKED_RATIO:g} x: {verdict}")
    verdict = "reached" if slowest <= ASKED_STEP_S else "MISSED"
    print(
        f"at most {slowest * 1e6:.2f} us per vehicle-step, target 2 us: {verdict}; "
        f"{STATED_S / slowest:,.0f} x the stated 1.9 ms"
    )


if __name__ == "__main__":
    main()
