"""ContractRows: the contracts of a repetition as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import GRID, ContractState

if TYPE_CHECKING:
    from numpy.typing import NDArray


NEAR_WHOLE = 1e-6
"""Share of a contract's energy that may be missing by rounding where it counts as covered whole."""


@dataclass(frozen=True)
class ContractRows:
    """Contracts of a repetition in the order of agreement, cancelled ones too; arrays of shape (contracts,).

    Parameters
    ----------
    ids
        Unique names, see `sparewatt.model.contract.contract_ids`.
    job
        Row of the job.
    producer
        Row of the producer or ``GRID``.
    start_s, end_s
        First second and end of the load [s since time 0].
    agreed_s
        Time of agreement [s since time 0].
    cancelled_s
        Time of the cancellation, -1 where there was none [s since time 0].
    state
        ``ContractState``.
    energy_kwh
        Energy of the load [kWh].
    own_kwh, peer_kwh, grid_kwh
        Where it came from; all 0 for cancelled ones [kWh].
    """

    ids: tuple[str, ...]
    job: NDArray[np.int64]
    producer: NDArray[np.int64]
    start_s: NDArray[np.int64]
    end_s: NDArray[np.int64]
    agreed_s: NDArray[np.int64]
    cancelled_s: NDArray[np.int64]
    state: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    own_kwh: NDArray[np.float64]
    peer_kwh: NDArray[np.float64]
    grid_kwh: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of contracts."""
        return len(self.job)

    @property
    def is_valid(self) -> NDArray[np.bool_]:
        """Which contracts were not cancelled, shape (contracts,)."""
        return np.not_equal(self.state, ContractState.CANCELLED)

    @property
    def is_with_grid(self) -> NDArray[np.bool_]:
        """Which contracts are with the grid, shape (contracts,)."""
        return np.equal(self.producer, GRID)

    @property
    def is_whole(self) -> NDArray[np.bool_]:
        """Which contracts their producer covered from the first minute to the last, shape (contracts,)."""
        covered = self.grid_kwh <= NEAR_WHOLE * self.energy_kwh
        return np.asarray(covered & self.is_valid & ~self.is_with_grid, np.bool_)
