"""Clock: the periods in which things that have a time take effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.fleet import NO_TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.fleet import Fleet
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


@dataclass(frozen=True)
class Presence:
    """Who books, arrives and leaves in which period of a run, and who is there; real times, all of a fleet.

    Parameters
    ----------
    books, arrives, leaves
        Period in which each visit's request is heard, it comes and it goes, shape (visits,); `NEVER` where
        that is not within the run. A no-show neither comes nor goes.
    """

    books: NDArray[np.int64]
    arrives: NDArray[np.int64]
    leaves: NDArray[np.int64]

    @classmethod
    def of_fleet(cls, fleet: Fleet, horizon: Horizon) -> Presence:
        """The periods of a fleet's real times; a stay without a whole period is no presence."""
        arrives = boundary_at_or_after(fleet.real_arrival_s, horizon)
        leaves = np.where(arrives == NEVER, NEVER, departure_boundary(fleet.real_departure_s, horizon))
        comes = (arrives < horizon.periods) & (arrives < leaves)
        books = boundary_at_or_after(fleet.reservation_s, horizon)
        return cls(
            np.where(books < horizon.periods, books, NEVER),
            np.where(comes, arrives, NEVER),
            np.where(comes, leaves, NEVER),
        )

    def booking(self, period: int) -> NDArray[np.int64]:
        """Rows of the visits whose request is heard in a period."""
        return np.flatnonzero(self.books == period)

    def arriving(self, period: int) -> NDArray[np.int64]:
        """Rows of the visits that come in a period."""
        return np.flatnonzero(self.arrives == period)

    def leaving(self, period: int) -> NDArray[np.int64]:
        """Rows of the visits that go in a period."""
        return np.flatnonzero(self.leaves == period)

    def present(self, period: int) -> NDArray[np.int64]:
        """Rows of the visits that are there during a period, admitted or not."""
        return np.flatnonzero((self.arrives <= period) & (period < self.leaves))
