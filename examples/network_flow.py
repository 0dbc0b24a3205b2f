"""Power flow by itself: a street read from OpenDSS files, a day of it by three engines, its weak spot."""

# ruff: noqa: INP001, PLR2004, T201 - an example is no package, has plain numbers, and prints

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sparewatt import FlowWant, engine_for, find_feeders, find_zones, read_dss_network, write_network_template

with TemporaryDirectory() as folder:
    write_network_template(Path(folder) / "street", customers=30, feeders=1)
    network, findings = read_dss_network(Path(folder) / "street" / "grid")
if network is None:
    raise SystemExit("\n".join(str(finding) for finding in findings))

feeders = find_feeders(network)
zones = find_zones(network, feeders)
print(f"{len(network.loads)} loads, {len(network.nodes)} nodes, feeders {feeders.ids}, zones {zones.ids}")

# Every home draws 0.4 kW, in the evening up to 2 kW more, with a power factor of 0.95.
hour = np.arange(48) / 2
kw = np.tile(0.4 + 2.0 * np.exp(-(((hour - 18.5) / 2.0) ** 2)), (len(network.loads), 1))
kvar = kw * np.tan(np.arccos(0.95))

want = FlowWant(branches=feeders.head_branch)
found = engine_for("sweep", network).solve(kw, kvar, want)
load, step = np.unravel_index(found.load_voltage_pu.argmin(), found.load_voltage_pu.shape)
head_kva = np.abs(found.branch_power_kva[0, :, step])
print(
    f"at {hour[step]:.1f} h {network.loads.ids[load]} has {found.load_voltage_pu[load, step]:.3f} pu; "
    f"the phases of its feeder carry {', '.join(f'{kva:.1f}' for kva in head_kva)} kVA"
)
print(f"losses of the day: {found.losses_kw.sum() * 0.5:.1f} kWh")

# Two public engines say the same of the same circuit.
for name in ("opendss", "power_grid_model"):
    other = engine_for(name, network, tolerance_pu=1e-9).solve(kw, kvar, want)
    off = float(np.abs(other.load_voltage_pu - found.load_voltage_pu).max())
    print(f"{name}: {'within' if off < 1e-6 else 'not within'} 1e-6 pu at every load and step")
