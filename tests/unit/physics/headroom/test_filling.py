"""Zones filled up to their headroom, on a network whose drops are proportional to power, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.model.headroom import HeadroomSettings
from sparewatt.physics.headroom.filling import count_filled, fill_zones
from sparewatt.physics.headroom.growth import find_growth
from sparewatt.physics.sweep import Sweep
from sparewatt.physics.topology import find_feeders, find_zones
from support.linear_flow import LinearFlow
from support.networks import BUSBAR, TRANSFORMER, make_network

SETTINGS = HeadroomSettings(ev_power_factor=1.0)
OHM = 0.0576
"""0.001 pu per kW at 240 V."""


def street(sag=0.0):
    """Zones 1/1 at a (0.001 pu per kW) and 2/1 at b (0.002), each with one load; the busbar may sag."""
    network = make_network(
        [(BUSBAR, "a"), (BUSBAR, "b")],
        [("a", 0), ("b", 0)],
        z_ohm=np.eye(3) * OHM * np.array([1.0, 2.0])[:, None, None],
        transformer=replace(TRANSFORMER, lv_kv=0.24 * 3**0.5),
    )
    return network, LinearFlow(network, sag_per_kva=sag)


def counted(kw, room, side="import", sag=0.0):
    network, engine = street(sag)
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    kw = np.array(kw, dtype=float)
    growth = find_growth(zones, kw, "equal", 1.0)
    place = (engine, network, feeders, zones, SETTINGS, kw, 0 * kw, growth)
    return count_filled(*place, np.array(room, dtype=float), side)


def test_what_breaks_together_and_alone_by_hand():
    # Floor 0.94. Snapshot 0: a at 10 + 60 kW has 1 − 0.07 = 0.93, broken; b at 10 + 20 has 0.94, just kept.
    # Snapshot 1: a at 20 + 30 has 0.95; b at 5 + 30 has 0.93. Snapshot 2: no headroom of a; b at 50 is
    # broken as it is, and has none either.
    found = counted([[10, 20, 10], [10, 5, 50]], [[60, 30, -1], [20, 30, 0]])
    assert found.filled.tolist() == [2, 2]
    assert found.together.tolist() == found.alone.tolist() == [1, 1]
    assert found.together_pu == pytest.approx([0.01, 0.01])
    assert found.alone_pu == pytest.approx([0.01, 0.01])


def test_zones_that_hold_alone_may_break_together():
    # The busbar sags 0.0005 pu per kW of both. Alone a at 10 + 20: 1 − 0.0005·40 − 0.03 = 0.95. Together with
    # b at 10 + 10: 1 − 0.0005·50 − 0.03 = 0.945 for a and 1 − 0.025 − 0.04 = 0.935 for b; b alone has
    # 1 − 0.0005·30 − 0.04 = 0.945.
    found = counted([[10], [10]], [[20], [10]], sag=0.0005)
    assert found.together.tolist() == [0, 1]
    assert found.alone.tolist() == [0, 0]
    assert found.together_pu == pytest.approx([0, 0.005])


def test_the_export_side_by_hand():
    # Ceiling 1.05: a at 10 − 70 kW has 1.06; b at 10 − 30 has 1.04.
    found = counted([[10], [10]], [[70], [30]], "export")
    assert found.together.tolist() == found.alone.tolist() == [1, 0]
    assert found.alone_pu == pytest.approx([0.01, 0])


def test_counts_of_parts_add_up():
    kw, room = [[10, 20, 10], [10, 5, 50]], [[60, 30, -1], [20, 30, 0]]
    whole = counted(kw, room)
    parts = [counted([row[k : k + 1] for row in kw], [row[k : k + 1] for row in room]) for k in range(3)]
    total = parts[0] + parts[1] + parts[2]
    assert total.filled.tolist() == whole.filled.tolist()
    assert total.together.tolist() == whole.together.tolist()
    assert total.alone_pu == pytest.approx(whole.alone_pu)


def test_losses_on_the_way_are_part_of_what_a_zone_takes():
    network, _ = street()
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    kw = np.array([[3.0, 1.0], [2.0, 4.0]])
    growth = find_growth(zones, kw, "equal", 0.98)
    place = (Sweep(network), network, feeders, zones, kw, 0.3 * kw, growth)
    more = np.array([[10.0, 15.0], [8.0, 0.0]])
    before, after = (fill_zones(*place, m, "import").flow_kva for m in (0 * more, more))
    assert after - before == pytest.approx(more, abs=0.01)
