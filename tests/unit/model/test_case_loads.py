"""Loads of a case by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.model.case_loads import PowerFactors, case_loads, kvar_per_kw
from sparewatt.model.customers import Case, Customers, Profiles

TAN_95 = 0.32868410517886
TAN_98 = 0.20305866063400


def two_customers(load=(0, 1)):
    customers = Customers(
        ("a", "b"), np.array(load), np.array([0, 1]), np.array([0, 0]), np.array([4.0, 2.0])
    )
    case = Case("x", 0.5, 0.5, np.array([True, False]), np.array([False, True]))
    profiles = Profiles(
        np.array([[1.0, 2.0], [0.5, 0.5]]), np.array([[9.0, 9.0], [2.0, 0.0]]), np.array([[0.0, 0.5], [1, 1]])
    )
    return customers, case, profiles


def test_power_of_each_load_by_hand():
    customers, case, profiles = two_customers()
    before = profiles.demand_kw.copy()
    kw, kvar = case_loads(customers, case, profiles)
    # a: demand 1, 2 less 4 kWp · 0, 0.5; no heat pump in this case. b: demand 0.5 and heat pump 2, 0; no PV.
    assert kw.tolist() == [[1, 0], [2.5, 0.5]]
    assert kvar == pytest.approx(TAN_95 * np.array([[1, 2], [2.5, 0.5]]))
    assert (profiles.demand_kw == before).all()


def test_evs_have_their_own_power_factor_and_may_give_back():
    customers, case, profiles = two_customers()
    ev = np.array([[7.4, 0.0], [-3.0, 0.0]])
    kw, kvar = case_loads(customers, case, profiles, ev_kw=ev)
    base_kw, base_kvar = case_loads(customers, case, profiles)
    assert kw - base_kw == pytest.approx(ev)
    assert kvar - base_kvar == pytest.approx(TAN_98 * ev)


def test_one_yield_for_all_roofs_and_pv_with_a_power_factor():
    customers, case, profiles = two_customers()
    common = Profiles(profiles.demand_kw, profiles.heat_pump_kw, np.array([0.0, 0.5]))
    kw, kvar = case_loads(customers, case, common, factors=PowerFactors(pv=0.95))
    assert kw[0].tolist() == [1, 0]
    assert kvar[0] == pytest.approx([TAN_95 * 1, TAN_95 * (2 - 2)])


def test_loads_without_a_customer_are_nothing_and_two_customers_of_a_load_add():
    customers, case, profiles = two_customers(load=(2, 2))
    kw, kvar = case_loads(customers, case, profiles, loads=4)
    assert kw.shape == kvar.shape == (4, 2)
    assert kw[2].tolist() == [3.5, 0.5]
    assert not kw[[0, 1, 3]].any()


def test_reactive_share():
    assert kvar_per_kw(1.0) == 0
    assert kvar_per_kw(0.95) == pytest.approx(TAN_95)
    assert kvar_per_kw(0.98) == pytest.approx(TAN_98)
