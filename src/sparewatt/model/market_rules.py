"""MarketRules: how a neighbourhood trades and how it is settled."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

START_SCORE = 10.0
"""Score of a producer that is new or reset."""


class Algorithm(StrEnum):
    """Who decides how about the jobs."""

    FIFTY_FIFTY = "fifty_fifty"
    GREEDY = "greedy"
    L_BFGS_B = "L_BFGS_B"
    SLSQP = "SLSQP"
    TNC = "TNC"
    MILP = "milp"
    COMMUNITY_MILP = "community_milp"
    PERFECT_FORESIGHT = "perfect_foresight"


class Sharing(StrEnum):
    """How what neighbours trade among themselves is priced."""

    NONE = "none"
    MID_MARKET_RATE = "mid_market_rate"
    SUPPLY_DEMAND_RATIO = "supply_demand_ratio"
    BILL_SHARING = "bill_sharing"


@dataclass(frozen=True)
class MarketRules:
    """Settings of a run; all that one repetition needs beside the neighbourhood and its seed.

    Parameters
    ----------
    algorithm
        Who decides how.
    penalty
        Weight of over-consumption in the objective of the local searches, >= 0.
    eps_s
        Step of their finite differences [s].
    tol
        Their tolerance, > 0.
    searches
        Hops of basin-hopping for each request, >= 1.
    predictions_first
        Forecasts before jobs at equal times; otherwise jobs first.
    allow_partial
        Share of a job's energy that may come from the grid when a producer accepts it [0-1].
    start_step_s
        Step of the grid of starts, a multiple of a minute [s].
    solve_s
        Deadline of one optimisation [s].
    import_limit_kw
        Most that the community may draw from the grid, infinite where nothing limits it [kW].
    """

    algorithm: Algorithm = Algorithm.GREEDY
    penalty: float = 10.0
    eps_s: float = 900.0
    tol: float = 1e-3
    searches: int = 5
    predictions_first: bool = False
    allow_partial: float = 0.0
    start_step_s: int = 900
    solve_s: float = 10.0
    import_limit_kw: float = float("inf")


@dataclass(frozen=True)
class Tariff:
    """Prices at the grid for each minute.

    Parameters
    ----------
    import_per_kwh, feed_in_per_kwh
        Shape (minutes,) [currency/kWh].
    """

    import_per_kwh: NDArray[np.float64]
    feed_in_per_kwh: NDArray[np.float64]
