"""Can all stays be served: how much power the limit is short of at least, by the interior-point method.

    min θ + M·Σ s    with g <= g_high + θ in every period, all else as in ``network_chains``, no prices

A point with θ <= 0 and Σ s of nothing is a schedule that serves everybody; a bound above 0 shows that
there is none. Nearly always θ ends well on one side of 0, so that few rounds decide: unlike a sum of what
is missing, which falls to 0 only in the limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.decide.optimise.network_interior import LEVEL, ROUNDS
from sparewatt.decide.optimise.network_measures import stays_bound
from sparewatt.decide.optimise.network_method import InteriorMethod
from sparewatt.decide.optimise.network_newton import (
    CHARGE,
    DISCHARGE,
    ENERGY,
    MISSING,
    MISSING_DUAL,
    SURPLUS,
    SURPLUS_DUAL,
    WORTH,
)
from sparewatt.decide.optimise.network_rows import HIGH, LOW, MARGIN, POWER, PRICE
from sparewatt.decide.optimise.network_settling import settle
from sparewatt.decide.optimise.network_start import place_inside
from sparewatt.decide.optimise.network_values import stays_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.matrix import Deadline
    from sparewatt.decide.optimise.network_chains import Chains, Rows

PENALTY = 1.5
"""M, in units of the power that makes up for a kWh in one period."""
CLOSE_KW = 1e-5
"""Margin that is tried as if it were none; settling takes it off the powers [kW]."""
FINISHED = 1e-7
"""Sum of all products x·z at which nothing more is to be learned [kW]."""
SHARP_ROUNDS = 2
"""Rounds between two sharp bounds, which cost as much as a round."""
NEAR = 0.7
"""Sum of all products, in units of the margin, below which a sharp bound may prove something."""

Answer = Literal["served", "short", "open", "timed_out"]


class Margin:
    """The programme of the module, started near a schedule.

    Parameters
    ----------
    chains, rows
        The programme of a single zone; prices play no part.
    periods
        Its size.
    charge_kw, discharge_kw
        A schedule of the stays, within the limit or not, shape (entries,) [kW].
    """

    def __init__(
        self,
        chains: Chains,
        rows: Rows,
        periods: int,
        charge_kw: NDArray[np.float64],
        discharge_kw: NDArray[np.float64],
    ) -> None:
        free = rows._replace(price=np.zeros_like(rows.price))
        penalty = PENALTY / float(chains.gain_h.min())
        self.method = InteriorMethod(chains, free, 1, periods, penalty, elastic=True)
        place_inside(chains, charge_kw, discharge_kw, self.method.at.entries)
        self._start_rows()
        self._start_stays()

    def _start_rows(self) -> None:
        """Powers of the cars, a margin above all of them, duals that make all products alike and Σ z = 1."""
        at, rows = self.method.at.rows, self.method.system.rows
        width = np.minimum(1.0, rows.upper_kw - rows.lower_kw)
        at[POWER] = np.maximum(self.method.cars_kw(), rows.lower_kw + 0.1 * width)
        at[MARGIN] = float((at[POWER] - rows.upper_kw).max()) + 0.1 * float(np.abs(at[POWER]).max()) + 1.0
        high = rows.upper_kw + at[MARGIN] - at[POWER]
        self.start_product = 1.0 / float((1.0 / high).sum())
        at[HIGH], at[LOW] = self.start_product / high, self.start_product / (at[POWER] - rows.lower_kw)
        at[PRICE] = at[HIGH] - at[LOW]

    def _start_stays(self) -> None:
        """Duals of the entries with the same products; s and v as small as products allow."""
        at, chains, mu = self.method.at, self.method.chains, self.start_product
        self.method.spread_duals(mu, 1e-3)
        worth = float(np.maximum(at.rows[PRICE], 0.0).mean() / chains.gain_h.mean())
        at.entries[WORTH] = worth
        over = at.entries[ENERGY, chains.offset[1:] - 1] - chains.wanted_kwh
        surplus = np.maximum(over, mu / max(worth, 1e-9))
        at.stays[MISSING] = np.maximum(surplus - over, mu / self.method.penalty)
        at.stays[SURPLUS] = at.stays[MISSING] + over
        at.stays[SURPLUS_DUAL] = np.minimum(mu / at.stays[SURPLUS], 0.5 * self.method.penalty)
        at.stays[MISSING_DUAL] = self.method.penalty - at.stays[SURPLUS_DUAL]

    @property
    def margin_kw(self) -> float:
        """θ of the point: what the limit is short of [kW]."""
        return float(self.method.at.rows[MARGIN, 0])

    def short_at_least(self, *, sharp: bool) -> float:
        """Proven lower bound of Σ s for every schedule within the limit [kWh].

        A kWh is worth no more to any stay than n = max of the duals; with that as its price, and no margin,
        the Lagrangian bounds n·Σ s.

        Parameters
        ----------
        sharp
            Whether each stay is solved exactly at the prices of the rows (``network_values``).
        """
        method = self.method
        at, chains, price = method.at, method.chains, method.at.rows[PRICE]
        worth = float(np.clip(at.stays[SURPLUS_DUAL].max(), 1e-9, method.penalty))
        if sharp:
            price = np.maximum(price, 0.0)
            stays = stays_value(chains, price, worth)
        else:
            stays = stays_bound(chains, at.entries, at.stays, price, worth)
        return float(stays + method.system.bound(price)) / worth

    def is_short(self, enough_kwh: float, *, sharp: bool) -> bool:
        """Whether every schedule within the limit is proven to miss more than ``enough_kwh``."""
        if self.short_at_least(sharp=False) > enough_kwh:
            return True
        return sharp and self.short_at_least(sharp=True) > enough_kwh

    def serves(
        self,
        broken: float,
        lower_kw: NDArray[np.float64],
        upper_kw: NDArray[np.float64],
        enough_kwh: float,
    ) -> bool:
        """Whether the schedule that keeps every bound nearest to the point misses at most ``enough_kwh``.

        Parameters
        ----------
        broken
            Largest broken balance of the point [kWh].
        lower_kw, upper_kw
            The limit, shape (periods,) [kW].
        enough_kwh
            Shortfall that counts as none [kWh].
        """
        chains, x = self.method.chains, self.method.at.entries
        missing = float(self.method.at.stays[MISSING].sum())
        if self.margin_kw > CLOSE_KW or missing > enough_kwh or max(broken, self.method.off_kw()) >= LEVEL:
            return False
        charge, discharge = x[CHARGE].copy(), x[DISCHARGE].copy()
        free = np.full(len(upper_kw), np.inf)
        kept = settle(chains, charge, discharge, lower_kw, upper_kw, -free, free)
        gained = np.add.reduceat(chains.gain_h * charge - chains.loss_h * discharge, chains.offset[:-1])
        short = float(np.maximum(chains.wanted_kwh - chains.start_kwh - gained, 0.0).sum())
        return kept and short <= enough_kwh


def check_service(
    problem: Margin,
    lower_kw: NDArray[np.float64],
    upper_kw: NDArray[np.float64],
    *,
    enough_kwh: float,
    deadline: Deadline,
) -> tuple[Answer, int]:
    """Whether some schedule misses no more than ``enough_kwh`` in all; stops as soon as either is proven.

    Parameters
    ----------
    problem
        As it starts.
    lower_kw, upper_kw
        The limit, shape (periods,) [kW].
    enough_kwh
        Shortfall that counts as none [kWh].
    deadline
        When to stop.

    Returns
    -------
    answer, rounds
        ``open`` where the margin is too near to 0 to tell; Newton systems solved.
    """
    method, sharpened = problem.method, -SHARP_ROUNDS
    with np.errstate(all="ignore"):  # a point that has lost its precision is noticed and left
        for rounds in range(ROUNDS):
            mean, broken = method.measure()
            left, margin = mean * method.products, problem.margin_kw
            if not np.isfinite(mean):
                break
            if problem.serves(broken, lower_kw, upper_kw, enough_kwh):
                return "served", rounds
            sharp = margin > 0.0 and left < NEAR * margin and rounds >= sharpened + SHARP_ROUNDS
            sharpened = rounds if sharp else sharpened
            if problem.is_short(enough_kwh, sharp=sharp):
                return "short", rounds
            if deadline.passed:
                return "timed_out", rounds
            if left < FINISHED or not method.advance(mean, 0.1 * FINISHED / method.products):
                break
    return "open", rounds
