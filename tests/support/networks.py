"""Small networks made by hand, and random ones: named nodes, one line per branch."""

from __future__ import annotations

import numpy as np

from sparewatt.model.network import Branches, Loads, Network, Nodes, Source, Transformer

BUSBAR = "busbar"
SOURCE = Source(11.0, 1.0, 0.5134 + 2.0537j, 1.0729 + 3.2186j)
TRANSFORMER = Transformer("tr", 11.0, 0.416, 500.0, 0.008, 0.04)


def balanced_ohm(z1: complex, z0: complex) -> np.ndarray:
    """3×3 matrix with the given positive- and zero-sequence impedance."""
    return np.where(np.eye(3, dtype=bool), (z0 + 2 * z1) / 3, (z0 - z1) / 3)


def make_network(
    branches,
    loads,
    *,
    nodes=(),
    z_ohm=None,
    shunt_s=None,
    ampacity_a=200.0,
    zip_share=(0.0, 0.0, 1.0),
    transformer=TRANSFORMER,
    source=SOURCE,
    busbar=BUSBAR,
) -> Network:
    """A network of ``(from, to)`` branches and ``(node, phase)`` loads, in that order.

    ``z_ohm``, ``shunt_s``: one 3×3 for all or one per branch. Phase -1 is a load of all three.
    """
    names = list(dict.fromkeys([busbar, *(n for ends in branches for n in ends), *nodes]))
    row = {name: i for i, name in enumerate(names)}
    m, n = len(branches), len(names)
    z = balanced_ohm(0.02 + 0.005j, 0.06 + 0.006j) if z_ohm is None else np.asarray(z_ohm, dtype=complex)
    y = np.zeros((3, 3)) if shunt_s is None else np.asarray(shunt_s)
    share = np.broadcast_to(np.asarray(zip_share, dtype=float), (len(loads), 3)).copy()
    return Network(
        "by hand",
        Nodes(tuple(names), np.zeros(n), np.zeros(n), np.zeros(n, dtype=bool)),
        Branches(
            tuple(f"{a}-{b}" for a, b in branches),
            np.array([row[a] for a, _ in branches], dtype=np.int64),
            np.array([row[b] for _, b in branches], dtype=np.int64),
            np.broadcast_to(z, (m, 3, 3)).astype(complex),
            np.broadcast_to(y, (m, 3, 3)).astype(complex),
            np.broadcast_to(np.asarray(ampacity_a, dtype=float), (m,)).copy(),
            np.full(m, 50.0),
        ),
        Loads(
            tuple(f"load {i}" for i in range(len(loads))),
            np.array([row[a] for a, _ in loads], dtype=np.int64),
            np.array([p for _, p in loads], dtype=np.int64),
            np.ones(len(loads)),
            np.zeros(len(loads)),
            share,
        ),
        source,
        transformer,
        row[busbar],
    )


def random_network(
    seed: int, nodes: int = 30, loads: int = 20, *, shunts=False, zips=False, three_phase=False
) -> Network:
    """A random tree with untransposed impedances, loads anywhere but at the busbar, branches either way."""
    rng = np.random.default_rng(seed)
    ends = []
    for k in range(1, nodes):
        parent = int(rng.integers(max(0, k - 6), k))
        pair = (BUSBAR if parent == 0 else f"n{parent}", f"n{k}")
        ends.append(pair if rng.random() < 0.7 else pair[::-1])
    noise = rng.normal(0, 0.15, (nodes - 1, 3, 3))
    scale = rng.uniform(0.3, 2.0, (nodes - 1, 1, 1))
    z = balanced_ohm(0.01 + 0.003j, 0.03 + 0.004j) * scale * (1 + 0.5 * (noise + noise.transpose(0, 2, 1)))
    y = 1j * 2e-4 * (2 * np.eye(3) - 0.3) * rng.random((nodes - 1, 1, 1)) if shunts else None
    lowest = -1 if three_phase else 0
    places = [(f"n{rng.integers(1, nodes)}", int(rng.integers(lowest, 3))) for _ in range(loads)]
    share = rng.dirichlet(np.ones(3), loads) if zips else (0.0, 0.0, 1.0)
    return make_network(ends, places, z_ohm=z, shunt_s=y, zip_share=share)
