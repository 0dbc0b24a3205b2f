"""Kernels of the sweep: currents up the tree, voltages down it, sixteen snapshots at a time.

Plain meaning of one pass, V₀ the voltages without load, x the voltages at which loads are taken:

    up      I(point) = conj(S(|x|) / x),   J(slot) = I + Y·V + Σ J of the slots it feeds
    down    V(busbar) = V₀ − Z_s·J,        V(place) = V(parent) − Z·J(place)
    correct r = V − x,  a = κ·(V₀ − V) / conj(V₀),  x ← x + (1 + |a|²)·(r + a·conj(r))

A constant power draws δI = −conj(S)·conj(δV)/conj(V)² more where the voltage is δV higher, so the error e
of x and the step r obey r = e − A·conj(e) with a matrix A of about the relative voltage drop; ``correct``
solves that as if A were a number at each point, which divides the error by 15 per pass where the plain
iteration x ← V divides it by 5 (voltages down to 0.83 pu), and by more at lighter load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel
from sparewatt.model.network import PHASES
from sparewatt.physics.lanes import (
    LANES,
    greater_lanes,
    load_lanes,
    read_lanes,
    root_lanes,
    spread_lanes,
    store_lanes,
)
from sparewatt.physics.slots import BALANCED, SOURCE_SEATS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.physics.lanes import Lanes
    from sparewatt.physics.slots import SlotTree

    Floats = NDArray[np.float64]

PLAIN_ROWS = 2
ZIP_ROWS = 6
"""Rows of lanes per point: P, Q of constant power; with ZIP loads also of constant current and impedance."""
WATT = 1000.0
MOST_SHOWN = 0.9
"""Steps as small as rounding do not shrink any more; they count as if they did by a tenth."""


@kernel(error_model="numpy")
def fill_powers(
    tree: SlotTree,
    kw: Floats,
    kvar: Floats,
    snapshots: int,
    start: int,
    groups: int,
    rows: int,
    power: Floats,
) -> None:
    """Sum the loads of each point: ``power`` in lanes by group, point and row [W, var]; kw and kvar flat."""
    part_load = tree.part_load
    part_point = tree.part_point
    part_share = tree.part_share
    constant = tree.constant
    per_group = len(power) // (LANES * groups)
    power[:] = 0.0
    for i in range(len(part_load)):
        at = part_load[i] * snapshots + start
        row = part_point[i] * rows
        share = WATT * part_share[i]
        z, c = constant[i, 0], constant[i, 1]
        for g in range(groups):
            p = share * read_lanes(kw, at + LANES * g)
            q = share * read_lanes(kvar, at + LANES * g)
            k = g * per_group + row
            if rows == ZIP_ROWS:
                store_lanes(power, k + 2, load_lanes(power, k + 2) + c * p)
                store_lanes(power, k + 3, load_lanes(power, k + 3) + c * q)
                store_lanes(power, k + 4, load_lanes(power, k + 4) + z * p)
                store_lanes(power, k + 5, load_lanes(power, k + 5) + z * q)
                p = (1.0 - z - c) * p
                q = (1.0 - z - c) * q
            store_lanes(power, k, load_lanes(power, k) + p)
            store_lanes(power, k + 1, load_lanes(power, k + 1) + q)


@kernel(error_model="numpy")
def start_voltages(tree: SlotTree, x: Floats, w: Floats, shunt_v: Floats) -> None:
    """Points and shunts at the voltages without load, which also feed the busbar from behind the slots."""
    feed, phase_of, v0, point_of, shunt_at = tree.feed, tree.phase, tree.v0, tree.point, tree.shunt_at
    slots = len(feed)
    for p in range(SOURCE_SEATS):
        store_lanes(w, 2 * (2 * slots + p), spread_lanes(v0[p, 0]))
        store_lanes(w, 2 * (2 * slots + p) + 1, spread_lanes(v0[p, 1]))
    for s in range(slots):
        re, im = spread_lanes(v0[phase_of[s], 0]), spread_lanes(v0[phase_of[s], 1])
        if point_of[s] >= 0:
            store_lanes(x, 2 * point_of[s], re)
            store_lanes(x, 2 * point_of[s] + 1, im)
        if shunt_at[s] >= 0:
            store_lanes(shunt_v, 2 * shunt_at[s], re)
            store_lanes(shunt_v, 2 * shunt_at[s] + 1, im)


@kernel(error_model="numpy")
def sweep_up(
    tree: SlotTree,
    power: Floats,
    first: int,
    rows: int,
    per_volt: float,
    x: Floats,
    w: Floats,
    shunt_i: Floats,
) -> None:
    """Currents of all slots from the voltages ``x`` of the points: J in the first half of ``w``."""
    feed, point_of, shunt_first, shunt_at = tree.feed, tree.point, tree.shunt_first, tree.shunt_at
    child_from, child = tree.child_from, tree.child
    zero = spread_lanes(0.0)
    shunts = len(shunt_first) > 0
    for s in range(len(feed) - 1, -1, -1):
        re, im = zero, zero
        point = point_of[s]
        if point >= 0:
            a, b = load_lanes(x, 2 * point), load_lanes(x, 2 * point + 1)
            k = first + rows * point
            p, q = load_lanes(power, k), load_lanes(power, k + 1)
            u2 = a * a + b * b
            m = 1.0 / u2
            if rows == ZIP_ROWS:
                u2 = u2 * (per_volt * per_volt)
                u = root_lanes(u2)
                p = p + u * load_lanes(power, k + 2) + u2 * load_lanes(power, k + 4)
                q = q + u * load_lanes(power, k + 3) + u2 * load_lanes(power, k + 5)
            re = (p * a + q * b) * m
            im = (p * b - q * a) * m
        if shunts and shunt_at[s] >= 0:
            re = re + load_lanes(shunt_i, 2 * shunt_at[s])
            im = im + load_lanes(shunt_i, 2 * shunt_at[s] + 1)
        for c in range(child_from[s], child_from[s + 1]):
            fed = 2 * child[c]
            re = re + load_lanes(w, fed)
            im = im + load_lanes(w, fed + 1)
        store_lanes(w, 2 * s, re)
        store_lanes(w, 2 * s + 1, im)


@kernel(error_model="numpy", forceinline=True)
def correct(
    re: Lanes, im: Lanes, x_re: Lanes, x_im: Lanes, v_re: float, v_im: float, g_re: float, g_im: float
) -> Lanes:
    """Voltage at which a load is taken next, from the one just found and the last one; |r|² and |a|².

    Lanes only: arrays given to a function inside a loop would be counted in and out by numba.
    """
    r_re, r_im = re - x_re, im - x_im
    d_re, d_im = v_re - re, v_im - im
    a_re, a_im = d_re * g_re - d_im * g_im, d_re * g_im + d_im * g_re
    a2 = a_re * a_re + a_im * a_im
    new_re = x_re + (1.0 + a2) * (r_re + a_re * r_re + a_im * r_im)
    new_im = x_im + (1.0 + a2) * (r_im + a_im * r_re - a_re * r_im)
    return new_re, new_im, r_re * r_re + r_im * r_im, a2


@kernel(error_model="numpy", forceinline=True)
def times(z_re: float, z_im: float, j_re: Lanes, j_im: Lanes) -> Lanes:
    """Product of a complex number and complex lanes, real and imaginary."""
    return z_re * j_re - z_im * j_im, z_re * j_im + z_im * j_re


@kernel(error_model="numpy")
def sweep_down(tree: SlotTree, slope: Floats, x: Floats, w: Floats) -> Lanes:
    """Voltages of all slots from their currents, in the second half of ``w``; points corrected on the way.

    ``slope`` is κ·V₀/|V₀|² of each phase. Returns the greatest |r|² and |a|² of any point.
    """
    feed, point_of, phase_of, v0 = tree.feed, tree.point, tree.phase, tree.v0
    kind_of, first_of, z_from, z = tree.kind, tree.first, tree.z_from, tree.z
    v = 2 * len(feed)
    step = spread_lanes(0.0)
    bend = step
    for n in range(len(kind_of)):
        kind, s, f = kind_of[n], first_of[n], z_from[n]
        balanced = kind == BALANCED
        c_re, c_im = step, step
        o_re, o_im = z[f], z[f + 1]
        if balanced:
            # Z·J = (own − mutual)·J + mutual·ΣJ
            s_re = load_lanes(w, 2 * s) + load_lanes(w, 2 * s + 2) + load_lanes(w, 2 * s + 4)
            s_im = load_lanes(w, 2 * s + 1) + load_lanes(w, 2 * s + 3) + load_lanes(w, 2 * s + 5)
            c_re, c_im = times(z[f + 2], z[f + 3], s_re, s_im)
            o_re, o_im = o_re - z[f + 2], o_im - z[f + 3]
        for t in range(s, s + min(kind, PHASES)):
            u = v + 2 * feed[t]
            re, im = load_lanes(w, u), load_lanes(w, u + 1)
            if balanced or kind == 1:
                d_re, d_im = times(o_re, o_im, load_lanes(w, 2 * t), load_lanes(w, 2 * t + 1))
                re, im = re - d_re, im - d_im
                if balanced:
                    re, im = re - c_re, im - c_im
            else:
                for k in range(kind):
                    e, j = f + 2 * (kind * (t - s) + k), 2 * (s + k)
                    d_re, d_im = times(z[e], z[e + 1], load_lanes(w, j), load_lanes(w, j + 1))
                    re, im = re - d_re, im - d_im
            store_lanes(w, v + 2 * t, re)
            store_lanes(w, v + 2 * t + 1, im)
            point = point_of[t]
            if point >= 0:
                p = phase_of[t]
                x_re, x_im = load_lanes(x, 2 * point), load_lanes(x, 2 * point + 1)
                x_re, x_im, r2, a2 = correct(re, im, x_re, x_im, v0[p, 0], v0[p, 1], slope[p, 0], slope[p, 1])
                store_lanes(x, 2 * point, x_re)
                store_lanes(x, 2 * point + 1, x_im)
                step, bend = greater_lanes(r2, step), greater_lanes(a2, bend)
    return step, bend


@kernel(error_model="numpy")
def note_shunts(tree: SlotTree, w: Floats, shunt_v: Floats, step: Lanes) -> Lanes:
    """Voltages of the shunts as just found; greatest |r|² with theirs."""
    v, shunt_first = 2 * len(tree.feed), tree.shunt_first
    for n in range(len(shunt_first)):
        for i in range(3):
            k, u = 2 * (3 * n + i), v + 2 * (shunt_first[n] + i)
            re, im = load_lanes(w, u), load_lanes(w, u + 1)
            r_re, r_im = re - load_lanes(shunt_v, k), im - load_lanes(shunt_v, k + 1)
            step = greater_lanes(r_re * r_re + r_im * r_im, step)
            store_lanes(shunt_v, k, re)
            store_lanes(shunt_v, k + 1, im)
    return step


@kernel(error_model="numpy")
def draw_shunts(tree: SlotTree, shunt_v: Floats, shunt_i: Floats) -> None:
    """Currents Y·V of the shunts."""
    shunt = tree.shunt
    for n in range(len(shunt)):
        for i in range(3):
            j_re, j_im = spread_lanes(0.0), spread_lanes(0.0)
            for q in range(3):
                u = 2 * (3 * n + q)
                d_re, d_im = times(
                    shunt[n, i, q, 0], shunt[n, i, q, 1], load_lanes(shunt_v, u), load_lanes(shunt_v, u + 1)
                )
                j_re, j_im = j_re + d_re, j_im + d_im
            store_lanes(shunt_i, 2 * (3 * n + i), j_re)
            store_lanes(shunt_i, 2 * (3 * n + i) + 1, j_im)


@kernel(error_model="numpy")
def solve_group(
    tree: SlotTree,
    power: Floats,
    first: int,
    rows: int,
    per_volt: float,
    kappa: float,
    tolerance_v: float,
    limit: int,
    x: Floats,
    w: Floats,
    shunt_v: Floats,
    shunt_i: Floats,
    state: Floats,
) -> int:
    """Pass up and down until every snapshot of the group is known to the tolerance; passes made.

    After a step |r| the voltages just found are off by no more than about λ|r|: the greatest relative voltage
    drop, or q/(1 − q) where a pass has shown to leave the part q of a step; both together are taken.
    ``state``, two vectors: 1 where a snapshot has converged; the last |r|.
    """
    start_voltages(tree, x, w, shunt_v)
    draw_shunts(tree, shunt_v, shunt_i)
    # The first step is measured by the voltage itself: it is the drop of loads and shunts.
    v0_re, v0_im = tree.v0[0, 0], tree.v0[0, 1]
    store_lanes(state, 1, spread_lanes(np.sqrt(v0_re * v0_re + v0_im * v0_im)))
    measure = np.empty(2 * LANES)
    slope = np.empty((3, 2))
    for p in range(3):
        scale = kappa / (tree.v0[p, 0] * tree.v0[p, 0] + tree.v0[p, 1] * tree.v0[p, 1])
        slope[p, 0], slope[p, 1] = scale * tree.v0[p, 0], scale * tree.v0[p, 1]
    for passes in range(1, limit + 1):
        sweep_up(tree, power, first, rows, per_volt, x, w, shunt_i)
        step, bend = sweep_down(tree, slope, x, w)
        step = note_shunts(tree, w, shunt_v, step)
        draw_shunts(tree, shunt_v, shunt_i)
        # A current that is not a number anywhere reaches the busbar and shows here.
        step = step + 0.0 * (load_lanes(w, 0) + load_lanes(w, 2) + load_lanes(w, 4))
        store_lanes(measure, 0, root_lanes(step))
        store_lanes(measure, 1, root_lanes(bend))
        open_ = 0
        for t in range(LANES):
            r = measure[t]
            last = state[LANES + t]
            shown = r / last if r < MOST_SHOWN * last else MOST_SHOWN
            left = measure[LANES + t] / kappa + shown / (1.0 - shown)
            state[t] = 1.0 if r * left <= tolerance_v else 0.0
            state[LANES + t] = r
            if state[t] == 0.0 and not np.isnan(r):
                open_ += 1
        if open_ == 0:
            return passes
    return limit
