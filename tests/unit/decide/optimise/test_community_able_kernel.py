"""Who could supply what, against the plain meaning; and who cannot even if smaller jobs go."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.optimise.community_able_kernel import find_able

OFFSET = np.array([0, 2, 5, 5])
MINUTE = np.array([0, 3, 1, 2, 4])
SHAPE = np.array([0, 0, 1, 1, 1])
SHAPE_OFFSET = np.array([0, 2, 5])
SHAPE_KW = np.array([1.0, 2.0, 1.0, 0.0, 1.5])


def plain(free_kw: np.ndarray, producers: list[int], jobs: list[int], now_s: int) -> list[list[bool]]:
    """As the docstring says."""
    return [
        [
            any(
                all(
                    free_kw[p][MINUTE[r] + k] >= kw
                    for k, kw in enumerate(SHAPE_KW[SHAPE_OFFSET[SHAPE[r]] : SHAPE_OFFSET[SHAPE[r] + 1]])
                    if kw
                )
                for r in range(OFFSET[job], OFFSET[job + 1])
                if MINUTE[r] * 60 >= now_s
            )
            for p in producers
        ]
        for job in jobs
    ]


@pytest.mark.parametrize("seed", range(30))
def test_as_the_plain_meaning(seed: int) -> None:
    """Three jobs, one without a start, five producers of whom three are looked at."""
    rng = np.random.default_rng(seed)
    free_kw = rng.integers(0, 4, (5, 7)) * 0.75
    producers, jobs, now_s = [4, 0, 2], [2, 0, 1], int(rng.integers(0, 240))
    found = find_able(
        free_kw,
        np.array(producers),
        np.array(jobs),
        now_s,
        OFFSET,
        MINUTE * 60,
        MINUTE,
        SHAPE,
        SHAPE_OFFSET,
        SHAPE_KW,
    )
    assert found.tolist() == plain(free_kw, producers, jobs, now_s)
