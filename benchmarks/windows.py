"""Windows of generated fleets as the planner meets them on chained days, and a warm start for timing."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.optimise.depot_days import DEFAULT_GAP, DEFAULT_SECONDS, DepotPlanner
from sparewatt.decide.optimise.depot_problem import UNDECIDED, window_problem
from sparewatt.decide.optimise.depot_window import plan_window
from sparewatt.decide.optimise.matrix import Deadline
from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.depot.settings import DepotSettings
from sparewatt.inputs.generate.fleet import generate_fleet
from sparewatt.model.depot_day import DayState

if TYPE_CHECKING:
    from sparewatt.decide.optimise.depot_problem import ChargingProblem
    from sparewatt.decide.optimise.depot_result import WindowPlan
    from sparewatt.inputs.generate.fleet_kinds import Kind
    from sparewatt.model.depot import Depot

LONG_S = 1.0


@dataclass(frozen=True)
class Window:
    """One planning day of one fleet."""

    kind: Kind
    vehicles: int
    day: int
    problem: ChargingProblem


def read_fleet(kind: Kind, vehicles: int, days: int, seed: int = 1) -> Depot:
    """Generate a fleet's tables in a temporary folder and read them as any user's."""
    with tempfile.TemporaryDirectory(prefix="sparewatt-bench-") as folder:
        base = Path(folder)
        generate_fleet(base / "tables", seed=seed, kind=kind, vehicles=vehicles, allocations=1, days=days)
        run, findings = read_depot_run("tables", DepotSettings(), base)
    if run is None:
        raise ValueError(f"a generated fleet of {vehicles} {kind} reads with {len(findings)} findings")
    return run.depots[0]


def find_windows(kind: Kind, vehicles: int, days: int, seed: int = 1) -> list[Window]:
    """The windows that a chained run meets, from its second day on (the first holds no night before)."""
    depot = read_fleet(kind, vehicles, days + 1, seed)
    state, windows = DayState.initial(depot), []
    for day in DepotPlanner().plan(depot):
        if day.day > 0:
            held = np.full(len(depot.sessions), UNDECIDED, dtype=np.int8)
            held[state.held_session] = state.held_charger
            first, end = depot.horizon.day_edges[day.day : day.day + 2]
            problem, _, _ = window_problem(depot, first, end, state.deficit_kwh, held)
            windows.append(Window(kind, vehicles, day.day, problem))
        state = day.after
    return windows


def plan_timed(
    problem: ChargingProblem, gap: float = DEFAULT_GAP, repeats: int = 1, limit_s: float = DEFAULT_SECONDS
) -> tuple[WindowPlan, float]:
    """Our plan and its CPU time [s].

    Parameters
    ----------
    problem
        The window; each repeat has a fresh copy.
    gap
        Where to stop [-].
    repeats
        Of which the median is taken; there is no further one after a solve above ``LONG_S``.
    limit_s
        Deadline [s].
    """
    times: list[float] = []
    while len(times) < repeats and max(times, default=0.0) <= LONG_S:
        fresh = replace(problem)
        started = time.process_time()
        plan = plan_window(fresh, gap=gap, deadline=Deadline(limit_s))
        times.append(time.process_time() - started)
    return plan, float(np.median(times))


def warm_up() -> float:
    """Compile every kernel and load every library that a plan uses; returns the CPU time it took [s]."""
    started = time.process_time()
    for kind in ("tight_vans", "hgv"):
        for window in find_windows(kind, 12, 2):
            plan_timed(window.problem, gap=0.0)
    return time.process_time() - started
