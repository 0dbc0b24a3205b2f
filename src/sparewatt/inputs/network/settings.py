"""NetworkSettings: the `[network]` table of a scenario file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from sparewatt.inputs.setting_values import STRICT, Step, Timezone
from sparewatt.model.headroom import HeadroomSettings, Split

_HOUR = timedelta(hours=1)


def _read_day(value: object) -> date:
    """A day: TOML's own date, or ISO text."""
    if type(value) is date:
        day = value
    else:
        try:
            day = date.fromisoformat(value.strip() if isinstance(value, str) else "")
        except ValueError:
            day = date.min
    if not 1971 <= day.year <= 2199:  # noqa: PLR2004 - years meant
        msg = 'not a day such as "2026-01-12"'
        raise ValueError(msg)
    return day


def _whole_minutes(step: timedelta) -> timedelta:
    """A step of whole minutes that divides an hour."""
    if step > _HOUR or _HOUR % step or step % timedelta(minutes=1):
        msg = "not a whole number of minutes that divides an hour, such as 10min or 30min"
        raise ValueError(msg)
    return step


def _rising(values: tuple[float, ...]) -> tuple[float, ...]:
    """Penetrations, each above the one before it."""
    if not values or any(not 0.0 < v <= 1.0 for v in values) or list(values) != sorted(set(values)):
        msg = "not a rising list of shares above 0 and up to 1, such as [0.2, 0.4, 0.6]"
        raise ValueError(msg)
    return values


def _read_days(value: object) -> object:
    """A number of days, or ``"all"``."""
    if value == "all" or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 366):  # noqa: PLR2004 - a year
        return value
    msg = 'neither a number of days from 0 to 366 nor "all"'
    raise ValueError(msg)


Day = Annotated[
    date,
    BeforeValidator(_read_day),
    PlainSerializer(lambda day: day.isoformat()),
    WithJsonSchema({"type": "string", "format": "date"}),
]
MinuteStep = Annotated[Step, AfterValidator(_whole_minutes)]
ValidateDays = Annotated[int | Literal["all"], BeforeValidator(_read_days)]
Penetrations = Annotated[tuple[float, ...], AfterValidator(_rising)]


class HostingSettings(BaseModel):
    """The Monte Carlo over who has EVs, PV and heat pumps."""

    model_config = STRICT

    samples: int = Field(
        default=100,
        ge=0,
        le=100_000,
        description="Placements drawn per penetration with unmanaged charging; 0: none",
    )
    managed_samples: int = Field(
        default=10,
        ge=0,
        le=100_000,
        description="Placements drawn per penetration with optimised charging; 0: none",
    )
    penetrations: Penetrations = Field(
        default=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
        description="Penetrations of EVs, rising [EVs per customer, 0-1]",
    )
    risk: float = Field(
        default=0.05, ge=0, le=1, description="Probability of a violation that is accepted [0-1]"
    )
    days: int = Field(
        default=7, ge=1, le=366, description="Days of each sample, from noon to noon, the most loaded ones"
    )
    case: str = Field(
        default="",
        max_length=40,
        description="Case whose shares of PV and heat pumps are drawn; empty: the first",
    )


