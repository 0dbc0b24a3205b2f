"""Source and transformer at the busbar, against hand calculation and OpenDSS's own matrices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.networks import BUSBAR, make_network

from sparewatt.model.network import Source, Transformer
from sparewatt.physics.thevenin import find_thevenin, winding_incidence

BASE_V = 416 / np.sqrt(3)


def busbar_only(transformer, source=None):
    network = make_network([(BUSBAR, "a")], [("a", 0)], transformer=transformer)
    return network if source is None else replace(network, source=source)


@pytest.mark.parametrize("clock", [1, 3, 5, 7, 9, 11])
def test_without_load_the_low_voltage_side_lags_by_thirty_degrees_an_hour(clock):
    v0 = find_thevenin(busbar_only(Transformer("t", 11.0, 0.416, 500.0, 0.01, 0.04, clock=clock))).v0
    assert np.abs(v0) == pytest.approx([BASE_V] * 3, rel=1e-12)
    expected = np.exp(-1j * np.deg2rad(30 * clock + 120 * np.arange(3)))
    assert v0 / BASE_V == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("clock", [0, 2, 6, 12])
def test_an_even_clock_number_is_no_delta_wye(clock):
    with pytest.raises(ValueError, match="odd clock number"):
        winding_incidence(clock)


def test_impedance_by_hand():
    # 2 + 6j milliohm of winding; 0.5 + 2j ohm of source seen through (416/11000)²; no zero sequence of the
    # source behind a delta: own 2/3, mutual -1/3 of it; a neutral of 0.1 ohm stands in every entry.
    base_ohm = 416**2 / 500e3
    t = Transformer("t", 11.0, 0.416, 500.0, 0.002 / base_ohm, 0.006 / base_ohm, neutral_ohm=0.1 + 0j)
    z = find_thevenin(busbar_only(t, Source(11.0, 1.0, 0.5 + 2j, 7 + 9j))).z_ohm
    source = (0.5 + 2j) * (416 / 11000) ** 2
    expected = (0.002 + 0.006j) * np.eye(3) + 0.1 + source * (np.eye(3) - 1 / 3)
    assert z == pytest.approx(expected, rel=1e-9)


def test_a_tap_lowers_the_voltage_by_its_ratio():
    v0 = find_thevenin(busbar_only(Transformer("t", 11.0, 0.416, 500.0, 0.01, 0.04, tap_pu=1.025))).v0
    assert np.abs(v0) == pytest.approx([BASE_V / 1.025] * 3, rel=1e-12)


def test_a_stiff_source_leaves_the_winding_alone():
    t = Transformer("t", 11.0, 0.416, 500.0, 0.01, 0.04)
    z = find_thevenin(busbar_only(t, Source(11.0, 1.0, 0j, 0j))).z_ohm
    assert z == pytest.approx((0.01 + 0.04j) * 416**2 / 500e3 * np.eye(3), abs=1e-11)


def test_losses_are_those_of_the_windings_and_the_core():
    base_ohm = 416**2 / 500e3
    t = Transformer("t", 11.0, 0.416, 500.0, 0.004 / base_ohm, 0.01 / base_ohm, magnetising_s=2e-3 - 5e-3j)
    thevenin = find_thevenin(busbar_only(t))
    none = thevenin.transformer_losses_w(np.zeros((3, 1)))
    # With no load the core takes 2 mS of 240.2 V on each phase; its current through the winding adds little.
    assert none[0] == pytest.approx(3 * 2e-3 * BASE_V**2, rel=2e-4)
    j = np.array([[100.0 + 0j], [0], [0]])
    leg = 100.0 + (2e-3 - 5e-3j) * (thevenin.v0 - thevenin.z_ohm[:, 0] * 100.0)[0]
    copper = 0.004 * abs(leg) ** 2
    core = sum(2e-3 * abs(v) ** 2 for v in thevenin.v0 - thevenin.z_ohm[:, 0] * 100.0)
    others = 2 * 0.004 * abs((2e-3 - 5e-3j) * BASE_V) ** 2
    assert thevenin.transformer_losses_w(j)[0] == pytest.approx(copper + core + others, rel=1e-5)
