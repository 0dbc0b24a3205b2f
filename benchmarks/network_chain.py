"""The whole chain of the network study on enwl_1, and the throughput of the hosting Monte Carlo."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
import time
from pathlib import Path

from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.network.dss_write import write_dss_network
from sparewatt.inputs.scenario_file import read_scenario
from sparewatt.studies.network import run_network
from sparewatt.studies.run_place import RunPlace

NAME = "network_chain"
SUMMARY = "network study on enwl_1: cases, limits, EVs and replays; hosting samples, unmanaged and managed"

WORKERS = 2
CHAIN_S, UNMANAGED_S, MANAGED_S = 120.0, 300.0, 600.0
CUSTOMERS, FEEDERS = 200, 4
"""Of the generated network that stands in where the shared folder is absent."""


def write_inputs(folder: Path) -> str:
    """Network, diaries and prices below a folder; the lines of ``[inputs]``."""
    data = Path(os.environ.get("SPAREWATT_SHARED") or "../shared") / "data"
    given = 'master = "grid/Master.dss"\n'
    if not (data / "networks" / "enwl_1").is_dir():
        print(f"  enwl_1 is absent: a generated network of {CUSTOMERS} customers, drawn cars")
        write_dss_network(generate_network(1, CUSTOMERS, FEEDERS), folder / "grid")
        return given
    shutil.copytree(data / "networks" / "enwl_1", folder / "grid")
    shutil.copytree(data / "ev", folder / "ev")
    return f'{given}diaries = "ev/Routine_1000EV.csv"\nprices = "ev/duos_prices.csv"\n'


def cpu_s() -> float:
    """CPU time of this process and of those that it has waited for [s]."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def run_timed(folder: Path, name: str, inputs: str, settings: dict[str, str], target_s: float) -> None:
    """Run a scenario and print its wall and CPU time beside the target."""
    lines = "\n".join(f"{key} = {value}" for key, value in settings.items())
    path = folder / "scenario.toml"
    head = f'version = 1\nstudy = "network"\nname = "{name}"\nseed = 7\n[inputs]\n{inputs}[network]\n'
    path.write_text(f"{head}{lines}\nworkers = {WORKERS}\n", encoding="utf-8")
    place = RunPlace(str(folder / "bench.db"), lambda _: folder / "out", WORKERS, named=True)
    began, before = time.perf_counter(), cpu_s()
    finished = run_network(read_scenario(path), place)
    wall, cpu = time.perf_counter() - began, cpu_s() - before
    verdict = "reached" if wall <= target_s else "MISSED"
    print(f"  {name:<58}{wall:8.1f} s wall {cpu:8.1f} s CPU   target {target_s:.0f} s: {verdict}", flush=True)
    shown = ("evs_realised", "violating_steps_none", "violating_steps_optimised", "violating_steps_unmanaged")
    shown += ("hosting_capacity_unmanaged", "hosting_capacity_optimised")
    values = {k.name: k.value for k in finished.outcome.kpis}
    told = [f"{key} {values[key]:.4g}" for key in shown if values.get(key) is not None]
    print(f"    {', '.join(told)}", flush=True)


def main(*, quick: bool) -> None:
    """Run the chain, then 1,000 unmanaged and 100 managed samples; quick: a tenth of each."""
    days, samples, managed = (21, 10, 1) if quick else (90, 100, 10)
    share = days / 90
    with tempfile.TemporaryDirectory(prefix="sparewatt-bench-") as base:
        folder = Path(base)
        inputs = write_inputs(folder)
        small = {"cases": '["0PV0HP"]', "days": "2", "validate_days": "0", "forecasts": "false"}
        none = "{ samples = 0, managed_samples = 0 }"
        run_timed(folder, "kernels are loaded", inputs, {**small, "hosting": none}, 3600.0)
        for replayed in ("7", '"all"'):
            chain = {"days": str(days), "validate_days": replayed, "hosting": none}
            name = f"chain: 5 cases x {days} days, 10 min, {replayed.strip(chr(34))} days replayed"
            run_timed(folder, name, inputs, chain, share * CHAIN_S)
        week = {**small, "days": "9"}
        hosting = f"{{ samples = {samples}, managed_samples = 0, days = 7 }}"
        name = f"{10 * samples} unmanaged samples x a winter week, 10 min"
        run_timed(folder, name, inputs, {**week, "hosting": hosting}, samples / 100 * UNMANAGED_S)
        hosting = f"{{ samples = 0, managed_samples = {managed}, days = 7 }}"
        name = f"{10 * managed} managed samples x a winter week, 10 min"
        run_timed(folder, name, inputs, {**week, "hosting": hosting}, managed / 10 * MANAGED_S)
