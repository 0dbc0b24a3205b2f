"""The pictures of one community run, by the section of the report that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.results.figures.community_contracts import contracts_picture
from sparewatt.results.figures.community_energy import energy_picture, household_picture
from sparewatt.results.figures.community_houses import bills_picture, houses_picture
from sparewatt.results.figures.community_matching import matching_picture
from sparewatt.results.figures.community_repetitions import best_picture, repetitions_picture
from sparewatt.results.figures.community_scores import scores_picture
from sparewatt.results.figures.community_window import close_window, day_window, whole_window

if TYPE_CHECKING:
    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun
    from sparewatt.results.figures.picture import Picture

MOST_HOUSEHOLDS = 6
"""Houses shown one by one."""
MOST_OTHERS = 5
"""Repetitions shown beside the chosen one."""


class CommunityPictures(NamedTuple):
    """Pictures by section.

    Parameters
    ----------
    energy
        All houses over time, the jobs against the sun, the best possible.
    houses
        All houses side by side.
    households
        One house each, with its row.
    contracts
        Contracts and scores.
    repetitions
        The repetitions; empty where there is only one.
    others
        Energy of some other repetitions, with their numbers.
    bills
        What every house pays.
    """

    energy: tuple[Picture, ...]
    houses: tuple[Picture, ...]
    households: tuple[tuple[int, Picture], ...]
    contracts: tuple[Picture, ...]
    repetitions: tuple[Picture, ...]
    others: tuple[tuple[int, Picture], ...]
    bills: tuple[Picture, ...]


def community_pictures(run: CommunityRun, chosen: Repetition) -> CommunityPictures:
    """The pictures of a run.

    Parameters
    ----------
    run
        What is shown.
    chosen
        The repetition that is shown in detail; ``run.flows`` must have it.
    """
    whole = whole_window(run)
    day = day_window(run, chosen, whole.size if not day_window(run, chosen).reason else _day_size(run))
    energy = [energy_picture(run, chosen, whole, "energy")]
    if chosen.minutes.load_kw.any():
        energy.append(energy_picture(run, chosen, close_window(run, chosen), "close"))
        energy.append(matching_picture(run, chosen, "matching"))
    if run.bounds is not None:
        energy.append(best_picture(run, "best"))
    contracts = []
    if len(run.neighbourhood.producers):
        contracts = [contracts_picture(run, chosen, day, "contracts"), scores_picture(run, chosen, "scores")]
    several = len(run.repetitions) > 1
    return CommunityPictures(
        energy=tuple(energy),
        houses=(houses_picture(run, chosen, "houses"),),
        households=tuple(
            (house, household_picture(run, chosen, house, day, f"house{place}"))
            for place, house in enumerate(find_households(chosen))
        ),
        contracts=tuple(contracts),
        repetitions=(repetitions_picture(run, chosen.number, "repetitions"),) if several else (),
        others=tuple(
            (r.number, energy_picture(run, r, whole, f"repetition{r.number}"))
            for r in find_others(run, chosen)
        ),
        bills=(bills_picture(run, chosen, "bills"),),
    )


def find_households(repetition: Repetition) -> list[int]:
    """Houses worth a look: those that trade most, then those that use and produce most; by row."""
    h = repetition.houses
    order = np.lexsort((-(h.load_kwh + h.production_kwh), -(h.peer_in_kwh + h.peer_out_kwh)))
    return sorted(int(house) for house in order[:MOST_HOUSEHOLDS])


def find_others(run: CommunityRun, chosen: Repetition) -> list[Repetition]:
    """Repetitions beside the chosen one: all of a few, else the best, the worst and some between."""
    ranked = sorted(
        (r for r in run.repetitions if r.number != chosen.number), key=lambda r: (-r.covered_kwh, r.number)
    )
    if len(ranked) > MOST_OTHERS:
        places = np.unique(np.linspace(0, len(ranked) - 1, MOST_OTHERS).round().astype(int))
        ranked = [ranked[place] for place in places]
    return ranked


def _day_size(run: CommunityRun) -> int:
    """Minutes of a point in a picture of one day."""
    return run.setting.interval_s // 60
