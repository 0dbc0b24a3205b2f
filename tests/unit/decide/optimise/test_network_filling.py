"""Charging by least laxity: what comes out is a schedule, and the one that the rule gives."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from sparewatt.decide.optimise.network_filling import BORROWER_H, LENDER_H, fill_by_laxity, laxity_h
from sparewatt.decide.optimise.network_realised import fillable_of
from support.ev_pools import draw_sessions, make_sessions


def fill(s, wanted_kwh: np.ndarray, upper_kw: np.ndarray, *, lend: bool = True):
    """By the kernel: what is missing, powers of the entries."""
    stays = fillable_of(s, wanted_kwh)
    if not lend:
        stays = stays._replace(discharge_kw=0.0 * stays.discharge_kw)
    return fill_by_laxity(stays, upper_kw)


def fill_plainly(s, wanted: np.ndarray, upper: np.ndarray):  # noqa: C901 - the rule, written out
    """The same rule with sorted lists."""
    charge, discharge = np.zeros(s.entries), np.zeros(s.entries)
    energy = s.start_kwh.copy()
    battery, power, eta = s.battery_kwh[s.car], s.charge_kw[s.car], s.efficiency[s.car]

    def most(i: int) -> float:
        return min(power[i], power[i] / battery[i] / 0.201 * (1.001 * battery[i] - energy[i]))

    def room(i: int, to: float) -> float:
        return (to - energy[i]) / (eta[i] * s.step_h)

    for t in range(s.periods):
        here = [i for i in range(len(s)) if s.arrival[i] <= t < s.departure[i]]
        lacking, sated = {}, [i for i in here if energy[i] >= wanted[i]]
        for i in (i for i in here if energy[i] < wanted[i]):
            bend, top = 0.8 * battery[i], 1.001 * battery[i]
            alone = max(0.0, min(bend, wanted[i]) - energy[i]) / (eta[i] * power[i])
            if wanted[i] > bend:
                alone += (
                    0.201
                    * battery[i]
                    / power[i]
                    / eta[i]
                    * (log((top - max(bend, energy[i])) / (top - min(wanted[i], top * (1 - 1e-6)))))
                )
            lacking[i] = (s.departure[i] - t) * s.step_h - alone
        queue = sorted(lacking, key=lacking.__getitem__)
        # Those who stay longest give first, of those who lack nothing.
        givers = sorted(sated, key=lambda i: s.departure[i], reverse=True)
        givers += queue[::-1]
        spare = {}
        for i in givers:
            kept = wanted[i]
            if i in lacking:
                kept = energy[i] - max(0.0, lacking[i] - LENDER_H) * eta[i] * power[i]
            floor = max(kept, min(s.reserve_kwh[s.car[i]], s.start_kwh[i]))
            give = max(0.0, energy[i] - floor) * eta[i] / s.step_h
            spare[i] = min(s.discharge_kw[s.car[i]], give)
        left, taken, given = upper[t], dict.fromkeys(here, 0.0), dict.fromkeys(here, 0.0)
        for n, i in enumerate(queue):
            asked = max(0.0, min(most(i), room(i, wanted[i])))
            taken[i] = min(asked, left)
            left -= taken[i]
            for g in givers:
                if asked - taken[i] <= 1e-9 or g in queue[: n + 1]:
                    break
                if g in lacking and lacking[i] >= BORROWER_H:
                    break
                share = min(asked - taken[i], spare[g])
                taken[i], given[g], spare[g] = taken[i] + share, given[g] + share, spare[g] - share
        for i in sorted(sated, key=lambda i: s.departure[i], reverse=True):
            if s.discharge_kw[s.car[i]] > 0.0 and given[i] == 0.0 and left > 0.0:
                taken[i] = max(0.0, min(most(i), left, room(i, battery[i])))
                left -= taken[i]
        for i in here:
            e = s.offset[i] + t - s.arrival[i]
            charge[e], discharge[e] = taken[i], given[i]
            energy[i] += (eta[i] * taken[i] - given[i] / eta[i]) * s.step_h
    return np.maximum(wanted - energy, 0.0).sum(), charge, discharge


def test_laxity_is_the_time_left_beyond_that_of_charging_alone():
    # 60 kWh at 6 kW without loss: from 42 to 48 kWh an hour, from there on ever slower.
    law = (6.0, 6.0 / 0.201 * 1.001, 6.0 / (0.201 * 60.0), 1.0)
    assert laxity_h(5.0, 42.0, 48.0, *law) == pytest.approx(4.0)
    steps, energy = 0, 42.0
    while energy < 57.0:
        energy += min(6.0, law[1] - law[2] * energy) * 1e-4
        steps += 1
    assert laxity_h(5.0, 42.0, 57.0, *law) == pytest.approx(5.0 - steps * 1e-4, abs=1e-3)


def test_filling_by_hand():
    # Car 0 leaves first: it is served first although car 1 came earlier.
    s = make_sessions(
        [(0, 1, 2, 2.0, 4.0), (1, 0, 4, 2.0, 5.0)], battery_kwh=[50.0, 50.0], periods=4, step_h=1.0,
        charge_kw=3.0, efficiency=1.0, reserve=0.0,
    )  # fmt: skip
    missing, charge, discharge = fill(s, s.wanted_kwh, np.array([1.0, 2.5, 0.2, 9.0]))
    assert missing == pytest.approx(0.0)
    assert charge == pytest.approx([2.0, 1.0, 0.5, 0.2, 1.3])
    assert np.all(discharge == 0.0)


def test_what_is_left_is_stored_and_given_on_by_hand():
    # Car 0 is full enough: it takes the 3 kW of the first hour and gives 2 of them on in the second.
    s = make_sessions(
        [(0, 0, 3, 5.0, 5.0), (1, 1, 2, 2.0, 4.0)], battery_kwh=[50.0, 50.0], periods=3, step_h=1.0,
        charge_kw=3.0, discharge_kw=3.0, efficiency=1.0, reserve=0.0,
    )  # fmt: skip
    upper = np.array([3.0, 0.0, 0.0])
    missing, charge, discharge = fill(s, s.wanted_kwh, upper)
    assert missing == pytest.approx(0.0)
    assert charge == pytest.approx([3.0, 0.0, 0.0, 2.0])
    assert discharge == pytest.approx([0.0, 2.0, 0.0, 0.0])
    assert fill(s, s.wanted_kwh, upper, lend=False)[0] == pytest.approx(2.0)


def test_those_who_can_wait_lend_by_hand():
    # Car 1 needs both hours; car 0 has seven hours more than it needs and gets its energy back later.
    s = make_sessions(
        [(0, 0, 10, 5.0, 8.0), (1, 0, 2, 2.0, 4.0)], battery_kwh=[50.0, 50.0], periods=10, step_h=1.0,
        charge_kw=1.0, discharge_kw=1.0, efficiency=1.0, reserve=0.0,
    )  # fmt: skip
    upper = np.array([0.0, 0.0, *[1.0] * 8])
    missing, charge, discharge = fill(s, s.wanted_kwh, upper)
    assert missing == pytest.approx(0.0)
    assert discharge[:2] == pytest.approx([1.0, 1.0])
    # What comes in later is more than was lent; the rest is stored.
    assert charge[:10] == pytest.approx(upper)
    assert fill(s, s.wanted_kwh, upper, lend=False)[0] == pytest.approx(2.0)


@pytest.mark.parametrize("lend", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_filling_is_a_schedule(seed: int, lend: bool):  # noqa: FBT001 - pytest passes it by name
    rng = np.random.default_rng(seed)
    s, upper = draw_sessions(rng, 8, periods=48), rng.uniform(0.0, 12.0, 48)
    missing, charge, discharge = fill(s, s.wanted_kwh, upper, lend=lend)
    assert lend or np.all(discharge == 0.0)
    assert not np.any((charge > 0.0) & (discharge > 0.0))
    total = np.bincount(s.entry_period, weights=charge - discharge, minlength=48)
    assert np.all((total <= upper + 1e-9) & (total >= -1e-9))
    short = 0.0
    for i in range(len(s)):
        energy, car = s.start_kwh[i], s.car[i]
        floor = min(s.reserve_kwh[car], energy)
        for e in range(s.offset[i], s.offset[i + 1]):
            line = s.charge_kw[car] / (0.201 * s.battery_kwh[car]) * (1.001 * s.battery_kwh[car] - energy)
            assert -1e-12 <= charge[e] <= min(s.charge_kw[car], line) + 1e-9
            assert -1e-12 <= discharge[e] <= s.discharge_kw[car] + 1e-12
            energy += (s.efficiency[car] * charge[e] - discharge[e] / s.efficiency[car]) * s.step_h
            assert floor - 1e-9 <= energy <= s.battery_kwh[car] + 1e-9
        short += max(0.0, s.wanted_kwh[i] - energy)
    assert missing == pytest.approx(short)


@pytest.mark.parametrize("seed", range(12))
def test_kernel_is_the_plain_rule(seed: int):
    rng = np.random.default_rng(seed)
    s, upper = draw_sessions(rng, 9, periods=48), rng.uniform(0.0, 14.0, 48) * (rng.random(48) < 0.7)
    wanted = 0.99 * s.wanted_kwh
    for got, expected in zip(fill(s, wanted, upper), fill_plainly(s, wanted, upper), strict=True):
        assert got == pytest.approx(expected, abs=1e-7)
