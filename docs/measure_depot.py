"""Measure what the validation page says of the depot planner: ``.venv/bin/python docs/measure_depot.py``.

Reference cases are taken from ``$SPAREWATT_SHARED/reference/depot`` (default ``../shared``) where that
exists; everything else is measured on the days of the demo.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.decide.optimise.depot_days import DepotPlanner
from sparewatt.decide.optimise.depot_exact import COST, SLACK, Exact
from sparewatt.decide.optimise.depot_flow import FlowSolver
from sparewatt.decide.optimise.depot_problem import UNDECIDED, window_problem
from sparewatt.decide.optimise.matrix import Deadline, Matrix
from sparewatt.decide.rules.unmanaged import plan_unmanaged
from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.generate.fleet import write_demo_scenario
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.depot import Depot, DepotChargers
from sparewatt.model.depot_day import DayState, schedule_of_days
from sparewatt.model.horizon import Horizon
from sparewatt.model.schedule import AC, DC
from sparewatt.model.sessions import Sessions
from sparewatt.model.vehicles import Vehicles
from sparewatt.verify.depot_schedule import check_depot_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.model.depot_day import DepotDay

HERE = Path(__file__).resolve().parent
SHARED = Path(os.environ.get("SPAREWATT_SHARED", HERE.parent.parent / "shared"))
EXACT = 1e-9


def reference_depot(case: dict[str, Any]) -> Depot:
    """A reference case as a depot; what a battery misses at first is a use before the first period."""
    vehicles, periods = case["vehicles"], case["periods"]
    stays: list[tuple[int, int, int, float]] = []
    for n, v in enumerate(vehicles):
        mine = [(0, 0), *((a, b) for m, a, b in case["sessions"] if m == n), (periods, periods)]
        use = [0.0] * len(mine)
        use[0] = -v["rel0"]
        for m, t, kwh in case["use"]:
            if m == n:
                use[next(i for i, (a, _) in enumerate(mine) if i and a >= t)] += kwh
        stays += [
            (n, a, b, u) for (a, b), u in zip(mine, use, strict=True) if b > a or u > 0.0 or a == b == 0
        ]
    vehicle, first, end = (np.array([s[k] for s in stays], dtype=np.int64) for k in range(3))
    step = timedelta(hours=case["dt_hours"])
    horizon = Horizon(datetime(2026, 3, 2, tzinfo=UTC), step, periods, "UTC", (0, periods))
    offset = np.concatenate([[0], np.cumsum(end - first)]).astype(np.int64)
    sessions = Sessions(
        vehicle,
        horizon.boundaries_s[first],
        horizon.boundaries_s[end],
        first,
        end,
        np.array([s[3] for s in stays]),
        offset,
        np.ones(offset[-1]),
    )
    columns = (np.array([v[k] for v in vehicles]) for k in ("cap", "ac_kw", "dc_kw"))
    fleet = Vehicles(tuple(str(n) for n in range(len(vehicles))), ("1",) * len(vehicles), *columns)
    free = np.array(case["site_free_kw"])
    chargers = DepotChargers(1e3, 1e3, len(vehicles), case["num_fast"])
    load = case["asc_kw"] - free
    price = np.array(case["price"])
    margin, efficiency = case["asc_margin"], case["efficiency"]
    asc_kw = case["asc_kw"]
    return Depot("1", "1", horizon, fleet, sessions, chargers, asc_kw, margin, 1.0, load, price, efficiency)


def measure_references() -> None:
    """Difference from every reference optimum, rank by rank."""
    for path in sorted((SHARED / "reference" / "depot").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        depot, best = reference_depot(case), case["optimal"]
        began = time.process_time()
        (day,) = DepotPlanner(gap=EXACT).plan(depot)
        spent = time.process_time() - began
        unserved, breach, delivered, cost = day.ranks(depot)
        findings = check_depot_schedule(schedule_of_days(depot, [day]), mode="opt")
        gap = day.report.gap if day.report else float("nan")
        off = (
            ("unserved", unserved - best["unserved_battery_kwh"], "kWh"),
            ("breach", breach - best["breach_kwh"], "kWh"),
            ("delivered", delivered - best["delivered_kwh"], "kWh"),
            ("cost", cost - best["cost_only"], f"of {best['cost_only']:.2f}"),
        )
        words = ", ".join(f"{name} {value:+.1e} {unit}" for name, value, unit in off)
        print(f"{case['name']}: {words}, gap {gap:.1e}, {len(findings)} findings, {spent:.2f} s")


def windows(depot: Depot, days: list[DepotDay]) -> Iterator[ChargingProblem]:
    """The problem of each planning day as the planner saw it."""
    state = DayState.initial(depot)
    for day in days:
        held = np.full(len(depot.sessions), UNDECIDED, dtype=np.int8)
        held[state.held_session] = state.held_charger
        a, b = depot.horizon.day_edges[day.day : day.day + 2]
        yield window_problem(depot, a, b, state.deficit_kwh, held)[0]
        state = day.after


def without_integers() -> None:
    """From here on models are built without integrality."""
    whole = Matrix.add_columns

    def relaxed(self: Matrix, count: int, lower: Any, upper: Any, **_: bool) -> Any:  # noqa: ANN401 - as the original
        return whole(self, count, lower, upper)

    Matrix.add_columns = relaxed  # type: ignore[method-assign]


def ranks_by_stages(problem: ChargingProblem, fixed: bool) -> list[float]:  # noqa: FBT001 - one private use
    """The ranks of the choice model's relaxation, one linear solve after the other."""
    exact = Exact(problem)
    model, values = exact._model, []  # noqa: SLF001 - the model itself is measured
    if fixed:
        model.solver.change_bounds(model.on_dc, *[(problem.held == DC).astype(float)] * 2)
    for rank in range(COST + 1):
        model.solver.change_costs(model.ranks[rank])
        solution = model.solver.solve(Deadline(600.0))
        values.append(solution.objective)
        exact.hold(rank, solution.objective)
    return values


