"""Two cars, two units, power for one: what each control rule does, small enough to check by hand."""

# ruff: noqa: INP001, T201 - an example is no package, has plain numbers, and prints

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from sparewatt import (
    ClusterSystem,
    Evses,
    Fleet,
    Horizon,
    Limit,
    OperatingRules,
    PowerTable,
    Traffic,
    check_trace,
    simulate_hub,
)

# Two hours in steps of 5 min; two units of 11 kW without losses, but only 11 kW for both.
start = datetime(2026, 10, 5, 8, tzinfo=UTC)
horizon = Horizon(start, timedelta(minutes=5), 24, "UTC", (0, 24))
two = np.ones(2)
units = Evses(("left", "right"), np.array([0, 0]), 11 * two, 0 * two, two)
flat = np.ones(horizon.periods)
hub = ClusterSystem(
    horizon,
    ("yard",),
    units,
    (Limit(0 * flat, 11 * flat, "what the office leaves"),),
    0.3 * flat,
    Traffic.none(1),
)

# Both come at 8:00 with 0 % and want 11 kWh. Ada stays two hours, Ben only one.
arrival = np.full(2, horizon.start_s)
departure = horizon.start_s + np.array([7200, 3600])
fleet = Fleet(
    ids=("Ada", "Ben"),
    battery_kwh=44 * two,
    max_charge_kw=11 * two,
    max_discharge_kw=0 * two,
    min_soc=0 * two,
    max_soc=two,
    power_table=PowerTable(np.zeros(3, dtype=np.int64), np.zeros(0), np.zeros(0)),
    reservation_s=np.array([-1, -1]),
    declared_arrival_s=arrival,
    declared_departure_s=departure,
    declared_soc=0 * two,
    target_soc=0.25 * two,
    v2g_allowance_kwh=0 * two,
    real_arrival_s=arrival,
    real_departure_s=departure,
    real_soc=0 * two,
    target_cluster=np.array([0, 0]),
)

for control in (
    "uncontrolled",
    "first_come_first_served",
    "earliest_deadline_first",
    "least_laxity_first",
    "equal_share",
):
    trace = simulate_hub(hub, fleet, OperatingRules(control=control))
    charged = dict(zip(trace.connections.vehicle.tolist(), trace.connections.g2v_kwh.tolist(), strict=True))
    told = [finding.message for finding in check_trace(trace)]
    print(
        f"{control:24} Ada {charged[0]:4.1f} kWh, Ben {charged[1]:4.1f} kWh, "
        f"peak {trace.system_kw.max():4.1f} kW, the judge finds {len(told) or 'nothing'}"
    )
