"""DepotSettings: the `[depot]` table of a scenario file."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

_STEP = re.compile(r"\s*([0-9]+)\s*(s|sec|min|m|h)\s*")
_SECONDS = {"s": 1, "sec": 1, "min": 60, "m": 60, "h": 3600}
_HOUR_S = 3600
_MINUTE_S = 60


def read_step(value: object) -> timedelta:
    """A step such as ``"30min"``; it divides an hour into whole minutes."""
    if isinstance(value, timedelta):
        step_s = int(value.total_seconds()) if value.total_seconds().is_integer() else 0
    else:
        match = _STEP.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            msg = 'not a length of time such as "30min", "15min" or "1h"'
            raise ValueError(msg)
        step_s = int(match[1]) * _SECONDS[match[2]]
    if step_s < _MINUTE_S or step_s % _MINUTE_S or _HOUR_S % step_s:
        msg = "does not divide an hour into whole minutes; 5, 10, 15, 20, 30 and 60 min do, for example"
        raise ValueError(msg)
    return timedelta(seconds=step_s)


def step_text(step: timedelta) -> str:
    """A step as written in a scenario file: ``"30min"``."""
    return f"{step // timedelta(minutes=1)}min"


def _read_run_id(value: object) -> object:
    """Ids are text inside: ``71`` and ``71.0`` become ``"71"``."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return str(int(value)) if float(value).is_integer() else str(value)


def _read_scenario_ids(value: object) -> object:
    """One id may stand without brackets."""
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


Step = Annotated[
    timedelta,
    BeforeValidator(read_step),
    PlainSerializer(step_text),
    WithJsonSchema({"type": "string", "examples": ["30min", "15min"]}),
]


class DepotSettings(BaseModel):
    """Settings of a depot run beyond its tables (spec section 3).

    They hold for every allocation of the run; what differs per site or allocation stands in the tables.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    run_id: Annotated[str | None, BeforeValidator(_read_run_id)] = Field(
        default=None,
        min_length=1,
        description="Run to plan, by its run_id; left out: current_run_id of t_system_parameters",
    )
    scenario_ids: Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(_read_scenario_ids)] = (
        Field(default=(), description="Plan just these scenarios again and replace their rows; empty: all")
    )
    step: Step = Field(
        default=timedelta(minutes=30), description="Length of a period [min], a whole part of an hour"
    )
    efficiency: float = Field(
        default=0.9, gt=0, le=1, description="Energy into the battery per energy from the meter [0-1]"
    )
    utilisation: float = Field(
        default=0.9, ge=0, le=1, description="Share of the agreed supply capacity that is planned for [0-1]"
    )
    availability: Literal["fraction", "nearest", "whole"] = Field(
        default="fraction",
        description="What a partly plugged-in period counts: its share (fraction), all or nothing by the "
        "nearest period edge (nearest), or nothing (whole)",
    )
    default_price: float = Field(
        default=0.12, description="Price where the price table has none [currency/kWh]"
    )
    horizon_days: int = Field(
        default=1, ge=1, le=14, description="Days planned ahead; the first is kept [days]"
    )
    solve_seconds: float = Field(
        default=300.0, gt=0, le=86400, description="Deadline of one solve; then the best found is used [s]"
    )
    gap: float = Field(default=2e-4, ge=0, le=0.1, description="Relative gap at which a solve may stop [0-1]")
    magic_fill: bool = Field(
        default=False,
        description="Book unserved energy spread evenly over the vehicle's plugged-in periods",
    )
    initial_soc: float = Field(
        default=1.0, ge=0, le=1, description="State of charge of every vehicle at the start [0-1]"
    )
    limit_ac_chargers: bool = Field(
        default=False,
        description="Whether num_charger1 limits the sessions on AC; if not, every vehicle has an AC socket",
    )
    min_power_kw: float = Field(
        default=0.0,
        ge=0,
        le=1000,
        description="Least power a charger can hold, e.g. 1.38 for 6 A; a period has 0 or at least this [kW]",
    )
    workers: int = Field(default=1, ge=1, le=256, description="Processes that plan scenarios side by side")
