"""ClusterSettings: the `[cluster]` table of a scenario file."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, Field

from sparewatt.inputs.cluster.setting_kinds import (
    EVERY,
    Ahead,
    AssumptionSettings,
    Imbalances,
    Limits,
    PenaltySettings,
    Tolerance,
    TrafficTable,
)
from sparewatt.inputs.setting_values import STRICT, Length, Moment, Step, Timezone
from sparewatt.model.operating_rules import Control, OperatingRules, Reservation


class ClusterSettings(BaseModel):
    """Settings of a cluster run beyond its workbook (spec section 2)."""

    model_config = STRICT

    start: Moment | None = Field(
        default=None,
        description="Beginning of the run; left out: the full hour before the first event of the fleet",
    )
    end: Moment | None = Field(
        default=None,
        description="End of the run, whole steps after its start; left out: the full hour after the last one",
    )
    step: Step = Field(default=timedelta(minutes=5), description='Length of a period, from "1s" [time]')
    timezone: Timezone = Field(
        default="UTC", description="IANA zone in which times without an offset are read"
    )
    reservation: Reservation = Field(
        default="none",
        description="Whether vehicles with a reservation time book a unit (simple) or a contract (smart)",
    )
    control: Control = Field(
        default="least_laxity_first", description="Rule that sets the power of connected vehicles"
    )
    limit_tolerance_kw: Tolerance = Field(
        default={EVERY: 0.0},
        description="Excess over a limit that still counts as kept, at least 0: one number, or a table by "
        "cluster, with default for the others and system for the sum [kW]",
    )
    queue: bool = Field(
        default=False, description="Whether a vehicle that finds no unit waits, first come first served"
    )
    reroute: bool = Field(
        default=False,
        description="Whether a vehicle that finds no unit in its cluster tries the others",
    )
    grace: Length = Field(
        default=timedelta(minutes=15),
        description="How long a booking is kept for a vehicle that has not come [time]",
    )
    horizon: Ahead = Field(
        default=timedelta(hours=1),
        description="How far the rolling optimisers look ahead [time, or number of periods]",
    )
    penalties: PenaltySettings = Field(
        default=PenaltySettings(),
        description="Penalties of the rolling optimisers: deviation_per_kwh and excess_per_kw",
    )
    traffic: TrafficTable = Field(
        default={},
        description="Forecast for the road to each cluster: arrival_delay, departure_delay and soc_drop",
    )
    f_markup: float = Field(
        default=0.05,
        ge=0,
        le=1e6,
        description="Price rise for what is scheduled above the upper limit [currency/kWh per kW]",
    )
    f_discount: float = Field(
        default=0.05,
        ge=0,
        le=1e6,
        description="Price fall for what is scheduled below the lower limit [currency/kWh per kW]",
    )
    arbitrage: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Share that the operator keeps of the price of energy given back [0-1]",
    )
    system_limits: Limits = Field(
        default=(),
        description="Limit on the sum of all clusters: lower_kw and upper_kw, or a list of these with time",
    )
    imbalance_limits: Imbalances = Field(
        default=(),
        description="Limits on the difference of two clusters: a list of first, second and upper_kw",
    )
    assumptions: AssumptionSettings = Field(
        default=AssumptionSettings(),
        description="What is assumed of the vehicles of recorded sessions, which do not tell it",
    )
    solve_seconds: float = Field(
        default=10.0, gt=0, le=86400, description="Deadline of one solve; then the best found is used [s]"
    )
    workers: int = Field(
        default=1, ge=1, le=256, description="Processes that compute independent parts side by side"
    )

    def operating_rules(self) -> OperatingRules:
        """How the hub is run, as plain values."""
        ahead = self.horizon if isinstance(self.horizon, int) else max(1, self.horizon // self.step)
        return OperatingRules(
            control=self.control,
            reservation=self.reservation,
            queue=self.queue,
            reroute=self.reroute,
            grace_s=int(self.grace.total_seconds()),
            horizon_periods=ahead,
            deviation_per_kwh=self.penalties.deviation_per_kwh,
            excess_per_kw=self.penalties.excess_per_kw,
            f_markup=self.f_markup,
            f_discount=self.f_discount,
            arbitrage=self.arbitrage,
            solve_seconds=self.solve_seconds,
        )

    def tolerance_kw(self, cluster_id: str) -> float:
        """Tolerance of the limit of one cluster [kW]."""
        return self.limit_tolerance_kw.get(cluster_id, self.limit_tolerance_kw.get(EVERY, 0.0))
