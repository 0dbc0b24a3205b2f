"""A network run small enough to be reckoned by hand.

Two feeders of a transformer of 500 kVA: ``busbar-a-b`` with customers on phases 1 and 2 and one on all
three, ``busbar-c`` with one on phase 3. Two days (Mon 8, Tue 9 January 2024, from noon) of four 6-hour
periods, the first of which was replayed. Base 240.18 V; judged by 0.9 to 1.05 pu, planned with 0.94.

=========  ======================  ======================  ======================
zone 1/1   lowest voltage [pu]     overloads               flow [kVA]
=========  ======================  ======================  ======================
none       0.95 0.93 0.95 0.95     0 0 0 0                 10 20 10 10
optimised  0.95 0.94 0.95 (lost)   0 0 0 (lost)            12 15 10 (lost)
unmanaged  0.95 0.89 0.85 0.95     0 0 0 0                 12 40 50 10
=========  ======================  ======================  ======================

Unmanaged, zone 2/3 has an overload in the third step and the transformer 510 kVA in the fourth.

Zone 1/1 has two EVs, efficiency 0.8, on one day of four periods:

====  ========  =======  ============  ============  =================  =================
car   stay      starts   wanted [kWh]  optimised kW  ends with [kWh]    unmanaged kW
====  ========  =======  ============  ============  =================  =================
red   0 to 2    10 kWh   20            2, 0          10+0.8·12 = 19.6   2.5, 0 (22 kWh)
blue  1 to 3    20 kWh   10            -0.5, 0       20-3/0.8 = 16.25   0, 0
====  ========  =======  ============  ============  =================  =================

For Wed 10 January persistence and typical days forecast the headroom of every zone, level 0.5:

=========  =======================  =======================
zone       persistence              typical days
=========  =======================  =======================
1/1        11 9 7 8                 12 10 4 9
1/2        21 19 17 18              22 20 14 19
2/3        31 29 27 28              32 30 24 29
=========  =======================  =======================

and 2 kVA less and more at 0.1 and 0.9. By the scores typical days are best in zone 1/2 alone.

So red misses 0.99·20 - 19.6 = 0.2 kWh, and of 0.8 kW asked in the second period 0.5 are given.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from sparewatt.decide.rules.forecast_scores import ForecastScores
from sparewatt.decide.rules.forecast_tomorrow import Tomorrow
from sparewatt.model.customers import Case, Customers
from sparewatt.model.ev_schedule import EvSchedule
from sparewatt.model.ev_sessions import EvSessions
from sparewatt.model.headroom import (
    Binding,
    DailyProfile,
    FittedLimit,
    FlowLimit,
    Headroom,
    HeatPumpChoice,
    LimitFrom,
    LineFault,
)
from sparewatt.model.horizon import Horizon
from sparewatt.model.limit import Limit
from sparewatt.model.zonal import ZonalSeries
from sparewatt.physics.topology import find_feeders, find_zones
from sparewatt.results.network_hosting import CaseRisk, Hosting, HostingResult
from sparewatt.results.network_view import (
    CaseResult,
    Moment,
    NetworkSetting,
    NetworkView,
    Replay,
    ZoneEvs,
    ZoneFinds,
    ZoneLimits,
)
from support.networks import make_network

STEP = timedelta(hours=6)
ZONE_IDS = ("1/1", "1/2", "2/3")


def hand_network():
    branches = [("busbar", "a"), ("a", "b"), ("busbar", "c")]
    return make_network(
        branches, [("a", 0), ("b", 1), ("b", -1), ("c", 2)], ampacity_a=[200.0, np.inf, 100.0]
    )


def days_horizon(days: int = 2) -> Horizon:
    return Horizon.of_days(date(2024, 1, 8), days, day_start_hours=12, step=STEP, timezone="Europe/London")


def series_of(periods: int, **rows) -> ZonalSeries:
    """Quiet everywhere but where told; a row may be one zone's values, by ``name=[...]`` with all zones."""
    values = {
        "flow_kva": np.full((3, periods), 5.0),
        "min_pu": np.full((3, periods), 0.97),
        "max_pu": np.full((3, periods), 1.01),
        "overloads": np.zeros((3, periods), dtype=np.int32),
        "busbar_pu": np.ones((3, periods)),
        "busbar_flow_kva": np.full((3, periods), 20.0),
        "losses_kw": np.full(periods, 0.5),
        "converged": np.ones(periods, dtype=bool),
    }
    for name, given in rows.items():
        values[name] = np.asarray(given, dtype=values[name].dtype)
    return ZonalSeries(**values)


def first_zone(values, rest: float) -> np.ndarray:
    return np.stack([values, np.full(len(values), rest), np.full(len(values), rest)])


