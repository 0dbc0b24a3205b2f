"""Hub: who is on which unit when, as a Gantt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.cluster_bookings import booking_outlines
from sparewatt.faces.web.pictures.cluster_choice import chosen_cluster, cluster_choice, hub
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
    utc_texts,
)
from sparewatt.results.buckets import periods_between
from sparewatt.results.hub_busy import busy_day

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.cluster_windows import ClusterWindows
    from sparewatt.results.run_folder import RunFolder

_MOST_UNITS, _MOST_BARS = 40, 2500
_NOISE_KW = 1e-6


def draw_units(folder: RunFolder, look: Look) -> Figure:
    """Connections of a window as pale bars, solid where power flows."""
    windows, cluster = hub(folder), chosen_cluster(look)
    h = windows.horizon
    first = busy_day(windows, cluster)
    lo, hi = first if look.start is None else periods_between(h, look.start, look.end)
    frame = timed(h.start, h.end, h.timezone, seen_between(look, h.boundaries_s[[lo, hi]]))
    frame["xaxis"]["range"] = utc_texts(h.boundaries_s[list(first)])
    c = windows.part(
        "connections", ["vehicle", "evse", "first", "end", "soc_first", "soc_last", "g2v_kwh", "v2g_kwh"]
    )
    evses = windows.part("evses", ["ids", "cluster"])
    evse = c["evse"].astype(np.int64)
    own = (c["first"] < hi) & (c["end"] > lo)
    if cluster is not None:
        own &= evses["cluster"][evse] == cluster
    rows = np.flatnonzero(own)
    if not len(rows):
        return message("Nobody is connected here.", frame)
    rows, units = _busiest(rows, evse, np.minimum(c["end"], hi) - np.maximum(c["first"], lo))
    if len(rows) > _MOST_BARS:
        return message(
            f"{len(rows):,} connections are too many to tell apart: up to {_MOST_BARS:,} are drawn.<br>"
            "Look closer (+), or choose one cluster.",
            frame,
        )
    labels = _unit_labels(windows, evses["ids"], evses["cluster"])
    begin_s, end_s = (h.boundaries_s[c[side][rows].astype(np.int64)] for side in ("first", "end"))
    vehicles = windows.part("visits", ["ids"])["ids"][c["vehicle"][rows].astype(np.int64)]
    since, until = moments(begin_s, h.timezone).words, moments(end_s, h.timezone).words
    words = [
        f"{plain(str(v))}<br>{a} to {b}<br>charge {100 * s0:.0f} % to {100 * s1:.0f} %"
        f"<br><b>{g2v:,.1f}</b> kWh charged" + (f", {v2g:,.1f} kWh given back" if v2g > _NOISE_KW else "")
        for v, a, b, s0, s1, g2v, v2g in zip(
            vehicles,
            since,
            until,
            *(c[name][rows].tolist() for name in ("soc_first", "soc_last", "g2v_kwh", "v2g_kwh")),
            strict=True,
        )
    ]
    names = [labels[u] for u in evse[rows]]
    data = [spans(names, begin_s, end_s, "connected", faint(GREY, 0.45), words=words, thick=0.86)]
    data += _flows(windows, (int(h.boundaries_s[lo]), int(h.boundaries_s[hi])), rows, names, words)
    data += booking_outlines(windows, lo, hi, units, labels)
    shown = [plain(labels[u]) for u in units]
    frame["yaxis"] = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": shown,
        "range": [len(shown) - 0.5, -0.5],
        "automargin": True,
        "title": {"text": "unit"},
        "showgrid": False,
    }
    return figure(data, {**frame, "barmode": "overlay", "bargap": 0})


def _busiest(
    rows: NDArray[np.int64], evse: NDArray[np.int64], held: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Connections of the units that are longest occupied, and these units."""
    time = np.bincount(evse[rows], held[rows])
    units = np.sort(np.argsort(-time, kind="stable")[:_MOST_UNITS])
    units = units[time[units] > 0]
    return rows[np.isin(evse[rows], units)], units


def _unit_labels(windows: ClusterWindows, ids: NDArray[Any], cluster: NDArray[Any]) -> list[str]:
    """Ids of units; those of several clusters with the cluster's."""
    if len(windows.cluster_ids) == 1:
        return [str(unit) for unit in ids]
    return [f"{windows.cluster_ids[int(k)]}/{unit}" for unit, k in zip(ids, cluster, strict=True)]


def _flows(
    windows: ClusterWindows,
    window_s: tuple[int, int],
    rows: NDArray[np.int64],
    names: list[str],
    words: list[str],
) -> list[Trace]:
    """Solid bars where power flows; times of different power that touch are one bar."""
    spells = windows.spells(*window_s, rows)
    place = np.searchsorted(rows, spells.connection)
    data = []
    for sign, label, colour, shape in ((1, "charging", BLUE, ""), (-1, "V2G", ORANGE, "/")):
        on = np.flatnonzero(sign * spells.grid_kw > _NOISE_KW)
        if not len(on):
            continue
        new = np.ones(len(on), dtype=np.bool_)
        new[1:] = (np.diff(place[on]) != 0) | (spells.begin_s[on][1:] != spells.end_s[on][:-1])
        first = np.flatnonzero(new)
        last = np.append(first[1:], len(on)) - 1
        at = place[on][first].tolist()
        begin, end = spells.begin_s[on][first], spells.end_s[on][last]
        bars = spans(
            [names[k] for k in at],
            begin,
            end,
            label,
            colour,
            words=[words[k] for k in at],
            shape=shape,
            thick=0.58,
        )
        data.append(bars)
    return data


UNITS = Picture(
    name="units",
    title="Who is on which unit",
    words="A pale bar for each connection, blue where the vehicle charges, hatched orange where it gives "
    "back; outlines are bookings, hatched where the unit was given free. Of many units the 40 that are "
    "occupied longest are shown. A long run begins with its busiest day; a double click comes back to it.",
    draw=draw_units,
    choices=cluster_choice,
    height=460,
    behind=lambda _folder: ("tables/connections.csv", "tables/reservations.csv", "series/evse_power.parquet"),
)
