"""Kernel: take some jobs out and put them in again elsewhere, as long as time is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.slack_kernels import SLACK_KW
from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_OUT = 3
"""Placed jobs that are taken out in one round at most."""
PARTS = 1_000_000
NEAR = 1e-12


@kernel()
def exchange_jobs(
    free_kw: NDArray[np.float64],
    begin: NDArray[np.int64],
    end: NDArray[np.int64],
    worth: NDArray[np.float64],
    producer: NDArray[np.int64],
    row: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
    rounds: int,
    heat: float,
    seed: int,
    late: float = 0.0,
) -> None:
    """Improve who supplies which job when: in each round a few jobs go out and come in again, shuffled.

    In plain Python::

        for n in range(rounds):
            out = up to MOST_OUT jobs by chance, and of the jobs without a producer one in three
            take out; shuffle(out)
            for job in out:
                places = [(p, r) for p in producers for r in starts of job]  # late > 0: r before p
                if draw(4) == 0: turn places round by draw(len(places))
                put it at the first that is covered, or nowhere; there it is worth
                    worth[job] * (1 - late * (minute[r] - minute[begin[job]]))
            if loss > 0 and draw(PARTS) / PARTS >= exp(-loss / (heat * (1 - n / rounds))):
                take back the round
            keep the best seen

    Parameters
    ----------
    free_kw
        What is left beside all jobs that are placed; in the end beside the best, shape
        (producers, minutes) [kW].
    begin, end
        Starts of each job are the rows ``begin:end``, shape (jobs,).
    worth
        Of each job, > 0, shape (jobs,).
    producer, row
        Where each job is, -1 for nowhere; in the end the best seen, shape (jobs,).
    minute, shape, shape_offset, shape_kw
        As in `Starts`.
    rounds
        How many.
    heat
        Loss that is let pass with a chance of 1/e in the first round, less and less later.
    seed
        Of all chances, > 0.
    late
        Share of its worth that a job loses for each minute between its first start and its own [1/min].
    """
    jobs = len(begin)
    if jobs == 0 or free_kw.shape[0] == 0:
        return
    state = np.array([np.uint64(seed) * np.uint64(2654435761) + np.uint64(88172645463325252)])
    arrays = (minute, shape, shape_offset, shape_kw)
    best_producer, best_row = producer.copy(), row.copy()
    gain, best = 0.0, 0.0
    out = np.empty(jobs, np.int64)
    old_producer, old_row = np.empty(jobs, np.int64), np.empty(jobs, np.int64)
    for n in range(rounds):
        chosen = out[: _choose_out(state, producer, out)]
        change = 0.0
        for job in chosen:
            change -= _worth(job, begin, worth, late, producer, row, minute)
        _take_out(free_kw, chosen, producer, row, old_producer, old_row, *arrays)
        for job in chosen:
            _put_in(state, free_kw, job, begin[job], end[job], late, producer, row, *arrays)
            change += _worth(job, begin, worth, late, producer, row, minute)
        left = heat * (1.0 - n / rounds)
        if change >= 0.0 or (left > 0.0 and _draw(state, PARTS) / PARTS < np.exp(change / left)):
            gain += change
            if gain > best + NEAR:
                best = gain
                best_producer[:], best_row[:] = producer, row
        else:
            _place(free_kw, chosen, 1.0, producer, row, *arrays)
            producer[chosen], row[chosen] = old_producer[: len(chosen)], old_row[: len(chosen)]
            _place(free_kw, chosen, -1.0, producer, row, *arrays)
    everyone = np.arange(jobs)
    _place(free_kw, everyone, 1.0, producer, row, *arrays)
    producer[:], row[:] = best_producer, best_row
    _place(free_kw, everyone, -1.0, producer, row, *arrays)


@kernel()
def _worth(
    job: int,
    begin: NDArray[np.int64],
    worth: NDArray[np.float64],
    late: float,
    producer: NDArray[np.int64],
    row: NDArray[np.int64],
    minute: NDArray[np.int64],
) -> float:
    """What a job is worth where it is, nothing where no producer supplies it."""
    if producer[job] < 0:
        return 0.0
    if late == 0.0:
        return worth[job]  # type: ignore[no-any-return]
    return worth[job] * (1.0 - late * (minute[row[job]] - minute[begin[job]]))  # type: ignore[no-any-return]


@kernel()
def _take_out(
    free_kw: NDArray[np.float64],
    chosen: NDArray[np.int64],
    producer: NDArray[np.int64],
    row: NDArray[np.int64],
    old_producer: NDArray[np.int64],
    old_row: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> None:
    """Take jobs out and remember where they were."""
    _place(free_kw, chosen, 1.0, producer, row, minute, shape, shape_offset, shape_kw)
    for k, job in enumerate(chosen):
        old_producer[k], old_row[k] = producer[job], row[job]
        producer[job] = row[job] = -1


@kernel()
def _place(
    free_kw: NDArray[np.float64],
    chosen: NDArray[np.int64],
    sign: float,
    producer: NDArray[np.int64],
    row: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> None:
    """Add the loads of some jobs to what is left, or take them from it."""
    for job in chosen:
        if producer[job] >= 0:
            _add_load(free_kw, producer[job], row[job], sign, minute, shape, shape_offset, shape_kw)


@kernel()
def _draw(state: NDArray[np.uint64], below: int) -> int:
    """A number from 0 to below - 1 (xorshift)."""
    x = state[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    state[0] = x
    left: int = np.int64(x % np.uint64(below))  # type: ignore[assignment]
    return left


@kernel()
def _choose_out(state: NDArray[np.uint64], producer: NDArray[np.int64], out: NDArray[np.int64]) -> int:
    """Jobs of one round in shuffled order; how many."""
    count = 0
    for _ in range(1 + _draw(state, MOST_OUT)):
        job = _draw(state, len(producer))
        is_new = True
        for k in range(count):
            is_new = is_new and out[k] != job
        if is_new:
            out[count] = job
            count += 1
    chosen = count
    for job in range(len(producer)):
        if producer[job] < 0 and _draw(state, 3) == 0:
            is_new = True
            for k in range(chosen):
                is_new = is_new and out[k] != job
            if is_new:
                out[count] = job
                count += 1
    for k in range(count - 1, 0, -1):
        other = _draw(state, k + 1)
        out[k], out[other] = out[other], out[k]
    return count


@kernel()
def _put_in(
    state: NDArray[np.uint64],
    free_kw: NDArray[np.float64],
    job: int,
    begin: int,
    end: int,
    late: float,
    producer: NDArray[np.int64],
    row: NDArray[np.int64],
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> None:
    """Put a job at the first place where it is covered, places turned round by chance now and then."""
    starts = end - begin
    places = starts * free_kw.shape[0]
    if places == 0:
        return
    turn = _draw(state, places) if _draw(state, 4) == 0 else 0
    for k in range(places):
        place = (turn + k) % places
        p, r = place // starts, begin + place % starts
        if late > 0.0:
            p, r = place % free_kw.shape[0], begin + place // free_kw.shape[0]
        first = shape_offset[shape[r]]
        is_covered = True
        for m in range(shape_offset[shape[r] + 1] - first):
            kw = shape_kw[first + m]
            if kw > 0.0 and free_kw[p, minute[r] + m] < kw - SLACK_KW:
                is_covered = False
                break
        if is_covered:
            producer[job], row[job] = p, r
            _add_load(free_kw, p, r, -1.0, minute, shape, shape_offset, shape_kw)
            return


@kernel()
def _add_load(
    free_kw: NDArray[np.float64],
    p: int,
    r: int,
    sign: float,
    minute: NDArray[np.int64],
    shape: NDArray[np.int64],
    shape_offset: NDArray[np.int64],
    shape_kw: NDArray[np.float64],
) -> None:
    first = shape_offset[shape[r]]
    for k in range(shape_offset[shape[r] + 1] - first):
        free_kw[p, minute[r] + k] += sign * shape_kw[first + k]
