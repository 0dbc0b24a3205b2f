"""Rules on single contracts: what is promised is planned, can be done, and costs what its prices say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.trace import NONE
from sparewatt.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sparewatt.finding import Finding
    from sparewatt.verify.cluster_facts import TraceFacts

PAYMENT = 1e-6
"""By how much a payment may be off, as a share of what changes hands [-]."""


def check_contracts(facts: TraceFacts, tolerance_kwh: float, tolerance_kw: float) -> Iterator[Finding]:
    """Every contract by itself.

    With p its schedule, E the battery, s the SoC from ``arrival_soc`` on::

        min_soc ≤ s[t] ≤ max_soc,   s[N] ≥ target_soc ≤ the vehicle's own target
        -min(unit, vehicle) ≤ p[t] ≤ min(unit, vehicle),   Σ Δ·max(-p[t], 0) ≤ allowance
        payment = Σ Δ·(g2v[t]·max(p[t], 0) - v2g[t]·max(-p[t], 0))
    """
    b = facts.trace.bookings
    tallies = _Tallies()
    rows = np.flatnonzero(b.contract != NONE)
    seen: set[int] = set()
    for row in rows:
        number = int(b.contract[row])
        if number not in seen:
            seen.add(number)
            _look_at(facts, int(row), number, tallies, tolerance_kwh, tolerance_kw)
    for number in range(len(facts.trace.contracts)):
        if number not in seen:
            tallies.booking.add(f"contract {number}", "no booking has it", 1.0, value=str(number))
    yield from tallies.findings()


class _Tallies:
    """The rules, and the places found so far."""

    def __init__(self) -> None:
        self.booking = Tally("cluster.trace.contract_booking", "unit and stay of the booking made with it")
        self.soc = Tally("cluster.trace.contract_soc", "SoC of the schedule between min and max SoC")
        self.target = Tally("cluster.trace.contract_target", "a schedule that reaches the promised target")
        self.power = Tally("cluster.trace.contract_power", "at most the lesser of unit and vehicle")
        self.budget = Tally("cluster.trace.contract_v2g", "at most the vehicle's V2G allowance")
        self.payment = Tally("cluster.trace.contract_payment", "payment = Σ Δ·(g2v·p⁺ - v2g·p⁻)")

    def findings(self) -> Iterator[Finding]:
        for tally in (self.booking, self.soc, self.target, self.power, self.budget, self.payment):
            yield from tally.findings()


def _look_at(
    facts: TraceFacts, row: int, number: int, tallies: _Tallies, tolerance_kwh: float, tolerance_kw: float
) -> None:
    """One contract, with the first booking that has it."""
    trace, b = facts.trace, facts.trace.bookings
    contract, vehicle, fleet, evses = (
        trace.contracts[number],
        int(b.vehicle[row]),
        trace.fleet,
        trace.system.evses,
    )
    battery, power = float(fleet.battery_kwh[vehicle]), contract.battery_kw
    name, ids = f"contract {number}, {facts.booking_name(row)}", (fleet.ids[vehicle],)

    def tell(tally: Tally, excess: float, tolerance: float, value: float, message: str) -> None:
        if excess > tolerance:
            tally.add(name, message, excess, value=f"{value:.9g}", ids=ids)

    if (contract.evse, contract.end) != (int(b.evse[row]), int(b.end[row])) or contract.first < b.first[row]:
        message = f"it is for {facts.unit_name(contract.evse)}, periods {contract.first} to {contract.end}"
        tallies.booking.add(name, message, 1.0, value=str(contract.evse), ids=ids)
    elif contract.cluster != int(evses.cluster[contract.evse]):
        message = "its cluster is not that of its unit"
        tallies.booking.add(name, message, 1.0, value=str(contract.cluster), ids=ids)

    stored = contract.arrival_soc * battery + np.concatenate([[0.0], np.cumsum(power)]) * facts.step_h
    most = max(float(fleet.max_soc[vehicle]), contract.arrival_soc) * battery
    least = min(float(fleet.min_soc[vehicle]), contract.arrival_soc) * battery
    out = np.maximum(stored - most, least - stored)
    at = int(np.argmax(out))
    tell(
        tallies.soc,
        out[at],
        tolerance_kwh,
        stored[at] / battery,
        f"SoC {stored[at] / battery:.9g} at {facts.stamp(contract.first + at)}",
    )
    goal = contract.target_soc * battery
    tell(
        tallies.target,
        goal - stored[-1],
        tolerance_kwh,
        stored[-1] / battery,
        f"it ends at SoC {stored[-1] / battery:.9g} and promises {contract.target_soc:.9g}",
    )
    own = float(fleet.target_soc[vehicle])
    tell(
        tallies.target,
        (contract.target_soc - max(own, contract.arrival_soc)) * battery,
        tolerance_kwh,
        contract.target_soc,
        f"it promises SoC {contract.target_soc:.9g}, the vehicle asks for {own:.9g}",
    )

    charge = min(float(evses.max_charge_kw[contract.evse]), float(fleet.max_charge_kw[vehicle]))
    discharge = min(float(evses.max_discharge_kw[contract.evse]), float(fleet.max_discharge_kw[vehicle]))
    over = np.maximum(power - charge, -discharge - power)
    at = int(np.argmax(over))
    tell(
        tallies.power,
        over[at],
        tolerance_kw,
        power[at],
        f"{power[at]:.9g} kW at {facts.stamp(contract.first + at)}, where -{discharge:.6g} to "
        f"{charge:.6g} kW are allowed",
    )

    given, taken = np.maximum(power, 0.0) * facts.step_h, np.maximum(-power, 0.0) * facts.step_h
    allowed = float(fleet.v2g_allowance_kwh[vehicle])
    tell(
        tallies.budget,
        taken.sum() - allowed,
        tolerance_kwh,
        taken.sum(),
        f"{taken.sum():.9g} kWh are to be taken, {allowed:.9g} kWh are allowed",
    )

    bill, back = contract.g2v_per_kwh * given, contract.v2g_per_kwh * taken
    right, scale = float((bill - back).sum()), float(np.abs(bill).sum() + np.abs(back).sum())
    tell(
        tallies.payment,
        abs(contract.payment - right),
        PAYMENT * max(scale, 1.0),
        contract.payment,
        f"the payment is {contract.payment:.9g}, prices and schedule give {right:.9g}",
    )
