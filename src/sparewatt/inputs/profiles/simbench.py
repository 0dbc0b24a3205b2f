"""SimBench profiles of 2016 on the days of a study: same weekday, same time of year, same time of day.

SimBench (Meinecke et al., "SimBench — a benchmark dataset of electric power systems", Energies 13, 2020) has
a handful of German household, heat-pump and PV shapes in quarter-hours of local time; they come with the
optional extra ``simbench``. Few shapes for many homes means less diversity than homes have.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import date, datetime
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np

from sparewatt.finding import Finding
from sparewatt.inputs.profiles.customers import DEMAND_CLASSES
from sparewatt.inputs.profiles.local_days import clock_hours, find_local_days
from sparewatt.inputs.profiles.seeds import SIMBENCH, stream_rng
from sparewatt.inputs.profiles.source import ProfileSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.profiles.customers import DemandClass
    from sparewatt.model.customers import Customers
    from sparewatt.model.horizon import Horizon

YEAR_DAYS = 366
_QUARTERS = 96
_QUARTER_S = 900
_FIRST = date(2016, 1, 1)
_HOMES = ("H0-A", "H0-B", "H0-C", "H0-G", "H0-L")
_HEAT = ("Air_", "Soil_")
_HEAT_PUMP_KWH = 3800.0
_WEEK = 7


@dataclass(frozen=True)
class ShapedPower:
    """Shapes of a year, scaled and dealt out to customers.

    Parameters
    ----------
    horizon
        The periods.
    shapes
        By day of 2016 and quarter-hour of its clock, shape (shapes, 366, 96).
    shape
        Shape of each customer, shape (customers,).
    scale
        Power per unit of the shape, shape (customers,) [kW].
    """

    horizon: Horizon
    shapes: NDArray[np.float64]
    shape: NDArray[np.int64]
    scale: NDArray[np.float64]

    def power_kw(self, first: int, end: int) -> NDArray[np.float64]:
        """Mean power of periods ``first..end-1``, shape (customers, end - first) [kW]."""
        h = self.horizon
        if end <= first:
            return np.zeros((len(self.shape), 0))
        part_s = gcd(h.step_s, _QUARTER_S)
        at_s = h.start_s + np.arange(first * h.step_s, end * h.step_s, part_s, dtype=np.int64)
        days = find_local_days(int(at_s[0]), int(at_s[-1]) + part_s, h.timezone)
        row = np.searchsorted(days.midnight_s, at_s, side="right") - 1
        like = np.array([like_day(date.fromordinal(o)) for o in days.ordinal.tolist()])[row]
        quarter = (clock_hours(at_s, h.timezone) * 4).astype(np.int64)
        mean = self.shapes[:, like, quarter].reshape(len(self.shapes), end - first, -1).mean(axis=2)
        return np.asarray(mean[self.shape] * self.scale[:, None])


def like_day(day: date) -> int:
    """Day of 2016, from 0, of the same weekday and nearest in the year to a day."""
    near = (date(2016, day.month, day.day) - _FIRST).days
    off = (day.weekday() - _FIRST.weekday() - near) % _WEEK
    near += off if off <= _WEEK // 2 else off - _WEEK
    if near < 0:
        return near + _WEEK
    return near - _WEEK if near >= YEAR_DAYS else near


def read_simbench(
    customers: Customers,
    horizon: Horizon,
    *,
    seed: int,
    scenario: int = 0,
    classes: Sequence[DemandClass] = DEMAND_CLASSES,
) -> tuple[ProfileSet | None, tuple[Finding, ...]]:
    """SimBench profiles for customers.

    Households get one of five shapes, scaled to the energy of their class; heat pumps one of the air and
    soil shapes, scaled to 3,800 kWh a year; roofs one of the PV shapes, per rated kW. Which is drawn.

    Parameters
    ----------
    customers, horizon
        Who, and when; days are matched by weekday and time of year.
    seed
        Same seed, same shapes.
    scenario
        0 today, 1 the future, 2 the far future of SimBench.
    classes
        Annual energies.

    Returns
    -------
    ``None`` with a finding where the extra is not installed or holds something else.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own libraries
            from simbench import get_all_simbench_profiles  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - optional

            tables: Mapping[str, Any] = get_all_simbench_profiles(scenario)
    except ImportError as error:
        message = f"SimBench profiles are asked for, and simbench is not installed ({error})"
        remedy = 'pip install "sparewatt[simbench]", or another source of profiles'
        return None, (Finding("network.profiles.simbench", "error", "profiles", message, "simbench", remedy),)
    load, sun = tables["load"], tables["renewables"]
    homes = [f"{n}_pload" for n in _HOMES if f"{n}_pload" in load.columns]
    heat = [str(c) for c in load.columns if str(c).startswith(_HEAT) and str(c).endswith("_pload")]
    pv = [str(c) for c in sun.columns if str(c).startswith("PV")]
    if not homes or not heat or not pv:
        message = f"scenario {scenario} of SimBench lacks household, heat-pump or PV profiles"
        remedy = "simbench 1.5 or newer"
        return None, (
            Finding("network.profiles.simbench", "error", "profiles", message, str(scenario), remedy),
        )
    rng = stream_rng(seed, SIMBENCH)
    annual = np.array([c.annual_kwh for c in classes])[customers.demand_class]
    demand = _deal(load, homes, horizon, rng, annual)
    heat_pump = _deal(load, heat, horizon, rng, np.full(len(customers), _HEAT_PUMP_KWH))
    solar = _deal(sun, pv, horizon, rng, None, count=len(customers))
    message = (
        f"{len(homes)} household shapes of SimBench stand for {len(customers)} customers: little diversity"
    )
    finding = Finding("network.profiles.shared", "info", "profiles", message, str(len(homes)))
    return ProfileSet(horizon, demand, heat_pump, solar), (finding,)


def _deal(
    table: Any,  # noqa: ANN401 - a data frame of an optional library
    names: Sequence[str],
    horizon: Horizon,
    rng: np.random.Generator,
    annual_kwh: NDArray[np.float64] | None,
    *,
    count: int = 0,
) -> ShapedPower:
    """Shapes of some columns, dealt out, scaled to annual energies or as they are."""
    slot = _slots([str(t) for t in table["time"]])
    shapes = np.full((len(names), YEAR_DAYS * _QUARTERS), np.nan)
    for k, name in enumerate(names):
        shapes[k, slot[::-1]] = np.asarray(table[name], dtype=np.float64)[::-1]  # of two, the first
    absent = np.flatnonzero(np.isnan(shapes[0]))
    shapes[:, absent] = shapes[:, absent - 4]  # the hour that the clock skips is like the one before
    energy = shapes.sum(axis=1) / 4
    who = rng.integers(0, len(names), count if annual_kwh is None else len(annual_kwh))
    scale = np.ones(count) if annual_kwh is None else annual_kwh * YEAR_DAYS / 365.25 / energy[who]
    return ShapedPower(horizon, shapes.reshape(len(names), YEAR_DAYS, _QUARTERS), who, scale)


def _slots(stamps: Sequence[str]) -> NDArray[np.int64]:
    """Quarter-hours of the clock from the beginning of 2016."""
    start = datetime(2016, 1, 1)  # noqa: DTZ001 - a clock's reading
    read = (datetime.strptime(t, "%d.%m.%Y %H:%M") for t in stamps)  # noqa: DTZ007 - as above
    return np.array([(t - start).total_seconds() // _QUARTER_S for t in read], dtype=np.int64)
