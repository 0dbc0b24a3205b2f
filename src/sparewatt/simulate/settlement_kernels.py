"""Kernel: what producers give to the contracts with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def supply_contracts(
    order: NDArray[np.int64],
    home: NDArray[np.int64],
    maker: NDArray[np.int64],
    producer: NDArray[np.int64],
    minute: NDArray[np.int64],
    offset: NDArray[np.int64],
    kw: NDArray[np.float64],
    left_kw: NDArray[np.float64],
    load_kw: NDArray[np.float64],
    own_kw: NDArray[np.float64],
    peer_in_kw: NDArray[np.float64],
    peer_out_kw: NDArray[np.float64],
    grid_kw: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Give each contract in turn what its producer has left for it; what is missing is bought.

    In plain Python::

        for n in order:
            for k, want in enumerate(load(n)):
                t = minute[n] + k
                gets = min(left_kw[producer[n]][t], want) if producer[n] >= 0 else 0
                left_kw[producer[n]][t] -= gets
                load_kw[home[n]][t] += want
                grid_kw[home[n]][t] += want - gets
                if home[n] == maker[n]:
                    own_kw[home[n]][t] += gets
                else:
                    peer_in_kw[home[n]][t] += gets
                    peer_out_kw[maker[n]][t] += gets

    Nothing is written where nothing flows.

    Parameters
    ----------
    order
        Rows of the contracts, first come first served.
    home, maker
        Houses of job and producer of each contract, ``maker`` -1 for the grid, shape (contracts,).
    producer, minute, offset, kw
        As in `Contracts`.
    left_kw
        What each producer has; what is left of it afterwards, shape (producers, minutes) [kW].
    load_kw, own_kw, peer_in_kw, peer_out_kw, grid_kw
        Flows that are added to, shape (houses, minutes) [kW].

    Returns
    -------
    ndarray
        What each contract got, shape (contracts,) [kWh].
    """
    given = np.zeros(len(producer))
    for n in order:
        h, m, p = home[n], maker[n], producer[n]
        total = 0.0
        for k in range(offset[n + 1] - offset[n]):
            want = kw[offset[n] + k]
            if want <= 0.0:
                continue
            t = minute[n] + k
            load_kw[h, t] += want
            gets = min(left_kw[p, t], want) if p >= 0 else 0.0
            if gets < want:
                grid_kw[h, t] += want - gets
            if gets <= 0.0:
                continue
            left_kw[p, t] -= gets
            total += gets
            if h == m:
                own_kw[h, t] += gets
            else:
                peer_in_kw[h, t] += gets
                peer_out_kw[m, t] += gets
        given[n] = total / 60.0
    return given
