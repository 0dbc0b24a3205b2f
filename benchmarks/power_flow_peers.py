"""The peers of the sweep as they are fastest: OpenDSS with loads set in memory and by its daily mode, PGM."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.physics.opendss_engine import OpenDss
from sparewatt.physics.pgm_engine import PowerGridModelEngine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network

    Floats = NDArray[np.float64]

ROUGH = 1e-4
"""OpenDSS's own tolerance, ten thousand times ours: kinder to it."""


def time_opendss_loads(network: Network, kw: Floats, kvar: Floats) -> float:
    """CPU per snapshot with every load set through the API, then solved [s]."""
    engine = OpenDss(network)
    circuit = engine.context.ActiveCircuit
    engine.context.Text.Command = f"set tolerance={ROUGH}"
    loads, solution = circuit.Loads, circuit.Solution
    started = time.process_time()
    for t in range(kw.shape[1]):
        for row, (p, q) in enumerate(zip(kw[:, t].tolist(), kvar[:, t].tolist(), strict=True)):
            loads.idx = row + 1
            loads.kW = p
            loads.kvar = q
        solution.Solve()
    return (time.process_time() - started) / kw.shape[1]


def time_opendss_daily(network: Network, kw: Floats, kvar: Floats, tolerance: float) -> tuple[float, Floats]:
    """CPU per snapshot of its daily mode over load shapes [s], and the last voltages of all nodes [V]."""
    engine = OpenDss(network)
    run: Any = engine.context.Text
    count = kw.shape[1]
    for row in range(len(network.loads)):
        p, q = (" ".join(map(repr, values[row].tolist())) for values in (kw, kvar))
        run.Command = f"new loadshape.s{row} npts={count} minterval=30 useactual=yes mult=[{p}] qmult=[{q}]"
        run.Command = f"load.l{row}.daily=s{row}"
    run.Command = f"set tolerance={tolerance} mode=daily stepsize=30m number={count} hour=0"
    started = time.process_time()
    engine.context.ActiveCircuit.Solution.Solve()
    spent = (time.process_time() - started) / count
    return spent, np.abs(engine.node_voltages())


def time_pgm(network: Network, kw: Floats, kvar: Floats, method: str) -> float:
    """CPU per snapshot of one batch call, voltages of nodes only, at its own tolerance of 1e-8 [s]."""
    engine = PowerGridModelEngine(network, tolerance_pu=1e-6, method=method)
    engine.calculate(engine.batch_update(kw[:, :2], kvar[:, :2]))
    update = engine.batch_update(kw, kvar)
    started = time.process_time()
    engine.calculate(update)
    return (time.process_time() - started) / kw.shape[1]
