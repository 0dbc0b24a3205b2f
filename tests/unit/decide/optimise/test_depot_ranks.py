"""How plans compare in the five ranks, and what a gap means."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import inf

import pytest

from sparewatt.decide.optimise.depot_ranks import Ranks

PLAN = Ranks(unserved=2.0, breach=3.0, delivered=50.0, cost=10.0, earliness=7.0)
BETTER = {"unserved": 1.0, "breach": 2.0, "delivered": 51.0, "cost": 9.0, "earliness": 6.0}
WORSE = {"unserved": 3.0, "breach": 4.0, "delivered": 49.0, "cost": 11.0, "earliness": 8.0}
ORDER = tuple(BETTER)


@pytest.mark.parametrize("rank", ORDER)
def test_better_in_one_rank(rank):
    other = replace(PLAN, **{rank: BETTER[rank]})
    assert other.better_than(PLAN)
    assert not PLAN.better_than(other)


@pytest.mark.parametrize(("early", "late"), list(combinations(ORDER, 2)))
def test_an_earlier_rank_outweighs_any_later_one(early, late):
    other = replace(PLAN, **{early: BETTER[early], late: WORSE[late] * 1e6})
    assert other.better_than(PLAN)
    assert not PLAN.better_than(other)


@pytest.mark.parametrize("rank", ORDER)
def test_a_hair_is_no_difference(rank):
    other = replace(PLAN, **{rank: getattr(PLAN, rank) + 1e-10})
    assert not other.better_than(PLAN)
    assert not PLAN.better_than(other)


def test_the_hair_leaves_the_next_rank_to_decide():
    other = replace(PLAN, unserved=PLAN.unserved + 1e-8, cost=9.0)
    assert other.better_than(PLAN)


def test_energies_match():
    assert PLAN.energies_match(replace(PLAN, cost=-inf, earliness=-inf))
    for rank in ("unserved", "breach", "delivered"):
        assert not PLAN.energies_match(replace(PLAN, **{rank: BETTER[rank]}))
        assert PLAN.energies_match(replace(PLAN, **{rank: WORSE[rank]}))


@pytest.mark.parametrize(
    ("plan", "bound", "gap"),
    [
        # Nothing open.
        (PLAN, PLAN, 0.0),
        (PLAN, replace(PLAN, earliness=-inf), 0.0),
        # Cost: relative to the plan's own.
        (PLAN, replace(PLAN, cost=9.9), 0.01),
        (replace(PLAN, cost=-10.0), replace(PLAN, cost=-11.0), 0.1),
        (PLAN, replace(PLAN, cost=-500.0), 1.0),
        (PLAN, replace(PLAN, cost=10.5), 0.0),
        # Energies: against the energy delivered, the first open rank only.
        (PLAN, replace(PLAN, unserved=1.0), 1 / 50),
        (PLAN, replace(PLAN, breach=2.5), 0.5 / 50),
        (PLAN, replace(PLAN, delivered=52.0), 2 / 50),
        (PLAN, replace(PLAN, unserved=1.0, breach=-100.0, delivered=900.0), 1 / 50),
        (replace(PLAN, unserved=80.0), replace(PLAN, unserved=40.0), 0.5),
        # Both: the larger.
        (PLAN, replace(PLAN, unserved=1.0, cost=9.0), 0.1),
        (PLAN, replace(PLAN, unserved=1.0, cost=9.99), 1 / 50),
        # Nothing proven of the cost behind an open energy: the energy tells.
        (PLAN, replace(PLAN, delivered=52.0, cost=-inf), 2 / 50),
        # Nothing proven at all.
        (PLAN, replace(PLAN, cost=-inf), 1.0),
        (PLAN, replace(PLAN, unserved=-inf), 1.0),
        # A depot that has nothing to charge.
        (Ranks(0.0, 0.0, 0.0, 0.0), Ranks(0.0, 0.0, 0.0, 0.0), 0.0),
    ],
)
def test_gap(plan, bound, gap):
    assert plan.gap_to(bound) == pytest.approx(gap)


def test_a_gap_is_never_above_one():
    worst = Ranks(unserved=1e6, breach=1e6, delivered=0.0, cost=1e6)
    assert worst.gap_to(Ranks(0.0, 0.0, 1e6, -1e9)) == 1.0
