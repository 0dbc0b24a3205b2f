"""What a local search decides: the starts of the jobs that wait for a producer, and of one more."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.narrowing_kernels import narrow_starts, probe_starts
from sparewatt.decide.market.placing_kernels import covered_rows, is_overfull, place_nearest
from sparewatt.decide.market.requests import allowed_kwh, free_kw, open_rows
from sparewatt.decide.market.slack_kernels import NOWHERE, find_start
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board
    from sparewatt.model.starts import Starts

PROBED_POINTS = 100_000_000
"""Points of loads that may be looked at for one request before it is searched; about a tenth of a second."""


@dataclass(frozen=True)
class SearchProblem:
    """Jobs of one producer whose starts may move, in the order of agreement, the new one last.

    Minutes count from ``origin`` on. Only starts at which a job is covered when no other is there are
    looked at.

    Parameters
    ----------
    jobs
        Rows of the jobs.
    origin
        First minute that matters.
    starts
        All starts.
    rows, offset_rows
        Starts of job n are ``rows[offset_rows[n]:offset_rows[n + 1]]``, earliest first.
    allowed_kwh
        Energy of each job that may come from the grid, shape (jobs,) [kWh].
    production_kw, firm_kw
        Forecast, and what cannot move, shape (minutes,) [kW].
    begin, earliest, latest
        Start that the search begins with, first and last start, shape (jobs,) [minutes].
    offset, load_kw
        Load n, between two starts, is ``load_kw[offset[n]:offset[n + 1]]`` [kW].
    """

    jobs: tuple[int, ...]
    origin: int
    starts: Starts
    rows: NDArray[np.int64]
    offset_rows: NDArray[np.int64]
    allowed_kwh: NDArray[np.float64]
    production_kw: NDArray[np.float64]
    firm_kw: NDArray[np.float64]
    begin: NDArray[np.float64]
    earliest: NDArray[np.float64]
    latest: NDArray[np.float64]
    offset: NDArray[np.int64]
    load_kw: NDArray[np.float64]

    def place(self, x: NDArray[np.float64], *, is_exact: bool) -> NDArray[np.int64] | None:
        """Rows of the starts nearest to ``x``, None where a job is not covered there.

        Parameters
        ----------
        x
            Wished starts, shape (jobs,) [minutes].
        is_exact
            The nearest starts or none; otherwise each job takes the nearest that is covered beside those
            before it.
        """
        starts = self.starts
        places = place_nearest(
            x,
            self.production_kw - self.firm_kw,
            self.offset_rows,
            starts.minute[self.rows] - self.origin,
            starts.shape[self.rows],
            starts.shape_offset,
            starts.shape_kw,
            self.allowed_kwh,
            is_exact,
        )
        return None if places[0] == NOWHERE else self.rows[places]

    @property
    def is_hopeless(self) -> bool:
        """Whether some span of time has to hold more energy than is left in it."""
        last = self.rows[self.offset_rows[1:] - 1]
        shape = self.starts.shape[last]
        length = self.starts.shape_offset[shape + 1] - self.starts.shape_offset[shape]
        need = np.add.reduceat(self.load_kw, self.offset[:-1]) - self.allowed_kwh * 60.0
        return bool(
            is_overfull(
                self.earliest.astype(np.int64),
                self.latest.astype(np.int64) + length,
                need,
                self.production_kw - self.firm_kw,
            )
        )


def find_problem(board: Board, producer: int, job: int, allow_partial: float) -> SearchProblem | None:
    """The problem of a producer that is asked for one job more.

    Jobs that cannot meet the new one, nor any that could, stay where they are. None where nobody is in the
    way, or where a job finds no start even without the others.

    Parameters
    ----------
    board
        What stands agreed and forecast.
    producer, job
        Who is asked, and for which job.
    allow_partial
        Share of each job's energy that may come from the grid [0-1].
    """
    waiting = tuple(old for old in board.waiting[producer] if not board.jobs.is_flexible[old])
    jobs = (*find_meeting(board, waiting, job), job)
    if len(jobs) == 1:
        return None
    standing = free_kw(board, producer)
    free = standing.copy()
    for old in jobs[:-1]:
        plan = board.plans[old]
        free[plan.minute : plan.minute + len(plan.kw)] += plan.kw
    starts = board.starts
    arrays = (starts.minute, starts.shape, starts.shape_offset, starts.shape_kw)
    allowed = np.array([allowed_kwh(board, each, allow_partial) for each in jobs])
    own = [
        covered_rows(free, open_rows(board, each), *arrays, kwh)
        for each, kwh in zip(jobs, allowed, strict=True)
    ]
    if not all(len(rows) for rows in own):
        return None
    rows = np.concatenate(own)
    lengths = starts.shape_offset[starts.shape[rows] + 1] - starts.shape_offset[starts.shape[rows]]
    origin = int(starts.minute[rows].min())
    end = int((starts.minute[rows] + lengths).max()) + 1
    left = np.zeros(end - origin)
    left[: len(free) - origin] = free[origin:end]
    offset_rows = _offsets(own)
    if allow_partial <= 0.0:
        alive = find_alive(starts, rows, offset_rows, origin, left)
        if alive is None:
            return None
        own = [
            rows[part][alive[part]]
            for part in (slice(a, b) for a, b in itertools.pairwise(offset_rows.tolist()))
        ]
        rows, offset_rows = np.concatenate(own), _offsets(own)
    production = np.zeros(end - origin)
    production[: len(free) - origin] = board.production_kw[producer, origin:end]
    loads = [starts.load(int(part[0]))[1] for part in own]
    earliest, latest = (starts.minute[[part[at] for part in own]] - origin for at in (0, -1))
    new = find_start(standing, own[-1], *arrays, np.inf, False)
    begin = np.array([*(board.plans[old].minute for old in jobs[:-1]), int(starts.minute[new])]) - origin
    return SearchProblem(
        jobs=jobs,
        origin=origin,
        starts=starts,
        rows=rows,
        offset_rows=offset_rows,
        allowed_kwh=allowed,
        production_kw=production,
        firm_kw=production - left,
        begin=np.clip(begin, earliest, latest).astype(np.float64),
        earliest=earliest.astype(np.float64),
        latest=latest.astype(np.float64),
        offset=_offsets(loads),
        load_kw=np.concatenate(loads),
    )


def find_alive(
    starts: Starts,
    rows: NDArray[np.int64],
    offset_rows: NDArray[np.int64],
    origin: int,
    free_kw: NDArray[np.float64],
) -> NDArray[np.bool_] | None:
    """Which starts some choice of all jobs together may contain; None where there is no such choice.

    Where jobs are many, only some of them are probed, the new one first.

    Parameters
    ----------
    starts, rows, offset_rows, origin
        As of `SearchProblem`.
    free_kw
        What is left for all jobs, shape (minutes,) [kW].
    """
    alive = np.ones(len(rows), np.bool_)
    shape = starts.shape[rows]
    points = int((starts.shape_offset[shape + 1] - starts.shape_offset[shape]).sum())
    budget = PROBED_POINTS
    arrays = (
        free_kw,
        offset_rows,
        starts.minute[rows] - origin,
        shape,
        starts.shape_offset,
        starts.shape_kw,
    )
    if not narrow_starts(alive, *arrays):
        return None
    # The new job first: it is the one that most often has no place.
    for job in reversed(range(len(offset_rows) - 1)):
        budget -= points * int(alive[offset_rows[job] : offset_rows[job + 1]].sum())
        if budget < 0:
            break
        if not probe_starts(alive, job, *arrays):
            return None
    return alive


def _offsets(parts: Sequence[NDArray[np.generic]]) -> NDArray[np.int64]:
    """Where each part begins when they stand one after the other."""
    return np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)


def find_meeting(board: Board, waiting: tuple[int, ...], job: int) -> tuple[int, ...]:
    """Those of the waiting jobs that can meet a new one, or one that can, in the order given.

    Two jobs can meet where the spans from earliest start to latest end have a minute in common.
    """
    jobs, now_s = board.jobs, board.now_s
    each = np.array([*waiting, job], np.int64)
    first = np.maximum(jobs.earliest_s[each], now_s) // MINUTE_S
    end = -(-jobs.end_s[each] // MINUTE_S)
    begin, until = int(first[-1]), int(end[-1])
    while True:
        meets = (first < until) & (end > begin)
        wider = int(first[meets].min()), int(end[meets].max())
        if wider == (begin, until):
            return tuple(old for old, is_met in zip(waiting, meets, strict=False) if is_met)
        begin, until = wider
