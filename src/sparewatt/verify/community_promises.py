"""Rules on contracts that producers end themselves: only for more energy, and as their answers say."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import GRID, Answer, Reason
from sparewatt.model.market_rules import Algorithm
from sparewatt.verify.community_answers import PLANNED
from sparewatt.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.market_rules import MarketRules
    from sparewatt.verify.community_facts import MarketFacts

MAY_RENEGOTIATE = (Algorithm.MILP,)
"""Algorithms whose producers may drop jobs, hand them over and call them back."""
CLAIMS = (Reason.DROPPED_SMALLER, Reason.HANDED_OVER, Reason.CALLED_BACK)


def check_promises(facts: MarketFacts, rules: MarketRules, tolerance_kwh: float) -> Iterator[Finding]:
    """A producer cancels a contract for a forecast that falls, or because more is agreed to thereby.

    In an instant in which contracts are cancelled, and no forecast of their producers becomes known, the
    energy of all contracts with producers is not less in the end than it was before; it is more where a
    job ends with the grid that had a producer before. Contracts with the grid are cancelled only where a
    producer takes the job. Answers claim what was done.

    Parameters
    ----------
    facts
        What happened.
    rules
        Who decided.
    tolerance_kwh
        By how much an energy may miss [kWh].
    """
    if rules.algorithm in PLANNED:
        return
    tally = Tally("community.judge.dropped", "contracts cancelled only where the energy agreed to rises")
    by_time: dict[int, list[int]] = defaultdict(list)
    for row in _find_renewed(facts):
        by_time[int(facts.contracts.cancelled_s[row])].append(row)
    for time_s, rows in sorted(by_time.items()):
        _look_at_instant(facts, rules, time_s, rows, tolerance_kwh, tally)
    yield from tally.findings()
    yield from _check_claims(facts, rules, by_time, tolerance_kwh)


def _find_renewed(facts: MarketFacts) -> list[int]:
    """Contracts cancelled in time, whose jobs come back at once; `check_states` speaks of the others."""
    c = facts.contracts
    agreed = set(zip(c.job.tolist(), c.agreed_s.tolist(), strict=True))
    in_time = ~facts.valid & (c.agreed_s <= c.cancelled_s) & (c.cancelled_s <= c.start_s)
    return [
        row
        for row in np.flatnonzero(in_time).tolist()
        if (int(c.job[row]), int(c.cancelled_s[row])) in agreed
    ]


def _look_at_instant(
    facts: MarketFacts, rules: MarketRules, time_s: int, rows: list[int], tolerance_kwh: float, tally: Tally
) -> None:
    """Whether what was cancelled in one instant may have been."""
    c, jobs = facts.contracts, facts.jobs
    forecasts = facts.neighbourhood.forecasts
    renewed = set(forecasts.producer[forecasts.issued_s == time_s].tolist())
    own = [row for row in rows if int(c.producer[row]) not in renewed]
    if not own:
        return
    first = own[0]
    ids = tuple(jobs.ids[int(c.job[row])] for row in own)
    if rules.algorithm not in MAY_RENEGOTIATE:
        message = f"cancelled {facts.stamp(time_s)} without a forecast, under {rules.algorithm.value}"
        tally.add(facts.contract_name(first), message, 1.0, ids=ids)
        return
    if renewed:
        return
    before, after = _standing(facts, time_s, is_after=False), _standing(facts, time_s, is_after=True)
    before_kwh, after_kwh = (float(jobs.energy_kwh[list(held)].sum()) for held in (before, after))
    lost = sorted(before - after)
    short_kwh = before_kwh - after_kwh
    if short_kwh > tolerance_kwh or (lost and short_kwh > -tolerance_kwh):
        message = (
            f"{len(own)} contracts cancelled {facts.stamp(time_s)}, {len(lost)} jobs lost their producer; "
            f"agreed were {before_kwh:.9g} kWh, then {after_kwh:.9g} kWh"
        )
        excess = max(short_kwh, tolerance_kwh)
        tally.add(facts.contract_name(first), message, excess, value=f"{after_kwh:.9g}", ids=ids)


def _standing(facts: MarketFacts, time_s: int, *, is_after: bool) -> set[int]:
    """Jobs that have a producer just before an instant, or after it."""
    c = facts.contracts
    if is_after:
        holds = (c.agreed_s <= time_s) & (facts.valid | (c.cancelled_s > time_s))
    else:
        holds = (c.agreed_s < time_s) & (facts.valid | (c.cancelled_s >= time_s))
    # A job may be registered, accepted and dropped in one instant; it had no producer before.
    return set(c.job[holds & (c.producer != GRID)].tolist())


def _check_claims(
    facts: MarketFacts, rules: MarketRules, by_time: dict[int, list[int]], tolerance_kwh: float
) -> Iterator[Finding]:
    """Whoever says that smaller jobs went, that a job was handed over or called back, has a contract to show.

    And the other way round: a contract with the grid is cancelled for a producer who called its job back.
    """
    c, d, jobs = facts.contracts, facts.trace.decisions, facts.jobs
    tally = Tally("community.judge.claim", "a cancelled contract of that time for each such answer")
    for n in np.flatnonzero((d.answer == Answer.ACCEPT) & np.isin(d.reason, CLAIMS)).tolist():
        job, producer, reason = int(d.job[n]), int(d.producer[n]), Reason(int(d.reason[n]))
        gone = by_time.get(int(d.time_s[n]), [])
        if reason == Reason.DROPPED_SMALLER:
            least_kwh = float(jobs.energy_kwh[job]) - tolerance_kwh
            fits = any(
                c.producer[row] == producer and c.job[row] != job and jobs.energy_kwh[c.job[row]] < least_kwh
                for row in gone
            )
        elif reason == Reason.HANDED_OVER:
            fits = any(c.job[row] == job and c.producer[row] not in {GRID, producer} for row in gone)
        else:
            fits = any(c.job[row] == job and c.producer[row] == GRID for row in gone)
        if not fits or rules.algorithm not in MAY_RENEGOTIATE:
            where = f"{facts.job_name(job)}, {facts.stamp(int(d.time_s[n]))}"
            message = f"{facts.supplier_name(producer)} says {reason.name}; no such contract was cancelled"
            tally.add(where, message, 1.0, ids=(jobs.ids[job],))
    called = _called_back(facts)
    for time_s, rows in sorted(by_time.items()):
        for row in rows:
            job = int(c.job[row])
            if c.producer[row] == GRID and (time_s, job) not in called:
                message = f"cancelled {facts.stamp(time_s)}, and nobody had called the job back"
                tally.add(facts.contract_name(row), message, 1.0, ids=(jobs.ids[job],))
    yield from tally.findings()


def _called_back(facts: MarketFacts) -> set[tuple[int, int]]:
    """Times and jobs of the answers that say so."""
    d = facts.trace.decisions
    said: NDArray[np.bool_] = (d.answer == Answer.ACCEPT) & (d.reason == Reason.CALLED_BACK)
    return set(zip(d.time_s[said].tolist(), d.job[said].tolist(), strict=True))
