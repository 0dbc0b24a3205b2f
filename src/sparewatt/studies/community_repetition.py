"""One repetition of a neighbourhood: traded, settled, judged, summed up; a pure, seeded task."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.markets import market_of
from sparewatt.decide.optimise.community_bounds import find_bounds
from sparewatt.model.minute_grid import find_not_asked
from sparewatt.model.starts import find_starts
from sparewatt.results.community_totals import house_flows, repetition_of
from sparewatt.simulate.community_forecasts import find_production
from sparewatt.simulate.community_market import simulate_neighbourhood
from sparewatt.simulate.device_bills import find_device_bills
from sparewatt.simulate.settlement import settle_market
from sparewatt.simulate.sharing import find_bills
from sparewatt.studies.aside import work_aside
from sparewatt.studies.community_warm import compile_for_bounds, compile_for_market
from sparewatt.verify.community_market import check_market

if TYPE_CHECKING:
    from sparewatt.decide.optimise.community_bounds import Bounds
    from sparewatt.model.market_rules import MarketRules, Sharing, Tariff
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.results.community_flows import HouseFlows
    from sparewatt.results.community_repetition import Repetition
    from sparewatt.tasks import Control

BOUND = 0
"""Number of the task that finds the bounds; repetitions count from 1."""


@dataclass(frozen=True)
class CommunityTask:
    """What one process works out.

    Parameters
    ----------
    number
        Of the repetition, from 1, or `BOUND`.
    seed
        Of the run; repetition n draws from ``SeedSequence([seed, n - 1])``.
    neighbourhood, grid, rules, tariff, sharing
        What is simulated, and how.
    interval_s
        Interval of the peak-to-average ratio [s].
    flow_minutes
        Length of the steps in which the flows of every house are kept, 0 where they are not [minutes].
    most_answers
        Answers up to which all of them are kept.
    """

    number: int
    seed: int
    neighbourhood: Neighbourhood
    grid: MinuteGrid
    rules: MarketRules
    tariff: Tariff
    sharing: Sharing
    interval_s: int
    flow_minutes: int
    most_answers: int


@dataclass(frozen=True)
class TaskResult:
    """What came of a task: a repetition, with the flows of every house where they are kept; or the bounds."""

    repetition: Repetition | None = None
    flows: HouseFlows | None = None
    bounds: Bounds | None = None


def work_out(task: CommunityTask, control: Control) -> TaskResult:
    """A repetition, or the bounds."""
    if task.number == BOUND:
        return TaskResult(bounds=_bounds(task, control))
    return _repetition(task, control)


def _bounds(task: CommunityTask, control: Control) -> Bounds:
    """The most that anybody could have covered."""
    compile_for_bounds()
    jobs = task.neighbourhood.jobs
    starts = find_starts(jobs, task.rules.start_step_s)
    production_kw = find_production(task.neighbourhood, task.grid)

    def work() -> Bounds:
        return find_bounds(
            jobs,
            starts,
            production_kw,
            task.rules.solve_s,
            left_out=find_not_asked(jobs, task.grid.days),
            is_stopped=control.cancelled,
        )

    return work_aside(work, control)


def _repetition(task: CommunityTask, control: Control) -> TaskResult:
    compile_for_market(task.rules.algorithm)
    began = time.process_time()
    neighbourhood, grid = task.neighbourhood, task.grid
    starts = find_starts(neighbourhood.jobs, task.rules.start_step_s)
    trace = simulate_neighbourhood(
        neighbourhood,
        grid,
        task.rules,
        task.tariff,
        market_of(
            task.rules,
            neighbourhood.jobs,
            starts,
            find_production(neighbourhood, grid),
            np.random.default_rng(np.random.SeedSequence([task.seed, task.number - 1])),
        ),
        starts=starts,
        on_progress=control.report,
        is_stopped=control.cancelled,
    )
    settlement = settle_market(neighbourhood, grid, trace)
    bills = find_bills(settlement, task.tariff, task.sharing)
    devices = find_device_bills(neighbourhood, grid, trace, settlement, task.tariff, task.sharing)
    judged = check_market(
        neighbourhood,
        grid,
        task.rules,
        trace,
        settlement,
        bills,
        devices,
        tariff=task.tariff,
        sharing=task.sharing,
    )
    repetition = repetition_of(
        task.number,
        neighbourhood,
        grid,
        trace,
        settlement,
        bills,
        interval_s=task.interval_s,
        most_answers=task.most_answers,
        device_bills=devices,
        findings=judged,
        seconds=time.process_time() - began,
    )
    flows = house_flows(settlement, task.flow_minutes) if task.flow_minutes else None
    return TaskResult(repetition, flows)
