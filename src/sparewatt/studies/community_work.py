"""The work of a community run: the bounds and every repetition, on as many processes as it may take."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.minute_grid import find_not_asked
from sparewatt.results.community_totals import flow_step
from sparewatt.results.community_view import CommunityRun, CommunitySetting
from sparewatt.studies.community_arrays import (
    bounds_arrays,
    bounds_of_arrays,
    repetition_arrays,
    repetition_of_arrays,
)
from sparewatt.studies.community_repetition import BOUND, CommunityTask, TaskResult, work_out
from sparewatt.tasks import tasks_for

if TYPE_CHECKING:
    from sparewatt.inputs.community.inputs import CommunityInputs
    from sparewatt.studies.pieces import Arrays
    from sparewatt.studies.run_life import RunUnderWay

LOG = logging.getLogger(__name__)
FLOWS_KEPT = 4_000_000
"""Houses × steps × repetitions up to which the flows of every house are kept of further repetitions."""
ANSWERS_KEPT = 2_000_000
"""Answers of all repetitions together up to which every one is kept; of the first alone, as many."""


def find_tasks(inputs: CommunityInputs, seed: int) -> list[CommunityTask]:
    """All that is to be worked out, in order."""
    settings = inputs.settings
    houses, minutes, count = len(inputs.neighbourhood.house_ids), inputs.grid.minutes, settings.repetitions
    step = flow_step(houses, minutes)
    with_flows = max(1, FLOWS_KEPT // max(1, houses * -(-minutes // step)))
    numbers = [*([BOUND] if settings.bound else []), *range(1, count + 1)]
    return [
        CommunityTask(
            number=number,
            seed=seed,
            neighbourhood=inputs.neighbourhood,
            grid=inputs.grid,
            rules=inputs.rules,
            tariff=inputs.tariff,
            sharing=settings.sharing_rule,
            interval_s=settings.interval_s,
            flow_minutes=step if number <= with_flows else 0,
            most_answers=ANSWERS_KEPT if number == 1 else ANSWERS_KEPT // count,
        )
        for number in numbers
    ]


def work_community(inputs: CommunityInputs, run: RunUnderWay) -> CommunityRun:
    """Work out what is not kept yet.

    Every finished task is kept as a piece of the run. Results do not depend on the number of processes.

    Raises
    ------
    RunCancelled
        It was asked to stop; what is done is kept.
    """
    tasks = find_tasks(inputs, run.stored.seed)
    results: dict[int, TaskResult] = {}
    for task in tasks:
        piece = run.kept.pieces.read(_name(task.number))
        if piece is not None:
            results[task.number] = _result_of(task.number, piece)
    left = [task for task in tasks if task.number not in results]
    LOG.info("%d of %d tasks kept from before", len(results), len(tasks))
    share = np.zeros(len(left))

    def done(index: int, result: TaskResult) -> None:
        number = left[index].number
        run.kept.pieces.keep(_name(number), _arrays(result))
        results[number] = result
        progress(index, 1.0)

    def progress(index: int, value: float) -> None:
        share[index] = value
        run.tell((share.sum() + len(tasks) - len(left)) / len(tasks))
        if run.is_stopped():
            run.stop.set()

    run.tell((len(tasks) - len(left)) / len(tasks))
    if run.is_stopped():
        run.stop.set()
    tasks_for(max(1, min(run.workers, len(left))), run.cluster).map(
        work_out,
        left,
        names=[_words(task.number) for task in left],
        on_done=done,
        on_progress=progress,
        cancel=run.stop,
    )
    return _run_of(inputs, results)


def _run_of(inputs: CommunityInputs, results: dict[int, TaskResult]) -> CommunityRun:
    """What the tasks came to together."""
    settings, neighbourhood = inputs.settings, inputs.neighbourhood
    numbers = range(1, settings.repetitions + 1)
    repetitions = tuple(r for n in numbers if (r := results[n].repetition) is not None)
    return CommunityRun(
        neighbourhood=neighbourhood,
        grid=inputs.grid,
        tariff=inputs.tariff,
        setting=CommunitySetting(
            inputs.rules, settings.sharing_rule, settings.interval_s, str(settings.time_zone)
        ),
        not_asked=find_not_asked(neighbourhood.jobs, inputs.grid.days),
        repetitions=repetitions,
        flows={n: flows for n in numbers if (flows := results[n].flows) is not None},
        bounds=results[BOUND].bounds if BOUND in results else None,
        scores=np.mean([r.scores.score[:, -1] for r in repetitions], axis=0),
    )


def _arrays(result: TaskResult) -> Arrays:
    if result.repetition is not None:
        return repetition_arrays(result.repetition, result.flows)
    if result.bounds is None:
        raise AssertionError
    return bounds_arrays(result.bounds)


def _result_of(number: int, arrays: Arrays) -> TaskResult:
    if number == BOUND:
        return TaskResult(bounds=bounds_of_arrays(arrays))
    return TaskResult(*repetition_of_arrays(arrays))


def _name(number: int) -> str:
    return "bound" if number == BOUND else f"repetition-{number}"


def _words(number: int) -> str:
    return "the best possible" if number == BOUND else f"repetition {number}"
