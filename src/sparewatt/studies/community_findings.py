"""What is to be said of a community run: the judge's findings of all repetitions, and what it came to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.model.contract import GRID
from sparewatt.model.market_rules import Algorithm
from sparewatt.results.community_kpis import NOISE, repetition_values
from sparewatt.results.kpis import number_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sparewatt.results.community_repetition import Repetition
    from sparewatt.results.community_view import CommunityRun

WITH_DRAWS = frozenset({Algorithm.FIFTY_FIFTY, Algorithm.L_BFGS_B, Algorithm.SLSQP, Algorithm.TNC})
"""Algorithms that make random choices."""
_SHORT = 1e-6
"""Energy below this is noise of the arithmetic, relative to what was agreed."""


def find_run_findings(run: CommunityRun) -> tuple[Finding, ...]:
    """Findings of a run, those of each rule once for all repetitions."""
    return (
        *_judged(run.repetitions),
        *_import_limit(run),
        *_short_sun(run),
        *_open_bounds(run),
        *_same_repetitions(run),
        *_answers_left_out(run),
    )


def _judged(repetitions: Sequence[Repetition]) -> Iterator[Finding]:
    """What the judge found: of each rule and place the first, with the number of repetitions that have it."""
    found: dict[tuple[str, str], list[tuple[int, Finding]]] = {}
    for repetition in repetitions:
        for finding in repetition.findings:
            found.setdefault((finding.rule, finding.where), []).append((repetition.number, finding))
    for each in found.values():
        number, first = each[0]
        if len(repetitions) == 1:
            yield first
            continue
        count = len({n for n, _ in each})
        told = f"in {count} of {len(repetitions)} repetitions, first in repetition {number}: {first.message}"
        yield replace(first, message=told)


def _import_limit(run: CommunityRun) -> Iterator[Finding]:
    """Minutes in which the houses bought more than they may."""
    limit_kw = run.setting.rules.import_limit_kw
    each = [(repetition_values(run, r), r) for r in run.repetitions]
    broken = [(v, r) for v, r in each if v["over_import_limit_minutes"]]
    if not broken:
        return
    values, worst = max(broken, key=lambda pair: pair[0]["over_import_limit_kwh"] or 0.0)
    over = worst.minutes.grid_kw - limit_kw
    minute = int(np.flatnonzero(over > over.max() - NOISE * limit_kw - NOISE)[0])
    yield Finding(
        "community.import_limit",
        "warning",
        _place(run, worst),
        f"the houses bought more than {limit_kw:g} kW in {values['over_import_limit_minutes']} minutes, "
        f"{number_text(values['over_import_limit_kwh'])} kWh too much, most at "
        f"{run.grid.time_at(minute * 60).isoformat(timespec='minutes')}{_of_how_many(run, len(broken))}",
        f"{number_text(float(worst.minutes.grid_kw[minute]))} kW",
        "jobs with longer windows, more sun, or a higher import_limit_kw",
        margin=float(over[minute]),
    )


def _short_sun(run: CommunityRun) -> Iterator[Finding]:
    """Energy that producers agreed to and the sun did not give."""
    told = []
    for r in run.repetitions:
        agreed = r.contracts.is_valid & (r.contracts.producer != GRID)
        short = float(r.contracts.grid_kwh[agreed].sum())
        if short > _SHORT * max(1.0, float(r.contracts.energy_kwh[agreed].sum())):
            told.append((short, r))
    if not told:
        return
    short, worst = max(told, key=lambda pair: pair[0])
    partial = run.setting.rules.allow_partial
    yield Finding(
        "community.sun_short",
        "info",
        _place(run, worst),
        f"{number_text(short)} kWh that jobs were to have from producers came from the grid: "
        + ("forecasts fell after jobs had started, or allow_partial let it" if partial else _FELL)
        + _of_how_many(run, len(told)),
        f"{number_text(short)} kWh",
        "better forecasts" + (", or a lower allow_partial" if partial else ""),
        margin=short,
    )


_FELL = "forecasts fell after jobs had started"


def _open_bounds(run: CommunityRun) -> Iterator[Finding]:
    """Bounds that the deadline left open."""
    if run.bounds is None:
        return
    for name, bound in (("one pool of all sun", run.bounds.pool), ("contracts", run.bounds.contract)):
        if bound.status == "open":
            yield Finding(
                "community.bound.open",
                "info",
                f"best possible, {name}",
                f"{number_text(bound.best_kwh)} kWh were found, more than {number_text(bound.upper_kwh)} kWh "
                "are proven to be impossible; shares are told of the latter",
                f"gap {percent_text(bound.gap)}",
                "a longer community.solve_s",
                margin=bound.gap,
            )


def _same_repetitions(run: CommunityRun) -> Iterator[Finding]:
    """Repetitions of an algorithm that draws nothing."""
    algorithm = run.setting.rules.algorithm
    if len(run.repetitions) > 1 and algorithm not in WITH_DRAWS:
        yield Finding(
            "community.repetitions",
            "info",
            "community.repetitions",
            f"{algorithm.value} makes no random choice, so that its repetitions come to the same",
            str(len(run.repetitions)),
            "repetitions = 1",
        )


def _answers_left_out(run: CommunityRun) -> Iterator[Finding]:
    """Answers that are counted and not listed."""
    left_out = [r for r in run.repetitions if r.decisions is None]
    if left_out:
        answers, several = int(np.sum([r.counts.by_producer.sum() for r in left_out])), len(left_out) > 1
        yield Finding(
            "community.answers",
            "info",
            f"repetition {left_out[0].number}" + (" and others" if several else ""),
            f"{answers:,} answers are counted by job, producer and reason, and not listed one by one",
            f"{len(left_out)} repetition{'s' if several else ''}",
            "fewer repetitions or days, to see every answer",
        )


def _place(run: CommunityRun, repetition: Repetition) -> str:
    return "all houses" if len(run.repetitions) == 1 else f"all houses, repetition {repetition.number}"


def _of_how_many(run: CommunityRun, count: int) -> str:
    return "" if len(run.repetitions) == 1 else f" ({count} of {len(run.repetitions)} repetitions)"
