"""Writing the scores of producers back into their neighbourhood's folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sparewatt.inputs.community.own_files import SCORES
from sparewatt.inputs.community.whole_text import write_whole_text
from sparewatt.inputs.finding_log import FindingLog

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.finding import Finding


def scores_text(producers: Sequence[str], scores: NDArray[np.float64]) -> str:
    """Scores by producer as JSON, which reads as the same."""
    return json.dumps(dict(zip(producers, scores.tolist(), strict=True)), indent=1, ensure_ascii=False) + "\n"


def write_producer_scores(
    folder: Path, producers: Sequence[str], scores: NDArray[np.float64]
) -> tuple[Finding, ...]:
    """Keep scores for the next run of a neighbourhood; whole, or as they were.

    Parameters
    ----------
    folder
        The neighbourhood's folder.
    producers, scores
        Ids, and a score each, shape (producers,).

    Returns
    -------
    A warning where the folder cannot be written to; a file that says the same already is left alone.
    """
    path, text = folder / SCORES, scores_text(producers, scores)
    log = FindingLog()
    try:
        if not path.is_file() or path.read_text(encoding="utf-8", errors="replace") != text:
            write_whole_text(path, text)
    except OSError as error:
        message = f"the scores cannot be kept for the next run: {error.strerror or type(error).__name__}"
        log.add("community.scores.kept", "warning", SCORES, message, "", "a folder that can be written to")
    return log.findings()
