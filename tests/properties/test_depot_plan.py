"""Laws of the depot planner.

Those on ranks compare windows of a whole day, solved to the end (gap 0). A law says that a plan of one
window is also possible in the other; then the other's best cannot be worse in rank order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from properties.strategies_depot import depots
from sparewatt.decide.optimise.depot_days import DepotPlanner
from sparewatt.decide.optimise.depot_problem import UNDECIDED, window_problem
from sparewatt.decide.optimise.depot_window import plan_window
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.decide.rules.unmanaged import plan_unmanaged
from sparewatt.model.depot_day import DepotDay, schedule_of_days
from sparewatt.model.sessions import Sessions
from sparewatt.verify.depot_schedule import check_depot_schedule

if TYPE_CHECKING:
    from sparewatt.decide.optimise.depot_ranks import Ranks
    from sparewatt.model.depot import Depot
    from sparewatt.model.schedule import DepotSchedule

NEAR_KWH = 1e-4
NEAR_COST = 1e-4
SECONDS = 20.0
# The same examples on every run: each costs some solves.
few = settings(max_examples=25, derandomize=True)

# Least power is put on after the chargers are chosen, so the laws of ranks are for those without.
plain_depots = depots(max_vehicles=3, max_days=1).map(lambda d: replace(d, min_power_kw=0.0))


def best_ranks(depot: Depot) -> Ranks:
    """Ranks of the whole horizon as one window; examples that take too long are passed over."""
    held = np.full(len(depot.sessions), UNDECIDED, dtype=np.int8)
    missing = (1.0 - depot.initial_soc) * depot.vehicles.battery_kwh
    problem, _, _ = window_problem(depot, 0, depot.horizon.periods, missing, held)
    plan = plan_window(problem, gap=0.0, deadline=Deadline(SECONDS))
    assume(not plan.timed_out)
    return plan.ranks


def as_costs(ranks: Ranks) -> tuple[float, ...]:
    return ranks.unserved, ranks.breach, -ranks.delivered, ranks.cost


def assert_not_worse(one: tuple[float, ...], other: tuple[float, ...]) -> None:
    """Of the first rank that differs (less is better) ``one`` has less."""
    for mine, theirs, near in zip(one, other, (NEAR_KWH, NEAR_KWH, NEAR_KWH, NEAR_COST), strict=True):
        if abs(mine - theirs) > near:
            assert mine < theirs, (one, other)
            return


def ranks_of(schedule: DepotSchedule) -> tuple[float, ...]:
    depot = schedule.depot
    energy = schedule.charging_kw * depot.horizon.step_h
    over = np.maximum(0.0, energy - depot.free_kw * depot.horizon.step_h)
    unserved = schedule.unserved_kwh.sum() / depot.efficiency
    return unserved, over.sum(), -energy.sum(), energy @ depot.price_per_kwh


@settings(max_examples=60, derandomize=True)
@given(depots(), st.integers(1, 3), st.sampled_from((0.0, 2e-4, 0.01)))
def test_the_judge_has_nothing_to_say(depot, horizon_days, gap):
    """Limited AC, least power, reserves, clock changes and all."""
    planner = DepotPlanner(horizon_days=horizon_days, gap=gap, solve_seconds=1.0)
    days = list(planner.plan(depot))
    schedule = schedule_of_days(depot, days)
    assert check_depot_schedule(schedule, mode="opt") == ()
    for day in days:
        event(f"{day.report.level}, {day.report.status}")
        assert 0.0 <= day.report.gap <= 1.0
        assert day.report.gap <= max(gap, 1e-4) or day.report.status in {"timed_out", "open"}
        # Time was left, so only the least power, which is put on after the choice, may leave it open.
        assert day.report.status != "open" or depot.min_power_kw > 0.0
    assert sum(d.report.delivered_kwh for d in days) * 1.0 <= schedule.energy_kwh.sum() + 1e-6
    assert sum(d.report.unserved_kwh for d in days) <= schedule.unserved_kwh.sum() + 1e-6


@few
@given(depots(max_vehicles=3), st.integers(1, 2), st.integers(0, 2))
def test_resumed_the_days_are_the_same(depot, horizon_days, at):
    assume(at < depot.horizon.days)
    planner = DepotPlanner(horizon_days=horizon_days)
    whole = list(planner.plan(depot))
    state = DepotDay.from_bytes(at, whole[at].to_bytes()).after
    rest = list(planner.plan(depot, state))
    assert [d.to_bytes() for d in rest] == [d.to_bytes() for d in whole[at + 1 :]]


@few
@given(plain_depots, st.sampled_from((1.2, 4.0)))
def test_more_capacity_is_never_worse(depot, factor):
    more = replace(depot, asc_kw=depot.asc_kw * factor)
    assert_not_worse(as_costs(best_ranks(more)), as_costs(best_ranks(depot)))


@few
@given(plain_depots)
def test_another_dc_charger_is_never_worse(depot):
    more = replace(depot, chargers=replace(depot.chargers, num_dc=depot.chargers.num_dc + 1))
    assert_not_worse(as_costs(best_ranks(more)), as_costs(best_ranks(depot)))


@few
@given(plain_depots)
def test_an_ac_socket_for_everyone_is_never_worse(depot):
    limited = replace(depot, chargers=replace(depot.chargers, limit_ac=True))
    free = replace(depot, chargers=replace(depot.chargers, limit_ac=False))
    assert_not_worse(as_costs(best_ranks(free)), as_costs(best_ranks(limited)))


@few
@given(plain_depots)
def test_faster_charging_is_never_worse(depot):
    v, c = depot.vehicles, depot.chargers
    faster = replace(
        depot,
        vehicles=replace(v, ac_kw=v.ac_kw * 1.5, dc_kw=v.dc_kw * 1.5),
        chargers=replace(c, ac_kw=c.ac_kw * 1.5, dc_kw=c.dc_kw * 1.5),
    )
    assert_not_worse(as_costs(best_ranks(faster)), as_costs(best_ranks(depot)))


@few
@given(plain_depots, st.sampled_from((0.0, 0.5, 0.9)))
def test_shorter_routes_and_smaller_reserves_leave_no_more_unserved(depot, factor):
    shorter = replace(depot, sessions=replace(depot.sessions, use_kwh=depot.sessions.use_kwh * factor))
    before = best_ranks(depot).unserved
    assert best_ranks(shorter).unserved <= before + NEAR_KWH
    assert best_ranks(replace(depot, reserve=depot.reserve * factor)).unserved <= before + NEAR_KWH


@few
@given(plain_depots, st.randoms(use_true_random=False))
def test_the_order_of_vehicles_does_not_matter(depot, random):
    order = list(range(len(depot.vehicles)))
    random.shuffle(order)
    one, other = best_ranks(depot), best_ranks(permuted(depot, order))
    assert np.allclose(as_costs(one), as_costs(other), atol=NEAR_KWH)
    assert abs(one.earliness - other.earliness) < 1e-2


def permuted(depot: Depot, order: list[int]) -> Depot:
    s, v = depot.sessions, depot.vehicles
    rows = np.concatenate([np.flatnonzero(s.vehicle == old) for old in order])
    entries = np.concatenate([np.arange(s.offset[r], s.offset[r + 1]) for r in rows])
    new = np.empty(len(order), dtype=np.int64)
    new[order] = np.arange(len(order))
    sessions = Sessions(
        new[s.vehicle[rows]],
        s.plug_in_s[rows],
        s.plug_out_s[rows],
        s.first[rows],
        s.end[rows],
        s.use_kwh[rows],
        np.concatenate([[0], np.cumsum(np.diff(s.offset)[rows])]),
        s.fraction[entries],
    )
    vehicles = replace(v, battery_kwh=v.battery_kwh[order], ac_kw=v.ac_kw[order], dc_kw=v.dc_kw[order])
    return replace(depot, sessions=sessions, vehicles=vehicles)


@few
@given(plain_depots, st.sampled_from((0.01, 3.0, 100.0)))
def test_another_currency_changes_the_cost_alone(depot, factor):
    one = best_ranks(depot)
    other = best_ranks(replace(depot, price_per_kwh=depot.price_per_kwh * factor))
    assert np.allclose(as_costs(one)[:3], as_costs(other)[:3], atol=NEAR_KWH)
    assert np.isclose(one.cost * factor, other.cost, atol=NEAR_COST * max(1.0, factor))
    assert abs(one.earliness - other.earliness) < 1e-2


@few
@given(plain_depots, st.sampled_from((-0.5, 0.25, 2.0)))
def test_a_levy_per_kwh_changes_the_cost_by_what_is_delivered(depot, levy):
    one = best_ranks(depot)
    other = best_ranks(replace(depot, price_per_kwh=depot.price_per_kwh + levy))
    assert np.allclose(as_costs(one)[:3], as_costs(other)[:3], atol=NEAR_KWH)
    assert np.isclose(one.cost + levy * one.delivered, other.cost, atol=NEAR_COST)
    assert abs(one.earliness - other.earliness) < 1e-2


@settings(max_examples=60, derandomize=True)
@given(plain_depots)
def test_never_worse_than_unmanaged_charging_that_keeps_to_the_rules(depot):
    unmanaged = plan_unmanaged(depot)
    assume(check_depot_schedule(unmanaged, mode="opt") == ())
    assert_not_worse(as_costs(best_ranks(depot)), ranks_of(unmanaged))


@few
@given(depots(max_vehicles=2, max_days=3))
def test_seeing_all_days_at_once_is_never_worse_than_one_after_the_other(depot):
    depot = replace(depot, min_power_kw=0.0)
    assume(depot.horizon.days > 1)
    chained = schedule_of_days(depot, DepotPlanner(gap=1e-4).plan(depot))
    assert_not_worse(as_costs(best_ranks(depot)), ranks_of(chained))
