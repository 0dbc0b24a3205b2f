"""How near the sweep comes to what a core can do: arithmetic and traffic of a pass, counted and timed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel
from sparewatt.physics.condense import condense
from sparewatt.physics.lanes import LANES, load_lanes, spread_lanes, store_lanes
from sparewatt.physics.slots import BALANCED, build_slots
from sparewatt.physics.sweep_kernels import sweep_down, sweep_up
from sparewatt.physics.thevenin import find_thevenin
from sparewatt.physics.topology import find_feeders

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sparewatt.model.network import Network
    from sparewatt.physics.slots import SlotTree

    Floats = NDArray[np.float64]

WORD = 8
ROUNDS = 400
# Per point: current 3 + 1 + 8 flops of which one is a division; correction 30. Per slot of a kind: the
# product with its impedance (own part and a third of the common one where balanced), 2 to add to its feeder.
POINT_FLOPS, SLOT_FLOPS = 42, {1: 10, 2: 18, 3: 26, BALANCED: 16}
# Words moved: point x, P, Q read, x read and written; slot J written and read twice, V read and written.
POINT_WORDS, SLOT_WORDS = 8, 10


@kernel(error_model="numpy")
def pass_often(tree: SlotTree, power: Floats, slope: Floats, x: Floats, w: Floats, rounds: int) -> None:
    """Pass up and down again and again."""
    for _ in range(rounds):
        sweep_up(tree, power, 0, 2, 1.0, x, w, power[:0])
        step, bend = sweep_down(tree, slope, x, w)
        store_lanes(w, 0, step + bend)


@kernel(error_model="numpy")
def read_often(data: Floats, rounds: int) -> float:
    """Read an array again and again."""
    a, b, c, d = spread_lanes(0.0), spread_lanes(0.0), spread_lanes(0.0), spread_lanes(0.0)
    for _ in range(rounds):
        for k in range(0, len(data) // LANES, 4):
            a, b = a + load_lanes(data, k), b + load_lanes(data, k + 1)
            c, d = c + load_lanes(data, k + 2), d + load_lanes(data, k + 3)
    store_lanes(data, 0, a + b + c + d)
    return data[0]


@kernel(error_model="numpy")
def multiply_often(data: Floats, rounds: int) -> float:
    """Ten independent chains of fused multiply-adds."""
    a, b, c, d, e = (
        spread_lanes(1.0),
        spread_lanes(1.1),
        spread_lanes(1.2),
        spread_lanes(1.3),
        spread_lanes(1.4),
    )
    f, g, h, i, j = (
        spread_lanes(1.5),
        spread_lanes(1.6),
        spread_lanes(1.7),
        spread_lanes(1.8),
        spread_lanes(1.9),
    )
    m, n = 0.999999, 1e-7
    for _ in range(rounds):
        a, b, c, d, e = a * m + n, b * m + n, c * m + n, d * m + n, e * m + n
        f, g, h, i, j = f * m + n, g * m + n, h * m + n, i * m + n, j * m + n
    store_lanes(data, 0, a + b + c + d + e + f + g + h + i + j)
    return data[0]


def measure_roofline(network: Network, kw: Floats, kvar: Floats) -> None:
    """Print flops and bytes of a pass per second beside the measured peaks of this core."""
    tree = build_slots(network, condense(network, find_feeders(network)), find_thevenin(network))
    points, slots = tree.points, len(tree.feed)
    x, w = np.empty(2 * LANES * points), np.ones(LANES * (4 * slots + 6))
    x.reshape(points, 2, LANES)[:] = np.array([network.base_v, 0.0])[:, None]
    power = np.empty((points, 2, LANES))
    power[:] = np.stack([kw.mean(), kvar.mean()])[:, None] * 1000.0
    slope = 0.8 * tree.v0 / network.base_v**2
    flat = power.reshape(-1)
    spent = _fastest(lambda: pass_often(tree, flat, slope, x, w, ROUNDS)) / ROUNDS
    width = np.minimum(tree.kind, 3)
    flops = POINT_FLOPS * points + sum(
        SLOT_FLOPS[k] * n for k, n in zip(tree.kind.tolist(), width.tolist(), strict=True)
    )
    words = POINT_WORDS * points + SLOT_WORDS * slots
    near = np.ones(48 * 1024)
    far = np.ones(16 * 1024 * 1024)
    cache = near.nbytes * 200 / _fastest(lambda: read_often(near, 200))
    memory = far.nbytes / _fastest(lambda: read_often(far, 1))
    peak = 20 * LANES * 200_000 / _fastest(lambda: multiply_often(near, 200_000))
    done, moved = flops * LANES / spent, words * WORD * LANES / spent
    print(
        f"  a pass: {spent / LANES * 1e6:.2f} us per snapshot, {points} points, {slots} slots, "
        f"{(w.nbytes + x.nbytes + flat.nbytes) // 1024} KB a group\n"
        f"    {done / 1e9:.1f} GFLOP/s of {peak / 1e9:.0f} measured ({done / peak:.0%}); "
        f"{moved / 1e9:.0f} GB/s of {cache / 1e9:.0f} read "
        f"from the second-level cache ({moved / cache:.0%}); memory itself gives {memory / 1e9:.0f} GB/s"
    )


def _fastest(call: Callable[[], object]) -> float:
    """Least CPU time of a few calls, the first not counted [s]."""
    call()
    spent = []
    for _ in range(4):
        started = time.process_time()
        call()
        spent.append(time.process_time() - started)
    return min(spent)
