"""The five strict ranks of the depot planner and how two plans compare in them."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

ENERGY_TOLERANCE_KWH = 1e-6
COST_TOLERANCE = 1e-9
# Money below which a difference is none, whatever the cost is [currency].
NO_MONEY = 1e-6


@dataclass(frozen=True, slots=True)
class Ranks:
    """Value of a plan, or a bound on it, in rank order (rule 7: physics hard, preferences ranked).

    Parameters
    ----------
    unserved
        Unserved energy / η [kWh].
    breach
        Energy above the site limit [kWh].
    delivered
        Energy delivered, the more the better [kWh].
    cost
        Cost of the energy [currency].
    earliness
        Σ weight·energy, the less the earlier [kWh].
    """

    unserved: float
    breach: float
    delivered: float
    cost: float
    earliness: float = 0.0

    def energies_match(self, bound: Ranks) -> bool:
        """Whether the first three ranks reach a bound, so that they are proven."""
        return (
            self.unserved <= bound.unserved + ENERGY_TOLERANCE_KWH
            and self.breach <= bound.breach + ENERGY_TOLERANCE_KWH
            and self.delivered >= bound.delivered - ENERGY_TOLERANCE_KWH
        )

    def better_than(self, other: Ranks) -> bool:
        """Strictly better in the first rank that differs."""
        for mine, theirs in (
            (self.unserved, other.unserved),
            (self.breach, other.breach),
            (-self.delivered, -other.delivered),
        ):
            if abs(mine - theirs) > ENERGY_TOLERANCE_KWH:
                return mine < theirs
        tolerance = COST_TOLERANCE * max(1.0, abs(other.cost))
        if abs(self.cost - other.cost) > tolerance:
            return self.cost < other.cost
        return self.earliness < other.earliness - ENERGY_TOLERANCE_KWH

    def gap_to(self, bound: Ranks) -> float:
        """Proven relative distance to the best, 1 where nothing is proven [-].

        The first rank of energy that is open counts, measured against the energy delivered (ranks
        behind an open one cannot be compared); and the cost, whose bound holds for equal energies.
        """
        energy = max(self.delivered, self.unserved, 1.0)
        missed = 0.0
        for mine, theirs in (
            (self.unserved, bound.unserved),
            (self.breach, bound.breach),
            (-self.delivered, -bound.delivered),
        ):
            if mine - theirs > ENERGY_TOLERANCE_KWH:
                missed = min(1.0, (mine - theirs) / energy)
                break
        over = max(0.0, self.cost - bound.cost)
        if over <= max(NO_MONEY, COST_TOLERANCE * abs(self.cost)):
            return missed
        if isinf(over):
            return missed or 1.0
        return max(missed, min(1.0, over / max(abs(self.cost), 1e-9)))
