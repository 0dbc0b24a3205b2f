"""The model of jobs on producers: which start of which job on which producer, no minute overbooked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.decide.optimise.community_kernels import entries_of, find_fitting, highest_loads
from sparewatt.decide.optimise.matrix import Matrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.matrix import Deadline, Solution, Solver
    from sparewatt.model.starts import Starts


@dataclass(frozen=True)
class Choices:
    """Columns of the model: a start of a job on a producer.

    Parameters
    ----------
    job
        Place of the job in the list given, shape (columns,).
    row
        Row of the start, shape (columns,).
    producer
        Place of the producer in the list given, shape (columns,).
    """

    job: NDArray[np.int64]
    row: NDArray[np.int64]
    producer: NDArray[np.int64]

    def __len__(self) -> int:
        """Number of columns."""
        return len(self.row)


def find_choices(starts: Starts, rows: Sequence[NDArray[np.int64]], free_kw: NDArray[np.float64]) -> Choices:
    """The starts that fit each producer when no other of the jobs is there.

    Parameters
    ----------
    starts
        All starts.
    rows
        Rows that each job may choose from.
    free_kw
        What is left at each producer, shape (producers, minutes) [kW].
    """
    jobs = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    flat = np.concatenate(rows).astype(np.int64) if rows else np.empty(0, np.int64)
    fits = find_fitting(free_kw, flat, starts.minute, starts.shape, starts.shape_offset, starts.shape_kw)
    producer, column = np.nonzero(fits)
    order = np.lexsort((producer, column))
    column, producer = column[order], producer[order]
    return Choices(jobs[column], flat[column], producer.astype(np.int64))


@dataclass(frozen=True)
class JobModel:
    """max Σ w·z, Σ z of a job <= 1 (or = 1), Σ load·z <= free in every minute of every producer, z binary.

    Minutes in which all jobs together stay below what is left have no row.

    Parameters
    ----------
    solver
        HiGHS with the model.
    choices
        Its columns.
    """

    solver: Solver
    choices: Choices

    def solve(
        self,
        weight: NDArray[np.float64],
        deadline: Deadline,
        *,
        gap: float = 0.0,
        start: NDArray[np.int64] | None = None,
    ) -> Solution:
        """Choose columns.

        Parameters
        ----------
        weight
            Worth of each column, shape (columns,).
        deadline
            When to stop.
        gap
            Relative gap at which to stop [-].
        start
            Columns of a choice that is known to be possible.

        Returns
        -------
        Solution
            Of the minimisation of -Σ w·z.
        """
        self.solver.change_costs(-weight)
        if start is not None:
            x = np.zeros(len(self.choices))
            x[start] = 1.0
            self.solver.start_from(x)
        return self.solver.solve(deadline, gap=gap)


def build_job_model(
    starts: Starts,
    choices: Choices,
    jobs: int,
    free_kw: NDArray[np.float64],
    *,
    is_whole: bool = False,
    is_relaxed: bool = False,
) -> JobModel:
    """Build the model.

    Parameters
    ----------
    starts, choices
        The starts, and the columns from `find_choices`.
    jobs
        Number of jobs.
    free_kw
        What is left at each producer, shape (producers, minutes), at least 0 [kW].
    is_whole
        Every job has to be placed.
    is_relaxed
        Columns may take any value from 0 to 1.
    """
    columns = len(choices)
    matrix = Matrix()
    matrix.add_columns(columns, 0.0, 1.0, integer=not is_relaxed)
    once = matrix.add_rows(jobs, 1.0 if is_whole else -np.inf, 1.0)
    matrix.put(once[choices.job], np.arange(columns), 1.0)
    top_kw = highest_loads(
        choices.job,
        choices.row,
        choices.producer,
        free_kw.shape[0],
        free_kw.shape[1],
        starts.minute,
        starts.shape,
        starts.shape_offset,
        starts.shape_kw,
    )
    binding = top_kw > free_kw + SLACK_KW
    count = int(binding.sum())
    if count:
        number = np.full(binding.shape, -1, np.int64)
        number[binding] = np.arange(count)
        at, column, kw = entries_of(
            number,
            choices.row,
            choices.producer,
            starts.minute,
            starts.shape,
            starts.shape_offset,
            starts.shape_kw,
        )
        room = matrix.add_rows(count, -np.inf, np.maximum(free_kw[binding], 0.0) + SLACK_KW)
        matrix.put(room[at], column, kw)
    return JobModel(matrix.solver(), choices)
