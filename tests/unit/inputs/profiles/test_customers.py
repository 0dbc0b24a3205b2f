"""Customers of a network, and who has what in a case."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from tests.support.customers import make_customers
from tests.support.networks import make_network, random_network
from tests.support.shared_folder import shared_path

from sparewatt.inputs.profiles.cases import CaseName, find_cases, read_case_name, read_case_names
from sparewatt.inputs.profiles.customers import DEMAND_CLASSES, PV_KWP, find_customers
from sparewatt.inputs.profiles.draw_order import group_turns, stratified_order
from sparewatt.physics.topology import find_feeders, find_zones


def largest_remainder(sizes, total):
    """The textbook's way to share a total out, for comparison."""
    quota = sizes * total / sizes.sum()
    count = np.floor(quota).astype(int)
    order = np.argsort(-(quota - count), kind="stable")
    count[order[: total - count.sum()]] += 1
    return count


def enwl_sizes():
    found = json.loads(shared_path("reference/network/customers_per_zone.json").read_text())
    return [np.array(list(zones.values())) for zones in found.values()]


def test_turns_of_two_groups_by_hand():
    # Quotas of sizes 3 and 1 after 1..4 turns: 0.75, 1.5, 2.25, 3 and 0.25, 0.5, 0.75, 1. With k = 2 a group
    # takes a turn when its quota is ahead by 1/2: the first at 0.75; then both are (0.5), a tie that the
    # first takes; then the second at 0.75; then the first at 3 - 2 = 1.
    assert group_turns(np.array([3, 1])).tolist() == [0, 0, 1, 0]


@pytest.mark.parametrize("seed", range(8))
def test_every_beginning_is_within_one_of_the_quota(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 60, rng.integers(2, 20))
    count = np.cumsum(group_turns(sizes)[:, None] == np.arange(len(sizes)), axis=0)
    quota = np.arange(1, len(count) + 1)[:, None] * sizes / sizes.sum()
    assert np.abs(count - quota).max() < 1
    assert (count[-1] == sizes).all()


def test_zones_of_real_networks_get_what_largest_remainders_give_or_one_beside():
    for sizes in enwl_sizes():
        zone = np.repeat(np.arange(len(sizes)), sizes)
        order = stratified_order(zone, np.random.default_rng(3))
        assert sorted(order.tolist()) == list(range(len(zone)))
        for share in (0.25, 0.5, 0.75, 1.0):
            total = math.floor(share * len(zone) + 0.5)
            count = np.bincount(zone[order[:total]], minlength=len(sizes))
            assert np.abs(count - largest_remainder(sizes, total)).max() <= 1
            assert np.abs(count - share * sizes).max() < 1 + 0.5 / len(zone) * sizes.max()


def test_customers_follow_the_loads_and_zones_of_the_network():
    network = make_network([("busbar", "a"), ("a", "b")], [("a", 0), ("b", 1), ("b", 0), ("b", -1)])
    zones = find_zones(network, find_feeders(network))
    customers = find_customers(network, zones, seed=1)
    assert customers.ids == network.loads.ids
    assert customers.load.tolist() == [0, 1, 2, 3]
    assert customers.zone.tolist() == zones.load_zone.tolist()
    assert customers.zone[3] == -1
    assert set(customers.pv_kwp) <= set(PV_KWP)


def test_classes_are_dealt_by_their_shares_in_all_and_near_enough_in_each_zone():
    network = random_network(5, nodes=80, loads=200)
    zones = find_zones(network, find_feeders(network))
    customers = find_customers(network, zones, seed=2)
    total = np.bincount(customers.demand_class, minlength=3)
    assert total.tolist() == [60, 90, 50]  # 30, 45, 25 %
    shares = np.array([c.share for c in DEMAND_CLASSES])
    for zone in np.unique(customers.zone):
        own = customers.demand_class[customers.zone == zone]
        assert np.abs(np.bincount(own, minlength=3) - shares * len(own)).max() < 2


def test_same_seed_same_customers_another_seed_others():
    network = random_network(5, nodes=40, loads=60)
    zones = find_zones(network, find_feeders(network))
    a, b, c = (find_customers(network, zones, seed=s) for s in (1, 1, 2))
    assert a.demand_class.tolist() == b.demand_class.tolist() != c.demand_class.tolist()
    assert a.pv_kwp.tolist() == b.pv_kwp.tolist() != c.pv_kwp.tolist()


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("25PV50HP", CaseName("25PV50HP", 0.25, 0.5)),
        (" 0pv0hp ", CaseName("0PV0HP", 0.0, 0.0)),
        ("100PV_100HP", CaseName("100PV100HP", 1.0, 1.0)),
        ("12.5PV 7HP", CaseName("12.5PV7HP", 0.125, 0.07)),
    ],
)
def test_names_of_cases(text, case):
    assert read_case_name(text, "network.cases") == (case, ())


@pytest.mark.parametrize("text", ["", "25", "PV25HP50", "25PV", "-5PV50HP", "25PV50HP!", "25PV50HPx" * 99])
def test_no_names_of_cases(text):
    case, (finding,) = read_case_name(text, "network.cases[0]")
    assert case is None
    assert finding.rule == "network.case.name"
    assert finding.where == "network.cases[0]"
    assert "25PV50HP" in finding.remedy


def test_shares_above_all_customers_are_both_told():
    case, findings = read_case_name("125PV101HP", "x")
    assert case is None
    assert [f.rule for f in findings] == ["network.case.share"] * 2


def test_a_case_twice_and_no_case_at_all():
    names, findings = read_case_names(["25PV50HP", "25pv 50hp", "oops"], "network.cases")
    assert [n.name for n in names] == ["25PV50HP"]
    assert [f.rule for f in findings] == ["network.case.twice", "network.case.name"]
    assert [f.where for f in findings] == ["network.cases[1]", "network.cases[2]"]
    assert read_case_names([], "network.cases")[1][0].rule == "network.case.none"


def test_every_kth_of_each_class_by_hand():
    customers = make_customers(12)  # classes 0 1 2 0 1 2 …, four customers of each
    (case,) = find_cases(customers, [CaseName("x", 0.5, 0.25)], seed=0, pattern="every_kth")
    # The second and fourth of class 0 are rows 3 and 9; of class 1 rows 4 and 10; of class 2 rows 5 and 11.
    assert np.flatnonzero(case.has_pv).tolist() == [3, 4, 5, 9, 10, 11]
    assert np.flatnonzero(case.has_hp).tolist() == [9, 10, 11]  # the fourth of each


def test_every_third_is_not_lost_by_rounding():
    customers = make_customers(90)
    (case,) = find_cases(customers, [CaseName("x", 1 / 3, 1.0)], seed=0, pattern="every_kth")
    assert case.has_pv.sum() == 30
    assert case.has_hp.all()


def test_pv_and_heat_pumps_are_drawn_apart():
    customers = make_customers(200)
    (case,) = find_cases(customers, [CaseName("x", 0.5, 0.5)], seed=4)
    both = int((case.has_pv & case.has_hp).sum())
    assert 30 < both < 70  # 50 expected; 100 were they the same, 0 were they each other's rest
