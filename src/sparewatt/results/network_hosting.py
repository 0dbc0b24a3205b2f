"""Hosting: how often limits are broken by penetration, and the penetrations that keep a risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.results.network_view import Charging

Z_95 = 1.959964
"""Two-sided 95 % of a normal distribution."""


def wilson_interval(
    violating: NDArray[np.int64], samples: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's 95 % interval of the probability; 0 to 1 where nothing was drawn, shapes (points,).

    (p + z²/2n ± z·√(p·(1-p)/n + z²/4n²)) / (1 + z²/n)
    """
    n = np.maximum(samples, 1).astype(np.float64)
    p = violating / n
    middle, scale = p + Z_95**2 / (2 * n), 1 + Z_95**2 / n
    half = Z_95 * np.sqrt(p * (1 - p) / n + Z_95**2 / (4 * n**2))
    drawn = samples > 0
    low = np.where(drawn, np.maximum((middle - half) / scale, 0.0), 0.0)
    return low, np.where(drawn, np.minimum((middle + half) / scale, 1.0), 1.0)


@dataclass(frozen=True)
class Hosting:
    """Probability of a violation by penetration of EVs, from placements drawn at random.

    Parameters
    ----------
    charging
        ``"unmanaged"`` or ``"optimised"`` (managed).
    penetration
        Rising, shape (points,) [EVs per customer].
    samples, violating
        Placements drawn, and those with a violation, shape (points,).
    """

    charging: Charging
    penetration: NDArray[np.float64]
    samples: NDArray[np.int64]
    violating: NDArray[np.int64]

    @property
    def probability(self) -> NDArray[np.float64]:
        """Share of the samples with a violation, shape (points,)."""
        return np.asarray(self.violating / np.maximum(self.samples, 1))

    @property
    def interval(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Wilson's 95 % interval of the probability, shapes (points,)."""
        return wilson_interval(self.violating, self.samples)

    def capacity(self, risk: float) -> float | None:
        """Highest penetration up to which the probability never exceeds ``risk``; none where the first does.

        Parameters
        ----------
        risk
            Probability that is accepted [0-1].
        """
        return self._highest(self.probability <= risk)

    def sure_capacity(self, risk: float) -> float | None:
        """The same with the upper end of the interval: few samples prove little."""
        return self._highest(self.interval[1] <= risk)

    def _highest(self, keeps: NDArray[np.bool_]) -> float | None:
        """Last penetration before the first that does not keep the risk."""
        beyond = np.flatnonzero(~keeps)
        kept = int(beyond[0]) if len(beyond) else len(self.penetration)
        return float(self.penetration[kept - 1]) if kept else None


@dataclass(frozen=True)
class CaseRisk:
    """How often the network breaks limits without any EV: the hosting of PV and heat pumps themselves.

    Parameters
    ----------
    case
        Name of the case whose penetrations are drawn.
    pv_share, hp_share
        Penetrations of PV and heat pumps [0-1].
    samples, violating
        Placements drawn (one where the shares leave nothing to draw), and those with a violation.
    """

    case: str
    pv_share: float
    hp_share: float
    samples: int
    violating: int

    @property
    def probability(self) -> float:
        """Share of the samples with a violation."""
        return self.violating / max(self.samples, 1)


@dataclass(frozen=True)
class HostingResult:
    """Curves of the Monte Carlo, and what was varied.

    Parameters
    ----------
    curves
        One per way of charging.
    risk
        Probability of a violation that is accepted [0-1].
    what
        What the penetration counts, and what a violation is, in a sentence.
    case
        Name of the case whose penetrations of PV and heat pumps the curves have.
    without_evs
        Every case without EVs, in the order of the cases.
    """

    curves: tuple[Hosting, ...]
    risk: float
    what: str
    case: str = ""
    without_evs: tuple[CaseRisk, ...] = ()

    @property
    def own(self) -> CaseRisk | None:
        """The case of the curves without EVs, ``None`` where it was not drawn."""
        return next((c for c in self.without_evs if c.case == self.case), None)
