"""CommunitySettings: the `[community]` table of a scenario file."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema

from sparewatt.inputs.setting_values import STRICT, Step, Timezone
from sparewatt.model.market_rules import Algorithm, MarketRules, Sharing

PRICE, FEED_IN = 0.30, 0.08
"""Prices where neither the scenario nor the neighbourhood's tariff.csv tells them [currency/kWh]."""
MOST_PRICE = 1e6
_MOST_DAYS = 3660
_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def _read_days(value: object) -> object:
    """A number of days, or ``"all"``."""
    if value == "all" or (
        isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST_DAYS
    ):
        return value
    msg = f'neither a number of days from 1 to {_MOST_DAYS} nor "all"'
    raise ValueError(msg)


def _read_tariff(value: object) -> object:
    """A price, or the name of a file."""
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= MOST_PRICE:
        return float(value)
    msg = 'neither a price such as 0.30 nor a file such as "tariff.csv"'
    raise ValueError(msg)


def _whole_minutes(step: timedelta) -> timedelta:
    if step % _MINUTE or step > _DAY:
        msg = "not a whole number of minutes up to a day, such as 15min"
        raise ValueError(msg)
    return step


Days = Annotated[
    int | Literal["all"],
    BeforeValidator(_read_days),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "all"}]}),
]
PriceOrFile = Annotated[
    float | str | None,
    BeforeValidator(_read_tariff),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "null"}]}),
]
Minutes = Annotated[Step, AfterValidator(_whole_minutes)]
AlgorithmName = Literal[
    "fifty_fifty",
    "greedy",
    "L_BFGS_B",
    "SLSQP",
    "TNC",
    "milp",
    "community_milp",
    "perfect_foresight",
]
SharingName = Literal["none", "mid_market_rate", "supply_demand_ratio", "bill_sharing"]


class CommunitySettings(BaseModel):
    """Settings of a community run (spec section 5)."""

    model_config = STRICT

    algorithm: AlgorithmName = Field(
        default="greedy",
        description="How producers choose: greedy is quick, milp covers most; perfect_foresight is the bound",
    )
    days: Days = Field(
        default="all",
        description='Days that are simulated, from the first event on, or "all" that hold events [days]',
    )
    repetitions: int = Field(
        default=1, ge=1, le=10_000, description="How often it is simulated, each with draws of its own"
    )
    penalty: float = Field(
        default=10.0,
        ge=0,
        le=1e6,
        description="Weight of taking more than is produced, in the local searches [-]",
    )
    eps: float = Field(
        default=900.0,
        gt=0,
        le=86400,
        description="Step by which the local searches move a start to find a slope [s]",
    )
    tol: float = Field(default=1e-3, gt=0, le=1, description="Tolerance of the local searches [-]")
    predictions_first: bool = Field(
        default=False, description="Whether forecasts count before jobs of the same second"
    )
    allow_partial: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Share of a job's energy that may come from the grid when a producer accepts it [0-1]",
    )
    interval: Minutes = Field(
        default=timedelta(minutes=15),
        description="Interval whose mean power the peak-to-average ratio compares, whole minutes [time]",
    )
    tariff: PriceOrFile = Field(
        default=None,
        description="Price of energy from the grid, or a file of prices (CSV) beside the scenario file; "
        f"left out: tariff.csv of the neighbourhood, or else {PRICE:g} [currency/kWh]",
    )
    feed_in: float | None = Field(
        default=None,
        ge=-MOST_PRICE,
        le=MOST_PRICE,
        description="Price of energy given to the grid; left out: what the file of prices says, "
        f"or else {FEED_IN:g} [currency/kWh]",
    )
    sharing: SharingName = Field(
        default="mid_market_rate",
        description="How what neighbours give each other is priced; none: as bought from and fed into the "
        "grid",
    )
    import_limit_kw: float | None = Field(
        default=None, ge=0, le=1e9, description="Most that all houses draw together; left out: no limit [kW]"
    )
    reset_scores: bool = Field(
        default=False, description="Whether all producers start with a score of 10 again"
    )
    bound: bool = Field(
        default=True, description="Whether the best that could be covered is computed beside the run"
    )
    start_step: Minutes = Field(
        default=timedelta(minutes=15),
        description="Step between the starts that a job may choose from, beside its earliest and latest "
        "start; whole minutes [time]",
    )
    solve_s: float = Field(
        default=10.0,
        gt=0,
        le=86400,
        description="Deadline of one optimisation; then the best found is used [s]",
    )
    searches: int = Field(
        default=5, ge=1, le=1000, description="Hops of the local searches for each job that is asked for"
    )
    workers: int = Field(
        default=1, ge=1, le=256, description="Processes that compute repetitions side by side"
    )
    time_zone: Timezone = Field(
        default="UTC", description="IANA zone of the clock that times of day in a file of prices are read by"
    )

    @property
    def simulated_days(self) -> int | None:
        """Number of days, ``None`` for all [days]."""
        return None if self.days == "all" else self.days

    @property
    def interval_s(self) -> int:
        """Interval of the peak-to-average ratio [s]."""
        return int(self.interval.total_seconds())

    @property
    def sharing_rule(self) -> Sharing:
        """How what neighbours trade is priced."""
        return Sharing(self.sharing)

    def market_rules(self) -> MarketRules:
        """How a run trades, as plain values."""
        return MarketRules(
            algorithm=Algorithm(self.algorithm),
            penalty=self.penalty,
            eps_s=self.eps,
            tol=self.tol,
            searches=self.searches,
            predictions_first=self.predictions_first,
            allow_partial=self.allow_partial,
            start_step_s=int(self.start_step.total_seconds()),
            solve_s=self.solve_s,
            import_limit_kw=math.inf if self.import_limit_kw is None else self.import_limit_kw,
        )
