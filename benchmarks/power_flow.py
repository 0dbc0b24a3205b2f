"""Batch power flow: three engines on the same circuits and snapshots; a year; how near the machine's peak."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from benchmarks.power_flow_peers import ROUGH, time_opendss_daily, time_opendss_loads, time_pgm
from benchmarks.power_flow_roofline import measure_roofline

from sparewatt.inputs.generate.network import generate_network
from sparewatt.inputs.network.dss import read_dss_network
from sparewatt.physics.engines import engine_for
from sparewatt.physics.power_flow import FlowWant
from sparewatt.physics.topology import find_feeders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network
    from sparewatt.physics.power_flow import FlowResult

    Floats = NDArray[np.float64]

NAME = "power_flow"
SUMMARY = "Batch power flow: sweep, OpenDSS, power-grid-model on the same circuits; a year of half-hours"

SHARED = Path(os.environ.get("SPAREWATT_SHARED", Path(__file__).resolve().parents[2] / "shared"))
YEAR = 17_520
BLOCK = 4_380
TIMES_FASTER = 20.0
VOLTAGE_PU, CURRENT_A = 1e-6, 1e-3
MEMORY_MB = 1000.0


@dataclass(frozen=True)
class Circuit:
    """A network to be measured.

    Parameters
    ----------
    name, network
        What it is.
    usual_kw
        Mean demand of a customer in the timed snapshots: least voltages about 0.95 pu [kW].
    heavy_kw
        The same in the compared ones: least voltages about 0.8 pu [kW].
    year_s
        Wall time asked for and aimed at for a year of half-hours on two cores [s].
    """

    name: str
    network: Network
    usual_kw: float
    heavy_kw: float
    year_s: tuple[float, float]


def find_circuits() -> list[Circuit]:
    """The two real networks, where they are, and a generated one of 500 customers."""
    circuits = []
    for name, usual, heavy, year in (("enwl_1", 0.9, 2.3, (0.5, 0.25)), ("enwl_17", 0.35, 0.9, (3.0, 1.5))):
        folder = SHARED / "data" / "networks" / name
        if not folder.exists():
            print(f"{name}: not in $SPAREWATT_SHARED, left out")
            continue
        network, findings = read_dss_network(folder)
        if network is None:
            raise ValueError(f"{name} reads with {len(findings)} findings")
        circuits.append(Circuit(name, network, usual, heavy, year))
    made = generate_network(1, customers=500, feeders=6)
    return [*circuits, Circuit("generated 500", made, 0.9, 3.5, (3.0, 1.5))]


def draw_demand(network: Network, mean_kw: float, snapshots: int, seed: int = 1) -> tuple[Floats, Floats]:
    """Independent demands of every customer in every snapshot: nothing for a warm start to lean on."""
    rng = np.random.default_rng(seed)
    kw = rng.gamma(1.0, mean_kw, (len(network.loads), snapshots))
    return kw, kw * rng.uniform(0.1, 0.48, kw.shape[0])[:, None]


def main(*, quick: bool = False) -> None:
    """Compare, time against the peers, solve a year, relate to the machine."""
    for circuit in find_circuits():
        print(
            f"\n{circuit.name}: {len(circuit.network.loads)} loads, {len(circuit.network.branches)} branches"
        )
        compare(circuit, 20 if quick else 200)
        race(circuit, 48 if quick else 480)
        solve_year(circuit, BLOCK if quick else YEAR)
        measure_roofline(circuit.network, *draw_demand(circuit.network, circuit.usual_kw, 512))


def compare(circuit: Circuit, snapshots: int) -> None:
    """Print the greatest differences between the engines over loads from export to heavy import."""
    network = circuit.network
    rng = np.random.default_rng(0)
    level = np.linspace(-0.5, 1.0, snapshots) * circuit.heavy_kw
    kw = rng.gamma(1.0, 1.0, (len(network.loads), snapshots)) * level
    kvar = kw * rng.uniform(-0.25, 0.48, kw.shape)
    want = FlowWant(nodes=np.arange(len(network.nodes)), branches=np.arange(len(network.branches)))
    flows = {
        name: engine_for(name, network).solve(kw, kvar, want)
        for name in ("sweep", "opendss", "power_grid_model")
    }
    ours = flows.pop("sweep")
    low, high = ours.load_voltage_pu.min(), ours.load_voltage_pu.max()
    back = int((ours.busbar_kva.real.sum(axis=0) < 0).sum())
    print(f"  {snapshots} snapshots, {low:.3f} to {high:.3f} pu, {back} with reverse flow at the transformer")
    for name, flow in flows.items():
        volts, amps = _apart(ours, flow, network.base_v)
        kept = _verdict(volts < VOLTAGE_PU and amps < CURRENT_A)
        print(f"    against {name:<17} {volts:.1e} pu  {amps:.1e} A   {kept}")


def _apart(a: FlowResult, b: FlowResult, base_v: float) -> tuple[float, float]:
    both = a.converged & b.converged
    if not both.all():
        print(f"    {int((~both).sum())} snapshots did not converge")
    volts = np.abs(a.node_voltage_v - b.node_voltage_v)[:, :, both].max() / base_v
    return float(volts), float(np.abs(a.branch_current_a - b.branch_current_a)[:, :, both].max())


def race(circuit: Circuit, snapshots: int) -> None:
    """Print CPU per snapshot of ours and of every form of the peers, and the ratio to the fastest."""
    network = circuit.network
    kw, kvar = draw_demand(network, circuit.usual_kw, snapshots)
    many = draw_demand(network, circuit.usual_kw, 8 * snapshots)
    want = FlowWant(branches=find_feeders(network).head_branch)
    engine = engine_for("sweep", network)
    flow = engine.solve(*many, want)
    times = []
    for _ in range(5):
        started = time.process_time()
        engine.solve(*many, want)
        times.append((time.process_time() - started) / many[0].shape[1])
    ours = float(np.median(times))
    daily, last = time_opendss_daily(network, kw, kvar, ROUGH)
    check = engine.solve(kw[:, -1:], kvar[:, -1:], FlowWant(nodes=np.arange(len(network.nodes))))
    off = np.abs(np.abs(check.node_voltage_v[:, :, 0]) - last).max() / network.base_v
    fine, _ = time_opendss_daily(network, kw, kvar, 1e-8)
    peers = {
        f"OpenDSS daily, tolerance {ROUGH:g} (off by {off:.0e} pu)": daily,
        "OpenDSS daily, tolerance 1e-08": fine,
        "OpenDSS, loads set through its API": time_opendss_loads(network, kw, kvar),
        "power-grid-model, iterative current": time_pgm(network, kw, kvar, "iterative_current"),
        "power-grid-model, Newton-Raphson": time_pgm(network, kw[:, :48], kvar[:, :48], "newton_raphson"),
    }
    least = flow.load_voltage_pu.min(axis=0)
    print(
        f"  CPU per snapshot, one core, least voltage {least.min():.3f} pu (median {np.median(least):.3f}): "
        f"sweep {ours * 1e6:.1f} us, at most {flow.iterations} passes"
    )
    for name, spent in peers.items():
        print(f"    {name:<50} {spent * 1e6:8.0f} us   {spent / ours:6.0f}x")
    ratio = min(peers.values()) / ours
    print(f"    {ratio:.0f}x the fastest; {_verdict(ratio >= TIMES_FASTER)} {TIMES_FASTER:.0f}x")


def solve_year(circuit: Circuit, snapshots: int) -> None:
    """Print what a year takes on two cores (load voltages, head flows, losses), and whether memory grows.

    Every block is drawn anew, outside the clock. CPU seconds beside wall ones: half of them is the wall time
    of two cores that do nothing else.
    """
    network = circuit.network
    engine = engine_for("sweep", network, workers=2)
    want = FlowWant(branches=find_feeders(network).head_branch)
    kw, kvar = draw_demand(network, circuit.usual_kw, 64)
    engine.solve(kw, kvar, want)
    del kw, kvar
    walls, spent = [], []
    for round_ in range(3):
        wall = used = 0.0
        for block in range(snapshots // BLOCK):
            demand = draw_demand(network, circuit.usual_kw, BLOCK, seed=1 + block)
            started, before = time.perf_counter(), time.process_time()
            engine.solve(*demand, want)
            wall += time.perf_counter() - started
            used += time.process_time() - before
        walls.append(wall)
        spent.append(used)
        if round_ == 0:
            first_peak = _peak_mb()
    asked, aim = (s * snapshots / YEAR for s in circuit.year_s)
    word = "aim reached" if min(walls) <= aim else _verdict(min(walls) <= asked)
    peak = _peak_mb()
    print(
        f"  {snapshots} snapshots on two cores: best of three {min(walls):.3f} s, worst {max(walls):.3f} s "
        f"({word}; asked {asked:g} s, aim {aim:g} s), {min(spent):.3f} to {max(spent):.3f} s of CPU\n"
        f"    peak memory of the process {peak:.0f} MB ({_verdict(peak < MEMORY_MB)}), "
        f"{peak - first_peak:.0f} MB of it from solving twice as many more"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _verdict(kept: bool) -> str:  # noqa: FBT001 - it is what is said
    return "reached" if kept else "MISSED"
