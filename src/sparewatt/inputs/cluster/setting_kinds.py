"""What the values of the `[cluster]` table may be: lengths of time, moments, tables and lists of limits."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from sparewatt.inputs.setting_values import LENGTH_SCHEMA, STRICT, Length, Moment, length_text, read_step

EVERY = "default"
"""Key of a tolerance that holds for every cluster without its own."""

_MOST_PERIODS = 10_000
_MOST_KW = 1e9


def _read_ahead(value: object) -> object:
    """A look-ahead: a number of periods, or a length of time."""
    if isinstance(value, int) and not isinstance(value, bool):
        if 1 <= value <= _MOST_PERIODS:
            return value
        msg = f"not a number of periods from 1 to {_MOST_PERIODS}"
        raise ValueError(msg)
    return read_step(value)


def _ahead_text(value: timedelta | int) -> str | int:
    return value if isinstance(value, int) else length_text(value)


def _read_tolerance(value: object) -> dict[str, float]:
    """One number for every cluster, or a table by cluster; ``default`` is for those not named."""
    table = value if isinstance(value, dict) else {EVERY: value}
    read: dict[str, float] = {}
    for name, number in table.items():
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= _MOST_KW:
            msg = (
                f"{name} is not a number of kW, at least 0" if table is value else "not a number, at least 0"
            )
            raise ValueError(msg)
        read[str(name).strip().lower()] = float(number)
    return read


def _tolerance_text(value: dict[str, float]) -> float | dict[str, float]:
    return value[EVERY] if set(value) == {EVERY} else value


def _one_or_many(value: object) -> object:
    """One table may stand without brackets."""
    return (value,) if isinstance(value, dict) else value


def _lower_keys(value: object) -> object:
    return {str(k).strip().lower(): v for k, v in value.items()} if isinstance(value, dict) else value


Ahead = Annotated[
    timedelta | int,
    BeforeValidator(_read_ahead),
    PlainSerializer(_ahead_text),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, LENGTH_SCHEMA]}),
]
Tolerance = Annotated[
    dict[str, float],
    BeforeValidator(_read_tolerance),
    PlainSerializer(_tolerance_text),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
            ]
        }
    ),
]


class PenaltySettings(BaseModel):
    """What the rolling optimisers pay for missing a contract and for exceeding a limit in its tolerance."""

    model_config = STRICT

    deviation_per_kwh: float = Field(
        default=1.0,
        ge=0,
        le=1e6,
        validation_alias=AliasChoices("deviation_per_kwh", "rho_y"),
        description="Penalty ρ_y on missing the contracted energy at the end of the horizon [1/kWh]",
    )
    excess_per_kw: float = Field(
        default=1.0,
        ge=0,
        le=1e6,
        validation_alias=AliasChoices("excess_per_kw", "rho_eps"),
        description="Penalty ρ_ε on exceeding a limit inside its tolerance [1/kW]",
    )


class TrafficSettings(BaseModel):
    """What the road to a cluster is expected to do to a declared visit."""

    model_config = STRICT

    arrival_delay: Length = Field(default=timedelta(0), description="Added to the declared arrival [time]")
    departure_delay: Length = Field(
        default=timedelta(0), description="Added to the declared departure [time]"
    )
    soc_drop: float = Field(
        default=0.0, ge=0, le=1, description="Taken from the declared state of charge on arrival [0-1]"
    )


class LimitSettings(BaseModel):
    """Bounds on the sum of all clusters from a moment on."""

    model_config = STRICT

    time: Moment | None = Field(
        default=None, description="From when on it holds, until the next; left out: from the start"
    )
    lower_kw: float | None = Field(
        default=None, ge=-_MOST_KW, le=_MOST_KW, description="Least power; left out: none [kW]"
    )
    upper_kw: float | None = Field(
        default=None, ge=-_MOST_KW, le=_MOST_KW, description="Greatest power; left out: none [kW]"
    )


class ImbalanceSettings(BaseModel):
    """How much more one cluster may draw than another, from a moment on."""

    model_config = STRICT

    time: Moment | None = Field(
        default=None, description="From when on it holds, until the next; left out: from the start"
    )
    first: str = Field(min_length=1, description="Cluster that may draw more, e.g. cluster1")
    second: str = Field(min_length=1, description="Cluster that it is compared with")
    upper_kw: float = Field(
        ge=-_MOST_KW, le=_MOST_KW, description="Greatest power of the first less that of the second [kW]"
    )


class AssumptionSettings(BaseModel):
    """What recorded sessions do not tell about a vehicle."""

    model_config = STRICT

    battery_kwh: float = Field(default=60.0, gt=0, le=10_000, description="Battery of every vehicle [kWh]")
    max_charge_kw: float = Field(
        default=11.0, ge=0, le=10_000, description="Greatest charging power of every vehicle [kW]"
    )
    max_discharge_kw: float = Field(
        default=0.0, ge=0, le=10_000, description="Greatest discharging power of every vehicle [kW]"
    )
    v2g_allowance_kwh: float = Field(
        default=0.0, ge=0, le=10_000, description="Most energy that may be taken from a vehicle [kWh]"
    )
    target_soc: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="State of charge wanted; that on arrival is lower by requested energy / battery [0-1]",
    )


TrafficTable = Annotated[dict[str, TrafficSettings], BeforeValidator(_lower_keys)]
Limits = Annotated[tuple[LimitSettings, ...], BeforeValidator(_one_or_many)]
Imbalances = Annotated[tuple[ImbalanceSettings, ...], BeforeValidator(_one_or_many)]
