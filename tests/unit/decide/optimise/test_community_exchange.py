"""Exchanging jobs: the kernel is its plain meaning, and what it leaves is consistent."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sparewatt.decide.optimise.community_exchange_kernel import MOST_OUT, PARTS, exchange_jobs

SLACK = 1e-9
MASK = 2**64 - 1


class Plain:
    """As the docstring of the kernel tells it, on lists."""

    def __init__(self, free, jobs, worth, seed, late=0.0):
        self.free, self.jobs, self.worth = [list(map(float, own)) for own in free], jobs, worth
        self.late = late
        self.at = [None] * len(jobs)
        self.state = (seed * 2654435761 + 88172645463325252) & MASK

    def draw(self, below):
        x = self.state
        x ^= (x << 13) & MASK
        x ^= x >> 7
        x ^= (x << 17) & MASK
        self.state = x
        return x % below

    def book(self, job, sign):
        if self.at[job] is not None:
            p, start = self.at[job]
            for k, kw in enumerate(self.jobs[job][1]):
                self.free[p][start + k] += sign * kw

    def choose(self):
        out = []
        for _ in range(1 + self.draw(MOST_OUT)):
            job = self.draw(len(self.jobs))
            out += [job] if job not in out else []
        first = list(out)
        for job, place in enumerate(self.at):
            if place is None and self.draw(3) == 0 and job not in first:
                out.append(job)
        for k in range(len(out) - 1, 0, -1):
            other = self.draw(k + 1)
            out[k], out[other] = out[other], out[k]
        return out

    def put_in(self, job):
        starts, load = self.jobs[job]
        places = [(p, s) for p in range(len(self.free)) for s in starts]
        if self.late:
            places = [(p, s) for s in starts for p in range(len(self.free))]
        turn = self.draw(len(places)) if self.draw(4) == 0 else 0
        for p, s in places[turn:] + places[:turn]:
            if all(kw == 0 or self.free[p][s + k] >= kw - SLACK for k, kw in enumerate(load)):
                self.at[job] = (p, s)
                self.book(job, -1)
                return

    def value(self, job):
        if self.at[job] is None:
            return 0.0
        return self.worth[job] * (1 - self.late * (self.at[job][1] - self.jobs[job][0][0]))

    def run(self, rounds, heat):
        gain = best = 0.0
        kept = list(self.at)
        for n in range(rounds):
            out = self.choose()
            before = {job: self.at[job] for job in out}
            change = 0.0
            for job in out:
                change -= self.value(job)
            for job in out:
                self.book(job, 1)
                self.at[job] = None
            for job in out:
                self.put_in(job)
                change += self.value(job)
            left = heat * (1 - n / rounds)
            if change >= 0 or (left > 0 and self.draw(PARTS) / PARTS < math.exp(change / left)):
                gain += change
                if gain > best + 1e-12:
                    best, kept = gain, list(self.at)
                continue
            for job in out:
                self.book(job, 1)
                self.at[job] = before[job]
            for job in out:
                self.book(job, -1)
        return kept


def case(seed):
    """Jobs with starts and loads in halves of a kW, so that sums are exact."""
    rng = np.random.default_rng(seed)
    free = rng.integers(0, 7, (int(rng.integers(1, 4)), 30)) / 2
    jobs = []
    for _ in range(int(rng.integers(2, 9))):
        load = (rng.integers(0, 4, int(rng.integers(1, 9))) / 2).tolist()
        first = int(rng.integers(0, 10))
        jobs.append((list(range(first, first + int(rng.integers(1, 12)))), load))
    worth = [max(0.5, sum(load)) for _, load in jobs]
    return free, jobs, worth


def kernel(free, jobs, worth, rounds, heat, seed, late=0.0):
    left = free.astype(float).copy()
    counts = [len(starts) for starts, _ in jobs]
    end = np.cumsum(counts)
    minute = np.concatenate([starts for starts, _ in jobs]).astype(np.int64)
    shape = np.repeat(np.arange(len(jobs)), counts)
    shape_offset = np.concatenate([[0], np.cumsum([len(load) for _, load in jobs])]).astype(np.int64)
    shape_kw = np.concatenate([load for _, load in jobs])
    producer, row = np.full(len(jobs), -1), np.full(len(jobs), -1)
    exchange_jobs(
        left,
        end - counts,
        end,
        np.array(worth),
        producer,
        row,
        minute,
        shape,
        shape_offset,
        shape_kw,
        rounds,
        heat,
        seed,
        late,
    )
    at = [(int(p), int(minute[r])) if p >= 0 else None for p, r in zip(producer, row, strict=True)]
    return at, left


@pytest.mark.parametrize("heat", [0.0, 1.0])
@pytest.mark.parametrize("seed", range(10))
def test_the_kernel_is_its_plain_meaning(seed, heat):
    free, jobs, worth = case(seed)
    assert kernel(free, jobs, worth, 200, heat, seed + 1)[0] == Plain(free, jobs, worth, seed + 1).run(
        200, heat
    )


@pytest.mark.parametrize("seed", range(10))
def test_the_kernel_is_its_plain_meaning_where_late_starts_are_worth_less(seed):
    free, jobs, worth = case(seed)
    late = 2.0**-9  # a power of two, so that sums are exact
    assert kernel(free, jobs, worth, 200, 0.0, seed + 1, late)[0] == Plain(
        free, jobs, worth, seed + 1, late
    ).run(200, 0.0)


def test_of_plans_that_cover_the_same_the_earliest_is_kept():
    """Two jobs of 1 kW under 1 kW of two producers: both at 0, not one after the other."""
    jobs = [(list(range(6)), [1.0] * 3)] * 2
    at, _ = kernel(np.ones((2, 9)), jobs, [3.0, 3.0], 200, 0.0, 1, 1e-5)
    assert sorted(at) == [(0, 0), (1, 0)]


@pytest.mark.parametrize("seed", range(10))
def test_what_is_left_is_what_the_placed_jobs_leave(seed):
    free, jobs, worth = case(seed)
    at, left = kernel(free, jobs, worth, 300, 1.0, 1)
    used = np.zeros_like(free)
    for place, (_, load) in zip(at, jobs, strict=True):
        if place is not None:
            used[place[0], place[1] : place[1] + len(load)] += load
    np.testing.assert_array_equal(left, free - used)
    assert left.min() >= 0.0


def test_without_producers_or_jobs_nothing_happens():
    _, jobs, worth = case(1)
    assert kernel(np.empty((0, 30)), jobs, worth, 10, 0.0, 1)[0] == [None] * len(jobs)
