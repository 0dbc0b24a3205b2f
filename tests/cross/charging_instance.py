"""A window of a depot in plain physical units, its translation for the planner, and a plain judge of plans.

Made for tests: everything is per stay and per period in Python, nothing is shared with the planner but
the arrays of ``ChargingProblem`` that it is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sparewatt.decide.optimise.depot_problem import UNDECIDED, ChargingProblem
from sparewatt.model.schedule import AC, DC


@dataclass(frozen=True)
class Stay:
    """A stay of one vehicle; ``use_kwh`` leaves the battery just before it."""

    vehicle: int
    first: int
    end: int
    use_kwh: float = 0.0
    held: int = UNDECIDED
    fraction: tuple[float, ...] = ()

    def share(self, period: int) -> float:
        """Plugged-in share of a period."""
        return self.fraction[period - self.first] if self.fraction else 1.0


@dataclass(frozen=True)
class Van:
    """A vehicle: battery and energy in it at the start [kWh], rates [kW]."""

    battery_kwh: float
    start_kwh: float
    ac_kw: float
    dc_kw: float


@dataclass(frozen=True)
class Instance:
    """A window to plan. Stays are ordered by vehicle, then by time."""

    vans: tuple[Van, ...]
    stays: tuple[Stay, ...]
    price: tuple[float, ...]
    free_kw: tuple[float, ...]
    breach_kw: float
    num_dc: int
    num_ac: int | None = None
    efficiency: float = 0.8
    reserve: float = 0.0
    step_h: float = 0.5
    least_kw: float = 0.0
    earliness: tuple[float, ...] = ()
    entries: tuple[tuple[int, int], ...] = field(init=False)

    def __post_init__(self) -> None:
        found = tuple((s, t) for s, stay in enumerate(self.stays) for t in range(stay.first, stay.end))
        object.__setattr__(self, "entries", found)
        if not self.earliness:
            object.__setattr__(self, "earliness", tuple(float(t) for t in range(self.periods)))

    @property
    def periods(self) -> int:
        return len(self.price)

    def kwh(self, stay: int, period: int, kw: float) -> float:
        """Meter-side energy of a power in the plugged-in part of a period."""
        return kw * self.stays[stay].share(period) * self.step_h

    def rate_kwh(self, stay: int, period: int, charger: int) -> float:
        """Most meter-side energy on a kind of charger."""
        van = self.vans[self.stays[stay].vehicle]
        return self.kwh(stay, period, {AC: van.ac_kw, DC: van.dc_kw}.get(charger, 0.0))

    def problem(self) -> ChargingProblem:
        """The instance as the planner wants it: battery energies divided by the efficiency."""
        vans, stays, eta = self.vans, self.stays, self.efficiency
        battery = np.array([v.battery_kwh for v in vans]) / eta
        rates = {c: np.array([self.rate_kwh(s, t, c) for s, t in self.entries]) for c in (AC, DC)}
        lengths = [s.end - s.first for s in stays]
        return ChargingProblem(
            periods=self.periods,
            price=np.array(self.price),
            earliness=np.array(self.earliness),
            free_kwh=np.array(self.free_kw) * self.step_h,
            breach_kwh=np.full(self.periods, self.breach_kw * self.step_h),
            num_ac=self.num_ac,
            num_dc=self.num_dc,
            vehicle=np.array([s.vehicle for s in stays], dtype=np.int64),
            first=np.array([s.first for s in stays], dtype=np.int64),
            end=np.array([s.end for s in stays], dtype=np.int64),
            use=np.array([s.use_kwh for s in stays]) / eta,
            offset=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            period=np.array([t for _, t in self.entries], dtype=np.int64),
            ac_kwh=rates[AC],
            dc_kwh=rates[DC],
            held=np.array([s.held for s in stays], dtype=np.int8),
            least_kwh=np.array([self.kwh(s, t, self.least_kw) for s, t in self.entries]),
            battery=battery,
            deficit=battery - np.array([v.start_kwh for v in vans]) / eta,
            floor=(1.0 - self.reserve) * battery,
        )


def check_plan(
    instance: Instance, energy: np.ndarray, unserved: np.ndarray, charger: np.ndarray, *, near: float = 1e-6
) -> tuple[float, float, float, float, float]:
    """Assert that a plan is possible, in words of physics; returns its five ranks (unserved battery side).

    ``energy`` per entry (meter), ``unserved`` per stay (battery side), ``charger`` per stay.
    """
    per_period = [0.0] * instance.periods
    level = {v: van.start_kwh for v, van in enumerate(instance.vans)}
    given: dict[int, list[tuple[int, float]]] = {}
    for (s, t), kwh in zip(instance.entries, energy.tolist(), strict=True):
        assert -1e-9 <= kwh <= instance.rate_kwh(s, t, int(charger[s])) + near, f"rate of stay {s} at {t}"
        if instance.least_kw:
            least = instance.kwh(s, t, instance.least_kw)
            assert kwh == 0.0 or kwh >= least - near, f"least power of stay {s} at {t}"
        given.setdefault(s, []).append((t, kwh))
        per_period[t] += kwh
    for s, stay in enumerate(instance.stays):
        van = instance.vans[stay.vehicle]
        assert unserved[s] >= 0.0
        level[stay.vehicle] += float(unserved[s]) - stay.use_kwh
        assert level[stay.vehicle] >= instance.reserve * van.battery_kwh - near, f"reserve before stay {s}"
        level[stay.vehicle] += instance.efficiency * sum(kwh for _, kwh in given.get(s, []))
        assert level[stay.vehicle] <= van.battery_kwh + near, f"overfull after stay {s}"
        if stay.held != UNDECIDED:
            assert int(charger[s]) == stay.held, f"stay {s} does not keep its charger"
    for t in range(instance.periods):
        active = [int(charger[s]) for s, stay in enumerate(instance.stays) if stay.first <= t < stay.end]
        assert active.count(DC) <= instance.num_dc, f"too many DC chargers at {t}"
        assert instance.num_ac is None or active.count(AC) <= instance.num_ac, f"too many AC chargers at {t}"
    over = [max(0.0, e - f * instance.step_h) for e, f in zip(per_period, instance.free_kw, strict=True)]
    assert max(over) <= instance.breach_kw * instance.step_h + near, "beyond the margin"
    return (
        float(unserved.sum()),
        sum(over),
        sum(per_period),
        sum(e * c for e, c in zip(per_period, instance.price, strict=True)),
        sum(e * w for e, w in zip(per_period, instance.earliness, strict=True)),
    )
