"""Rules on the bills of devices: each pays for what it is short of, and those of a house sum to its bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.minute_grid import MINUTE_S
from sparewatt.verify.community_flows import RightFlows
from sparewatt.verify.community_money import right_prices
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.market_rules import Sharing, Tariff
    from sparewatt.model.settlement import Bills, Costs, DeviceBills, Settlement
    from sparewatt.verify.community_facts import MarketFacts


def check_device_money(
    facts: MarketFacts,
    s: Settlement,
    bills: Bills,
    devices: DeviceBills,
    tariff: Tariff,
    sharing: Sharing,
    tolerance: float,
) -> Iterator[Finding]:
    """Costs of contracts, producers, batteries and base loads anew; those of a house sum to its bill.

    Parameters
    ----------
    facts, s, bills
        What happened, and what the houses pay.
    devices
        What is judged.
    tariff, sharing, tolerance
        As of `check_money`.
    """
    n = facts.neighbourhood
    takes = s.peer_in_kw.sum(axis=0) + s.grid_kw.sum(axis=0)
    gives = s.peer_out_kw.sum(axis=0) + s.feed_in_kw.sum(axis=0)
    turnover = float(takes @ np.abs(tariff.import_per_kwh) + gives @ np.abs(tariff.feed_in_per_kwh)) / 60.0
    allowed = tolerance * max(turnover, 1.0)
    flows = RightFlows(facts)
    each = Tally(
        "community.judge.device_bill", "what does not come from the own house, and what leaves it, priced"
    )
    whole = Tally("community.judge.device_sum", "the devices of a house together pay its bill")
    names: dict[str, Callable[[int], str]] = {
        "contracts": facts.contract_name,
        "producers": lambda row: f"producer {n.producers.ids[row]}",
        "batteries": lambda row: f"battery of {facts.house_name(int(n.batteries.house[row]))}",
        "base_loads": lambda row: f"base load of {facts.house_name(int(devices.base_house[row]))}",
    }
    houses = {
        "contracts": facts.home,
        "producers": n.producers.house,
        "batteries": n.batteries.house,
        "base_loads": devices.base_house,
    }
    shared = right_prices(s, tariff, sharing)
    pay = np.stack([tariff.import_per_kwh, shared[0]])
    receive = np.stack([tariff.feed_in_per_kwh, shared[1]])
    right = {
        "contracts": _contracts(facts, flows, pay),
        "producers": _producers(facts, s, flows, receive),
        "batteries": _batteries(facts, s, pay),
        "base_loads": _base_loads(facts, flows, devices.base_house, pay),
    }
    ways = (("tariff", "on the tariff", bills.tariff_cost), ("shared", "shared", bills.shared_cost))
    for n_way, (way, words, of_house) in enumerate(ways):
        sums = np.zeros(len(n.house_ids))
        for kind, both in right.items():
            wanted = both[n_way]
            costs: Costs = getattr(devices, kind)
            told: NDArray[np.float64] = getattr(costs, way)
            np.add.at(sums, houses[kind], told)

            def place(
                row: int,
                words: str = words,
                kind: str = kind,
                told: NDArray[np.float64] = told,
                wanted: NDArray[np.float64] = wanted,
            ) -> Place:
                message = f"pays {told[row]:.9g} {words}, right is {wanted[row]:.9g}"
                return Place(names[kind](row), message, f"{told[row]:.9g}")

            each.look(np.abs(told - wanted), allowed, place)

        def house(
            h: int,
            words: str = words,
            sums: NDArray[np.float64] = sums,
            bill: NDArray[np.float64] = of_house,
        ) -> Place:
            message = f"its devices pay {sums[h]:.9g} {words}, the house {bill[h]:.9g}"
            return Place(facts.house_name(h), message, f"{sums[h]:.9g}", (n.house_ids[h],))

        whole.look(np.abs(sums - of_house), allowed, house)
    yield from each.findings()
    yield from whole.findings()


def _contracts(facts: MarketFacts, flows: RightFlows, pay: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each contract has not from its own house, priced; nothing for cancelled ones.

    Like all below for each row of prices, shape (2, contracts) [currency].
    """
    c = facts.contracts
    length = np.diff(c.offset)
    at_home = np.repeat(facts.valid & (facts.home == facts.maker), length)
    short_kw = np.where(at_home, c.kw - flows.given_kw, c.kw)
    minute = np.arange(len(c.kw)) - np.repeat(c.offset[:-1] - c.minute, length)
    row = np.repeat(np.arange(len(c)), length)
    costs = [np.bincount(row, weights=short_kw * price[minute], minlength=len(c)) / 60.0 for price in pay]
    return np.asarray(np.where(facts.valid, costs, 0.0), np.float64)


