"""The list of networks without a browser: what it says of runs that are not done, and of very many."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from plotly.utils import PlotlyJSONEncoder

from sparewatt.faces.api.place import ApiPlace
from sparewatt.faces.web.network import show_networks
from sparewatt.faces.web.page import Visit

if TYPE_CHECKING:
    from pathlib import Path


def shown(place: ApiPlace) -> str:
    """The page as the browser gets it."""
    return json.dumps(show_networks(Visit(place, "/network")), cls=PlotlyJSONEncoder)


def test_runs_without_a_map_say_why_and_older_ones_are_found(tmp_path: Path) -> None:
    place = ApiPlace(str(tmp_path / "store.db"), tmp_path / "data")
    try:
        empty = shown(place)
        assert "No network has been run yet" in empty
        assert '"disabled": true' in empty
        place.store.create_run(study="network", name="waits", state="queued")
        place.store.create_run(study="network", name="broke", state="failed")
        few = shown(place)
        assert "Its map appears here when it is done." in few
        assert "It did not get to a result, so it has no map." in few
        assert "60 latest" not in few
        assert '"disabled": false' in few
        for number in range(60):
            place.store.create_run(study="network", name=f"again {number}", state="cancelled")
        many = shown(place)
        assert "These are the 60 latest. " in many
        assert "/runs?study=network" in many
        assert '"waits"' not in many
        assert many.count("card-link") == 60
    finally:
        place.close()
