"""Communities in one picture: where their energy came from, and the sun that was used inside over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from sparewatt.faces.web.pictures.community_choice import GRID, OWN, PEER, facts_of
from sparewatt.faces.web.pictures.overlay import RunLine, overlaid, share_the_clock
from sparewatt.faces.web.pictures.picture import Look, Picture
from sparewatt.faces.web.pictures.style import figure, lying
from sparewatt.model.horizon import Horizon
from sparewatt.results.community_part_reading import read_energy
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.overlay import Runs
    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.run_folder import RunFolder

_MINUTE = timedelta(minutes=1)
_SOURCES = (
    ("own_kwh", "own roof and battery", OWN),
    ("peer_kwh", PEER.words, PEER),
    ("grid_kwh", GRID.words, GRID),
)
"""Columns, words and looks, as on the page of one run."""


def compared(runs: Runs) -> tuple[Picture, ...]:
    """The pictures."""
    clocks = [_clock(folder) for _, folder in runs]
    return (
        Picture(
            name="bars",
            title="Where the energy came from",
            words="Energy that the houses used in each run, by where it came from.",
            draw=partial(_draw_sources, runs),
            is_timed=False,
            height=320,
        ),
        Picture(
            name="lines",
            title="Sun that was used",
            words="Power from own roofs, batteries and neighbours, in the first repetition of each run.",
            draw=partial(_draw_used, runs),
            is_timed=share_the_clock(clocks),
            height=380,
        ),
    )


def _clock(folder: RunFolder) -> Horizon:
    """Its minutes."""
    facts = facts_of(folder)
    start = datetime.fromtimestamp(facts.origin_s, UTC)
    return Horizon(start, _MINUTE, facts.minutes, facts.time_zone, (0, facts.minutes))


def _draw_sources(runs: Runs, _folder: RunFolder, _look: Look) -> Figure:
    """A bar for each run, piled up of own, neighbours' and grid energy."""
    outcomes = [folder.outcome() for _, folder in runs]
    names = [name for name, _ in runs]
    data = []
    for kpi, words, kind in _SOURCES:
        values = [float(outcome.value(kpi) or 0.0) for outcome in outcomes]
        data.append(lying(names, values, words, kind.colour, unit="kWh", shape=kind.shape))
    return figure(
        data,
        {
            "barmode": "stack",
            "xaxis": {"title": {"text": "energy used [kWh]"}, "automargin": True, "rangemode": "tozero"},
            "yaxis": {"type": "category", "automargin": True, "autorange": "reversed"},
        },
    )


def _draw_used(runs: Runs, _folder: RunFolder, look: Look) -> Figure:
    """What the houses used from own roofs, batteries and neighbours, in the first repetition of each run."""
    lines = []
    for name, folder in runs:
        facts = facts_of(folder)
        whole = (0, facts.minutes)
        found = read_energy(folder.path / SERIES, facts, facts.repetitions[0], whole, facts.minutes).values
        lines.append(RunLine(name, _clock(folder), found["own_kw"] + found["peer_kw"]))
    return overlaid(lines, "used from the sun [kW]", "kW", look)