def _producers(
    facts: MarketFacts, s: Settlement, flows: RightFlows, receive: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What each producer earns, below 0: with neighbours, and with its part of what its house feeds in."""
    n, minutes = facts.neighbourhood, facts.grid.minutes
    own, sold = (
        _rows_by(facts.contracts.producer, facts.valid & is_chosen, len(n.producers))
        for is_chosen in (facts.home == facts.maker, facts.home != facts.maker)
    )
    earned = np.zeros((2, len(n.producers)))
    for house in sorted(set(n.producers.house.tolist())):
        left_kw = {}
        for producer in np.flatnonzero(n.producers.house == house).tolist():
            sold_kw = _given_kw(facts, flows, sold[producer])
            earned[:, producer] = receive @ sold_kw / 60.0
            used_kw = sold_kw + _given_kw(facts, flows, own[producer])
            left_kw[producer] = np.maximum(facts.trace.production_kw[producer] - used_kw, 0.0)
        left = np.sum([*left_kw.values()], axis=0)
        part = np.divide(s.feed_in_kw[house], left, out=np.zeros(minutes), where=left > 0.0)
        for producer, own_left in left_kw.items():
            earned[:, producer] += receive @ (own_left * part) / 60.0
    return -earned


def _batteries(facts: MarketFacts, s: Settlement, pay: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each battery gives, priced, below 0."""
    houses = facts.neighbourhood.batteries.house
    costs = np.zeros((2, len(houses)))
    for row, house in enumerate(houses.tolist()):
        costs[:, row] = -(pay @ s.battery_discharge_kw[house]) / 60.0
    return costs


def _base_loads(
    facts: MarketFacts, flows: RightFlows, base_house: NDArray[np.int64], pay: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Base load less what its own house's producers give, priced."""
    n, minutes = facts.neighbourhood.base_load, facts.grid.minutes
    is_own = facts.valid & (facts.home == facts.maker)
    own = _rows_by(facts.home, is_own, len(facts.neighbourhood.house_ids))
    costs = np.zeros((2, len(base_house)))
    for row, house in enumerate(base_house.tolist()):
        base = np.zeros(minutes)
        for curve in np.flatnonzero(n.house == house).tolist():
            times, energies = n.curves.points(curve)
            base += np.diff(np.interp(np.arange(minutes + 1) * MINUTE_S, times, energies)) * 60.0
        direct = flows.of_house(house).own_kw - _given_kw(facts, flows, own[house])
        costs[:, row] = pay @ (base - direct) / 60.0
    return costs


def _given_kw(facts: MarketFacts, flows: RightFlows, rows: list[int]) -> NDArray[np.float64]:
    """What some contracts get of their producers, minute by minute [kW]."""
    c, given = facts.contracts, np.zeros(facts.grid.minutes)
    for row in rows:
        begin, end, first = int(c.offset[row]), int(c.offset[row + 1]), int(c.minute[row])
        given[first : first + end - begin] += flows.given_kw[begin:end]
    return given


def _rows_by(key: NDArray[np.int64], chosen: NDArray[np.bool_], count: int) -> list[list[int]]:
    """Rows of contracts that are chosen, by key; those with the grid are of nobody."""
    rows: list[list[int]] = [[] for _ in range(count)]
    for row in np.flatnonzero(chosen & (key >= 0)).tolist():
        rows[int(key[row])].append(row)
    return rows
