"""Contracts of a community over time, and the scores of its producers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.community_choice import (
    GRID,
    OWN,
    PEER,
    chosen_repetition,
    facts_of,
    has_table,
    repetitions_only,
    rows_of,
)
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import (
    CYCLE,
    DASHES,
    VERMILION,
    figure,
    line,
    moments,
    plain,
    spans,
    timed,
    value_axis,
)
from sparewatt.results.community_contract_spans import find_lanes, read_contract_spans
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.community_part_reading import CommunityFacts
    from sparewatt.results.run_folder import RunFolder

_MOST = 4_000
"""Contracts drawn at most, those of the window."""
_MOST_LINES = 12
_BY = Choice("by", "Rows", (("producer", "producers"), ("house", "houses")))


def _time(facts: CommunityFacts, look: Look) -> dict[str, Any]:
    start = datetime.fromtimestamp(facts.origin_s, UTC)
    return timed(start, start + timedelta(minutes=facts.minutes), facts.time_zone, look)


def _draw_contracts(folder: RunFolder, look: Look) -> Figure:
    facts = facts_of(folder)
    found = read_contract_spans(folder.path / SERIES, facts, chosen_repetition(folder, look))
    by = look.chosen.get("by", "producer")
    names = found.producer if by == "producer" else found.house
    lanes = find_lanes(names, found.start_s, found.end_s)
    seen = np.ones(len(names), dtype=np.bool_)
    if look.start is not None and look.end is not None:
        seen = (found.end_s > look.start.timestamp()) & (found.start_s < look.end.timestamp())
    parts = np.stack([found.own_kwh, found.peer_kwh, found.grid_kwh])
    most = parts.argmax(axis=0)
    shown: list[tuple[str, str, str, Any]] = [
        (f"mostly {kind.words}", kind.colour, kind.shape, (most == k) & ~found.is_cancelled)
        for k, kind in enumerate((OWN, PEER, GRID))
    ]
    shown.append(("cancelled", VERMILION, "x", found.is_cancelled))
    data = []
    for words, colour, shape, which in shown:
        rows = np.flatnonzero(which & seen)[:_MOST]
        if not len(rows):
            continue
        begin = moments(found.start_s[rows], facts.time_zone).words
        told = [
            f"{begin[k]}, job {plain(found.job[r])} of house {plain(found.house[r])}<br>"
            f"{plain(found.producer[r])}: {found.energy_kwh[r]:.2f} kWh, of it "
            f"{found.own_kwh[r]:.2f} own, {found.peer_kwh[r]:.2f} neighbours, {found.grid_kwh[r]:.2f} grid"
            for k, r in enumerate(rows)
        ]
        own = spans(
            [_lane_name(names[r], int(lanes[r])) for r in rows],
            found.start_s[rows],
            found.end_s[rows],
            words,
            colour,
            words=told,
            shape=shape,
        )
        data.append({**own, "opacity": 0.75})
    depth: dict[str, int] = {}
    for name, lane in zip(names, lanes.tolist(), strict=True):
        depth[name] = max(depth.get(name, 0), lane + 1)
    order = [
        _lane_name(name, lane)
        for name in sorted(depth, key=lambda n: (n == "grid", n))
        for lane in range(depth[name])
    ]
    rows_axis = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": order[::-1],
        "range": [-0.5, len(order) - 0.5],
        "tickvals": sorted(depth),
        "automargin": True,
        "fixedrange": True,
        "title": {"text": by},
    }
    return figure(data, {**_time(facts, look), "yaxis": rows_axis, "barmode": "overlay", "bargap": 0.1})


def _lane_name(name: str, lane: int) -> str:
    """Row of a lane: the first has the name alone, and the label."""
    return name if lane == 0 else f"{name} ({lane + 1})"


def _draw_scores(folder: RunFolder, look: Look) -> Figure:
    facts = facts_of(folder)
    rows = rows_of(folder, "scores", chosen_repetition(folder, look))
    points: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        points.setdefault(str(row["producer_id"]), []).append(
            (int(row["time"] or 0), float(row["score"] or 0))
        )
    end = facts.origin_s + facts.minutes * 60
    ordered = sorted(points.items(), key=lambda item: -max(abs(s - item[1][0][1]) for _, s in item[1]))
    data = []
    for k, (name, own) in enumerate(ordered[:_MOST_LINES]):
        told = [*sorted(own), (end, max(own)[1])]
        at = moments(np.array([t for t, _ in told]), facts.time_zone)
        values = np.array([s for _, s in told])
        dash = DASHES[k % len(DASHES)]
        data.append(line(at, values, name, CYCLE[k % len(CYCLE)], unit="points", dash=dash))
    return figure(data, {**_time(facts, look), "yaxis": value_axis("score [points]", zero=False)})


CONTRACTS = Picture(
    "contracts",
    "Contracts",
    "Every load that was traded, from its start to its end, in the row of the producer that took it or of "
    "the house that needed it; the colour says where most of its energy came from in the end. As a table "
    "they can be sorted.",
    _draw_contracts,
    choices=lambda folder: (*repetitions_only(folder), _BY),
    is_there=lambda folder: has_table("contracts")(folder) or has_table("cancelled")(folder),
    height=400,
    behind=lambda _folder: ("tables/contracts.csv", "tables/cancelled.csv"),
)
SCORES = Picture(
    "scores",
    "Scores of the producers",
    "A producer that takes a job loses a point, one that declines gains one; the lowest score is asked "
    "first. Where there are many, those whose scores move most are shown.",
    _draw_scores,
    choices=repetitions_only,
    is_there=has_table("scores"),
    height=320,
    behind=lambda _folder: ("tables/scores.csv",),
)
