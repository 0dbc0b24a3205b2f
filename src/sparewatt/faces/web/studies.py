"""The studies in the words of the pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StudyWords:
    """A study as pages name it: title, sign, and what it answers."""

    title: str
    icon: str
    what: str


STUDY_WORDS = {
    "depot": StudyWords(
        "Depot",
        "depot",
        "Plan a fleet's charging from its routes, tariff, site capacity and chargers: smart against "
        "unmanaged, and the demand table for the grid connection.",
    ),
    "cluster": StudyWords(
        "Charging hub",
        "plug",
        "Simulate hubs with reservations, V2G and routing under real-time control: least laxity first and "
        "others.",
    ),
    "network": StudyWords(
        "Network",
        "network",
        "Headroom of a low-voltage network by three-phase power flow, how many EVs and heat pumps fit, and "
        "the proof.",
    ),
    "community": StudyWords(
        "Community",
        "sun",
        "Neighbours trade their solar power job by job: how much of the sun they use themselves, beside "
        "the best possible.",
    ),
}
"""In the order of pages."""
