"""Make the pictures of the cluster page from the demo: ``.venv/bin/python docs/make_cluster_pictures.py``.

The office park of ``sparewatt demo`` is drawn from its seed, simulated under several rules, and shown with
the package's own figures; the same seed and version give the same files. The window is the Wednesday on
which the first cluster has to give energy back.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.generate.demo_hub import draw_demo_hub
from sparewatt.inputs.generate.visit_histograms import visit_histograms
from sparewatt.model.operating_rules import OperatingRules
from sparewatt.results.cluster_results import cluster_outcome
from sparewatt.results.cluster_view import ClusterView
from sparewatt.results.figures.cluster_load import cluster_load_picture
from sparewatt.results.figures.cluster_soc import cluster_soc_picture
from sparewatt.results.figures.fleet_histograms import fleet_histogram_picture
from sparewatt.results.figures.occupation import occupation_picture
from sparewatt.results.figures.rules_compared import rules_kpis_picture
from sparewatt.results.words import outcome_sentences
from sparewatt.simulate.hub import simulate_hub

if TYPE_CHECKING:
    from sparewatt.model.operating_rules import Control
    from sparewatt.results.figures.picture import Picture
    from sparewatt.results.outcome import Outcome

PICTURES = Path(__file__).parent / "pictures"
SEED = 7
RULES = OperatingRules(control="least_laxity_first", reservation="simple", queue=True)
NAMES: dict[Control, str] = {
    "uncontrolled": "no control",
    "first_come_first_served": "first come",
    "earliest_deadline_first": "earliest deadline",
    "least_laxity_first": "least laxity",
    "equal_share": "equal share",
}
DAY_H, FIRST_H, LAST_H = 24, 6, 21  # shown of the day on which the first cluster gives back
KPIS = ("g2v_kwh", "v2g_kwh", "short_of_target_kwh", "short_of_target", "peak_kw", "over_limit_steps")


def simulate_demo(control: Control) -> ClusterView:
    """The demo under one rule."""
    drawn = draw_demo_hub(SEED)
    return ClusterView(simulate_hub(drawn.system, drawn.fleet, replace(RULES, control=control), seed=SEED))


def shown_window(view: ClusterView) -> tuple[int, int]:
    """Periods of the working hours of the first day with an upper limit below zero."""
    back = int(np.flatnonzero(view.trace.system.limits[0].upper_kw < 0)[0])
    per_h = round(1 / view.horizon.step_h)
    midnight = back - back % (DAY_H * per_h)
    return midnight + FIRST_H * per_h, midnight + LAST_H * per_h


def outcomes_of(views: dict[Control, ClusterView]) -> list[Outcome]:
    """What the demo came to under each rule."""
    return [cluster_outcome(v, name=control, seed=SEED, input_hash="") for control, v in views.items()]


def draw(views: dict[Control, ClusterView]) -> list[Picture]:
    """The pictures of the cluster page."""
    served, plain = views["least_laxity_first"], views["uncontrolled"]
    window = shown_window(served)
    drawn = draw_demo_hub(SEED)
    zone = drawn.system.horizon.timezone
    return [
        cluster_load_picture(plain, *window, "cluster-load-uncontrolled"),
        cluster_load_picture(served, *window, "cluster-load"),
        occupation_picture(served, *window, "cluster-occupation"),
        cluster_soc_picture(served, *window, "cluster-soc"),
        rules_kpis_picture(outcomes_of(views), [NAMES[c] for c in views], "cluster-rules"),
        fleet_histogram_picture(
            visit_histograms(drawn.fleet, zone, drawn.chances[0], target_cluster=0),
            "cluster-histograms",
            "the visits to the first cluster",
        ),
    ]


def main() -> None:
    """Simulate the demo, write the pictures and print what they show."""
    views = {control: simulate_demo(control) for control in NAMES}
    PICTURES.mkdir(exist_ok=True)
    for picture in draw(views):
        path = PICTURES / f"{picture.name}.svg"
        path.write_text(picture.svg() + "\n", encoding="utf-8", newline="\n")
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB. {picture.caption}")
    print("control, " + ", ".join(KPIS))
    for outcome in outcomes_of(views):
        print(outcome.name, *(f"{outcome.value(k):,.1f}" for k in KPIS), sep=", ")
        if outcome.name == RULES.control:
            print("\n".join(outcome_sentences(outcome)))


if __name__ == "__main__":
    main()
