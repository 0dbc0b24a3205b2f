"""Rules on money: every bill is what its rule says, and what houses pay is what the grid receives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.finding import Finding
from sparewatt.model.market_rules import Sharing
from sparewatt.verify.tally import SHOWN, Place, Tally, worst_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.model.market_rules import Tariff
    from sparewatt.model.settlement import Bills, Settlement
    from sparewatt.verify.community_facts import MarketFacts


def check_money(
    facts: MarketFacts, s: Settlement, bills: Bills, tariff: Tariff, sharing: Sharing, tolerance: float
) -> Iterator[Finding]:
    """Bills anew, minute by minute; their sum with the grid's account is zero.

    With a sharing rule the grid receives exactly what the community as a whole takes and gives:
    Σ_t bought·b - fed in·s. A house that pays more than on the tariff is told as a warning.

    Parameters
    ----------
    facts, s
        What happened.
    bills
        What is judged.
    tariff, sharing
        Prices, and how what is traded is priced.
    tolerance
        By how much money may miss, as a share of what changes hands, at least as an amount [currency].
    """
    alone, shared, turnover = _right_bills(facts, s, tariff, sharing)
    allowed = tolerance * max(turnover, 1.0)
    names = facts.neighbourhood.house_ids
    tally = Tally("community.judge.bill", "the sum over the minutes of what is bought less what is sold")
    for what, told, right in (
        ("on the tariff", bills.tariff_cost, alone),
        ("shared", bills.shared_cost, shared),
    ):

        def place(
            h: int, what: str = what, told: NDArray[np.float64] = told, right: NDArray[np.float64] = right
        ) -> Place:
            message = f"pays {told[h]:.9g} {what}, right is {right[h]:.9g}"
            return Place(facts.house_name(h), message, f"{told[h]:.9g}", (names[h],))

        tally.look(np.abs(told - right), allowed, place)
    yield from tally.findings()

    bought, sold = s.grid_kw.sum(axis=0), s.feed_in_kw.sum(axis=0)
    due = float((bought * tariff.import_per_kwh - sold * tariff.feed_in_per_kwh).sum()) / 60.0
    money = Tally("community.judge.money", "what houses pay and the grid receives sums to zero")
    paid = float(bills.shared_cost.sum())
    gap = abs(paid - bills.grid_account)
    if gap > allowed:
        message = f"houses pay {paid:.9g} in all, the grid's account says {bills.grid_account:.9g}"
        money.add("grid account", message, gap, value=f"{bills.grid_account:.9g}")
    if sharing != Sharing.NONE and abs(paid - due) > allowed:
        message = f"houses pay {paid:.9g} in all, what the community takes and gives costs {due:.9g}"
        money.add("grid account", message, abs(paid - due), value=f"{paid:.9g}")
    yield from money.findings()
    yield from _worse_off(names, bills, sharing, allowed)


def _worse_off(names: tuple[str, ...], bills: Bills, sharing: Sharing, allowed: float) -> Iterator[Finding]:
    """Houses that pay more than on the tariff, worst first."""
    rule, remedy = "community.judge.worse_off", "another sharing rule, or a compensation"
    more = bills.shared_cost - bills.tariff_cost
    worse = worst_first(more, allowed)
    for house in worse[:SHOWN]:
        message = (
            f"pays {bills.shared_cost[house]:.6g} with {sharing.value}, "
            f"{bills.tariff_cost[house]:.6g} on the tariff"
        )
        told = f"{more[house]:.6g}"
        yield Finding(
            rule,
            "warning",
            f"house {names[house]}",
            message,
            told,
            remedy,
            (names[house],),
            float(more[house]),
        )
    if len(worse) > SHOWN:
        rest = len(worse) - SHOWN
        message = (
            f"{rest} more pay more with {sharing.value} than on the tariff, none by more than the margin"
        )
        margin = float(more[worse[SHOWN]])
        yield Finding(rule, "warning", "further houses", message, str(rest), remedy, (), margin)


def right_prices(
    s: Settlement, tariff: Tariff, sharing: Sharing
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What who is short pays and who has over gets per kWh in each minute, shape (minutes,) [currency/kWh].

    With q = P/D the part of what is short that neighbours give, and z = P/G the part of what is over that
    they take, the prices of a minute lie between tariff and middle price m: b - q·(b - m), s + z·(m - s).
    With bill sharing they are means over all minutes, of b weighted with what is bought over what is short,
    of s with what is fed in over what is over.
    """
    b, f = tariff.import_per_kwh, tariff.feed_in_per_kwh
    if sharing == Sharing.NONE:
        return b, f
    traded, bought, sold = (part.sum(axis=0) for part in (s.peer_in_kw, s.grid_kw, s.feed_in_kw))
    if sharing == Sharing.BILL_SHARING:
        short, over = max(float((traded + bought).sum()), 1e-300), max(float((traded + sold).sum()), 1e-300)
        return np.full_like(b, float(bought @ b) / short), np.full_like(f, float(sold @ f) / over)
    q = _part(traded, traded + bought)
    z = _part(traded, traded + sold)
    middle = (b + f) / 2.0 if sharing == Sharing.MID_MARKET_RATE else _ratio_price(q, b, f)
    return b - q * (b - middle), f + z * (middle - f)


def _right_bills(
    facts: MarketFacts, s: Settlement, tariff: Tariff, sharing: Sharing
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Bills on the tariff and shared, and what changes hands on the tariff."""
    b, f = tariff.import_per_kwh, tariff.feed_in_per_kwh
    houses = len(facts.neighbourhood.house_ids)
    bought, sold = s.grid_kw.sum(axis=0), s.feed_in_kw.sum(axis=0)
    buy, sell = right_prices(s, tariff, sharing)
    alone, shared, short, over = (np.zeros(houses) for _ in range(4))
    turnover = 0.0
    for h in range(houses):
        takes, gives = s.peer_in_kw[h] + s.grid_kw[h], s.peer_out_kw[h] + s.feed_in_kw[h]
        alone[h] = float((takes * b - gives * f).sum()) / 60.0
        shared[h] = float((takes * buy - gives * sell).sum()) / 60.0
        short[h], over[h] = float(takes.sum()), float(gives.sum())
        turnover += float((takes * np.abs(b) + gives * np.abs(f)).sum()) / 60.0
    if sharing == Sharing.NONE:
        return alone, alone.copy(), turnover
    if sharing == Sharing.BILL_SHARING:
        costs, income = float((bought * b).sum()) / 60.0, float((sold * f).sum()) / 60.0
        shared = costs * short / max(short.sum(), 1e-300) - income * over / max(over.sum(), 1e-300)
    return alone, shared, turnover


def _ratio_price(
    ratio: NDArray[np.float64], b: NDArray[np.float64], f: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Price by supply and demand: b where nothing is traded, f where all is; 1/m is even between 1/b and 1/f.

    Where the signs of the two differ, or one is 0, it is f.
    """
    same = b * f > 0.0
    inverse = np.zeros_like(b)
    inverse[same] = ratio[same] / f[same] + (1.0 - ratio[same]) / b[same]
    return np.divide(1.0, inverse, out=f.copy(), where=same)


def _part(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)
