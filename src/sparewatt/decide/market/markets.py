"""Markets: who answers under each name that scenario files use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.decide.market.algorithm import OneByOne
from sparewatt.decide.market.fifty_fifty import FiftyFifty
from sparewatt.decide.market.greedy import GreedyMarket
from sparewatt.decide.market.local_search import LocalSearch
from sparewatt.decide.optimise.community_foresight import PerfectForesight
from sparewatt.decide.optimise.community_milp import MilpMarket
from sparewatt.decide.optimise.community_planner import CommunityMilp
from sparewatt.model.market_rules import Algorithm

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.decide.market.algorithm import Negotiator, Planner
    from sparewatt.model.jobs import Jobs
    from sparewatt.model.market_rules import MarketRules
    from sparewatt.model.starts import Starts

DESCRIPTIONS: dict[Algorithm, str] = {
    Algorithm.FIFTY_FIFTY: "a coin decides whether a producer takes a job that its forecast covers",
    Algorithm.GREEDY: "the start with the most power left; what is agreed never moves",
    Algorithm.L_BFGS_B: "basin-hopping with L-BFGS-B on the starts of the jobs that wait",
    Algorithm.SLSQP: "basin-hopping with SLSQP on the starts of the jobs that wait",
    Algorithm.TNC: "basin-hopping with truncated Newton on the starts of the jobs that wait",
    Algorithm.MILP: "the best starts of all jobs that wait, chosen anew for every request",
    Algorithm.COMMUNITY_MILP: "one plan for all producers and known jobs, made anew at every event",
    Algorithm.PERFECT_FORESIGHT: "the plan of one who knew every job and all the sun from the start",
}
"""Every algorithm in words."""


def market_of(
    rules: MarketRules,
    jobs: Jobs,
    starts: Starts,
    production_kw: NDArray[np.float64],
    rng: np.random.Generator,
) -> Negotiator | Planner:
    """Who answers in one repetition.

    Parameters
    ----------
    rules
        The algorithm and its settings.
    jobs, starts, production_kw
        All jobs and their starts, and what the producers give in the end, shape (producers, minutes) [kW]:
        what nobody can know at the start, and only ``perfect_foresight`` looks at.
    rng
        Random choices of this repetition.
    """
    algorithm, partial = rules.algorithm, rules.allow_partial
    match algorithm:
        case Algorithm.FIFTY_FIFTY:
            return OneByOne(FiftyFifty(rng, partial))
        case Algorithm.GREEDY:
            return GreedyMarket(partial)
        case Algorithm.L_BFGS_B | Algorithm.SLSQP | Algorithm.TNC:
            return OneByOne(
                LocalSearch(
                    method=algorithm.value,
                    rng=rng,
                    penalty=rules.penalty,
                    eps_s=rules.eps_s,
                    tol=rules.tol,
                    searches=rules.searches,
                    allow_partial=partial,
                )
            )
        case Algorithm.MILP:
            return MilpMarket(rules.solve_s, partial)
        case Algorithm.COMMUNITY_MILP:
            return CommunityMilp(rules.solve_s)
        case Algorithm.PERFECT_FORESIGHT:
            return PerfectForesight(jobs, starts, production_kw, rules.solve_s)
