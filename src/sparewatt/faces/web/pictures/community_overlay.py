"""Communities in one picture: power of the sun that was used inside, over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.community_choice import facts_of
from sparewatt.faces.web.pictures.overlay import RunLine, overlaid
from sparewatt.faces.web.pictures.picture import Look
from sparewatt.model.horizon import Horizon
from sparewatt.results.community_part_reading import read_energy
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.run_folder import RunFolder

_MINUTE = timedelta(minutes=1)


def overlay(runs: Sequence[tuple[str, RunFolder]]) -> Figure | None:
    """What the houses used from own roofs, batteries and neighbours, in the first repetition of each run."""
    lines = []
    for name, folder in runs:
        facts = facts_of(folder)
        whole = (0, facts.minutes)
        found = read_energy(folder.path / SERIES, facts, facts.repetitions[0], whole, facts.minutes).values
        start = datetime.fromtimestamp(facts.origin_s, UTC)
        horizon = Horizon(start, _MINUTE, facts.minutes, facts.time_zone, (0, facts.minutes))
        lines.append(RunLine(name, horizon, found["own_kw"] + found["peer_kw"]))
    return overlaid(lines, "used from the sun [kW]", "kW", Look()) if lines else None
