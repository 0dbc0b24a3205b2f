"""Hub: what became of the visits, how many are there, and how they are spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.faces.web.pictures.cluster_choice import hub
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import (
    BLUE,
    CYCLE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
    bars,
    count_axis,
    figure,
    label_count,
    line,
    message,
    moments,
    packed,
    plain,
    timed,
)
from sparewatt.model.trace import Fate
from sparewatt.results.buckets import bucket_edges, periods_between
from sparewatt.results.cluster_view import FATE_WORDS
from sparewatt.results.hub_visits import HISTOGRAMS, connected_counts, hub_histogram, missed_times
from sparewatt.results.run_folder import TABLES
from sparewatt.results.table_page import read_table_page

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.faces.web.pictures.style import Trace
    from sparewatt.results.run_folder import RunFolder

_FATES = (
    (Fate.NO_FREE_EVSE, "no_free_evse", VERMILION, "/"),
    (Fate.LEFT_QUEUE, "left_queue", ORANGE, "\\"),
    (Fate.RESERVATION_REFUSED, "reservation_refused", PURPLE, "x"),
    (Fate.NO_OFFER, "no_offer", SKY, "."),
    (Fate.TOO_SHORT, "too_short", YELLOW, "+"),
    (Fate.NO_SHOW, "no_show", GREY, "-"),
)
_MOST_CLUSTERS = 60
_BARS = 96


def draw_fates(folder: RunFolder, look: Look) -> Figure:
    """Visits of each cluster by what became of them."""
    page = read_table_page(folder.path / TABLES / "clusters.csv", 0, _MOST_CLUSTERS)
    column = {name: k for k, name in enumerate(page.columns)}
    ids = [plain(str(row[column["cluster_id"]])) for row in page.rows]
    data: list[Trace] = []
    shown = ((Fate.ADMITTED, "admitted", BLUE, ""), *_FATES, (Fate.NOT_YET, "not_yet", GREEN, ""))
    for fate, name, colour, shape in shown:
        values = np.array([float(row[column[name]] or 0) for row in page.rows])
        if values.any():
            words = FATE_WORDS[fate]
            trace = bars([], values, words, colour, unit="visits", shape=shape, orientation="h")
            hover = f"%{{y}}<br>{plain(words)}: <b>%{{x:,}}</b> visits<extra></extra>"
            data.append({**trace, "x": packed(values), "y": ids, "hovertemplate": hover})
    if not data:
        return message("There were no visits.")
    del look
    return figure(
        data,
        {
            "barmode": "stack",
            "xaxis": {"title": {"text": "visits"}, "automargin": True, "rangemode": "tozero"},
            "yaxis": {
                "type": "category",
                "automargin": True,
                "autorange": "reversed",
                "title": {"text": "cluster"},
            },
        },
    )


def draw_presence(folder: RunFolder, look: Look) -> Figure:
    """Vehicles connected over time, and below when those came that were turned away."""
    windows = hub(folder)
    h = windows.horizon
    lo, hi = periods_between(h, look.start, look.end)
    edges = bucket_edges(lo, hi, max(24, min(look.points, 600)))
    counts = connected_counts(windows, edges)
    at = moments(h.boundaries_s[edges], h.timezone)
    held = np.append(counts, counts[-1])
    units = len(windows.part("evses", ["cluster"])["cluster"])
    data: list[Trace] = [
        line(at, held, "most connected at once", BLUE, unit="vehicles", width=2.0),
        line(at, np.full(len(held), units), f"units ({units:,})", GREEN, unit="units", dash="dash"),
    ]
    wide = bucket_edges(lo, hi, _BARS)
    missed, most = missed_times(windows), 0
    starts = h.boundaries_s[wide[:-1]]
    middles = moments((starts + h.boundaries_s[wide[1:]]) // 2, h.timezone)
    for fate, _, colour, shape in _FATES:
        count, _ = np.histogram(missed[fate], h.boundaries_s[wide])
        most += int(count.max())
        if count.any():
            words = FATE_WORDS[fate]
            trace = bars(middles.x, count.astype(np.float64), words, colour, unit="visits", shape=shape)
            hover = f"%{{customdata}}<br>{plain(words)}: <b>%{{y:,}}</b> visits<extra></extra>"
            told = moments(starts, h.timezone).words
            data.append({**trace, "customdata": told, "hovertemplate": hover, "yaxis": "y2", "xaxis": "x2"})
    layout = timed(h.start, h.end, h.timezone, look, axes=2 if len(data) > 2 else 1)  # noqa: PLR2004 - lines
    layout["yaxis"] = count_axis("vehicles", units)
    if len(data) > 2:  # noqa: PLR2004 - as above
        layout["yaxis"]["domain"] = [0, 0.55]
        layout["yaxis2"] = count_axis("visits not<br>connected", most, domain=[0.65, 1], nticks=4)
        layout["barmode"] = "stack"
    return figure(data, layout)


def draw_histogram(folder: RunFolder, look: Look) -> Figure:
    """How one thing is spread over the visits."""
    what = look.chosen.get("what", HISTOGRAMS[0].name)
    wanted = next(one for one in HISTOGRAMS if one.name == what)
    found = hub_histogram(hub(folder), wanted)
    data = []
    for (name, counts), colour, shape in zip(found.counts.items(), CYCLE, ("", "/", "x"), strict=False):
        trace = bars(found.labels, counts.astype(np.float64), name, colour, unit="visits", shape=shape)
        data.append({**trace, "hovertemplate": f"%{{x}}<br>{name}: <b>%{{y:,}}</b> visits<extra></extra>"})
    if not any(counts.any() for counts in found.counts.values()):
        return message("No visit has this.")
    return figure(
        data,
        {
            "barmode": "group",
            "xaxis": {
                "type": "category",
                "title": {"text": wanted.axis},
                "automargin": True,
                "showgrid": False,
                "nticks": label_count(look),
                "tickangle": 0,
            },
            "yaxis": count_axis("visits", max(int(n.max()) for n in found.counts.values())),
        },
    )


def histogram_choices(_folder: RunFolder) -> tuple[Choice, ...]:
    """What is spread."""
    return (Choice("what", "Spread of", tuple((one.name, one.label) for one in HISTOGRAMS)),)


PRESENCE = Picture(
    name="presence",
    title="Vehicles connected, and those that were not",
    words="How many vehicles are connected, against the units there are. Bars above: visits that were not "
    "connected, by reason, at the time they came or asked.",
    draw=draw_presence,
    height=360,
    behind=lambda _folder: ("tables/vehicles.csv",),
)
FATES = Picture(
    name="fates",
    title="What became of the visits",
    words="All visits of the run by cluster: connected, or not and why.",
    draw=draw_fates,
    is_timed=False,
    height=280,
    behind=lambda _folder: ("tables/clusters.csv",),
)
HISTOGRAM = Picture(
    name="histogram",
    title="The fleet at a glance",
    words="How arrivals, stays and charge are spread over the visits, as declared and as they were.",
    draw=draw_histogram,
    choices=histogram_choices,
    is_timed=False,
    height=320,
)
