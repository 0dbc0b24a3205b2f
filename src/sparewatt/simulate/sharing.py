"""Sharing rules: what neighbours pay each other for the energy that they trade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.market_rules import Sharing
from sparewatt.model.settlement import Bills

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.model.market_rules import Tariff
    from sparewatt.model.settlement import Settlement

_BY_MINUTE = (Sharing.MID_MARKET_RATE, Sharing.SUPPLY_DEMAND_RATIO)
HOUSES_AT_ONCE = 64
"""Houses whose minutes are worked on together, so that memory stays small."""


def find_bills(settlement: Settlement, tariff: Tariff, sharing: Sharing) -> Bills:
    """Costs of every house on the tariff alone and with a sharing rule.

    In each minute house h is short of d = peer_in + grid and has over g = peer_out + feed_in; D and G are
    the sums, P what is traded, b and s the prices of import and feed-in.

    - tariff: cost = Σ_t d·b - g·s
    - mid-market rate, m = (b + s)/2:
      buyers pay (P·m + (D - P)·b)/D, sellers get (P·m + (G - P)·s)/G per kWh
    - supply and demand ratio, r = P/D: the same with m = s·b/((b - s)·r + s); m = s where b and s are not
      both above or both below 0
    - bill sharing: Σ_t (D - P)·b shared in proportion to Σ_t d, Σ_t (G - P)·s in proportion to Σ_t g

    Every rule hands the community's bill with the grid, Σ_t (D - P)·b - (G - P)·s, on to the houses, so
    that the money sums to zero. Sources: Tushar et al. 2019 (mid-market rate), Liu et al. 2017 (supply and
    demand ratio), Long et al. 2017 (bill sharing).

    Parameters
    ----------
    settlement
        The flows.
    tariff
        Prices at the grid.
    sharing
        The rule; with none every house pays the tariff, and what is traded earns the grid the difference.
    """
    buy, sell = tariff.import_per_kwh, tariff.feed_in_per_kwh
    pay, receive = buy, sell
    if sharing in _BY_MINUTE:
        pay, receive = _prices(settlement, tariff, sharing)
    houses = len(settlement.grid_kw)
    alone, shared, short, over = (np.zeros(houses) for _ in range(4))
    for first in range(0, houses, HOUSES_AT_ONCE):
        part = slice(first, first + HOUSES_AT_ONCE)
        short_kwh = (settlement.peer_in_kw[part] + settlement.grid_kw[part]) / 60.0
        over_kwh = (settlement.peer_out_kw[part] + settlement.feed_in_kw[part]) / 60.0
        alone[part] = (short_kwh * buy - over_kwh * sell).sum(axis=1)
        shared[part] = (short_kwh * pay - over_kwh * receive).sum(axis=1)
        short[part], over[part] = short_kwh.sum(axis=1), over_kwh.sum(axis=1)
    if sharing == Sharing.BILL_SHARING:
        bought = float((settlement.grid_kw.sum(axis=0) * buy).sum()) / 60.0
        earned = float((settlement.feed_in_kw.sum(axis=0) * sell).sum()) / 60.0
        shared = bought * _shares(short) - earned * _shares(over)
    return Bills(tariff_cost=alone, shared_cost=shared, grid_account=float(shared.sum()))


def find_prices(
    settlement: Settlement, tariff: Tariff, sharing: Sharing
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a kilowatt-hour costs who is short of it, and earns who has it over, in each minute.

    The bill of a house over what it is short of: the tariff with none, b' and s' of the minute with the two
    rates; with bill sharing the same in every minute, Σ_t (D - P)·b / Σ_t D and Σ_t (G - P)·s / Σ_t G.

    Parameters
    ----------
    settlement, tariff, sharing
        As of `find_bills`.

    Returns
    -------
    tuple of ndarray
        For who is short and for who has over, each of shape (minutes,) [currency/kWh].
    """
    buy, sell = tariff.import_per_kwh, tariff.feed_in_per_kwh
    if sharing in _BY_MINUTE:
        return _prices(settlement, tariff, sharing)
    if sharing == Sharing.NONE:
        return buy, sell
    traded, bought, sold = (
        kw.sum(axis=0) for kw in (settlement.peer_in_kw, settlement.grid_kw, settlement.feed_in_kw)
    )
    short, over = float((traded + bought).sum()), float((traded + sold).sum())
    pay = float((bought * buy).sum()) / short if short > 0.0 else 0.0
    receive = float((sold * sell).sum()) / over if over > 0.0 else 0.0
    return np.full_like(buy, pay), np.full_like(sell, receive)


def find_worse_off(bills: Bills, tolerance: float = 1e-9) -> NDArray[np.int64]:
    """Houses that pay more with the sharing rule than on the tariff, worst first.

    Parameters
    ----------
    bills
        What houses pay.
    tolerance
        More by less is not more, as a share of the greatest bill, at least as an amount [currency].

    Returns
    -------
    ndarray
        Rows of houses.
    """
    more = bills.shared_cost - bills.tariff_cost
    most = max(1.0, float(np.abs(bills.tariff_cost).max(initial=0.0)))
    rows = np.flatnonzero(more > tolerance * most)
    return np.asarray(rows[np.argsort(-more[rows], kind="stable")], np.int64)


def _prices(
    settlement: Settlement, tariff: Tariff, sharing: Sharing
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What buyers pay and sellers get in each minute, shape (minutes,) [currency/kWh]."""
    buy, sell = tariff.import_per_kwh, tariff.feed_in_per_kwh
    traded = settlement.peer_in_kw.sum(axis=0)
    short = traded + settlement.grid_kw.sum(axis=0)
    over = settlement.peer_out_kw.sum(axis=0) + settlement.feed_in_kw.sum(axis=0)
    if sharing == Sharing.MID_MARKET_RATE:
        middle = (buy + sell) / 2.0
    else:
        ratio = np.divide(traded, short, out=np.zeros_like(traded), where=short > 0.0)
        below = (buy - sell) * ratio + sell
        middle = np.divide(sell * buy, below, out=sell.copy(), where=buy * sell > 0.0)
    pay = np.divide(traded * middle + (short - traded) * buy, short, out=buy.copy(), where=short > 0.0)
    receive = np.divide(traded * middle + (over - traded) * sell, over, out=sell.copy(), where=over > 0.0)
    return pay, receive


def _shares(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each part over the sum, zeros where there is nothing."""
    whole = parts.sum()
    return parts / whole if whole > 0.0 else np.zeros_like(parts)
