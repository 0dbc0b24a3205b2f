"""NetworkView: everything that one network run shows, whether just found or read back from files.

What studies and faces call::

    network_results.network_outcome(view, name=, seed=, input_hash=, findings=) -> Outcome
    network_results.write_network_folder(directory, outcome, view, simulate_s=None) -> RunFolder
    network_results.network_limit_files(view) -> tuple[(zone_id, "series/limit_1.parquet"), ...]
    network_reading.read_network_view(folder.path / SERIES) -> NetworkView     without running again
    report.write_report, overview.overview_table, compare, export, bundle      as in every study
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from sparewatt.model.headroom import HeadroomSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.rules.forecast_scores import ForecastScores
    from sparewatt.decide.rules.forecast_tomorrow import Tomorrow
    from sparewatt.model.customers import Case, Customers
    from sparewatt.model.ev_schedule import EvSchedule
    from sparewatt.model.feeders import Feeders, Zones
    from sparewatt.model.headroom import DailyProfile, FittedLimit, Headroom, HeatPumpChoice
    from sparewatt.model.horizon import Horizon
    from sparewatt.model.limit import Limit
    from sparewatt.model.network import Network
    from sparewatt.model.zonal import ZonalSeries
    from sparewatt.results.network_hosting import HostingResult

Charging = Literal["none", "optimised", "unmanaged"]
"""How the EVs charge in a replay; ``"none"``: the network without EVs."""

CHARGING_WORDS: dict[Charging, str] = {
    "none": "without EVs",
    "optimised": "optimised",
    "unmanaged": "unmanaged",
}
"""Ways of charging as people read them, in the order of tables and pictures."""

LimitMethod = Literal["fit", "per_zone", "shared"]

LIMIT_WORDS: dict[LimitMethod, str] = {
    "fit": "line through voltage over flow",
    "per_zone": "power flow, zone by zone",
    "shared": "power flow, all zones together",
}
"""Methods as people read them."""


@dataclass(frozen=True)
class NetworkSetting:
    """Settings that the numbers cannot be read without.

    Parameters
    ----------
    headroom
        Bounds and shares of limits, headroom and daily profiles.
    limit_method
        Where the flow limits of `CaseResult.headroom` come from.
    judged_floor_pu, judged_ceiling_pu
        Statutory bounds that the replays are judged by [pu of the network's base].
    target_share
        Share of the energy wanted at departure below which the rest counts as unserved [0-1].
    placement
        How EVs were put on customers: ``"random"``, ``"worst"``, ``"best"``.
    engine
        Power flow that was used.
    """

    headroom: HeadroomSettings = field(default_factory=HeadroomSettings)
    limit_method: LimitMethod = "fit"
    judged_floor_pu: float = 0.9
    judged_ceiling_pu: float = 1.05
    target_share: float = 0.99
    placement: str = "random"
    engine: str = "sweep"


@dataclass(frozen=True)
class CaseResult:
    """One case of PV and heat pumps without EVs.

    Parameters
    ----------
    case
        Who has what.
    series
        Flows, voltages, overloads over the horizon of the view, (zones, periods).
    headroom
        Of the same periods, under the limits of the chosen method.
    profile
        Headroom by local time of day at the chosen risk.
    """

    case: Case
    series: ZonalSeries
    headroom: Headroom
    profile: DailyProfile


@dataclass(frozen=True)
class ZoneLimits:
    """Flow limits of the zones as one number each, for tables and the scatter.

    Parameters
    ----------
    import_kva, export_kva
        The limit that counts, shape (zones,): the fitted one, or the least over the periods of the case
        that the zone takes where limits come from power flow [kVA].
    fitted_import, fitted_export
        Lines through the pooled snapshots of all cases; always found, they are drawn in the scatter.
    """

    import_kva: NDArray[np.float64]
    export_kva: NDArray[np.float64]
    fitted_import: FittedLimit
    fitted_export: FittedLimit


@dataclass(frozen=True)
class ZoneFinds:
    """What every zone can have; arrays of shape (zones,).

    Parameters
    ----------
    heat_pumps
        Rows of `NetworkView.cases`, -1 for none.
    case
        Row of the case whose headroom the columns below are about, and that was replayed:
        ``heat_pumps.case``, or the first case where that is -1.
    energy_kwh
        Headroom energy of a day of that case's profile [kWh/day].
    evs_without_shifting, evs_realised
        EVs by energy alone, and EVs that were placed and planned.
    binding
        `Binding` that is met most often in that case.
    """

    heat_pumps: HeatPumpChoice
    case: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    evs_without_shifting: NDArray[np.int64]
    evs_realised: NDArray[np.int64]
    binding: NDArray[np.int8]


@dataclass(frozen=True)
class ZoneEvs:
    """The EVs of one zone, planned and left to themselves; all on `NetworkView.ev_horizon`.

    Parameters
    ----------
    zone
        Row of the zone.
    customer
        Row of the customer at whose home each car charges, shape (cars,).
    lower_kw, upper_kw
        Bounds on the power of all cars together that the plan was made within, shape (periods,) [kW].
    asked_kw
        What was asked of V2G, >= 0, shape (periods,); a discharge counts as delivered up to it [kW].
    optimised, unmanaged
        The same cars and sessions, planned and plugged in.
    """

    zone: int
    customer: NDArray[np.int64]
    lower_kw: NDArray[np.float64]
    upper_kw: NDArray[np.float64]
    asked_kw: NDArray[np.float64]
    optimised: EvSchedule
    unmanaged: EvSchedule


@dataclass(frozen=True)
class Replay:
    """The power flow of chosen periods, each zone with the case that it takes, and its EVs.

    Parameters
    ----------
    charging
        How the EVs charge.
    periods
        Periods of the horizon that were replayed, rising, the same in all replays, shape (replayed,).
    series
        What came of it, (zones, replayed).
    energy_kwh
        Headroom energy of a day that is left with these EVs, as in `ZoneFinds.energy_kwh`, shape (zones,).
    """

    charging: Charging
    periods: NDArray[np.int64]
    series: ZonalSeries
    energy_kwh: NDArray[np.float64]


@dataclass(frozen=True)
class Moment:
    """The whole network at one moment, for the map.

    Parameters
    ----------
    label
        What moment it is, in a few words: ``"lowest voltage, unmanaged charging"``.
    charging
        Whose replay, or of the cases without EVs.
    period
        Period of the horizon, one that the power flow solved.
    node_pu
        Voltage magnitudes, shape (nodes, 3) [pu].
    branch_loading
        Current over rating, 0 where the rating is not known, shape (branches, 3).
    transformer_loading
        Apparent power over rating.
    """

    label: str
    charging: Charging
    period: int
    node_pu: NDArray[np.float64]
    branch_loading: NDArray[np.float64]
    transformer_loading: float


@dataclass(frozen=True)
class NetworkView:
    """One network run, ready to be shown; what was not asked for is empty or ``None``.

    Parameters
    ----------
    network, feeders, zones, customers
        Where.
    horizon
        Periods of the cases.
    setting
        What the numbers depend on.
    cases
        Penetrations rising.
    limits, finds
        Per zone.
    offers
        Per zone what another study may take there, on ``horizon``.
    ev_horizon
        The noon-to-noon days of the schedules; ``None`` where no EVs were planned.
    evs
        Zones with EVs, rising.
    replays
        In the order of `CHARGING_WORDS`; empty where nothing was replayed.
    moments
        The first is the one to be shown first.
    hosting, forecasts
        Where asked for.
    tomorrow
        Headroom of the first case on the day after the horizon, by the rules of ``forecasts``; ``None``
        where there are none, and in runs older than it.
    """

    network: Network
    feeders: Feeders
    zones: Zones
    customers: Customers
    horizon: Horizon
    setting: NetworkSetting
    cases: tuple[CaseResult, ...]
    limits: ZoneLimits
    finds: ZoneFinds
    offers: tuple[Limit, ...]
    ev_horizon: Horizon | None = None
    evs: tuple[ZoneEvs, ...] = ()
    replays: tuple[Replay, ...] = ()
    moments: tuple[Moment, ...] = ()
    hosting: HostingResult | None = None
    forecasts: ForecastScores | None = None
    tomorrow: Tomorrow | None = None

    @property
    def zone_ids(self) -> tuple[str, ...]:
        """Names of the zones."""
        return self.zones.ids

    @cached_property
    def zone_customers(self) -> NDArray[np.int64]:
        """Customers of each zone; one on all three phases counts in none, shape (zones,)."""
        zone = self.customers.zone[self.customers.zone >= 0]
        return np.bincount(zone, minlength=len(self.zones)).astype(np.int64)

    def replay(self, charging: Charging) -> Replay | None:
        """The replay of one way of charging, ``None`` where there is none."""
        return next((r for r in self.replays if r.charging == charging), None)
