"""Networks in one picture: what all zones together can still take, by time of day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.network_choice import grid_of
from sparewatt.faces.web.pictures.network_room import clock_axis, day_line
from sparewatt.faces.web.pictures.style import CYCLE, DASHES, figure, value_axis
from sparewatt.results.network_zone_facts import read_room_of_taken
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.faces.web.pictures.picture import Figure
    from sparewatt.results.run_folder import RunFolder


def overlay(runs: Sequence[tuple[str, RunFolder]]) -> Figure | None:
    """Headroom at the chosen risk of every run, summed over its zones, each with the case that it takes."""
    data = []
    for k, (name, folder) in enumerate(runs):
        state = grid_of(folder)
        room = read_room_of_taken(folder.path / SERIES, state).sum(axis=0)
        hours = np.arange(len(room)) * 24.0 / max(len(room), 1)
        data.append(day_line(hours, room, name, CYCLE[k % len(CYCLE)], DASHES[k % len(DASHES)]))
    axis = clock_axis(title={"text": "local time"})
    return figure(data, {"xaxis": axis, "yaxis": value_axis("headroom of all zones [kVA]")})
