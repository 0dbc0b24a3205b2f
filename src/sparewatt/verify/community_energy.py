"""Rules on energy: every minute of every house balances, and settlement gave whom it had to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.verify.community_flows import RightFlows
from sparewatt.verify.tally import Place, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.settlement import Settlement
    from sparewatt.verify.community_facts import MarketFacts

_RULE = "own house first, then in the order of agreement; then base load, battery, grid"


def check_balance(facts: MarketFacts, s: Settlement, tolerance_kw: float) -> Iterator[Finding]:
    """Every house and minute: load and production are the sum of their parts, no part below 0.

    load = own + peer_in + grid
    production = own - battery_discharge + peer_out + battery_charge + feed_in
    And in every minute what neighbours get is what neighbours give.
    """
    balance = Tally("community.judge.balance", "load and production as the sum of their parts")
    negative = Tally("community.judge.negative", "nothing below 0")
    got, gave = (np.zeros(facts.grid.minutes) for _ in range(2))
    for house in range(len(facts.neighbourhood.house_ids)):
        own, peer_in, peer_out = s.own_kw[house], s.peer_in_kw[house], s.peer_out_kw[house]
        charge, discharge = s.battery_charge_kw[house], s.battery_discharge_kw[house]
        direct = own - discharge
        load = own + peer_in + s.grid_kw[house]
        made = direct + peer_out + charge + s.feed_in_kw[house]
        got += peer_in
        gave += peer_out
        for what, told, right in (
            ("load", s.load_kw[house], load),
            ("production", s.production_kw[house], made),
        ):
            _compare(facts, balance, house, f"{what} as told", told, right, tolerance_kw)
        least = np.minimum.reduce(
            [direct, peer_in, peer_out, s.grid_kw[house], s.feed_in_kw[house], charge, discharge]
        )

        def place(t: int, house: int = house, least: NDArray[np.float64] = least) -> Place:
            return Place(facts.house_name(house, t), f"a flow is {least[t]:.9g} kW", f"{least[t]:.9g}")

        negative.look(-least, tolerance_kw, place)
    yield from balance.findings()
    yield from negative.findings()

    peer = Tally("community.judge.peer", "as much given to neighbours as taken from them")

    def minute(t: int) -> Place:
        message = f"neighbours take {got[t]:.9g} kW and give {gave[t]:.9g} kW"
        return Place(facts.stamp(t * 60), message, f"{got[t]:.9g}")

    peer.look(np.abs(got - gave), tolerance_kw, minute)
    yield from peer.findings()


def check_settlement(
    facts: MarketFacts, s: Settlement, tolerance_kw: float, tolerance_kwh: float
) -> Iterator[Finding]:
    """Contracts, houses, batteries and producers got what the rule of settlement gives them.

    The rule: production goes to the contracts with it, those of its own house first, the others in the
    order of agreement; what is left to the base load of its house, then into its battery, then to the
    grid. What is still short is taken from the battery, then bought.
    """
    right = RightFlows(facts)
    yield from _check_contracts(facts, s, right, tolerance_kwh)
    yield from _check_houses(facts, s, right, tolerance_kw)
    yield from _check_producers(facts, s, right, tolerance_kwh)


def _check_contracts(
    facts: MarketFacts, s: Settlement, right: RightFlows, tolerance_kwh: float
) -> Iterator[Finding]:
    tally = Tally("community.judge.contract_energy", _RULE)
    for row, energy, given in right.parts():
        at_home = facts.home[row] == facts.maker[row]
        parts = (given if at_home else 0.0, 0.0 if at_home else given, energy - given)
        wanted = parts if facts.valid[row] else (0.0, 0.0, 0.0)
        told = (s.contract_own_kwh[row], s.contract_peer_kwh[row], s.contract_grid_kwh[row])
        off = max(abs(a - b) for a, b in zip(told, wanted, strict=True))
        if off > tolerance_kwh:
            shown = "own {:.9g}, peer {:.9g}, grid {:.9g} kWh"
            message = f"{shown.format(*told)}; right is {shown.format(*wanted)}"
            tally.add(facts.contract_name(row), message, off)
    yield from tally.findings()


def _check_houses(
    facts: MarketFacts, s: Settlement, right: RightFlows, tolerance_kw: float
) -> Iterator[Finding]:
    """Flows of each house, and the rule of its battery, with the energy that it is told to have."""
    flow = Tally("community.judge.flow", _RULE)
    stored = Tally(
        "community.judge.battery", "charged from what is left, discharged before buying, as far as it can"
    )
    bounds = Tally(
        "community.judge.battery_energy", "from 0 to full, changed by what is charged and discharged"
    )
    battery = {int(house): row for row, house in enumerate(facts.neighbourhood.batteries.house)}
    for house in range(len(facts.neighbourhood.house_ids)):
        want = right.of_house(house)
        charge, discharge = s.battery_charge_kw[house], s.battery_discharge_kw[house]
        if house in battery:
            right_charge, right_discharge = _battery_powers(
                facts, s, battery[house], want.spare_kw, want.bought_kw, bounds, tolerance_kw
            )
        else:
            right_charge = right_discharge = np.zeros(facts.grid.minutes)
        _compare(facts, stored, house, "charging", charge, right_charge, tolerance_kw)
        _compare(facts, stored, house, "discharging", discharge, right_discharge, tolerance_kw)
        for name, told, wanted in (
            ("production", s.production_kw[house], want.production_kw),
            ("load", s.load_kw[house], want.load_kw),
            ("from neighbours", s.peer_in_kw[house], want.peer_in_kw),
            ("to neighbours", s.peer_out_kw[house], want.peer_out_kw),
            ("own", s.own_kw[house], want.own_kw + right_discharge),
            ("from the grid", s.grid_kw[house], want.bought_kw - right_discharge),
            ("to the grid", s.feed_in_kw[house], want.spare_kw - right_charge),
        ):
            _compare(facts, flow, house, name, told, wanted, 2.0 * tolerance_kw)
    for tally in (flow, stored, bounds):
        yield from tally.findings()


def _battery_powers(
    facts: MarketFacts,
    s: Settlement,
    row: int,
    spare_kw: NDArray[np.float64],
    bought_kw: NDArray[np.float64],
    tally: Tally,
    tolerance_kw: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a battery has to do in each minute, with the energy that it is told to have at its beginning.

    That energy is checked on its own: e' = e + (charge·η - discharge/η)/60, from its start on, within
    what fits in.
    """
    b, energy = facts.neighbourhood.batteries, s.battery_kwh[row]
    house, capacity, efficiency = int(b.house[row]), float(b.capacity_kwh[row]), float(b.efficiency[row])
    charge, discharge = s.battery_charge_kw[house], s.battery_discharge_kw[house]
    after = energy[:-1] + (charge * efficiency - discharge / efficiency) / 60.0
    off = np.abs(np.append(float(b.start_soc[row]) * capacity, after) - energy)
    off = np.maximum(off, np.maximum(-energy, energy - capacity))

    def place(t: int) -> Place:
        message = f"{energy[t]:.9g} kWh of {capacity:.9g} kWh, not what its powers leave it"
        return Place(f"battery of {facts.house_name(house, t)}", message, f"{energy[t]:.9g}")

    tally.look(off, tolerance_kw / 60.0, place)
    room_kw = np.maximum(capacity - energy[:-1], 0.0) * 60.0 / efficiency
    store = np.minimum(np.minimum(spare_kw, float(b.charge_kw[row])), room_kw)
    give = np.minimum(np.minimum(bought_kw, float(b.discharge_kw[row])), energy[:-1] * 60.0 * efficiency)
    return store, np.where(charge > 0.0, 0.0, np.maximum(give, 0.0))


