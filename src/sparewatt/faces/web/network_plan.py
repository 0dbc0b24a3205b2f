"""What the browser is told of a network and its moments, so that it draws each of them itself."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.results.network_places import place_nodes
from sparewatt.results.network_rings import ring_branches
from sparewatt.studies.network_steps import GridSteps, block_periods, shown_periods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparewatt.results.network_grid_state import GridState

PU_SCALE, LOAD_SCALE = 20_000, 1_000
"""Steps per pu, and per 1 of a loading: voltages to 0.012 V and up to 3.2 pu, loadings to 0.1 % up to 65."""
_SHOWN_WORDS = {"unmanaged": "EVs, unmanaged", "optimised": "EVs, optimised", "none": "Without EVs"}
_ORDER = ("unmanaged", "optimised", "none")


def shown_choices(state: GridState) -> list[dict[str, str]]:
    """What can be shown over time, the replays before the cases: value and label."""
    replays = [
        {"value": c, "label": f"{_SHOWN_WORDS[c]} (replayed days)"} for c in _ORDER if c in state.charging
    ]
    cases = [{"value": f"case:{k}", "label": f"{c.name}, without EVs"} for k, c in enumerate(state.cases)]
    return replays + cases


def network_plan(state: GridState, run_id: int) -> dict[str, Any]:
    """The network, the moments and what can be shown, as plain values."""
    net, h = state.network, state.horizon
    at, is_drawn = place_nodes(net, state.feeders)
    shown = {}
    for choice in shown_choices(state):
        periods = shown_periods(state, choice["value"])
        if len(periods):
            shown[choice["value"]] = [int(periods[0]), int(periods[-1]) + 1]
    loads = net.loads
    closing, inside = ring_branches(net, state.feeders)
    return {
        "run": run_id,
        "isDrawn": is_drawn,
        "x": _rounded(at[:, 0]),
        "y": _rounded(at[:, 1]),
        "from": net.branches.from_node.tolist(),
        "to": net.branches.to_node.tolist(),
        "outer": state.outer_node.tolist(),
        "closing": closing.astype(int).tolist(),
        "inRing": inside.astype(int).tolist(),
        "nodes": list(net.nodes.ids),
        "branches": list(net.branches.ids),
        "rated": [None if not np.isfinite(a) else round(float(a), 1) for a in net.branches.ampacity_a],
        "nodeCustomers": state.node_customers.tolist(),
        "branchCustomers": state.branch_customers.tolist(),
        "busbar": int(net.busbar),
        "transformerKva": float(net.transformer.rating_kva),
        "zones": list(state.zones.ids),
        "nodeZone": _node_zones(state),
        "loadNode": loads.node.tolist(),
        "loadZone": state.zones.load_zone.tolist(),
        "baseV": float(net.base_v),
        "floor": state.floor_pu,
        "ceiling": state.ceiling_pu,
        "scale": _scale(state),
        "start": h.start_s,
        "step": h.step_s,
        "timezone": h.timezone,
        "shown": shown,
        "block": block_periods(state),
        "moments": [
            {
                "label": m.label,
                "shown": shown_then,
                "period": m.period,
            }
            for m, shown_then in zip(state.moments, _shown_then(state), strict=True)
        ],
    }


def moment_blocks(state: GridState) -> list[dict[str, Any]]:
    """The moments that the run kept, as blocks of one."""
    told = []
    for moment, known in zip(state.moments, _shown_then(state), strict=True):
        steps = GridSteps(
            moment.period,
            moment.node_pu[:, :, None].astype(np.float32),
            moment.branch_loading[:, :, None].astype(np.float32),
            np.array([moment.transformer_loading], dtype=np.float32),
            np.array([(moment.node_pu > 0).any()]),
        )
        told.append(pack_steps(steps, known))
    return told


def _shown_then(state: GridState) -> list[str]:
    """What each kept moment is of, as in `shown_choices`."""
    last = f"case:{len(state.cases) - 1}"
    return [m.charging if m.charging in state.charging else last for m in state.moments]


def pack_steps(steps: GridSteps, shown: str) -> dict[str, Any]:
    """Solved moments as text: moment by moment, row by row, three phases beside each other."""
    return {
        "shown": shown,
        "first": steps.first,
        "count": len(steps.converged),
        "volts": _packed(steps.node_pu, PU_SCALE),
        "loads": _packed(steps.branch_loading, LOAD_SCALE),
        "transformer": [round(float(v), 4) for v in steps.transformer_loading],
        "solved": [bool(v) for v in steps.converged],
    }


def _packed(values: NDArray[np.float32], scale: int) -> str:
    whole = np.clip(np.rint(values.transpose(2, 0, 1) * scale), 0, 65_535).astype("<u2")
    return base64.b64encode(np.ascontiguousarray(whole).tobytes()).decode("ascii")


def _rounded(values: NDArray[np.float64]) -> list[float]:
    span = max(float(np.ptp(values)) if len(values) else 1.0, 1e-9)
    digits = max(0, int(np.ceil(4 - np.log10(span))))
    return [round(float(v), digits) for v in values]


def _node_zones(state: GridState) -> list[int]:
    """The zone that somebody means who picks a node: of a customer there, or the first of its feeder."""
    feeder = state.zones.feeder
    first = {int(f): z for z, f in reversed(list(enumerate(feeder.tolist())))}
    zone = [first.get(int(f), -1) for f in state.feeders.node_feeder]
    for node, z in zip(state.network.loads.node.tolist(), state.zones.load_zone.tolist(), strict=True):
        if z >= 0:
            zone[node] = z
    return zone


def _scale(state: GridState) -> dict[str, float]:
    """Ends of the colour scales, the same at all moments: what the worst moments reach, and the limits."""
    volts = np.concatenate([np.ravel(m.node_pu) for m in state.moments] or [np.zeros(0)])
    volts = volts[volts > 0]
    loads = np.concatenate([np.ravel(m.branch_loading) for m in state.moments] or [np.zeros(0)])
    low = min(_least(volts, 1.0), state.floor_pu - 0.02)
    high = max(float(volts.max(initial=0.0)), state.ceiling_pu)
    return {"low": low, "high": high, "load": max(1.5, float(loads.max(initial=0.0)))}


def _least(values: Sequence[float] | NDArray[np.float64], otherwise: float) -> float:
    return float(min(values)) if len(values) else otherwise
