"""The model of jobs on producers: which start of which job on which producer, no minute overbooked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.decide.optimise.community_flexible import NEAR_KWMIN, add_charging
from sparewatt.decide.optimise.community_kernels import entries_of, find_fitting, highest_loads
from sparewatt.decide.optimise.matrix import Matrix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.community_flexible import Charging, ChargingColumns
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
class Charge:
    """Columns of the model: a flexible job on a producer.

    Parameters
    ----------
    charging
        The job.
    producer
        Place of the producer in the list given.
    taken
        Binary column: the producer supplies the job.
    columns
        Of its minutes.
    """

    charging: Charging
    producer: int
    taken: int
    columns: ChargingColumns

    @property
    def power(self) -> NDArray[np.int64]:
        """Columns of the power in the minutes of its window, shape (minutes,)."""
        return self.columns.power

    def put_in(self, x: NDArray[np.float64], kw: NDArray[np.float64]) -> None:
        """Write powers of the window [kW] into values of all columns."""
        x[self.taken] = 1.0
        x[self.power] = kw
        if len(self.columns.on):
            x[self.columns.on] = kw > 0.0
            x[self.columns.last] = (kw > 0.0) & (kw < self.charging.least_kw)


@dataclass(frozen=True)
class JobModel:
    """max Σ w·z, Σ z of a job <= 1 (or = 1), Σ load·z <= free in every minute of every producer, z binary.

    Minutes in which all jobs together stay below what is left have no row.

    Parameters
    ----------
    solver
        HiGHS with the model.
    columns
        How many it has.
    choices
        The first columns.
    charges
        Flexible jobs on producers.
    """

    solver: Solver
    columns: int
    choices: Choices
    charges: tuple[Charge, ...]

    def solve(
        self,
        weight: NDArray[np.float64],
        deadline: Deadline,
        *,
        gap: float = 0.0,
        start: NDArray[np.int64] | None = None,
        powers: Mapping[int, NDArray[np.float64]] | None = None,
        looks: int | None = None,
    ) -> Solution:
        """Choose columns.

        Parameters
        ----------
        weight
            Worth of the choices, then of the charges, shape (choices + charges,).
        deadline
            When to stop.
        gap
            Relative gap at which to stop [-].
        start
            Choices that are known to be possible together.
        powers
            Powers of the charges that are possible beside them, by place in ``charges``, each within the
            range of its job [kW].
        looks
            As of `Solver.solve`.

        Returns
        -------
        Solution
            Of the minimisation of -Σ w·z.
        """
        cost = np.zeros(self.columns)
        cost[: len(self.choices)] = -weight[: len(self.choices)]
        for charge, worth in zip(self.charges, weight[len(self.choices) :], strict=True):
            cost[charge.taken] = -worth
        self.solver.change_costs(cost)
        if start is not None:
            x = np.zeros(self.columns)
            x[start] = 1.0
            for place, kw in ({} if powers is None else powers).items():
                self.charges[place].put_in(x, kw)
            self.solver.start_from(x)
        return self.solver.solve(deadline, gap=gap, looks=looks)


def build_job_model(
    starts: Starts,
    choices: Choices,
    jobs: int,
    free_kw: NDArray[np.float64],
    *,
    is_whole: bool = False,
    charging: Sequence[Charging] = (),
    is_exact: bool = True,
) -> JobModel:
    """Build the model.

    Parameters
    ----------
    starts, choices
        The starts, and the columns from `find_choices`.
    jobs
        Number of jobs with a profile.
    free_kw
        What is left at each producer, shape (producers, minutes), at least 0 [kW].
    is_whole
        Every job with a profile has to be placed.
    charging
        Flexible jobs.
    is_exact
        Flexible jobs keep to their range of power; otherwise to its upper end only.
    """
    matrix = Matrix()
    matrix.add_columns(len(choices), 0.0, 1.0, integer=True)
    once = matrix.add_rows(jobs, 1.0 if is_whole else -np.inf, 1.0)
    matrix.put(once[choices.job], np.arange(len(choices)), 1.0)
    charges = _add_charges(matrix, charging, free_kw, is_exact=is_exact)
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
    for charge in charges:
        top_kw[charge.producer, charge.charging.minutes] += charge.charging.room_kw(free_kw[charge.producer])
    binding = top_kw > free_kw + SLACK_KW
    count = int(binding.sum())
    number = np.full(binding.shape, -1, np.int64)
    number[binding] = np.arange(count)
    room = matrix.add_rows(count, -np.inf, np.maximum(free_kw[binding], 0.0) + SLACK_KW)
    at, column, kw = entries_of(
        number,
        choices.row,
        choices.producer,
        starts.minute,
        starts.shape,
        starts.shape_offset,
        starts.shape_kw,
    )
    matrix.put(room[at], column, kw)
    for charge in charges:
        rows = number[charge.producer, charge.charging.minutes]
        matrix.put(room[rows[rows >= 0]], charge.power[rows >= 0], 1.0)
    return JobModel(matrix.solver(), matrix.columns, choices, charges)


def _add_charges(
    matrix: Matrix, charging: Sequence[Charging], free_kw: NDArray[np.float64], *, is_exact: bool
) -> tuple[Charge, ...]:
    """Columns of flexible jobs on the producers that have enough for them; each on one at most."""
    charges = []
    for job in charging:
        once = matrix.add_rows(1, -np.inf, 1.0)
        for producer in range(len(free_kw)):
            room_kw = job.room_kw(free_kw[producer])
            if job.most_kwmin(room_kw) < job.need - NEAR_KWMIN:
                continue
            taken = matrix.add_columns(1, 0.0, 1.0, integer=True)
            matrix.put(once, taken, 1.0)
            columns = add_charging(matrix, job, room_kw, int(taken[0]), is_exact=is_exact)
            charges.append(Charge(job, producer, int(taken[0]), columns))
    return tuple(charges)
