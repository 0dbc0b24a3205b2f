"""Make the pictures of the network page: ``.venv/bin/python docs/make_network_pictures.py``.

A network of 120 homes is drawn from a seed, written as an OpenDSS folder, and studied over four winter weeks
with generated profiles and cars; the pictures are those of its report, and of its comparison with a run of
other limits. The same seed and version give the same files.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.generate.network_plan import NetworkPlan
from sparewatt.inputs.network.dss_write import write_dss_network
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.results.figures.network_compared import compared_pictures
from sparewatt.results.figures.network_pictures import network_pictures
from sparewatt.results.network_reading import read_network_view
from sparewatt.results.run_folder import SERIES
from sparewatt.results.words import outcome_sentences
from sparewatt.studies.network import run_network
from sparewatt.studies.run_place import RunPlace

if TYPE_CHECKING:
    from sparewatt.results.network_view import NetworkView
    from sparewatt.results.outcome import Outcome

PICTURES = Path(__file__).parent / "pictures"
SEED = 7
PLAN = NetworkPlan(customers=120, feeders=4, name="Four feeders", phase_disorder=0.3)
SCENARIO = f"""version = 1
study = "network"
name = "Four feeders"
seed = {SEED}
[inputs]
master = "grid/Master.dss"
[network]
cases = ["0PV0HP", "25PV25HP", "50PV50HP", "75PV75HP"]
start = 2026-01-05
days = 28
[network.hosting]
samples = 60
managed_samples = 20
penetrations = [0.2, 0.4, 0.6, 0.8, 1.0]
days = 3
"""
SHOWN = ("customers", "headroom_kwh_per_day", "evs_without_shifting", "evs_realised", "heat_pumps")


OTHER_LIMITS = SCENARIO.replace("[network]\n", '[network]\nlimit_method = "shared"\n')
COMPARED = ("broken", "daily")
"""Pictures of the comparison that the page shows."""


def study(folder: Path, scenario: str) -> tuple[Outcome, NetworkView]:
    """Make the network and run a study of it in a folder."""
    write_dss_network(generate_network(SEED, plan=PLAN), folder / "grid")
    (folder / "scenario.toml").write_text(scenario, encoding="utf-8")
    results = folder / "results"
    place = RunPlace(f"sqlite:///{folder / 'runs.db'}", lambda _: results, workers=2, named=True)
    finished = run_network(read_scenario(folder / "scenario.toml"), place)
    return finished.outcome, read_network_view(results / SERIES)


def main() -> None:
    """Run the study, write the pictures and print what they show."""
    with tempfile.TemporaryDirectory() as folder:
        outcome, view = study(Path(folder), SCENARIO)
    with tempfile.TemporaryDirectory() as folder:
        other, other_view = study(Path(folder), OTHER_LIMITS)
    PICTURES.mkdir(exist_ok=True)
    compared = compared_pictures([outcome, other], [view, other_view], ["fit", "shared"])
    made = [(f"network-{p.name}.svg", p) for p in network_pictures(view)]
    made += [(f"network-compared-{p.name}.svg", p) for p in compared if p.name in COMPARED]
    for name, picture in made:
        path = PICTURES / name
        path.write_text(picture.svg() + "\n", encoding="utf-8", newline="\n")
        print(f"{name}: {path.stat().st_size / 1000:.0f} kB. {picture.caption}")
    print("\n".join(f"{k}: {outcome.value(k)}" for k in SHOWN))
    print("\n".join(outcome_sentences(outcome)))
    print("\n".join(str(f) for f in outcome.findings))


if __name__ == "__main__":
    main()
