"""Energy of all households, or of one, over time: where what is used comes from, and what is produced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.community_choice import (
    AT_HOME,
    BATTERY,
    FED_IN,
    GIVEN,
    GRID,
    OWN,
    PEER,
    STORED,
    chosen_repetition,
    facts_of,
    house_choice,
    minutes_seen,
    repetition_choice,
    repetitions_only,
)
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import (
    GREEN,
    VERMILION,
    area,
    figure,
    line,
    message,
    moments,
    timed,
    value_axis,
)
from sparewatt.results.community_part_reading import read_energy, read_house_energy
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.community_choice import Kind
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Moments
    from sparewatt.results.community_part_reading import CommunityFacts, StepMeans
    from sparewatt.results.run_folder import RunFolder

_SIDE = Choice("side", "Show", (("used", "what it used"), ("made", "what it produced")))


def _draw_all(folder: RunFolder, look: Look) -> Figure:
    facts = facts_of(folder)
    seen = read_energy(
        folder.path / SERIES,
        facts,
        chosen_repetition(folder, look),
        minutes_seen(facts, look),
        look.points // 2,
    )
    v, at = seen.values, _moments(seen, facts)
    layers = (
        (OWN, np.maximum(v["own_kw"] - v["discharge_kw"], 0.0)),
        (PEER, v["peer_kw"]),
        (BATTERY, v["discharge_kw"]),
        (GRID, v["grid_kw"]),
    )
    data = [*_layers(at, layers), line(at, _held(v["produced_kw"]), "produced", VERMILION, unit="kW")]
    has_battery = bool(v["stored_kwh"].any())
    if has_battery:
        own = line(at, _held(v["stored_kwh"]), "stored in batteries", GREEN, unit="kWh", dash="dot")
        data.append({**own, "xaxis": "x2", "yaxis": "y2"})
    layout = _time(facts, look, 1 + has_battery)
    layout["yaxis"] = value_axis("power [kW]", domain=[0, 0.72] if has_battery else [0, 1])
    if has_battery:
        layout["yaxis2"] = value_axis("stored<br>[kWh]", domain=[0.8, 1], nticks=3)
    return figure(data, layout)


def _draw_house(folder: RunFolder, look: Look) -> Figure:
    facts = facts_of(folder)
    house = look.chosen.get("house") or facts.house_ids[0]
    number = int(look.chosen.get("repetition") or min(facts.flow_steps))
    seen = read_house_energy(
        folder.path / SERIES, facts, number, house, minutes_seen(facts, look), look.points // 2
    )
    v, at = seen.values, _moments(seen, facts)
    direct = np.maximum(v["own_kw"] - v["discharge_kw"], 0.0)
    if look.chosen.get("side", "used") == "used":
        layers = (
            (OWN, direct),
            (PEER, v["peer_in_kw"]),
            (BATTERY, v["discharge_kw"]),
            (GRID, v["grid_kw"]),
        )
        top = line(at, _held(v["load_kw"]), "used", VERMILION, unit="kW", width=1.0)
    elif not v["production_kw"].any():
        return message("This house produces nothing then.")
    else:
        layers = (
            (AT_HOME, direct),
            (GIVEN, v["peer_out_kw"]),
            (STORED, v["charge_kw"]),
            (FED_IN, v["feed_in_kw"]),
        )
        top = line(at, _held(v["production_kw"]), "produced", VERMILION, unit="kW", width=1.0)
    layout = _time(facts, look, 1) | {"yaxis": value_axis("power [kW]")}
    return figure([*_layers(at, layers), top], layout)


def _layers(at: Moments, layers: tuple[tuple[Kind, NDArray[np.float64]], ...]) -> list[dict[str, Any]]:
    """Areas on each other, those that are nothing left out."""
    return [
        area(at, _held(values), kind.words, kind.colour, unit="kW")
        | (
            {"fillpattern": {"shape": kind.shape, "fillmode": "overlay", "solidity": 0.2, "size": 6}}
            if kind.shape
            else {}
        )
        for kind, values in layers
        if values.any()
    ]


def _moments(seen: StepMeans, facts: CommunityFacts) -> Moments:
    return moments(seen.edges_s, facts.time_zone)


def _held(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of steps at their edges, the last once more."""
    return np.append(values, values[-1:])


def _time(facts: CommunityFacts, look: Look, axes: int) -> dict[str, Any]:
    start = datetime.fromtimestamp(facts.origin_s, UTC)
    return timed(start, start + timedelta(minutes=facts.minutes), facts.time_zone, look, axes=axes)


ENERGY = Picture(
    "energy",
    "All households over time",
    "What all houses used together, by where it came from; the line is what the roofs produced. What the "
    "line leaves above own roof and neighbours was fed into the grid or stored. Zoom in for minutes.",
    _draw_all,
    choices=repetitions_only,
    height=400,
    behind=lambda _folder: ("series/energy.parquet",),
)
HOUSEHOLD = Picture(
    "household",
    "One household over time",
    "What the house used, by where it came from, or what became of what its roof produced.",
    _draw_house,
    choices=lambda folder: (
        house_choice(folder),
        _SIDE,
        repetition_choice(folder, with_houses=True),
    ),
    height=340,
    behind=lambda _folder: ("series/house_energy.parquet",),
)
