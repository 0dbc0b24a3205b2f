"""A whole network run from Python: a street is written, checked, solved, filled with EVs and judged."""

# ruff: noqa: INP001, T201 - an example is no package, and prints

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from sparewatt import (
    RunPlace,
    check_network,
    outcome_sentences,
    read_scenario,
    run_network,
    write_network_template,
)

SETTINGS = (
    'network.cases=["0PV0HP", "50PV50HP"]',
    "network.days=16",
    "network.step=60min",
    "network.validate_days=3",
    "network.hosting.samples=0",
    "network.hosting.managed_samples=0",
)


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Run it in a folder that goes again."""
    with TemporaryDirectory() as folder:
        here = Path(folder)
        path = write_network_template(here / "street", customers=30, feeders=1)[0]
        store = str(here / "runs.db")
        scenario = read_scenario(path, SETTINGS)

        print("findings:", len(check_network(scenario)))
        place = RunPlace(store, lambda run_id: here / f"run-{run_id}", workers=1)
        finished = run_network(scenario, place)

        for sentence in outcome_sentences(finished.outcome):
            print("•", sentence)
        tables = finished.folder.path / "tables"
        for row in rows_of(tables / "zones.csv"):
            limit, energy = (float(row[name]) for name in ("limit_kva", "headroom_kwh_per_day"))
            print(
                f"zone {row['zone_id']}: {row['customers']} customers, limit {limit:.0f} kVA, "
                f"{energy:.0f} kWh of headroom a day, {row['evs_realised']} EVs"
            )
        for row in rows_of(tables / "forecast_zones.csv"):
            least = float(row["least_kva"])
            print(f"zone {row['zone_id']} on {row['date']}: least at {row['time_of_day']}, {least:.1f} kVA")


if __name__ == "__main__":  # runs with several workers start processes, which import this file
    main()
