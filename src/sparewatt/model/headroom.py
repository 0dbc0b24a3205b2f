"""Headroom: how much more each zone can take and give per period, what binds it, and how that was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Split = Literal["equal", "pro_rata"]
"""How what the transformer lacks is taken off the zones."""


class Binding(IntEnum):
    """The constraint that is met first."""

    NONE = 0
    """None within what was searched."""
    CABLE = 1
    UNDERVOLTAGE = 2
    OVERVOLTAGE = 3
    TRANSFORMER = 4


class LimitFrom(IntEnum):
    """Which branch of the rule of the voltage-derived limit gave it."""

    LINE = 0
    """Where the fitted line meets the bound."""
    LINE_SHARE = 1
    """The bound was never broken: a share of where the line meets it."""
    LARGEST_SEEN = 2
    """The bound was never broken: the largest flow that was seen (more than that share, or no line)."""
    FIRST_BROKEN = 3
    """The bound was broken below the line's limit: the smallest flow at which it was met or broken."""
    NOTHING_SEEN = 4
    """No snapshot to read a limit from: 0."""


class LineFault(IntEnum):
    """Why there is no line of voltage over flow to speak of."""

    NONE = 0
    FEW_POINTS = 1
    NO_VARIATION = 2
    """The flow is the same in all snapshots: the line would be vertical."""
    WRONG_SLOPE = 3
    """More flow does not move the voltage towards the bound."""


@dataclass(frozen=True)
class HeadroomSettings:
    """Every number of limits, headroom and daily profiles.

    Parameters
    ----------
    voltage_floor_pu, voltage_ceiling_pu
        Bounds that limits keep [pu of the network's base].
    unseen_share
        Share of the line's limit that is trusted where the bound was never broken [0-1].
    fewest_points
        Snapshots below which no line is fitted.
    cable_share
        Share of the rated current that a cable may carry [0-1].
    transformer_share
        Share of its rating that the transformer may carry [0-1].
    transformer_split
        ``"equal"``: the same for every zone; ``"pro_rata"``: by what each has.
    quantile
        Risk of the daily profile: share of days on which the headroom was less [0-1].
    ev_power_factor
        From kVA to kW [0-1].
    negative_factor
        Weight of negative headroom in the energy of a day.
    ev_kwh_per_day
        What one EV takes a day [kWh].
    v2g_kwh_per_day
        Energy of a day beyond which a heat-pump case with negative headroom is taken, as a V2G zone [kWh].
    v2g
        Whether cars can give energy back; where not, there are no V2G zones.
    """

    voltage_floor_pu: float = 0.94
    voltage_ceiling_pu: float = 1.05
    unseen_share: float = 0.6
    fewest_points: int = 3
    cable_share: float = 0.9
    transformer_share: float = 1.0
    transformer_split: Split = "equal"
    quantile: float = 0.02
    ev_power_factor: float = 0.98
    negative_factor: float = 1.0
    ev_kwh_per_day: float = 14.2
    v2g_kwh_per_day: float = 120.0
    v2g: bool = True


@dataclass(frozen=True)
class FlowLimit:
    """How much flow each zone may have in one direction, as far as something other than its cable binds.

    Parameters
    ----------
    kva
        Flow into the feeder for the import side, out of it for the export side; shape (zones, periods), or
        (zones, 1) where it is the same at all times [kVA].
    binding
        The `Binding` of each, same shape.
    """

    kva: NDArray[np.float64]
    binding: NDArray[np.int8]


@dataclass(frozen=True)
class FittedLimit:
    """A limit per zone read from snapshots of voltage over flow, and how sure it is.

    Parameters
    ----------
    limit
        One value per zone, shape (zones, 1).
    source
        The `LimitFrom` of each, shape (zones,).
    fault
        The `LineFault` of each; `LineFault.NONE` where there is a line, shape (zones,).
    slope, intercept
        Of the line voltage = slope·flow + intercept, the flow positive into the feeder on both sides; 0 and
        the mean voltage where there is no line, shape (zones,) [pu/kVA, pu].
    points
        Snapshots that it was read from, shape (zones,).
    violating_share
        Share of the points up to the limit that are beyond the voltage bound nevertheless, shape (zones,).
    line_violating_share
        The same up to the line's own limit, before the rule corrected it; 0 without a line, shape (zones,).
    held_out_share
        The same for snapshots that had no part in their limit: each fold under the limit of the others,
        shape (zones,).
    """

    limit: FlowLimit
    source: NDArray[np.int8]
    fault: NDArray[np.int8]
    slope: NDArray[np.float64]
    intercept: NDArray[np.float64]
    points: NDArray[np.int64]
    violating_share: NDArray[np.float64]
    line_violating_share: NDArray[np.float64]
    held_out_share: NDArray[np.float64]


@dataclass(frozen=True)
class FoundLimit:
    """A limit per zone and snapshot found by power flow.

    Parameters
    ----------
    limit
        Flow just before the first constraint binds, and that constraint, shape (zones, snapshots).
    found
        Whether it holds all constraints of its zone. Where not, none of the flows that were searched does,
        nothing of the zone can be varied, or nothing is known; the limit then is the flow as it is, or the
        least that was searched, shape (zones, snapshots).
    """

    limit: FlowLimit
    found: NDArray[np.bool_]


@dataclass(frozen=True)
class Headroom:
    """How much more each zone can take (headroom) and give (footroom); negative where it is too much already.

    Parameters
    ----------
    headroom_kva, footroom_kva
        Shape (zones, periods) [kVA].
    headroom_binding, footroom_binding
        The `Binding` of each value, shape (zones, periods).
    """

    headroom_kva: NDArray[np.float64]
    footroom_kva: NDArray[np.float64]
    headroom_binding: NDArray[np.int8]
    footroom_binding: NDArray[np.int8]


@dataclass(frozen=True)
class DailyProfile:
    """Headroom by time of day at a chosen risk, from local midnight.

    Parameters
    ----------
    headroom_kva, footroom_kva
        Shape (zones, slots) [kVA].
    quantile
        Share of days with less [0-1].
    step_h
        Length of a slot [h].
    """

    headroom_kva: NDArray[np.float64]
    footroom_kva: NDArray[np.float64]
    quantile: float
    step_h: float


@dataclass(frozen=True)
class HeatPumpChoice:
    """Which case of heat pumps every zone can have; rows of the cases, -1 for none.

    Parameters
    ----------
    case
        The case taken, with V2G where that is needed, shape (zones,).
    plain_case
        The highest case without negative headroom, shape (zones,).
    v2g_zone
        Whether the case taken has negative headroom that V2G is to fill, shape (zones,).
    """

    case: NDArray[np.int64]
    plain_case: NDArray[np.int64]
    v2g_zone: NDArray[np.bool_]


def active_kw(kva: NDArray[np.float64], power_factor: float) -> NDArray[np.float64]:
    """Active power that apparent headroom allows: ``kva·pf`` if >= 0, else ``kva/pf`` [kW]."""
    return np.where(kva >= 0.0, kva * power_factor, kva / power_factor)
