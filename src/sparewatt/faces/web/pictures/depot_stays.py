"""Depot: stays on their chargers as a Gantt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.depot_choice import (
    chosen_scenario,
    has_scenarios,
    part_files,
    scenario_choice,
)
from sparewatt.faces.web.pictures.picture import Picture
from sparewatt.faces.web.pictures.style import (
    BLUE,
    GREY,
    ORANGE,
    faint,
    figure,
    message,
    moments,
    plain,
    seen_between,
    spans,
    timed,
    utc_text,
)
from sparewatt.model.schedule import AC, DC, NO_CHARGER
from sparewatt.results.buckets import periods_between
from sparewatt.results.depot_windows import busy_days, charging_spells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.depot_view import SessionBars
    from sparewatt.results.run_folder import RunFolder

MOST_STAYS = 1500
_FIRST_DAYS = 3
_NOISE_KWH = 1e-6
_KINDS = (
    (NO_CHARGER, "waiting for a charger", GREY, ""),
    (AC, "AC charger", BLUE, ""),
    (DC, "DC charger", ORANGE, "/"),
)


def draw_stays(folder: RunFolder, look: Look) -> Figure:
    """Stays of a window; at the beginning the days with most trouble."""
    _, windows = chosen_scenario(folder, look)
    h = windows.horizon
    busy = busy_days(windows, _FIRST_DAYS)
    lo, hi = busy if look.start is None else periods_between(h, look.start, look.end)
    frame = timed(h.start, h.end, h.timezone, seen_between(look, h.boundaries_s[[lo, hi]]))
    frame["xaxis"]["range"] = [utc_text(h.start + edge * h.step) for edge in busy]
    stays = windows.stays(int(h.boundaries_s[lo]), int(h.boundaries_s[hi]))
    stays = _some(stays, stays.plug_out_s > stays.plug_in_s)
    if len(stays) > MOST_STAYS:
        many = (
            f"{len(stays):,} stays are too many to tell apart: up to {MOST_STAYS:,} are drawn.<br>"
            "Look closer (+), or at all vehicles as a heat map."
        )
        return message(many, frame)
    rows = np.unique(stays.vehicle)
    ids = [plain(windows.vehicle_ids[int(row)]) for row in rows]
    spells = charging_spells(windows.fleet("energy_kwh", lo, hi), stays, h.boundaries_s[lo:hi], h.step_s)
    names = [windows.vehicle_ids[int(v)] for v in stays.vehicle]
    begin, end = moments(stays.plug_in_s, h.timezone).words, moments(stays.plug_out_s, h.timezone).words
    words = [
        f"{plain(name)}<br>{a} to {b}<br><b>{kwh:,.1f}</b> kWh charged"
        + (f", {missing:,.1f} kWh unserved" if missing > _NOISE_KWH else "")
        for name, a, b, kwh, missing in zip(
            names, begin, end, stays.energy_kwh.tolist(), stays.unserved_kwh.tolist(), strict=True
        )
    ]
    data: list[Trace] = []
    for kind, label, colour, shape in _KINDS:
        own = np.flatnonzero(stays.charger == kind)
        if len(own):
            chosen = [names[k] for k in own]
            told = [words[k] for k in own]
            data.append(
                spans(
                    chosen,
                    stays.plug_in_s[own],
                    stays.plug_out_s[own],
                    f"plugged in, {label}" if kind != NO_CHARGER else label,
                    faint(colour, 0.3),
                    words=told,
                    thick=0.86,
                )
            )
        on = np.flatnonzero(stays.charger[spells.stay] == kind)
        if len(on):
            told = [
                f"{words[k]}<br>{kwh:,.1f} kWh in this bar"
                for k, kwh in zip(spells.stay[on].tolist(), spells.energy_kwh[on].tolist(), strict=True)
            ]
            chosen = [names[k] for k in spells.stay[on]]
            charging = spans(
                chosen,
                spells.begin_s[on],
                spells.end_s[on],
                f"charging, {label}",
                colour,
                words=told,
                shape=shape,
                thick=0.6,
            )
            data.append(charging)
    if not data:
        return message("No vehicle is plugged in here.", frame)
    frame["yaxis"] = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": ids,
        "autorange": "reversed",
        "automargin": True,
        "title": {"text": "vehicle"},
        "showgrid": False,
    }
    return figure(data, {**frame, "barmode": "overlay", "bargap": 0})


def _some(stays: SessionBars, rows: NDArray[np.bool_]) -> SessionBars:
    return type(stays)(**{name: getattr(stays, name)[rows] for name in stays.__dataclass_fields__})


STAYS = Picture(
    name="stays",
    title="Stays and chargers",
    words="A pale bar for each stay from plug-in to plug-out, solid where power flows: blue on an AC "
    "charger, orange and hatched on DC. It begins with the days of most trouble; a double click "
    "comes back to them.",
    draw=draw_stays,
    choices=scenario_choice,
    is_there=has_scenarios,
    height=460,
    behind=partial(part_files, "sessions"),
)