def hand_case(name: str, share: float, pumps, kva: float) -> CaseResult:
    flow = first_zone([10, 20, 10, 10, 10, 22, 10, 10], 5.0) + 10 * share
    low = first_zone([0.95, 0.93, 0.95, 0.95, 0.95, 0.92, 0.95, 0.95], 0.97)
    room = np.stack([kva - flow[0], np.full(8, 12.0), np.full(8, 3.0)])
    binding = np.full((3, 8), Binding.UNDERVOLTAGE, dtype=np.int8)
    binding[2] = Binding.CABLE
    profile = DailyProfile(
        np.array([[kva - 20 - 10 * share, 9.0, 10.0, 11.0], [12.0] * 4, [3.0] * 4]),
        np.full((3, 4), 30.0),
        0.02,
        6.0,
    )
    return CaseResult(
        Case(name, 0.0, share, np.array([True, False, False, False]), np.array(pumps)),
        series_of(8, flow_kva=flow, min_pu=low),
        Headroom(room, np.full((3, 8), 30.0), binding, binding.copy()),
        profile,
    )


def hand_fit(kva, bound: Binding, slope: float, intercept: float) -> FittedLimit:
    kva = np.asarray(kva, dtype=float)
    sources = [LimitFrom.FIRST_BROKEN, LimitFrom.LINE_SHARE, LimitFrom.LARGEST_SEEN]
    faults = [LineFault.NONE, LineFault.NONE, LineFault.NO_VARIATION]
    return FittedLimit(
        FlowLimit(kva[:, None], np.full((3, 1), bound, dtype=np.int8)),
        np.array(sources, dtype=np.int8),
        np.array(faults, dtype=np.int8),
        np.array([slope, slope, 0.0]),
        np.full(3, intercept),
        np.full(3, 16),
        np.array([0.125, 0.0, 0.0]),
        np.array([0.2, 0.0, 0.0]),
        np.array([0.15, 0.0, 0.0]),
    )


def hand_evs() -> ZoneEvs:
    sessions = EvSessions(
        step_h=6.0,
        periods=4,
        ids=("red", "blue"),
        battery_kwh=np.array([40.0, 50.0]),
        reserve_kwh=np.array([4.0, 5.0]),
        charge_kw=np.array([7.4, 7.4]),
        discharge_kw=np.array([7.4, 7.4]),
        efficiency=np.array([0.8, 0.8]),
        car=np.array([0, 1]),
        arrival=np.array([0, 1]),
        departure=np.array([2, 3]),
        start_kwh=np.array([10.0, 20.0]),
        wanted_kwh=np.array([20.0, 10.0]),
    )
    planned = EvSchedule(sessions, np.array([2.0, 0.0, 0.0, 0.0]), np.array([0.0, 0.0, 0.5, 0.0]))
    plain = EvSchedule(sessions, np.array([2.5, 0.0, 0.0, 0.0]), np.zeros(4))
    return ZoneEvs(
        0,
        np.array([0, 0]),
        np.full(4, -21.0),
        np.array([5.0, 0.0, 6.0, 6.0]),
        np.array([0.0, 0.8, 0.0, 0.0]),
        planned,
        plain,
    )


def hand_replays() -> tuple[Replay, ...]:
    lost = np.array([True, True, True, False])
    none = series_of(
        4, flow_kva=first_zone([10, 20, 10, 10], 5.0), min_pu=first_zone([0.95, 0.93, 0.95, 0.95], 0.97)
    )
    optimised = series_of(
        4,
        flow_kva=first_zone([12, 15, 10, 0], 5.0),
        min_pu=first_zone([0.95, 0.94, 0.95, 0], 0.97),
        converged=lost,
    )
    optimised = replace(
        optimised,
        **{
            n: getattr(optimised, n) * lost
            for n in ("flow_kva", "min_pu", "max_pu", "busbar_pu", "busbar_flow_kva", "losses_kw")
        },
    )
    unmanaged = series_of(
        4,
        flow_kva=first_zone([12, 40, 50, 10], 5.0),
        min_pu=first_zone([0.95, 0.89, 0.85, 0.95], 0.97),
        overloads=np.array([[0] * 4, [0] * 4, [0, 0, 1, 0]]),
        busbar_flow_kva=np.array([[20.0, 20, 20, 170]] * 3),
    )
    periods = np.arange(4)
    left = ((100.0, 200.0, 50.0), (60.0, 200.0, 50.0), (64.0, 200.0, 50.0))
    names = ("none", "optimised", "unmanaged")
    return tuple(
        Replay(name, periods, series, np.array(kwh))
        for name, series, kwh in zip(names, (none, optimised, unmanaged), left, strict=True)
    )


