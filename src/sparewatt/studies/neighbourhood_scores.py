"""Scores of a neighbourhood's producers as its next run begins with them, of a draft too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.model.market_rules import START_SCORE

if TYPE_CHECKING:
    from sparewatt.studies.neighbourhood_keeping import OpenDraft


def draft_scores(opened: OpenDraft) -> dict[str, float]:
    """The score of each producer with a forecast, in the order in which they are named."""
    producers = dict.fromkeys(line.producer for line in opened.draft.forecasts)
    return {producer: opened.kept.scores.get(producer, START_SCORE) for producer in producers}
