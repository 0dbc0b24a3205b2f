"""Appliances of a generated neighbourhood: how they draw power, phase by phase, and who has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RESIDUAL = 0.03
"""Share of its power that a phase draws between its bursts."""
_WH_DIGITS = 4


@dataclass(frozen=True)
class Phase:
    """A part of a programme.

    Parameters
    ----------
    minutes
        How long it takes [min].
    from_kw, to_kw
        Power at its begin and end, a straight line between them [kW].
    on, off
        Bursts of so many minutes with so many between them; without ``off`` there are no breaks [min].
    """

    minutes: int
    from_kw: float
    to_kw: float
    on: int = 1
    off: int = 0


@dataclass(frozen=True)
class ApplianceKind:
    """A kind of appliance with its programmes.

    Parameters
    ----------
    name
        For people.
    programmes
        Name and phases of each; a device has one of them.
    owned
        Share of the houses that have it [0-1].
    uses
        Share of a house's jobs that are its, relative to its other appliances.
    """

    name: str
    programmes: tuple[tuple[str, tuple[Phase, ...]], ...]
    owned: float
    uses: float


KINDS = (
    ApplianceKind(
        "Washing machine",
        (
            (
                "washing_40",
                (
                    Phase(4, 0.05, 0.05),
                    Phase(12, 2.0, 2.0),
                    Phase(42, 0.22, 0.22, 2, 1),
                    Phase(22, 0.14, 0.14, 3, 1),
                    Phase(9, 0.2, 0.55),
                ),
            ),
            (
                "washing_60",
                (
                    Phase(4, 0.05, 0.05),
                    Phase(25, 2.05, 2.05),
                    Phase(55, 0.22, 0.22, 2, 1),
                    Phase(28, 0.14, 0.14, 3, 1),
                    Phase(10, 0.2, 0.6),
                ),
            ),
        ),
        owned=1.0,
        uses=1.0,
    ),
    ApplianceKind(
        "Dishwasher",
        (
            (
                "dishwasher_eco",
                (
                    Phase(14, 0.06, 0.06),
                    Phase(15, 1.9, 1.9),
                    Phase(62, 0.08, 0.08),
                    Phase(11, 1.9, 1.9),
                    Phase(48, 0.03, 0.03),
                ),
            ),
            (
                "dishwasher_quick",
                (Phase(5, 0.06, 0.06), Phase(20, 2.1, 2.1), Phase(18, 0.1, 0.1), Phase(14, 2.1, 2.1)),
            ),
        ),
        owned=0.7,
        uses=1.1,
    ),
    ApplianceKind(
        "Tumble dryer",
        (
            ("dryer_heat_pump", (Phase(15, 0.5, 0.85), Phase(85, 0.85, 0.45), Phase(8, 0.15, 0.15))),
            ("dryer_condenser", (Phase(65, 2.4, 2.4, 4, 1), Phase(10, 0.2, 0.2))),
        ),
        owned=0.45,
        uses=0.7,
    ),
    ApplianceKind(
        "Water heater", (("water_heater", (Phase(38, 2.0, 2.0), Phase(10, 2.0, 2.0, 1, 2))),), 0.25, 1.2
    ),
    ApplianceKind("Freezer", (("freezer_cooling", (Phase(180, 0.14, 0.1, 14, 16),)),), 0.35, 1.0),
    ApplianceKind("Garden pump", (("garden_pump", (Phase(90, 0.75, 0.75),)),), 0.15, 0.5),
)
"""Own numbers, in the ranges that metered programmes of such appliances have."""


def programme_points(phases: tuple[Phase, ...]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """A programme as cumulative energy, point by minute.

    E(t) = Σ_{m<t} P(m)/60, P on a straight line in each phase, 3 % of it between bursts.

    Returns
    -------
    Seconds since start, from 0 [s], and cumulative energy in whole tenths of a milliwatt hour [kWh].
    """
    parts = []
    for phase in phases:
        minute = np.arange(phase.minutes)
        line = phase.from_kw + (phase.to_kw - phase.from_kw) * (minute + 0.5) / phase.minutes
        parts.append(line * np.where(minute % (phase.on + phase.off) < phase.on, 1.0, _RESIDUAL))
    kw = np.concatenate(parts)
    energy_kwh = np.round(np.concatenate([[0.0], np.cumsum(kw / 60.0)]), _WH_DIGITS + 3)
    return np.arange(len(kw) + 1, dtype=np.int64) * 60, energy_kwh
