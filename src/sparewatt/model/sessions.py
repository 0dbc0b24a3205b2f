"""Sessions: stays of vehicles at a charger, plug-in to plug-out, as a struct of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.horizon import Horizon

Availability = Literal["fraction", "nearest", "whole"]


@dataclass(frozen=True)
class Sessions:
    """Stays, ordered by vehicle and then by time; periods of session s are ``first[s]..end[s]-1``.

    ``fraction[offset[s]:offset[s+1]]`` holds, per period of the session, the plugged-in share.
    A session without a period (``first == end``) still carries the energy of the routes before
    it; one that starts at the end of the horizon (``first == periods``) stands for a vehicle that
    is away when the horizon ends.

    Parameters
    ----------
    vehicle
        Row of the vehicle, shape (sessions,).
    plug_in_s, plug_out_s
        Real ends of the stay [s since the epoch].
    first, end
        First period and the one after the last.
    use_kwh
        Energy that left the battery between the previous stay of this vehicle and this one [kWh].
    offset, fraction
        Plugged-in share per period [0-1] in compressed rows, shapes (sessions + 1,), (entries,).
    """

    vehicle: NDArray[np.int64]
    plug_in_s: NDArray[np.int64]
    plug_out_s: NDArray[np.int64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]
    use_kwh: NDArray[np.float64]
    offset: NDArray[np.int64]
    fraction: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of sessions."""
        return len(self.vehicle)

    @cached_property
    def entry_session(self) -> NDArray[np.int64]:
        """Session of each entry, shape (entries,)."""
        return np.repeat(np.arange(len(self)), np.diff(self.offset))

    @cached_property
    def entry_period(self) -> NDArray[np.int64]:
        """Period of each entry, shape (entries,)."""
        start = np.repeat(self.first - self.offset[:-1], np.diff(self.offset))
        return start + np.arange(len(self.fraction))

    @classmethod
    def from_stays(
        cls,
        horizon: Horizon,
        vehicle: NDArray[np.int64],
        plug_in_s: NDArray[np.int64],
        plug_out_s: NDArray[np.int64],
        use_kwh: NDArray[np.float64],
        availability: Availability = "fraction",
    ) -> Sessions:
        """Put stays on the periods of a horizon.

        Parameters
        ----------
        horizon
            The periods; stays are clipped to it.
        vehicle, plug_in_s, plug_out_s, use_kwh
            One entry per stay, ordered by vehicle and then by time; see the class.
        availability
            ``"fraction"``: a partly plugged-in period counts with its share; ``"nearest"``: both
            ends go to the nearest period edge (half up); ``"whole"``: only whole periods count.
        """
        step = horizon.step_s
        a = np.clip(plug_in_s - horizon.start_s, 0, horizon.periods * step)
        b = np.clip(plug_out_s - horizon.start_s, 0, horizon.periods * step)
        b = np.maximum(a, b)
        if availability == "nearest":
            a, b = (a + step // 2) // step * step, (b + step // 2) // step * step
        elif availability == "whole":
            a, b = -(-a // step) * step, b // step * step
            b = np.maximum(a, b)
        first = a // step
        end = np.maximum(-(-b // step), first)
        end = np.where(a == b, first, end)
        length = end - first
        offset = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
        session = np.repeat(np.arange(len(vehicle)), length)
        left = (first[session] + np.arange(offset[-1]) - offset[session]) * step
        inside = np.minimum(left + step, b[session]) - np.maximum(left, a[session])
        return cls(vehicle, plug_in_s, plug_out_s, first, end, use_kwh, offset, inside / step)
