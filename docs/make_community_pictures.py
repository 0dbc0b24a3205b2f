"""Make the pictures of the community page: ``.venv/bin/python docs/make_community_pictures.py``.

The eight houses of ``sparewatt demo`` are drawn from their seed, trade under every algorithm, and are shown
with the package's own figures; the same seed and version give the same files, as long as no deadline is met.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.inputs import CommunityInputs, community_inputs
from sparewatt.inputs.community.settings import CommunitySettings
from sparewatt.inputs.community.template import example_prices
from sparewatt.inputs.generate.neighbourhood import generate_neighbourhood
from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan
from sparewatt.model.market_rules import Algorithm
from sparewatt.results.community_results import community_outcome
from sparewatt.results.community_view import CommunityRun, CommunitySetting
from sparewatt.results.figures.community_compared import kpis_picture
from sparewatt.results.figures.community_contracts import contracts_picture
from sparewatt.results.figures.community_energy import energy_picture, household_picture
from sparewatt.results.figures.community_houses import bills_picture, houses_picture
from sparewatt.results.figures.community_matching import matching_picture
from sparewatt.results.figures.community_pictures import find_households
from sparewatt.results.figures.community_repetitions import best_picture, repetitions_picture
from sparewatt.results.figures.community_scores import scores_picture
from sparewatt.results.figures.community_window import day_window, whole_window
from sparewatt.results.words import outcome_sentences
from sparewatt.studies.community_repetition import work_out
from sparewatt.studies.community_work import find_tasks
from sparewatt.tasks import tasks_for

if TYPE_CHECKING:
    from sparewatt.results.figures.picture import Picture
    from sparewatt.results.outcome import Outcome

PICTURES = Path(__file__).parent / "pictures"
SEED = 1
PLAN = NeighbourhoodPlan(
    houses=8,
    jobs_per_day=5.0,
    pv_share=0.4,
    sun_per_load=1.2,
    forecast_error=0.2,
    battery_share=0.1,
    base_load=True,
    name="Eight houses",
)
REPETITIONS = {"fifty_fifty": 30, "L_BFGS_B": 5, "SLSQP": 5, "TNC": 5}
"""How often algorithms that make random choices are simulated."""
SHOWN = "milp"
KPIS = ("covered_kwh", "share_of_best_contract", "grid_kwh", "self_sufficiency", "cost", "saved", "cancelled")


def run_algorithm(name: str) -> tuple[CommunityRun, float]:
    """The demo under one algorithm, and its processor time [s]."""
    settings = CommunitySettings.model_validate(
        {
            "algorithm": name,
            "repetitions": REPETITIONS.get(name, 1),
            "reset_scores": True,
            "solve_s": 20.0,
            "time_zone": PLAN.time_zone,
        }
    )
    inputs, findings = community_inputs(generate_neighbourhood(SEED, plan=PLAN), settings, example_prices())
    if inputs is None:
        raise SystemExit("\n".join(str(finding) for finding in findings))
    return _work(inputs)


def _work(inputs: CommunityInputs) -> tuple[CommunityRun, float]:
    """All repetitions and the bounds, one after the other."""
    results = tasks_for(1).map(work_out, find_tasks(inputs, SEED))
    repetitions = tuple(r.repetition for r in results if r.repetition is not None)
    run = CommunityRun(
        neighbourhood=inputs.neighbourhood,
        grid=inputs.grid,
        tariff=inputs.tariff,
        setting=CommunitySetting(
            inputs.rules, inputs.settings.sharing_rule, inputs.settings.interval_s, PLAN.time_zone
        ),
        not_asked=np.empty(0, np.int64),
        repetitions=repetitions,
        flows={r.repetition.number: r.flows for r in results if r.repetition and r.flows},
        bounds=next((r.bounds for r in results if r.bounds is not None), None),
        scores=np.mean([r.scores.score[:, -1] for r in repetitions], axis=0),
    )
    return run, sum(r.seconds for r in repetitions)


def draw(runs: dict[str, CommunityRun]) -> list[Picture]:
    """The pictures of the community page."""
    run, coin = runs[SHOWN], runs["fifty_fifty"]
    first = run.repetitions[0]
    window, day = whole_window(run), day_window(run, first, 15)
    house = max(find_households(first), key=lambda row: first.houses.peer_out_kwh[row])
    outcomes = outcomes_of(runs)
    return [
        energy_picture(run, first, window, "community-energy"),
        matching_picture(run, first, "community-matching"),
        contracts_picture(run, first, day, "community-contracts"),
        scores_picture(run, first, "community-scores"),
        houses_picture(run, first, "community-houses"),
        household_picture(run, first, house, day, "community-household"),
        bills_picture(run, first, "community-bills"),
        best_picture(coin, "community-best"),
        repetitions_picture(coin, 1, "community-repetitions"),
        kpis_picture(outcomes, list(runs), [0.0] * len(runs), "community-algorithms"),
    ]


def outcomes_of(runs: dict[str, CommunityRun]) -> list[Outcome]:
    """What the demo came to under each algorithm."""
    return [community_outcome(run, name=name, seed=SEED, input_hash="") for name, run in runs.items()]


def main() -> None:
    """Let the demo trade, write the pictures and print what they show."""
    runs, seconds = {}, {}
    for algorithm in Algorithm:
        runs[algorithm.value], seconds[algorithm.value] = run_algorithm(algorithm.value)
    PICTURES.mkdir(exist_ok=True)
    for picture in draw(runs):
        path = PICTURES / f"{picture.name}.svg"
        path.write_text(picture.svg() + "\n", encoding="utf-8", newline="\n")
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB. {picture.caption}")
    print("algorithm, " + ", ".join(KPIS) + ", seconds of one repetition")
    for outcome in outcomes_of(runs):
        each = seconds[outcome.name] / len(runs[outcome.name].repetitions)
        print(outcome.name, *(f"{outcome.value(k):,.3f}" for k in KPIS), f"{each:.2f}", sep=", ")
        if outcome.name == SHOWN:
            print("\n".join(outcome_sentences(outcome)))


if __name__ == "__main__":
    main()
