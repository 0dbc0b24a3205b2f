"""One pass of the sweep is its plain meaning, written with dictionaries of complex numbers."""

from __future__ import annotations

import numpy as np
import pytest
from tests.support.networks import random_network

from sparewatt.kernel import kernel
from sparewatt.model.network import PHASES
from sparewatt.physics.condense import condense
from sparewatt.physics.lanes import LANES, store_lanes
from sparewatt.physics.slots import SOURCE_SEATS, build_slots, slots_of
from sparewatt.physics.sweep_kernels import (
    PLAIN_ROWS,
    ZIP_ROWS,
    draw_shunts,
    fill_powers,
    start_voltages,
    sweep_down,
    sweep_up,
)
from sparewatt.physics.thevenin import find_thevenin
from sparewatt.physics.topology import find_feeders

KAPPA = 0.8


@kernel(error_model="numpy")
def pass_once(tree, power, rows, per_volt, slope, x, w, shunt_i, found):
    sweep_up(tree, power, 0, rows, per_volt, x, w, shunt_i)
    step, bend = sweep_down(tree, slope, x, w)
    store_lanes(found, 0, step)
    store_lanes(found, 1, bend)


def pass_plainly(network, condensed, thevenin, kw, kvar, x):
    """Currents, voltages and next x by (place, phase) of one snapshot; greatest |r|² and |a|²."""
    place_of = {n: k for k, n in enumerate(condensed.node.tolist())}
    j = np.zeros((len(condensed), PHASES), dtype=complex)
    for row in range(len(network.loads)):
        phase = network.loads.phase[row]
        k = place_of[network.loads.node[row]]
        phases = range(3) if phase == -1 else [phase]
        z, i, p = network.loads.zip_share[row]
        for ph in phases:
            u = abs(x[k, ph]) / network.base_v
            s = 1e3 * (kw[row] + 1j * kvar[row]) / len(phases) * (p + i * u + z * u * u)
            j[k, ph] += np.conj(s / x[k, ph])
    for k in range(len(condensed)):
        j[k] += condensed.shunt_s[k] @ thevenin.v0
    for k in range(len(condensed) - 1, 0, -1):
        j[condensed.parent[k]] += j[k]
    v = np.empty_like(j)
    v[0] = thevenin.v0 - thevenin.z_ohm @ j[0]
    for k in range(1, len(condensed)):
        v[k] = v[condensed.parent[k]] - condensed.z_ohm[k] @ j[k]
    r = v - x
    a = KAPPA * (thevenin.v0 - v) / thevenin.v0.conj()
    return j, v, x + (1 + np.abs(a) ** 2) * (r + a * r.conj()), np.abs(r) ** 2, np.abs(a) ** 2


@pytest.mark.parametrize(
    "kind", [{}, {"shunts": True}, {"zips": True}, {"three_phase": True, "shunts": True}]
)
def test_a_pass_up_and_down(kind):
    network = random_network(9, **kind)
    condensed, thevenin = condense(network, find_feeders(network)), find_thevenin(network)
    tree, slot = build_slots(network, condensed, thevenin), slots_of(condensed)
    rng = np.random.default_rng(0)
    kw = rng.uniform(-2, 6, (len(network.loads), LANES))
    kvar = rng.uniform(-1, 2, kw.shape)
    rows = ZIP_ROWS if "zips" in kind else PLAIN_ROWS
    slots = len(tree.feed)
    power, x = np.empty(rows * LANES * tree.points), np.empty(2 * LANES * tree.points)
    w = np.full(LANES * (4 * slots + 2 * SOURCE_SEATS), np.nan)
    shunt_v, shunt_i = (np.empty(6 * LANES * len(tree.shunt_first)) for _ in range(2))
    found = np.empty(2 * LANES)
    fill_powers(tree, kw.reshape(-1), kvar.reshape(-1), LANES, 0, 1, rows, power)
    start_voltages(tree, x, w, shunt_v)
    draw_shunts(tree, shunt_v, shunt_i)
    slope = KAPPA * tree.v0 / network.base_v**2
    slope *= network.base_v**2 / (tree.v0**2).sum(axis=1)[:, None]
    at = np.broadcast_to(thevenin.v0, (len(condensed), PHASES))
    at = np.repeat(at[:, :, None], LANES, axis=2)
    used = np.flatnonzero(tree.point >= 0)
    for _ in range(3):
        pass_once(tree, power, rows, 1 / network.base_v, slope, x, w, shunt_i, found)
        seats = w.reshape(-1, 2, LANES)
        seats = seats[:, 0] + 1j * seats[:, 1]
        carried = condensed.carries
        following = np.empty_like(at)
        for t in range(LANES):
            j, v, following[:, :, t], r2, a2 = pass_plainly(
                network, condensed, thevenin, kw[:, t], kvar[:, t], at[:, :, t]
            )
            assert seats[slot[carried], t] == pytest.approx(j[carried], abs=1e-9)
            assert seats[slots + slot[carried], t] == pytest.approx(v[carried], abs=1e-9)
            assert found[t] == pytest.approx(r2[carried].ravel()[used].max(), rel=1e-6, abs=1e-15)
            assert found[LANES + t] == pytest.approx(a2[carried].ravel()[used].max(), rel=1e-9)
        points = x.reshape(-1, 2, LANES)
        expected = following[carried][used]
        assert points[:, 0] + 1j * points[:, 1] == pytest.approx(expected, abs=1e-9)
        at = following
