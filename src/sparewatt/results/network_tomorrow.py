"""What the day after a network run is likely to bring, zone by zone, by the rule that scored best there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sparewatt.results.network_view import NetworkView

HALF, SURE = 0.5, 0.1
"""Levels that are told: as likely as not, and stayed above with 90 %."""
_MINUTES = 60


class ZoneTomorrow(NamedTuple):
    """One zone.

    Parameters
    ----------
    rule
        That scored best in the zone.
    pinball_kva
        Its mean loss there [kVA].
    skill
        What it saves of the loss of the first rule [0-1].
    least_kva
        Where the median forecast of the day falls lowest [kVA].
    sure_kva
        What is stayed above then with 90 % [kVA].
    at
        Local time of day then, ``HH:MM``.
    """

    rule: str
    pinball_kva: float
    skill: float
    least_kva: float
    sure_kva: float
    at: str


def zones_tomorrow(view: NetworkView) -> tuple[ZoneTomorrow, ...]:
    """Every zone; nothing where nothing was forecast."""
    told, scores = view.tomorrow, view.forecasts
    if told is None or scores is None or not scores.days:
        return ()
    best = scores.best_of_zones
    half, sure = (told.level_kva(level, best) for level in (HALF, SURE))
    rows = []
    for z, r in enumerate(best.tolist()):
        slot = int(half[z].argmin())
        minute = round(slot * told.step_h * _MINUTES)
        rows.append(
            ZoneTomorrow(
                scores.names[r],
                float(scores.zone_pinball_kva[r, z]),
                float(scores.zone_skill[z]),
                float(half[z, slot]),
                float(sure[z, slot]),
                f"{minute // _MINUTES:02d}:{minute % _MINUTES:02d}",
            )
        )
    return tuple(rows)


def tightest_tomorrow(view: NetworkView) -> int | None:
    """Row of the zone whose median forecast falls lowest; ``None`` where nothing was forecast."""
    rows = zones_tomorrow(view)
    return min(range(len(rows)), key=lambda z: rows[z].least_kva) if rows else None
