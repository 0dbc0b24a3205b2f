"""Contracts of a community over time, and the scores of its producers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.faces.web.pictures.community_choice import (
    ALL,
    GRID,
    OWN,
    PEER,
    chosen_repetition,
    facts_of,
    has_table,
    repetition_choice,
    repetitions_only,
)
from sparewatt.faces.web.pictures.community_devices import house_or_all
from sparewatt.faces.web.pictures.picture import Choice, Picture
from sparewatt.faces.web.pictures.style import (
    CYCLE,
    DASHES,
    VERMILION,
    figure,
    line,
    message,
    moments,
    plain,
    spans,
    timed,
    value_axis,
)
from sparewatt.results.community_contract_spans import (
    busiest_names,
    find_lanes,
    pick_spans,
    read_contract_spans,
)
from sparewatt.results.community_score_lines import read_score_lines
from sparewatt.results.run_folder import SERIES

if TYPE_CHECKING:
    from sparewatt.faces.web.pictures.picture import Figure, Look
    from sparewatt.results.community_part_reading import CommunityFacts
    from sparewatt.results.run_folder import RunFolder

_MOST = 4_000
"""Contracts drawn at most, those of the window."""
_MOST_LINES, _MOST_ROWS = 8, 12
_LABELS = 20
"""Labels that stand above each other in the height of the picture."""
_BY = Choice("by", "Rows", (("producer", "producers"), ("house", "houses")))


def _time(facts: CommunityFacts, look: Look) -> dict[str, Any]:
    start = datetime.fromtimestamp(facts.origin_s, UTC)
    return timed(start, start + timedelta(minutes=facts.minutes), facts.time_zone, look)


def _draw_contracts(folder: RunFolder, look: Look) -> Figure:
    facts = facts_of(folder)
    found = read_contract_spans(folder.path / SERIES, facts, chosen_repetition(folder, look))
    by, house = look.chosen.get("by", "producer"), look.chosen.get("house", ALL)
    if house != ALL:
        found = pick_spans(found, np.array([name == house for name in found.house], np.bool_))
        if not found.job:
            return message("This house has no contracts.")
    elif len(set(found.producer if by == "producer" else found.house)) > _MOST_ROWS:
        each = np.array(found.producer if by == "producer" else found.house, np.str_)
        found = pick_spans(found, np.isin(each, busiest_names(each, found.energy_kwh, _MOST_ROWS)))
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
    least = -(-sum(depth.values()) // _LABELS)  # so that no label lies on the next
    depth = {name: max(deep, least) for name, deep in depth.items()}
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
    lines = read_score_lines(folder.path / SERIES, facts, chosen_repetition(folder, look))
    one = look.chosen.get("who", ALL)
    shown = [own for own in lines if own.producer == one] if one != ALL else lines[:_MOST_LINES]
    end = facts.origin_s + facts.minutes * 60
    data = []
    for k, own in enumerate(shown):
        at = moments(np.append(own.time_s, end), facts.time_zone)
        values, dash = np.append(own.score, own.score[-1]), DASHES[k % len(DASHES)]
        data.append(line(at, values, own.producer, CYCLE[k % len(CYCLE)], unit="points", dash=dash))
    return figure(data, {**_time(facts, look), "yaxis": value_axis("score [points]", zero=False)})


def _score_choices(folder: RunFolder) -> tuple[Choice, ...]:
    repetition = repetition_choice(folder)
    lines = read_score_lines(folder.path / SERIES, facts_of(folder), facts_of(folder).repetitions[0])
    if len(lines) <= _MOST_LINES:
        return (repetition,)
    names = sorted(own.producer for own in lines)
    most = (ALL, f"the {_MOST_LINES} that move most")
    return (Choice("who", "Producers", (most, *((name, name) for name in names))), repetition)


CONTRACTS = Picture(
    "contracts",
    "Contracts",
    "Every load that was traded, from its start to its end, in the row of the producer that took it or of "
    "the house that needed it; the colour says where most of its energy came from in the end. Of many rows "
    "the twelve with the most energy are shown; choose a house to see its own. As a table they can be "
    "sorted.",
    _draw_contracts,
    choices=lambda folder: (*repetitions_only(folder), _BY, house_or_all(folder)),
    is_there=lambda folder: has_table("contracts")(folder) or has_table("cancelled")(folder),
    height=400,
    behind=lambda _folder: ("tables/contracts.csv", "tables/cancelled.csv"),
)
SCORES = Picture(
    "scores",
    "Scores of the producers",
    "A producer that takes a job loses a point, one that declines gains one; the lowest score is asked "
    "first. Where there are many, the eight whose scores move most are shown, or one that is chosen.",
    _draw_scores,
    choices=_score_choices,
    is_there=has_table("scores"),
    height=320,
    behind=lambda _folder: ("tables/scores.csv",),
)
