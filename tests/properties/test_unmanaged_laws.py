"""Laws of unmanaged charging, and of the judge on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from properties.strategies_depot import depots
from sparewatt.decide.rules.unmanaged import plan_unmanaged
from sparewatt.model.schedule import AC, DC
from sparewatt.verify.depot_schedule import check_depot_schedule

NEAR = 1e-9


@given(depots())
def test_the_judge_has_nothing_to_say(depot):
    assert check_depot_schedule(plan_unmanaged(depot), mode="BAU") == ()


@given(depots())
def test_same_depot_same_bytes(depot):
    a, b = plan_unmanaged(depot), plan_unmanaged(depot)
    assert a.energy_kwh.tobytes() == b.energy_kwh.tobytes()
    assert a.charger.tobytes() == b.charger.tobytes()


@given(depots(), st.integers(0, 99))
def test_price_load_and_limits_change_nothing(depot, seed):
    rng = np.random.default_rng(seed)
    other = replace(
        depot,
        price_per_kwh=rng.uniform(-1, 1, depot.horizon.periods),
        site_load_kw=rng.uniform(0, 900, depot.horizon.periods),
        asc_kw=1.0,
        min_power_kw=6.0,
    )
    assert np.array_equal(plan_unmanaged(depot).energy_kwh, plan_unmanaged(other).energy_kwh)


@given(depots())
def test_a_vehicle_charges_at_full_rate_or_fills_up(depot):
    schedule = plan_unmanaged(depot)
    s = depot.sessions
    rate = np.select(
        [schedule.charger == DC, schedule.charger == AC], [depot.session_dc_kw, depot.session_ac_kw], 0.0
    )
    room = rate[s.entry_session] * depot.horizon.step_h * s.fraction
    for i in range(len(s)):
        entries = slice(s.offset[i], s.offset[i + 1])
        energy, most = schedule.energy_kwh[entries], room[entries]
        below = np.flatnonzero(energy < most - NEAR)
        if len(below):  # from the first part period on nothing more is taken: the battery is full
            assert energy[below[0] + 1 :].max(initial=0) < NEAR
            if i + 1 == len(s) or s.vehicle[i + 1] != s.vehicle[i]:
                assert abs(schedule.soc[s.vehicle[i], s.end[i]] - 1) < NEAR


@given(depots())
def test_battery_and_unserved(depot):
    schedule = plan_unmanaged(depot)
    battery = depot.vehicles.battery_kwh[depot.sessions.vehicle]
    assert schedule.soc.max() <= 1 + NEAR
    assert schedule.soc.min() >= -NEAR
    assert (schedule.unserved_kwh >= 0).all()
    short = schedule.unserved_kwh > 0
    assert (depot.sessions.use_kwh[short] > 0).all()
    if depot.initial_soc >= depot.reserve:
        assert (schedule.unserved_kwh <= depot.sessions.use_kwh + NEAR).all()
    assert (schedule.unserved_kwh >= depot.sessions.use_kwh - battery * (1 - depot.reserve) - NEAR).all()


@given(depots(), st.sampled_from((0.5, 0.8)))
def test_shorter_routes_leave_no_more_unserved_and_never_take_more(depot, factor):
    shorter = replace(
        depot, sessions=replace(depot.sessions, use_kwh=np.round(depot.sessions.use_kwh * factor, 3))
    )
    more, less = plan_unmanaged(depot), plan_unmanaged(shorter)
    assert less.unserved_kwh.sum() <= more.unserved_kwh.sum() + NEAR
    assert np.array_equal(less.charger, more.charger)
    assert (less.soc[:, -1] >= more.soc[:, -1] - NEAR).all()


@given(depots(), st.floats(1.01, 3))
def test_faster_vehicles_leave_no_more_unserved(depot, factor):
    """All rates scaled alike, so that everyone keeps the same charger."""
    v, c = depot.vehicles, depot.chargers
    faster = replace(
        depot,
        vehicles=replace(v, ac_kw=v.ac_kw * factor, dc_kw=v.dc_kw * factor),
        chargers=replace(c, ac_kw=c.ac_kw * factor, dc_kw=c.dc_kw * factor),
    )
    slow, fast = plan_unmanaged(depot), plan_unmanaged(faster)
    assert np.array_equal(slow.charger, fast.charger)
    assert (fast.unserved_kwh.sum() <= slow.unserved_kwh.sum() + NEAR) or _reserve_below_start(depot)
    assert (fast.soc[:, -1] >= slow.soc[:, -1] - NEAR).all()


def _reserve_below_start(depot) -> bool:
    """A start under the reserve is lifted by the first route's unserved energy; then sums may differ."""
    return bool(depot.initial_soc < depot.reserve)


@given(depots(max_vehicles=3))
def test_nobody_is_served_later_because_somebody_comes_last(depot):
    """First come, first served: without the last one to plug in, all others keep what they had."""
    s = depot.sessions
    active = np.flatnonzero(s.first < s.end)
    assume(len(active) > 1)
    order = active[np.lexsort((s.vehicle[active], s.plug_in_s[active]))]
    last = order[-1]
    gone = replace(s, plug_out_s=s.plug_out_s.copy())
    end, keep = s.end.copy(), np.ones(len(s.fraction), dtype=bool)
    keep[s.offset[last] : s.offset[last + 1]] = False
    end[last] = s.first[last]
    offset = s.offset.copy()
    offset[last + 1 :] -= s.offset[last + 1] - s.offset[last]
    gone = replace(gone, end=end, offset=offset, fraction=s.fraction[keep])
    with_it, without = plan_unmanaged(depot), plan_unmanaged(replace(depot, sessions=gone))
    others = np.arange(len(s)) != last
    assert np.array_equal(with_it.charger[others], without.charger[others])


@given(depots(), st.data())
def test_the_judge_sees_a_little_more_energy_anywhere(depot, data):
    """An unmanaged schedule is at full rate or full: 1e-3 kWh more in any entry breaks some rule."""
    schedule = plan_unmanaged(depot)
    assume(len(schedule.energy_kwh) > 0)
    entry = data.draw(st.integers(0, len(schedule.energy_kwh) - 1))
    energy = schedule.energy_kwh.copy()
    energy[entry] += 1e-3
    found = {f.rule for f in check_depot_schedule(replace(schedule, energy_kwh=energy), mode="BAU")}
    assert found & {f"depot.schedule.{r}" for r in ("rate", "no_charger", "full", "unserved")}


@given(depots(), st.data())
def test_the_judge_sees_energy_taken_away_or_unserved_changed(depot, data):
    schedule = plan_unmanaged(depot)
    session = data.draw(st.integers(0, len(schedule.charger) - 1))
    unserved = schedule.unserved_kwh.copy()
    unserved[session] += data.draw(st.sampled_from((1e-3, -1e-3)))
    changed = replace(schedule, unserved_kwh=unserved)
    found = {f.rule for f in check_depot_schedule(changed, mode="BAU")}
    no_route_and_low = depot.sessions.use_kwh[session] == 0 and depot.initial_soc < depot.reserve
    assert found & {f"depot.schedule.{r}" for r in ("unserved", "reserve", "full")} or no_route_and_low
