"""The cheapest minutes for a job that may choose its power."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.starts import KW_ZERO

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEAR = 1e-9
"""A need below this is met [kW min]."""


def fill_minutes(
    energy_kwh: float,
    min_kw: NDArray[np.float64],
    max_kw: NDArray[np.float64],
    room_kw: NDArray[np.float64],
    price: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Power in the cheapest minutes, the earlier of equal ones first, until the energy is reached.

    Minutes whose room is below their least power stay empty. What does not fit into the room goes, beyond
    it, to the cheapest minutes. In each minute the power is 0 or between the two bounds; only the last
    minute that is filled may stay below, where the rest cannot be shared with the one before it: the job
    is full within it.

    Parameters
    ----------
    energy_kwh
        What is to be reached; less is given where all minutes together give less.
    min_kw, max_kw
        Power when on, shape (minutes,) [kW].
    room_kw
        Power up to which a limit is kept, shape (minutes,) [kW].
    price
        Shape (minutes,) [currency/kWh].

    Returns
    -------
    ndarray
        Shape (minutes,) [kW].
    """
    order = np.argsort(price, kind="stable")
    kw = np.zeros(len(price))
    within = np.minimum(max_kw, room_kw)
    within[within < min_kw] = 0.0
    left = _fill(kw, order[within[order] > KW_ZERO], within, min_kw, energy_kwh * 60.0)
    if left > NEAR:
        beyond = np.maximum(max_kw - kw, 0.0)
        _fill(kw, order[beyond[order] > KW_ZERO], beyond, min_kw, left)
    return kw


def _fill(
    kw: NDArray[np.float64],
    order: NDArray[np.int64],
    room_kw: NDArray[np.float64],
    min_kw: NDArray[np.float64],
    need: float,
) -> float:
    """Add power in the order given until the need is met; the need that is left [kW min]."""
    filled = np.cumsum(room_kw[order])
    whole = int(np.searchsorted(filled, need, side="right"))
    kw[order[:whole]] += room_kw[order[:whole]]
    rest = need - (float(filled[whole - 1]) if whole else 0.0)
    if whole == len(order) or rest <= NEAR:
        return max(rest, 0.0)
    last = order[whole]
    kw[last] += rest
    lacking = min_kw[last] - kw[last]
    if lacking > 0.0 and whole:
        before = order[whole - 1]
        if kw[before] - lacking >= min_kw[before]:
            kw[before] -= lacking
            kw[last] += lacking
    return 0.0
