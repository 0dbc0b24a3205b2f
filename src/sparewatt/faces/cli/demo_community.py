"""The neighbourhood in `demo`: the same jobs and the same sun under several algorithms, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.faces.cli.console import OUT
from sparewatt.faces.cli.demo_table import print_side_by_side
from sparewatt.faces.cli.running import read_given, run_one

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sparewatt.results.outcome import Outcome
    from sparewatt.studies.finished_run import FinishedRun

ALGORITHMS = {
    "fifty_fifty": "Producers that toss a coin",
    "greedy": "Producers that take what fits",
    "milp": "Producers that plan all their jobs anew for every request",
}
"""Algorithms that the demo compares, and how its sentences begin."""
REPETITIONS = {"fifty_fifty": 10}
"""How often those that make random choices are simulated."""

_SEED = 1
_SHOWN = (
    "covered_kwh",
    "share_of_best_contract",
    "self_consumption",
    "self_sufficiency",
    "grid_kwh",
    "cost",
    "saved",
)


def demo_community(directory: Path, workers: int) -> None:
    """Build a neighbourhood of eight houses, and let it trade under each algorithm."""
    from sparewatt.inputs.community.template import write_community_template  # noqa: PLC0415 - heavy
    from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan  # noqa: PLC0415 - heavy

    folder = directory / "neighbourhood"
    OUT.print(f"Building the neighbourhood example in {folder}/ …", markup=False)
    plan = NeighbourhoodPlan(
        houses=8,
        jobs_per_day=5.0,
        pv_share=0.4,
        sun_per_load=1.2,
        forecast_error=0.2,
        battery_share=0.1,
        base_load=True,
        name="Eight houses",
    )
    path = write_community_template(folder, name="Eight houses", seed=_SEED, plan=plan)[0]
    finished = {name: _run_algorithm(path, name, directory, workers) for name in ALGORITHMS}
    for name, run in finished.items():
        OUT.print(f"• {algorithm_sentence(ALGORITHMS[name], run.outcome)}", markup=False)
    OUT.print(f"• {sharing_sentence({name: run.outcome for name, run in finished.items()})}", markup=False)
    print_side_by_side(finished, _SHOWN, directory)


def _run_algorithm(path: Path, name: str, directory: Path, workers: int) -> FinishedRun:
    from sparewatt.studies.run_place import RunPlace  # noqa: PLC0415 - heavy

    repetitions = REPETITIONS.get(name, 1)
    given = [
        f"community.algorithm={name}",
        f"community.repetitions={repetitions}",
        "community.reset_scores=true",
        "community.solve_s=2",
    ]
    scenario = read_given(path, given)
    scenario = scenario.model_copy(update={"name": f"{scenario.name}, {name.replace('_', ' ')}"})
    place = RunPlace(
        str(directory / "sparewatt.db"),
        lambda _: directory / "neighbourhood-results" / name,
        workers if repetitions > 1 else 1,
        named=True,
    )
    return run_one(scenario, place, resume=False, quiet=False)


def algorithm_sentence(name: str, outcome: Outcome) -> str:
    """What one algorithm covered of what was asked for, and of what was possible."""
    from sparewatt.results.kpis import number_text, percent_text  # noqa: PLC0415 - loaded by now

    covered, asked = (number_text(outcome.value(key)) for key in ("covered_kwh", "asked_kwh"))
    share = outcome.value("share_of_best_contract")
    whole = "those they cover whole come to"  # parts of jobs are in the kWh, not in the share
    of_best = "" if share is None else f"; {whole} {percent_text(share)} of what was possible"
    return f"{name} cover {covered} of the {asked} kWh that jobs ask for{of_best}."


def sharing_sentence(outcomes: Mapping[str, Outcome]) -> str:
    """What the neighbours save by sharing under the algorithm that covers most."""
    from sparewatt.results.kpis import MONEY_UNIT, number_text  # noqa: PLC0415 - loaded by now

    best = max(outcomes, key=lambda name: float(outcomes[name].value("covered_kwh") or 0.0))
    outcome = outcomes[best]
    pay, before, saved = (
        number_text(outcome.value(key), MONEY_UNIT) for key in ("cost", "tariff_cost", "saved")
    )
    worse = int(outcome.value("houses_worse_off") or 0)
    who = "nobody pays more" if worse == 0 else f"{worse} houses pay more"
    return (
        f"{ALGORITHMS[best]} cover most: by sharing at the mid-market rate all houses together pay {pay} in "
        f"place of {before} on the tariff, {saved} less, and {who}."
    )
