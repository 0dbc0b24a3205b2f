"""A whole community run from Python: inputs are written, checked, traded, settled, judged, stored."""

# ruff: noqa: INP001, T201 - an example is no package, and prints

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from sparewatt import (
    RunPlace,
    check_community,
    outcome_sentences,
    read_scenario,
    run_community,
    write_community_template,
)

with TemporaryDirectory() as folder:
    here = Path(folder)
    path = write_community_template(here / "street")[0]
    scenario = read_scenario(path, ["community.algorithm=greedy", "community.bound=false"])

    print("findings:", len(check_community(scenario)))
    finished = run_community(scenario, RunPlace(str(here / "runs.db"), lambda run_id: here / f"run-{run_id}"))

    for sentence in outcome_sentences(finished.outcome):
        print("•", sentence)
    with (finished.folder.path / "tables" / "houses.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            own, peer, grid, cost = (float(row[key]) for key in ("own_kwh", "peer_kwh", "grid_kwh", "cost"))
            print(
                f"house {row['house']} uses {own:4.1f} kWh of its own, {peer:3.1f} of neighbours, "
                f"{grid:4.1f} from the grid and pays {cost:5.2f}"
            )
