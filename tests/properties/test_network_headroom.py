"""Laws of limits and headroom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sparewatt.model.feeders import Zones
from sparewatt.model.headroom import Binding, FlowLimit, HeadroomSettings, LimitFrom
from sparewatt.model.zonal import ZonalSeries
from sparewatt.physics.headroom.daily import energy_of_day, evs_without_shifting
from sparewatt.physics.headroom.fitted import find_rule, fit_import_limit
from sparewatt.physics.headroom.growth import find_growth
from sparewatt.physics.headroom.margins import find_watch
from sparewatt.physics.headroom.rates import find_headroom
from sparewatt.physics.headroom.shared_limit import find_shared_limit
from sparewatt.physics.headroom.transformer import split_excess
from sparewatt.physics.headroom.zone_limit import TOLERANCE_KVA, find_zone_limit
from sparewatt.physics.topology import find_feeders, find_zones
from support.linear_flow import LinearFlow
from support.network_bounds import broken
from support.networks import TRANSFORMER, random_network

SETTINGS = HeadroomSettings(ev_power_factor=1.0)
SPLITS = st.sampled_from(["equal", "pro_rata"])
KVA = st.floats(-80, 80, width=32)


def tables(rows=(1, 5), columns=(1, 4)):
    shapes = st.tuples(st.integers(*rows), st.integers(*columns))
    return shapes.flatmap(lambda shape: hnp.arrays(np.float64, shape, elements=KVA))


@given(tables(), st.data(), SPLITS)
def test_what_is_taken_off_is_what_is_lacking(room, data, split):
    transformer = data.draw(hnp.arrays(np.float64, room.shape[1], elements=KVA))
    flow = data.draw(hnp.arrays(np.float64, room.shape, elements=KVA))
    off = split_excess(room, transformer, flow, split)
    left = room - off
    eps = 1e-9
    assert (off >= 0).all()
    has = transformer >= 0
    positive = np.maximum(left, 0).sum(axis=0)
    before = np.maximum(room, 0).sum(axis=0)
    # With room in the transformer: all of it is used, and no zone is pushed below 0.
    assert positive[has] == pytest.approx(np.minimum(before, transformer)[has], abs=eps)
    assert (left[:, has] >= np.minimum(room[:, has], 0) - eps).all()
    # Without: nothing is left, and what the zones lack together is what the transformer lacks, or more.
    assert (left[:, ~has] <= eps).all()
    wanted = np.minimum(np.minimum(room, 0).sum(axis=0), transformer)
    assert left.sum(axis=0)[~has] == pytest.approx(wanted[~has], abs=eps)


@given(tables(), st.data())
def test_equal_split_keeps_the_order_of_the_zones(room, data):
    transformer = data.draw(hnp.arrays(np.float64, room.shape[1], elements=st.floats(0, 80)))
    left = room - split_excess(room, transformer, room, "equal")
    order = np.argsort(room, axis=0)
    assert (np.diff(np.take_along_axis(left, order, axis=0), axis=0) >= -1e-9).all()


def series(flow, low, whole=None):
    periods = flow.shape[1]
    whole = np.stack([flow.sum(axis=0), np.zeros(periods), np.zeros(periods)]) if whole is None else whole
    zero = np.zeros(flow.shape, dtype=np.int32)
    return ZonalSeries(
        flow, low, low, zero, np.ones((3, periods)), whole, np.zeros(periods), np.ones(periods, dtype=bool)
    )


def alone_on_their_heads(count):
    every = np.arange(count)
    return Zones(tuple(map(str, every)), every, np.zeros(count, dtype=np.int64), every)


@given(tables(), st.data(), SPLITS, st.floats(10, 300))
def test_headroom_shrinks_and_footroom_grows_in_sum_when_load_grows(flow, data, split, rating):
    more = data.draw(hnp.arrays(np.float64, flow.shape, elements=st.floats(0, 30)))
    cable = np.full(flow.shape, 43.0)
    up = FlowLimit(np.full((len(flow), 1), 35.0), np.full((len(flow), 1), Binding.UNDERVOLTAGE, np.int8))
    down = FlowLimit(np.full((len(flow), 1), 60.0), np.full((len(flow), 1), Binding.OVERVOLTAGE, np.int8))
    own = replace(SETTINGS, transformer_split=split)
    zones = alone_on_their_heads(len(flow))
    one = find_headroom(series(flow, flow), zones, cable, up, down, rating, own)
    two = find_headroom(series(flow + more, flow), zones, cable, up, down, rating, own)
    assert (
        np.maximum(two.headroom_kva, 0).sum(axis=0) <= np.maximum(one.headroom_kva, 0).sum(axis=0) + 1e-9
    ).all()
    assert (
        np.maximum(two.footroom_kva, 0).sum(axis=0) >= np.maximum(one.footroom_kva, 0).sum(axis=0) - 1e-9
    ).all()
    # Without the transformer the same holds of every zone and period.
    one = find_headroom(series(flow, flow), zones, cable, up, down, 1e6, own)
    two = find_headroom(series(flow + more, flow), zones, cable, up, down, 1e6, own)
    assert two.headroom_kva == pytest.approx(one.headroom_kva - more)
    assert two.footroom_kva == pytest.approx(one.footroom_kva + more)


@given(
    hnp.arrays(np.float64, st.integers(0, 30), elements=st.floats(-30, 60, width=32)),
    st.floats(0.0002, 0.003),
    st.floats(0, 0.01),
    st.integers(0, 9),
)
def test_the_rule_of_the_fitted_limit(x, slope, noise, seed):
    y = 1 - slope * x + noise * np.random.default_rng(seed).standard_normal(len(x))
    rule = find_rule(x, y, 0.94, HeadroomSettings())
    assert np.isfinite(rule.limit_kva)
    below = y < 0.94
    # No snapshot strictly below the limit is beyond the bound, whatever the branch.
    assert not (below & (x < rule.limit_kva - 1e-12)).any()
    if not len(x):
        assert rule.source == LimitFrom.NOTHING_SEEN
    elif not below.any():
        assert rule.source in {LimitFrom.LINE_SHARE, LimitFrom.LARGEST_SEEN}
        assert rule.limit_kva >= x.max()
    else:
        assert rule.source in {LimitFrom.LINE, LimitFrom.FIRST_BROKEN}


@given(st.integers(0, 99), st.floats(0.9, 0.97), st.floats(0, 0.02))
def test_a_higher_floor_never_leaves_more(seed, floor, more):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 60, 40)
    y = 1 - 0.0015 * x + rng.normal(0, 0.004, 40)
    low, high = (
        fit_import_limit(series(x[None], y[None]), replace(SETTINGS, voltage_floor_pu=v)).limit.kva.item()
        for v in (floor, floor + more)
    )
    # Where the floor is broken for the first time the rule turns from 0.6·L to L, which may be more.
    if (y < floor).any() or (y >= floor + more).all():
        assert high <= low + 1e-9


@given(tables(), st.floats(0.5, 1.0), st.integers(0, 50))
def test_more_headroom_never_feeds_fewer_evs(values, factor, customers):
    own = HeadroomSettings(ev_power_factor=factor)
    people = np.full(len(values), customers)
    few, many = (evs_without_shifting(energy_of_day(v, 1.0, own), people, own) for v in (values, values + 5))
    assert (few <= many).all()
    assert (few >= 0).all()
    assert (many <= customers).all()


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(["import", "export"]), st.floats(0, 2e-4))
def test_limits_by_power_flow_hold_and_a_little_more_does_not(seed, side, sag):
    rng = np.random.default_rng(seed)
    network = random_network(seed % 50, nodes=12, loads=9)
    network = replace(
        network,
        branches=replace(network.branches, ampacity_a=rng.uniform(60, 200, len(network.branches))),
        transformer=replace(TRANSFORMER, rating_kva=float(rng.uniform(40, 120))),
    )
    feeders = find_feeders(network)
    zones = find_zones(network, feeders)
    kw = rng.uniform(0, 6, (9, 3))
    engine = LinearFlow(network, sag_per_kva=sag)
    every = np.arange(len(network.branches))
    watch = find_watch(network, feeders, zones, SETTINGS, every)
    growth = find_growth(zones, kw, "equal", 1.0)
    alone = find_zone_limit(engine, watch, kw, 0 * kw, growth, side)
    shared = find_shared_limit(engine, watch, kw, 0 * kw, growth, side, alone)
    sign = 1 if side == "import" else -1

    def is_broken(powers):
        return broken(engine, network, feeders, zones, SETTINGS, powers, 0 * powers, side)

    own_flow = np.array([kw[zones.load_zone == z].sum(axis=0) for z in range(len(zones))])
    held = ~is_broken(kw)
    for z in range(len(zones)):
        room = sign * alone.limit.kva[z] - own_flow[z]
        at_limit, beyond = (
            kw + (room + d * sign) * growth.kw * (zones.load_zone == z)[:, None] for d in (0, 0.1)
        )
        assert not is_broken(at_limit)[held].any()
        assert is_broken(beyond)[held & (alone.limit.binding[z] != Binding.NONE)].all()
    together = kw + (sign * shared.limit.kva - own_flow)[zones.load_zone] * growth.kw
    assert not is_broken(together)[held].any()
    assert (shared.limit.kva <= alone.limit.kva + 1e-6)[:, held].all()  # else a zone by itself breaks a bound
    assert (alone.found | ~held).all()
    assert (sign * (sign * alone.limit.kva - own_flow) >= -TOLERANCE_KVA)[:, held].all()
