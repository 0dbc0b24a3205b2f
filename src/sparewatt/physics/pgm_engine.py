"""power-grid-model as an engine: asymmetric batch power flow of the same network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.model.network import ALL_PHASES, PHASES
from sparewatt.physics.engine_limits import check_limits
from sparewatt.physics.power_flow import FlowResult, FlowWant
from sparewatt.physics.topology import find_feeders
from sparewatt.physics.voltage_report import VoltageReport

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network

BLOCK = 256
MOST_ITERATIONS = 200
FINER = 1e-2
"""It stops at a change between iterations; so much smaller than the tolerance leaves the error below it."""
CONST_POWER, CONST_IMPEDANCE, CONST_CURRENT = 0, 1, 2
SHARE_TYPE = (CONST_IMPEDANCE, CONST_CURRENT, CONST_POWER)
DELTA, WYE_EARTHED = 2, 1
_KILO = 1000.0


class PowerGridModelEngine:
    """power-grid-model over one network; any topology, symmetric impedance matrices.

    Parameters
    ----------
    network
        Radial or meshed.
    tolerance_pu
        How far voltages may be off [pu].
    workers
        Threads.
    method
        ``"newton_raphson"`` or ``"iterative_current"``.
    """

    def __init__(
        self,
        network: Network,
        *,
        tolerance_pu: float = 1e-8,
        workers: int = 1,
        method: str = "iterative_current",
    ) -> None:
        from power_grid_model import PowerGridModel  # noqa: PLC0415 - heavy, only this engine needs it

        check_limits(network, "power_grid_model")
        self._network, self._feeders = network, find_feeders(network)
        self._options = {
            "symmetric": False,
            "error_tolerance": tolerance_pu * FINER,
            "max_iterations": MOST_ITERATIONS,
            "calculation_method": method,
            "threading": -1 if workers == 1 else workers,
            "continue_on_batch_error": True,
        }
        self._row, share = np.nonzero(network.loads.zip_share)
        self._part = network.loads.zip_share[self._row, share]
        three = network.loads.phase[self._row] == ALL_PHASES
        self._phases = np.arange(PHASES) == network.loads.phase[self._row][:, None]
        self._phases = np.where(three[:, None], 1.0 / PHASES, self._phases)
        tables = grid_tables(network)
        self._first_load = 1 + max((int(t["id"].max()) for t in tables.values()), default=0)
        tables["asym_load"] = _table(
            "asym_load",
            id=self._first_load + np.arange(len(self._row)),
            node=network.loads.node[self._row],
            status=1,
            type=np.array(SHARE_TYPE)[share],
            p_specified=0.0,
            q_specified=0.0,
        )
        self._model: Any = PowerGridModel(tables, system_frequency=network.frequency_hz)

    def solve(
        self, kw: NDArray[np.float64], kvar: NDArray[np.float64], want: FlowWant | None = None
    ) -> FlowResult:
        """Solve every snapshot; see :class:`~sparewatt.physics.power_flow.PowerFlow`."""
        snapshots = kw.shape[1]
        report = VoltageReport(self._network, self._feeders, want or FlowWant(), snapshots)
        for first in range(0, snapshots, BLOCK):
            block = slice(first, min(first + BLOCK, snapshots))
            v, failed = self.node_voltages(kw[:, block], kvar[:, block])
            report.result.converged[first + failed] = False
            report.take(first, v, kw[:, block], kvar[:, block])
        return replace(report.result, iterations=0)

    def node_voltages(
        self, kw: NDArray[np.float64], kvar: NDArray[np.float64]
    ) -> tuple[NDArray[np.complex128], NDArray[np.int64]]:
        """Voltages of all nodes, shape (nodes, 3, snapshots) [V], and the snapshots that failed."""
        found = self.calculate(self.batch_update(kw, kvar))
        error = self._model.batch_error
        failed = np.array([] if error is None else error.failed_scenarios, dtype=np.int64)
        u, angle = found["u"], found["u_angle"]
        v = (u * np.exp(1j * angle))[:, : len(self._network.nodes)]
        v[failed] = 0.0
        return np.nan_to_num(np.ascontiguousarray(v.transpose(1, 2, 0))), failed

    def batch_update(self, kw: NDArray[np.float64], kvar: NDArray[np.float64]) -> dict[str, Any]:
        """What power-grid-model calls the update of a batch."""
        ids = self._first_load + np.arange(len(self._row), dtype=np.int32)
        powers = {"p_specified": self._spread(kw), "q_specified": self._spread(kvar)}
        return {"asym_load": {"id": ids[None].repeat(kw.shape[1], 0), **powers}}

    def calculate(self, update: dict[str, Any]) -> dict[str, NDArray[np.float64]]:
        """One batch call: magnitudes [V] and angles of all nodes, shape (snapshots, nodes, 3)."""
        wanted = {"node": ["u", "u_angle"]}
        found = self._model.calculate_power_flow(
            update_data=update, output_component_types=wanted, **self._options
        )
        return dict(found["node"])

    def _spread(self, power: NDArray[np.float64]) -> NDArray[np.float64]:
        """Power of each part and phase, shape (snapshots, parts, 3) [W]."""
        part = power[self._row].T * (_KILO * self._part)
        return np.ascontiguousarray(part[:, :, None] * self._phases)


def grid_tables(network: Network) -> dict[str, Any]:
    """The network but its loads; nodes have their rows as ids, the high-voltage side the next."""
    nodes, branches, t, s = len(network.nodes), network.branches, network.transformer, network.source
    hv, next_id = nodes, nodes + 1
    lines = next_id + np.arange(len(branches))
    after = next_id + len(branches)
    z, c = branches.z_ohm, branches.shunt_s.imag / (2.0 * np.pi * network.frequency_hz)
    lower = {"aa": (0, 0), "ba": (1, 0), "bb": (1, 1), "ca": (2, 0), "cb": (2, 1), "cc": (2, 2)}
    fields: dict[str, Any] = {}
    for name, (i, j) in lower.items():
        fields |= {f"r_{name}": z[:, i, j].real, f"x_{name}": z[:, i, j].imag, f"c_{name}": c[:, i, j]}
    rated = np.full(nodes + 1, t.lv_kv * _KILO)
    rated[hv] = s.base_kv * _KILO
    sk = (s.base_kv * _KILO) ** 2 / max(abs(s.z1_ohm), 1e-9)
    uk = abs(complex(t.r_pu, t.x_pu))
    return {
        "node": _table("node", id=np.arange(nodes + 1), u_rated=rated),
        "asym_line": _table(
            "asym_line",
            id=lines,
            from_node=branches.from_node,
            to_node=branches.to_node,
            from_status=1,
            to_status=1,
            i_n=np.where(np.isfinite(branches.ampacity_a), branches.ampacity_a, 1e6),
            **fields,
        ),
        "transformer": _table(
            "transformer",
            id=np.array([after]),
            from_node=hv,
            to_node=network.busbar,
            from_status=1,
            to_status=1,
            u1=t.hv_kv * t.tap_pu * _KILO,
            u2=t.lv_kv * _KILO,
            sn=t.rating_kva * _KILO,
            uk=uk,
            pk=t.r_pu * t.rating_kva * _KILO,
            i0=0.0,
            p0=0.0,
            winding_from=DELTA,
            winding_to=WYE_EARTHED,
            clock=t.clock,
            tap_side=0,
            tap_pos=0,
            tap_min=0,
            tap_max=0,
            tap_nom=0,
            tap_size=0.0,
            r_grounding_to=complex(t.neutral_ohm).real,
            x_grounding_to=complex(t.neutral_ohm).imag,
        ),
        # The delta keeps zero sequence apart, so the source's plays no part.
        "source": _table(
            "source",
            id=np.array([after + 1]),
            node=hv,
            status=1,
            u_ref=s.voltage_pu,
            sk=sk,
            rx_ratio=s.z1_ohm.real / s.z1_ohm.imag if s.z1_ohm.imag else 0.0,
            z01_ratio=1.0,
        ),
        "shunt": _table(
            "shunt",
            id=np.array([after + 2]),
            node=network.busbar,
            status=1,
            g1=complex(t.magnetising_s).real,
            b1=complex(t.magnetising_s).imag,
            g0=complex(t.magnetising_s).real,
            b0=complex(t.magnetising_s).imag,
        ),
    }


def _table(component: str, *, id: NDArray[np.int64], **columns: Any) -> Any:  # noqa: A002, ANN401 - their names
    """One input table, shape (components,)."""
    from power_grid_model import initialize_array  # noqa: PLC0415 - heavy, only this engine needs it

    table = initialize_array("input", component, len(id))
    table["id"] = id
    for name, values in columns.items():
        table[name] = values
    return table
