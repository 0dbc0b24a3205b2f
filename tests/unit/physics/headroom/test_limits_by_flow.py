"""Limits by power flow on a network whose drops are proportional to power, worked out by hand.

Voltage base 240 V. Branch busbar-a and a-b lose 0.001 pu per kW, busbar-c 0.002 pu per kW.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.model.headroom import Binding, HeadroomSettings
from sparewatt.physics.headroom.growth import find_growth
from sparewatt.physics.headroom.margins import find_watch, narrow_branches
from sparewatt.physics.headroom.shared_limit import find_shared_limit
from sparewatt.physics.headroom.zonal import find_zonal_series, snapshot_blocks
from sparewatt.physics.headroom.zone_limit import TOLERANCE_KVA, find_zone_limit
from sparewatt.physics.topology import find_feeders, find_zones
from support.linear_flow import LinearFlow
from support.networks import BUSBAR, TRANSFORMER, make_network

OHM = 0.0576
"""0.001 pu per kW: R·1000/240²."""

BRANCHES = [(BUSBAR, "a"), ("a", "b"), (BUSBAR, "c")]
LOADS = [("b", 0), ("b", 0), ("a", 1), ("c", 0)]
"""Zones 1/1 (the two at b), 1/2 (at a), 2/1 (at c)."""

SETTINGS = HeadroomSettings(ev_power_factor=1.0)


def make(ampacity=(1000.0, 1000.0, 1000.0), rating=1000.0):
    transformer = replace(TRANSFORMER, lv_kv=0.24 * 3**0.5, rating_kva=rating)
    z = np.eye(3) * OHM * np.array([1.0, 1.0, 2.0])[:, None, None]
    return make_network(BRANCHES, LOADS, z_ohm=z, ampacity_a=list(ampacity), transformer=transformer)


def limits(network, kw, side="import", *, by="load", settings=SETTINGS, tolerance=TOLERANCE_KVA, **engine):
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    assert zones.ids == ("1/1", "1/2", "2/1")
    kw = np.array(kw, dtype=float).T
    flow = LinearFlow(network, **engine)
    watch = find_watch(network, feeders, zones, settings)
    growth = find_growth(zones, kw, by, settings.ev_power_factor)
    alone = find_zone_limit(flow, watch, kw, 0 * kw, growth, side, tolerance)
    shared = find_shared_limit(flow, watch, kw, 0 * kw, growth, side, alone, tolerance / 100)
    return alone, shared, flow


def test_undervoltage_binds_where_the_drop_says():
    # Zone 1/1: both branches carry P, 0.002·P = 0.06 → 30 kW. Zone 1/2: 0.001·P = 0.06 → 60. Zone 2/1: 30.
    alone, _, _ = limits(make(), [[1, 1, 1, 1]])
    assert alone.limit.kva[:, 0] == pytest.approx([30, 60, 30], abs=TOLERANCE_KVA)
    assert (alone.limit.kva[:, 0] <= [30, 60, 30]).all()
    assert alone.limit.binding[:, 0].tolist() == [Binding.UNDERVOLTAGE] * 3
    assert alone.found.all()


def test_the_first_cable_of_the_way_that_reaches_its_share_binds():
    # a-b: 0.9·100 A·240 V = 21.6 kW; busbar-a: 0.9·200·240 = 43.2; busbar-c: infinite.
    alone, _, _ = limits(make((200.0, 100.0, np.inf)), [[2, 1, 1, 1]])
    assert alone.limit.kva[:, 0] == pytest.approx([21.6, 43.2, 30], abs=TOLERANCE_KVA)
    assert alone.limit.binding[:, 0].tolist() == [Binding.CABLE, Binding.CABLE, Binding.UNDERVOLTAGE]


def test_the_transformer_binds_on_the_sum_of_all_zones():
    # 25 kVA in all, 1 each elsewhere: 25 − 2 = 23, 25 − 3 = 22, 25 − 3 = 22 (zone 1/1 has two loads).
    alone, _, _ = limits(make(rating=25.0), [[1, 1, 1, 1]])
    assert alone.limit.kva[:, 0] == pytest.approx([23, 22, 22], abs=TOLERANCE_KVA)
    assert alone.limit.binding[:, 0].tolist() == [Binding.TRANSFORMER] * 3


def test_overvoltage_binds_on_the_export_side():
    # 0.05 pu: 25 kW out of 1/1, 50 out of 1/2, 25 out of 2/1; the limits are positive outwards.
    alone, _, _ = limits(make(), [[1, 1, 1, 1]], "export")
    assert alone.limit.kva[:, 0] == pytest.approx([25, 50, 25], abs=TOLERANCE_KVA)
    assert alone.limit.binding[:, 0].tolist() == [Binding.OVERVOLTAGE] * 3


def test_a_cable_binds_on_the_export_side():
    alone, _, _ = limits(make((200.0, 100.0, np.inf)), [[2, 1, 1, 1]], "export")
    assert alone.limit.kva[:, 0] == pytest.approx([21.6, 43.2, 25], abs=TOLERANCE_KVA)


def test_a_zone_beyond_its_bound_is_taken_back_to_it():
    # 40 kW at b: 0.92 pu. The limit is 30 all the same; the headroom is −10.
    alone, _, _ = limits(make(), [[30, 10, 1, 1]])
    assert alone.limit.kva[:, 0] == pytest.approx([30, 60, 30], abs=TOLERANCE_KVA)
    assert alone.limit.binding[0, 0] == Binding.UNDERVOLTAGE
    assert alone.found.all()


def test_a_cable_beyond_its_share_is_taken_back_to_it():
    alone, _, _ = limits(make((1000.0, 100.0, 1000.0)), [[20, 5, 1, 1]])
    assert alone.limit.kva[0, 0] == pytest.approx(21.6, abs=TOLERANCE_KVA)
    assert alone.limit.binding[0, 0] == Binding.CABLE


def test_a_neighbour_that_holds_binds_and_one_that_does_not_holds_nobody_back():
    # The busbar sags 0.0005 pu per kW in all. Snapshot 0: 2/1 at 18 kW has 1 − 0.0005·20 − 0.036 = 0.954;
    # 1/1 alone falls by 0.0025 per kW: at P it has 1 − 0.0005·(18 + P + 1) − 0.002·P = 0.94 → P = 20.2;
    # 2/1 has 1 − 0.0005·(19 + P) − 0.036 = 0.94 → P = 29; so 1/1 is bound by itself.
    # 1/2 by itself: 1 − 0.0005·(19 + P) − 0.001·P = 0.94 → 33.67; by 2/1 at P = 29 first.
    # Snapshot 1: 2/1 at 30 kW is broken: 1/2 by itself, 1 − 0.0005·(31 + P) − 0.001·P = 0.94 → 29.67.
    kw = [[0.5, 0.5, 1, 18], [0.5, 0.5, 1, 30]]
    alone, _, _ = limits(make(), kw, sag_per_kva=0.0005)
    assert alone.limit.kva[0, 0] == pytest.approx(20.2, abs=TOLERANCE_KVA)
    assert alone.limit.kva[1] == pytest.approx([29.0, 29.6667], abs=TOLERANCE_KVA)
    # 2/1 itself is taken back: 1 − 0.0005·(2 + P) − 0.002·P = 0.94 → 23.6.
    assert alone.limit.kva[2] == pytest.approx([23.6, 23.6], abs=TOLERANCE_KVA)


def test_collapse_is_undervoltage_and_is_approached_from_the_side_that_converges():
    alone, _, _ = limits(make(), [[1, 1, 1, 1]], collapse_kva=20.0)
    # The whole network gives up beyond 20 kVA: 18, 17 and 17 for the zones.
    assert alone.limit.kva[:, 0] == pytest.approx([18, 17, 17], abs=TOLERANCE_KVA)
    assert (alone.limit.kva[:, 0] <= [18, 17, 17]).all()
    assert alone.limit.binding[:, 0].tolist() == [Binding.UNDERVOLTAGE] * 3


def test_a_network_that_never_converges_has_no_limit():
    alone, shared, _ = limits(make(), [[1, 1, 1, 1]], collapse_kva=-1.0)
    assert not alone.found.any()
    assert not shared.found.any()
    assert np.isfinite(alone.limit.kva).all()


def test_a_bound_that_no_flow_of_the_zone_can_keep_is_told():
    # The busbar alone is below the floor, and 1000 A allow 264 kW of export, which lift c by 0.528.
    alone, _, _ = limits(make((1000.0, 1000.0, 20.0)), [[1, 1, 1, 1]], busbar_pu=0.9)
    assert alone.found[:, 0].tolist() == [True, True, False]


def test_a_floor_far_below_leaves_no_constraint_up_to_the_end_of_the_search():
    settings = replace(SETTINGS, voltage_floor_pu=-9.0, cable_share=1.0)
    alone, _, _ = limits(make((np.inf, np.inf, np.inf), rating=1e9), [[1, 1, 1, 1]], settings=settings)
    assert alone.limit.binding[:, 0].tolist() == [Binding.UNDERVOLTAGE] * 3
    settings = replace(settings, voltage_floor_pu=-1e12)
    alone, _, _ = limits(make((np.inf, np.inf, np.inf), rating=1e3), [[1, 1, 1, 1]], settings=settings)
    assert alone.limit.binding[:, 0].tolist() == [Binding.TRANSFORMER] * 3


def test_many_snapshots_take_few_batch_solves():
    rng = np.random.default_rng(3)
    kw = rng.uniform(0, 5, (500, 4))
    alone, _, engine = limits(make((200.0, 100.0, 150.0)), kw, sag_per_kva=1e-4)
    assert alone.found.all()
    assert engine.solves < 40


def test_shared_limit_takes_the_same_share_of_what_each_can_take_alone():
    # No coupling but the transformer of 60 kVA. Alone: 30, 60 − 3 = 57 (transformer), 30; flows 2, 1, 1:
    # headrooms 28, 56, 29 = 113 of 60 − 4 = 56: λ = 56/113.
    alone, shared, _ = limits(make(rating=60.0), [[1, 1, 1, 1]])
    assert alone.limit.kva[:, 0] == pytest.approx([30, 57, 30], abs=TOLERANCE_KVA)
    flow, room = np.array([2, 1, 1]), np.array([28, 56, 29])
    assert shared.limit.kva[:, 0] == pytest.approx(flow + room * 56 / 113, abs=0.03)
    assert shared.limit.kva.sum() <= 60
    assert shared.limit.binding[:, 0].tolist() == [Binding.TRANSFORMER] * 3


def test_shared_limit_ends_at_the_first_voltage_of_any_zone():
    # Sag 0.0005 pu per kW of all. Found alone, with S0 = 4: 1/1: 1 − 0.0005·(2 + P) − 0.002·P = 0.94 → 23.6,
    # 1/2: 1 − 0.0005·(3 + P) − 0.001·P → 39, 2/1: 1 − 0.0005·(3 + P) − 0.002·P → 23.4.
    # Headrooms 21.6, 38, 22.4, in all 82. Zone 1/1 has 1 − 0.0005·(4 + 82λ) − 0.002·(2 + 21.6λ):
    # λ = 0.054/0.0842; zone 2/1: 1 − 0.0005·(4 + 82λ) − 0.002·(1 + 22.4λ): λ = 0.056/0.0858.
    _, shared, _ = limits(make(), [[1, 1, 1, 1]], sag_per_kva=0.0005)
    share = 0.054 / 0.0842
    expected = [2 + 21.6 * share, 1 + 38 * share, 1 + 22.4 * share]
    assert shared.limit.kva[:, 0] == pytest.approx(expected, abs=0.03)
    assert shared.found.all()


def test_zones_that_must_shrink_shrink_wholly_in_the_shared_limit():
    alone, shared, _ = limits(make(), [[30, 10, 1, 1]])
    assert shared.limit.kva[0, 0] == pytest.approx(30, abs=TOLERANCE_KVA)
    assert shared.limit.kva[2, 0] == pytest.approx(30, abs=0.1)
    assert shared.limit.binding[0, 0] == alone.limit.binding[0, 0] == Binding.UNDERVOLTAGE


def test_growth_by_load_and_equal_growth():
    network = make()
    zones = find_zones(network, find_feeders(network))
    kw = np.array([[3.0, 0.0, 3.0], [1.0, 0.0, -1.0], [-1.0, 2.0, 1.0], [5.0, 5.0, 5.0]])
    by_load = find_growth(zones, kw, "load", 0.8)
    # 3:1, none of the two draws: half each, only the one that draws.
    assert by_load.kw[:2] / 0.8 == pytest.approx(np.array([[0.75, 0.5, 1.0], [0.25, 0.5, 0.0]]))
    assert by_load.kw[2] == pytest.approx(0.8)
    assert by_load.kvar == pytest.approx(by_load.kw * 0.6 / 0.8)
    equal = find_growth(zones, kw, "equal", 1.0)
    assert equal.kw == pytest.approx(np.array([[0.5] * 3, [0.5] * 3, [1.0] * 3, [1.0] * 3]))
    assert equal.can_grow.all()


def test_a_zone_of_three_phase_loads_only_cannot_grow():
    network = make_network([(BUSBAR, "a")], [("a", -1), ("a", 1)])
    zones = find_zones(network, find_feeders(network))
    growth = find_growth(zones, np.ones((2, 1)), "load", 1.0)
    assert zones.ids == ("1/1", "1/2", "1/3")
    assert growth.can_grow.tolist() == [False, True, False]
    assert growth.kw[:, 0].tolist() == [0.0, 1.0]


def test_narrow_branches_are_heads_and_those_rated_below_all_before_them():
    branches = [(BUSBAR, "a"), ("a", "b"), ("b", "c"), ("b", "d"), (BUSBAR, "e"), ("d", "f")]
    network = make_network(branches, [("c", 0)], ampacity_a=[200.0, 200.0, 50.0, 300.0, np.inf, 199.0])
    narrow = narrow_branches(network, find_feeders(network))
    assert [network.branches.ids[b] for b in narrow] == ["busbar-a", "b-c", "busbar-e", "d-f"]


def test_zonal_series_by_hand():
    # Snapshot 0: 10 + 4j at b, 3 at a (phase 2), 0 at c. Snapshot 1: −5 at b, 30 at a, 8 at c.
    network = make((200.0, 40.0, 30.0))
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    kw = np.array([[10.0, -5.0], [0.0, 0.0], [3.0, 30.0], [0.0, 8.0]])
    kvar = np.array([[4.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    engine = LinearFlow(network, busbar_pu=1.01)
    blocks = snapshot_blocks(kw, kvar, 1)
    series = find_zonal_series(engine, network, feeders, zones, blocks)
    assert engine.solves == 2
    assert series.periods == 2
    assert series.flow_kva == pytest.approx(np.array([[116**0.5, -5], [3, 30], [0, 8]]))
    assert series.min_pu == pytest.approx(np.array([[0.99, 1.015], [1.007, 0.98], [1.01, 0.994]]))
    assert series.max_pu == pytest.approx(np.array([[1.0, 1.02], [1.007, 0.98], [1.01, 0.994]]))
    # a-b: 44.9 A of 40; busbar-c: 33.3 A of 30. Counted for both zones of feeder 1.
    assert series.overloads.tolist() == [[1, 0], [1, 0], [0, 1]]
    assert series.busbar_pu == pytest.approx(np.full((3, 2), 1.01))
    assert series.busbar_flow_kva == pytest.approx(np.array([[116**0.5, 3], [3, 30], [0, 0]]))
    assert series.transformer_kva == pytest.approx([116**0.5 + 3, 33])
    assert series.transformer_flow_kva == pytest.approx([116**0.5 + 3, 33])
    assert series.converged.all()


def test_snapshots_without_a_solution_are_blank():
    network = make()
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    kw = np.ones((4, 3)) * np.array([1.0, 30.0, 1.0])
    engine = LinearFlow(network, collapse_kva=20.0)
    series = find_zonal_series(engine, network, feeders, zones, [(kw, 0 * kw)])
    assert series.converged.tolist() == [True, False, True]
    for values in (series.flow_kva, series.min_pu, series.max_pu, series.busbar_pu, series.busbar_flow_kva):
        assert (values[:, 1] == 0).all()
        assert np.isfinite(values).all()
    assert series.min_pu[0, [0, 2]] == pytest.approx(0.996)
