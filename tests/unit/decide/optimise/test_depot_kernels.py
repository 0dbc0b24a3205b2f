"""Compiled kernels against the plain Python of their docstrings; the greedy against a linear programme."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import pytest
from scipy.optimize import linprog

from sparewatt.decide.optimise.depot_kernels import best_fills, dc_gains, fill_vehicle

SEEDS = range(40)
PENALTY = 8.0


@dataclass(frozen=True)
class Fleet:
    """Random sessions of some vehicles with what the kernels want to know of them."""

    start: np.ndarray
    first: np.ndarray
    end: np.ndarray
    offset: np.ndarray
    ac: np.ndarray
    dc: np.ndarray
    room: np.ndarray
    need: np.ndarray
    choose: np.ndarray
    on_dc: np.ndarray
    cost: np.ndarray
    rent: np.ndarray

    @property
    def order(self) -> np.ndarray:
        return np.argsort(self.cost, kind="stable")

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        places = self.start, self.first, self.end, self.offset
        return *places, self.ac, self.dc, self.room, self.need, self.choose

    def work(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.full(len(self.ac), np.nan), np.full(len(self.first), np.nan), np.full(len(self.ac), np.nan)

    def vehicle(self, v: int) -> range:
        return range(self.start[v], self.start[v + 1])


def random_fleet(seed: int) -> Fleet:
    rng = np.random.default_rng(seed)
    periods, first, end, start = int(rng.integers(3, 10)), [], [], [0]
    for _ in range(int(rng.integers(1, 4))):
        edges = np.sort(rng.integers(0, periods + 1, 2 * int(rng.integers(1, 4))))
        first += edges[0::2].tolist()
        # Two stays may share the period in which one ends and the next begins.
        end += np.minimum(periods, edges[1::2] + rng.integers(0, 2, len(edges) // 2)).tolist()
        start.append(len(first))
    lengths = np.array(end) - np.array(first)
    offset = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    count = len(first)
    ac = rng.choice([0.0, 1.0, 2.5], offset[-1])
    room = np.concatenate([np.cumsum(rng.choice([0.0, 2.0, 3.3, 8.0], b - a)) for a, b in pairwise(start)])
    need = np.round(room * rng.choice([0.0, 0.0, 0.4, 0.8], count), 2)
    return Fleet(
        np.array(start),
        np.array(first),
        np.array(end),
        offset,
        ac,
        ac + rng.choice([0.0, 1.0, 4.0], offset[-1]),
        room,
        need,
        rng.random(count) < 0.6,
        rng.random(count) < 0.5,
        np.round(rng.uniform(-2.0, 0.6, periods), 2),
        rng.choice([0.0, 0.4, 3.0], count),
    )


def plain_fill(fleet: Fleet, sessions: range, rate: dict[int, float]) -> tuple[float, dict[int, float]]:
    """First the needs in order, each from the cheapest periods so far; then every period of negative cost."""
    left = {s: fleet.room[s] for s in sessions}
    energy = dict.fromkeys(rate, 0.0)
    by_cost = sorted(range(len(fleet.cost)), key=lambda t: fleet.cost[t])

    def give(entry: int, s: int, most: float) -> None:
        later = [k for k in sessions if k >= s]
        given = max(0.0, min(rate[entry] - energy[entry], most, *(left[k] for k in later)))
        energy[entry] += given
        for k in later:
            left[k] -= given

    def places(t: int, upto: int) -> list[tuple[int, int]]:
        active = [s for s in sessions if s <= upto and fleet.first[s] <= t < fleet.end[s]]
        return [(int(fleet.offset[s] + t - fleet.first[s]), s) for s in active]

    short = 0.0
    for upto in sessions:
        for t in by_cost:
            for entry, s in places(t, upto):
                give(entry, s, max(0.0, fleet.need[upto] - sum(energy.values())))
        short += max(0.0, fleet.need[upto] - sum(energy.values()))
    for t in by_cost:
        if fleet.cost[t] < 0:
            for entry, s in places(t, sessions[-1]):
                give(entry, s, np.inf)
    total = sum(e * fleet.cost[period_of(fleet, i)] for i, e in energy.items())
    return total + PENALTY * short, energy


def period_of(fleet: Fleet, entry: int) -> int:
    s = int(np.searchsorted(fleet.offset, entry, side="right")) - 1
    return int(fleet.first[s] + entry - fleet.offset[s])


def rates(fleet: Fleet, sessions: range, on_dc: dict[int, bool]) -> dict[int, float]:
    out = {}
    for s in sessions:
        for i in range(fleet.offset[s], fleet.offset[s + 1]):
            out[i] = fleet.dc[i] if on_dc[s] else fleet.ac[i]
    return out


def choices(fleet: Fleet, sessions: range) -> list[dict[int, bool]]:
    """Every way to put the choosing sessions of a vehicle on AC or DC."""
    options = [(False, True) if fleet.choose[s] else (bool(fleet.on_dc[s]),) for s in sessions]
    return [dict(zip(sessions, found, strict=True)) for found in product(*options)]


def fill(fleet: Fleet, v: int, rate: dict[int, float]) -> tuple[float, np.ndarray]:
    """``fill_vehicle`` on one vehicle."""
    array, slack, energy = fleet.work()
    array[list(rate)] = list(rate.values())
    total = fill_vehicle(
        fleet.order,
        fleet.cost,
        PENALTY,
        fleet.start[v],
        fleet.start[v + 1],
        fleet.first,
        fleet.end,
        fleet.offset,
        array,
        fleet.room,
        fleet.need,
        slack,
        energy,
    )
    return total, energy


@pytest.mark.parametrize("seed", SEEDS)
def test_fill_is_the_plain_walk(seed):
    fleet = random_fleet(seed)
    for v in range(len(fleet.start) - 1):
        sessions = fleet.vehicle(v)
        rate = rates(fleet, sessions, dict(enumerate(fleet.on_dc.tolist())))
        total, energy = fill(fleet, v, rate)
        expected, plain = plain_fill(fleet, sessions, rate)
        assert total == pytest.approx(expected, abs=1e-9)
        assert energy[list(rate)] == pytest.approx(list(plain.values()), abs=1e-9)
        others = np.setdiff1d(np.arange(len(energy)), list(rate))
        assert np.isnan(energy[others]).all(), "entries of other vehicles are left alone"


def test_fill_is_optimal():
    """min Σ cost·p with rates, nested rooms and nested needs, by another solver."""
    possible = 0
    for seed in range(60):
        fleet = random_fleet(seed)
        for v in range(len(fleet.start) - 1):
            sessions = fleet.vehicle(v)
            rate = rates(fleet, sessions, dict(enumerate(fleet.on_dc.tolist())))
            if not rate:
                continue
            total, energy = fill(fleet, v, rate)
            upto = np.array([[float(i < fleet.offset[s + 1]) for i in rate] for s in sessions])
            best = linprog(
                [fleet.cost[period_of(fleet, i)] for i in rate],
                A_ub=np.vstack([upto, -upto]),
                b_ub=np.concatenate([fleet.room[list(sessions)], -fleet.need[list(sessions)]]),
                bounds=[(0.0, most) for most in rate.values()],
            )
            if best.status == 2:  # what cannot be met is paid for
                met = upto @ energy[list(rate)] >= fleet.need[list(sessions)] - 1e-9
                assert not met.all()
                continue
            possible += bool((fleet.need[list(sessions)] > 0.0).any())
            assert total == pytest.approx(best.fun, abs=1e-9)
    assert possible >= 20, "enough of them have a need that can be met"


@pytest.mark.parametrize("seed", SEEDS)
def test_best_fills_tries_every_choice(seed):
    fleet = random_fleet(seed)
    expected_total, expected_margin = 0.0, np.zeros(len(fleet.first))
    best_values = []
    for v in range(len(fleet.start) - 1):
        sessions = fleet.vehicle(v)
        values = []
        for on_dc in choices(fleet, sessions):
            value, _ = plain_fill(fleet, sessions, rates(fleet, sessions, on_dc))
            rent = sum(fleet.rent[s] for s in sessions if fleet.choose[s] and on_dc[s])
            values.append((value + rent, on_dc))
        best_values.append(min(value for value, _ in values))
        expected_total += best_values[-1]
        for s in sessions:
            if fleet.choose[s]:
                dc = min(value for value, on_dc in values if on_dc[s])
                expected_margin[s] = dc - min(value for value, on_dc in values if not on_dc[s])
    on_dc, margin = fleet.on_dc.copy(), np.full(len(fleet.first), np.nan)
    work = fleet.work()
    total = best_fills(fleet.order, fleet.cost, PENALTY, fleet.rent, *fleet.arrays, on_dc, *work, margin)
    assert total == pytest.approx(expected_total, abs=1e-9)
    assert margin == pytest.approx(expected_margin, abs=1e-9)
    assert np.array_equal(on_dc[~fleet.choose], fleet.on_dc[~fleet.choose]), "what is held stays"
    # The choice and the energies left behind are the ones that reach the best.
    energy = work[2]
    for v, best in enumerate(best_values):
        sessions = fleet.vehicle(v)
        rate = rates(fleet, sessions, dict(enumerate(on_dc.tolist())))
        assert all(-1e-12 <= energy[i] <= most + 1e-12 for i, most in rate.items())
        spent = sum(energy[i] * fleet.cost[period_of(fleet, i)] for i in rate)
        spent += sum(fleet.rent[s] for s in sessions if fleet.choose[s] and on_dc[s])
        upto = [energy[list(rate)][np.array(list(rate)) < fleet.offset[s + 1]].sum() for s in sessions]
        spent += PENALTY * sum(np.maximum(0.0, fleet.need[list(sessions)] - upto))
        assert spent == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_dc_gains_change_one_session_at_a_time(seed):
    fleet = random_fleet(seed)
    on_dc, gain = fleet.on_dc.copy(), np.zeros(len(fleet.first))
    dc_gains(fleet.order, fleet.cost, PENALTY, *fleet.arrays, on_dc, *fleet.work(), gain)
    assert np.array_equal(on_dc, fleet.on_dc)
    for v in range(len(fleet.start) - 1):
        sessions = fleet.vehicle(v)
        now = {s: bool(fleet.on_dc[s]) for s in sessions}
        for s in sessions:
            value = {}
            for charger in (False, True):
                value[charger], _ = plain_fill(fleet, sessions, rates(fleet, sessions, {**now, s: charger}))
            expected = value[False] - value[True] if fleet.choose[s] else 0.0
            assert gain[s] == pytest.approx(expected, abs=1e-9)


def fill_by_hand(
    need: list[float], cost: tuple[float, ...] = (-3.0, -1.0, -2.0, 0.5)
) -> tuple[float, list[float]]:
    """Stays in t0-t1 and t2-t3, 2 kWh a period; room for 1 kWh before the route between, 3 after it."""
    energy, costs = np.empty(4), np.array(cost)
    places = np.array([0, 2]), np.array([2, 4]), np.array([0, 2, 4])
    rooms = np.array([1.0, 3.0]), np.array(need)
    total = fill_vehicle(
        np.argsort(costs), costs, 9.0, 0, 2, *places, np.full(4, 2.0), *rooms, np.empty(2), energy
    )
    return total, energy.tolist()


def test_fill_by_hand():
    """The cheapest first: 1 at t0 fills the room before the route, 2 at t2, none at t3 for it costs."""
    assert fill_by_hand([0.0, 0.0]) == (-7.0, [1.0, 0.0, 2.0, 0.0])


def test_needs_by_hand():
    """3 kWh are taken anyway; a fourth has no room and is paid for; a dear kWh is taken if needed."""
    assert fill_by_hand([1.0, 3.0]) == (-7.0, [1.0, 0.0, 2.0, 0.0])
    assert fill_by_hand([0.0, 4.0]) == (-7.0 + 9.0, [1.0, 0.0, 2.0, 0.0])
    dear = (-3.0, -1.0, 1.0, 0.5)
    assert fill_by_hand([0.0, 0.0], dear) == (-3.0, [1.0, 0.0, 0.0, 0.0])
    assert fill_by_hand([0.0, 2.5], dear) == (-3.0 + 0.75, [1.0, 0.0, 0.0, 1.5])
