"""Networks in one picture: what all zones together can still take, by time of day."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.network_choice import grid_of
from sparewatt.faces.web.pictures.network_room import clock_axis, day_line
from sparewatt.faces.web.pictures.overlay import run_look
from sparewatt.faces.web.pictures.picture import Look, Picture
from sparewatt.faces.web.pictures.style import figure, value_axis
from sparewatt.results.network_zone_facts import read_room_of_taken
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.overlay import Runs
    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.run_folder import RunFolder


def compared(runs: Runs) -> tuple[Picture, ...]:
    """The pictures."""
    room = Picture(
        name="lines",
        title="Headroom over the day",
        words="What all zones together can still take at the chosen risk, by time of day.",
        draw=partial(_draw_room, runs),
        is_timed=False,
        height=380,
    )
    return (room,)


def _draw_room(runs: Runs, _folder: RunFolder, _look: Look) -> Figure:
    """Headroom at the chosen risk of every run, summed over its zones, each with the case that it takes."""
    data = []
    for k, (name, folder) in enumerate(runs):
        state = grid_of(folder)
        room = read_room_of_taken(folder.path / SERIES, state).sum(axis=0)
        hours = np.arange(len(room)) * 24.0 / max(len(room), 1)
        data.append(day_line(hours, room, name, *run_look(k)))
    axis = clock_axis(title={"text": "local time"})
    return figure(data, {"xaxis": axis, "yaxis": value_axis("headroom of all zones [kVA]")})
