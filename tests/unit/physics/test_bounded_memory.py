"""Memory of the sweep does not grow with the number of snapshots beyond what was asked to be kept."""

from __future__ import annotations

import subprocess
import sys

import pytest

resource = pytest.importorskip("resource", reason="peak memory of a process is told on POSIX only")

BLOCK, FEW, MANY = 5_000, 2, 20
ONE_CALL = 120_000
SPARE_MB = 8.0

BLOCKS = f"""
import resource, sys
import numpy as np
from sparewatt.inputs.generate.network import generate_network
from sparewatt.physics.engines import engine_for
network = generate_network(3, customers=60, feeders=2)
engine = engine_for("sweep", network, workers=2)
kw = np.random.default_rng(0).uniform(-1, 2, (len(network.loads), {BLOCK}))
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
for _ in range({FEW}):
    assert engine.solve(kw, 0.3 * kw).converged.all()
before = peak()
for _ in range({MANY}):
    assert engine.solve(kw, 0.3 * kw).converged.all()
print((peak() - before) / 1e6)
"""

WHOLE = f"""
import resource, sys
import numpy as np
from sparewatt.inputs.generate.network import generate_network
from sparewatt.physics.engines import engine_for
from sparewatt.physics.power_flow import FlowWant
network = generate_network(3, customers=60, feeders=2)
engine = engine_for("sweep", network, workers=2)
want = FlowWant(load_voltages=False)
kw = np.random.default_rng(0).uniform(-1, 2, (len(network.loads), {ONE_CALL}))
kvar = 0.3 * kw
engine.solve(kw[:, :2048].copy(), kvar[:, :2048].copy(), want)
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
before = peak()
flow = engine.solve(kw, kvar, want)
assert flow.converged.all()
kept = sum(a.nbytes for a in (flow.losses_kw, flow.busbar_kva, flow.converged))
print((peak() - before - kept) / 1e6)
"""


def run(program):
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def test_a_long_series_in_blocks_needs_no_more_than_a_short_one():
    # Kept, the voltages of the further blocks would be 48 MB.
    assert run(BLOCKS) < SPARE_MB


def test_one_long_call_needs_what_it_returns_and_little_else():
    # A copy of the powers would be 115 MB, all load voltages 58 MB.
    assert run(WHOLE) < SPARE_MB
