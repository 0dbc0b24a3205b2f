"""A hash of everything that a network is made of."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network


def hash_network(network: Network) -> str:
    """SHA-256 over a network, as hexadecimal digits.

    Elements count in the order of their names, so the hash does not depend on the order of files and lines,
    but for the order of the ways out of the busbar, which numbers the feeders. Its own name does not count.
    """
    digest = hashlib.sha256()
    nodes, branches, loads, generators = network.nodes, network.branches, network.loads, network.generators
    names = np.array(nodes.ids)
    ends = np.sort(names[np.stack([branches.from_node, branches.to_node], axis=1)], axis=1)
    at_busbar = (branches.from_node == network.busbar) | (branches.to_node == network.busbar)
    supply = (*astuple(network.source), *astuple(network.transformer)[1:], network.frequency_hz)
    _add_text(digest, "network 1", nodes.ids[network.busbar], *map(repr, supply))
    _add_text(digest, "ways", *np.array(branches.ids, dtype=str)[at_busbar].tolist())
    rows = _add_names(digest, "nodes", nodes.ids)
    place = np.where(nodes.has_place, [nodes.x, nodes.y], np.nan)
    _add_arrays(digest, rows, np.asarray(place.T))
    rows = _add_names(digest, "branches", branches.ids)
    _add_text(digest, *ends[rows].ravel().tolist())
    _add_arrays(digest, rows, branches.z_ohm, branches.shunt_s, branches.ampacity_a, branches.length_m)
    rows = _add_names(digest, "loads", loads.ids)
    _add_text(digest, *names[loads.node[rows]].tolist())
    _add_arrays(digest, rows, loads.phase, loads.kw, loads.kvar, loads.zip_share)
    rows = _add_names(digest, "generators", generators.ids)
    _add_text(digest, *names[generators.node[rows]].tolist())
    _add_arrays(digest, rows, generators.phase)
    return digest.hexdigest()


def _add_names(digest: hashlib._Hash, kind: str, ids: tuple[str, ...]) -> NDArray[np.int64]:
    """Feed names in order; rows in that order."""
    rows = np.array(sorted(range(len(ids)), key=ids.__getitem__), dtype=np.int64)
    _add_text(digest, kind, *(ids[row] for row in rows.tolist()))
    return rows


def _add_text(digest: hashlib._Hash, *texts: str) -> None:
    """Feed texts with their lengths, so that no two lists feed the same bytes."""
    for text in (str(len(texts)), *texts):
        encoded = text.encode()
        digest.update(f"text {len(encoded)}:".encode() + encoded)


def _add_arrays(
    digest: hashlib._Hash,
    rows: NDArray[np.int64],
    *arrays: NDArray[np.float64] | NDArray[np.int64] | NDArray[np.complex128],
) -> None:
    for array in arrays:
        little = np.ascontiguousarray(array[rows] + 0, dtype=array.dtype.newbyteorder("<"))  # -0.0 is 0.0
        digest.update(f"array {array.dtype.kind} {little.shape}".encode())
        digest.update(little.tobytes())
