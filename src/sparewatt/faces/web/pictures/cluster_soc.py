"""Hub: state of charge of the connected vehicles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.cluster_choice import chosen_cluster, cluster_choice, hub
from sparewatt.faces.web.pictures.fan import fan
from sparewatt.faces.web.pictures.picture import Picture
from sparewatt.faces.web.pictures.style import (
    BLUE,
    CYCLE,
    DASHES,
    figure,
    line,
    message,
    moments,
    seen_between,
    timed,
    utc_texts,
    value_axis,
)
from sparewatt.results.buckets import periods_between
from sparewatt.results.hub_busy import busy_day
from sparewatt.results.hub_lines import sampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.cluster_windows import ClusterWindows
    from sparewatt.results.run_folder import RunFolder

_FEW, _MOST, _SAMPLES = 14, 4000, 300
_QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


def draw_soc(folder: RunFolder, look: Look) -> Figure:
    """A line per vehicle for few, the spread of those that are connected for many."""
    windows, cluster = hub(folder), chosen_cluster(look)
    h = windows.horizon
    first = busy_day(windows, cluster)
    lo, hi = first if look.start is None else periods_between(h, look.start, look.end)
    c = windows.part("connections", ["vehicle", "evse", "first", "end"])
    own = (c["first"] < hi) & (c["end"] > lo)
    if cluster is not None:
        own &= windows.part("evses", ["cluster"])["cluster"][c["evse"].astype(np.int64)] == cluster
    rows = np.flatnonzero(own)
    layout = timed(h.start, h.end, h.timezone, seen_between(look, h.boundaries_s[[lo, hi]]))
    layout["xaxis"]["range"] = utc_texts(h.boundaries_s[list(first)])
    if not len(rows):
        return message("Nobody is connected here.", layout)
    if len(rows) <= _FEW:
        data = _lines(windows, rows, c["vehicle"].astype(np.int64))
    else:
        some = np.linspace(0, len(rows) - 1, min(len(rows), _MOST)).astype(np.int64)
        data = _fan(windows, rows[some], lo, hi)
    return figure(data, {**layout, "yaxis": value_axis("state of charge [%]", range=[-2, 102])})


def _lines(windows: ClusterWindows, rows: NDArray[np.int64], vehicle: NDArray[np.int64]) -> list[Trace]:
    """A line for each connection."""
    names = windows.part("visits", ["ids"])["ids"]
    row, time_s, soc = windows.knots(rows)
    data = []
    for n, k in enumerate(rows.tolist()):
        own = row == k
        at = moments(time_s[own], windows.horizon.timezone)
        colour, dash = CYCLE[n % len(CYCLE)], DASHES[n // len(CYCLE)]
        name = str(names[vehicle[k]])
        data.append(line(at, 100 * soc[own], name, colour, unit="%", dash=dash, steps=False))
    return data


def _fan(windows: ClusterWindows, rows: NDArray[np.int64], lo: int, hi: int) -> list[Trace]:
    """Quantiles over the vehicles that are connected at each of many moments."""
    h = windows.horizon
    at_s = np.unique(np.linspace(h.boundaries_s[lo], h.boundaries_s[hi], _SAMPLES).astype(np.int64))
    soc = sampled(*windows.knots(rows), at_s)
    some = np.isfinite(soc).any(axis=0)
    parts = np.full((len(_QUANTILES), len(at_s)), np.nan)
    parts[:, some] = 100 * np.nanquantile(soc[:, some], _QUANTILES, axis=0)
    return fan(moments(at_s, h.timezone), parts, BLUE, unit="%", of="vehicles")


STATE_OF_CHARGE = Picture(
    name="soc",
    title="State of charge of connected vehicles",
    words="A line for each vehicle from connecting to leaving; a falling line is V2G. Of many vehicles the "
    "spread is shown: the dark band holds the middle half of those connected. A long run begins with its "
    "busiest day; a double click comes back to it.",
    draw=draw_soc,
    choices=cluster_choice,
    height=340,
    behind=lambda _folder: ("series/soc.parquet",),
)
