"""The rows of chains in the interior-point method: powers of zones under their limits, one shared limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.network_dense import (
    add_parallel,
    apply_symmetric,
    factorise,
    solve_factorised,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.network_chains import Rows

# Rows of the state of rows: power g, margin θ (the same in all), price λ of g, duals of its bounds.
POWER, MARGIN, PRICE, LOW, HIGH = 0, 1, 2, 3, 4
ROW_ROWS = 5


class RowSystem:
    """What is left of the Newton system when all stays are eliminated.

    With S the stays' answer to prices and W = 1/D_g, per zone: (S + W)·Δλ + S·Δμ = R, where Δμ is the
    price of the shared rows; and Σ S·(Δλ + Δμ) + W_0·Δμ = R_0. What cars feel, x = Δλ + Δμ, then is
    (S + W)⁻¹·(R + W·Δμ), and (W_0 + Σ S·(S + W)⁻¹·W)·Δμ = R_0 - Σ S·(S + W)⁻¹·R.

    Where the limit of a single zone is elastic, g <= g_high + θ at a price of 1 per kW of θ, the right
    side is R - W·D_high·Δθ with D_high = z_high/x_high, and Σ z_high = 1 gives Δθ:

        Σ D_high·(1 - W·D_high + W·q)·Δθ = Σ (h_high/x_high + D_high·Δg_0) - (1 - Σ z_high)

    with q = (S + W)⁻¹·W·D_high and Δg_0 the step of g without Δθ.

    Parameters
    ----------
    rows
        Bounds and prices.
    zones, periods
        How many.
    elastic
        Whether the margin is free; then there is one zone. It is 0 otherwise.
    """

    def __init__(self, rows: Rows, zones: int, periods: int, *, elastic: bool = False) -> None:
        self.rows, self.zones, self.periods, self.elastic = rows, zones, periods, elastic
        self.answer = np.zeros((zones, periods, periods))
        self._factors, self._common = self.answer, np.zeros((periods, periods))
        self.slack = np.zeros(len(rows.price))
        self._stiff_high, self._pulled, self._stiff_margin = self.slack, self.slack, 1.0

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
        rows, count = self.rows, self.zones * self.periods
        low, high = self._rooms(state)
        self._stiff_high = state[HIGH] / high
        self.slack = 1.0 / (state[LOW] / low + self._stiff_high)
        own = self.slack[:count].reshape(self.zones, self.periods)
        self._factors = self.answer.copy() if rows.shared else self.answer
        for zone in range(self.zones):
            factor = self._factors[zone]
            factor[np.diag_indices(self.periods)] += own[zone]
            if not factorise(factor):
                return False
        if self.elastic:
            pull = self.slack * self._stiff_high
            self._pulled = solve_factorised(self._factors[0], pull)
            self._stiff_margin = float(self._stiff_high @ (1.0 - pull + self.slack * self._pulled))
        if not rows.shared:
            return True
        self._common = np.diag(self.slack[count:])
        for zone in range(self.zones):
            add_parallel(self._factors[zone], self.answer[zone], own[zone], self._common)
        return bool(factorise(self._common))

    def solve(
        self,
        state: NDArray[np.float64],
        power: NDArray[np.float64],
        right: NDArray[np.float64],
        target: float,
        second: float,
        guess: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], float]:
        """Δλ of every row, shape (rows,), and Δθ, for the power that Δλ = 0 would leave over."""
        delta = self._prices(power - right * self.slack)
        if not self.elastic:
            return delta, 0.0
        _, high, _, for_high = self._products(state, target, second, guess)
        forced = for_high / high + self._stiff_high * self.slack * (right + delta)
        rise = float((forced.sum() - 1.0 + state[HIGH].sum()) / self._stiff_margin)
        return delta - rise * self._pulled, rise

    def _prices(self, right: NDArray[np.float64]) -> NDArray[np.float64]:
        """Δλ of every row for the right sides R and R_0 at Δθ = 0, shape (rows,)."""
        count = self.zones * self.periods
        parts = right[:count].reshape(self.zones, self.periods)
        alone = np.array([solve_factorised(f, r) for f, r in zip(self._factors, parts, strict=True)])
        if not self.rows.shared:
            return alone.ravel()
        answers = [apply_symmetric(s, x) for s, x in zip(self.answer, alone, strict=True)]
        common = solve_factorised(self._common, right[count:] - np.sum(answers, axis=0))
        own = self.slack[:count].reshape(self.zones, self.periods)
        shifts = [solve_factorised(f, w * common) for f, w in zip(self._factors, own, strict=True)]
        return np.concatenate([(alone + np.array(shifts) - common).ravel(), common])

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
        rise: float,
        right: NDArray[np.float64],
        target: float,
        second: float,
        guess: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """The step of the rows for Δλ and Δθ (``rise``), shape (5, rows)."""
        low, high, for_low, for_high = self._products(state, target, second, guess)
        move = (right + delta_price + self._stiff_high * rise) * self.slack
        below, above = for_low - state[LOW] * move, for_high + state[HIGH] * (move - rise)
        return np.stack([move, np.full_like(move, rise), delta_price, below / low, above / high])

    def _products(
        self, state: NDArray[np.float64], target: float, second: float, guess: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], ...]:
        low, high = self._rooms(state)
        return (
            low,
            high,
            target - low * state[LOW] - second * guess[POWER] * guess[LOW],
            target - high * state[HIGH] - second * (guess[MARGIN] - guess[POWER]) * guess[HIGH],
        )

    def _rooms(self, state: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances of the powers from their bounds."""
        return state[POWER] - self.rows.lower_kw, self.rows.upper_kw + state[MARGIN] - state[POWER]

    def longest_step(self, state: NDArray[np.float64], step: NDArray[np.float64]) -> tuple[float, float]:
        """Greatest shares of the step, of powers and of duals."""
        low, high = self._rooms(state)
        down, up = step[POWER], step[MARGIN] - step[POWER]
        duals, falls = state[LOW:], step[LOW:]
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.minimum(
                np.where(down < 0.0, -low / down, np.inf), np.where(up < 0.0, -high / up, np.inf)
            )
            worth = np.where(falls < 0.0, -duals / falls, np.inf)
        return float(room.min()), float(worth.min())

    def complementarity(self, state: NDArray[np.float64]) -> float:
        """Sum of the products x·z of the rows."""
        low, high = self._rooms(state)
        return float(low @ state[LOW] + high @ state[HIGH])

    def bound(self, price: NDArray[np.float64]) -> float:
        """Σ min over g in [g_low, g_high] of (π - λ)·g; margins do not widen it."""
        reduced = self.rows.price - price
        return float(
            np.where(reduced > 0.0, reduced * self.rows.lower_kw, reduced * self.rows.upper_kw).sum()
        )
