"""Thevenin: source and transformer as seen from the low-voltage busbar.

The transformer is three ideal ones, each between two phases of the high-voltage side and one winding of the
wye: the winding of phase p gets E = A·V_hv·lv / (√3·hv·tap), where A (3×3, entries -1, 0, 1, rows sum to 0)
says by the clock number which two phases it faces; Dyn1: a-c, b-a, c-b; Dyn11: a-b, b-c, c-a. With the
series impedance z of a winding, referred to the low-voltage side, the magnetising admittance y across it and
the neutral's impedance z_n, the nodal equations of source, windings and neutral are

    Y_s·(V_s − V_hv) = Aᵀ·I_w·lv / (√3·hv·tap),   I_w = (E − W) / z,   W = V − V_n,
    J = I_w − y·W,                                V_n = z_n·Σ J,

V the busbar's voltages to earth and J the currents drawn there: V = V₀ − Z·J, the losses of the
transformer a quadratic form in J.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.network import PHASES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.network import Network, Source, Transformer

ALPHA = np.exp(2j * np.pi / 3.0)
HOURS = 12
DEGREES_PER_HOUR = 30
LEAST_OHM = 1e-9


@dataclass(frozen=True)
class Thevenin:
    """Source and transformer as seen from the busbar: V = V₀ − Z·J.

    Parameters
    ----------
    v0
        Voltages of the busbar without load, to earth, shape (3,), complex [V].
    z_ohm
        Shape (3, 3), complex [ohm].
    loss_w, loss_v, loss_ohm
        Losses of the transformer are loss_w + 2·Re(loss_vᴴ·J) + Re(Jᴴ·loss_ohm·J) [W]; shapes (), (3,) and
        (3, 3), complex, Hermitian [W, V, ohm].
    """

    v0: NDArray[np.complex128]
    z_ohm: NDArray[np.complex128]
    loss_w: float
    loss_v: NDArray[np.complex128]
    loss_ohm: NDArray[np.complex128]

    def transformer_losses_w(self, j: NDArray[np.complex128]) -> NDArray[np.float64]:
        """Losses of the transformer at currents ``j`` out of it, shape (3, snapshots) → (snapshots,) [W]."""
        linear = 2.0 * (self.loss_v.conj() @ j).real
        return np.asarray(self.loss_w + linear + (j.conj() * (self.loss_ohm @ j)).sum(axis=0).real)


def sequence_matrix(z1: complex, z0: complex) -> NDArray[np.complex128]:
    """Matrix of a balanced element from its positive- and zero-sequence value, shape (3, 3)."""
    own, mutual = (z0 + 2.0 * z1) / 3.0, (z0 - z1) / 3.0
    return np.where(np.eye(PHASES, dtype=np.bool_), own, mutual).astype(np.complex128)


def winding_incidence(clock: int) -> NDArray[np.float64]:
    """Which two high-voltage phases each winding of the wye faces, shape (3, 3), entries -1, 0, 1.

    A delta-wye transformer has an odd clock number; it turns the low-voltage side by -30 degrees an hour.
    """
    if clock % 2 == 0:
        raise ValueError(f"a delta-wye transformer has an odd clock number, not {clock}")
    wanted = np.exp(-1j * np.deg2rad(DEGREES_PER_HOUR * (clock % HOURS))) * np.sqrt(3.0)
    phases = ALPHA ** -np.arange(PHASES)
    first = np.zeros(PHASES)
    for plus in range(PHASES):
        for minus in range(PHASES):
            if plus != minus and abs(phases[plus] - phases[minus] - wanted) < 0.1:  # noqa: PLR2004 - far from others
                first[plus], first[minus] = 1.0, -1.0
    return np.stack([np.roll(first, p) for p in range(PHASES)])


def find_thevenin(network: Network) -> Thevenin:
    """Eliminate source, high-voltage side and neutral."""
    source, transformer = network.source, network.transformer
    y_source = np.linalg.inv(sequence_matrix(_not_nothing(source.z1_ohm), _not_nothing(source.z0_ohm)))
    behind = source_voltage(source)
    turn = _turns(transformer)
    y_winding = 1.0 / winding_impedance(transformer)
    # Unknowns: three high-voltage phases, three of the busbar, the neutral where it is not solid.
    solid = transformer.neutral_ohm == 0
    size = 2 * PHASES + (0 if solid else 1)
    across = np.zeros((PHASES, size))
    across[:, PHASES : 2 * PHASES] = np.eye(PHASES)
    if not solid:
        across[:, -1] = -1.0
    drop = -across
    drop[:, :PHASES] += turn
    y = np.zeros((size, size), dtype=np.complex128)
    y += drop.T @ drop * y_winding + across.T @ across * transformer.magnetising_s
    y_loss = y.copy()
    y[:PHASES, :PHASES] += y_source
    if not solid:
        y[-1, -1] += 1.0 / transformer.neutral_ohm
        y_loss[-1, -1] += 1.0 / transformer.neutral_ohm
    z = np.linalg.inv(y).astype(np.complex128)
    fed = np.zeros(size, dtype=np.complex128)
    fed[:PHASES] = y_source @ behind
    v0, per_amp = z @ fed, z[:, PHASES : 2 * PHASES]
    # v = v0 − per_amp·J; what the transformer's own admittances take is vᴴ·G·v, G their Hermitian part.
    g = 0.5 * (y_loss + y_loss.conj().T)
    busbar = slice(PHASES, 2 * PHASES)
    return Thevenin(
        v0=v0[busbar],
        z_ohm=per_amp[busbar],
        loss_w=float((v0.conj() @ g @ v0).real),
        loss_v=-(per_amp.conj().T @ g @ v0),
        loss_ohm=per_amp.conj().T @ g @ per_amp,
    )


def winding_impedance(transformer: Transformer) -> complex:
    """Series impedance of a winding of the wye, high-voltage side included [ohm at low voltage]."""
    base = (transformer.lv_kv * 1000.0) ** 2 / (transformer.rating_kva * 1000.0)
    return complex(transformer.r_pu, transformer.x_pu) * base


def source_voltage(source: Source) -> NDArray[np.complex128]:
    """Voltages behind the source's impedance, phase to earth, shape (3,) [V]."""
    phases = ALPHA ** -np.arange(PHASES)
    return np.asarray(source.voltage_pu * source.base_kv * 1000.0 / np.sqrt(3.0) * phases)


def _not_nothing(z: complex) -> complex:
    """An impedance that can be inverted: 0 becomes a nano-ohm, 1e-11 pu at any medium voltage."""
    return z if z != 0 else complex(LEAST_OHM)


def _turns(transformer: Transformer) -> NDArray[np.float64]:
    """Open-circuit voltage of the windings per volt of the high-voltage phases, shape (3, 3)."""
    ratio = transformer.lv_kv / np.sqrt(3.0) / (transformer.hv_kv * transformer.tap_pu)
    return np.asarray(winding_incidence(transformer.clock) * ratio)
