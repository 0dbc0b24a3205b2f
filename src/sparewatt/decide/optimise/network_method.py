"""Rounds of the interior-point method for chains: predictor and corrector of Mehrotra, what they prove.

The stays are eliminated one by one in linear time (``network_newton``); what is left is one dense
system of the size of a day per zone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from sparewatt.decide.optimise.network_rows import HIGH, LOW, MARGIN, POWER, PRICE, ROW_ROWS, RowSystem
from sparewatt.decide.optimise.network_steps import ROUNDING, fill_right, fill_step
from sparewatt.decide.optimise.network_values import stays_value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_chains import Chains, Rows

BACK_OFF = 0.99
"""Share of the way to the nearest bound that a step goes."""


class State:
    """A point with its duals, or a step of one.

    Parameters
    ----------
    entries, stays, rows
        How many; the arrays of the same names hold their unknowns, then their duals.
    """

    def __init__(self, entries: int, stays: int, rows: int) -> None:
        self.entries = np.zeros((ENTRY_ROWS, entries))
        self.stays = np.zeros((STAY_ROWS, stays))
        self.rows = np.zeros((ROW_ROWS, rows))

    def move(self, step: State, point: float, dual: float) -> None:
        """Go a share of a step, one for unknowns and one for duals."""
        self.entries[:WORTH] += point * step.entries[:WORTH]
        self.entries[WORTH:] += dual * step.entries[WORTH:]
        self.stays[:SURPLUS_DUAL] += point * step.stays[:SURPLUS_DUAL]
        self.stays[SURPLUS_DUAL:] += dual * step.stays[SURPLUS_DUAL:]
        self.rows[:PRICE] += point * step.rows[:PRICE]
        self.rows[PRICE:] += dual * step.rows[PRICE:]


class InteriorMethod:
    """One programme being solved.

    Parameters
    ----------
    chains, rows
        The programme.
    zones, periods
        Its size.
    penalty
        M, price of a missing kWh.
    elastic
        See `RowSystem`; the point to start from is then set from outside (``network_margin``).
    """

    def __init__(
        self, chains: Chains, rows: Rows, zones: int, periods: int, penalty: float, *, elastic: bool = False
    ) -> None:
        self.chains, self.penalty = chains, penalty
        self.system = RowSystem(rows, zones, periods, elastic=elastic)
        size = (len(chains.row), len(chains.wanted_kwh), len(rows.price))
        self.at = State(*size)
        self.guess, self.step = State(*size), State(*size)
        self.work = np.zeros((WORK_ROWS, size[0]))
        self.missing_right = np.zeros(size[1])
        self.power = np.zeros(zones * periods)
        self.products = 1
        if not elastic:
            self._start()

    def _start(self) -> None:
        """A point inside all bounds, all products x·z alike; balances need not hold."""
        c, at, rows, mu = self.chains, self.at, self.system.rows, self.penalty
        x = at.entries
        count = self.system.zones * self.system.periods
        drawn = np.bincount(c.row, weights=c.charge_kw, minlength=count)
        share = np.clip(0.5 * rows.upper_kw[:count] / np.maximum(drawn, 1e-9), 0.02, 0.5)[c.row]
        x[CHARGE], x[DISCHARGE] = share * c.charge_kw, np.clip(0.3 * share, 0.02, 0.2) * c.discharge_kw
        session = np.repeat(np.arange(len(c.wanted_kwh)), np.diff(c.offset))
        wanted = np.maximum(c.wanted_kwh - c.start_kwh, 0.02 * c.most_kwh[c.offset[:-1]])
        width = 0.05 * (c.most_kwh - c.least_kwh) + 1e-9
        middle = (c.start_kwh + 0.5 * wanted)[session]
        x[ENERGY] = np.minimum(np.maximum(middle, c.least_kwh + width), c.most_kwh - width)
        self.spread_duals(mu, 0.2)
        x[WORTH] = 0.5 * self.penalty
        at.stays[:SURPLUS_DUAL], at.stays[SURPLUS_DUAL:] = 1.0, 0.5 * self.penalty
        width_kw = rows.upper_kw - rows.lower_kw
        at.rows[POWER] = rows.lower_kw + width_kw * np.clip(-rows.lower_kw / width_kw, 0.1, 0.9)
        at.rows[PRICE] = rows.price
        at.rows[LOW] = mu / (at.rows[POWER] - rows.lower_kw)
        at.rows[HIGH] = mu / (rows.upper_kw - at.rows[POWER])

    def spread_duals(self, mu: float, least_rest: float) -> None:
        """Taper slacks, at least a share of the power, and duals of entries that make all products ``mu``."""
        c, x = self.chains, self.at.entries
        before = np.concatenate([[0.0], x[ENERGY, :-1]])
        before[c.offset[:-1]] = c.start_kwh
        rest = np.maximum(c.intercept_kw - x[CHARGE] - c.slope_per_h * before, least_rest * c.charge_kw)
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

    def measure(
        self, step: State | None = None, point: float = 0.0, dual: float = 0.0
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
        cost = self.system.rows.price @ self.at.rows[POWER] + self.at.rows[MARGIN, 0]
        return float(cost + self.penalty * self.at.stays[MISSING].sum())

    def off_kw(self) -> float:
        """Largest difference between the power of a row and that of its cars [kW]."""
        return float(np.abs(self.cars_kw() - self.at.rows[POWER]).max())

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

    def newton(self, target: float, second: float) -> State:
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
        own = right, target, second, guess.rows
        delta, rise = system.solve(at.rows, system.summed(self.power) + off, *own)
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
        step.rows = system.fill_step(at.rows, delta, rise, *own)
        self.guess, self.step = step, guess
        return step

    def longest(self, step: State) -> tuple[float, float]:
        """Greatest shares of a step."""
        own = longest_step(self.chains, self.at.entries, self.at.stays, step.entries, step.stays)
        rows = self.system.longest_step(self.at.rows, step.rows)
        return min(own[0], rows[0]), min(own[1], rows[1])
