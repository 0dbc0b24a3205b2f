"""OpenDSS as an engine: a circuit of its own built from the network in memory, loads set per snapshot."""

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

LOWEST_PU = 0.1
"""Loads stay as they are down to this voltage; OpenDSS would make them impedances below 0.95 [pu]."""
BLOCK = 256
MOST_ITERATIONS = 200
FINER = 1e-3
"""OpenDSS stops at a change between iterations; one so much smaller leaves the error below the tolerance."""
LEADS = frozenset({11, 3, 7})
_NANO = 1e-9


class OpenDss:
    """OpenDSS over one network; any topology.

    Parameters
    ----------
    network
        Radial or meshed.
    tolerance_pu
        How far voltages may be off [pu].

    Attributes
    ----------
    context
        OpenDSS itself, with this network alone as its circuit.
    """

    def __init__(self, network: Network, *, tolerance_pu: float = 1e-8) -> None:
        from dss import dss  # noqa: PLC0415 - heavy, and only this engine needs it

        check_limits(network, "opendss")
        self._network, self._feeders = network, find_feeders(network)
        # A new context goes to the folder in which the library was loaded, unless the first one may not.
        dss.AllowChangeDir = False
        self.context: Any = dss.NewContext()
        self.context.AllowForms = False
        self.context.AllowChangeDir = False
        for command in circuit_commands(network):
            self.context.Text.Command = command
        self.context.Text.Command = (
            f"set tolerance={tolerance_pu * FINER:.3g} maxiterations={MOST_ITERATIONS}"
        )
        circuit = self.context.ActiveCircuit
        circuit.Solution.Solve()
        order = {name.lower(): i for i, name in enumerate(circuit.YNodeOrder)}
        rows = [order.get(f"n{n}.{p + 1}", -1) for n in range(len(network.nodes)) for p in range(PHASES)]
        self._place = np.array(rows, dtype=np.int64).reshape(-1, PHASES)

    def solve(
        self, kw: NDArray[np.float64], kvar: NDArray[np.float64], want: FlowWant | None = None
    ) -> FlowResult:
        """Solve every snapshot; see :class:`~sparewatt.physics.power_flow.PowerFlow`."""
        snapshots = kw.shape[1]
        report = VoltageReport(self._network, self._feeders, want or FlowWant(), snapshots)
        circuit = self.context.ActiveCircuit
        solution, loads = circuit.Solution, circuit.Loads
        most = 0
        for first in range(0, snapshots, BLOCK):
            end = min(first + BLOCK, snapshots)
            v = np.zeros((*self._place.shape, end - first), dtype=np.complex128)
            for t in range(first, end):
                for row, (p, q) in enumerate(zip(kw[:, t].tolist(), kvar[:, t].tolist(), strict=True)):
                    loads.idx = row + 1
                    loads.kW = p
                    loads.kvar = q
                solution.Solve()
                report.result.converged[t] = solution.Converged
                most = max(most, int(solution.Iterations))
                if report.result.converged[t]:
                    v[:, :, t - first] = self.node_voltages()
            report.take(first, v, kw[:, first:end], kvar[:, first:end])
        return replace(report.result, iterations=most)

    def node_voltages(self) -> NDArray[np.complex128]:
        """Voltages of all nodes as last solved, shape (nodes, 3), 0 without a path to the source [V]."""
        flat = np.asarray(self.context.ActiveCircuit.YNodeVarray)
        known = flat[0::2] + 1j * flat[1::2]
        return np.where(self._place >= 0, known[self._place], 0.0)


