"""Plug-in charging of EVs, by hand and against its plain meaning."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.rules.plug_in import plan_plug_in
from sparewatt.decide.rules.plug_in_filling import fill_plug_in
from sparewatt.model.ev_sessions import taper_line
from support.ev_pools import draw_sessions, make_sessions


def test_full_rate_then_taper_by_hand():
    # 10 kWh, 2 kW, half-hours, no loss: 7 → 8 at full power, then 2/(0.201·10)·(10.01 - E).
    s = make_sessions(
        [(0, 1, 5, 7.0, 9.0)], battery_kwh=[10.0], periods=6, charge_kw=2.0, efficiency=1.0, reserve=0.0
    )
    plan = plan_plug_in(s)
    second = 2.0 / 2.01 * (10.01 - 8.0)
    assert second == pytest.approx(2.0)
    third = 2.0 / 2.01 * (10.01 - 9.0)
    fourth = 2.0 / 2.01 * (10.01 - 9.0 - 0.5 * third)
    assert plan.grid_kw == pytest.approx([2.0, second, third, fourth])
    assert plan.energy_kwh == pytest.approx([7.0, 8.0, 9.0, 9.0 + 0.5 * third, 9.0 + 0.5 * (third + fourth)])
    assert plan.car_kw[0] == pytest.approx([0.0, *plan.grid_kw, 0.0])
    assert plan.total_kw.sum() * 0.5 == pytest.approx(plan.end_kwh[0] - 7.0)


def test_last_period_is_a_part_one_and_then_nothing():
    s = make_sessions(
        [(0, 0, 4, 4.0, 5.5)], battery_kwh=[20.0], periods=4, charge_kw=2.0, efficiency=0.5, reserve=0.0
    )
    wanted = plan_plug_in(s, until="wanted")
    assert wanted.grid_kw == pytest.approx([2.0, 2.0, 2.0, 0.0])
    assert wanted.end_kwh == pytest.approx([5.5])
    assert plan_plug_in(s).end_kwh == pytest.approx([6.0])


def test_full_on_arrival_draws_nothing():
    s = make_sessions([(0, 0, 3, 24.0, 24.0)], battery_kwh=[24.0], periods=3)
    assert np.all(plan_plug_in(s).grid_kw == 0.0)


def test_a_car_that_comes_twice_begins_with_what_it_has_then():
    s = make_sessions([(0, 0, 2, 5.0, 9.0), (0, 3, 5, 6.0, 9.0)], battery_kwh=[40.0], periods=6)
    plan = plan_plug_in(s)
    step = 0.88 * 7.4 * 0.5
    assert plan.end_kwh == pytest.approx([5.0 + 2 * step, 6.0 + 2 * step])


def test_taper_reaches_the_greatest_power_at_four_fifths():
    intercept, slope = taper_line(60.0, 7.4)
    assert intercept - slope * 0.8 * 60.0 == pytest.approx(7.4)
    assert intercept - slope * 60.0 == pytest.approx(7.4 * 0.001 / 0.201)


def test_kernel_is_its_plain_meaning():
    s = draw_sessions(np.random.default_rng(5), 30)
    intercept, slope = taper_line(s.battery_kwh, s.charge_kw)
    given = (
        s.offset,
        s.start_kwh,
        s.battery_kwh[s.car],
        s.charge_kw[s.car],
        intercept[s.car],
        slope[s.car],
        s.efficiency[s.car] * s.step_h,
    )
    offset, start, full, most, a, k, gain = given
    plain = np.zeros(s.entries)
    for i in range(len(s)):
        energy = start[i]
        for e in range(offset[i], offset[i + 1]):
            rate = min(most[i], a[i] - k[i] * energy)
            plain[e] = max(0.0, min(rate, (full[i] - energy) / gain[i]))
            energy += gain[i] * plain[e]
    assert fill_plug_in(*given) == pytest.approx(plain, abs=1e-12)
