"""A batch power flow from tables of loads to files of voltages, flows and losses."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.inputs.network.load_table import open_load_table, paired_blocks
from sparewatt.inputs.network.read import NetworkSources, read_grid
from sparewatt.inputs.network.simbench import CODE
from sparewatt.physics.engines import engine_for
from sparewatt.physics.headroom.zonal import blank_lost, signed_kva
from sparewatt.physics.power_flow import FlowWant
from sparewatt.physics.topology import find_feeders
from sparewatt.results.flow_files import open_flow_files, write_summary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sparewatt.physics.power_flow import Engine

BLOCK_VALUES = 2_000_000
"""Loads × steps of one block at most."""
PHASES = ("1", "2", "3")
_NAMED = 10


def run_power_flow(
    master: Path,
    kw: Path,
    kvar: Path | None,
    out: Path,
    *,
    engine: Engine = "sweep",
    workers: int = 2,
    on_step: Callable[[int], None] | None = None,
) -> tuple[dict[str, object], tuple[Finding, ...]]:
    """Solve every step of a table, block by block.

    Parameters
    ----------
    master
        OpenDSS file or folder, a pandapower network (``.json``), or the code of a SimBench network.
    kw, kvar
        Tables of active and reactive power; without the second that is 0.
    out
        Folder for ``load_voltages.parquet``, ``head_flows.parquet``, ``losses.parquet``, ``summary.json``.
    engine, workers
        Which engine, and its threads.
    on_step
        Called with the number of steps that are done.

    Returns
    -------
    What ``summary.json`` says, and the findings of network and batch.

    Raises
    ------
    InputError
        The network or a table breaks rules; no file is left.
    """
    radial = engine == "sweep"
    network, findings = read_grid(_sources(master), master.absolute().parent, radial=radial)
    if network is None:
        raise InputError(findings)
    feeders = find_feeders(network)
    solver = engine_for(engine, network, workers=workers)
    want = FlowWant(load_voltages=True, branches=feeders.head_branch)
    rows = max(1, BLOCK_VALUES // max(1, len(network.loads)))
    heads = [f"{feeder}/{phase}" for feeder in feeders.ids for phase in PHASES]
    steps = iterations = lost = 0
    unsolved: list[str] = []
    lowest, seconds = np.inf, 0.0
    with ExitStack() as stack:
        step, active = stack.enter_context(open_load_table(kw, network.loads.ids, rows))
        reactive = None
        if kvar is not None:
            reactive = stack.enter_context(open_load_table(kvar, network.loads.ids, rows))[1]
        files = stack.enter_context(open_flow_files(out, step, network.loads.ids, heads))
        for labels, p, q in paired_blocks(kvar or kw, active, reactive):
            began = time.perf_counter()
            result = blank_lost(solver.solve(p, q, want))
            seconds += time.perf_counter() - began
            files.write(
                labels,
                result.load_voltage_pu,
                signed_kva(result.branch_power_kva).reshape(len(heads), -1),
                np.stack([result.losses_kw, result.transformer_kva]),
                result.converged,
            )
            steps += len(labels)
            lost += int((~result.converged).sum())
            unsolved += [
                str(labels[int(k)]) for k in np.flatnonzero(~result.converged)[: _NAMED - len(unsolved)]
            ]
            iterations = max(iterations, result.iterations)
            lowest = min(lowest, float(result.load_voltage_pu[:, result.converged].min(initial=np.inf)))
            if on_step is not None:
                on_step(steps)
        if not steps:
            message = "the table has no step"
            raise InputError(
                [Finding("network.loads.empty", "error", kw.name, message, "", "a row per step")]
            )
    summary: dict[str, object] = {
        "network": network.name,
        "engine": engine,
        "loads": len(network.loads),
        "snapshots": steps,
        "converged": steps - lost,
        "iterations": iterations,
        "seconds": round(seconds, 4),
        "lowest_pu": round(lowest, 9) if np.isfinite(lowest) else None,
        "unsolved": unsolved,
    }
    write_summary(out, summary)
    if lost:
        told = f"; elsewhere the lowest voltage is {lowest:.3f} pu" if np.isfinite(lowest) else ""
        message = f"the power flow found no solution in {lost} of {steps} steps{told}"
        remedy = "less load, or another engine; their numbers are empty"
        more = Finding("network.flow.unsolved", "warning", kw.name, message, ", ".join(unsolved), remedy)
        findings = (*findings, more)
    return summary, tuple(findings)


def _sources(master: Path) -> NetworkSources:
    """What the name on the command line stands for."""
    if CODE.fullmatch(master.name) and not master.exists():
        return NetworkSources(simbench=master.name)
    if master.suffix.lower() == ".json":
        return NetworkSources(network=master.name)
    return NetworkSources(master=master.name)
