"""Rules on answers: who is asked in which order, what it does to scores, and which contract comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sparewatt.model.contract import GRID, Answer, Reason
from sparewatt.model.market_rules import Algorithm
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.market_rules import MarketRules
    from sparewatt.verify.community_facts import MarketFacts

PLANNED = (Algorithm.COMMUNITY_MILP, Algorithm.PERFECT_FORESIGHT)
"""Algorithms that plan for all and ask nobody."""
UNASKED = (Reason.HANDED_OVER, Reason.CALLED_BACK)
"""Answers to what producers ask each other, or a consumer; their scores had no part in it."""


class Request(NamedTuple):
    """The answers to one question, those of one job at one time up to the first yes.

    Parameters
    ----------
    time_s, job
        When [s since time 0] and for which job.
    first, end
        Its answers.
    producer
        Who said yes, or ``GRID``.
    was_asked
        Whether the job asked; otherwise it was handed over or called back.
    """

    time_s: int
    job: int
    first: int
    end: int
    producer: int
    was_asked: bool


def check_ids(facts: MarketFacts, ids: tuple[str, ...]) -> Iterator[Finding]:
    """Ids of contracts are unique and say supplier, job and time of agreement."""
    c, jobs = facts.contracts, facts.jobs
    tally = Tally("community.judge.contract_id", "<producer|grid>;<job>;<time of agreement>, each only once")
    if len(ids) != len(c):
        tally.add("ids", f"{len(ids)} ids of {len(c)} contracts", abs(float(len(ids) - len(c))))
    seen: dict[str, int] = {}
    for row, name in enumerate(ids[: len(c)]):
        supplier, job = facts.supplier_name(int(c.producer[row])), jobs.ids[int(c.job[row])]
        right = f"{supplier};{job};{facts.neighbourhood.origin_s + int(c.agreed_s[row])}"
        if name != right and not name.startswith(f"{right}#"):
            tally.add(f"contract row {row}", f"its id is {name}, it begins with {right}", 1.0, value=name)
        if name in seen:
            tally.add(
                f"contract row {row}", f"its id {name} is that of row {seen[name]} too", 1.0, value=name
            )
        seen.setdefault(name, row)
    yield from tally.findings()


def check_scores(facts: MarketFacts, scores: NDArray[np.float64]) -> Iterator[Finding]:
    """Scores begin as given; in the end they are less by every yes and more by every no.

    Parameters
    ----------
    facts
        What happened.
    scores
        Scores that the producers were to start with, shape (producers,).
    """
    d, trace = facts.trace.decisions, facts.trace
    names = facts.neighbourhood.producers.ids
    yes = np.bincount(d.producer[d.answer == Answer.ACCEPT], minlength=len(names))
    no = np.bincount(d.producer[d.answer == Answer.DECLINE], minlength=len(names))
    right = scores - yes + no
    tally = Tally("community.judge.scores", "start - yes + no")

    def place(p: int) -> Place:
        message = (
            f"from {trace.start_scores[p]:.9g} to {trace.end_scores[p]:.9g} with {yes[p]} yes and {no[p]} "
            f"no, right is from {scores[p]:.9g} to {right[p]:.9g}"
        )
        return Place(f"producer {names[p]}", message, f"{trace.end_scores[p]:.9g}", (names[p],))

    off = np.maximum(np.abs(trace.start_scores - scores), np.abs(trace.end_scores - right))
    tally.look(off, 1e-9, place)
    yield from tally.findings()


def check_answers(facts: MarketFacts, rules: MarketRules) -> Iterator[Finding]:
    """Contracts come of answers, one after the other; producers are asked in the order of their scores.

    A contract with a producer follows its yes, one with the grid the no of all who are known. Who plans
    for all says yes for every new contract, and asks nobody.
    """
    requests = find_requests(facts)
    c, ids = facts.contracts, facts.jobs.ids
    planned = rules.algorithm in PLANNED
    first_heard_s = int(facts.neighbourhood.forecasts.issued_s.min(initial=np.iinfo(np.int64).max))
    tally = Tally(
        "community.judge.answers", "a contract with whoever says yes, with the grid after all say no"
    )
    place = 0
    for row, (job, producer, time_s) in enumerate(
        zip(c.job.tolist(), c.producer.tolist(), c.agreed_s.tolist(), strict=True)
    ):
        request = requests[place] if place < len(requests) else None
        fits = request is not None and request[:2] == (time_s, job) and request.producer == producer
        is_unasked = producer == GRID and (planned or first_heard_s >= time_s)
        if fits:
            place += 1
        elif not is_unasked or (request is not None and request[:2] == (time_s, job) and request.was_asked):
            tally.add(facts.contract_name(row), "no answer of that time led to it", 1.0, ids=(ids[job],))
            break
    if place < len(requests) and not [*tally.findings()]:
        request = requests[place]
        message = f"asked for {facts.stamp(request.time_s)}, and no contract came of it"
        tally.add(facts.job_name(request.job), message, 1.0, ids=(ids[request.job],))
    yield from tally.findings()
    if not planned:
        yield from _check_order(facts, rules, requests)


def find_requests(facts: MarketFacts) -> list[Request]:
    """Answers by question."""
    d = facts.trace.decisions
    if not len(d):
        return []
    new = (np.diff(d.time_s) != 0) | (np.diff(d.job) != 0) | (d.answer[:-1] == Answer.ACCEPT)
    new |= np.isin(d.reason[1:], UNASKED)
    first = np.concatenate([[0], np.flatnonzero(new) + 1])
    end = np.append(first[1:], len(d))
    last = end - 1
    said_yes = d.answer[last] == Answer.ACCEPT
    producer = np.where(said_yes, d.producer[last].astype(np.int64), GRID)
    was_asked = ~(said_yes & np.isin(d.reason[last], UNASKED))
    columns = (d.time_s[first], d.job[first], first, end, producer, was_asked)
    return [Request(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _check_order(facts: MarketFacts, rules: MarketRules, requests: list[Request]) -> Iterator[Finding]:
    """Asked are the producers known by then, lowest score first, equal ones in the order of registration.

    Producers who take a job over or call it back are not looked at. Where a job asks again within the
    second of a forecast, any of the forecasts of that second may have
    been the cause: producers first heard of in it are known or not, in the order of the file.
    """
    d, names = facts.trace.decisions, facts.neighbourhood.producers.ids
    forecasts = facts.neighbourhood.forecasts
    scores = facts.trace.start_scores.copy()
    first_s = np.full(len(names), np.iinfo(np.int64).max)
    first_row = np.zeros(len(names), np.int64)
    for row in np.argsort(forecasts.issued_s, kind="stable"):
        producer = int(forecasts.producer[row])
        if forecasts.issued_s[row] < first_s[producer]:
            first_s[producer], first_row[producer] = forecasts.issued_s[row], row
    tally = Tally("community.judge.order", "producers known by then, lowest score first, until one says yes")
    asked_before: set[int] = set()
    for request in requests:
        asked = d.producer[request.first : request.end].astype(np.int64)
        if not request.was_asked:
            scores[request.producer] -= 1.0
            continue
        now = np.flatnonzero(first_s == request.time_s)
        now = now[np.argsort(first_row[now], kind="stable")]
        is_again = request.job in asked_before
        asked_before.add(request.job)
        if is_again and len(now):
            ways = range(len(now) + 1)
        else:
            ways = range(len(now), len(now) + 1) if rules.predictions_first else range(1)
        right = np.empty(0, np.int64)
        for heard in ways:
            known = np.sort(np.append(np.flatnonzero(first_s < request.time_s), now[:heard]))
            right = known[np.argsort(scores[known], kind="stable")]
            right = right[: len(asked)] if request.producer != GRID else right
            if np.array_equal(asked, right):
                break
        else:
            message = f"asked {_list(names, asked)}; right is {_list(names, right)}"
            where = f"{facts.job_name(request.job)}, {facts.stamp(request.time_s)}"
            tally.add(where, message, 1.0, ids=(facts.jobs.ids[request.job],))
        scores[asked] += 1.0
        if request.producer != GRID:
            scores[request.producer] -= 2.0
    yield from tally.findings()


def _list(names: tuple[str, ...], rows: NDArray[np.int64]) -> str:
    """Names of some producers, not more than five."""
    shown = ", ".join(names[row] for row in rows[:5])
    return f"{shown} and {len(rows) - 5} more" if len(rows) > 5 else shown or "nobody"  # noqa: PLR2004
