"""NetworkParts: branches, loads and places as a reader found them, by name, each with where it stands."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Source, Transformer

CONSTANT_POWER = (0.0, 0.0, 1.0)
"""Shares of constant impedance, current and power."""


GREATEST = 1e30
"""No value of a network is as large, whatever its unit."""


@dataclass(frozen=True)
class BranchPart:
    """A branch as read; fields as in `Branches`, and the phases that it has."""

    id: str
    from_bus: str
    to_bus: str
    z_ohm: NDArray[np.complex128]
    shunt_s: NDArray[np.complex128]
    ampacity_a: float
    length_m: float
    phases: tuple[int, ...]
    where: str


@dataclass(frozen=True)
class LoadPart:
    """A load or generator as read; fields as in `Loads`, and its rated voltage [kV], 0 where not told."""

    id: str
    bus: str
    phase: int
    kw: float
    kvar: float
    where: str
    zip_share: tuple[float, float, float] = CONSTANT_POWER
    rated_kv: float = 0.0


@dataclass
class NetworkParts:
    """What a reader found.

    Parameters
    ----------
    name
        Of the network.
    busbar
        Name of the node at the low-voltage side of the transformer.
    source, transformer
        As in `Network`.
    frequency_hz
        Nominal frequency [Hz].
    branches, loads, generators
        In the order of the source.
    places
        Coordinates by node.
    source_where, transformer_where
        Where they stand.
    """

    name: str
    busbar: str
    source: Source
    transformer: Transformer
    frequency_hz: float
    branches: list[BranchPart] = field(default_factory=list)
    loads: list[LoadPart] = field(default_factory=list)
    generators: list[LoadPart] = field(default_factory=list)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    source_where: str = "the source"
    transformer_where: str = "the transformer"


def plain_number(value: object) -> float:
    """A number of a size that physics knows: not a number where it is none or beyond 1e30, 0 below 1e-30."""
    if not isinstance(value, int | float) or not abs(value) < GREATEST:
        return math.nan
    return float(value) if abs(value) > 1.0 / GREATEST else 0.0


def embed_phases(matrix: NDArray[np.complex128], phases: tuple[int, ...]) -> NDArray[np.complex128]:
    """A matrix of some phases as one of all three; phases that are not there get the mean of the diagonal.

    No load hangs on such a phase, so no current flows in it and its voltage is that of the phase before.

    Parameters
    ----------
    matrix
        Shape (n, n).
    phases
        The phases (0-2) of its rows, n of them.
    """
    out = np.zeros((3, 3), dtype=np.complex128)
    np.fill_diagonal(out, np.diagonal(matrix).mean())
    out[np.ix_(phases, phases)] = matrix
    return out
