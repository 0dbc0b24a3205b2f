"""Fast search of the depot planner: chargers by prices and packing, energies by flow, bound by prices.

Used where a plan without breach and unserved energy is known. Alternates: site prices from the
flow of the present choice → what DC is worth to each session → best packing → flow again; then a
supergradient climb of the bound from the prices found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_dual import Dual, Prices
from sparewatt.decide.optimise.depot_flow import DELIVERED, Flow, FlowSolver
from sparewatt.decide.optimise.depot_packing import Packing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.depot_ranks import Ranks
    from sparewatt.decide.optimise.matrix import Deadline

ALTERNATIONS = 8
CLIMBS = 120


@dataclass(frozen=True)
class Plan:
    """A choice of chargers with its energies.

    Parameters
    ----------
    on_dc
        Sessions on DC, shape (sessions,).
    flow
        Energies and ranks.
    """

    on_dc: NDArray[np.bool_]
    flow: Flow


class Search:
    """Search on one problem.

    Parameters
    ----------
    problem
        The window to plan.
    delivered
        Weight θ of a kWh delivered where prices lie in 0..1. Any θ > 1 ranks delivery above cost for
        one choice of chargers; across choices a larger one looks harder for deliveries.
    """

    def __init__(self, problem: ChargingProblem, delivered: float = DELIVERED) -> None:
        self.problem = problem
        self.delivered = delivered
        self.flows = FlowSolver(problem, delivered)
        self.packing = Packing(problem)
        self.dual = Dual(problem, self.packing, self.flows.cost, delivered)
        self._held_dc = problem.held == 2  # noqa: PLR2004 - the charger kind DC
        self._seen: dict[bytes, Plan] = {}
        self.best: Plan | None = None
        self.site_price = np.zeros(problem.periods)
        self.charger_price = np.zeros(len(self.packing.free))
        self.bound = -np.inf

    def rate(self, on_dc: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Most energy per entry for a choice of chargers [kWh]."""
        p = self.problem
        return np.where((on_dc | self._held_dc)[p.session], p.dc_kwh, p.ac_kwh)

    @property
    def present(self) -> Plan:
        """The best plan so far; AC for all where none was tried."""
        if self.best is None:
            self.take(np.zeros(self.problem.sessions, dtype=bool))
        assert self.best is not None  # noqa: S101 - take() sets it
        return self.best

    @property
    def delivered_bound(self) -> float:
        """What the dual proves on the delivered energy, at a price of zero [kWh]."""
        return -self.bound / self.delivered

    def take(self, on_dc: NDArray[np.bool_]) -> Plan:
        """Best energies of a choice; keeps the best plan seen."""
        key = on_dc.tobytes()
        plan = self._seen.get(key)
        if plan is None:
            plan = Plan(on_dc, self.flows.solve(self.rate(on_dc)))
            self._seen[key] = plan
            if self.best is None or plan.flow.ranks.better_than(self.best.flow.ranks):
                self.best = plan
        return plan

    def scaled(self, ranks: Ranks) -> float:
        """Cost − θ·delivered on the scale of the dual."""
        lowest = float(self.problem.price.min())
        return (ranks.cost - lowest * ranks.delivered) / self.flows.scale - self.delivered * ranks.delivered

    def cost_bound(self, delivered: float) -> float:
        """What the dual proves on the cost of any plan that delivers at least ``delivered`` [currency]."""
        lowest = float(self.problem.price.min())
        return (self.bound + self.delivered * delivered) * self.flows.scale + lowest * delivered

    def closed(self, gap: float) -> bool:
        """Whether the best plan is within ``gap`` of the cost bound."""
        if self.best is None:
            return False
        ranks = self.best.flow.ranks
        return ranks.cost - self.cost_bound(ranks.delivered) <= gap * abs(ranks.cost) + 1e-9

    def alternate(self, gap: float, deadline: Deadline) -> None:
        """Alternate between prices, packing and flow until nothing new comes."""
        on_dc = np.zeros(self.problem.sessions, dtype=bool)
        plan = self.take(on_dc)
        price = plan.flow.site_price
        for turn in range(ALTERNATIONS):
            fresh = plan.flow.site_price
            price = fresh if turn == 0 else 0.5 * (price + fresh)
            found = False
            for candidate in (fresh, price) if turn else (fresh,):
                packed = self._bound_at(candidate, plan.on_dc)
                if packed.tobytes() not in self._seen:
                    plan, found = self.take(packed), True
            if not found or self.closed(gap) or deadline.passed:
                return

    def _bound_at(self, site_price: NDArray[np.float64], on_dc: NDArray[np.bool_]) -> NDArray[np.bool_]:
        gain = self.dual.gains(site_price, on_dc)
        packed, charger_price = self.packing.solve(gain)
        value = self.dual.evaluate(site_price, charger_price).value
        if value > self.bound:
            self.bound, self.site_price, self.charger_price = value, site_price, charger_price
        return packed

    def climb(self, gap: float) -> None:
        """Raise the bound until it is within ``gap`` of the best plan or stalls."""
        climbed = self.dual.climb(
            Prices(self.site_price, self.charger_price),
            target=self.scaled(self.present.flow.ranks),
            enough=self.enough(gap),
            steps=CLIMBS,
        )
        if climbed.value > self.bound:
            self.bound = climbed.value
            self.site_price, self.charger_price = climbed.prices.site, climbed.prices.charger

    def enough(self, gap: float) -> float:
        """Value of the dual that proves the best plan to be within ``gap``."""
        ranks = self.present.flow.ranks
        if gap <= 0.0:
            return np.inf
        return self.scaled(ranks) - gap * abs(ranks.cost) / self.flows.scale
