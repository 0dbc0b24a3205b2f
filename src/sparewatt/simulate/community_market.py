"""The market of a neighbourhood: its events in order, until every job has run.

What an event means is told by `NegotiatedRun` (each job asks one producer after the other) and by
`PlannedRun` (a common plan for all).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard, cast

import numpy as np

from sparewatt.errors import RunCancelled
from sparewatt.model.contract import MarketTrace
from sparewatt.model.minute_grid import MINUTE_S, find_not_asked
from sparewatt.model.starts import find_starts
from sparewatt.simulate.community_events import EventKind, EventQueue
from sparewatt.simulate.community_negotiation import NegotiatedRun
from sparewatt.simulate.community_planning import PlannedRun
from sparewatt.simulate.community_state import MarketState

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sparewatt.decide.market.algorithm import Negotiator, Planner
    from sparewatt.model.jobs import Jobs
    from sparewatt.model.market_rules import MarketRules, Tariff
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.model.starts import Starts

REPORTS = 200
"""How often progress is told."""


def simulate_neighbourhood(
    neighbourhood: Neighbourhood,
    grid: MinuteGrid,
    rules: MarketRules,
    tariff: Tariff,
    market: Negotiator | Planner,
    *,
    scores: NDArray[np.float64] | None = None,
    starts: Starts | None = None,
    on_progress: Callable[[float], None] | None = None,
    is_stopped: Callable[[], bool] | None = None,
) -> MarketTrace:
    """Let a neighbourhood trade.

    Parameters
    ----------
    neighbourhood
        The neighbourhood.
    grid
        Its minutes, see `find_grid`; long enough for every job that is simulated.
    rules
        Which events come first, what may come from the grid, the import limit, the step of the starts.
    tariff
        Prices at the grid.
    market
        Who answers, seeded for this repetition.
    scores
        Scores to start with, shape (producers,); those of the neighbourhood where missing.
    starts
        ``find_starts(neighbourhood.jobs, rules.start_step_s)``, for who simulates many repetitions.
    on_progress
        Told how much is done [0-1].
    is_stopped
        Asked before each event; `RunCancelled` is raised where it says so.

    Returns
    -------
    MarketTrace
        Each job that is simulated has exactly one contract that is not cancelled.
    """
    jobs, forecasts = neighbourhood.jobs, neighbourhood.forecasts
    not_asked = find_not_asked(jobs, grid.days)
    asked = np.setdiff1d(np.arange(len(jobs)), not_asked)
    _check_windows(jobs, asked, grid)
    queue = EventQueue(
        ((int(jobs.registered_s[row]), int(row)) for row in asked),
        ((int(time_s), row) for row, time_s in enumerate(forecasts.issued_s)),
        predictions_first=rules.predictions_first,
    )
    steps = find_starts(jobs, rules.start_step_s) if starts is None else starts
    state = MarketState(neighbourhood, grid, rules, tariff, steps, queue)
    start_scores = np.array(neighbourhood.scores if scores is None else scores, np.float64)
    run: NegotiatedRun | PlannedRun
    if _is_planner(market):
        run = PlannedRun(state, market, start_scores.copy())
    else:
        run = NegotiatedRun(state, cast("Negotiator", market), start_scores.copy(), rules.allow_partial)
    news, done = len(queue), 0
    while queue:
        if is_stopped is not None and is_stopped():
            raise RunCancelled("The run was cancelled.")
        event = queue.pop()
        state.board.now_s = event.time_s
        if event.kind is EventKind.START:
            state.start(event.row)
            continue
        if event.kind is EventKind.JOB:
            run.register(event.row)
        else:
            run.renew_forecast(event.row)
        if not queue.is_more_news_at(event.time_s):
            run.close_instant()
        done += 1
        if on_progress is not None and done * REPORTS // news != (done - 1) * REPORTS // news:
            on_progress(done / news)
    return MarketTrace(
        contracts=state.contracts.contracts(),
        decisions=run.decisions.decisions(),
        production_kw=state.board.production_kw,
        start_scores=start_scores,
        end_scores=run.scores,
        not_asked=not_asked,
    )


def _is_planner(market: Negotiator | Planner) -> TypeGuard[Planner]:
    return hasattr(market, "replan")


def _check_windows(jobs: Jobs, asked: NDArray[np.int64], grid: MinuteGrid) -> None:
    """Refuse what would break the simulation; the readers refuse it before, with findings."""
    if (jobs.registered_s[asked] > jobs.latest_s[asked]).any():
        raise ValueError("a job is registered after its latest start")
    if (jobs.earliest_s[asked] > jobs.latest_s[asked]).any():
        raise ValueError("the latest start of a job is before its earliest")
    if (jobs.end_s[asked] > grid.minutes * MINUTE_S).any():
        raise ValueError("a job ends after the last minute; find_grid gives enough of them")
