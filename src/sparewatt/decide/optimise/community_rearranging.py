"""Rearranging: who of some producers supplies which waiting jobs when, changed for more energy, then earlier.

    max Σ energy[j]·(1 - LATE·delay[j]) over the jobs j that a producer supplies,
    Σ_j load[j, t - s[j]] <= production[p, t] - firm[p, t] for every producer p and minute t

``delay`` counts from a job's first start that is left. The discount is so small that it decides only among
plans that cover the same: sun that shines now is lost if nobody uses it, sun to come may still be used by
jobs to come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.requests import open_rows
from sparewatt.decide.optimise.community_exchange_kernel import exchange_jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board

NOT_PLACED = -1
LATE = 1e-5
"""Share of its energy that a job counts less for each minute that it starts later [1/min]."""
ROUNDS_PER_JOB = 300
LEAST_ROUNDS = 30
MOST_PROBES, PROBES_OF_ALL = 8_000_000, 40_000_000
"""Starts on producers that one search looks at, about; and that all producers have together, so that large
neighbourhoods, in which there are many others to turn to, search less for each request."""


@dataclass(frozen=True)
class Arrangement:
    """Where some jobs are.

    Parameters
    ----------
    jobs
        The jobs.
    producer
        Who supplies each, ``NOT_PLACED`` for none of them, shape (jobs,).
    row
        Row of its start, ``NOT_PLACED`` likewise, shape (jobs,).
    """

    jobs: NDArray[np.int64]
    producer: NDArray[np.int64]
    row: NDArray[np.int64]

    def energy_kwh(self, energy_kwh: NDArray[np.float64]) -> float:
        """Energy of the jobs that are supplied, given that of all jobs [kWh]."""
        return float(energy_kwh[self.jobs[self.producer != NOT_PLACED]].sum())


def find_arrangement(board: Board, jobs: Sequence[int], producers: Sequence[int]) -> Arrangement:
    """Where jobs with a profile are now, as far as these producers supply them."""
    places = np.array(jobs, np.int64)
    producer = board.producer_of[places]
    producer = np.where(np.isin(producer, np.array(producers, np.int64)), producer, NOT_PLACED)
    row = [
        board.plans[job].start if p != NOT_PLACED else NOT_PLACED
        for job, p in zip(jobs, producer, strict=True)
    ]
    return Arrangement(places, producer, np.array(row, np.int64))


def rearrange(board: Board, now: Arrangement, producers: NDArray[np.int64]) -> Arrangement:
    """A better arrangement, or the same.

    Parameters
    ----------
    board
        What stands agreed and forecast.
    now
        Where the jobs are; those that are not supplied may come to be, and the other way round.
    producers
        Who may supply them, the first is preferred.
    """
    starts = board.starts
    rows = [open_rows(board, int(job)) for job in now.jobs]
    flat = np.concatenate(rows)
    lengths = np.array([len(own) for own in rows], np.int64)
    begin = np.cumsum(lengths) - lengths
    shape = starts.shape[flat]
    first = int(starts.minute[flat].min())
    end = int((starts.minute[flat] + starts.shape_offset[shape + 1] - starts.shape_offset[shape]).max())
    free_kw = board.production_kw[producers, first:end] - board.booked_kw[producers, first:end]
    place_of = np.full(len(board.waiting) + 1, NOT_PLACED, np.int64)
    place_of[producers] = np.arange(len(producers))
    producer = place_of[now.producer]
    row = np.where(producer == NOT_PLACED, NOT_PLACED, now.row - np.array([own[0] for own in rows]) + begin)
    each_round = max(1, int(lengths.mean()) * len(producers) * (2 + int((producer < 0).sum()) // 3))
    probes = min(MOST_PROBES, PROBES_OF_ALL // max(1, len(board.waiting)))
    rounds = int(np.clip(probes // each_round, LEAST_ROUNDS, ROUNDS_PER_JOB * len(rows)))
    exchange_jobs(
        free_kw,
        begin,
        begin + lengths,
        board.jobs.energy_kwh[now.jobs],
        producer,
        row,
        starts.minute[flat] - first,
        shape,
        starts.shape_offset,
        starts.shape_kw,
        rounds,
        0.0,
        1,
        LATE,
    )
    is_placed = producer != NOT_PLACED
    return Arrangement(
        now.jobs,
        np.where(is_placed, producers[producer], NOT_PLACED),
        np.where(is_placed, flat[row], NOT_PLACED),
    )
