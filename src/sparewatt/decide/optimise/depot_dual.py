"""Lower bound of the depot planner by prices: site limit and DC chargers priced, vehicles apart.

For prices λ[t] ≥ 0 of the site limit and μ[r] ≥ 0 of the DC chargers (eq. 10),

    L(λ, μ) = Σ_v min over chargers and energies of v of [Σ (c + λ − θ)·p + rent]  −  λ·free − μ·chargers

bounds cost − θ·delivered of every plan without breach or unserved energy from below. A vehicle's
minimum is the greedy fill of ``depot_kernels``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_flow import FACTOR
from sparewatt.decide.optimise.depot_kernels import best_fills, dc_gains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_packing import Packing
    from sparewatt.decide.optimise.depot_problem import ChargingProblem

MOST_CHOICES = 6
# Steps in a row without a better bound after which they are halved, and the length that is too short.
STALLED, SHORTEST = 12, 0.02
# Squared length of a supergradient that leads nowhere.
NO_SLOPE = 1e-12


@dataclass(frozen=True)
class Prices:
    """Prices of the site limit per period and of the DC chargers per packing row (≥ 0)."""

    site: NDArray[np.float64]
    charger: NDArray[np.float64]


@dataclass(frozen=True)
class Climbed:
    """The best bound of a climb.

    Parameters
    ----------
    value
        L there.
    prices
        Where it is.
    """

    value: float
    prices: Prices


@dataclass(frozen=True)
class DualPoint:
    """One evaluation of L.

    Parameters
    ----------
    value
        L(λ, μ) on the scale of the costs.
    on_dc
        Choice of every vehicle at these prices, shape (sessions,).
    margin
        What DC costs more than AC at these prices, per choosing session; its sign is the choice.
    site_excess, charger_excess
        Supergradient: energy over the limit per period, chargers over the count per packing row.
    """

    value: float
    on_dc: NDArray[np.bool_]
    margin: NDArray[np.float64]
    site_excess: NDArray[np.float64]
    charger_excess: NDArray[np.float64]


class Dual:
    """Evaluates L for one problem.

    Parameters
    ----------
    problem, packing
        The window and its chargers.
    cost
        Cost per period on a scale where prices lie in 0..1.
    delivered
        θ on that scale: what a kWh delivered is worth, above 1.
    """

    def __init__(
        self, problem: ChargingProblem, packing: Packing, cost: NDArray[np.float64], delivered: float
    ) -> None:
        p = problem
        self._delivered = delivered
        self._penalty = delivered * FACTOR**2
        self._problem, self._packing, self._cost = p, packing, cost
        self._start = np.append(np.flatnonzero(p.is_first), p.sessions)
        self._room = p.taken
        self._choose = p.can_choose
        self._held_dc = p.held == 2  # noqa: PLR2004 - the charger kind DC
        self._arrays = (
            self._start,
            p.first,
            p.end,
            p.offset,
            p.ac_kwh,
            p.dc_kwh,
            self._room,
            p.need,
            self._choose,
        )
        self._work = (np.empty(len(p.period)), np.empty(p.sessions), np.empty(len(p.period)))
        choices = np.add.reduceat(self._choose.astype(int), self._start[:-1]) if p.sessions else np.zeros(1)
        self.possible = int(choices.max(initial=0)) <= MOST_CHOICES

    def gains(self, site_price: NDArray[np.float64], on_dc: NDArray[np.bool_]) -> NDArray[np.float64]:
        """What DC saves per session at given site prices, the vehicle's other sessions as in ``on_dc``."""
        cost = self._cost + site_price - self._delivered
        gain = np.zeros(self._problem.sessions)
        dc_gains(  # type: ignore[no-untyped-call]
            np.argsort(cost, kind="stable"),
            cost,
            self._penalty,
            *self._arrays,
            on_dc.copy(),
            *self._work,
            gain,
        )
        return gain

    def most_delivered(self) -> float:
        """Energy delivered if every vehicle had DC and the site to itself: a bound, often reached [kWh]."""
        p = self._problem
        on_dc, margin = self._held_dc.copy(), np.zeros(p.sessions)
        cost, rent = np.full(p.periods, -1.0), np.zeros(p.sessions)
        order = np.arange(p.periods)
        fills = best_fills(order, cost, 0.0, rent, *self._arrays, on_dc, *self._work, margin)  # type: ignore[no-untyped-call]
        return -float(fills)

    def evaluate(
        self,
        site_price: NDArray[np.float64],
        charger_price: NDArray[np.float64],
    ) -> DualPoint:
        """L and a supergradient at prices λ (per period) and μ (per packing row)."""
        p = self._problem
        cost = self._cost + site_price - self._delivered
        on_dc = self._held_dc.copy()
        order = np.argsort(cost, kind="stable")
        rent = self._packing.rent(charger_price)
        margin = np.zeros(p.sessions)
        total = best_fills(order, cost, self._penalty, rent, *self._arrays, on_dc, *self._work, margin)  # type: ignore[no-untyped-call]
        energy = self._work[2]
        use = np.bincount(p.period, weights=energy, minlength=p.periods)
        value = total - site_price @ p.free_kwh - charger_price @ self._packing.free
        chosen = on_dc & self._choose
        charger_excess = self._packing.use(chosen) - self._packing.free
        return DualPoint(float(value), chosen, margin, use - p.free_kwh, charger_excess)

    def climb(
        self,
        start: Prices,
        *,
        target: float,
        enough: float,
        steps: int,
    ) -> Climbed:
        """Raise L by deflected supergradient steps of Polyak's length.

        Parameters
        ----------
        start
            Where to begin.
        target
            A value that L cannot pass: the best plan's.
        enough
            Value of L at which to stop.
        steps
            Most evaluations.
        """
        rooms = self._room[self._packing.sessions]
        weight = max(1.0, float(np.median(rooms))) if len(rooms) else 1.0
        best_value, best = -np.inf, start
        site, charger = start.site, start.charger
        site_way, charger_way = np.zeros_like(site), np.zeros_like(charger)
        length, stalled = 1.0, 0
        for _ in range(steps):
            point = self.evaluate(site, charger)
            if point.value > best_value + 1e-9:
                best_value, best, stalled = point.value, Prices(site, charger), 0
                if best_value >= enough:
                    break
            else:
                stalled += 1
                if stalled >= STALLED:
                    length, stalled = 0.5 * length, 0
                    if length < SHORTEST:
                        break
                    site, charger = best.site, best.charger
                    site_way, charger_way = np.zeros_like(site), np.zeros_like(charger)
                    continue
            site_way = 0.5 * site_way + point.site_excess
            charger_way = 0.5 * charger_way + point.charger_excess
            norm = float(site_way @ site_way + weight**2 * (charger_way @ charger_way))
            if norm <= NO_SLOPE:
                break
            step = length * max(target - point.value, 1e-9) / norm
            site = np.maximum(0.0, site + step * site_way)
            charger = np.maximum(0.0, charger + step * weight**2 * charger_way)
        return Climbed(best_value, best)
