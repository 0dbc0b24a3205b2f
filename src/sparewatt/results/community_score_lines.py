"""Scores of a repetition over time, producer by producer, from the files of a community run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sparewatt.results.community_part_reading import read_rows
from sparewatt.results.series_files import refused

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.results.community_part_reading import CommunityFacts


@dataclass(frozen=True)
class ScoreLine:
    """The score of a producer over time: ``score[n]`` holds from ``time_s[n]`` on.

    Parameters
    ----------
    producer
        Its id.
    time_s
        When it changed, the first at time 0, shape (points,) [s since 1970].
    score
        Shape (points,).
    """

    producer: str
    time_s: NDArray[np.int64]
    score: NDArray[np.float64]

    @property
    def moved(self) -> float:
        """How far it went from where it began at most."""
        return float(np.abs(self.score - self.score[0]).max())


def read_score_lines(directory: Path, facts: CommunityFacts, repetition: int) -> tuple[ScoreLine, ...]:
    """The scores of all producers in a repetition, those that moved most first."""
    table = read_rows(directory, "scores", {"repetition": repetition})
    names = read_rows(directory, "producers", {})["ids"].to_pylist()
    try:
        producer = np.asarray(table["producer"].to_numpy(), dtype=np.int64)
        time_s = facts.origin_s + np.asarray(table["time_s"].to_numpy(), dtype=np.int64)
        score = np.asarray(table["score"].to_numpy(), dtype=np.float64)
        order = np.lexsort((time_s, producer))
        cuts = np.flatnonzero(np.diff(producer[order])) + 1
        lines = [
            ScoreLine(str(names[int(producer[rows[0]])]), time_s[rows], score[rows])
            for rows in np.split(order, cuts)
            if len(rows)
        ]
    except (KeyError, ValueError, IndexError, TypeError, pa.ArrowException) as error:
        raise refused("series of the neighbourhood", f"the files do not fit together: {error}") from None
    return tuple(sorted(lines, key=lambda line: -line.moved))
