"""EV charging against second opinions: another formulation in scipy, enumeration, laws that must hold."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import bmat, csr_array, eye_array, kron

from sparewatt.decide.optimise import network_realised
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.decide.optimise.network_charging import plan_zone_charging, plan_zones_charging
from sparewatt.decide.optimise.network_exact import solve_exactly
from sparewatt.decide.optimise.network_task import ChargingRoom
from sparewatt.decide.rules.plug_in import plan_plug_in
from sparewatt.model.ev_sessions import EvSessions, join_sessions
from sparewatt.model.limit import Limit
from support.ev_pools import draw_room, draw_sessions, make_room, make_sessions

SHARE = 0.99


def solve_by_scipy(
    sessions: list[EvSessions], rooms: list[ChargingRoom], shared: Limit | None = None
) -> tuple[float, float]:
    """Least Σ shortfall [kWh], and least cost at that, of another formulation.

    Energies are not variables here but sums of powers: E = start + Δ·L·(η·c - d/η) with L lower
    triangular; and every stay has all periods of the horizon, those outside held at 0.
    """
    s = join_sessions(sessions)
    zone = np.repeat(np.arange(len(sessions)), [x.cars for x in sessions])[s.car]
    stays, t, n = len(s), s.periods, len(s) * s.periods
    eta = s.efficiency[s.car]
    inside = (np.arange(t) >= s.arrival[:, None]) & (np.arange(t) < s.departure[:, None])
    charge = np.where(inside, s.charge_kw[s.car][:, None], 0.0).ravel()
    discharge = np.where(inside, s.discharge_kw[s.car][:, None], 0.0).ravel()
    battery, start = s.battery_kwh[s.car], s.start_kwh
    sums = csr_array(np.tril(np.ones((t, t))) * s.step_h)
    gained = bmat([[kron(np.diag(eta), sums), kron(np.diag(-1.0 / eta), sums)]])
    before = bmat([[kron(np.diag(eta), sums - eye_array(t) * s.step_h), gained[:, n:]]]).tocsr()
    before[:, n:] += kron(np.diag(1.0 / eta), eye_array(t) * s.step_h)
    most = plan_plug_in(s).end_kwh
    wanted = np.minimum(SHARE * s.wanted_kwh, most)
    floor = np.minimum(s.reserve_kwh[s.car], start)
    slope = s.charge_kw[s.car] / battery / 0.201
    ends = csr_array((np.ones(stays), (np.arange(stays), np.arange(stays) * t + s.departure - 1)), (stays, n))
    taper = bmat([[eye_array(n), None]], format="csr")
    taper = bmat([[eye_array(n), csr_array((n, n))]]).tocsr() + kron(np.diag(slope), eye_array(t)) @ before
    outside = ~inside.ravel()
    taper = taper[~outside]
    full = np.repeat(slope * (1.001 * battery - start), t)[~outside]
    zones = csr_array((np.ones(n), (np.repeat(zone, t) * t + np.tile(np.arange(t), stays), np.arange(n))))
    zones.resize((len(sessions) * t, n))
    grid = bmat([[zones, -zones]])
    upper = np.concatenate([r.limit.upper_kw for r in rooms])
    lower = np.concatenate([r.limit.lower_kw for r in rooms])
    blocks = [
        (gained, np.repeat(battery - start, t)),
        (-gained, np.repeat(start - floor, t)),
        (taper, full),
        (grid, upper),
        (-grid, -lower),
    ]
    if shared is not None:
        total = kron(np.ones((1, len(sessions))), eye_array(t)) @ grid
        blocks += [(total, shared.upper_kw), (-total, -shared.lower_kw)]
    rows = bmat([[a, csr_array((a.shape[0], stays))] for a, _ in blocks])
    short = bmat([[-(ends @ gained), -eye_array(stays)]])
    right = np.concatenate([*(b for _, b in blocks), start - wanted])
    rows = bmat([[rows], [short]]).tocsr()
    bounds = np.stack(
        [np.zeros(2 * n + stays), np.concatenate([charge, discharge, np.full(stays, np.inf)])], 1
    )
    first = linprog(np.concatenate([np.zeros(2 * n), np.ones(stays)]), rows, right, bounds=bounds)
    assert first.status == 0
    price = np.concatenate([r.price_per_kwh for r in rooms]) * s.step_h
    cost = np.concatenate([grid.T @ price, np.zeros(stays)])
    cap = csr_array(np.concatenate([np.zeros(2 * n), np.ones(stays)])[None, :])
    second = linprog(cost, bmat([[rows], [cap]]).tocsr(), np.append(right, first.fun + 1e-7), bounds=bounds)
    assert second.status == 0
    return float(first.fun), float(second.fun)


@pytest.mark.parametrize("seed", range(8))
def test_same_ranks_as_another_formulation(seed: int):
    rng = np.random.default_rng(seed)
    cars = int(rng.integers(1, 7))
    sessions, room = draw_sessions(rng, cars, periods=48), draw_room(rng, cars, periods=48)
    missing, cost = solve_by_scipy([sessions], [room])
    for exact in (False, True):
        plan = plan_zone_charging(sessions, room, exact=exact)
        assert plan.status == "optimal"
        assert plan.short_kwh.sum() == pytest.approx(missing, abs=1e-3)
        # A thousandth of a kWh of shortfall is rounding, and worth no more than some tenths of a penny.
        assert plan.objective == pytest.approx(cost, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_zones_with_a_shared_limit(seed: int):
    rng = np.random.default_rng(seed)
    sessions = [draw_sessions(rng, 3, periods=24) for _ in range(3)]
    rooms = [draw_room(rng, 3, periods=24) for _ in range(3)]
    alone = plan_zones_charging(sessions, rooms, None)
    top = max(1.0, 0.6 * float(np.sum([p.grid_kw for p in alone], axis=0).max()))
    shared = Limit(np.full(24, -0.5 * top), np.full(24, top), "transformer")
    missing, cost = solve_by_scipy(sessions, rooms, shared)
    for exact in (False, True):
        plans = plan_zones_charging(sessions, rooms, shared, exact=exact)
        total = np.sum([p.grid_kw for p in plans], axis=0)
        assert np.all(total <= shared.upper_kw + 1e-8)
        assert np.all(total >= shared.lower_kw - 1e-8)
        assert all(p.status == "optimal" for p in plans)
        assert sum(p.short_kwh.sum() for p in plans) == pytest.approx(missing, abs=1e-3)
        assert sum(p.objective for p in plans) == pytest.approx(cost, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_who_can_be_served_is_what_highs_says(
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    quick: bool,  # noqa: FBT001 - pytest passes it by name
):
    rng = np.random.default_rng(1000 + seed)
    cars = int(rng.integers(2, 12))
    sessions, room = draw_sessions(rng, cars, periods=72), draw_room(rng, cars, periods=72)
    # At the edge: the limit is scaled until HiGHS misses something, by bisection, then a little off it.
    low, high = 0.0, 3.0
    for _ in range(5):
        middle = 0.5 * (low + high)
        served = least_missing(sessions, scaled(room, middle)) <= 1e-3
        low, high = (low, middle) if served else (middle, high)
    if not quick:  # the least margin of the limit alone, started at nothing

        def undecided(*_args: object) -> tuple[None, tuple[np.ndarray, np.ndarray]]:
            return None, (np.zeros(sessions.entries), np.zeros(sessions.entries))

        monkeypatch.setattr(network_realised, "_quick_answer", undecided)
    for factor in (0.5 * low, low, high, 1.1 * high):
        expected = least_missing(sessions, scaled(room, factor)) <= 1e-3
        assert network_realised.can_serve(sessions, scaled(room, factor)) == expected


def scaled(room: ChargingRoom, factor: float) -> ChargingRoom:
    limit = Limit(room.limit.lower_kw, factor * room.limit.upper_kw, "scaled")
    return ChargingRoom(limit, room.price_per_kwh, room.asked_kw)


def least_missing(sessions: EvSessions, room: ChargingRoom) -> float:
    """Least Σ shortfall by HiGHS [kWh]."""
    reach = plan_plug_in(sessions).end_kwh
    bounds, zone = (room.limit.lower_kw[None, :], room.limit.upper_kw[None, :]), np.zeros(sessions.cars, int)
    wanted, free = np.minimum(SHARE * sessions.wanted_kwh, reach), np.zeros((1, sessions.periods))
    return solve_exactly(sessions, wanted, zone, *bounds, free, None, Deadline(60.0), 0.0).missing_bound_kwh


def test_enumeration_of_powers_with_negative_prices():
    # Two periods pay for taking energy: waste would pay, if a car could charge and discharge at once.
    price = np.array([-0.5, 0.2, -0.1])
    sessions = make_sessions(
        [(0, 0, 3, 10.0, 10.0)], battery_kwh=[20.0], periods=3, step_h=1.0, charge_kw=4.0, discharge_kw=4.0,
        efficiency=0.8, reserve=0.0,
    )  # fmt: skip
    room = make_room(10.0, lower_kw=-10.0, price=price, periods=3)
    best = np.inf
    for powers in itertools.product(np.linspace(-4.0, 4.0, 33), repeat=3):
        energy = 10.0
        for p in powers:
            if p > 4.0 / 20.0 / 0.201 * (20.02 - energy) + 1e-12:
                break
            energy += 0.8 * p if p > 0 else p / 0.8
            if not -1e-12 <= energy <= 20.0 + 1e-12:
                break
        else:
            if energy >= 9.9:
                best = min(best, float(price @ powers))
    plan = plan_zone_charging(sessions, room)
    assert plan.status == "optimal"
    # The grid of quarter kilowatts can't be better, and is hardly worse.
    assert plan.objective <= best + 1e-6
    assert plan.objective == pytest.approx(best, abs=0.05)
    assert not np.any((plan.schedule.charge_kw > 0.0) & (plan.schedule.discharge_kw > 0.0))


def broken_rules(sessions: EvSessions, room: ChargingRoom, grid_kw: np.ndarray) -> list[str]:
    """What a schedule breaks, worked out stay by stay from nothing but its grid powers."""
    found, total = [], np.zeros(sessions.periods)
    for i in range(len(sessions)):
        car, energy = sessions.car[i], float(sessions.start_kwh[i])
        battery, power = sessions.battery_kwh[car], sessions.charge_kw[car]
        floor = min(sessions.reserve_kwh[car], energy)
        for t in range(sessions.arrival[i], sessions.departure[i]):
            g = grid_kw[sessions.offset[i] + t - sessions.arrival[i]]
            if g > min(power, power / battery / 0.201 * (1.001 * battery - energy)) + 1e-6:
                found.append(f"stay {i} takes {g} kW at {energy} kWh in period {t}")
            if g < -sessions.discharge_kw[car] - 1e-9:
                found.append(f"stay {i} gives {-g} kW in period {t}")
            eta = sessions.efficiency[car]
            energy += (eta * g if g > 0 else g / eta) * sessions.step_h
            if not floor - 1e-7 <= energy <= battery + 1e-7:
                found.append(f"stay {i} holds {energy} of {battery} kWh after period {t}")
            total[t] += g
    over = total > room.limit.upper_kw + 1e-8
    under = total < room.limit.lower_kw - 1e-8
    return found + [f"limit passed in period {t}: {total[t]} kW" for t in np.flatnonzero(over | under)]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), cars=st.integers(1, 6), v2g=st.sampled_from([0.0, 0.5, 1.0]))
def test_plans_keep_every_rule(seed: int, cars: int, v2g: float):
    rng = np.random.default_rng(seed)
    sessions, room = draw_sessions(rng, cars, periods=48, v2g=v2g), draw_room(rng, cars, periods=48)
    plan = plan_zone_charging(sessions, room)
    assert broken_rules(sessions, room, plan.schedule.grid_kw) == []
    assert plan.status == "optimal"
    # What was not asked is not delivered, and more than was asked counts for nothing.
    assert 0.0 <= plan.delivered_kwh <= plan.asked_kwh + 1e-9
    assert np.all(plan.grid_kw[room.limit.lower_kw >= 0.0] >= -1e-9)
    if v2g == 0.0:
        assert np.all(plan.schedule.discharge_kw == 0.0)
    # Energy is kept: what the grid gave is in the batteries or lost on the way.
    s = plan.schedule
    gained = s.end_kwh.sum() - sessions.start_kwh.sum()
    lost = (0.12 * s.charge_kw + (1 / 0.88 - 1) * s.discharge_kw).sum() * sessions.step_h
    assert gained + lost == pytest.approx(
        plan.grid_kw.sum() * sessions.step_h, abs=1e-9 * (1 + len(s.charge_kw))
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), cars=st.integers(1, 5))
def test_more_headroom_is_never_worse(seed: int, cars: int):
    rng = np.random.default_rng(seed)
    sessions, room = draw_sessions(rng, cars, periods=48), draw_room(rng, cars, periods=48)
    wider = ChargingRoom(
        Limit(room.limit.lower_kw - rng.uniform(0, 1), room.limit.upper_kw + rng.uniform(0, 1), "wider"),
        room.price_per_kwh,
        room.asked_kw,
    )
    narrow, wide = plan_zone_charging(sessions, room), plan_zone_charging(sessions, wider)
    short = [p.short_kwh.sum() for p in (narrow, wide)]
    assert short[1] <= short[0] + 1e-3
    if abs(short[0] - short[1]) < 1e-6:
        assert wide.objective <= narrow.objective + 1e-4 * max(1.0, abs(narrow.objective))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), cars=st.integers(1, 6))
def test_nobody_has_more_than_plugged_in_at_full_rate(seed: int, cars: int):
    rng = np.random.default_rng(seed)
    sessions = draw_sessions(rng, cars, periods=48)
    free = make_room(1e3, lower_kw=-1e3, price=rng.uniform(0.01, 1.0, 48), periods=48)
    unmanaged, planned = plan_plug_in(sessions), plan_zone_charging(sessions, free)
    assert np.all(unmanaged.energy_kwh >= planned.schedule.energy_kwh - 1e-7)
    assert planned.short_kwh.sum() <= 1e-3
    assert broken_rules(sessions, free, unmanaged.grid_kw) == []
