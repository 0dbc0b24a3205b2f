"""The store: the only place with SQL, on SQLite or PostgreSQL; killed at any instant, nothing lost or twice.

A *run* (table `runs`) holds *scenarios* (`t_charging_scenarios`, `depot_scenarios`); a worker claims one,
commits its days one by one (`depot_days` and `t_charge_demand`) and finishes it with a summary. A run of
a study without scenarios is claimed as a whole.
"""

from __future__ import annotations

from sparewatt.results.store.days import CommittedDay
from sparewatt.results.store.neighbourhoods import StoredNeighbourhood
from sparewatt.results.store.outcomes import StoredLimit
from sparewatt.results.store.owner import current_owner, is_gone
from sparewatt.results.store.run_claims import RunPulse
from sparewatt.results.store.run_list import RunHead, RunPage
from sparewatt.results.store.runs import RUN_STATES, RunState, StoredRun
from sparewatt.results.store.scenario_rows import STALE_S, NewScenario, ScenarioStatus, StoredScenario
from sparewatt.results.store.store import Store
from sparewatt.results.store.tables import SUMMARY_COLUMNS

__all__ = [
    "RUN_STATES",
    "STALE_S",
    "SUMMARY_COLUMNS",
    "CommittedDay",
    "NewScenario",
    "RunHead",
    "RunPage",
    "RunPulse",
    "RunState",
    "ScenarioStatus",
    "Store",
    "StoredLimit",
    "StoredNeighbourhood",
    "StoredRun",
    "StoredScenario",
    "current_owner",
    "is_gone",
]
