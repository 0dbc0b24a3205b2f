"""A settlement in plain Python, written from the specification and from nothing of ours. Slow on purpose.

Power in lists by minute, energy in kWh; a contract is settled by looking at every minute of it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparewatt.model.contract import MarketTrace
    from sparewatt.model.neighbourhood import Neighbourhood

FLOWS = ("production", "load", "own", "peer_in", "peer_out", "grid", "feed_in", "charge", "discharge")
GRID, CANCELLED = -1, 2


@dataclass
class PlainSettlement:
    """Run it with `settle`."""

    hood: Neighbourhood
    trace: MarketTrace
    minutes: int
    flow: dict[str, list[list[float]]] = field(default_factory=dict)
    stored: list[list[float]] = field(default_factory=list)
    parts: list[dict[str, float]] = field(default_factory=list)
    uses: list[dict[str, float]] = field(default_factory=list)

    def settle(self) -> PlainSettlement:
        houses = range(len(self.hood.house_ids))
        self.flow = {name: [[0.0] * self.minutes for _ in houses] for name in FLOWS}
        self.left = [[float(kw) for kw in row] for row in self.trace.production_kw]
        self.uses = [dict.fromkeys(("own", "peer", "stored", "feed_in"), 0.0) for _ in self.left]
        self.parts = [
            dict.fromkeys(("own", "peer", "grid"), 0.0) for _ in range(len(self.trace.contracts.job))
        ]
        makers = self.hood.producers.house.tolist()
        for producer, house in enumerate(makers):
            for minute, kw in enumerate(self.left[producer]):
                self.flow["production"][house][minute] += kw
        for own_house in (True, False):
            for row in range(len(self.parts)):
                producer = int(self.trace.contracts.producer[row])
                home = int(self.hood.jobs.house[self.trace.contracts.job[row]])
                if (producer != GRID and makers[producer] == home) == own_house:
                    self.serve(row, producer, home)
        self.stored = [
            [float(s) * float(c)] for s, c in zip(*self.battery("start_soc", "capacity_kwh"), strict=True)
        ]
        for minute in range(self.minutes):
            for house in houses:
                self.close_minute(house, minute)
        return self

    def battery(self, *names: str) -> list[list[float]]:
        return [getattr(self.hood.batteries, name).tolist() for name in names]

    def serve(self, row: int, producer: int, home: int) -> None:
        """One contract gets what its producer has left."""
        c = self.trace.contracts
        if c.state[row] == CANCELLED:
            return
        for place, point in enumerate(range(int(c.offset[row]), int(c.offset[row + 1]))):
            minute, kw = int(c.minute[row]) + place, float(c.kw[point])
            given = 0.0 if producer == GRID else min(kw, self.left[producer][minute])
            self.flow["load"][home][minute] += kw
            self.flow["grid"][home][minute] += kw - given
            self.parts[row]["grid"] += (kw - given) / 60
            if producer == GRID:
                continue
            self.left[producer][minute] -= given
            maker = int(self.hood.producers.house[producer])
            way = "own" if maker == home else "peer"
            self.parts[row][way] += given / 60
            self.uses[producer][way] += given / 60
            if way == "own":
                self.flow["own"][home][minute] += given
            else:
                self.flow["peer_in"][home][minute] += given
                self.flow["peer_out"][maker][minute] += given

    def base_kw(self, house: int, minute: int) -> float:
        total = 0.0
        for row, at in enumerate(self.hood.base_load.house.tolist()):
            if at == house:
                points = list(zip(*(p.tolist() for p in self.hood.base_load.curves.points(row)), strict=True))
                total += (energy_at(points, 60 * minute + 60) - energy_at(points, 60 * minute)) * 60
        return total

    def close_minute(self, house: int, minute: int) -> None:
        """Base load, battery and grid of one house in one minute."""
        mine = [p for p, at in enumerate(self.hood.producers.house.tolist()) if at == house]
        left = {p: self.left[p][minute] for p in mine}
        whole = sum(left.values())
        base = self.base_kw(house, minute)
        to_base = min(base, whole)
        spare, short = whole - to_base, self.flow["grid"][house][minute] + base - to_base
        charge = discharge = 0.0
        for row, at in enumerate(self.hood.batteries.house.tolist()):
            if at == house:
                charge, discharge = self.run_battery(row, spare, short)
        used = {"own": to_base, "stored": charge, "feed_in": spare - charge}
        for producer, kw in left.items():
            for name, amount in used.items():
                self.uses[producer][name] += amount * kw / whole / 60 if whole else 0.0
        for name, kw in {"load": base, "own": to_base + discharge, "feed_in": spare - charge}.items():
            self.flow[name][house][minute] += kw
        self.flow["grid"][house][minute] = short - discharge
        self.flow["charge"][house][minute] = charge
        self.flow["discharge"][house][minute] = discharge

    def run_battery(self, row: int, spare: float, short: float) -> tuple[float, float]:
        capacity, charge_kw, discharge_kw, efficiency = (
            values[row] for values in self.battery("capacity_kwh", "charge_kw", "discharge_kw", "efficiency")
        )
        energy = self.stored[row][-1]
        charge = min(spare, charge_kw, (capacity - energy) * 60 / efficiency)
        discharge = 0.0
        if charge < 1e-9:
            charge, discharge = 0.0, min(short, discharge_kw, energy * 60 * efficiency)
        self.stored[row].append(energy + charge * efficiency / 60 - discharge / efficiency / 60)
        return charge, discharge


def energy_at(points: list[tuple[int, float]], time: int) -> float:
    """Cumulative energy at a time, even growth between points, flat outside."""
    if time <= points[0][0]:
        return points[0][1]
    for (t0, e0), (t1, e1) in itertools.pairwise(points):
        if t0 <= time <= t1:
            return e0 + (e1 - e0) * ((time - t0) / (t1 - t0))
    return points[-1][1]


def plain_bills(
    flow: dict[str, list[list[float]]], buy: list[float], sell: list[float], rule: str
) -> list[float]:
    """What each house pays, minute by minute, for flows of `PlainSettlement` or alike."""
    houses, minutes = range(len(flow["grid"])), range(len(buy))
    bills = [0.0 for _ in houses]
    all_short, all_over, bought, sold = [0.0 for _ in houses], [0.0 for _ in houses], 0.0, 0.0
    for t in minutes:
        short = [flow["peer_in"][h][t] + flow["grid"][h][t] for h in houses]
        over = [flow["peer_out"][h][t] + flow["feed_in"][h][t] for h in houses]
        traded = sum(flow["peer_in"][h][t] for h in houses)
        demand, supply = sum(short), sum(over)
        pay, get = buy[t], sell[t]
        if rule == "mid_market_rate":
            middle = (buy[t] + sell[t]) / 2
        elif rule == "supply_demand_ratio" and demand > 0 and buy[t] * sell[t] > 0:
            ratio = traded / demand
            middle = sell[t] * buy[t] / ((buy[t] - sell[t]) * ratio + sell[t])
        else:
            middle = sell[t]
        if rule in ("mid_market_rate", "supply_demand_ratio"):
            if demand > 0:
                pay = (traded * middle + (demand - traded) * buy[t]) / demand
            if supply > 0:
                get = (traded * middle + (supply - traded) * sell[t]) / supply
        for h in houses:
            bills[h] += (short[h] * pay - over[h] * get) / 60
            all_short[h] += short[h]
            all_over[h] += over[h]
        bought += (demand - traded) * buy[t] / 60
        sold += (supply - traded) * sell[t] / 60
    if rule == "bill_sharing":
        whole_short, whole_over = sum(all_short) or 1.0, sum(all_over) or 1.0
        return [bought * all_short[h] / whole_short - sold * all_over[h] / whole_over for h in houses]
    return bills
