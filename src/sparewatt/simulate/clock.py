"""Clock: the periods in which things that have a time take effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.fleet import NO_TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

NEVER = (1 << 31) - 1
"""A period that no run reaches."""


def boundary_at_or_after(time_s: NDArray[np.int64], horizon: Horizon) -> NDArray[np.int64]:
    """First boundary at or after each time: where an arrival takes effect, or a request is heard.

    Parameters
    ----------
    time_s
        Times [s since the epoch]; `NO_TIME` gives `NEVER`.
    horizon
        The periods; what came before the start takes effect at boundary 0.

    Returns
    -------
    Boundaries, >= 0, shape of ``time_s``.
    """
    boundary = -((horizon.start_s - time_s) // horizon.step_s)
    return np.where(time_s == NO_TIME, NEVER, np.maximum(boundary, 0))


def boundary_at_or_before(time_s: NDArray[np.int64], horizon: Horizon) -> NDArray[np.int64]:
    """Last boundary at or before each time: where a departure takes effect; negative before the start."""
    return np.asarray((time_s - horizon.start_s) // horizon.step_s)


def departure_boundary(time_s: NDArray[np.int64], horizon: Horizon) -> NDArray[np.int64]:
    """As `boundary_at_or_before`; `NEVER` for a departure after the end of the horizon."""
    return np.where(time_s > horizon.end_s, NEVER, boundary_at_or_before(time_s, horizon))
