"""Make the pictures of the docs from the demo: ``.venv/bin/python docs/make_pictures.py``.

The demo's tables are generated from its seed, planned in both modes, and drawn with the package's own
figures; the same seed and version give the same files. Two fleets of the demo are shown: 24 vans with
one DC charger, and 20 mixed vehicles with second shifts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sparewatt.decide.optimise.depot_days import DepotPlanner
from sparewatt.decide.rules.unmanaged import plan_unmanaged
from sparewatt.inputs.depot.run import read_depot_run
from sparewatt.inputs.generate.fleet import write_demo_scenario
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.model.depot_day import schedule_of_days
from sparewatt.results.depot_view import DepotView
from sparewatt.results.figures.bau_opt import bau_opt_picture
from sparewatt.results.figures.gantt import gantt_picture
from sparewatt.results.figures.heat_map import heat_map_picture
from sparewatt.results.figures.site_load import daily_peak_picture, site_load_picture
from sparewatt.results.figures.soc_fan import soc_fan_picture
from sparewatt.results.figures.window import find_detail_day
from sparewatt.results.outcome import ScenarioOutcome, depot_outcome
from sparewatt.results.words import outcome_sentences

if TYPE_CHECKING:
    from sparewatt.inputs.scenario import Scenario
    from sparewatt.model.depot import Depot
    from sparewatt.results.figures.picture import Picture

PICTURES = Path(__file__).parent / "pictures"
VANS, SHOWN = "1", "2"  # an ordinary night of vans; the days of mixed vehicles on a tight site
DAYS, WEEK = 2, 3


def plan_both(depot: Depot, scenario: Scenario, number: int) -> tuple[DepotView, DepotView]:
    """One allocation, unmanaged and smart."""
    s = scenario.depot
    days = list(DepotPlanner(s.horizon_days, s.gap, s.solve_seconds).plan(depot))
    reports = [d.report for d in days if d.report is not None]
    return (
        DepotView.from_schedule(plan_unmanaged(depot), scenario_id=number + 1, mode="BAU"),
        DepotView.from_schedule(schedule_of_days(depot, days), scenario_id=number, mode="opt", days=reports),
    )


def draw(pairs: list[tuple[DepotView, DepotView]]) -> list[Picture]:
    """The pictures of the depot page."""
    shown, vans = (next(p for p in pairs if p[0].allocation_id == a) for a in (SHOWN, VANS))
    ordinary = find_detail_day(vans).around(vans[0].horizon, DAYS)
    detail, horizon = find_detail_day(shown), shown[0].horizon
    close, week = detail.around(horizon, DAYS), detail.around(horizon, WEEK)
    scenarios = [ScenarioOutcome.of_view(v) for pair in pairs for v in pair]
    asc_kw = {v.allocation_id: v.asc_kw for v, _ in pairs}
    return [
        bau_opt_picture(scenarios, asc_kw, "depot-bau-opt"),
        site_load_picture(vans, *ordinary, "depot-night"),
        site_load_picture(shown, *close, "depot-load"),
        daily_peak_picture(shown, "depot-peaks"),
        heat_map_picture(shown, *week, "depot-heat"),
        gantt_picture(shown[1], *close, "depot-gantt"),
        soc_fan_picture(shown, *week, "depot-soc"),
    ]


def main() -> None:
    """Plan the demo, write the pictures and print what they show."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = read_scenario(write_demo_scenario(Path(folder)))
        run, findings = read_depot_run("tables/", scenario.depot, scenario.base_dir)
    for finding in findings:
        print(finding)
    if run is None:
        raise SystemExit(1)
    pairs = [plan_both(depot, scenario, 2 * n + 1) for n, depot in enumerate(run.depots)]
    PICTURES.mkdir(exist_ok=True)
    for picture in draw(pairs):
        path = PICTURES / f"{picture.name}.svg"
        path.write_text(picture.svg() + "\n", encoding="utf-8", newline="\n")
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB. {picture.caption}")
        if picture.name == "depot-night":  # the readme needs one that is read on any background
            (PICTURES / "depot-night.png").write_bytes(picture.png(110))
    outcome = depot_outcome(
        [ScenarioOutcome.of_view(v) for pair in pairs for v in pair], name="demo", seed=7, input_hash=""
    )
    print("\n".join(outcome_sentences(outcome)))
    print(find_detail_day(next(p for p in pairs if p[0].allocation_id == SHOWN)).reason)


if __name__ == "__main__":
    main()
