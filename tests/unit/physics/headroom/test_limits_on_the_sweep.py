"""Limits by power flow on our own engine: at the limit all bounds hold, a little beyond one is broken."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.model.headroom import Binding, HeadroomSettings
from sparewatt.physics.headroom.growth import find_growth
from sparewatt.physics.headroom.margins import find_watch
from sparewatt.physics.headroom.shared_limit import find_shared_limit
from sparewatt.physics.headroom.zonal import find_zonal_series, snapshot_blocks
from sparewatt.physics.headroom.zone_limit import TOLERANCE_KVA, find_zone_limit
from sparewatt.physics.sweep import Sweep
from sparewatt.physics.topology import find_feeders, find_zones
from support.network_bounds import broken
from support.networks import BUSBAR, TRANSFORMER, make_network, random_network

SETTINGS = HeadroomSettings()
SNAPSHOTS = 6


@pytest.fixture(scope="module")
def setting():
    rng = np.random.default_rng(11)
    network = random_network(3, nodes=25, loads=18)
    ampacity = rng.uniform(150, 420, len(network.branches))
    network = replace(
        network,
        branches=replace(network.branches, ampacity_a=ampacity),
        transformer=replace(TRANSFORMER, rating_kva=150.0),
    )
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    kw = rng.uniform(0.2, 4.0, (18, SNAPSHOTS)) * np.linspace(0.3, 2.2, SNAPSHOTS)
    engine = Sweep(network)
    watch = find_watch(network, feeders, zones, SETTINGS, np.arange(len(network.branches)))
    return engine, watch, kw, 0.33 * kw


@pytest.mark.parametrize("by", ["load", "equal"])
@pytest.mark.parametrize("side", ["import", "export"])
def test_the_limit_holds_and_a_little_more_does_not(setting, side, by):
    engine, watch, kw, kvar = setting
    network, feeders, zones = watch.network, watch.feeders, watch.zones
    growth = find_growth(zones, kw, by, 0.98)
    alone = find_zone_limit(engine, watch, kw, kvar, growth, side)
    sign = 1 if side == "import" else -1
    held = ~broken(engine, network, feeders, zones, SETTINGS, kw, kvar, side)
    assert held.sum() >= 3
    flow = find_zonal_series(engine, network, feeders, zones, snapshot_blocks(kw, kvar)).flow_kva

    def powers(zone, added):
        own = (zones.load_zone == zone)[:, None] * sign * added
        return kw + own * growth.kw, kvar + own * growth.kvar

    def head(zone, added):
        blocks = snapshot_blocks(*powers(zone, added))
        return sign * find_zonal_series(engine, network, feeders, zones, blocks).flow_kva[zone]

    names = set()
    for z in range(len(zones)):
        # What was added follows from the limit by bisection on the flow of the head alone.
        low, high = np.full(SNAPSHOTS, -200.0), np.full(SNAPSHOTS, 200.0)
        for _ in range(40):
            middle = (low + high) / 2
            more = head(z, middle) < alone.limit.kva[z]
            low, high = np.where(more, middle, low), np.where(more, high, middle)
        at = broken(engine, network, feeders, zones, SETTINGS, *powers(z, low - 1e-6), side)
        beyond = broken(engine, network, feeders, zones, SETTINGS, *powers(z, low + 2 * TOLERANCE_KVA), side)
        assert not at[held].any()
        assert beyond[held].all()
        assert (alone.limit.kva[z] >= sign * flow[z] - TOLERANCE_KVA)[held].all()
        names |= {Binding(b) for b in alone.limit.binding[z][held]}
    assert alone.found.all()
    assert len(names) >= 2


@pytest.mark.parametrize("side", ["import", "export"])
def test_the_shared_limit_holds_for_all_zones_together(setting, side):
    engine, watch, kw, kvar = setting
    zones = watch.zones
    growth = find_growth(zones, kw, "equal", 0.98)
    alone = find_zone_limit(engine, watch, kw, kvar, growth, side)
    shared = find_shared_limit(engine, watch, kw, kvar, growth, side, alone)
    sign = 1 if side == "import" else -1
    blocks = snapshot_blocks(kw, kvar)
    flow = sign * find_zonal_series(engine, watch.network, watch.feeders, zones, blocks).flow_kva
    room = alone.limit.kva - flow
    held = ~broken(engine, watch.network, watch.feeders, zones, SETTINGS, kw, kvar, side)

    def breaks(share):
        added = sign * share * room[zones.load_zone]
        new = kw + added * growth.kw, kvar + added * growth.kvar
        bad = broken(engine, watch.network, watch.feeders, zones, SETTINGS, *new, side)
        found = find_zonal_series(engine, watch.network, watch.feeders, zones, snapshot_blocks(*new)).flow_kva
        return bad, sign * found

    # The common share of each snapshot, by plain bisection to the last bound that holds.
    low, high = np.zeros(SNAPSHOTS), np.ones(SNAPSHOTS)  # never more than each alone
    for _ in range(30):
        middle = (low + high) / 2
        bad, _ = breaks(middle)
        low, high = np.where(bad, low, middle), np.where(bad, middle, high)
    _, expected = breaks(low)
    expected = np.minimum(expected, alone.limit.kva)
    assert shared.limit.kva[:, held] == pytest.approx(expected[:, held], rel=3e-3, abs=0.05)
    assert shared.found[:, held].all()


def test_a_zone_by_itself_keeps_all_bounds_at_its_shared_limit():
    """What is added together loses something on the way, so more flows at the heads than λ·h.

    Phases that balance each other let all zones have all of their headroom here, λ = 1.
    """
    mutual = 0.04 * np.ones((3, 3)) + 0.06 * np.eye(3)
    network = make_network(
        [(BUSBAR, "a"), (BUSBAR, "b")],
        [(node, phase) for node in "ab" for phase in range(3)],
        z_ohm=np.stack([mutual, 2 * mutual]) * (1 + 0.1j),
        transformer=replace(TRANSFORMER, rating_kva=2000.0),
    )
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    kw = np.random.default_rng(5).uniform(0.2, 1.0, (6, SNAPSHOTS))
    kvar = 0.33 * kw
    engine = Sweep(network)
    watch = find_watch(network, feeders, zones, SETTINGS, np.arange(len(network.branches)))
    growth = find_growth(zones, kw, "load", 0.98)
    alone = find_zone_limit(engine, watch, kw, kvar, growth, "import")
    shared = find_shared_limit(engine, watch, kw, kvar, growth, "import", alone)
    at_most = shared.limit.kva == alone.limit.kva
    assert at_most.all()
    assert (shared.limit.binding == Binding.UNDERVOLTAGE).all()
    assert not broken(engine, network, feeders, zones, SETTINGS, kw, kvar, "import").any()
    for z in range(len(zones)):
        own = (zones.load_zone == z)[:, None]
        low, high = np.zeros(SNAPSHOTS), np.full(SNAPSHOTS, 60.0)
        for _ in range(40):
            middle = (low + high) / 2
            at = kw + own * middle * growth.kw, kvar + own * middle * growth.kvar
            series = find_zonal_series(engine, network, feeders, zones, snapshot_blocks(*at))
            below = series.flow_kva[z] < shared.limit.kva[z]
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        at = kw + own * low * growth.kw, kvar + own * low * growth.kvar
        assert not broken(engine, network, feeders, zones, SETTINGS, *at, "import").any()
        assert (low > 1.0).all()
