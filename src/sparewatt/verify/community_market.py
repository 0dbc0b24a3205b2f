"""The judge of neighbourhoods. It shares no code with market and settlement and takes nobody's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.finding import sorted_findings
from sparewatt.model.market_rules import Sharing
from sparewatt.verify.community_answers import check_answers, check_ids, check_scores
from sparewatt.verify.community_bookings import check_bookings
from sparewatt.verify.community_device_money import check_device_money
from sparewatt.verify.community_energy import check_balance, check_settlement
from sparewatt.verify.community_facts import MarketFacts
from sparewatt.verify.community_jobs import (
    check_charging,
    check_loads,
    check_one_contract,
    check_states,
    check_windows,
)
from sparewatt.verify.community_money import check_money
from sparewatt.verify.community_promises import check_promises
from sparewatt.verify.community_shape import (
    check_bill_shape,
    check_device_bill_shape,
    check_settlement_shape,
    check_trace_shape,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sparewatt.finding import Finding
    from sparewatt.model.contract import MarketTrace
    from sparewatt.model.market_rules import MarketRules, Tariff
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.model.settlement import Bills, DeviceBills, Settlement


def check_market(
    neighbourhood: Neighbourhood,
    grid: MinuteGrid,
    rules: MarketRules,
    trace: MarketTrace,
    settlement: Settlement | None = None,
    bills: Bills | None = None,
    device_bills: DeviceBills | None = None,
    *,
    tariff: Tariff | None = None,
    sharing: Sharing = Sharing.NONE,
    scores: NDArray[np.float64] | None = None,
    ids: tuple[str, ...] | None = None,
    tolerance_kw: float = 1e-6,
    tolerance_kwh: float = 1e-6,
    tolerance_money: float = 1e-9,
) -> tuple[Finding, ...]:
    """Check what a neighbourhood did against every rule that must hold, whoever decided.

    Rules, all ``community.judge.``: ``shape``, ``finite``; ``one_contract``, ``not_asked``, ``state``,
    ``cancelled``, ``window``, ``load``, ``charging``, ``charging_energy``; ``production``,
    ``overbooked``; ``contract_id``, ``scores``, ``answers``, ``order``, ``dropped``, ``claim``; ``balance``,
    ``negative``, ``peer``, ``contract_energy``, ``flow``, ``battery``, ``battery_energy``, ``producer``;
    ``bill``, ``money``, ``device_bill``, ``device_sum``; and as a warning ``worse_off``.

    Parameters
    ----------
    neighbourhood, grid, rules
        What was simulated and how.
    trace
        What happened.
    settlement
        How it was settled; not judged where missing.
    bills
        What it cost; judged together with the settlement and the tariff.
    device_bills
        What every device has in the bill of its house; judged together with the bills.
    tariff, sharing
        Prices at the grid and the sharing rule of the bills.
    scores
        Scores that the producers were to start with, those of the neighbourhood where missing,
        shape (producers,).
    ids
        Ids of the contracts as people are shown them; worked out where missing.
    tolerance_kw
        By how much a power may miss a rule [kW].
    tolerance_kwh
        By how much an energy may miss a rule [kWh].
    tolerance_money
        By how much money may miss, as a share of what changes hands on the tariff [-].

    Returns
    -------
    tuple of Finding
        Errors first; none when every rule holds and nobody is worse off.
    """
    broken = check_trace_shape(neighbourhood, grid, trace)
    if settlement is not None:
        broken += check_settlement_shape(neighbourhood, grid, trace, settlement)
    if bills is not None and tariff is not None:
        broken += check_bill_shape(neighbourhood, grid, tariff, bills)
    if device_bills is not None:
        broken += check_device_bill_shape(neighbourhood, trace, device_bills)
    if broken:
        return tuple(broken)
    facts = MarketFacts(neighbourhood, grid, trace)
    found = [
        *check_one_contract(facts),
        *check_states(facts),
        *check_windows(facts),
        *check_loads(facts, tolerance_kw),
        *check_charging(facts, tolerance_kw, tolerance_kwh),
        *check_bookings(facts, rules, tolerance_kw),
        *check_ids(facts, facts.names if ids is None else ids),
        *check_scores(facts, neighbourhood.scores if scores is None else scores),
        *check_answers(facts, rules),
        *check_promises(facts, rules, tolerance_kwh),
    ]
    if settlement is not None:
        found += check_balance(facts, settlement, tolerance_kw)
        found += check_settlement(facts, settlement, tolerance_kw, tolerance_kwh)
        if bills is not None and tariff is not None:
            found += check_money(facts, settlement, bills, tariff, sharing, tolerance_money)
            if device_bills is not None:
                found += check_device_money(
                    facts, settlement, bills, device_bills, tariff, sharing, tolerance_money
                )
    return sorted_findings(found)
