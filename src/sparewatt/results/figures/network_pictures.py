"""The pictures of one network run, in the order of its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.figures.network_forecasts import forecast_picture
from sparewatt.results.figures.network_headroom import headroom_fan_picture, headroom_map_picture
from sparewatt.results.figures.network_hosting import hosting_picture
from sparewatt.results.figures.network_map import moment_map_picture, zone_map_picture
from sparewatt.results.figures.network_replay import replay_picture, violation_picture
from sparewatt.results.figures.network_scatter import scatter_picture
from sparewatt.results.figures.network_transformer import transformer_picture

if TYPE_CHECKING:
    from sparewatt.results.figures.picture import Picture
    from sparewatt.results.network_view import NetworkView


def network_pictures(view: NetworkView) -> tuple[Picture, ...]:
    """All that the run has something to show in."""
    made = (
        violation_picture(view, "violations"),
        moment_map_picture(view, "moments"),
        replay_picture(view, "replay"),
        zone_map_picture(view, "zones"),
        headroom_fan_picture(view, "fan") if view.cases else None,
        headroom_map_picture(view, "headroom") if view.cases else None,
        scatter_picture(view, "scatter"),
        transformer_picture(view, "transformer"),
        hosting_picture(view, "hosting"),
        forecast_picture(view, "forecasts"),
    )
    return tuple(p for p in made if p is not None)