def measure_demo() -> None:
    """Gaps, judge, relaxation and ordered costs on the 84 smart days of the demo."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = read_scenario(write_demo_scenario(Path(folder)))
        run, _ = read_depot_run("tables/", scenario.depot, scenario.base_dir)
    if run is None:
        raise SystemExit(1)
    problems: list[ChargingProblem] = []
    costs: list[tuple[float, float, float, float]] = []
    gaps: list[float] = []
    spent, found, bau = 0.0, 0, 0
    for depot in run.depots:
        days = list(DepotPlanner().plan(depot))
        found += len(check_depot_schedule(schedule_of_days(depot, days), mode="opt"))
        bau += len(check_depot_schedule(plan_unmanaged(depot), mode="BAU"))
        problems += windows(depot, days)
        eta = depot.efficiency  # the model's unserved energy is meter side
        costs += [(u / eta, b, e, c) for u, b, e, c in (d.ranks(depot) for d in days)]
        reports = [d.report for d in days if d.report is not None]
        gaps += [r.gap for r in reports]
        spent += sum(r.solve_s for r in reports)
    print(
        f"demo: {len(gaps)} smart days in {spent:.1f} s of CPU, gap median {np.median(gaps):.1e}, "
        f"worst {max(gaps):.1e}; findings {found} (smart), {bau} (unmanaged)"
    )
    measure_order(problems)
    measure_relaxation(problems, costs, gaps)


def measure_order(problems: list[ChargingProblem]) -> None:
    """One solve with ordered costs against four solves with held ranks, chargers fixed on AC."""
    without_integers()
    worst = np.zeros(4)
    for problem in problems:
        fixed = replace(problem, held=np.where(problem.held == DC, DC, AC).astype(np.int8))
        flow = FlowSolver(fixed)
        rate = np.where((fixed.held == DC)[fixed.session], fixed.dc_kwh, fixed.ac_kwh)
        mine = flow.solve(rate, in_order=True).ranks
        got = np.array([mine.unserved, mine.breach, -mine.delivered, mine.cost])
        off = np.abs(got - ranks_by_stages(fixed, fixed=True))
        off[3] /= abs(mine.cost)
        worst = np.maximum(worst, off)
    print(
        f"ordered costs against staged solves, {len(problems)} windows, largest difference: unserved "
        f"{worst[0]:.1e}, breach {worst[1]:.1e}, delivered {worst[2]:.1e} kWh, cost {worst[3]:.1e} relative"
    )


def measure_relaxation(
    problems: list[ChargingProblem], ranks: list[tuple[float, float, float, float]], gaps: list[float]
) -> None:
    """How far the relaxation of the split model lies below the plan, where its energies are the plan's."""
    below, equal = [], 0
    for problem, (unserved, breach, delivered, cost), gap in zip(problems, ranks, gaps, strict=True):
        values = ranks_by_stages(problem, fixed=False)
        slack = 10 * sum(SLACK[:3]) + 1e-4
        same = abs(values[0] - unserved) + abs(values[1] - breach) + abs(values[2] + delivered) < slack
        equal += same
        if same and gap <= 2e-4:  # noqa: PLR2004 - the planner's own gap
            below.append((cost - values[3]) / abs(cost))
    print(
        f"relaxation: energies of the plan reached on {equal} of {len(problems)} windows; there "
        f"the cost lies below the plan's by median {np.median(below):.1e}, worst {max(below):.1e}"
    )


if __name__ == "__main__":
    measure_references()
    measure_demo()
