"""The two worked examples, built by hand; energies as in reference/cluster/tutorial1 and tutorial2."""

from __future__ import annotations

import pytest

from sparewatt.model.operating_rules import OperatingRules
from sparewatt.model.trace import Fate
from sparewatt.simulate.hub import simulate_hub
from support.hubs import Unit, make_fleet, make_system, tutorial_visits

STEP_KWH = 11 / 12
"""A period of 5 min at 11 kW."""


def test_tutorial_1_walk_in_first_come_first_served():
    system = make_system([[Unit()] * 8], lower_kw=-66, upper_kw=66)
    rules = OperatingRules(control="first_come_first_served")
    trace = simulate_hub(system, make_fleet(tutorial_visits(books=False)), rules)
    # Periods at 11 kW; v06 connects before v07 by its id, so that v07 waits for v02 to leave.
    periods = [13, 7, 11, 17, 11, 9, 12, 1]
    assert (trace.fate == Fate.ADMITTED).all()
    assert trace.connections.g2v_kwh.tolist() == pytest.approx([n * STEP_KWH for n in periods], abs=1e-9)
    assert trace.cluster_kw.max() == pytest.approx(66)
    assert trace.cluster_kw.sum() / 12 == pytest.approx(74.25)


def test_tutorial_2_simple_reservation_least_laxity_first():
    system = make_system([[Unit()] * 6], lower_kw=-55, upper_kw=55)
    rules = OperatingRules(control="least_laxity_first", reservation="simple")
    trace = simulate_hub(system, make_fleet(tutorial_visits(books=True)), rules)
    wanted = {"v01": 13, "v02": 7, "v03": 8, "v04": 11, "v05": 11, "v06": 9}
    got = {
        trace.fleet.ids[v]: kwh / STEP_KWH
        for v, kwh in zip(trace.connections.vehicle, trace.connections.g2v_kwh, strict=True)
    }
    assert got == pytest.approx(wanted)
    assert trace.fate[6:].tolist() == [Fate.RESERVATION_REFUSED] * 2
    assert trace.cluster_kw.max() == pytest.approx(55)
