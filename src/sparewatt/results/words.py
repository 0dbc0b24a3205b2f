"""Words: what a run found, in sentences that people can hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.study_results import results_of

if TYPE_CHECKING:
    from sparewatt.results.outcome import Outcome


def outcome_sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found, most important first; every sentence stands alone."""
    return results_of(outcome.study).sentences(outcome)


def headline(outcome: Outcome) -> str:
    """The first thing to know, in one sentence."""
    return outcome_sentences(outcome)[0]
