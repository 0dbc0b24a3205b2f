"""Depot reference optima (README beside them): every case found is reached in all four ranks.

The cases lie outside the repository, in ``$SPAREWATT_SHARED/reference/depot`` (default ``../shared``).
Each is planned twice: from the arrays of ``ChargingProblem``, and as a ``Depot`` through the window
that is cut out of it, whose schedule the judge then reads.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from cross.charging_instance import Instance, Stay, Van, check_plan
from sparewatt.decide.optimise.depot_problem import UNDECIDED, window_problem
from sparewatt.decide.optimise.depot_window import plan_window
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.model.depot import Depot, DepotChargers
from sparewatt.model.horizon import Horizon
from sparewatt.model.schedule import DepotSchedule
from sparewatt.model.sessions import Sessions
from sparewatt.model.vehicles import Vehicles
from sparewatt.verify.depot_schedule import check_depot_schedule

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / os.environ.get("SPAREWATT_SHARED", "../shared") / "reference" / "depot"
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))
SECONDS = 120.0
START = datetime(2026, 1, 5, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not CASES, reason="no reference cases in $SPAREWATT_SHARED/reference/depot")
each_case = pytest.mark.parametrize("name", CASES or ["none"])


@cache
def read_case(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text())


def weights(case: dict) -> list[float]:
    """Earliness: ``time_weight`` times the position in the day."""
    return [case["time_weight"] * (t % 48) for t in range(case["periods"])]


def make_instance(case: dict, *, combined: bool) -> Instance:
    """A case with the price alone (4b), or with the weights of earliness in it (4a)."""
    used: dict[int, list[tuple[int, float]]] = {}
    for vehicle, period, kwh in case["use"]:
        used.setdefault(vehicle, []).append((period, kwh))
    stays = []
    for vehicle in range(len(case["vehicles"])):
        left, last = sorted(used.get(vehicle, [])), 0
        for _, first, end in sorted(s for s in case["sessions"] if s[0] == vehicle):
            now = [(t, kwh) for t, kwh in left if t <= first]
            assert all(t >= last for t, _ in now), "a route while plugged in"
            stays.append(Stay(vehicle, first, end, sum(kwh for _, kwh in now)))
            left, last = left[len(now) :], end
        assert all(t >= last for t, _ in left), "a route while plugged in"
        if left:
            stays.append(Stay(vehicle, case["periods"], case["periods"], sum(kwh for _, kwh in left)))
    extra = weights(case) if combined else [0.0] * case["periods"]
    return Instance(
        vans=tuple(Van(v["cap"], v["cap"] + v["rel0"], v["ac_kw"], v["dc_kw"]) for v in case["vehicles"]),
        stays=tuple(stays),
        price=tuple(p + e for p, e in zip(case["price"], extra, strict=True)),
        free_kw=tuple(case["site_free_kw"]),
        breach_kw=case["asc_kw"] * case["asc_margin"],
        num_dc=case["num_fast"],
        efficiency=case["efficiency"],
        step_h=case["dt_hours"],
        earliness=tuple(weights(case)),
    )


def make_depot(case: dict) -> Depot:
    """The same case as a depot: missing start energy is a stay without length that carries it."""
    plain = make_instance(case, combined=False)
    step = timedelta(hours=case["dt_hours"])
    edges = (0, plain.periods)
    horizon = Horizon(START, step, plain.periods, "UTC", edges)
    rows, last = [], -1
    for stay in plain.stays:
        van = plain.vans[stay.vehicle]
        if stay.vehicle != last and van.start_kwh < van.battery_kwh:
            rows.append((stay.vehicle, 0, 0, van.battery_kwh - van.start_kwh))
        rows.append((stay.vehicle, stay.first, stay.end, stay.use_kwh))
        last = stay.vehicle
    vehicle, first, end = (np.array(column, dtype=np.int64) for column in list(zip(*rows, strict=True))[:3])
    use = np.array([row[3] for row in rows])
    at_s = horizon.start_s + np.stack([first, end]) * horizon.step_s
    fleet = Vehicles(
        tuple(f"V{n:03}" for n in range(len(plain.vans))),
        tuple("spec" for _ in plain.vans),
        np.array([v.battery_kwh for v in plain.vans]),
        np.array([v.ac_kw for v in plain.vans]),
        np.array([v.dc_kw for v in plain.vans]),
    )
    return Depot(
        allocation_id="1",
        site_id="site_1",
        horizon=horizon,
        vehicles=fleet,
        sessions=Sessions.from_stays(horizon, vehicle, at_s[0], at_s[1], use),
        chargers=DepotChargers(fleet.ac_kw.max(), fleet.dc_kw.max(), 0, plain.num_dc),
        asc_kw=case["asc_kw"],
        asc_margin=case["asc_margin"],
        utilisation=0.9,
        site_load_kw=0.9 * case["asc_kw"] - np.array(plain.free_kw),
        price_per_kwh=np.array(plain.price),
        efficiency=plain.efficiency,
    )


def near_kwh(value: float) -> object:
    return pytest.approx(value, abs=1e-3, rel=0.0)


def near_pence(value: float) -> object:
    return pytest.approx(value, abs=0.01 + 1e-6 * abs(value), rel=0.0)


def assert_energies(ranks: tuple[float, ...], optimal: dict) -> None:
    assert ranks[0] == near_kwh(optimal["unserved_battery_kwh"])
    assert ranks[1] == near_kwh(optimal["breach_kwh"])
    assert ranks[2] == near_kwh(optimal["delivered_kwh"])


@each_case
def test_cost_then_earliness(name):
    case = read_case(name)
    instance, optimal = make_instance(case, combined=False), case["optimal"]
    plan = plan_window(instance.problem(), gap=0.0, deadline=Deadline(SECONDS))
    ranks = check_plan(instance, plan.energy, plan.unserved * instance.efficiency, plan.charger)
    assert_energies(ranks, optimal)
    assert ranks[3] == near_pence(optimal["cost_only"])
    assert ranks[4] == near_pence(optimal["earliness_after_cost"])
    assert not plan.timed_out
    assert plan.gap <= 1e-7


@each_case
def test_combined_cost(name):
    case = read_case(name)
    instance, optimal = make_instance(case, combined=True), case["optimal"]
    plan = plan_window(instance.problem(), gap=0.0, deadline=Deadline(SECONDS))
    ranks = check_plan(instance, plan.energy, plan.unserved * instance.efficiency, plan.charger)
    assert_energies(ranks, optimal)
    assert ranks[3] == near_pence(optimal["combined_cost"])


@each_case
def test_reported_ranks_are_those_of_the_plan(name):
    case = read_case(name)
    instance = make_instance(case, combined=False)
    plan = plan_window(instance.problem(), gap=2e-4, deadline=Deadline(SECONDS))
    ranks = check_plan(instance, plan.energy, plan.unserved * instance.efficiency, plan.charger)
    told = plan.ranks
    mine = (told.unserved * instance.efficiency, told.breach, told.delivered, told.cost, told.earliness)
    assert mine == pytest.approx(ranks, abs=1e-6)
    # The proven gap is true: the optimum of the reference lies within it.
    assert told.cost - case["optimal"]["cost_only"] <= plan.gap * told.cost + 0.01
    assert plan.gap <= 2e-4


@each_case
def test_as_a_depot_and_before_the_judge(name):
    case = read_case(name)
    depot, optimal = make_depot(case), case["optimal"]
    held = np.full(len(depot.sessions), UNDECIDED, dtype=np.int8)
    missing = np.zeros(len(depot.vehicles))
    problem, sessions, entries = window_problem(depot, 0, depot.horizon.periods, missing, held)
    plan = plan_window(problem, gap=0.0, deadline=Deadline(SECONDS))
    assert sessions.tolist() == list(range(len(depot.sessions)))
    assert entries.tolist() == list(range(len(depot.sessions.fraction)))
    schedule = DepotSchedule(depot, plan.energy, plan.charger, plan.unserved * depot.efficiency)
    assert check_depot_schedule(schedule, mode="opt") == ()
    energy = schedule.charging_kw * depot.horizon.step_h
    over = np.maximum(0.0, schedule.charging_kw - depot.free_kw) * depot.horizon.step_h
    ranks = (schedule.unserved_kwh.sum(), over.sum(), energy.sum())
    assert_energies(ranks, optimal)
    assert energy @ depot.price_per_kwh == near_pence(optimal["cost_only"])
