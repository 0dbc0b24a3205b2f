"""ZonalSeries: what limits are read from: flow, voltages and overloads of every zone over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class ZonalSeries:
    """Quantities of every zone per period.

    Parameters
    ----------
    flow_kva
        sign(P)·|S| of the feeder's head branch on the zone's phase, + into the feeder, shape
        (zones, periods) [kVA].
    min_pu, max_pu
        Least and greatest voltage of the feeder's nodes on the zone's phase, shape (zones, periods) [pu].
    overloads
        Branches of the zone's feeder above rating on any phase, shape (zones, periods).
    busbar_pu
        Voltage of the busbar per phase, shape (3, periods) [pu].
    busbar_flow_kva
        sign(P)·|S| per phase out of the transformer, shape (3, periods) [kVA].
    losses_kw
        Of branches and transformer, shape (periods,) [kW].
    converged
        Whether the power flow found a solution; where not, all else of that period is 0, shape (periods,).
    """

    flow_kva: NDArray[np.float64]
    min_pu: NDArray[np.float64]
    max_pu: NDArray[np.float64]
    overloads: NDArray[np.int32]
    busbar_pu: NDArray[np.float64]
    busbar_flow_kva: NDArray[np.float64]
    losses_kw: NDArray[np.float64]
    converged: NDArray[np.bool_]

    @property
    def periods(self) -> int:
        """Number of periods."""
        return len(self.converged)

    @property
    def transformer_kva(self) -> NDArray[np.float64]:
        """Apparent power of the transformer, Σ|S| of its phases, shape (periods,) [kVA]."""
        return np.asarray(np.abs(self.busbar_flow_kva).sum(axis=0))

    @property
    def transformer_flow_kva(self) -> NDArray[np.float64]:
        """Signed flow of the transformer, Σ sign(P)·|S| of its phases, shape (periods,) [kVA]."""
        return np.asarray(self.busbar_flow_kva.sum(axis=0))


def join_series(parts: Sequence[ZonalSeries]) -> ZonalSeries:
    """One series after the other: blocks of one case, or the cases that a limit is read from.

    Parameters
    ----------
    parts
        At least one; all of the same zones.
    """
    return ZonalSeries(
        np.concatenate([p.flow_kva for p in parts], axis=1),
        np.concatenate([p.min_pu for p in parts], axis=1),
        np.concatenate([p.max_pu for p in parts], axis=1),
        np.concatenate([p.overloads for p in parts], axis=1),
        np.concatenate([p.busbar_pu for p in parts], axis=1),
        np.concatenate([p.busbar_flow_kva for p in parts], axis=1),
        np.concatenate([p.losses_kw for p in parts]),
        np.concatenate([p.converged for p in parts]),
    )
