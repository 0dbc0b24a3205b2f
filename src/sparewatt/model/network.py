"""Network: a low-voltage network behind one transformer, three-phase, as structs of arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PHASES = 3
ALL_PHASES = -1
"""The phase of a load that is spread evenly over all three."""


@dataclass(frozen=True)
class Nodes:
    """Places where branches meet.

    Parameters
    ----------
    ids
        Names, unique.
    x, y
        Coordinates in the units of the source, shape (nodes,); `has_place` tells where they are known.
    has_place
        Whether x and y are known, shape (nodes,).
    """

    ids: tuple[str, ...]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    has_place: NDArray[np.bool_]

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.ids)


@dataclass(frozen=True)
class Branches:
    """Three-phase cables and lines.

    Parameters
    ----------
    ids
        Names, unique.
    from_node, to_node
        Rows of the nodes, shape (branches,).
    z_ohm
        Series impedance, shape (branches, 3, 3), complex [ohm].
    shunt_s
        Shunt admittance of the whole branch, half of it at either end, shape (branches, 3, 3),
        complex; mostly 0 at low voltage [S].
    ampacity_a
        Rated current per phase, shape (branches,) [A]; infinite where it is not known.
    length_m
        Length, shape (branches,) [m].
    """

    ids: tuple[str, ...]
    from_node: NDArray[np.int64]
    to_node: NDArray[np.int64]
    z_ohm: NDArray[np.complex128]
    shunt_s: NDArray[np.complex128]
    ampacity_a: NDArray[np.float64]
    length_m: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of branches."""
        return len(self.ids)


@dataclass(frozen=True)
class Loads:
    """Connection points of customers; generation is negative load.

    Parameters
    ----------
    ids
        Names, unique; a profile table names its columns by them.
    node
        Row of the node, shape (loads,).
    phase
        0, 1, 2 for a load between that phase and neutral, `ALL_PHASES` for one spread evenly over all
        three, shape (loads,).
    kw, kvar
        What the source says of it, shape (loads,) [kW, kvar]; studies bring their own profiles.
    zip_share
        Shares of constant impedance, current and power, shape (loads, 3), each row sums to 1.
    """

    ids: tuple[str, ...]
    node: NDArray[np.int64]
    phase: NDArray[np.int64]
    kw: NDArray[np.float64]
    kvar: NDArray[np.float64]
    zip_share: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of loads."""
        return len(self.ids)


@dataclass(frozen=True)
class Generators:
    """Places that the source names as generators; what they put out comes with a study's profiles.

    Parameters
    ----------
    ids
        Names, unique.
    node, phase
        As for `Loads`, shape (generators,).
    """

    ids: tuple[str, ...]
    node: NDArray[np.int64]
    phase: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of generators."""
        return len(self.ids)


def _no_generators() -> Generators:
    return Generators((), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Source:
    """What stands behind the transformer: a stiff voltage behind a short-circuit impedance.

    Parameters
    ----------
    base_kv
        Nominal voltage, phase to phase [kV].
    voltage_pu
        Voltage behind the impedance [pu of base_kv].
    z1_ohm, z0_ohm
        Positive- and zero-sequence short-circuit impedance [ohm].
    """

    base_kv: float
    voltage_pu: float
    z1_ohm: complex
    z0_ohm: complex


@dataclass(frozen=True)
class Transformer:
    """A delta-wye transformer, wye solidly earthed unless told.

    Parameters
    ----------
    id
        Name.
    hv_kv, lv_kv
        Rated voltages, phase to phase [kV].
    rating_kva
        Rated power [kVA].
    r_pu, x_pu
        Series impedance of all windings together [pu of the rating].
    neutral_ohm
        Impedance between the neutral of the wye and earth; 0 = solid [ohm].
    clock
        Vector group hour: Dyn1 is 1 (the low-voltage side lags by 30 degrees), Dyn11 is 11.
    tap_pu
        Off-nominal ratio on the high-voltage side [pu].
    magnetising_s
        Shunt admittance seen from the low-voltage side, complex; 0 where it is not modelled [S].
    """

    id: str
    hv_kv: float
    lv_kv: float
    rating_kva: float
    r_pu: float
    x_pu: float
    neutral_ohm: complex = 0j
    clock: int = 1
    tap_pu: float = 1.0
    magnetising_s: complex = 0j


@dataclass(frozen=True)
class Network:
    """A low-voltage network behind one transformer.

    Parameters
    ----------
    name
        What people call it.
    nodes, branches, loads, source, transformer
        Its parts; node and load rows as they stand in the source.
    busbar
        Row of the node at the low-voltage side of the transformer.
    frequency_hz
        Nominal frequency [Hz].
    generators
        Places of generation that the source names; the power flow does not read them.
    """

    name: str
    nodes: Nodes
    branches: Branches
    loads: Loads
    source: Source
    transformer: Transformer
    busbar: int
    frequency_hz: float = 50.0
    generators: Generators = field(default_factory=_no_generators)

    @property
    def base_v(self) -> float:
        """Voltage base, phase to neutral: the rated low voltage over √3 [V] (416 V / √3 = 240.2 V)."""
        return float(self.transformer.lv_kv * 1000.0 / np.sqrt(3.0))
