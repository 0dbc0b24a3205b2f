"""Rules on producers: production is what forecasts say, and nobody is promised what they do not.

Where a load lies when its contract is agreed is kept only of algorithms that never move a contract. For
them a load has to fit when it is agreed. For all of them it has to fit when it starts, which it cannot
where a producer was overbooked under a forecast that stayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.market_rules import Algorithm
from sparewatt.verify.community_facts import curve_kw
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.market_rules import MarketRules
    from sparewatt.verify.community_facts import MarketFacts, Points

    Versions = list[tuple[int, Points]]

NEVER_MOVE = (Algorithm.GREEDY, Algorithm.FIFTY_FIFTY)
"""Algorithms whose contracts keep the start that was agreed."""
NO_POINTS: Points = ([0], [0.0])


def check_bookings(facts: MarketFacts, rules: MarketRules, tolerance_kw: float) -> Iterator[Finding]:
    """Production and bookings of every producer, each by itself.

    Parameters
    ----------
    facts
        What happened.
    rules
        Who decided, and which share of a job may come from the grid.
    tolerance_kw
        By how much a power may miss [kW].
    """
    made = Tally("community.judge.production", "the curve merged from all forecasts")
    over = Tally("community.judge.overbooked", "loads that the forecast known at that time covers")
    c = facts.contracts
    by_producer = np.argsort(c.producer, kind="stable")
    ends = np.searchsorted(c.producer[by_producer], np.arange(len(facts.neighbourhood.producers) + 1))
    for producer, name in enumerate(facts.neighbourhood.producers.ids):
        versions = [*facts.merged(producer)]
        final = versions[-1][1] if versions else NO_POINTS
        right = curve_kw(final, 0, facts.grid.minutes)
        told = facts.trace.production_kw[producer]

        def place(t: int, right: NDArray[np.float64] = right, told: NDArray[np.float64] = told) -> Place:
            where = f"producer {name}, {facts.stamp(t * 60)}"  # noqa: B023 - described at once
            message = f"{told[t]:.9g} kW, all forecasts together say {right[t]:.9g} kW"
            return Place(where, message, f"{told[t]:.9g}", (name,))  # noqa: B023

        made.look(np.abs(told - right), tolerance_kw, place)
        rows = by_producer[ends[producer] : ends[producer + 1]]
        if rules.algorithm == Algorithm.PERFECT_FORESIGHT:
            versions = [(-1, final)]
        _look_at_starts(facts, rows, versions, rules.allow_partial, tolerance_kw, over)
        if rules.algorithm in NEVER_MOVE:
            _look_at_agreements(facts, rows, versions, rules.allow_partial, tolerance_kw, over)
    yield from made.findings()
    yield from over.findings()


def _look_at_starts(
    facts: MarketFacts,
    rows: NDArray[np.int64],
    versions: Versions,
    allow_partial: float,
    tolerance_kw: float,
    tally: Tally,
) -> None:
    """When a load starts, it fits beside all that have started, under the forecast known then.

    Where a share may come from the grid, beside those of them that were agreed before.
    """
    c = facts.contracts
    own = rows[facts.valid[rows]]
    own = own[np.argsort(c.start_s[own], kind="stable")]
    issued = [at for at, _ in versions]
    if allow_partial > 0.0:
        for row in own:
            before = own[(own < row) & (c.start_s[own] <= c.start_s[row])]
            known = int(np.searchsorted(issued, c.start_s[row], side="right"))
            until = [versions[known - 1][1]] if known else []
            beside = _sum(facts, before, int(row))
            _look(facts, int(row), beside, until, allow_partial, tolerance_kw, "starts", tally)
        return
    booked_kw = np.zeros(facts.grid.minutes)
    at = 0
    while at < len(own):
        same = own[at:][c.start_s[own[at:]] == c.start_s[own[at]]]
        for row in same:
            booked_kw[_span(facts, row)] += _kw(facts, row)
        known = int(np.searchsorted(issued, c.start_s[own[at]], side="right"))
        until = [versions[known - 1][1]] if known else []
        for row in same:
            beside = booked_kw[_span(facts, row)] - _kw(facts, row)
            _look(facts, int(row), beside, until, 0.0, tolerance_kw, "starts", tally)
        at += len(same)


def _look_at_agreements(
    facts: MarketFacts,
    rows: NDArray[np.int64],
    versions: Versions,
    allow_partial: float,
    tolerance_kw: float,
    tally: Tally,
) -> None:
    """When a contract is agreed, its load fits beside all that stand, under a forecast known then.

    Among forecasts of that very second any may have been the last.
    """
    c = facts.contracts
    events = [(int(c.agreed_s[row]), 1, int(row)) for row in rows]
    events += [(int(c.cancelled_s[row]), 0, int(row)) for row in rows if not facts.valid[row]]
    booked_kw = np.zeros(facts.grid.minutes)
    issued = [at for at, _ in versions]
    gone: set[int] = set()
    for time_s, is_agreed, row in sorted(events):
        if not is_agreed:
            gone.add(row)
            if c.agreed_s[row] < time_s:
                booked_kw[_span(facts, row)] -= _kw(facts, row)
            continue
        first = max(int(np.searchsorted(issued, time_s, side="left")) - 1, 0)
        last = int(np.searchsorted(issued, time_s, side="right"))
        known = [curve for _, curve in versions[first:last]]
        beside = booked_kw[_span(facts, row)]
        _look(facts, row, beside, known, allow_partial, tolerance_kw, "was agreed", tally)
        if row not in gone:
            beside += _kw(facts, row)


def _look(
    facts: MarketFacts,
    row: int,
    beside_kw: NDArray[np.float64],
    known: list[Points],
    allow_partial: float,
    tolerance_kw: float,
    when: str,
    tally: Tally,
) -> None:
    """Take note of a load that none of the curves covers beside others."""
    kw = _kw(facts, row)
    worst: tuple[float, int, float] | None = None
    for curve in known or [NO_POINTS]:
        have = curve_kw(curve, int(facts.contracts.minute[row]), len(kw))
        short = np.where(kw > tolerance_kw, beside_kw + kw - have, 0.0)
        if allow_partial > 0.0:
            short = np.minimum(np.maximum(short, 0.0), kw)
            missing = float(short.sum() - allow_partial * kw.sum())
        else:
            missing = float(short.max())
        if missing <= tolerance_kw:
            return
        if worst is None or missing < worst[0]:
            at = int(np.argmax(short))
            worst = (missing, at, float(have[at]))
    assert worst is not None  # noqa: S101 - there is a curve at least
    missing, at, have_kw = worst
    c = facts.contracts
    producer = facts.supplier_name(int(c.producer[row]))
    second = int(c.start_s[row] if when == "starts" else c.agreed_s[row])
    message = (
        f"{kw[at]:.9g} kW beside {beside_kw[at]:.9g} kW {facts.stamp((int(c.minute[row]) + at) * 60)}; "
        f"the forecast known {facts.stamp(second)}, when it {when}, is {have_kw:.9g} kW"
    )
    if allow_partial > 0.0:
        message += f", and in all more than {allow_partial:.6g} of its energy is missing"
    tally.add(
        f"{producer}, {facts.contract_name(row)}", message, missing, value=f"{kw[at]:.9g}", ids=(producer,)
    )


def _kw(facts: MarketFacts, row: int) -> NDArray[np.float64]:
    c = facts.contracts
    return c.kw[c.offset[row] : c.offset[row + 1]]


def _span(facts: MarketFacts, row: int) -> slice:
    c = facts.contracts
    first = int(c.minute[row])
    return slice(first, first + int(c.offset[row + 1] - c.offset[row]))


def _sum(facts: MarketFacts, rows: NDArray[np.int64], row: int) -> NDArray[np.float64]:
    """Power of some contracts in the minutes of another one [kW]."""
    c, window = facts.contracts, _span(facts, row)
    total = np.zeros(window.stop - window.start)
    ends = c.minute[rows] + c.offset[rows + 1] - c.offset[rows]
    for other in rows[(c.minute[rows] < window.stop) & (ends > window.start)]:
        span = _span(facts, int(other))
        begin, end = max(span.start, window.start), min(span.stop, window.stop)
        part = _kw(facts, int(other))[begin - span.start : end - span.start]
        total[begin - window.start : end - window.start] += part
    return total
