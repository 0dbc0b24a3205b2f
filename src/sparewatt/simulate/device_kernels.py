"""Kernel: what contracts cost, and what producers earn with those of neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.kernel import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel()
def price_contracts(
    order: NDArray[np.int64],
    home: NDArray[np.int64],
    maker: NDArray[np.int64],
    producer: NDArray[np.int64],
    minute: NDArray[np.int64],
    offset: NDArray[np.int64],
    kw: NDArray[np.float64],
    left_kw: NDArray[np.float64],
    pay: NDArray[np.float64],
    receive: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Serve contracts as `supply_contracts` does, and price what does not come from the own roof.

    In plain Python::

        for n in order:
            for k, want in enumerate(load(n)):
                t = minute[n] + k
                gets = min(left_kw[producer[n]][t], want) if producer[n] >= 0 else 0
                left_kw[producer[n]][t] -= gets
                own = gets if home[n] == maker[n] else 0
                cost[:, n] += (want - own) * pay[:, t] / 60
                income[:, producer[n]] += (gets - own) * receive[:, t] / 60

    Parameters
    ----------
    order, home, maker, producer, minute, offset, kw, left_kw
        As of `sparewatt.simulate.settlement_kernels.supply_contracts`.
    pay, receive
        What a kilowatt-hour costs who is short of it and earns who has it over, one row for each way to
        price, shape (ways, minutes) [currency/kWh].

    Returns
    -------
    tuple of ndarray
        Cost of each contract, shape (ways, contracts), and income of each producer from neighbours,
        shape (ways, producers) [currency].
    """
    ways = len(pay)
    cost = np.zeros((ways, len(producer)))
    income = np.zeros((ways, len(left_kw)))
    for n in order:
        p, first, begin = producer[n], minute[n], offset[n]
        is_home = home[n] == maker[n]
        for k in range(offset[n + 1] - begin):
            want = kw[begin + k]
            if want <= 0.0:
                continue
            t = first + k
            gets = min(left_kw[p, t], want) if p >= 0 else 0.0
            if gets > 0.0:
                left_kw[p, t] -= gets
            short = want - gets if is_home else want
            for way in range(ways):
                cost[way, n] += short * pay[way, t] / 60.0
                if gets > 0.0 and not is_home:
                    income[way, p] += gets * receive[way, t] / 60.0
    return cost, income
