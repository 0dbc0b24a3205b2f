"""The network in `demo`: two streets, and a hub of chargers inside the headroom of one of their zones."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sparewatt.faces.cli.console import OUT
from sparewatt.faces.cli.running import print_found, read_given, run_one

if TYPE_CHECKING:
    from pathlib import Path

    from sparewatt.results.outcome import Outcome

HUB_DAY = date(2026, 1, 13)
"""First day of the hub, a Tuesday of the days that the network is studied for."""
UNITS, VISITS = 6, 14


def demo_network(directory: Path, workers: int) -> None:
    """Build a network, find its headroom and fill it; then run a hub inside what one zone leaves."""
    from sparewatt.inputs.network.template import write_network_template  # noqa: PLC0415 - heavy
    from sparewatt.studies.run_place import RunPlace  # noqa: PLC0415 - heavy

    network = directory / "network"
    OUT.print(f"Building the network example in {network}/ …", markup=False)
    store = str(directory / "sparewatt.db")
    scenario = read_given(write_network_template(network)[0], [])
    place = RunPlace(store, lambda _: directory / "network-results", workers, named=True)
    finished = run_one(scenario, place, resume=False, quiet=False)
    print_found(finished)
    OUT.print()
    zone = widest_zone(finished.outcome)
    OUT.print(f"Building a hub of {UNITS} chargers inside the headroom of zone {zone} …", markup=False)
    hub = _write_joined_hub(directory / "joined", f"latest:{scenario.name}", zone)
    joined = RunPlace(store, lambda _: directory / "joined-results", named=True)
    print_found(run_one(read_given(hub, []), joined, resume=False, quiet=False))


def widest_zone(outcome: Outcome) -> str:
    """The zone with the most headroom energy."""

    def energy(part_kpis: dict[str, float | int | None]) -> float:
        return float(part_kpis["headroom_kwh_per_day"] or 0.0)

    return max(outcome.parts, key=lambda p: energy({k.name: k.value for k in p.kpis})).id


def _write_joined_hub(folder: Path, run: str, zone: str) -> Path:
    """A small hub at home chargers of the street, whose limit comes from the network run."""
    from sparewatt.inputs.generate.sites import generate_sites  # noqa: PLC0415 - numpy, only here

    path = generate_sites(
        folder,
        seed=5,
        kind=("workplace",),
        clusters=1,
        units=UNITS,
        visits_per_day=VISITS,
        days=2,
        first_day=HUB_DAY,
        step=timedelta(minutes=5),
    )
    text = path.read_text(encoding="utf-8").replace('"Generated hub"', '"Hub in a street"')
    limit = f'\n[limits]\ncluster1 = {{ run = "{run}", zone = "{zone}" }}\n'
    path.write_text(text + limit, encoding="utf-8")
    return path