class NetworkSettings(BaseModel):
    """Settings of a network run (spec section 9)."""

    model_config = STRICT

    cases: tuple[str, ...] = Field(
        default=("0PV0HP", "25PV25HP", "50PV50HP", "75PV75HP", "100PV100HP"),
        description="Penetrations of PV and heat pumps that are studied [% of the customers]",
    )
    pattern: Literal["drawn", "every_kth"] = Field(
        default="drawn",
        description="Who has PV or a heat pump: drawn over the zones, or every k-th of a class",
    )
    start: Day = Field(default=date(2026, 1, 12), description="First local day")
    days: int = Field(default=28, ge=2, le=3660, description="Local days that are studied [days]")
    step: MinuteStep = Field(
        default=timedelta(minutes=10),
        description="Length of a period, whole minutes that divide an hour [time]",
    )
    timezone: Timezone = Field(default="Europe/London", description="IANA zone of the customers' clocks")
    profile_unit: Literal["kW", "W", "kWh", "Wh"] | None = Field(
        default=None, description="Unit of metered demand and heat pumps; left out: what their header says"
    )
    profile_match: Literal["by_id", "drawn"] = Field(
        default="by_id", description="Whether meters are called like the customers, or drawn for them"
    )
    profile_stamps: Literal["start", "end"] = Field(
        default="start", description="Whether the times of meters are starts or ends of their intervals"
    )
    profile_source: Literal["generated", "simbench"] = Field(
        default="generated",
        description="Where profiles that are not measured come from: generated, or the shapes of SimBench",
    )
    load_phases: Literal["as_given", "dealt"] = Field(
        default="as_given",
        description="Loads of all three phases: as they are, or each dealt to one phase of its feeder",
    )
    ev_source: Literal["commuters", "home_visits"] = Field(
        default="commuters",
        description="Days of the cars without diaries: commuters, or homes as the generator of hubs has them",
    )
    engine: Literal["sweep", "opendss", "power_grid_model"] = Field(
        default="sweep",
        description="Power flow: sweep is fast and takes radial networks, the others take any",
    )
    voltage_floor_pu: float = Field(
        default=0.94, ge=0.5, le=1.5, description="Voltage that limits keep [pu of the rated low voltage]"
    )
    voltage_ceiling_pu: float = Field(
        default=1.05,
        ge=0.5,
        le=1.5,
        description="Voltage that limits stay below [pu of the rated low voltage]",
    )
    judged_floor_pu: float = Field(
        default=0.90, ge=0.5, le=1.5, description="Statutory floor that replays are judged by [pu]"
    )
    judged_ceiling_pu: float = Field(
        default=1.05, ge=0.5, le=1.5, description="Statutory ceiling that replays are judged by [pu]"
    )
    unseen_share: float = Field(
        default=0.6,
        ge=0,
        le=1,
        description="Share of a fitted limit that is trusted where its voltage bound was never broken [0-1]",
    )
    cable_share: float = Field(
        default=0.9, gt=0, le=2, description="Share of the rated current that a head cable may carry [0-1]"
    )
    transformer_share: float = Field(
        default=1.0, gt=0, le=2, description="Share of its rating that the transformer may carry [0-1]"
    )
    quantile: float = Field(
        default=0.02, ge=0, le=1, description="Share of days with less headroom than the daily profile [0-1]"
    )
    limit_method: Literal["fit", "per_zone", "shared"] = Field(
        default="fit",
        description="Flow limits: a line through voltage over flow, or power flow by zone or of all",
    )
    transformer_split: Split = Field(
        default="equal", description="How what the transformer lacks is taken off the zones"
    )
    demand_power_factor: float = Field(
        default=0.95, gt=0, le=1, description="Power factor of demand and heat pumps, lagging [0-1]"
    )
    ev_power_factor: float = Field(
        default=0.98, gt=0, le=1, description="Power factor of EVs, and from kVA to kW of headroom [0-1]"
    )
    pv_power_factor: float = Field(default=1.0, gt=0, le=1, description="Power factor of PV [0-1]")
    negative_factor: float = Field(
        default=1.0, ge=0, le=10, description="Weight of negative headroom in the energy of a day [-]"
    )
    ev_kwh_per_day: float = Field(default=14.2, gt=0, le=1000, description="What one EV takes a day [kWh]")
    v2g_kwh_per_day: float = Field(
        default=120.0,
        ge=0,
        le=1e6,
        description="Energy of a day beyond which a case with negative headroom is taken as a V2G zone [kWh]",
    )
    v2g: bool = Field(default=True, description="Whether EVs can give energy back")
    v2g_use: Literal["asked", "footroom"] = Field(
        default="asked",
        description="How much EVs may give back: what is asked where headroom lacks, or all of the footroom",
    )
    ev_planning: Literal["apart", "together"] = Field(
        default="apart",
        description="EVs of every zone in its part of the transformer, or of all zones under all of it",
    )
    v2g_value: float = Field(
        default=0.175, ge=0, le=1000, description="Value of energy given back where asked [currency/kWh]"
    )
    wear_per_kwh: float = Field(
        default=0.032, ge=0, le=1000, description="Battery wear where prices do not tell it [currency/kWh]"
    )
    reserve_share: float = Field(
        default=0.0, ge=0, le=1, description="State of charge below which no battery is discharged [0-1]"
    )
    export_share: float = Field(
        default=0.7, ge=0, le=1, description="Share of the footroom that EVs may use [0-1]"
    )
    streak: int = Field(
        default=10, ge=1, le=1000, description="Draws of EVs in a row that must all be served"
    )
    validate_days: ValidateDays = Field(
        default=7, description='Days replayed, noon to noon, around the worst moment; 0: none; "all" of them'
    )
    placement: Literal["random", "worst", "best"] = Field(
        default="random",
        description="Who has the EVs: anyone, or those farthest from or nearest to the busbar",
    )
    hosting: HostingSettings = Field(
        default=HostingSettings(), description="Hosting capacity: samples, penetrations, risk"
    )
    forecasts: bool = Field(default=True, description="Whether forecasts of the headroom are made and scored")
    zones: str | None = Field(
        default=None, min_length=1, description="Table (CSV) of zones other than the phases of the feeders"
    )
    workers: int = Field(default=2, ge=1, le=256, description="Processes and threads that work side by side")

    def headroom_settings(self) -> HeadroomSettings:
        """The numbers of limits, headroom and daily profiles."""
        return HeadroomSettings(
            voltage_floor_pu=self.voltage_floor_pu,
            voltage_ceiling_pu=self.voltage_ceiling_pu,
            unseen_share=self.unseen_share,
            cable_share=self.cable_share,
            transformer_share=self.transformer_share,
            transformer_split=self.transformer_split,
            quantile=self.quantile,
            ev_power_factor=self.ev_power_factor,
            negative_factor=self.negative_factor,
            ev_kwh_per_day=self.ev_kwh_per_day,
            v2g_kwh_per_day=self.v2g_kwh_per_day,
            v2g=self.v2g,
        )
