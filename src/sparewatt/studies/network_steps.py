"""Any moments of a finished network run solved again from its own files, for the map.

A run keeps flows and voltages of its zones over time, and the whole network at its worst moments only: all
nodes of a year would be gigabytes. What every customer takes can be had again from scenario, inputs and seed
beside the outcome, so a block of moments is solved when somebody looks at it, in the time that reading the
profiles takes and less than 1 ms per moment. Nothing is kept from call to call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from sparewatt.errors import InputError, ScenarioError
from sparewatt.finding import Finding
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.inputs.network.sources import NetworkSources, find_files
from sparewatt.inputs.profiles.meter_form import MeterForm
from sparewatt.inputs.profiles.read import ProfileFiles, read_profiles
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.case_loads import PowerFactors
from sparewatt.physics.engines import engine_for
from sparewatt.physics.headroom.zonal import blank_lost
from sparewatt.physics.power_flow import FlowWant
from sparewatt.results.network_grid_state import read_grid_state
from sparewatt.results.run_folder import SERIES
from sparewatt.simulate.network_flow import Grid, ev_power, mix_cases
from sparewatt.studies.run_files import SCENARIO_COPY

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.inputs.network.settings import NetworkSettings
    from sparewatt.inputs.profiles.source import ProfileSet
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.model.customers import Case
    from sparewatt.physics.power_flow import Engine
    from sparewatt.results.network_grid_state import GridState

CASE = "case"
"""What is shown is ``case:0``, a case without EVs by its row, or a way of charging that was replayed."""
MOST_VALUES = 1_500_000
"""Values of a block at most: phases of nodes and branches × moments."""


@dataclass(frozen=True)
class GridSteps:
    """The whole network at moments one after another.

    Parameters
    ----------
    first
        Period of the horizon of the first.
    node_pu
        Voltage magnitudes, shape (nodes, 3, moments) [pu]; 0 where there is no solution.
    branch_loading
        Current over rating, shape (branches, 3, moments); 0 where the rating is not known.
    transformer_loading
        Apparent power over rating, shape (moments,).
    converged
        Whether there is a solution, shape (moments,).
    """

    first: int
    node_pu: NDArray[np.float32]
    branch_loading: NDArray[np.float32]
    transformer_loading: NDArray[np.float32]
    converged: NDArray[np.bool_]


def block_periods(state: GridState) -> int:
    """Moments that one block may have."""
    each = 3 * (len(state.network.nodes) + len(state.network.branches))
    return max(1, MOST_VALUES // max(each, 1))


def shown_periods(state: GridState, shown: str) -> NDArray[np.int64]:
    """Periods at which something can be shown, rising; an InputError where it is nothing of the run."""
    if shown in state.charging:
        return state.replayed
    _case_row(state, shown)
    return np.arange(state.horizon.periods)


def solve_steps(directory: Path, shown: str, first: int, end: int) -> GridSteps:
    """Solve periods ``first..end-1`` of a run, as many as a block may have.

    Parameters
    ----------
    directory
        Folder of a run that is done, with its scenario and inputs.
    shown
        Way of charging that was replayed, or a case: ``"unmanaged"``, ``"case:0"``.
    first, end
        Periods of the horizon.

    Raises
    ------
    InputError
        The run has nothing of the kind, or its inputs are not there any more.
    """
    state = read_grid_state(directory / SERIES)
    known = shown_periods(state, shown)
    first = max(first, int(known[0]) if len(known) else 0)
    end = min(end, first + block_periods(state), int(known[-1]) + 1 if len(known) else 0)
    if end <= first:
        raise _refused("the moment is not of this run", "choose another moment")
    scenario = _scenario(directory)
    settings = scenario.network
    engine = engine_for(cast("Engine", state.engine), state.network)
    factors = PowerFactors(settings.demand_power_factor, settings.ev_power_factor, settings.pv_power_factor)
    grid = Grid(state.network, state.feeders, state.zones, state.customers, engine, factors)
    profiles = _profiles(state, scenario, settings).profiles(first, end)
    case, ev_kw = _who_charges(state, shown, first, end)
    kw, kvar = grid.loads(case, profiles, ev_kw)
    want = FlowWant(
        load_voltages=False,
        nodes=np.arange(len(state.network.nodes), dtype=np.int64),
        branches=np.arange(len(state.network.branches), dtype=np.int64),
    )
    result = blank_lost(engine.solve(kw, kvar, want))
    rated = state.network.branches.ampacity_a[:, None, None]
    loading = np.abs(result.branch_current_a) / rated
    return GridSteps(
        first,
        (np.abs(result.node_voltage_v) / state.network.base_v).astype(np.float32),
        np.where(np.isfinite(rated), loading, 0.0).astype(np.float32),
        (result.transformer_kva / state.network.transformer.rating_kva).astype(np.float32),
        np.asarray(result.converged, dtype=np.bool_),
    )


def _who_charges(
    state: GridState, shown: str, first: int, end: int
) -> tuple[Case, NDArray[np.float64] | None]:
    """Who has PV and heat pumps, and the power of the EVs [kW]."""
    if shown not in state.charging:
        return state.cases[_case_row(state, shown)], None
    case = mix_cases(state.cases, state.taken, state.customers)
    if shown == "none" or state.ev_horizon is None:
        return case, None
    plans = [(z.customer, z.optimised if shown == "optimised" else z.unmanaged) for z in state.evs]
    behind = (state.ev_horizon.start_s - state.horizon.start_s) // state.horizon.step_s
    return case, ev_power(plans, len(state.customers), first - behind, end - behind)


def _case_row(state: GridState, shown: str) -> int:
    kind, _, row = shown.partition(":")
    if kind != CASE or not row.isdecimal() or int(row) >= len(state.cases):
        raise _refused(f"there is no {shown[:60]!r} in this run", "choose another view")
    return int(row)


def _scenario(directory: Path) -> Scenario:
    try:
        scenario = read_scenario(directory / SCENARIO_COPY)
    except ScenarioError:
        message = "the scenario and inputs of this run are not kept beside it"
        raise _refused(message, "run it again to see all of them") from None
    if scenario.study != "network":
        raise _refused("the scenario beside this run is of another study", "run it again")
    return scenario


def _profiles(state: GridState, scenario: Scenario, settings: NetworkSettings) -> ProfileSet:
    """What everybody takes, from the files of the run or generated again."""
    given, log = scenario.inputs, FindingLog()
    names = ("profiles", "heat_pump_profiles", "pv_profiles", "temperature")
    sources = NetworkSources(**{name: getattr(given, name) for name in names})
    files = find_files(sources, None, scenario.base_dir, log)
    form, pv_form = (
        MeterForm(unit, settings.timezone, settings.profile_stamps, match=settings.profile_match)
        for unit in (settings.profile_unit, "kW")
    )
    metered = ProfileFiles(
        demand=files.profiles,
        heat_pump=files.heat_pump_profiles,
        pv=files.pv_profiles,
        temperature=files.temperature,
        form=form,
        pv_form=pv_form,
    )
    made, found = read_profiles(
        state.customers, state.horizon, metered, seed=scenario.seed, source=settings.profile_source
    )
    errors = [f for f in (*log.findings(), *found) if f.severity == "error"]
    if made is None or errors:
        raise InputError(errors or list(found))
    return made


def _refused(message: str, remedy: str) -> InputError:
    return InputError([Finding("network.map", "error", "map", message, remedy=remedy)])
