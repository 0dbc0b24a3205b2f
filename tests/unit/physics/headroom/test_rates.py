"""Cable limit, headroom and the transformer's part, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.model.feeders import Zones
from sparewatt.model.headroom import Binding, FlowLimit, HeadroomSettings
from sparewatt.model.zonal import ZonalSeries
from sparewatt.physics.headroom.rates import cable_limit, find_headroom, head_share, main_binding
from sparewatt.physics.headroom.transformer import split_excess
from sparewatt.physics.topology import find_feeders, find_zones
from support.networks import BUSBAR, make_network


def column(*values):
    return np.array([[v] for v in values], dtype=float)


def off(room, transformer, split="equal", flow=None):
    flow = room if flow is None else flow
    taken = split_excess(column(*room), np.array([transformer], dtype=float), column(*flow), split)
    return taken[:, 0].tolist()


def test_nothing_is_taken_while_the_transformer_has_room():
    assert off([10, 20, -5], 30) == [0, 0, 0]


def test_equal_split_takes_the_same_of_each():
    assert off([10, 20, 30], 48) == [4, 4, 4]


def test_equal_split_takes_no_zone_below_zero_and_the_rest_off_the_others():
    # 12 too much of 2 + 10 + 30: 4 each would take the first below 0; it gives 2, the others 5 each.
    assert off([2, 10, 30], 30) == [2, 5, 5]


def test_pro_rata_takes_by_what_each_has():
    assert off([10, 20, 30], 30, "pro_rata") == [5, 10, 15]


@pytest.mark.parametrize("split", ["equal", "pro_rata"])
def test_what_a_zone_lacks_is_no_room_for_others(split):
    # 10 + 20 do not fit through 20, whatever the third zone is asked to shed.
    taken = off([10, 20, -15], 20, split)
    assert sum(taken) == pytest.approx(10)
    assert taken[2] == 0


@pytest.mark.parametrize("split", ["equal", "pro_rata"])
def test_a_transformer_without_room_leaves_none(split):
    assert off([10, 20, -5], 0, split) == [10, 20, 0]


def test_what_an_overloaded_transformer_lacks_is_asked_of_all_zones():
    # 10 are given up, then the zones lack 4 of the 10 that the transformer lacks: 6 more, 2 each.
    assert off([10, -4, 0], -10) == [12, 2, 2]
    # By what flows there: 30, 20, 10.
    assert off([10, -4, 0], -10, "pro_rata", [30, 20, 10]) == pytest.approx([13, 2, 1])
    # Nothing flows in this direction: the same of each.
    assert off([10, -4, 0], -10, "pro_rata", [-1, 0, 0]) == pytest.approx([12, 2, 2])


def test_zones_that_lack_more_than_the_transformer_are_not_asked_again():
    assert off([10, -14, 0], -10) == [10, 0, 0]


def two_feeders():
    network = make_network([(BUSBAR, "a"), (BUSBAR, "b")], [("a", 0), ("b", 2)], ampacity_a=[200.0, 100.0])
    feeders = find_feeders(network)
    return network, feeders, find_zones(network, feeders)


def test_the_cable_limit_follows_the_voltage_of_the_busbar_on_its_phase():
    # 0.9 · 200 A · 416/√3 V = 43.2320 kVA at 1 pu; the other cable half of that.
    network, feeders, zones = two_feeders()
    busbar = np.array([[1.0, 0.98], [9.0, 9.0], [1.0, 1.02]])
    limit = cable_limit(network, feeders, zones, busbar, 0.9)
    full = 0.9 * 200 * 416 / 3**0.5 / 1000
    assert limit == pytest.approx(np.array([[full, 0.98 * full], [full / 2, 1.02 * full / 2]]))
    assert full == pytest.approx(43.2320, abs=1e-4)


def zones_of(*keys, loads=None):
    """Zones of (feeder, phase), with one load each unless told."""
    loads = range(len(keys)) if loads is None else loads
    feeder, phase = np.array(keys).T
    return Zones(tuple(map(str, range(len(keys)))), feeder, phase, np.array(loads, dtype=np.int64))


TWO = zones_of((0, 0), (1, 0))


def series(flow, busbar_flow, converged=None):
    periods = flow.shape[1]
    nothing = np.zeros((len(flow), periods))
    return ZonalSeries(
        flow,
        nothing,
        nothing,
        nothing.astype(np.int32),
        np.ones((3, periods)),
        busbar_flow,
        np.zeros(periods),
        np.ones(periods, dtype=bool) if converged is None else np.array(converged),
    )


def test_headroom_and_footroom_with_the_constraint_that_binds():
    flow = np.array([[10.0, -5.0], [30.0, 30.0]])
    whole = np.array([[40.0, 25.0], [0.0, 0.0], [0.0, 0.0]])
    cable = np.array([[43.0, 42.0], [43.0, 42.0]])
    up = FlowLimit(column(50, 35), np.full((2, 1), Binding.UNDERVOLTAGE, dtype=np.int8))
    down = FlowLimit(column(20, 60), np.full((2, 1), Binding.OVERVOLTAGE, dtype=np.int8))
    found = find_headroom(series(flow, whole), TWO, cable, up, down, 1000.0, HeadroomSettings())
    assert found.headroom_kva.tolist() == [[33, 47], [5, 5]]
    assert found.footroom_kva.tolist() == [[30, 15], [73, 72]]
    assert found.headroom_binding.tolist() == [[Binding.CABLE] * 2, [Binding.UNDERVOLTAGE] * 2]
    assert found.footroom_binding.tolist() == [[Binding.OVERVOLTAGE] * 2, [Binding.CABLE] * 2]


def test_a_transformer_that_binds_is_named_on_either_side():
    # Flow 40 of 60 kVA: 20 left for 33 + 5; equal: 5 from the one, 13 from the other.
    flow = np.array([[10.0], [30.0]])
    whole = np.array([[40.0], [0.0], [0.0]])
    up = FlowLimit(column(50, 35), np.full((2, 1), Binding.UNDERVOLTAGE, dtype=np.int8))
    down = FlowLimit(column(20, 60), np.full((2, 1), Binding.OVERVOLTAGE, dtype=np.int8))
    cable = column(43, 43)
    found = find_headroom(series(flow, whole), TWO, cable, up, down, 60.0, HeadroomSettings())
    assert found.headroom_kva.tolist() == [[20], [0]]
    assert found.headroom_binding.tolist() == [[Binding.TRANSFORMER]] * 2
    # Footroom 30 + 73 against 60 + 40.
    assert found.footroom_kva.tolist() == [[28.5], [71.5]]
    assert found.footroom_binding.tolist() == [[Binding.TRANSFORMER]] * 2
    # Only half of the rating may be used: 30 − 40 < 0, so the zones lack 10 together.
    less = HeadroomSettings(transformer_share=0.5)
    assert find_headroom(series(flow, whole), TWO, cable, up, down, 60.0, less).headroom_kva.tolist() == [
        [-5],
        [-5],
    ]


def test_a_limit_that_changes_with_time_is_taken_as_it_is():
    flow = np.array([[10.0, 12.0]])
    whole = np.array([[10.0, 12.0], [0.0, 0.0], [0.0, 0.0]])
    up = FlowLimit(np.array([[30.0, 25.0]]), np.array([[Binding.OVERVOLTAGE, Binding.NONE]], dtype=np.int8))
    found = find_headroom(
        series(flow, whole), zones_of((0, 0)), np.array([[43.0, 20.0]]), up, up, 500.0, HeadroomSettings()
    )
    assert found.headroom_kva.tolist() == [[20, 8]]
    assert found.headroom_binding.tolist() == [[Binding.OVERVOLTAGE, Binding.CABLE]]


def test_zones_of_one_head_share_its_headroom_by_their_loads():
    # Three zones on one phase of one feeder with 3, 1 and 0 loads, one on another phase; 20 left at the head.
    zones = zones_of((0, 0), (0, 0), (0, 0), (0, 1), loads=[0, 0, 0, 1, 3, -1])
    assert head_share(zones).tolist() == [0.75, 0.25, 0, 1]
    assert head_share(zones_of((0, 0), (0, 0), (1, 0), loads=[])).tolist() == [0.5, 0.5, 1]
    flow = column(10, 10, 10, 5)
    up = FlowLimit(np.full((4, 1), 30.0), np.full((4, 1), Binding.UNDERVOLTAGE, dtype=np.int8))
    whole = column(10, 5, 0)
    found = find_headroom(series(flow, whole), zones, flow + 50, up, up, 500.0, HeadroomSettings())
    assert found.headroom_kva[:, 0].tolist() == [15, 5, 0, 25]
    assert found.footroom_kva[:, 0].tolist() == [30, 10, 0, 35]


def test_a_period_without_a_solution_has_no_headroom():
    flow = np.array([[10.0, 0.0]])
    whole = np.array([[10.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    up = FlowLimit(column(30), np.full((1, 1), Binding.UNDERVOLTAGE, dtype=np.int8))
    lost = series(flow, whole, [True, False])
    found = find_headroom(lost, zones_of((0, 0)), flow + 50, up, up, 500.0, HeadroomSettings())
    assert found.headroom_kva.tolist() == [[20, 0]]
    assert found.footroom_kva.tolist() == [[40, 0]]


def test_the_main_constraint_of_a_zone_is_the_most_frequent():
    binding = np.array([[1, 2, 2, 4], [4, 4, 1, 1]], dtype=np.int8)
    assert main_binding(binding).tolist() == [Binding.UNDERVOLTAGE, Binding.CABLE]
