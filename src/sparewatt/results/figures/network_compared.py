"""Several network runs side by side: what they break, what they can take, their hosting curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.figures.compared_runs import MOST_RUNS
from sparewatt.results.figures.network_compared_breaches import broken_picture, voltage_picture
from sparewatt.results.figures.network_compared_hosting import hosting_curves_picture
from sparewatt.results.figures.network_compared_room import (
    capacity_picture,
    daily_headroom_picture,
    zone_headroom_picture,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.results.figures.picture import Picture
    from sparewatt.results.network_view import NetworkView
    from sparewatt.results.outcome import Outcome


def compared_pictures(
    outcomes: Sequence[Outcome], views: Sequence[NetworkView], names: Sequence[str]
) -> tuple[Picture, ...]:
    """All that the runs have something to show in, of the first `MOST_RUNS`.

    Parameters
    ----------
    outcomes, views, names
        Runs.
    """
    some = slice(MOST_RUNS)
    outcomes, views, names = outcomes[some], views[some], names[some]
    made = (
        broken_picture(outcomes, names, "broken"),
        voltage_picture(outcomes, names, "extremes"),
        capacity_picture(outcomes, names, "capacity"),
        daily_headroom_picture(views, names, "daily"),
        zone_headroom_picture(outcomes, names, "zonal"),
        hosting_curves_picture(outcomes, views, names, "curves"),
    )
    return tuple(p for p in made if p is not None)
