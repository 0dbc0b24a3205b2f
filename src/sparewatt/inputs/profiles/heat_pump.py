"""Heat pumps: electric power from the outdoor temperature, the loss of the home, and its thermostat.

Numbers in the range of the British field trial of Love et al. ("The addition of heat pump electricity load
profiles to GB electricity demand: evidence from a heat pump field trial", Applied Energy 204, 2017: 1.7 kW
per heat pump after diversity, over 275 of them, on cold days) and of well-insulated British homes (a loss of
0.1-0.3 kW/K).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.profiles.heat_pump_kernel import heat_day
from sparewatt.inputs.profiles.local_days import clock_hours, find_local_days, fine_step_s
from sparewatt.inputs.profiles.seeds import BUILDING, HEAT_PUMP_DAY, named_keys, named_rng
from sparewatt.inputs.profiles.weather import DAY_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from sparewatt.inputs.profiles.local_days import LocalDays
    from sparewatt.inputs.profiles.weather import OutdoorTemperature
    from sparewatt.model.horizon import Horizon

_FIELD = 0.85
_SPAN_K = (15.0, 60.0)
_HOT_WATER_C = 50.0
_FLOW_AT_ZERO_C = 40.0
_DESIGN_C = -3.0
_HEATED_BELOW_C = 15.5


def air_source_cop(outside_c: ArrayLike, flow_c: ArrayLike) -> NDArray[np.float64]:
    """Coefficient of performance of an air-source heat pump in use.

    COP = 0.85 · (6.81 - 0.121·ΔT + 0.000630·ΔT²),  ΔT = T_flow - T_out within 15-60 K

    The regression of Staffell, Brett, Brandon & Hawkes ("A review of domestic heat pumps", Energy &
    Environmental Science 5, 2012), with the field correction of Ruhnau, Hirth & Praktiknjo ("Time series of
    heat demand and heat pump efficiency for energy system modeling", Scientific Data 6, 2019).

    Parameters
    ----------
    outside_c, flow_c
        Outdoor temperature, and temperature of the water that is heated [°C].
    """
    lift = np.clip(np.asarray(flow_c, dtype=np.float64) - np.asarray(outside_c, dtype=np.float64), *_SPAN_K)
    return np.asarray(_FIELD * (6.81 - 0.121 * lift + 0.000630 * lift**2))


def flow_temperature_c(outside_c: ArrayLike) -> NDArray[np.float64]:
    """Flow temperature of radiators, 40 °C - T_out, at least 25 °C (Ruhnau et al. 2019) [°C]."""
    return np.asarray(np.maximum(_FLOW_AT_ZERO_C - np.asarray(outside_c, dtype=np.float64), 25.0))


@dataclass(frozen=True)
class Buildings:
    """What the homes and their heat pumps are like, one row per customer; see `heat_day`."""

    keys: NDArray[np.uint64]
    loss_kw_per_k: NDArray[np.float64]
    capacity_kwh_per_k: NDArray[np.float64]
    gain_kw: NDArray[np.float64]
    set_c: NDArray[np.float64]
    setback_k: NDArray[np.float64]
    night_h: NDArray[np.float64]
    band_k: NDArray[np.float64]
    most_kw: NDArray[np.float64]
    water_kwh: NDArray[np.float64]
    water_h: NDArray[np.float64]


def draw_buildings(ids: Sequence[str], seed: int) -> Buildings:
    """Buildings of customers; each depends on the seed and its name alone.

    Loss lognormal around 0.165 kW/K, time constant 25-55 h, 19-22 °C, 45 % of homes with a night setback of
    1.5-3 K, heat pumps of 1.1-1.4 times the loss at -3 °C, 4.5 kWh of heat a day for hot water.
    """
    count = len(ids)
    d = np.empty((11, count))
    for n, name in enumerate(ids):
        rng = named_rng(seed, BUILDING, name)
        loss = float(np.clip(0.165 * np.exp(rng.normal(-0.03, 0.25)), 0.08, 0.35))
        goal = rng.uniform(19.0, 22.0)
        design_kw = (
            loss * (goal - _DESIGN_C) / float(air_source_cop(_DESIGN_C, flow_temperature_c(_DESIGN_C)))
        )
        setback = rng.uniform(1.5, 3.0) if rng.random() < 0.45 else 0.0  # noqa: PLR2004 - share of homes
        d[:, n] = (
            loss,
            loss * rng.uniform(25.0, 55.0),
            rng.uniform(0.2, 0.6),
            goal,
            setback,
            rng.normal(22.5, 0.7),
            rng.normal(5.6, 0.9),
            rng.uniform(0.4, 1.0),
            design_kw * rng.uniform(1.1, 1.4),
            rng.uniform(2.5, 6.5),
            rng.choice([rng.uniform(1.0, 5.0), rng.uniform(11.0, 15.0), rng.uniform(15.0, 20.0)]),
        )
    keys = named_keys(seed, HEAT_PUMP_DAY, ids)
    night = np.ascontiguousarray(d[5:7].T)
    return Buildings(keys, d[0], d[1], d[2], d[3], d[4], night, d[7], d[8], d[9], d[10])


@dataclass(frozen=True)
class HeatPumpDemand:
    """Electric power of heat pumps, as if every customer had one; blocks do not depend on each other.

    Parameters
    ----------
    horizon
        The periods; a period is cut into parts of at most ten minutes.
    buildings, temperature
        The homes and the weather.
    """

    horizon: Horizon
    buildings: Buildings
    temperature: OutdoorTemperature

    def power_kw(self, first: int, end: int) -> NDArray[np.float64]:
        """Mean power of periods ``first..end-1``, shape (customers, end - first) [kW]."""
        h = self.horizon
        out = np.zeros((len(self.buildings.keys), end - first))
        if end <= first:
            return out
        from_s, to_s = h.start_s + first * h.step_s, h.start_s + end * h.step_s
        days = find_local_days(from_s, to_s, h.timezone, lead=1)
        for d in range(1, len(days)):
            begin, stop = (-(-(int(t) - h.start_s) // h.step_s) for t in days.midnight_s[d : d + 2])
            mean = self._day(days, d, begin, stop)
            left, right = max(begin, first), min(stop, end)
            out[:, left - first : right - first] = mean[:, left - begin : right - begin]
        return out

    def _day(self, days: LocalDays, d: int, begin: int, stop: int) -> NDArray[np.float64]:
        """Powers of periods ``begin..stop-1``, those of local day ``d`` of ``days``."""
        h, b = self.horizon, self.buildings
        fine_s = fine_step_s(h.step_s)
        lead = DAY_S // fine_s
        day_s = h.start_s + begin * h.step_s
        left_s = np.arange(day_s - lead * fine_s, h.start_s + stop * h.step_s, fine_s, dtype=np.int64)
        outside = self.temperature.at_c(left_s + fine_s // 2)
        # A day is warm or cold by its mean, so that a mild noon does not stop the heating of a cold day.
        heating = np.concatenate(
            [np.full(len(part), part.mean() < _HEATED_BELOW_C) for part in (outside[:lead], outside[lead:])]
        )
        parts = h.step_s // fine_s
        power = np.empty((len(b.keys), (stop - begin) * parts))
        heat_day(  # type: ignore[no-untyped-call]
            power,
            lead,
            fine_s / 3600.0,
            outside,
            air_source_cop(outside, flow_temperature_c(outside)),
            air_source_cop(outside, _HOT_WATER_C),
            clock_hours(left_s, h.timezone),
            heating,
            b.keys,
            days.ordinal[d],
            b.loss_kw_per_k,
            b.capacity_kwh_per_k,
            b.gain_kw,
            b.set_c,
            b.setback_k,
            b.night_h,
            b.band_k,
            b.most_kw,
            b.water_kwh,
            b.water_h,
        )
        return power if parts == 1 else power.reshape(len(power), -1, parts).mean(axis=2)
