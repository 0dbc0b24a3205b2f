"""Kernels of the report: what was asked of the snapshots, from the currents and voltages of the slots.

Plain meaning, J and V the currents and voltages of one snapshot, per row of the report:

    load voltage    Σ share·|V(slot)| / base
    losses          Σ Re((V(feed) − V)·conj(J)) over slots + Σ Re(V·conj(Y·V)) of shunts + transformer's
    busbar          V·conj(J) per phase
    zone            least and greatest |V| / base of its seats
    overloads       branches with |J| above the rating on any phase
    node, branch    V; I = J + ½Y·V at the end towards the busbar; V·conj(I)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel
from sparewatt.physics.lanes import (
    LANES,
    above_lanes,
    greater_lanes,
    load_lanes,
    root_lanes,
    smaller_lanes,
    spread_lanes,
    store_lanes,
    write_lanes,
)
from sparewatt.physics.slots import SOURCE_SEATS
from sparewatt.physics.sweep_kernels import WATT, fill_powers, solve_group

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.physics.lanes import Lanes
    from sparewatt.physics.recipes import Recipes
    from sparewatt.physics.slots import SlotTree

    Floats = NDArray[np.float64]

STATE_VECTORS = 2


@kernel(error_model="numpy")
def see_voltages(tree: SlotTree, recipes: Recipes, w: Floats) -> None:
    """Voltages of the observers, after those of the slots."""
    feed = tree.feed
    seen_from = recipes.seen_from
    seen_first = recipes.seen_first
    seen_slot = recipes.seen_slot
    seen_z = recipes.seen_z
    v = 2 * len(feed)
    own = 2 * v + 2 * SOURCE_SEATS
    for o in range(len(seen_from)):
        u = v + 2 * seen_from[o]
        re, im = load_lanes(w, u), load_lanes(w, u + 1)
        for k in range(seen_first[o], seen_first[o + 1]):
            s = 2 * seen_slot[k]
            z_re, z_im = seen_z[k, 0], seen_z[k, 1]
            re = re - (z_re * load_lanes(w, s) - z_im * load_lanes(w, s + 1))
            im = im - (z_re * load_lanes(w, s + 1) + z_im * load_lanes(w, s))
        store_lanes(w, own + 2 * o, re)
        store_lanes(w, own + 2 * o + 1, im)


@kernel(error_model="numpy")
def sum_losses(
    tree: SlotTree,
    w: Floats,
    shunt_v: Floats,
    shunt_i: Floats,
    loss_w: float,
    loss_v: Floats,
    loss_ohm: Floats,
) -> Lanes:
    """Losses of branches, shunts and transformer [W]."""
    feed = tree.feed
    shunt_first = tree.shunt_first
    v = 2 * len(feed)
    total = spread_lanes(loss_w)
    for s in range(3, len(feed)):
        u, t = v + 2 * feed[s], v + 2 * s
        total = total + (load_lanes(w, u) - load_lanes(w, t)) * load_lanes(w, 2 * s)
        total = total + (load_lanes(w, u + 1) - load_lanes(w, t + 1)) * load_lanes(w, 2 * s + 1)
    for k in range(6 * len(shunt_first)):
        total = total + load_lanes(shunt_v, k) * load_lanes(shunt_i, k)
    for p in range(3):
        j_re, j_im = load_lanes(w, 2 * p), load_lanes(w, 2 * p + 1)
        re, im = spread_lanes(2.0 * loss_v[p, 0]), spread_lanes(2.0 * loss_v[p, 1])
        for q in range(3):
            z_re, z_im = loss_ohm[p, q, 0], loss_ohm[p, q, 1]
            re = re + z_re * load_lanes(w, 2 * q) - z_im * load_lanes(w, 2 * q + 1)
            im = im + z_re * load_lanes(w, 2 * q + 1) + z_im * load_lanes(w, 2 * q)
        total = total + j_re * re + j_im * im
    return total


@kernel(error_model="numpy")
def report_zones(
    tree: SlotTree, recipes: Recipes, per_volt: float, w: Floats, tile: Floats, row: int, step: int
) -> None:
    """Least and greatest voltage of each group, all least ones before all greatest [pu]."""
    feed = tree.feed
    zone_first = recipes.zone_first
    zone_seat = recipes.zone_seat
    v = 2 * len(feed)
    zones = len(zone_first) - 1
    for z in range(zones):
        least, most = spread_lanes(np.inf), spread_lanes(0.0)
        for k in range(zone_first[z], zone_first[z + 1]):
            u = v + 2 * zone_seat[k]
            re, im = load_lanes(w, u), load_lanes(w, u + 1)
            u2 = re * re + im * im
            least, most = smaller_lanes(u2, least), greater_lanes(u2, most)
        store_lanes(tile, step * (row + z), per_volt * root_lanes(least))
        store_lanes(tile, step * (row + zones + z), per_volt * root_lanes(most))


@kernel(error_model="numpy", forceinline=True)
def branch_current(tree: SlotTree, recipes: Recipes, b: int, p: int, w: Floats) -> Lanes:
    """Current into a branch on a phase at its end towards the busbar [A]."""
    feed = tree.feed
    shunt_first = tree.shunt_first
    branch_slot = recipes.branch_slot
    branch_shunt = recipes.branch_shunt
    branch_seat = recipes.branch_seat
    v = 2 * len(feed)
    re, im = spread_lanes(0.0), spread_lanes(0.0)
    s = branch_slot[3 * b + p]
    if s >= 0:
        re, im = load_lanes(w, 2 * s), load_lanes(w, 2 * s + 1)
    if len(shunt_first) > 0:
        for q in range(3):
            y_re, y_im = branch_shunt[b, p, q, 0], branch_shunt[b, p, q, 1]
            u = v + 2 * branch_seat[3 * b + q]
            re = re + y_re * load_lanes(w, u) - y_im * load_lanes(w, u + 1)
            im = im + y_re * load_lanes(w, u + 1) + y_im * load_lanes(w, u)
    return re, im


@kernel(error_model="numpy")
def report_overloads(tree: SlotTree, recipes: Recipes, w: Floats, tile: Floats, row: int, step: int) -> None:
    """Branches above rating in each group."""
    over_first, over_branch, over_a = recipes.over_first, recipes.over_branch, recipes.over_a
    branch_slot = recipes.branch_slot
    shunts = len(tree.shunt_first) > 0
    for z in range(len(over_first) - 1):
        count = spread_lanes(0.0)
        for k in range(over_first[z], over_first[z + 1]):
            i2 = spread_lanes(0.0)
            for p in range(3):
                s = branch_slot[3 * over_branch[k] + p]
                if shunts:
                    re, im = branch_current(tree, recipes, over_branch[k], p, w)
                    i2 = greater_lanes(re * re + im * im, i2)
                elif s >= 0:
                    re, im = load_lanes(w, 2 * s), load_lanes(w, 2 * s + 1)
                    i2 = greater_lanes(re * re + im * im, i2)
            count = count + above_lanes(i2, over_a[k] * over_a[k])
        store_lanes(tile, step * (row + z), count)


@kernel(error_model="numpy", forceinline=True)
def store_power(w: Floats, u: int, re: Lanes, im: Lanes, tile: Floats, at: int, step: int) -> None:
    """V·conj(I) of the voltage at ``u`` [kVA]."""
    v_re, v_im = load_lanes(w, u), load_lanes(w, u + 1)
    store_lanes(tile, at, (v_re * re + v_im * im) / WATT)
    store_lanes(tile, at + step, (v_im * re - v_re * im) / WATT)


@kernel(error_model="numpy")
def report_complex(tree: SlotTree, recipes: Recipes, w: Floats, tile: Floats, row: int, step: int) -> None:
    """Busbar power, node voltages, branch currents and powers; two rows each, real and imaginary."""
    feed = tree.feed
    node_seat = recipes.node_seat
    asked = recipes.asked
    branch_seat = recipes.branch_seat
    v = 2 * len(feed)
    for p in range(3):
        store_power(
            w, v + 2 * p, load_lanes(w, 2 * p), load_lanes(w, 2 * p + 1), tile, step * (row + 2 * p), step
        )
    row += 6
    nodes, asked = len(node_seat), 3 * asked
    for k in range(nodes):
        u = v + 2 * node_seat[k]
        store_lanes(tile, step * (row + 2 * k), load_lanes(w, u))
        store_lanes(tile, step * (row + 2 * k + 1), load_lanes(w, u + 1))
    row += 2 * nodes
    for k in range(asked):
        re, im = branch_current(tree, recipes, k // 3, k % 3, w)
        store_lanes(tile, step * (row + 2 * k), re)
        store_lanes(tile, step * (row + 2 * k + 1), im)
        u = v + 2 * branch_seat[k]
        store_power(w, u, re, im, tile, step * (row + 2 * asked + 2 * k), step)


@kernel(error_model="numpy")
def write_tile(
    tile: Floats, groups: int, plain: int, pairs: int, snapshots: int, start: int, out: Floats
) -> None:
    """Write a tile into the result: plain rows first, then pairs of rows as complex numbers."""
    for r in range(plain):
        for g in range(groups):
            write_lanes(out, r * snapshots + start + LANES * g, load_lanes(tile, groups * r + g))
    for c in range(pairs):
        at = (plain + 2 * c) * snapshots + 2 * start
        row = (plain + 2 * c) * groups * LANES
        for t in range(LANES * groups):
            out[at + 2 * t] = tile[row + t]
            out[at + 2 * t + 1] = tile[row + groups * LANES + t]


@kernel(error_model="numpy")
def solve_span(
    tree: SlotTree,
    recipes: Recipes,
    losses: tuple[float, Floats, Floats],
    settings: tuple[float, float, float, int, int],
    kw: Floats,
    kvar: Floats,
    span: tuple[int, int, int, int],
    plain: int,
    pairs: int,
    out: Floats,
    converged: NDArray[np.bool_],
) -> int:
    """Solve and report a span of snapshots, a tile of groups at a time; most passes of any group.

    Parameters
    ----------
    losses
        Quadratic form of the transformer's losses: constant, linear, square.
    settings
        1/base voltage, κ, tolerance [V], most passes, rows of power per point.
    kw, kvar
        Flat, load by load.
    span
        Number of all snapshots; first and end of the span, a multiple of `LANES` apart; groups in a tile.
    plain, pairs
        Rows of the report: real ones, complex ones.
    out
        Flat: real rows, then complex ones with real and imaginary parts side by side.
    """
    part_point = tree.part_point
    shunt_first = tree.shunt_first
    feed = tree.feed
    zone_first = recipes.zone_first
    over_first = recipes.over_first
    seen_from = recipes.seen_from
    load_row = recipes.load_row
    load_slot = recipes.load_slot
    load_share = recipes.load_share
    per_volt, kappa, tolerance_v, limit, rows = settings
    snapshots, first, end, most_groups = span
    loads = plain - 1 - 2 * (len(zone_first) - 1) - (len(over_first) - 1)
    zones = len(zone_first) - 1
    points = 0
    for i in range(len(part_point)):
        points = max(points, part_point[i] + 1)
    shunts = 6 * LANES * len(shunt_first)
    x = np.empty(2 * LANES * points)
    w = np.empty(LANES * (4 * len(feed) + 2 * SOURCE_SEATS + 2 * len(seen_from)))
    shunt_v, shunt_i = np.empty(shunts), np.empty(shunts)
    state = np.empty(STATE_VECTORS * LANES)
    power = np.empty(most_groups * rows * LANES * points)
    tile = np.empty((plain + 2 * pairs) * most_groups * LANES)
    passes = 0
    for start in range(first, end, LANES * most_groups):
        groups = min(most_groups, (end - start) // LANES)
        if groups < most_groups:
            power = np.empty(groups * rows * LANES * points)
        fill_powers(tree, kw, kvar, snapshots, start, groups, rows, power)
        tile[: loads * groups * LANES] = 0.0
        for g in range(groups):
            made = solve_group(
                tree,
                power,
                g * rows * points,
                rows,
                per_volt,
                kappa,
                tolerance_v,
                limit,
                x,
                w,
                shunt_v,
                shunt_i,
                state,
            )
            passes = max(passes, made)
            for t in range(LANES):
                converged[start + LANES * g + t] = state[t] == 1.0
            v = 2 * len(feed)
            for i in range(len(load_row)):
                u = v + 2 * load_slot[i]
                re, im = load_lanes(w, u), load_lanes(w, u + 1)
                k = groups * load_row[i] + g
                mean = (per_volt * load_share[i]) * root_lanes(re * re + im * im)
                store_lanes(tile, k, load_lanes(tile, k) + mean)
            own = tile[g * LANES :]
            lost = sum_losses(tree, w, shunt_v, shunt_i, losses[0], losses[1], losses[2])
            store_lanes(own, groups * loads, lost / WATT)
            see_voltages(tree, recipes, w)
            report_zones(tree, recipes, per_volt, w, own, loads + 1, groups)
            report_overloads(tree, recipes, w, own, loads + 1 + 2 * zones, groups)
            report_complex(tree, recipes, w, own, plain, groups)
        write_tile(tile, groups, plain, pairs, snapshots, start, out)
    return passes