def hand_tomorrow() -> Tomorrow:
    half = np.array([[11.0, 9, 7, 8], [12.0, 10, 4, 9]])[:, None, None, :]
    zone = np.array([0.0, 10.0, 20.0])[:, None]
    level = np.array([-2.0, 0.0, 2.0])[:, None, None]
    day = (date(2024, 1, 10) - date(1970, 1, 1)).days
    return Tomorrow(day, ("persistence", "typical days"), (0.1, 0.5, 0.9), half + zone + level)


def hand_view(**changes) -> NetworkView:
    network = hand_network()
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    horizon = days_horizon()
    view = NetworkView(
        network=network,
        feeders=feeders,
        zones=replace(
            zones,
            ids=ZONE_IDS,
            feeder=np.array([0, 0, 1]),
            phase=np.array([0, 1, 2]),
            load_zone=np.array([0, 1, -1, 2]),
        ),
        customers=Customers(
            network.loads.ids,
            np.arange(4),
            np.array([0, 1, -1, 2]),
            np.array([1, 1, 2, 1]),
            np.array([3.5, 0.0, 0.0, 4.0]),
        ),
        horizon=horizon,
        setting=NetworkSetting(),
        cases=(
            hand_case("0PV0HP", 0.0, [False] * 4, 25.0),
            hand_case("0PV50HP", 0.5, [True, True, False, False], 25.0),
        ),
        limits=ZoneLimits(
            np.array([25.0, 30.0, 8.0]),
            np.array([40.0, 40.0, 40.0]),
            hand_fit([25.0, 30.0, 8.0], Binding.UNDERVOLTAGE, -0.002, 0.99),
            hand_fit([40.0, 40.0, 40.0], Binding.OVERVOLTAGE, -0.002, 1.02),
        ),
        finds=ZoneFinds(
            HeatPumpChoice(np.array([1, 0, -1]), np.array([0, 0, -1]), np.array([True, False, False])),
            np.array([1, 0, 0]),
            np.array([100.0, 200.0, 50.0]),
            np.array([7, 14, 3]),
            np.array([2, 0, 0]),
            np.array([Binding.UNDERVOLTAGE, Binding.UNDERVOLTAGE, Binding.CABLE], dtype=np.int8),
        ),
        offers=tuple(
            Limit(np.full(8, -30.0), np.arange(8.0) + z, f"headroom of zone {name}")
            for z, name in enumerate(ZONE_IDS)
        ),
        ev_horizon=days_horizon(1),
        evs=(hand_evs(),),
        replays=hand_replays(),
        moments=(
            Moment(
                "lowest voltage, unmanaged charging",
                "unmanaged",
                2,
                np.full((4, 3), 0.96) - [[0.0], [0.05], [0.11], [0.0]],
                np.array([[0.9, 0.5, 0.4], [0.0] * 3, [1.2, 0.1, 0.1]]),
                0.4,
            ),
        ),
        hosting=HostingResult(
            (
                Hosting("optimised", np.array([0.0, 0.5, 1.0]), np.full(3, 20), np.array([0, 1, 8])),
                Hosting("unmanaged", np.array([0.0, 0.5, 1.0]), np.full(3, 20), np.array([0, 12, 20])),
            ),
            0.05,
            "EVs per customer, a winter week",
            "0PV0HP",
            (CaseRisk("0PV0HP", 0.0, 0.0, 1, 0), CaseRisk("0PV50HP", 0.0, 0.5, 20, 7)),
        ),
        forecasts=ForecastScores(
            ("persistence", "typical days"),
            (0.1, 0.5, 0.9),
            np.array([[1.0, 2.0, 1.0], [0.9, 1.5, 0.6]]),
            np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 1.0]]),
            np.array([[0.2, 0.5, 0.8], [0.1, 0.5, 0.9]]),
            12,
        ),
        tomorrow=hand_tomorrow(),
    )
    return replace(view, **changes)


def bare_view() -> NetworkView:
    """The same without EVs, replays, moments, hosting and forecasts."""
    return hand_view(
        ev_horizon=None, evs=(), replays=(), moments=(), hosting=None, forecasts=None, tomorrow=None
    )


def ringed_view() -> NetworkView:
    """The same with a cable between ``b`` and ``c``, which closes a ring of all four."""
    branches = [("busbar", "a"), ("a", "b"), ("busbar", "c"), ("b", "c")]
    network = make_network(
        branches, [("a", 0), ("b", 1), ("b", -1), ("c", 2)], ampacity_a=[200.0, np.inf, 100.0, 100.0]
    )
    moment = hand_view().moments[0]
    loading = np.vstack([moment.branch_loading, [0.2, 0.3, 0.1]])
    moments = (replace(moment, branch_loading=loading),)
    return hand_view(network=network, feeders=find_feeders(network), moments=moments)
