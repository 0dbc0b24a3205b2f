"""perfect_foresight: the plan of one who knew every job and all the sun from the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.decide.optimise.community_contract import solve_contract
from sparewatt.decide.optimise.community_task import find_task
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.minute_grid import find_not_asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board, Plan
    from sparewatt.decide.optimise.community_task import CommonPlan
    from sparewatt.model.jobs import Jobs
    from sparewatt.model.starts import Starts


class PerfectForesight:
    """Solves the contract bound once, and hands out its parts as the jobs become known.

    It is the one planner that looks at tomorrow: what others reach is measured against it.

    Parameters
    ----------
    jobs, starts
        All jobs and their starts.
    production_kw
        What the producers give in the end, shape (producers, minutes) [kW].
    solve_s
        Deadline of the solve [s].

    Attributes
    ----------
    plan
        What was planned, with the proven bound; None before the first question.
    """

    def __init__(
        self, jobs: Jobs, starts: Starts, production_kw: NDArray[np.float64], solve_s: float = 60.0
    ) -> None:
        self._jobs, self._starts = jobs, starts
        self._production_kw = production_kw
        self._solve_s = solve_s
        self.plan: CommonPlan | None = None

    def replan(self, board: Board, movable: Sequence[int]) -> dict[int, tuple[int, Plan]]:
        """The parts of the plan that have become known; parameters as of `Planner.replan`."""
        if self.plan is None:
            left_out = find_not_asked(self._jobs, board.grid.days)
            task = find_task(self._jobs, self._starts, self._production_kw, left_out)
            self.plan = solve_contract(task, Deadline(self._solve_s))
        return {job: self.plan.plans[job] for job in movable if job in self.plan.plans}
