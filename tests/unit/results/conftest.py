"""Depots, and a hub, small enough to be reckoned by hand.

``hand_schedule``: two days of four 6-hour periods (Mon 6, Tue 7 January 2025), two vehicles, efficiency 0.8.

=======  =====  ====================  ==================  ====================
vehicle  kWh    stay                  route before [kWh]  energy per period
=======  =====  ====================  ==================  ====================
A        60     periods 0-1, AC       0                   0, 0
A        60     periods 3-7, AC       24                  6, 12, 12, 0, 0
B        40     periods 0-3, AC       0                   0, 0, 0, 0
B        40     periods 6-7, DC       40, 4 unserved      0, 10
=======  =====  ====================  ==================  ====================

Capacity 11 kW, of which 0.9 is planned for; other load 8 kW, in period 3 11.5 kW; so 1.9 kW are free, in
period 3 none. Price 0.1 on the first day and 0.2 on the second; 2 per kW above the capacity and day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from sparewatt.finding import Finding
from sparewatt.model.cluster_system import ImbalanceLimit
from sparewatt.model.depot import Depot, DepotChargers
from sparewatt.model.horizon import Horizon
from sparewatt.model.limit import Limit
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.reservation import Contract
from sparewatt.model.schedule import AC, DC, DayReport, DepotSchedule
from sparewatt.model.sessions import Sessions
from sparewatt.model.trace import (
    NONE,
    Bookings,
    BookingState,
    Connections,
    Fate,
    Setting,
    StepNote,
    Trace,
)
from sparewatt.model.vehicles import Vehicles
from sparewatt.results.cluster_results import cluster_outcome
from sparewatt.results.cluster_view import ClusterView
from sparewatt.results.depot_view import DepotView
from sparewatt.results.outcome import ScenarioOutcome, depot_outcome
from support.hubs import Unit, Visit, make_fleet, make_system


def hand_horizon() -> Horizon:
    return Horizon.of_days(date(2025, 1, 6), 2, step=timedelta(hours=6), timezone="Europe/London")


def depot_of(horizon: Horizon, stays: list[tuple[int, int, int, float]], **changes) -> Depot:
    """A depot whose stays are (vehicle, first period, end, route energy before)."""
    vehicle, first, end, use = (np.array(x) for x in zip(*stays, strict=True))
    step, start = horizon.step_s, horizon.start_s
    sessions = Sessions.from_stays(
        horizon, vehicle, start + first * step, start + end * step, use.astype(float)
    )
    vehicles = Vehicles(
        ("A", "B"), ("v", "v"), np.array([60.0, 40.0]), np.array([7.0, 7.0]), np.array([50.0, 50.0])
    )
    fields = {
        "allocation_id": "71",
        "site_id": "10",
        "horizon": horizon,
        "vehicles": vehicles,
        "sessions": sessions,
        "chargers": DepotChargers(7.0, 50.0, 2, 1),
        "asc_kw": 11.0,
        "asc_margin": 0.2,
        "utilisation": 0.9,
        "site_load_kw": np.full(horizon.periods, 8.0),
        "price_per_kwh": np.full(horizon.periods, 0.1),
        "efficiency": 0.8,
        "excess_capacity_price": 2.0,
    }
    return Depot(**{**fields, **changes})


@pytest.fixture
def hand_schedule() -> DepotSchedule:
    horizon = hand_horizon()
    depot = depot_of(
        horizon,
        [(0, 0, 2, 0.0), (0, 3, 8, 24.0), (1, 0, 4, 0.0), (1, 6, 8, 40.0)],
        site_load_kw=np.array([8, 8, 8, 11.5, 8, 8, 8, 8]),
        price_per_kwh=np.array([0.1] * 4 + [0.2] * 4),
    )
    energy = np.array([0.0, 0, 6, 12, 12, 0, 0, 0, 0, 0, 0, 0, 10])
    charger = np.array([AC, AC, AC, DC], dtype=np.int8)
    return DepotSchedule(depot, energy, charger, np.array([0.0, 0, 0, 4]))


@pytest.fixture
def hand_days() -> tuple[DayReport, ...]:
    return (
        DayReport(0, "breach", "optimal", 0.0, 6.0, 6.0, 0.6, 0.0, 0.25),
        DayReport(1, "magic", "timed_out", 4.0, 1.2, 34.0, 6.8, 0.01, 0.5),
    )


@pytest.fixture
def hand_view(hand_schedule, hand_days) -> DepotView:
    return DepotView.from_schedule(hand_schedule, scenario_id=2, mode="opt", days=hand_days, magic_fill=True)


@pytest.fixture
def bau_view(hand_schedule) -> DepotView:
    """Unmanaged: everything as early as can be, nothing unserved."""
    energy = np.array([0.0, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0, 25, 0])
    schedule = DepotSchedule(hand_schedule.depot, energy, hand_schedule.charger, np.zeros(4))
    return DepotView.from_schedule(schedule, scenario_id=1, mode="BAU")


@pytest.fixture
def outcome(bau_view, hand_view):
    finding = Finding(
        "depot.x", "warning", "t_sites row 2, column asc_kw", "odd", "=1+1", "look", ("10",), 0.5
    )
    return depot_outcome(
        [ScenarioOutcome.of_view(v) for v in (bau_view, hand_view)],
        name="Two vans <b>&",
        seed=7,
        input_hash="ab" * 32,
        findings=[finding],
        versions={"sparewatt": "0.1.0", "numpy": "2.0"},
    )


@pytest.fixture
def clock_views():
    """Views over a clock change, half-hours from noon: ``clock_views(date(2025, 10, 25), 3)``."""

    def build(first: date, days: int, ids: tuple[str, ...] = ("A", "B")) -> tuple[DepotView, DepotView]:
        horizon = Horizon.of_days(
            first, days, day_start_hours=12, step=timedelta(minutes=30), timezone="Europe/London"
        )
        edges = horizon.day_edges
        stays = [
            (v, edges[d] + 8 + v, edges[d + 1] - 6, 10.0 * min(d, 1)) for v in range(2) for d in range(days)
        ]
        depot = depot_of(horizon, stays, site_load_kw=np.full(horizon.periods, 2.0))
        depot = replace(depot, vehicles=replace(depot.vehicles, ids=ids))
        views = []
        for mode in ("BAU", "opt"):
            energy = np.zeros(len(depot.sessions.fraction))
            begin = depot.sessions.offset[:-1] + (0 if mode == "BAU" else 10)
            for k in range(4):
                energy[begin + k] = 3.0
            kinds = np.where(depot.sessions.vehicle == 0, AC, DC).astype(np.int8)
            schedule = DepotSchedule(depot, energy, kinds, np.zeros(len(depot.sessions)))
            views.append(DepotView.from_schedule(schedule, scenario_id=len(views) + 1, mode=mode))
        return tuple(views)

    return build


# a hub by hand: six periods of half an hour from Sat 8 January 2022 07:00 UTC, told in Berlin time
#
# =======  ====  =================  =========  ==========================================================
# vehicle  unit  connected          battery    power per period, battery side
# =======  ====  =================  =========  ==========================================================
# v01      a1    periods 0-3        40 kWh     8, 8, 0, -4; target 50 %, leaves with 35 %: 6 kWh short
# =v02     a2    periods 1-5, stays 50 kWh     10 each; waited half an hour; due after the end
# v03      b1    periods 2-4        30 kWh     6 each; contract 8, 8, 8 for 3.00: 3 kWh short of it
# v04      -                                   found nothing free in cluster a
# v05      -                                   booked b1 for periods 0-1 and never came
# v06      -                                   comes after the end
# v07      -                                   was refused, drives to no cluster
# =======  ====  =================  =========  ==========================================================
#
# Unit a1 has efficiency 0.8, so cluster a draws 10, 20, 10, 6.8, 10, 10 kW under 15 + 2 kW and cluster b
# 0, 0, 6, 6, 6, 0 kW above 4 kW; the system may draw 16 kW, and a at most 12 kW more than b.


def hand_hub(**rules) -> Trace:
    visits = [
        Visit(0, 120, soc=0.2, target=0.5, battery_kwh=40, cluster=0),
        Visit(0, 400, soc=0.1, target=0.8, battery_kwh=50, cluster=0, name="=v02"),
        Visit(60, 150, soc=0.3, target=0.6, battery_kwh=30, cluster=1, books=0),
        Visit(45, 100, cluster=0),
        Visit(None, 60, says_arrival=0, cluster=1, books=0),
        Visit(300, 400, cluster=1),
        Visit(60, 90, cluster=None, books=10),
    ]
    fleet = make_fleet(visits)
    system = make_system(
        [[Unit(11.0, 11.0, 0.8), Unit(22.0, 22.0)], [Unit()]],
        periods=6,
        step_s=1800,
        lower_kw=[-np.inf, 4.0],
        upper_kw=[15.0, np.inf],
        price=[0.1] * 3 + [0.2] * 3,
        system_limit=Limit(np.full(6, -np.inf), np.full(6, 16.0), "the street", 0.0),
        imbalance_limits=(ImbalanceLimit(0, 1, np.full(6, 12.0)),),
    )
    limits = (replace(system.limits[0], tolerance_kw=2.0), system.limits[1])
    horizon = replace(system.horizon, timezone="Europe/Berlin")
    system = replace(
        system,
        horizon=horizon,
        limits=limits,
        cluster_ids=("a", "b"),
        evses=replace(system.evses, ids=("a1", "a2", "b1")),
    )
    rows = np.array
    return Trace(
        system=system,
        fleet=fleet,
        rules=OperatingRules(**rules),
        connections=Connections(
            vehicle=rows([0, 1, 2]),
            evse=rows([0, 1, 2]),
            booking=rows([1, 2, 3]),
            first=rows([0, 1, 2]),
            end=rows([4, 6, 5]),
            still_connected=rows([False, True, False]),
            soc_first=rows([0.2, 0.1, 0.3]),
            soc_last=rows([0.35, 0.6, 0.6]),
            g2v_kwh=rows([8.0, 25.0, 9.0]),
            v2g_kwh=rows([2.0, 0.0, 0.0]),
        ),
        bookings=Bookings(
            vehicle=rows([4, 0, 1, 2]),
            evse=rows([2, 0, 1, 2]),
            made=rows([0, 0, 1, 0]),
            first=rows([0, 0, 1, 2]),
            end=rows([2, 4, 13, 5]),
            closed=rows([1, 4, NONE, 5]),
            state=rows(
                [BookingState.RELEASED, BookingState.USED, BookingState.ACTIVE, BookingState.USED],
                dtype=np.int8,
            ),
            contract=rows([NONE, NONE, NONE, 0]),
        ),
        contracts=(Contract(1, 2, 2, 5, 0.3, 0.6, np.full(3, 8.0), np.full(3, 0.25), np.full(3, 0.2), 3.0),),
        setting=Setting(
            offset=rows([0, 3, 4, 5]),
            period=rows([0, 2, 3, 1, 2]),
            battery_kw=rows([8.0, 0.0, -4.0, 10.0, 6.0]),
        ),
        cluster_kw=rows([[10, 20, 10, 6.8, 10, 10], [0, 0, 6, 6, 6, 0]], dtype=np.float64),
        fate=rows(
            [
                Fate.ADMITTED,
                Fate.ADMITTED,
                Fate.ADMITTED,
                Fate.NO_FREE_EVSE,
                Fate.NO_SHOW,
                Fate.NOT_YET,
                Fate.RESERVATION_REFUSED,
            ],
            dtype=np.int8,
        ),
        waited_h=rows([0, 0.5, 0, 0, 0, 0, 0], dtype=np.float64),
        notes=(StepNote(1, "infeasible"), StepNote(3, "timed_out", 0.02)),
    )


@pytest.fixture
def hub_view() -> ClusterView:
    return ClusterView(hand_hub())


@pytest.fixture
def hub_outcome(hub_view):
    finding = Finding("cluster.x", "warning", "Fleet row 2", "odd", "=1+1", "look", ("v01",), 0.5)
    return cluster_outcome(
        hub_view,
        name="Hub <b>&",
        seed=7,
        input_hash="ab" * 32,
        findings=[finding],
        versions={"sparewatt": "0.1.0"},
    )
