"""HubPlan: what a generated hub has and how its drivers behave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class ClusterPlan:
    """A cluster to be made.

    Parameters
    ----------
    cluster_id
        Its name.
    units
        Number of charging units.
    charge_kw, discharge_kw
        Greatest powers of a unit, battery side [kW].
    efficiency
        Of a unit, either direction [0-1].
    share
        Share of the visits that drive to it; shares of all clusters are taken relative to their sum.
    fast
        Whether vehicles charge with their fast charging power.
    """

    cluster_id: str
    units: int
    charge_kw: float = 11.0
    discharge_kw: float = 11.0
    efficiency: float = 0.94
    share: float = 1.0
    fast: bool = False


@dataclass(frozen=True)
class DriverHabits:
    """How drivers book, and how what they do differs from what they say; every part can be switched off.

    Each part is drawn from a stream of its own, so that changing one leaves the others as they were.

    Parameters
    ----------
    reservation_share
        Share of the visits that book ahead; the others walk in [0-1].
    lead_min
        Shortest and longest time between booking and declared arrival, uniform [min].
    arrival_spread_min, departure_spread_min
        Standard deviation of real minus declared times; 0: as declared [min].
    soc_spread
        Standard deviation of real minus declared SoC on arrival; 0: as declared [-].
    no_show_share
        Share of the booking visits that never come [0-1].
    overstay_share
        Share of the visits that stay beyond the declared departure [0-1].
    overstay_min
        Mean of how long they do, exponential, at least a minute [min].
    v2g_share
        Share of the visits that allow energy to be taken [0-1].
    v2g_kw
        Discharging power of every vehicle that allows it [kW].
    v2g_battery_share
        What they allow, as a share of the battery [0-1].
    min_soc, max_soc
        Bounds; the lower one is lowered to the arrival SoC where that is less [0-1].
    targets_in_reach
        Whether a target that charging at full power cannot reach within the declared stay, less the two
        spreads of times, is lowered to what it can.
    """

    reservation_share: float = 1.0
    lead_min: tuple[int, int] = (30, 720)
    arrival_spread_min: float = 0.0
    departure_spread_min: float = 0.0
    soc_spread: float = 0.0
    no_show_share: float = 0.0
    overstay_share: float = 0.0
    overstay_min: float = 45.0
    v2g_share: float = 1.0
    v2g_kw: float = 11.0
    v2g_battery_share: float = 0.2
    min_soc: float = 0.1
    max_soc: float = 1.0
    targets_in_reach: bool = False

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1 and times below 0."""
        shares = (self.reservation_share, self.no_show_share, self.overstay_share, self.v2g_share)
        if not all(0 <= s <= 1 for s in (*shares, self.v2g_battery_share, self.min_soc, self.max_soc)):
            raise ValueError("shares and states of charge of habits are from 0 to 1")
        spreads = (self.arrival_spread_min, self.departure_spread_min, self.soc_spread, self.overstay_min)
        if min(*spreads, self.v2g_kw, self.lead_min[0]) < 0 or self.lead_min[0] > self.lead_min[1]:
            raise ValueError("times, spreads and powers of habits are at least 0, the shortest lead first")


@dataclass(frozen=True)
class HubPlan:
    """A hub to be made and the visits to it.

    Parameters
    ----------
    clusters
        At least one, names unique.
    first_day
        Local date of the first day.
    days
        Number of days on which vehicles arrive.
    visits_per_day
        Visits that begin on each day from Monday to Friday.
    weekend_visits_per_day
        On Saturday and Sunday; ``None``: as on other days.
    timezone
        IANA name.
    min_stay_min
        Least stay, 1 to 1439 [min].
    habits
        Of the drivers.
    """

    clusters: tuple[ClusterPlan, ...]
    first_day: date
    days: int
    visits_per_day: int
    weekend_visits_per_day: int | None = None
    timezone: str = "UTC"
    min_stay_min: int = 30
    habits: DriverHabits = field(default_factory=DriverHabits)

    def __post_init__(self) -> None:
        """Refuse what no hub can be made of."""
        names = [c.cluster_id for c in self.clusters]
        if not names or len(set(names)) < len(names) or min(c.units for c in self.clusters) < 1:
            raise ValueError("a hub needs clusters with different names and at least one unit each")
        if min(c.share for c in self.clusters) < 0 or sum(c.share for c in self.clusters) <= 0:
            raise ValueError("the shares of the clusters are at least 0, and one is above it")
        if self.days < 1 or self.visits_per_day < 0 or (self.weekend_visits_per_day or 0) < 0:
            raise ValueError("a hub needs at least one day, and no number of visits is below 0")
        if not 1 <= self.min_stay_min < 24 * 60:
            raise ValueError("the minimum stay is 1 to 1439 minutes")
