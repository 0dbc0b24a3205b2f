"""Who gets EVs first: by distance reckoned by hand, or drawn."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.networks import make_network

from sparewatt.model.customers import Customers
from sparewatt.physics.topology import find_feeders
from sparewatt.simulate.network_placement import electrical_distance, place_evs

THIN, THICK = 0.4 * np.eye(3), 0.03 * np.eye(3)
# a 0.4 ohm away, b 0.8 behind it, c behind two thick cables 0.06; the branch to b is written backwards
NETWORK = make_network(
    [("busbar", "a"), ("b", "a"), ("busbar", "d"), ("d", "c")],
    [("a", 0), ("b", 0), ("c", 0), ("b", 1)],
    z_ohm=np.stack([THIN, THIN, THICK, THICK]),
)
FEEDERS = find_feeders(NETWORK)
CUSTOMERS = Customers(
    NETWORK.loads.ids, np.arange(4), np.array([0, 0, 0, 1]), np.zeros(4, dtype=np.int64), np.zeros(4)
)


def placed(placement, seed=0, zone=0, customers=CUSTOMERS):
    return place_evs(customers, NETWORK, FEEDERS, zone, placement, seed).tolist()


def test_distance_is_the_impedance_of_the_path():
    far = dict(zip(NETWORK.nodes.ids, electrical_distance(NETWORK, FEEDERS), strict=True))
    assert far == pytest.approx({"busbar": 0, "a": 0.4, "b": 0.8, "d": 0.03, "c": 0.06})


def test_the_worst_is_farthest_and_the_best_nearest():
    assert placed("worst") == [1, 0, 2]
    assert placed("best") == [2, 0, 1]
    assert placed("worst", zone=1) == [3]


def test_a_draw_is_of_the_zone_and_of_the_seed():
    many = Customers(
        tuple(f"c{k}" for k in range(60)),
        np.arange(60) % 4,
        np.arange(60) % 2,
        np.zeros(60, dtype=np.int64),
        np.zeros(60),
    )
    drawn = placed("random", customers=many)
    assert sorted(drawn) == list(range(0, 60, 2))
    assert drawn == placed("random", customers=many)
    assert drawn != placed("random", seed=1, customers=many)
    assert [d // 2 for d in drawn] != [d // 2 for d in placed("random", zone=1, customers=many)]


def test_every_home_is_equally_likely_to_be_first():
    first = [placed("random", seed=s)[0] for s in range(600)]
    assert np.bincount(first, minlength=3).tolist() == pytest.approx([200, 200, 200], abs=45)
