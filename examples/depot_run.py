"""A whole depot run from Python: inputs are generated, checked, planned, stored; the report is one page."""

# ruff: noqa: INP001, T201 - an example is no package, has plain numbers, and prints

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from sparewatt import (
    RunPlace,
    Store,
    check_depot,
    generate_fleet,
    outcome_sentences,
    read_scenario,
    run_depot,
)

SCENARIO = """\
version = 1
study = "depot"
name = "Six vans"
seed = 5

[inputs]
tables = "tables/"
"""

with TemporaryDirectory() as folder:
    here = Path(folder)
    generate_fleet(here / "tables", seed=5, kind="vans", vehicles=6, allocations=1, days=3)
    (here / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    scenario = read_scenario(here / "scenario.toml", ["depot.gap=0.001"])
    store = str(here / "runs.db")

    print("findings:", len(check_depot(scenario, store)))
    finished = run_depot(scenario, RunPlace(store, lambda run_id: here / f"run-{run_id}"))

    for sentence in outcome_sentences(finished.outcome):
        print("•", sentence)
    print("files:", *sorted(path.name for path in finished.folder.path.iterdir() if path.is_file()))
    with Store.open(store) as opened:
        for found in opened.find_scenarios(finished.run_id):
            rows = opened.read_demand(found.scenario_id).num_rows
            print(f"scenario {found.scenario_id} ({found.what.mode}): {rows} rows of t_charge_demand")
