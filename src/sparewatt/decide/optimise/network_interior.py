"""Interior-point method for chains: Mehrotra's predictor and corrector with a proven bound in every round.

The stays are eliminated one by one in linear time (``network_newton``); what is left is one dense
system of the size of a day per zone. 40 cars and 144 periods take under a millisecond a round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.decide.optimise.network_measures import complementarity, longest_step, stays_bound
from sparewatt.decide.optimise.network_newton import (
    CHARGE,
    CHARGE_HIGH,
    CHARGE_LOW,
    DISCHARGE,
    DISCHARGE_HIGH,
    DISCHARGE_LOW,
    ENERGY,
    ENERGY_HIGH,
    ENERGY_LOW,
    ENTRY_ROWS,
    MISSING,
    SLACK,
    STAY_ROWS,
    SURPLUS_DUAL,
    TAPER,
    WORK_ROWS,
    WORTH,
    reduce_stays,
    sweep_stays,
)
from sparewatt.decide.optimise.network_rows import HIGH, LOW, POWER, PRICE, RowSystem
from sparewatt.decide.optimise.network_steps import ROUNDING, fill_right, fill_step
from sparewatt.decide.optimise.network_values import stays_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.matrix import Deadline
    from sparewatt.decide.optimise.network_chains import Chains, Rows

ROUNDS = 100
BACK_OFF = 0.99
"""Share of the way to the nearest bound that a step goes."""
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


class _State:
    """A point with its duals, or a step of one: entries, stays, rows."""

    def __init__(self, entries: int, stays: int, rows: int) -> None:
        self.entries = np.zeros((ENTRY_ROWS, entries))
        self.stays = np.zeros((STAY_ROWS, stays))
        self.rows = np.zeros((4, rows))

    def move(self, step: _State, point: float, dual: float) -> None:
        """Go a share of a step, one for unknowns and one for duals."""
        self.entries[:WORTH] += point * step.entries[:WORTH]
        self.entries[WORTH:] += dual * step.entries[WORTH:]
        self.stays[:SURPLUS_DUAL] += point * step.stays[:SURPLUS_DUAL]
        self.stays[SURPLUS_DUAL:] += dual * step.stays[SURPLUS_DUAL:]
        self.rows[:PRICE] += point * step.rows[:PRICE]
        self.rows[PRICE:] += dual * step.rows[PRICE:]


class _Method:
    """One programme being solved."""

    def __init__(self, chains: Chains, rows: Rows, zones: int, periods: int, penalty: float) -> None:
        self.chains, self.penalty = chains, penalty
        self.system = RowSystem(rows, zones, periods)
        size = (len(chains.row), len(chains.wanted_kwh), len(rows.price))
        self.at = _State(*size)
        self.guess, self.step = _State(*size), _State(*size)
        self.work = np.zeros((WORK_ROWS, size[0]))
        self.missing_right = np.zeros(size[1])
        self.power = np.zeros(zones * periods)
        self.products = 1
        self._start()

    def _start(self) -> None:
        """A point inside all bounds, all products x·z alike; balances need not hold."""
        c, at, rows = self.chains, self.at, self.system.rows
        x, mu = at.entries, self.penalty
        count = self.system.zones * self.system.periods
        drawn = np.bincount(c.row, weights=c.charge_kw, minlength=count)
        share = np.clip(0.5 * rows.upper_kw[:count] / np.maximum(drawn, 1e-9), 0.02, 0.5)[c.row]
        x[CHARGE], x[DISCHARGE] = share * c.charge_kw, np.clip(0.3 * share, 0.02, 0.2) * c.discharge_kw
        session = np.repeat(np.arange(len(c.wanted_kwh)), np.diff(c.offset))
        wanted = np.maximum(c.wanted_kwh - c.start_kwh, 0.02 * c.most_kwh[c.offset[:-1]])
        width = 0.05 * (c.most_kwh - c.least_kwh) + 1e-9
        middle = (c.start_kwh + 0.5 * wanted)[session]
        x[ENERGY] = np.minimum(np.maximum(middle, c.least_kwh + width), c.most_kwh - width)
        before = np.concatenate([[0.0], x[ENERGY, :-1]])
        before[c.offset[:-1]] = c.start_kwh
        rest = np.maximum(c.intercept_kw - x[CHARGE] - c.slope_per_h * before, 0.2 * c.charge_kw)
        with np.errstate(divide="ignore", invalid="ignore"):
            for dual, slack, here in (
                (CHARGE_LOW, x[CHARGE], c.charge_kw > 0.0),
                (CHARGE_HIGH, c.charge_kw - x[CHARGE], c.charge_kw > 0.0),
                (DISCHARGE_LOW, x[DISCHARGE], c.discharge_kw > 0.0),
                (DISCHARGE_HIGH, c.discharge_kw - x[DISCHARGE], c.discharge_kw > 0.0),
                (ENERGY_LOW, x[ENERGY] - c.lowest_kwh, c.lowest_kwh > -np.inf),
                (ENERGY_HIGH, c.highest_kwh - x[ENERGY], c.highest_kwh < np.inf),
                (TAPER, rest, c.slope_per_h > 0.0),
            ):
                x[dual] = np.where(here, mu / slack, 0.0)
        x[SLACK] = np.where(c.slope_per_h > 0.0, rest, 1.0)
        x[WORTH] = 0.5 * self.penalty
        at.stays[:SURPLUS_DUAL], at.stays[SURPLUS_DUAL:] = 1.0, 0.5 * self.penalty
        width_kw = rows.upper_kw - rows.lower_kw
        at.rows[POWER] = rows.lower_kw + width_kw * np.clip(-rows.lower_kw / width_kw, 0.1, 0.9)
        at.rows[PRICE] = rows.price
        at.rows[LOW] = mu / (at.rows[POWER] - rows.lower_kw)
        at.rows[HIGH] = mu / (rows.upper_kw - at.rows[POWER])

    def measure(
        self, step: _State | None = None, point: float = 0.0, dual: float = 0.0
    ) -> tuple[float, float]:
        """Mean product x·z after a share of a step, and the largest broken balance."""
        step = step if step is not None else self.guess
        total, count, broken = complementarity(
            self.chains, self.at.entries, self.at.stays, step.entries, step.stays, point, dual
        )
        rows = self.at.rows
        if point > 0.0 or dual > 0.0:
            rows = rows.copy()
            rows[:PRICE] += point * step.rows[:PRICE]
            rows[PRICE:] += dual * step.rows[PRICE:]
        total += self.system.complementarity(rows)
        self.products = count + 2 * rows.shape[1]
        return total / self.products, broken

    def cars_kw(self) -> NDArray[np.float64]:
        """Power of every row as its cars make it [kW]."""
        x = self.at.entries
        count = self.system.zones * self.system.periods
        zones = np.bincount(self.chains.row, weights=x[CHARGE] - x[DISCHARGE], minlength=count)
        return self.system.summed(np.asarray(zones, dtype=np.float64))

    def bound(self) -> float:
        """Proven lower bound of the objective."""
        price = self.at.rows[PRICE]
        felt = self.system.felt(price)
        stays = stays_bound(self.chains, self.at.entries, self.at.stays, felt, self.penalty)
        return float(stays + self.system.bound(price))

    def sharp_bound(self) -> float:
        """The best bound that the prices of the rows give, free of the rounding in all other duals."""
        price, count = self.at.rows[PRICE].copy(), self.system.zones * self.system.periods
        # The kernel wants prices felt that are not below 0; every price proves something.
        price[:count] += np.maximum(-self.system.felt(price), 0.0)
        felt = np.maximum(self.system.felt(price), 0.0)
        return float(stays_value(self.chains, felt, self.penalty) + self.system.bound(price))

    def objective(self) -> float:
        """Of the point."""
        cost = self.system.rows.price @ self.at.rows[POWER]
        return float(cost + self.penalty * self.at.stays[MISSING].sum())

    def off_kw(self) -> float:
        """Largest difference between the power of a row and that of its cars [kW]."""
        return float(np.abs(self.cars_kw() - self.at.rows[POWER]).max())

    def point(self) -> InteriorPoint:
        """The point as it is."""
        x, missing = self.at.entries, float(self.at.stays[MISSING].sum())
        cost = float(self.system.rows.price @ self.at.rows[POWER])
        charge, discharge = x[CHARGE].copy(), x[DISCHARGE].copy()
        return InteriorPoint("stuck", charge, discharge, missing, cost, self.objective(), -np.inf, 0)

    def advance(self, mean: float, least: float) -> bool:
        """One round of predictor and corrector towards products of ``least`` or more; whether it went."""
        reduce_stays(self.chains, self.at.entries, self.at.stays, self.work, self.system.answer)
        if not self.system.factor(self.at.rows):
            return False
        step = self.newton(0.0, 0.0)
        point, dual = (min(1.0, x) for x in self.longest(step))
        ahead, _ = self.measure(step, point, dual)
        step = self.newton(max(mean * (ahead / mean) ** 3, min(least, 0.5 * mean)), 1.0)
        point, dual = (min(1.0, BACK_OFF * x) for x in self.longest(step))
        self.at.move(step, point, dual)
        return True

    def newton(self, target: float, second: float) -> _State:
        """The step towards products x·z of ``target``; the step before it serves as the guess."""
        chains, at, guess, step, system = self.chains, self.at, self.guess, self.step, self.system
        fill_right(
            chains,
            at.entries,
            at.stays,
            system.felt(at.rows[PRICE]),
            self.penalty,
            target,
            second,
            guess.entries,
            guess.stays,
            self.work,
            self.missing_right,
        )
        sweep_stays(chains, self.work, np.zeros(len(self.power)), step.entries, self.power)
        right = system.right(at.rows, target, second, guess.rows)
        off = self.cars_kw() - at.rows[POWER]
        off[np.abs(off) <= ROUNDING] = 0.0
        delta = system.solve(system.summed(self.power) + off - right * system.slack)
        felt = system.felt(delta)
        sweep_stays(chains, self.work, felt, step.entries, self.power)
        fill_step(
            chains,
            at.entries,
            at.stays,
            felt,
            target,
            second,
            guess.entries,
            guess.stays,
            self.work,
            self.missing_right,
            step.entries,
            step.stays,
        )
        step.rows = system.fill_step(at.rows, delta, right, target, second, guess.rows)
        self.guess, self.step = step, guess
        return step

    def longest(self, step: _State) -> tuple[float, float]:
        """Greatest shares of a step."""
        own = longest_step(self.chains, self.at.entries, self.at.stays, step.entries, step.stays)
        rows = self.system.longest_step(self.at.rows, step.rows)
        return min(own[0], rows[0]), min(own[1], rows[1])


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
        return _solve(_Method(chains, rows, zones, periods, penalty), deadline, gap, enough_kwh)


def _solve(method: _Method, deadline: Deadline, gap: float, enough_kwh: float | None) -> InteriorPoint:
    """See `solve_chains`."""
    ending: Ending = "stuck"
    best, bound, rounds, spent = method.point(), -np.inf, 0, 0
    found = False
    for rounds in range(ROUNDS):  # noqa: B007 - reported
        mean, broken = method.measure()
        if not np.isfinite(mean):
            break
        bound = max(bound, method.bound())
        if max(broken, method.off_kw()) < LEVEL and (not found or method.objective() < best.objective):
            best, found = method.point(), True
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


def _ending(best: InteriorPoint | None, bound: float, allowed: float, enough_kwh: float | None) -> Ending:
    """What is known by now; ``stuck`` where it is not enough."""
    if enough_kwh is not None and bound > enough_kwh:
        return "proven_short"
    if best is not None and enough_kwh is not None and best.missing_kwh <= enough_kwh:
        return "enough"
    return "optimal" if best is not None and best.objective - bound <= allowed else "stuck"
