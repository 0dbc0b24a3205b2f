"""Control rules of a hub as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.model.operating_rules import Control


class ControlWords(NamedTuple):
    """What a control rule is called, and what it does.

    Parameters
    ----------
    label
        Its name, in the middle of a sentence.
    meaning
        What it does, as a sentence.
    """

    label: str
    meaning: str


CONTROL_WORDS: Mapping[Control, ControlWords] = {
    "uncontrolled": ControlWords(
        "no control", "Full power until the battery is full; limits and targets are not looked at."
    ),
    "first_come_first_served": ControlWords(
        "first come, first served",
        "Who was connected first gets all it can take, the next what is left under the limit.",
    ),
    "earliest_deadline_first": ControlWords(
        "earliest deadline first", "Who has declared to leave first is served first."
    ),
    "least_laxity_first": ControlWords(
        "least laxity first", "Who has the least time to spare until its target is served first."
    ),
    "equal_share": ControlWords(
        "equal shares", "Everybody gets the same power, or all it can take where that is less."
    ),
    "milp": ControlWords(
        "optimised per cluster (MILP)",
        "A plan for the hours ahead, made anew in every step: close to what was promised, within the limits.",
    ),
    "feasible_milp": ControlWords(
        "optimised per cluster, limits first (MILP)",
        "The same plan as above: both plan the least violation where the limits cannot be kept.",
    ),
    "central_milp": ControlWords(
        "optimised over all clusters (MILP)",
        "One plan for all clusters, with the limits of their sum and of their differences.",
    ),
}
"""By the name in scenario files."""


def control_label(name: str) -> str:
    """What a rule is called; its own name where it is none of ours."""
    return next((words.label for control, words in CONTROL_WORDS.items() if control == name), name)
