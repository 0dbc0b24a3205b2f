"""Ranked optimum of a tiny instance by brute force: every choice of chargers, an LP of another form each.

The LP follows the energy of each battery from event to event (a route, or a period plugged in), unlike
the planner's model of session ends; ranks are solved one after the other by ``scipy.optimize.linprog``,
a rank that is done stands as a row under the next.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

from sparewatt.decide.optimise.depot_problem import UNDECIDED
from sparewatt.model.schedule import AC, DC, NO_CHARGER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cross.charging_instance import Instance

TIE = 1e-7
HELD = 1e-9


class LevelModel:
    """Energy levels from event to event; only the bounds of the energies depend on the chargers."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        entries, stays, periods = instance.entries, instance.stays, instance.periods
        self.unserved = len(entries)
        self.breach = self.unserved + len(stays)
        self.level = self.breach + periods
        events = len(entries) + len(stays)
        self.columns = self.level + events
        self.lower = np.zeros(self.columns)
        self.upper = np.full(self.columns, np.inf)
        self.upper[self.breach : self.level] = instance.breach_kw * instance.step_h
        self.equal, self.right = np.zeros((events, self.columns)), np.zeros(events)
        place = {entry: i for i, entry in enumerate(entries)}
        row, before = 0, None
        for s, stay in enumerate(stays):
            van = instance.vans[stay.vehicle]
            if s == 0 or stays[s - 1].vehicle != stay.vehicle:
                before = None
            for t in (None, *range(stay.first, stay.end)):
                now = self.level + row
                self.equal[row, now] = 1.0
                if before is None:
                    self.right[row] += van.start_kwh
                else:
                    self.equal[row, before] = -1.0
                if t is None:  # level = before - use + unserved, not below the reserve
                    self.equal[row, self.unserved + s] = -1.0
                    self.right[row] -= stay.use_kwh
                    self.lower[now] = instance.reserve * van.battery_kwh
                else:  # level = before + efficiency * energy, not above the battery
                    self.equal[row, place[s, t]] = -instance.efficiency
                self.upper[now] = van.battery_kwh
                before, row = now, row + 1
        self.most, self.limit = np.zeros((periods, self.columns)), np.array(instance.free_kw)
        self.limit = self.limit * instance.step_h
        self.ranks = np.zeros((5, self.columns))
        self.ranks[0, self.unserved : self.breach] = 1.0
        self.ranks[1, self.breach : self.level] = 1.0
        for i, (_, t) in enumerate(entries):
            self.most[t, i] = 1.0
            self.ranks[2:, i] = -1.0, instance.price[t], instance.earliness[t]
        self.most[np.arange(periods), self.breach + np.arange(periods)] = -1.0

    def rates(self, chargers: tuple[int, ...]) -> np.ndarray:
        """Most energy per entry under a choice of chargers."""
        return np.array([self.instance.rate_kwh(s, t, chargers[s]) for s, t in self.instance.entries])

    def solve(self, rank: int, most: np.ndarray, done: list[float], least: np.ndarray | None = None) -> float:
        """Best of one rank with the ranks before it held at ``done``; infinite where impossible."""
        lower, upper = self.lower.copy(), self.upper.copy()
        upper[: len(most)] = most
        if least is not None:
            lower[: len(least)] = least
        if (lower > upper).any():
            return np.inf
        slack = [HELD * max(1.0, abs(value)) for value in done]
        found = linprog(
            self.ranks[rank],
            A_ub=np.vstack([self.most, self.ranks[: len(done)]]),
            b_ub=np.concatenate([self.limit, np.add(done, slack)]),
            A_eq=self.equal,
            b_eq=self.right,
            bounds=np.column_stack([lower, upper]),
            method="highs",
        )
        if found.status == 2:
            return np.inf
        assert found.status == 0, found.message
        return float(found.fun)


def charger_choices(instance: Instance) -> Iterator[tuple[int, ...]]:
    """Every choice of chargers that the numbers of chargers allow."""
    stays = instance.stays
    free = (AC, DC) if instance.num_ac is None else (NO_CHARGER, AC, DC)
    options = []
    for stay in stays:
        if stay.held != UNDECIDED:
            options.append((stay.held,))
        elif stay.first == stay.end:
            options.append((NO_CHARGER,))
        else:
            options.append(free)
    for chargers in product(*options):
        active = [
            [c for c, stay in zip(chargers, stays, strict=True) if stay.first <= t < stay.end]
            for t in range(instance.periods)
        ]
        if any(a.count(DC) > instance.num_dc for a in active):
            continue
        if instance.num_ac is not None and any(a.count(AC) > instance.num_ac for a in active):
            continue
        yield chargers


def best_ranks(instance: Instance) -> tuple[float, float, float, float, float]:
    """The five ranks of the best plan: unserved (battery side), breach, delivered, cost, earliness."""
    model = LevelModel(instance)
    if instance.least_kw:
        cases = list(_on_off(instance, model))
    else:
        cases = list(
            {model.rates(c).tobytes(): (model.rates(c), None) for c in charger_choices(instance)}.values()
        )
    done: list[float] = []
    for rank in range(5):
        values = [model.solve(rank, most, done, least) for most, least in cases]
        best = min(values)
        assert np.isfinite(best), "no plan at all"
        tie = TIE * max(1.0, abs(best))
        cases = [case for case, value in zip(cases, values, strict=True) if value <= best + tie]
        done.append(best)
    return done[0], done[1], -done[2], done[3], done[4]


def _on_off(instance: Instance, model: LevelModel) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Bounds of the energies: every choice of chargers, times every entry off or at least the least."""
    least = np.array([instance.kwh(s, t, instance.least_kw) for s, t in instance.entries])
    for chargers in charger_choices(instance):
        rates = model.rates(chargers)
        for on in product((0.0, 1.0), repeat=len(least)):
            if (np.array(on) * least <= rates).all():
                yield rates * on, least * on
