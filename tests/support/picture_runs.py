"""Small runs, written as runs write them, for pages to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.unmanaged import plan_unmanaged
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.results.cluster_results import cluster_outcome, write_cluster_folder
from sparewatt.results.cluster_view import ClusterView
from sparewatt.results.depot_view import DepotView
from sparewatt.results.outcome import ScenarioOutcome, depot_outcome
from sparewatt.results.run_folder import write_run_folder
from sparewatt.simulate.hub import simulate_hub
from support.depots import make_depot, make_horizon
from support.hubs import Unit, Visit, make_fleet, make_system

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.results.run_folder import RunFolder

HASH = "ab" * 32


def write_depot_run(path: Path, days: int = 3, **changes: float) -> RunFolder:
    """Two vans at night on a site that is busy by day; the plan charges like no plan, with less load."""
    stays = [
        (v, 24 * d + 17 + v, 24 * d + 31 - v, 12.0 if d or v else 20.0) for v in (0, 1) for d in range(days)
    ]
    horizon = make_horizon(days=days + 1)
    hours = horizon.period_in_day / 2
    views = []
    for number, mode, load in ((1, "BAU", 60.0), (2, "opt", 45.0)):
        depot = make_depot(
            stays,
            vehicles=((40.0, 8.0, 20.0), (60.0, 11.0, 22.0)),
            horizon=horizon,
            load_kw=load + 30 * np.sin(hours / 24 * 2 * np.pi),
            price=np.where(hours < 7, 0.1, 0.3),
            **changes,
        )
        mode_name = "BAU" if mode == "BAU" else "opt"
        views.append(DepotView.from_schedule(plan_unmanaged(depot), scenario_id=number, mode=mode_name))
    outcome = depot_outcome(
        [ScenarioOutcome.of_view(v) for v in views], name="Two vans", seed=7, input_hash=HASH
    )
    return write_run_folder(path, outcome, views)


def write_hub_run(path: Path, *, vehicles: int = 9, control: str = "least_laxity_first") -> RunFolder:
    """Two clusters of three units, more vehicles than units."""
    visits = [
        Visit(7 * n, 7 * n + 200, soc=0.1 * (n % 6), target=0.9, v2g_kwh=5, cluster=n % 2)
        for n in range(vehicles)
    ]
    system = make_system([[Unit(efficiency=0.9)] * 3] * 2, periods=60, upper_kw=25.0)
    view = ClusterView(simulate_hub(system, make_fleet(visits), OperatingRules(control=control)))
    outcome = cluster_outcome(view, name="A hub", seed=7, input_hash=HASH)
    return write_cluster_folder(path, outcome, view)
