"""Limit: what a connection may exchange per period, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Limit:
    """Bounds on the power of a connection; consumption positive, so export is a negative lower bound.

    Parameters
    ----------
    lower_kw, upper_kw
        Bounds per period, shape (periods,) [kW].
    reason
        Where it comes from, e.g. ``"agreed supply capacity of site_1"``.
    tolerance_kw
        Excess over either bound that still counts as kept, >= 0 [kW].
    """

    lower_kw: NDArray[np.float64]
    upper_kw: NDArray[np.float64]
    reason: str
    tolerance_kw: float = 0.0

    def __and__(self, other: Limit) -> Limit:
        """Both limits at once: the intersection, reasons joined, the smaller tolerance."""
        return Limit(
            np.maximum(self.lower_kw, other.lower_kw),
            np.minimum(self.upper_kw, other.upper_kw),
            f"{self.reason}; {other.reason}",
            min(self.tolerance_kw, other.tolerance_kw),
        )
