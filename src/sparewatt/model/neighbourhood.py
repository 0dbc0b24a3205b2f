"""Neighbourhood: houses behind one substation with jobs, producers, forecasts, batteries and base load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.model.curves import Curves
    from sparewatt.model.jobs import Jobs


@dataclass(frozen=True)
class Device:
    """A device of a user in a house, as people name it.

    Parameters
    ----------
    house, user, device_id
        Where it is; ``user`` may be empty.
    name, template, kind
        Words of the inputs; ``kind`` is ``consumer``, ``producer``, ``ev``, ``battery`` or what the XML says.
    """

    house: str
    user: str
    device_id: str
    name: str
    template: str
    kind: str


@dataclass(frozen=True)
class Producers:
    """PV systems in the order of their registration; row n is ``ids[n]``.

    Parameters
    ----------
    ids
        Unique names, ``pv_producer[house]:[device]``.
    house
        Row of the house, shape (producers,).
    device
        Names of the devices, unique within a house.
    """

    ids: tuple[str, ...]
    house: NDArray[np.int64]
    device: tuple[str, ...]

    def __len__(self) -> int:
        """Number of producers."""
        return len(self.ids)


@dataclass(frozen=True)
class Forecasts:
    """What producers expect, in the order of the file.

    Parameters
    ----------
    producer
        Row of the producer, shape (forecasts,).
    issued_s
        When it becomes known, shape (forecasts,) [s since time 0].
    curves
        Seconds since time 0, cumulative energy; the first row holds the energy of the hour before it.
    """

    producer: NDArray[np.int64]
    issued_s: NDArray[np.int64]
    curves: Curves

    def __len__(self) -> int:
        """Number of forecasts."""
        return len(self.producer)


@dataclass(frozen=True)
class Batteries:
    """Home batteries that store what is left over at home and give it back at home.

    Parameters
    ----------
    house
        Row of the house, at most one battery each, shape (batteries,).
    capacity_kwh
        Usable energy, shape (batteries,) [kWh].
    charge_kw, discharge_kw
        Highest powers at the house's side, shape (batteries,) [kW].
    efficiency
        Each way, shape (batteries,) [0-1].
    start_soc
        At time 0, shape (batteries,) [0-1].
    """

    house: NDArray[np.int64]
    capacity_kwh: NDArray[np.float64]
    charge_kw: NDArray[np.float64]
    discharge_kw: NDArray[np.float64]
    efficiency: NDArray[np.float64]
    start_soc: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of batteries."""
        return len(self.house)


@dataclass(frozen=True)
class BaseLoad:
    """Load that nobody can move.

    Parameters
    ----------
    house
        Row of the house, at most one curve each, shape (curves,).
    curves
        Seconds since time 0, cumulative energy.
    """

    house: NDArray[np.int64]
    curves: Curves

    def __len__(self) -> int:
        """Number of houses with base load."""
        return len(self.house)


@dataclass(frozen=True)
class Neighbourhood:
    """All that is known of a neighbourhood; a simulation shows each part only when its time comes.

    Parameters
    ----------
    name
        Name of the neighbourhood.
    origin_s
        Time 0: the earliest stamp of registrations and forecasts [UNIX s].
    house_ids
        Unique names; rows of houses everywhere.
    devices
        Devices by name where the inputs name them; may be empty.
    jobs, producers, forecasts, batteries, base_load
        The parts.
    scores
        Scores that the producers start with, shape (producers,).
    """

    name: str
    origin_s: int
    house_ids: tuple[str, ...]
    devices: tuple[Device, ...]
    jobs: Jobs
    producers: Producers
    forecasts: Forecasts
    batteries: Batteries
    base_load: BaseLoad
    scores: NDArray[np.float64]
