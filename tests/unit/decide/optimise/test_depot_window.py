"""One window from start to plan: deadlines, chargers given back, and windows with nothing to do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cross.charging_enumeration import best_ranks
from cross.charging_instance import Instance, Stay, Van, check_plan
from cross.random_windows import KINDS, random_window
from sparewatt.decide.optimise.depot_window import WindowPlan, plan_window
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.schedule import AC, DC, NO_CHARGER

NEAR = 1e-5


def plan(instance: Instance, gap: float = 0.0, seconds: float = 60.0) -> WindowPlan:
    return plan_window(instance.problem(), gap=gap, deadline=Deadline(seconds))


def judged(instance: Instance, made: WindowPlan) -> tuple[float, ...]:
    return check_plan(instance, made.energy, made.unserved * instance.efficiency, made.charger)


def assert_honest(made: WindowPlan, ranks: tuple[float, ...], best: tuple[float, ...]) -> None:
    """The true distance to the best is within the gap: the first energy that is open, or the cost.

    A gap of 1 says that nothing is proven.
    """
    if made.gap == 1.0:
        return
    energy = max(ranks[2], ranks[0], 1.0)
    for rank, sign in enumerate((1.0, 1.0, -1.0)):
        missed = sign * (ranks[rank] - best[rank])
        assert missed >= -NEAR
        if missed > NEAR:
            assert missed <= made.gap * energy + NEAR
            return
    assert ranks[3] >= best[3] - NEAR
    assert made.bound.cost <= best[3] + NEAR
    # Behind an energy that is not proven nothing is claimed of the cost: then the gap is the energy's.
    energies_open = not made.ranks.energies_match(made.bound)
    assert energies_open or ranks[3] - best[3] <= made.gap * max(abs(ranks[3]), 1e-9) + NEAR
    assert not energies_open or made.gap > 0.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num_ac", [None, 3])
def test_no_time_still_gives_a_plan_with_an_honest_gap(kind, num_ac):
    for seed in range(5):
        rng = np.random.default_rng([seed, KINDS.index(kind), 5])
        instance = replace(random_window(rng, kind, vans=3), num_ac=num_ac)
        made = plan(instance, gap=1e-4, seconds=0.0)
        assert_honest(made, judged(instance, made), best_ranks(instance))
        assert made.gap <= 1e-4 or made.timed_out


@pytest.mark.parametrize("kind", ["roomy", "short", "held"])
def test_no_time_for_the_least_power_either(kind):
    for seed in range(4):
        rng = np.random.default_rng([seed, KINDS.index(kind), 6])
        instance = replace(random_window(rng, kind, vans=3), least_kw=2.0)
        judged(instance, plan(instance, seconds=0.0))


def test_a_window_too_large_for_no_time_says_so():
    """60 vans that share 12 AC and 2 DC chargers: possible, not proven, and told."""
    instance = replace(random_window(np.random.default_rng(1), "short", vans=60), num_ac=12)
    made = plan(instance, gap=1e-4, seconds=0.0)
    judged(instance, made)
    assert made.timed_out
    assert made.gap > 1e-4


def test_same_window_same_bytes():
    rng = np.random.default_rng(11)
    instance = random_window(rng, "scarce_dc", vans=4)
    one, two = plan(instance), plan(instance)
    assert one.energy.tobytes() == two.energy.tobytes()
    assert one.charger.tobytes() == two.charger.tobytes()


def test_scarce_dc_by_hand():
    """Two vans miss 4 kWh each, an hour each at once, one DC charger of 8 kW, AC 2 kW: 4 + 1 kWh, 3 missing.

    V1's route needs all of its battery, V0's only 2 kWh of the 6 that are there: DC is V1's.
    """
    vans = (Van(10.0, 6.0, 2.0, 8.0), Van(10.0, 6.0, 2.0, 8.0))
    stays = (Stay(0, 0, 2), Stay(0, 3, 3, 2.0), Stay(1, 0, 2), Stay(1, 3, 3, 10.0))
    one = Instance(vans, stays, (0.3, 0.1, 0.1, 0.1), (50.0,) * 4, 0.0, 1, efficiency=1.0)
    made = plan(one)
    assert made.charger[[0, 2]].tolist() == [AC, DC]
    assert judged(one, made)[:4] == pytest.approx((0.0, 0.0, 6.0, 0.3 * (1 + 0) + 0.1 * (1 + 4)))
    assert made.energy.tolist() == pytest.approx([1.0, 1.0, 0.0, 4.0])


def test_dc_that_changes_nothing_is_given_back():
    """1 kWh missing in two periods of 1 kWh on AC: no use for DC."""
    one = Instance(
        (Van(10.0, 9.0, 2.0, 8.0),), (Stay(0, 0, 2),), (0.2, 0.1), (9.0, 9.0), 0.0, 1, efficiency=1.0
    )
    made = plan(one)
    assert made.charger.tolist() == [AC]
    assert made.energy.tolist() == pytest.approx([0.0, 1.0])
    # For a price it is of use: 1.5 kWh, of which AC could take only 1 in the cheap period.
    dearer = replace(one, vans=(Van(10.0, 8.5, 2.0, 8.0),))
    assert plan(dearer).charger.tolist() == [DC]


def test_without_an_ac_socket_there_is_no_charger():
    one = Instance((Van(10.0, 9.0, 0.0, 8.0),), (Stay(0, 0, 2),), (0.2, 0.1), (9.0, 9.0), 0.0, 0)
    made = plan(one)
    assert made.charger.tolist() == [NO_CHARGER]
    assert made.energy.tolist() == [0.0, 0.0]


def test_equal_prices_charge_as_early_as_possible():
    """3 kWh at 1 kWh a period and one price: the first three; earliness decides who waits, too."""
    one = Instance(
        (Van(10.0, 7.0, 2.0, 0.0),), (Stay(0, 1, 6),), (0.1,) * 6, (9.0,) * 6, 0.0, 0, efficiency=1.0
    )
    assert plan(one).energy.tolist() == pytest.approx([1.0, 1.0, 1.0, 0.0, 0.0])


def test_earliness_decides_between_chargers_at_gap_zero():
    """One DC charger, one price. V0 (10 kWh in 5 periods of AC) or V1 (in 6-10) may be the faster one.

    DC for V0: 4+4+2 at 0, 1, 2 = 8, V1 on AC 2 each at 5..9 = 70. For V1: 2·(0+1+2+3+4) = 20, and
    4·5 + 4·6 + 2·7 = 58. 78 is the same as 78; with V1's stay one period later DC still saves 12 for each.
    V0's AC slower (1 kWh a period) would deliver less: so DC is V0's, before the earliness is asked.
    """
    vans = (Van(10.0, 0.0, 2.0, 8.0), Van(10.0, 0.0, 4.0, 8.0))
    stays = (Stay(0, 0, 5), Stay(1, 0, 5))
    one = Instance(vans, stays, (0.1,) * 5, (90.0,) * 5, 0.0, 1, efficiency=1.0)
    # V0 gets 5 kWh on AC and 10 on DC, V1 10 on either: DC for V0.
    assert plan(one).charger.tolist() == [DC, AC]
    # V0 misses 5 kWh: AC 0+1+2+3+4 = 10, DC 4·0 + 1·1 = 1. V1 misses 10: AC 2·10 = 20, DC 4·1 + 2·2 = 8.
    alike = replace(one, vans=(Van(10.0, 5.0, 2.0, 8.0), vans[1]))
    made = plan(alike)
    assert made.charger.tolist() == [AC, DC]
    assert made.ranks.earliness == pytest.approx(10.0 + 8.0)


def test_a_window_without_anybody():
    one = Instance((Van(10.0, 5.0, 2.0, 8.0),), (), (0.1, 0.1), (9.0, 9.0), 0.0, 1)
    made = plan(one)
    assert (made.ranks.delivered, made.gap, made.timed_out) == (0.0, 0.0, False)
    assert len(made.energy) == len(made.charger) == 0
    limited = plan(replace(one, num_ac=1))
    assert (limited.ranks.delivered, limited.gap) == (0.0, 0.0)


def test_nobody_needs_anything():
    one = Instance((Van(10.0, 10.0, 2.0, 8.0),), (Stay(0, 0, 2),), (-0.1, 0.1), (9.0, 9.0), 0.0, 1)
    made = plan(one)
    assert made.energy.tolist() == [0.0, 0.0]
    assert (made.gap, made.timed_out) == (0.0, False)


def test_a_site_without_any_room():
    """No limit left and no margin: everything asked is unserved, nothing is delivered."""
    stays = (Stay(0, 0, 2), Stay(0, 2, 2, 9.0))
    one = Instance((Van(10.0, 5.0, 2.0, 8.0),), stays, (0.1, 0.1), (0.0, 0.0), 0.0, 1)
    assert judged(one, plan(one))[:3] == pytest.approx((4.0, 0.0, 0.0))


def test_a_least_power_above_the_ac_rate():
    """AC takes 0.5 kWh a period, the least is 1 kWh, DC takes 4: only DC can charge at all."""
    one = Instance(
        (Van(10.0, 9.0, 1.0, 8.0),),
        (Stay(0, 0, 2),),
        (0.1, 0.1),
        (9.0, 9.0),
        0.0,
        1,
        efficiency=1.0,
        least_kw=2.0,
    )
    made = plan(one, gap=2e-4)
    best = best_ranks(one)
    assert best[2] == pytest.approx(1.0)
    assert_honest(made, judged(one, made), best)
    assert made.charger.tolist() == [DC]
