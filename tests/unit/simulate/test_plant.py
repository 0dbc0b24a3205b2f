"""Power to state of charge, by hand; and kernels against their meaning in plain Python."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.trace import NONE
from sparewatt.simulate import book, state
from sparewatt.simulate.heap import ROW_BITS, pop_due, push_due
from sparewatt.simulate.hub import HubSimulation, simulate_hub
from sparewatt.simulate.plant import apply_powers, fastest_soc, refresh
from sparewatt.simulate.record import scatter
from support.hubs import Unit, Visit, make_fleet, make_system, random_hub


def test_charging_loses_on_the_way_to_the_battery():
    system = make_system([[Unit(efficiency=0.8)]])
    trace = simulate_hub(system, make_fleet([Visit(0, 60, soc=0.5)]), OperatingRules())
    assert trace.cluster_kw[0, 0] == pytest.approx(11 / 0.8)
    assert trace.connections.g2v_kwh[0] == pytest.approx(11)
    assert trace.connections.soc_last[0] == pytest.approx(0.5 + 11 / 55)


def test_discharging_loses_on_the_way_to_the_grid_and_ends_with_the_allowance():
    system = make_system([[Unit(efficiency=0.8)]], lower_kw=-50, upper_kw=-4)
    visit = Visit(0, 60, soc=0.5, v2g_kwh=2.0)
    trace = simulate_hub(system, make_fleet([visit]), OperatingRules())
    assert trace.battery_kw(0)[:4] == pytest.approx([-5] * 4)  # -4 kW at the grid
    assert trace.cluster_kw[0, :4] == pytest.approx([-4] * 4)
    assert trace.battery_kw(0)[4:6] == pytest.approx([-4, 0])  # 2 kWh - 20/12 kWh are left
    assert trace.connections.v2g_kwh[0] == pytest.approx(2.0)
    assert trace.connections.g2v_kwh[0] == 0
    assert trace.cluster_kw[0, 6] == 0  # the violation is recorded


def test_power_follows_the_table_at_the_soc_of_the_period():
    visit = Visit(0, 60, soc=0.6, battery_kwh=10, table=((0.7, 11.0), (0.9, 6.0), (1.0, 2.4)))
    trace = simulate_hub(make_system(), make_fleet([visit]), OperatingRules())
    soc = trace.soc(0)
    assert trace.battery_kw(0).tolist()[:4] == pytest.approx([11, 11, 6, 6])
    assert soc[2] == pytest.approx(0.6 + 22 / 120)
    on_the_edge = Visit(0, 60, soc=0.7, battery_kwh=10, table=((0.7, 11.0), (1.0, 6.0)))
    assert simulate_hub(make_system(), make_fleet([on_the_edge]), OperatingRules()).battery_kw(0)[0] == 6


def test_nothing_is_written_while_nothing_changes():
    fleet = make_fleet([Visit(0, 3000, soc=0.79)])
    trace = simulate_hub(make_system(periods=600), fleet, OperatingRules())
    # 0.21 · 55 kWh = 11.55 kWh: an hour at 11 kW, 0.55 kWh in the next period, and then it is full.
    assert trace.setting.period.tolist() == [0, 12, 13]
    assert trace.setting.battery_kw.tolist() == pytest.approx([11, 6.6, 0])


def test_a_battery_outside_its_bounds_may_stay_there():
    visits = [Visit(0, 60, soc=0.95, max_soc=0.9), Visit(0, 60, soc=0.05, min_soc=0.1, v2g_kwh=5)]
    system = make_system([[Unit()], [Unit()]], upper_kw=[5.0, -5.0], lower_kw=-50)
    fleet = make_fleet([visits[0], Visit(**{**visits[1].__dict__, "cluster": 1})])
    trace = simulate_hub(system, fleet, OperatingRules())
    assert trace.connections.soc_last.tolist() == [0.95, 0.05]


@pytest.mark.parametrize("seed", range(6))
def test_apply_powers_and_refresh_in_plain_python(seed):
    system, fleet = random_hub(seed)
    simulation = HubSimulation(system, fleet, OperatingRules(reservation="simple", queue=True))
    simulation.advance(20)
    hub, rng = simulation._hub, np.random.default_rng(seed)
    refresh(hub, 20)
    places = simulation._belief.places(hub)
    before, row = hub.plug_kw[:, places].copy(), hub.plug_row[:, places].copy()
    want = np.zeros(len(places))
    for n, vehicle in enumerate(row[state.VEHICLE]):
        now_s = system.horizon.start_s + 20 * 300
        assert before[state.LEAD, n] == (fleet.declared_departure_s[vehicle] - now_s) / 3600
        table = fleet.power_table.max_kw_at(int(vehicle), before[state.SOC, n])
        assert before[state.CHARGE, n] == min(before[state.MAX_CHARGE, n], table)
        high = min(before[state.CHARGE, n], (before[state.MAX_SOC, n] - before[state.SOC, n]) * 12)
        want[n] = rng.uniform(0, max(0, high))
    hub.plug_kw[state.KW, places] = want
    assert apply_powers(hub, 20) == NONE
    after = hub.plug_kw[:, places]
    battery, efficiency = before[state.BATTERY], before[state.EFFICIENCY]
    np.testing.assert_allclose(after[state.SOC], before[state.SOC] + want / 12 / battery, rtol=1e-14)
    cluster = system.evses.cluster[row[state.EVSE]]
    grid = np.bincount(cluster, want / efficiency, minlength=len(system.cluster_ids))
    np.testing.assert_allclose(hub.cluster_kw[:, 20], grid, rtol=1e-14)


def test_fastest_soc_in_plain_python():
    def slow(soc, goal, battery, kw, to, most, step, boundaries):
        out = [soc]
        while len(out) < boundaries and out[-1] < goal:
            ranges = [p for t, p in zip(to, most, strict=True) if out[-1] < t] or list(most[-1:])
            power = min([kw, *ranges[:1]])
            if power <= 0:
                break
            out.append(min(goal, out[-1] + power * step / battery))
        return out

    rng = np.random.default_rng(0)
    for _ in range(50):
        to = np.array([*np.sort(rng.uniform(0, 1, rng.integers(0, 3))), 1.0])[: rng.integers(0, 4)]
        most = rng.choice([0, 3.0, 22.0], len(to))
        case = (rng.random(), rng.random(), 40.0, rng.choice([0, 7.4, 11]), to, most, 0.25, 9)
        assert fastest_soc(*case).tolist() == slow(*case)


def test_heap_against_heapq():
    rng = np.random.default_rng(1)
    heap, size, plain = np.zeros(300, dtype=np.int64), 0, []
    for _ in range(1000):
        if size < 300 and (size == 0 or rng.random() < 0.55):
            pair = (int(rng.integers(50)), int(rng.integers(1 << 31)))
            size = push_due(heap, size, *pair)
            heapq.heappush(plain, pair)
        else:
            assert (int(heap[0]) >> ROW_BITS, int(heap[0]) & ((1 << ROW_BITS) - 1)) == heapq.heappop(plain)
            size = pop_due(heap, size)


@pytest.mark.parametrize("seed", range(5))
def test_book_kernels_in_plain_python(seed):
    system, fleet = random_hub(seed, visits=60)
    simulation = HubSimulation(system, fleet, OperatingRules(reservation="simple", grace_s=1800))
    simulation.advance(24)
    hub, rng = simulation._hub, np.random.default_rng(seed)
    rows = hub.bookings[: hub.counts[state.BOOKINGS]]
    plugged = {int(e) for e in hub.plug_row[state.EVSE, simulation._belief.places(hub)]}
    power = system.evses.max_charge_kw

    def free(evse, first, end):
        mine = rows[(rows["evse"] == evse) & (rows["closed"] == NONE)]
        return (first > 24 or evse not in plugged) and all(
            b["end"] <= first or b["first"] >= end for b in mine
        )

    for _ in range(60):
        first = int(rng.integers(24, 40))
        end, kw = first + int(rng.integers(1, 12)), float(rng.choice([3.7, 11, 22, 50]))
        for cluster in range(len(system.cluster_ids)):
            units = [int(e) for e in np.flatnonzero(system.evses.cluster == cluster) if free(e, first, end)]
            best = min(units, key=lambda e: (-min(power[e], kw), power[e], e), default=NONE)
            assert book.count_free(hub, cluster, first, end, 24) == len(units)
            assert book.find_evse(hub, cluster, kw, first, end, 24) == best
            weakest_first = sorted(units, key=lambda e: (power[e], e))
            assert book.free_units(hub, cluster, first, end, 24).tolist() == weakest_first


def test_scatter_is_a_stable_sort():
    rng = np.random.default_rng(2)
    link = rng.integers(0, 9, 200).astype(np.int32)
    at, kw = np.arange(200, dtype=np.int32), rng.random(200)
    changes = np.zeros(200, dtype=state.CHANGE)
    changes["link"], changes["period"], changes["kw"] = link, at, kw
    place = np.concatenate([[0], np.cumsum(np.bincount(link, minlength=9))])[:-1]
    period, battery_kw = np.empty(200, dtype=np.int64), np.empty(200)
    scatter(changes, place, period, battery_kw)
    order = np.argsort(link, kind="stable")
    assert period.tolist() == at[order].tolist()
    assert battery_kw.tolist() == kw[order].tolist()
