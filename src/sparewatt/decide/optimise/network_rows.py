"""The rows of chains in the interior-point method: powers of zones under their limits, one shared limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from sparewatt.decide.optimise.network_measures import factorise, solve_factorised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_chains import Rows

# Rows of the state of rows: power g, its price λ, duals of its lower and upper bound.
POWER, PRICE, LOW, HIGH = 0, 1, 2, 3


class RowSystem:
    """What is left of the Newton system when all stays are eliminated.

    With S the stays' answer to prices and W = 1/D_g, per zone: (S + W)·Δλ + S·Δμ = R, where Δμ is the
    price of the shared rows; and Σ S·(Δλ + Δμ) + W_0·Δμ = R_0. What cars feel, x = Δλ + Δμ, then is
    (S + W)⁻¹·(R + W·Δμ), and (W_0 + Σ S·(S + W)⁻¹·W)·Δμ = R_0 - Σ S·(S + W)⁻¹·R.

    Parameters
    ----------
    rows
        Bounds and prices.
    zones, periods
        How many.
    """

    def __init__(self, rows: Rows, zones: int, periods: int) -> None:
        self.rows, self.zones, self.periods = rows, zones, periods
        self.answer = np.zeros((zones, periods, periods))
        self._factors: list[NDArray[np.float64]] = []
        self._crossed: list[NDArray[np.float64]] = []
        self.slack = np.zeros(len(rows.price))

    def felt(self, price: NDArray[np.float64]) -> NDArray[np.float64]:
        """Price that the cars of each zone and period feel, shape (zones x periods,)."""
        if not self.rows.shared:
            return price
        own = price[: self.zones * self.periods].reshape(self.zones, self.periods)
        return np.ascontiguousarray((own + price[self.zones * self.periods :]).ravel())

    def summed(self, power: NDArray[np.float64]) -> NDArray[np.float64]:
        """Power of every row from that of the zones, shape (rows,) [kW]."""
        if not self.rows.shared:
            return power
        return np.concatenate([power, power.reshape(self.zones, self.periods).sum(axis=0)])

    def factor(self, state: NDArray[np.float64]) -> bool:
        """Factorise for the point ``state``; whether that went well."""
        rows = self.rows
        stiff = state[LOW] / (state[POWER] - rows.lower_kw) + state[HIGH] / (rows.upper_kw - state[POWER])
        self.slack = 1.0 / stiff
        own = self.slack[: self.zones * self.periods].reshape(self.zones, self.periods)
        self._factors, self._crossed = [], []
        if not rows.shared:
            for zone in range(self.zones):
                factor = self.answer[zone]
                factor[np.diag_indices(self.periods)] += own[zone]
                if not factorise(factor):
                    return False
                self._factors.append(factor)
            return True
        shared = np.diag(self.slack[self.zones * self.periods :])
        try:
            for zone in range(self.zones):
                response = np.triu(self.answer[zone]) + np.triu(self.answer[zone], 1).T
                factor = cho_factor(response + np.diag(own[zone]), check_finite=False)
                crossed = cho_solve(factor, np.diag(own[zone]), check_finite=False)
                shared += response @ crossed
                self._factors.append(factor)
                self._crossed.append(response)
            self._shared = cho_factor(0.5 * (shared + shared.T), check_finite=False)
        except np.linalg.LinAlgError:
            return False
        return True

    def solve(self, right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Δλ of every row for the right sides R and R_0, shape (rows,)."""
        count = self.zones * self.periods
        parts = right[:count].reshape(self.zones, self.periods)
        if not self.rows.shared:
            pairs = zip(self._factors, parts, strict=True)
            return np.concatenate([np.asarray(solve_factorised(f, r)) for f, r in pairs])
        own = self.slack[:count].reshape(self.zones, self.periods)
        alone = [cho_solve(f, r, check_finite=False) for f, r in zip(self._factors, parts, strict=True)]
        rest = right[count:] - sum(s @ x for s, x in zip(self._crossed, alone, strict=True))
        common = cho_solve(self._shared, rest, check_finite=False)
        felt = [
            x + cho_solve(f, w * common, check_finite=False)
            for x, f, w in zip(alone, self._factors, own, strict=True)
        ]
        return np.concatenate([*(x - common for x in felt), common])

    def right(
        self, state: NDArray[np.float64], target: float, second: float, guess: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """h_g: minus the residual of each row's own condition, shape (rows,)."""
        low, high, for_low, for_high = self._products(state, target, second, guess)
        residual = state[PRICE] - self.rows.price + state[LOW] - state[HIGH]
        return np.asarray(residual + for_low / low - for_high / high)

    def fill_step(
        self,
        state: NDArray[np.float64],
        delta_price: NDArray[np.float64],
        right: NDArray[np.float64],
        target: float,
        second: float,
        guess: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """The step of the rows, shape (4, rows)."""
        low, high, for_low, for_high = self._products(state, target, second, guess)
        move = (right + delta_price) * self.slack
        return np.stack(
            [move, delta_price, (for_low - state[LOW] * move) / low, (for_high + state[HIGH] * move) / high]
        )

    def _products(
        self, state: NDArray[np.float64], target: float, second: float, guess: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], ...]:
        low, high = state[POWER] - self.rows.lower_kw, self.rows.upper_kw - state[POWER]
        return (
            low,
            high,
            target - low * state[LOW] - second * guess[POWER] * guess[LOW],
            target - high * state[HIGH] + second * guess[POWER] * guess[HIGH],
        )

    def longest_step(self, state: NDArray[np.float64], step: NDArray[np.float64]) -> tuple[float, float]:
        """Greatest shares of the step, of powers and of duals."""
        low, high = state[POWER] - self.rows.lower_kw, self.rows.upper_kw - state[POWER]
        move, duals, falls = step[POWER], state[LOW:], step[LOW:]
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(move < 0.0, -low / move, np.where(move > 0.0, high / move, np.inf))
            worth = np.where(falls < 0.0, -duals / falls, np.inf)
        return float(room.min()), float(worth.min())

    def complementarity(self, state: NDArray[np.float64]) -> float:
        """Sum of the products x·z of the rows."""
        low, high = state[POWER] - self.rows.lower_kw, self.rows.upper_kw - state[POWER]
        return float(low @ state[LOW] + high @ state[HIGH])

    def bound(self, price: NDArray[np.float64]) -> float:
        """Σ min over g in [g_low, g_high] of (π - λ)·g."""
        reduced = self.rows.price - price
        return float(
            np.where(reduced > 0.0, reduced * self.rows.lower_kw, reduced * self.rows.upper_kw).sum()
        )
