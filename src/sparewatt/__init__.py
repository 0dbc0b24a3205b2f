"""Sparewatt finds the spare watts of a site, hub, street or roof and fits flexible load into them.

The public names stand below; each is loaded when it is first used, so that importing the package is
cheap and the nouns need numpy only.

For example ``from sparewatt import read_scenario, run_depot``; types stand in ``__init__.pyi``.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "Depot": "model.depot",
    "DepotChargers": "model.depot",
    "DepotPlanner": "decide.optimise.depot_days",
    "DepotRun": "model.depot",
    "DepotSchedule": "model.schedule",
    "DepotSettings": "inputs.depot.settings",
    "Finding": "finding",
    "Horizon": "model.horizon",
    "InputError": "errors",
    "Limit": "model.limit",
    "RunFolder": "results.run_folder",
    "RunPlace": "studies.run_place",
    "ScenarioError": "errors",
    "Sessions": "model.sessions",
    "SolverError": "errors",
    "SparewattError": "errors",
    "Store": "results.store",
    "StoreError": "errors",
    "Vehicles": "model.vehicles",
    "check_depot": "studies.depot_inputs",
    "check_depot_schedule": "verify.depot_schedule",
    "generate_fleet": "inputs.generate.fleet",
    "outcome_sentences": "results.words",
    "plan_unmanaged": "decide.rules.unmanaged",
    "read_depot_run": "inputs.depot.run",
    "read_scenario": "inputs.scenario_file",
    "run_depot": "studies.depot",
    "schedule_of_days": "model.depot_day",
}

__all__ = [
    "Depot",
    "DepotChargers",
    "DepotPlanner",
    "DepotRun",
    "DepotSchedule",
    "DepotSettings",
    "Finding",
    "Horizon",
    "InputError",
    "Limit",
    "RunFolder",
    "RunPlace",
    "ScenarioError",
    "Sessions",
    "SolverError",
    "SparewattError",
    "Store",
    "StoreError",
    "Vehicles",
    "__version__",
    "check_depot",
    "check_depot_schedule",
    "generate_fleet",
    "outcome_sentences",
    "plan_unmanaged",
    "read_depot_run",
    "read_scenario",
    "run_depot",
    "schedule_of_days",
]


def __getattr__(name: str) -> object:
    """Load a public name from its home."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'sparewatt' has no attribute {name!r}")
    return getattr(import_module(f"sparewatt.{home}"), name)
