"""Cluster reference optima (README beside them): every problem found is reached to 1e-6, relative.

The problems lie outside the repository, in ``$SPAREWATT_SHARED/reference/cluster`` (default
``../shared``), in kWs, s and steps. Every schedule is checked against its problem with arithmetic of its
own: batteries, powers, stays, limits, budgets, and the objective anew from the schedule.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from sparewatt.decide.optimise.cluster_potential import find_potential
from sparewatt.decide.optimise.cluster_pricing import price_reservation
from sparewatt.decide.optimise.cluster_rescheduling import plan_rescheduling
from sparewatt.decide.optimise.cluster_routing import RoutingCandidate, plan_routing
from sparewatt.decide.optimise.cluster_single import (
    ChargingTask,
    VehiclePlan,
    plan_cheapest,
    plan_in_band,
    plan_two_prices,
)
from sparewatt.decide.optimise.cluster_window import ClusterWindow

FOLDER = Path(__file__).parents[2] / os.environ.get("SPAREWATT_SHARED", "../shared") / "reference" / "cluster"
S_PER_H = 3600.0
TINY = 1e-6


def read_cases(name: str) -> dict[str, dict]:
    """The problems of all files whose name begins so, by name; none where there is none."""
    found = {}
    for path in sorted(FOLDER.glob(f"{name}*.json")):
        cases = json.loads(path.read_text())
        if not isinstance(cases, dict):
            cases = {f"{n:02}_{case.get('ts', '')}": case for n, case in enumerate(cases)}
        more = path.stem.removeprefix(name)
        found |= {f"{more}{key}": case for key, case in cases.items()}
    return found


def each(cases: dict[str, dict]) -> pytest.MarkDecorator:
    """One test per problem, or one that is skipped with the reason."""
    if cases:
        return pytest.mark.parametrize("case", list(cases.values()), ids=list(cases))
    skip = pytest.mark.skip(reason="no problems in $SPAREWATT_SHARED/reference/cluster")
    return pytest.mark.parametrize("case", [pytest.param({}, marks=skip)])


DEMOS = read_cases("algorithm_demos")
POTENTIALS = {name: case for name, case in DEMOS.items() if "objective_sum_kW" in case}
PRICINGS = {name: case for name, case in DEMOS.items() if "omega" in case}
FLEETS = {name: c for name, c in DEMOS.items() if "bcap" in c["in"] and name not in POTENTIALS}
FLEETS |= read_cases("rescheduling_problems")
ROUTINGS = {name: c for name, c in DEMOS.items() if "arrtime" in c["in"]} | read_cases("routing_problems")
SINGLES = {name: c for name, c in DEMOS.items() if "ecap" in c["in"] and "arrtime" not in c["in"]}


def test_every_demo_is_of_a_known_kind():
    if not DEMOS:
        pytest.skip("no problems in $SPAREWATT_SHARED/reference/cluster")
    assert set(DEMOS) <= {*POTENTIALS, *PRICINGS, *FLEETS, *ROUTINGS, *SINGLES}


def series(values: dict | list, periods: int) -> np.ndarray:
    """The first ``periods`` values of a list or of a mapping from steps."""
    listed = [values[str(t)] for t in range(periods)] if isinstance(values, dict) else values[:periods]
    return np.array(listed, dtype=float)


def periods_of(given: dict) -> int:
    boundaries = given["opt_horizon"]
    return (len(boundaries) if isinstance(boundaries, list) else int(boundaries)) - 1


def target_of(case: dict) -> float:
    """The target that the recorded optimum was found for.

    In ``scheduling_milp`` the recorded ``tarsoc`` is that of the problem after it (all inputs of both are
    equal, the optima are not); its recorded schedule ends at the one that was meant.
    """
    recorded = series(case["soc"], periods_of(case["in"]) + 1)[-1] if "soc" in case else case["in"]["tarsoc"]
    return case["in"]["tarsoc"] if abs(recorded - case["in"]["tarsoc"]) < TINY else float(recorded)


def make_task(case: dict) -> ChargingTask:
    given = case["in"]
    return ChargingTask(
        battery_kwh=given["ecap"] / S_PER_H,
        soc=given.get("inisoc", 0.0),
        target_soc=target_of(case),
        charge_kw=given.get("p_ch", 0.0) if "arrtime" not in given else 0.0,
        discharge_kw=given.get("p_ds", 0.0) if "arrtime" not in given else 0.0,
        min_soc=given["minsoc"],
        max_soc=given["maxsoc"],
        critical_soc=given.get("crtsoc", 0.0),
        critical_boundary=given.get("crttime"),
        v2g_allowance_kwh=given.get("v2gall", np.inf) / S_PER_H,
    )


def check_battery(case: dict, plan: VehiclePlan, start: float, charge_kw: float, discharge_kw: float) -> None:
    """Every rule of a single battery at a schedule."""
    given, step_h = case["in"], case["in"]["opt_step"] / S_PER_H
    p, soc = plan.battery_kw, [start]
    for power in p:
        soc.append(soc[-1] + power * given["opt_step"] / given["ecap"])
    assert plan.status == "optimal"
    assert plan.gap == pytest.approx(0.0, abs=1e-9)
    assert plan.soc == pytest.approx(soc, abs=1e-9)
    assert soc[-1] == pytest.approx(target_of(case), abs=1e-8)
    assert p.max() <= charge_kw + TINY
    assert p.min() >= -discharge_kw - TINY
    assert min(soc) >= given["minsoc"] - 1e-8
    assert max(soc) <= given["maxsoc"] + 1e-8
    if "crttime" in given:
        assert min(soc[given["crttime"] :]) >= given["crtsoc"] - 1e-8
    if "v2gall" in given:
        assert -np.minimum(p, 0.0).sum() * step_h <= given["v2gall"] / S_PER_H + TINY


def cost(p: np.ndarray, g2v: np.ndarray, v2g: np.ndarray, step_h: float) -> float:
    return step_h * float(g2v @ np.maximum(p, 0.0) - v2g @ np.maximum(-p, 0.0))


@each(SINGLES)
@pytest.mark.parametrize("binaries", [False, True])
def test_single_vehicle(case: dict, binaries: bool):  # noqa: FBT001 - pytest passes it by name
    given, n, step_h = case["in"], periods_of(case["in"]), case["in"]["opt_step"] / S_PER_H
    task = make_task(case)
    if "dps" in given:
        price = series(given["dps"], n)
        plan = plan_cheapest(task, price, step_h)
        anew = cost(plan.battery_kw, price, price, step_h)
    elif "g2v_dps" in given:
        prices = series(given["g2v_dps"], n), series(given["v2g_dps"], n)
        plan = plan_two_prices(task, *prices, step_h, binaries=binaries)
        anew = cost(plan.battery_kw, *prices, step_h)
    else:
        lower, upper = series(given["lowerlimit"], n), series(given["upperlimit"], n)
        below, above = (S_PER_H * series(given[key], n) for key in ("penalty_down", "penalty_up"))
        plan = plan_in_band(task, lower, upper, below, above, step_h, binaries=binaries)
        outside = np.maximum(plan.battery_kw - upper, 0.0), np.maximum(lower - plan.battery_kw, 0.0)
        anew = step_h * float(above @ outside[0] + below @ outside[1])
        anew += 1e-4 * float((task.target_soc - plan.soc[:-1]).sum())
    check_battery(case, plan, given["inisoc"], given["p_ch"], given["p_ds"])
    assert plan.objective == pytest.approx(case["objective"], rel=1e-6, abs=1e-9)
    assert anew == pytest.approx(plan.objective, rel=1e-8, abs=1e-8)


@each(ROUTINGS)
@pytest.mark.parametrize("binaries", [False, True])
def test_routing(case: dict, binaries: bool):  # noqa: FBT001 - pytest passes it by name
    given, n, step_h = case["in"], periods_of(case["in"]), case["in"]["opt_step"] / S_PER_H
    charge, discharge = (
        given.get(long, given.get(short)) for long, short in (("p_ch", "pch"), ("p_ds", "pds"))
    )
    names = list(given["arrtime"])
    candidates = [
        RoutingCandidate(
            arrival=given["arrtime"][c],
            departure=given["deptime"][c],
            soc=given["arrsoc"][c],
            charge_kw=charge[c],
            discharge_kw=discharge[c],
            g2v_per_kwh=series(given["g2v_dps"][c], n),
            v2g_per_kwh=series(given["v2g_dps"][c], n),
        )
        for c in names
    ]
    routing = plan_routing(make_task(case), candidates, step_h, binaries=binaries)
    assert routing.candidate is not None
    name, chosen, p = names[routing.candidate], candidates[routing.candidate], routing.plan.battery_kw
    check_battery(case, routing.plan, chosen.soc, charge[name], discharge[name])
    assert not p[: chosen.arrival].any()
    assert not p[chosen.departure :].any()
    assert routing.plan.objective == pytest.approx(case["objective"], rel=1e-6, abs=1e-9)
    assert cost(p, chosen.g2v_per_kwh, chosen.v2g_per_kwh, step_h) == pytest.approx(
        case["objective"], rel=1e-6, abs=1e-9
    )


def make_window(given: dict) -> ClusterWindow:
    """A problem of one or several clusters; where nothing is said there is no limit."""
    n, ids = periods_of(given), list(given["bcap"])
    names = given.get("clusters", ["only"])
    several = "clusters" in given

    def per_vehicle(key: str) -> np.ndarray:
        return np.array([float(given[key][v]) for v in ids])

    def per_cluster(many: str, one: str, default: float) -> np.ndarray:
        return np.array([float(given[many][c]) if several else float(given.get(one, default)) for c in names])

    def limits(many: str, one: str, default: float) -> np.ndarray:
        if several:
            return np.array([series(given[many][c], n) for c in names])
        return series(given[one], n)[None] if one in given else np.full((1, n), default)

    inside = np.arange(n)[None] < per_vehicle("deptime")[:, None]
    start, target = per_vehicle("inisoc"), per_vehicle("tarsoc")
    return ClusterWindow(
        step_h=given["opt_step"] / S_PER_H,
        cluster=np.array([names.index(given["location"][v][0]) if several else 0 for v in ids]),
        battery_kwh=per_vehicle("bcap") / S_PER_H,
        soc=start,
        contract_soc=np.hstack([start[:, None], np.repeat(target[:, None], n, axis=1)]),
        min_soc=per_vehicle("minsoc"),
        max_soc=per_vehicle("maxsoc"),
        charge_kw=per_vehicle("pmax_pos")[:, None] * inside,
        discharge_kw=per_vehicle("pmax_neg")[:, None] * inside,
        charge_efficiency=per_vehicle("ch_eff"),
        discharge_efficiency=per_vehicle("ds_eff"),
        v2g_left_kwh=np.full(len(ids), np.inf),
        lower_kw=limits("cluster_lowerlimits", "lowerlimit", -np.inf),
        upper_kw=limits("cluster_upperlimits", "upperlimit", np.inf),
        tolerance_kw=per_cluster("cluster_violationlimits", "tolerance", 0.0),
        deviation_per_kwh=per_cluster("rho_y", "rho_y", 1.0) if several else per_cluster("", "rho_y", 1.0),
        excess_per_kw=per_cluster("rho_eps", "rho_eps", 1.0) if several else per_cluster("", "rho_eps", 1.0),
        system_lower_kw=series(given["system_lowerlimit"], n) if several else None,
        system_upper_kw=series(given["system_upperlimit"], n) if several else None,
        bound_last_soc=False,
    )


def check_fleet(given: dict, p: np.ndarray) -> np.ndarray:
    """Rules of all batteries at a schedule; returns grid power per vehicle, shape (vehicles, N)."""
    grid = np.zeros_like(p)
    for v, name in enumerate(given["bcap"]):
        soc = given["inisoc"][name]
        for t, power in enumerate(p[v]):
            present = t < given["deptime"][name]
            assert power <= given["pmax_pos"][name] * present + TINY
            assert power >= -given["pmax_neg"][name] * present - TINY
            soc += power * given["opt_step"] / given["bcap"][name]
            if t + 1 < p.shape[1]:
                assert given["minsoc"][name] - 1e-8 <= soc <= given["maxsoc"][name] + 1e-8
            grid[v, t] = power / given["ch_eff"][name] if power > 0 else power * given["ds_eff"][name]
    return grid


@each(FLEETS)
@pytest.mark.parametrize("binaries", [False, True])
def test_rescheduling(case: dict, binaries: bool):  # noqa: FBT001 - pytest passes it by name
    given = case["in"]
    window = make_window(given)
    plan = plan_rescheduling(window, binaries=binaries)
    grid = check_fleet(given, plan.battery_kw)
    assert plan.status == "optimal"
    assert plan.violation_kwh == pytest.approx(0.0, abs=1e-9)
    for c in range(window.clusters):
        power = grid[window.cluster == c].sum(axis=0)
        assert np.all(plan.excess_kw <= window.tolerance_kw + TINY)
        assert np.all(power <= window.upper_kw[c] + plan.excess_kw[c] + TINY)
        assert np.all(power >= window.lower_kw[c] - plan.excess_kw[c] - TINY)
    if window.system_upper_kw is not None and window.system_lower_kw is not None:
        assert np.all(grid.sum(axis=0) <= window.system_upper_kw + TINY)
        assert np.all(grid.sum(axis=0) >= window.system_lower_kw - TINY)
    gained = plan.battery_kw.sum(axis=1) * window.step_h
    wanted = (window.contract_soc[:, -1] - window.soc) * window.battery_kwh
    missed = float(window.deviation_per_kwh[window.cluster] @ np.abs(wanted - gained))
    if "objective" in case:
        anew = missed + float(window.excess_per_kw @ plan.excess_kw)
        assert plan.objective == pytest.approx(case["objective"], rel=1e-6, abs=1e-9)
        assert anew == pytest.approx(case["objective"], rel=1e-6, abs=1e-9)
    if "objective_without_eps" in case:
        assert missed == pytest.approx(case["objective_without_eps"], rel=1e-6, abs=1e-9)


@each(POTENTIALS)
def test_potential(case: dict, request: pytest.FixtureRequest):
    given = case["in"]
    found = find_potential(make_window(given), "most" if "G2V" in request.node.callspec.id else "least")
    grid = check_fleet(given, found.battery_kw)
    assert found.status == "optimal"
    assert found.sum_kw == pytest.approx(case["objective_sum_kW"], rel=1e-6, abs=1e-9)
    assert grid.sum() == pytest.approx(case["objective_sum_kW"], rel=1e-6, abs=1e-9)
    if "final_soc" in case:
        assert found.soc[:, -1] == pytest.approx(list(case["final_soc"].values()), abs=1e-6)


@each(PRICINGS)
def test_pricing(case: dict):
    given = case["in"]
    n = len(given["schedule"])
    keys = ("schedule", "lower_bound", "upper_bound", "tou_tariff")
    price = price_reservation(
        *(series(given[key], n) for key in keys),
        f_markup=given["f_markup"],
        f_discount=given["f_discount"],
    )
    assert price == pytest.approx(series(case["omega"], n), rel=1e-6)
