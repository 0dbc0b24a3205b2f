"""A whole hub run from Python: inputs are written, checked, simulated, judged, stored; one page tells it."""

# ruff: noqa: INP001, T201 - an example is no package, and prints

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from sparewatt import (
    RunPlace,
    check_cluster,
    outcome_sentences,
    read_scenario,
    run_cluster,
    write_cluster_template,
)

with TemporaryDirectory() as folder:
    here = Path(folder)
    path = write_cluster_template(here / "hub")[0]
    store = str(here / "runs.db")
    scenario = read_scenario(path, ["cluster.control=equal_share", "cluster.queue=true"])

    print("findings:", len(check_cluster(scenario, store)))
    finished = run_cluster(scenario, RunPlace(store, lambda run_id: here / f"run-{run_id}"))

    for sentence in outcome_sentences(finished.outcome):
        print("•", sentence)
    for part in finished.outcome.parts:
        print(f"{part.kind} {part.id}: peak {part.value('peak_kw'):.1f} kW")
    with (finished.folder.path / "tables" / "vehicles.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["admitted"] == "0":
                print(f"{row['ev_id']} was not connected: {row['reason']}")
