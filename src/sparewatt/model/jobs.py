"""Jobs: loads that may start within a window, and EVs that may choose their power too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.curves import Curves

FLEXIBLE = -1
"""``profile`` of a job that has no load profile but an energy and a power range."""


@dataclass(frozen=True)
class Jobs:
    """Jobs of a neighbourhood in the order of their file; row n is ``ids[n]``.

    A job with a profile runs it once, uncut, from its start. A flexible job (an EV) takes ``energy_kwh``
    between ``earliest_s`` and ``end_s``; in each minute it draws nothing or from ``min_kw`` to ``max_kw``.

    Parameters
    ----------
    ids
        Unique names, ``[house]:[device]:[n]`` or ``[house]:name``.
    house
        Row of the house, shape (jobs,).
    device
        Names of the devices, unique within a house.
    registered_s
        When the job becomes known, shape (jobs,) [s since time 0].
    earliest_s, latest_s
        Window of the start, both ends belong to it, shape (jobs,) [s since time 0]. For a flexible job
        ``latest_s`` is the last start that still gives the energy at full power.
    end_s
        When the job has ended at the latest, shape (jobs,) [s since time 0].
    profile
        Row in ``profiles``, ``FLEXIBLE`` for a flexible job, shape (jobs,).
    profiles
        Load profiles: seconds since start, cumulative energy from 0.
    energy_kwh
        Energy of each job, shape (jobs,) [kWh].
    min_kw, max_kw
        Power range of flexible jobs, 0 for others, shape (jobs,) [kW].
    """

    ids: tuple[str, ...]
    house: NDArray[np.int64]
    device: tuple[str, ...]
    registered_s: NDArray[np.int64]
    earliest_s: NDArray[np.int64]
    latest_s: NDArray[np.int64]
    end_s: NDArray[np.int64]
    profile: NDArray[np.int64]
    profiles: Curves
    energy_kwh: NDArray[np.float64]
    min_kw: NDArray[np.float64]
    max_kw: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of jobs."""
        return len(self.ids)

    @property
    def is_flexible(self) -> NDArray[np.bool_]:
        """Which jobs choose their power, shape (jobs,)."""
        return np.equal(self.profile, FLEXIBLE)