def circuit_commands(network: Network) -> list[str]:
    """Commands that build the network in OpenDSS; node n is bus ``n<row>``, load l ``l<row>``."""
    source, t = network.source, network.transformer
    neutral = "0" if t.neutral_ohm == 0 else "4"
    lv = f"n{network.busbar}"
    # Dyn1 and Dyn11 are its own; four hours more are the windings moved on by one phase.
    turns = ((t.clock - (11 if t.clock in LEADS else 1)) % 12) // 4
    nodes = ".".join(str((p - turns) % PHASES + 1) for p in range(PHASES))
    z1, z0 = complex(source.z1_ohm), complex(source.z0_ohm)
    circuit = (
        f"new circuit.sparewatt basekv={source.base_kv!r} pu={source.voltage_pu!r} bus1=hv "
        f"z1=[{z1.real!r} {z1.imag!r}] z0=[{z0.real!r} {z0.imag!r}]"
    )
    transformer = (
        f"new transformer.t phases=3 windings=2 buses=[hv.1.2.3 {lv}.{nodes}.{neutral}] conns=[delta wye] "
        f"kvs=[{t.hv_kv!r} {t.lv_kv!r}] kvas=[{t.rating_kva!r} {t.rating_kva!r}] xhl={100 * t.x_pu!r} "
        f"%rs=[{50 * t.r_pu!r} {50 * t.r_pu!r}] taps=[{t.tap_pu!r} 1] ppm_antifloat=0 "
        f"leadlag={'lead' if t.clock in LEADS else 'lag'}"
    )
    base = f"set defaultbasefrequency={network.frequency_hz!r}"
    commands = ["clear", base, circuit, transformer]
    if t.neutral_ohm != 0:
        commands.append(_reactor("neutral", f"{lv}.4", f"{lv}.0", complex(t.neutral_ohm)))
    if t.magnetising_s != 0:
        z = 1.0 / complex(t.magnetising_s)
        commands += [_reactor(f"m{p}", f"{lv}.{p}", f"{lv}.{neutral}", z) for p in range(1, PHASES + 1)]
    commands += [_line(network, b) for b in range(len(network.branches))]
    commands += [_load(network, row) for row in range(len(network.loads))]
    volts = f"{source.base_kv!r} {t.lv_kv!r}"
    commands += [f"set voltagebases=[{volts}]", "calcvoltagebases", "set controlmode=off mode=snapshot"]
    return commands


def _line(network: Network, row: int) -> str:
    branches = network.branches
    c_nf = branches.shunt_s[row].imag / (2.0 * np.pi * network.frequency_hz) / _NANO
    return (
        f"new line.b{row} phases=3 bus1=n{branches.from_node[row]}.1.2.3 bus2=n{branches.to_node[row]}.1.2.3 "
        f"rmatrix={_matrix(branches.z_ohm[row].real)} xmatrix={_matrix(branches.z_ohm[row].imag)} "
        f"cmatrix={_matrix(c_nf)} length=1 units=none basefreq={network.frequency_hz!r} "
        "earthmodel=deri"
    )


def _load(network: Network, row: int) -> str:
    loads = network.loads
    phase = int(loads.phase[row])
    if phase == ALL_PHASES:
        bus, phases, kv = f"n{loads.node[row]}.1.2.3.0", 3, network.base_v * np.sqrt(3.0) / 1000.0
    else:
        bus, phases, kv = f"n{loads.node[row]}.{phase + 1}.0", 1, network.base_v / 1000.0
    z, i, p = (repr(float(s)) for s in loads.zip_share[row])
    model = "model=1" if float(p) == 1.0 else f"model=8 zipv=[{z} {i} {p} {z} {i} {p} 0]"
    return (
        f"new load.l{row} phases={phases} bus1={bus} kv={float(kv)!r} kw=1 kvar=0 {model} "
        f"vminpu={LOWEST_PU} vlowpu={LOWEST_PU / 2} vmaxpu=3"
    )


def _reactor(name: str, bus1: str, bus2: str, z: complex) -> str:
    return f"new reactor.{name} phases=1 bus1={bus1} bus2={bus2} r={z.real!r} x={z.imag!r}"


def _matrix(values: NDArray[np.float64]) -> str:
    return "[" + " | ".join(" ".join(repr(float(x)) for x in row) for row in values) + "]"
