"""Smart reservations worked out by hand: 20 kWh battery, steps of an hour, 10 kW units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparewatt.decide.optimise.cluster_pricing import price_reservation
from sparewatt.decide.optimise.cluster_reservation import energy_margin, plan_reservation
from sparewatt.model.evses import grid_power
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.reservation import ReservationCandidate, ReservationRequest

RULES = OperatingRules(f_markup=0.05, f_discount=0.02, arbitrage=0.1)
REQUEST = ReservationRequest(
    battery_kwh=20.0, min_soc=0.1, max_soc=1.0, target_soc=0.75, v2g_allowance_kwh=0.0
)


def candidate(**changes: object) -> ReservationCandidate:
    """Three hours at a unit without losses, nothing booked, tariff 0.3, 0.1, 0.2."""
    tariff = np.array([0.3, 0.1, 0.2])
    plain = ReservationCandidate(
        cluster=0,
        evse=0,
        first=4,
        end=7,
        arrival_soc=0.25,
        charge_kw=10.0,
        discharge_kw=10.0,
        efficiency=1.0,
        booked_kw=np.zeros(3),
        lower_kw=np.full(3, -50.0),
        upper_kw=np.full(3, 50.0),
        tariff_per_kwh=tariff,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_charges_in_the_cheapest_hour():
    contract = plan_reservation(REQUEST, [candidate()], RULES, 1.0)
    assert contract is not None
    assert contract.battery_kw == pytest.approx([0, 10, 0])
    assert contract.payment == pytest.approx(1.0)
    assert (contract.first, contract.end, contract.target_soc) == (4, 7, pytest.approx(0.75))
    assert contract.v2g_per_kwh == pytest.approx(contract.g2v_per_kwh * 0.9)
    assert contract.gap == 0.0


def test_bookings_leave_less_in_the_cheap_hour():
    """UB - booked = 4 kW in hour 1: 4 kWh there, 6 in the next cheapest."""
    contract = plan_reservation(REQUEST, [candidate(booked_kw=np.array([0.0, 46.0, 0.0]))], RULES, 1.0)
    assert contract is not None
    assert contract.battery_kw == pytest.approx([0, 4, 6])


def test_free_power_is_grid_side():
    """η = 0.8: 4 kW from the grid put 3.2 kW into the battery."""
    booked = np.array([0.0, 46.0, 0.0])
    contract = plan_reservation(REQUEST, [candidate(booked_kw=booked, efficiency=0.8)], RULES, 1.0)
    assert contract is not None
    assert contract.battery_kw == pytest.approx([0, 3.2, 6.8])
    assert np.all(booked + grid_power(contract.battery_kw, 0.8) <= 50.0 + 1e-9)


def test_v2g_keeps_lower_limit_and_allowance():
    """At a unit with η = 0.8 a margin of -2 kW on the grid lets 2.5 kW out of the battery."""
    request = replace(REQUEST, v2g_allowance_kwh=5.0, target_soc=0.25)
    tariff = np.array([0.1, 0.5, 0.1])
    low = candidate(tariff_per_kwh=tariff, efficiency=0.8, lower_kw=np.array([-50.0, -2.0, -50.0]))
    contract = plan_reservation(request, [low], RULES, 1.0)
    assert contract is not None
    assert contract.battery_kw[1] == pytest.approx(-2.5)
    assert contract.battery_kw.sum() == pytest.approx(0.0)
    assert contract.payment == pytest.approx(2.5 * 0.1 - 2.5 * 0.45)
    # The allowance binds at a unit whose cluster has room: charge 5, give 5.
    free = plan_reservation(request, [candidate(tariff_per_kwh=tariff)], RULES, 1.0)
    assert free is not None
    assert free.battery_kw == pytest.approx([5, -5, 0])


def test_no_v2g_when_more_than_the_lower_limit_is_wanted():
    """LB above what is booked: nothing may be taken out, and nothing must be drawn."""
    request = replace(REQUEST, v2g_allowance_kwh=5.0, target_soc=0.25)
    tariff = np.array([0.1, 0.5, 0.1])
    contract = plan_reservation(
        request, [candidate(tariff_per_kwh=tariff, lower_kw=np.full(3, 5.0))], RULES, 1.0
    )
    assert contract is not None
    assert contract.battery_kw == pytest.approx([0, 0, 0])


def test_target_is_lowered_to_the_stay():
    """One hour at 10 kW: 5 + 10 kWh, though 20 are wanted."""
    short = candidate(
        end=5,
        booked_kw=np.zeros(1),
        lower_kw=np.full(1, -50.0),
        upper_kw=np.full(1, 50.0),
        tariff_per_kwh=np.array([0.3]),
    )
    contract = plan_reservation(replace(REQUEST, target_soc=1.0), [short], RULES, 1.0)
    assert contract is not None
    assert contract.target_soc == pytest.approx(0.75)
    assert contract.battery_kw == pytest.approx([10.0])


def test_target_is_lowered_to_the_margin():
    """Margins 1 + 2 + 3 kW at η = 0.5: 3 kWh into the battery."""
    tight = candidate(booked_kw=np.array([49.0, 48.0, 47.0]), efficiency=0.5)
    assert energy_margin(tight, 1.0) == pytest.approx(3.0)
    contract = plan_reservation(REQUEST, [tight], RULES, 1.0)
    assert contract is not None
    assert contract.battery_kw == pytest.approx([0.5, 1.0, 1.5])
    assert contract.target_soc == pytest.approx(0.25 + 3 / 20)


def test_a_candidate_that_delivers_less_cannot_undercut():
    cheap = candidate(charge_kw=1.0, tariff_per_kwh=np.full(3, 0.01))
    contract = plan_reservation(REQUEST, [cheap, candidate(cluster=1, evse=3)], RULES, 1.0)
    assert contract is not None
    assert (contract.cluster, contract.evse) == (1, 3)


def test_cheapest_cluster_wins_and_ties_go_to_the_first():
    dear = candidate(tariff_per_kwh=np.array([0.3, 0.2, 0.2]))
    offers = [dear, candidate(cluster=1, evse=1), candidate(cluster=2, evse=2)]
    contract = plan_reservation(REQUEST, offers, RULES, 1.0)
    assert contract is not None
    assert contract.cluster == 1


def test_stays_of_different_length():
    """The later cluster has the same hours 1 and 2 only."""
    late = candidate(
        cluster=1,
        first=5,
        booked_kw=np.zeros(2),
        lower_kw=np.full(2, -50.0),
        upper_kw=np.full(2, 50.0),
        tariff_per_kwh=np.array([0.05, 0.2]),
    )
    contract = plan_reservation(REQUEST, [candidate(), late], RULES, 1.0)
    assert contract is not None
    assert (contract.cluster, contract.first, contract.end) == (1, 5, 7)
    assert contract.battery_kw == pytest.approx([10, 0])


@pytest.mark.parametrize(
    "candidates",
    [
        [],
        [candidate(booked_kw=np.full(3, 50.0))],
        [candidate(booked_kw=np.full(3, 80.0))],
        [candidate(charge_kw=0.0)],
    ],
    ids=["none", "full", "overbooked", "no power"],
)
def test_no_offer(candidates: list[ReservationCandidate]):
    assert plan_reservation(REQUEST, candidates, RULES, 1.0) is None


def test_arrival_above_the_target_is_kept():
    request = replace(REQUEST, target_soc=0.1, v2g_allowance_kwh=5.0)
    contract = plan_reservation(request, [candidate(tariff_per_kwh=np.full(3, 0.2))], RULES, 1.0)
    assert contract is not None
    assert contract.target_soc == pytest.approx(0.25)
    assert contract.battery_kw == pytest.approx([0, 0, 0])
    assert plan_reservation(request, [candidate(charge_kw=0.0)], RULES, 1.0) is not None


def test_arrival_below_the_min_soc_is_served():
    contract = plan_reservation(replace(REQUEST, min_soc=0.3), [candidate()], RULES, 1.0)
    assert contract is not None
    assert contract.battery_kw.sum() == pytest.approx(10.0)


def test_unlimited_cluster():
    endless = candidate(lower_kw=np.full(3, -np.inf), upper_kw=np.full(3, np.inf))
    contract = plan_reservation(REQUEST, [endless], RULES, 1.0)
    assert contract is not None
    assert contract.payment == pytest.approx(1.0)
    assert contract.g2v_per_kwh == pytest.approx([0.3, 0.1, 0.2])


def test_pricing_rule_by_hand():
    """Full: max tariff + 0.05·2; at the limit: max tariff; below: min - 0.02·5; else the tariff."""
    price = price_reservation(
        np.array([12.0, 10.0, 0.0, 6.0]),
        np.full(4, 5.0),
        np.full(4, 10.0),
        np.array([0.1, 0.2, 0.3, 0.15]),
        f_markup=0.05,
        f_discount=0.02,
    )
    assert price == pytest.approx([0.4, 0.3, 0.0, 0.15])


def test_pricing_where_both_rules_hold_takes_the_first():
    price = price_reservation(
        np.array([8.0]), np.array([9.0]), np.array([7.0]), np.array([0.1]), f_markup=0.5, f_discount=0.5
    )
    assert price == pytest.approx([0.6])
    assert len(price_reservation(*[np.zeros(0)] * 4, f_markup=1.0, f_discount=1.0)) == 0
