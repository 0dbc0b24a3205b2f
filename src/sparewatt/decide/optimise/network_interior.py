"""Interior-point method for chains: Mehrotra's predictor and corrector with a proven bound in every round.

The stays are eliminated one by one in linear time (``network_newton``); what is left is one dense
system of the size of a day per zone. 40 cars and 144 periods take under a millisecond a round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.decide.optimise.network_method import InteriorMethod
from sparewatt.decide.optimise.network_newton import CHARGE, DISCHARGE, MISSING
from sparewatt.decide.optimise.network_rows import POWER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.matrix import Deadline
    from sparewatt.decide.optimise.network_chains import Chains, Rows

ROUNDS = 100
LEVEL = 1e-6
"""Broken balance below which a point counts as feasible [kWh, kW]."""
NEAR = 10.0
"""Gap, in units of the gap allowed, below which bounds are worth working out sharply."""
SPENT_ROUNDS = 4
"""Rounds with products small enough after which more would only cost precision."""
AIM = 0.3
"""Share of the gap allowed that the products are brought down to, no further: numbers stay sound."""

Ending = Literal["optimal", "enough", "proven_short", "stuck", "timed_out"]


@dataclass(frozen=True)
class InteriorPoint:
    """Where the method stopped.

    Parameters
    ----------
    ending
        ``optimal`` (gap closed); ``enough`` (a point misses less than asked); ``proven_short`` (no point
        misses as little as asked); ``stuck`` (no progress); ``timed_out``.
    charge_kw, discharge_kw
        Powers of the entries, inside their bounds [kW].
    missing_kwh, cost
        Σ s [kWh] and Σ π·g [currency].
    objective, bound
        Of the point, and proven for every point [currency].
    rounds
        Newton systems solved.
    """

    ending: Ending
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    missing_kwh: float
    cost: float
    objective: float
    bound: float
    rounds: int


def solve_chains(
    chains: Chains,
    rows: Rows,
    zones: int,
    periods: int,
    *,
    penalty: float,
    deadline: Deadline,
    gap: float = 1e-7,
    enough_kwh: float | None = None,
) -> InteriorPoint:
    """Solve until the gap is closed, or until it is known whether anything is missing.

    Parameters
    ----------
    chains, rows
        The programme.
    zones, periods
        Its size.
    penalty
        M, price of a missing kWh.
    deadline
        When to stop.
    gap
        Gap of the objective at which to stop, relative to max(1, |Σ π·g|).
    enough_kwh
        With prices of 0 and M = 1: stop once Σ s is, or is proven not to be, at most this [kWh].
    """
    with np.errstate(all="ignore"):  # a point that has lost its precision is noticed and left
        return _solve(InteriorMethod(chains, rows, zones, periods, penalty), deadline, gap, enough_kwh)


def _solve(method: InteriorMethod, deadline: Deadline, gap: float, enough_kwh: float | None) -> InteriorPoint:
    """See `solve_chains`."""
    ending: Ending = "stuck"
    best, bound, rounds, spent = _point(method), -np.inf, 0, 0
    found = False
    for rounds in range(ROUNDS):  # noqa: B007 - reported
        mean, broken = method.measure()
        if not np.isfinite(mean):
            break
        bound = max(bound, method.bound())
        if max(broken, method.off_kw()) < LEVEL and (not found or method.objective() < best.objective):
            best, found = _point(method), True
        allowed = gap * max(1.0, abs(best.cost))
        left = mean * method.products
        spent += left < allowed
        if left < NEAR * allowed:
            bound = max(bound, method.sharp_bound())
        ending = _ending(best if found else None, bound, allowed, enough_kwh)
        if ending == "stuck" and deadline.passed:
            ending = "timed_out"
        if ending != "stuck" or spent > SPENT_ROUNDS:
            break
        if not method.advance(mean, AIM * allowed / method.products):
            break
    return replace(best, ending=ending, bound=bound, rounds=rounds)


def _point(method: InteriorMethod) -> InteriorPoint:
    """The point as it is."""
    x, missing = method.at.entries, float(method.at.stays[MISSING].sum())
    cost = float(method.system.rows.price @ method.at.rows[POWER])
    charge, discharge = x[CHARGE].copy(), x[DISCHARGE].copy()
    return InteriorPoint("stuck", charge, discharge, missing, cost, method.objective(), -np.inf, 0)


def _ending(best: InteriorPoint | None, bound: float, allowed: float, enough_kwh: float | None) -> Ending:
    """What is known by now; ``stuck`` where it is not enough."""
    if enough_kwh is not None and bound > enough_kwh:
        return "proven_short"
    if best is not None and enough_kwh is not None and best.missing_kwh <= enough_kwh:
        return "enough"
    return "optimal" if best is not None and best.objective - bound <= allowed else "stuck"