def _check_producers(
    facts: MarketFacts, s: Settlement, right: RightFlows, tolerance_kwh: float
) -> Iterator[Finding]:
    """The parts of a producer make up its production; contracts of its own house and of others got theirs."""
    c, producers = facts.contracts, facts.neighbourhood.producers
    own, peer = np.zeros(len(producers)), np.zeros(len(producers))
    for row, _, given in right.parts():
        if facts.maker[row] >= 0 and facts.valid[row]:
            (own if facts.maker[row] == facts.home[row] else peer)[c.producer[row]] += given
    made = facts.trace.production_kw.sum(axis=1) / 60.0
    parts = s.producer_own_kwh + s.producer_peer_kwh + s.producer_stored_kwh + s.producer_feed_in_kwh
    home = np.zeros(len(facts.neighbourhood.house_ids))
    told = np.zeros((3, len(home)))
    direct = (s.own_kw.sum(axis=1) - s.battery_discharge_kw.sum(axis=1)) / 60.0
    for p, house in enumerate(producers.house.tolist()):
        told[:, house] += (s.producer_own_kwh[p], s.producer_stored_kwh[p], s.producer_feed_in_kwh[p])
        home[house] = 1.0
    wanted = (direct, s.battery_charge_kw.sum(axis=1) / 60.0, s.feed_in_kw.sum(axis=1) / 60.0)
    of_house = np.max([np.abs(a - b) for a, b in zip(told, wanted, strict=True)], axis=0, initial=0.0) * home
    off = np.maximum(np.abs(parts - made), np.abs(s.producer_peer_kwh - peer))
    off = np.maximum(off, np.maximum(own - s.producer_own_kwh, of_house[producers.house]))
    least = np.minimum.reduce([s.producer_stored_kwh, s.producer_feed_in_kwh, s.producer_own_kwh])
    tally = Tally("community.judge.producer", "own, neighbours, stored and fed in make up what is produced")

    def place(p: int) -> Place:
        message = (
            f"{made[p]:.9g} kWh; own {s.producer_own_kwh[p]:.9g}, neighbours {s.producer_peer_kwh[p]:.9g}, "
            f"stored {s.producer_stored_kwh[p]:.9g}, fed in {s.producer_feed_in_kwh[p]:.9g}; contracts of "
            f"its house have {own[p]:.9g}, of others {peer[p]:.9g}"
        )
        return Place(f"producer {producers.ids[p]}", message, f"{parts[p]:.9g}", (producers.ids[p],))

    tally.look(np.maximum(off, -least), tolerance_kwh, place)
    yield from tally.findings()


def _compare(
    facts: MarketFacts,
    tally: Tally,
    house: int,
    name: str,
    told: NDArray[np.float64],
    right: NDArray[np.float64],
    tolerance_kw: float,
) -> None:
    """Take note of minutes in which a flow of a house is not what it has to be."""

    def place(t: int) -> Place:
        message = f"{name} {told[t]:.9g} kW, right is {right[t]:.9g} kW"
        return Place(
            facts.house_name(house, t), message, f"{told[t]:.9g}", (facts.neighbourhood.house_ids[house],)
        )

    tally.look(np.abs(told - right), tolerance_kw, place)
