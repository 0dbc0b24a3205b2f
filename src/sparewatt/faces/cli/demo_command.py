"""`demo`: the example of every study, built, run, and said in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sparewatt.faces.cli.console import OUT
from sparewatt.faces.cli.demo_community import demo_community
from sparewatt.faces.cli.demo_network import demo_network
from sparewatt.faces.cli.demo_table import print_side_by_side
from sparewatt.faces.cli.running import print_found, read_given, run_one

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparewatt.results.outcome import Outcome
    from sparewatt.studies.finished_run import FinishedRun

RULES = {
    "uncontrolled": "Without control, every battery to its maximum",
    "first_come_first_served": "First come, first served",
    "least_laxity_first": "Least laxity first",
    "equal_share": "Equal share",
}
"""Control rules that the demo compares, and how its sentences begin."""

_SHOWN = (
    "g2v_kwh",
    "short_of_target_kwh",
    "short_of_target",
    "peak_kw",
    "over_limit_steps",
    "over_limit_kwh",
    "energy_cost",
)


def demo(
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to build the examples.")] = Path(
        "sparewatt-demo"
    ),
    workers: Annotated[int, typer.Option(min=1, help="Processes that plan side by side.")] = 2,
) -> None:
    """Build the example of each study, run it, and say in words what it found."""
    _demo_depot(directory, workers)
    OUT.print()
    _demo_hub(directory)
    OUT.print()
    demo_network(directory, workers)
    OUT.print()
    demo_community(directory, workers)


def _demo_depot(directory: Path, workers: int) -> None:
    from sparewatt.inputs.generate.fleet import write_demo_scenario  # noqa: PLC0415 - numpy, only here
    from sparewatt.studies.run_place import RunPlace  # noqa: PLC0415 - heavy

    OUT.print(f"Building the depot example in {directory}/ …", markup=False)
    scenario = read_given(write_demo_scenario(directory), [f"depot.workers={workers}"])
    place = RunPlace(str(directory / "sparewatt.db"), lambda _: directory / "results", workers, named=True)
    print_found(run_one(scenario, place, resume=False, quiet=False))


def _demo_hub(directory: Path) -> None:
    """The same hub on the same days under several rules, side by side."""
    from sparewatt.inputs.generate.demo_hub import write_demo_hub  # noqa: PLC0415 - numpy, only here

    hub = directory / "hub"
    OUT.print(f"Building the charging-hub example in {hub}/ …", markup=False)
    path = write_demo_hub(hub)
    finished = {rule: _run_rule(path, rule, directory) for rule in RULES}
    for rule, run in finished.items():
        OUT.print(f"• {rule_sentence(RULES[rule], run.outcome)}", markup=False)
    OUT.print(f"• {best_sentence({rule: run.outcome for rule, run in finished.items()})}", markup=False)
    print_side_by_side(finished, _SHOWN, directory)


def _run_rule(path: Path, rule: str, directory: Path) -> FinishedRun:
    from sparewatt.studies.run_place import RunPlace  # noqa: PLC0415 - heavy

    scenario = read_given(path, [f"cluster.control={rule}"])
    scenario = scenario.model_copy(update={"name": f"{scenario.name}, {rule.replace('_', ' ')}"})
    folder = directory / "hub-results" / rule
    place = RunPlace(str(directory / "sparewatt.db"), lambda _: folder, named=True)
    return run_one(scenario, place, resume=False, quiet=False)


def rule_sentence(name: str, outcome: Outcome) -> str:
    """What one rule did to a hub: energy, drivers, limit."""
    from sparewatt.results.kpis import number_text  # noqa: PLC0415 - loaded by now

    def kpi(key: str) -> float:
        return float(outcome.value(key) or 0.0)

    def number(key: str) -> str:
        return number_text(kpi(key))

    short = int(kpi("short_of_target"))
    drivers = (
        f"{short} of {int(kpi('admitted'))} vehicles leave short of their target, by "
        f"{number('short_of_target_kwh')} kWh in all"
        if short
        else "every vehicle leaves with what it asked for"
    )
    steps = int(kpi("over_limit_steps"))
    limit = (
        f"the limit is exceeded in {steps} steps, by up to {number('over_limit_kw')} kW"
        if steps
        else f"the limit is kept, with a peak of {number('peak_kw')} kW"
    )
    return f"{name}: {number('g2v_kwh')} kWh are charged, {drivers}; {limit}."


def best_sentence(outcomes: Mapping[str, Outcome]) -> str:
    """Which rule serves drivers best without going beyond a limit."""
    from sparewatt.results.kpis import number_text  # noqa: PLC0415 - loaded by now

    missing = {
        rule: float(outcome.value("short_of_target_kwh") or 0.0)
        for rule, outcome in outcomes.items()
        if outcome.level == "normal"
    }
    if not missing:
        return "No rule keeps every limit."
    best, worst = min(missing, key=missing.__getitem__), max(missing, key=missing.__getitem__)
    least, most = (f"{number_text(missing[rule])} kWh" for rule in (best, worst))
    if missing[best] == missing[worst]:
        return f"Where every limit is kept, {least} are missing to the targets, whatever the rule."
    return (
        f"Of the rules that keep every limit, {RULES[best].lower()} leaves the least missing to the targets: "
        f"{least}, where {RULES[worst].lower()} leaves {most}."
    )
