"""Laws of the depot planner on crowded windows: four to six vans, a few periods, one or two DC chargers.

As in ``test_depot_plan``, but made so that chargers, site and routes are in each other's way; that they
are is a test of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cross.charging_instance import check_plan
from cross.random_windows import KINDS, random_window
from sparewatt.decide.optimise.depot_problem import UNDECIDED
from sparewatt.decide.optimise.depot_window import plan_window
from sparewatt.decide.optimise.matrix import Deadline

if TYPE_CHECKING:
    from cross.charging_instance import Instance

NEAR = 1e-4
OPEN_KINDS = tuple(kind for kind in KINDS if kind != "held")
some = settings(max_examples=40, derandomize=True)


def crowded(seed: int) -> Instance:
    rng = np.random.default_rng([seed, 77])
    kind = OPEN_KINDS[seed % len(OPEN_KINDS)]
    return random_window(rng, kind, vans=int(rng.integers(4, 7)))


windows = st.integers(0, 10**6).map(crowded)


def best(instance: Instance) -> tuple[float, ...]:
    """Unserved, breach, −delivered, cost, earliness of the plan, worked out from its arrays."""
    plan = plan_window(instance.problem(), gap=0.0, deadline=Deadline(60.0))
    assert not plan.timed_out
    unserved, breach, delivered, cost, earliness = check_plan(
        instance, plan.energy, plan.unserved * instance.efficiency, plan.charger
    )
    return unserved, breach, -delivered, cost, earliness


def assert_not_worse(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    for mine, theirs in zip(one[:4], other[:4], strict=True):
        if abs(mine - theirs) > NEAR:
            assert mine < theirs, (one, other)
            return


def one_more_dc(instance: Instance) -> Instance:
    return replace(instance, num_dc=instance.num_dc + 1)


def more_site(instance: Instance) -> Instance:
    return replace(instance, free_kw=tuple(free + 3.0 for free in instance.free_kw))


def wider_margin(instance: Instance) -> Instance:
    return replace(instance, breach_kw=instance.breach_kw + 4.0)


def faster(instance: Instance) -> Instance:
    vans = tuple(replace(v, ac_kw=v.ac_kw * 1.5, dc_kw=v.dc_kw * 1.5) for v in instance.vans)
    return replace(instance, vans=vans)


def no_reserve(instance: Instance) -> Instance:
    return replace(instance, reserve=0.0)


def longer_stays(instance: Instance) -> Instance:
    """Each stay ends as late as the vehicle's next begins."""
    stays = list(instance.stays)
    for i, stay in enumerate(stays):
        nxt = stays[i + 1] if i + 1 < len(stays) and stays[i + 1].vehicle == stay.vehicle else None
        if not stay.fraction and stay.end > stay.first and (nxt is None or nxt.first > stay.end):
            stays[i] = replace(stay, end=nxt.first if nxt else instance.periods)
    return replace(instance, stays=tuple(stays))


RELIEFS = (one_more_dc, more_site, wider_margin, faster, no_reserve)


@pytest.mark.parametrize("relief", RELIEFS)
@some
@given(instance=windows)
def test_what_can_only_help_is_never_worse(relief, instance):
    assert_not_worse(best(relief(instance)), best(instance))


@some
@given(instance=windows)
def test_longer_stays_are_never_worse_where_chargers_are_for_all(instance):
    """A longer stay keeps its charger longer, so it helps only where there is one for everybody."""
    roomy = replace(instance, num_dc=len(instance.vans))
    assert_not_worse(best(longer_stays(roomy)), best(roomy))


@some
@given(instance=windows, num_ac=st.integers(0, 3))
def test_ac_for_everybody_is_never_worse_than_some_of_it(instance, num_ac):
    limited, one_more = replace(instance, num_ac=num_ac), replace(instance, num_ac=num_ac + 1)
    assert_not_worse(best(one_more), best(limited))
    assert_not_worse(best(instance), best(one_more))


@some
@given(instance=windows)
def test_a_charger_in_hand_is_never_better_than_a_choice(instance):
    """Fixing what the best plan gives each stay changes nothing; it cannot become better either."""
    plan = plan_window(instance.problem(), gap=0.0, deadline=Deadline(60.0))
    stays = tuple(
        replace(stay, held=int(charger)) if stay.end > stay.first else stay
        for stay, charger in zip(instance.stays, plan.charger, strict=True)
    )
    assert best(replace(instance, stays=stays))[:4] == pytest.approx(best(instance)[:4], abs=NEAR)


@some
@given(instance=windows, factor=st.sampled_from((1e-3, 0.5, 240.0)), levy=st.sampled_from((-3.0, 0.0, 0.7)))
def test_another_tariff_of_the_same_order_changes_the_cost_alone(instance, factor, levy):
    """price → factor·price + levy, with factor > 0: the same order of periods, so the same energies."""
    before = best(instance)
    after = best(replace(instance, price=tuple(factor * p + levy for p in instance.price)))
    assert after[:3] == pytest.approx(before[:3], abs=NEAR)
    assert after[3] == pytest.approx(factor * before[3] - levy * before[2], abs=NEAR * max(1.0, factor))
    assert after[4] == pytest.approx(before[4], abs=1e-2)


@some
@given(instance=windows, random=st.randoms(use_true_random=False))
def test_the_order_of_vehicles_does_not_matter(instance, random):
    order = list(range(len(instance.vans)))
    random.shuffle(order)
    stays = tuple(
        replace(stay, vehicle=new)
        for new, old in enumerate(order)
        for stay in instance.stays
        if stay.vehicle == old
    )
    other = replace(instance, vans=tuple(instance.vans[old] for old in order), stays=stays)
    assert best(other) == pytest.approx(best(instance), abs=NEAR)


@some
@given(instance=windows, seed=st.integers(0, 99))
def test_a_looser_gap_is_kept(instance, seed):
    gap = (0.3, 0.05, 0.01)[seed % 3]
    proven = best(instance)
    plan = plan_window(instance.problem(), gap=gap, deadline=Deadline(60.0))
    loose = check_plan(instance, plan.energy, plan.unserved * instance.efficiency, plan.charger)
    assert_not_worse(proven, (loose[0], loose[1], -loose[2], loose[3]))
    assert plan.ranks.unserved * instance.efficiency == pytest.approx(loose[0], abs=NEAR)


@pytest.mark.parametrize("relief", RELIEFS)
def test_the_windows_are_crowded(relief):
    """In a good part of them the relief is one, or these laws would say nothing."""
    helped = 0
    for seed in range(28):
        instance = crowded(seed)
        assert all(stay.held == UNDECIDED for stay in instance.stays)
        before, after = best(instance), best(relief(instance))
        helped += any(abs(a - b) > NEAR for a, b in zip(before, after, strict=True))
    assert helped >= (2 if relief is no_reserve else 5)
