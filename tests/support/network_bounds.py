"""Which bounds a snapshot breaks, told from all voltages and all currents, one by one."""

from __future__ import annotations

import numpy as np

from sparewatt.model.feeders import NO_FEEDER
from sparewatt.model.network import PHASES
from sparewatt.physics.power_flow import FlowWant

_ROUNDING = 1e-9


def broken(engine, network, feeders, zones, settings, kw, kvar, side) -> np.ndarray:
    """Whether any bound of a zone's voltage, of a cable or of the transformer is broken, per snapshot."""
    sign = 1.0 if side == "import" else -1.0
    every = np.arange(len(network.branches))
    want = FlowWant(load_voltages=False, nodes=np.arange(len(network.nodes)), branches=every)
    flow = engine.solve(kw, kvar, want)
    volt = np.abs(flow.node_voltage_v) / network.base_v
    out = ~flow.converged
    for feeder, phase in zip(zones.feeder, zones.phase, strict=True):
        for node in np.flatnonzero(feeders.node_feeder == feeder):
            out = out | (volt[node, phase] < settings.voltage_floor_pu - _ROUNDING)
            out = out | (volt[node, phase] > settings.voltage_ceiling_pu + _ROUNDING)
    for branch in np.flatnonzero(feeders.branch_feeder != NO_FEEDER):
        most = settings.cable_share * network.branches.ampacity_a[branch]
        for phase in range(PHASES):
            with_side = flow.branch_power_kva[branch, phase].real * sign > 0
            out = out | (with_side & (np.abs(flow.branch_current_a[branch, phase]) > most + _ROUNDING))
    busbar = flow.busbar_kva
    total = (np.sign(busbar.real) * np.abs(busbar)).sum(axis=0) * sign
    return out | (total > settings.transformer_share * network.transformer.rating_kva + _ROUNDING)
