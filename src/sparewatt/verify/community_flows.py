"""The settlement worked out anew: contracts, then the house, its battery, the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import GRID
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.verify.community_facts import MarketFacts


@dataclass(frozen=True)
class HouseFlows:
    """What has to be in one house before its battery does anything, shape (minutes,) [kW].

    Parameters
    ----------
    production_kw
        What its producers make.
    load_kw
        Contracts and base load.
    peer_in_kw, peer_out_kw
        From and to neighbours.
    own_kw
        Own production in own contracts and base load.
    bought_kw
        What is left of the load.
    spare_kw
        What is left of the production.
    """

    production_kw: NDArray[np.float64]
    load_kw: NDArray[np.float64]
    peer_in_kw: NDArray[np.float64]
    peer_out_kw: NDArray[np.float64]
    own_kw: NDArray[np.float64]
    bought_kw: NDArray[np.float64]
    spare_kw: NDArray[np.float64]


class RightFlows:
    """Who gets what of each producer: own house first, then in the order of agreement.

    Parameters
    ----------
    facts
        What happened.
    """

    def __init__(self, facts: MarketFacts) -> None:
        self._facts = facts
        c = facts.contracts
        self.given_kw: NDArray[np.float64] = np.zeros(len(c.kw))
        self._left_kw: dict[int, NDArray[np.float64]] = {}
        self._base = {int(house): row for row, house in enumerate(facts.neighbourhood.base_load.house)}
        self._rows_at = _rows_of(facts.home, facts.valid, len(facts.neighbourhood.house_ids))
        self._rows_made = _rows_of(facts.maker, facts.valid, len(facts.neighbourhood.house_ids))
        of_producer = _rows_of(c.producer, facts.valid, len(facts.neighbourhood.producers))
        for producer, house in enumerate(facts.neighbourhood.producers.house.tolist()):
            left = facts.trace.production_kw[producer].copy()
            at_home = [row for row in of_producer[producer] if facts.home[row] == house]
            elsewhere = [row for row in of_producer[producer] if facts.home[row] != house]
            for row in (*at_home, *elsewhere):
                span, part = self._span(row)
                given = np.minimum(c.kw[part], left[span])
                left[span] -= given
                self.given_kw[part] = given
            if house in self._left_kw:
                self._left_kw[house] = self._left_kw[house] + left
            else:
                self._left_kw[house] = left

    def of_house(self, house: int) -> HouseFlows:
        """What has to be in one house."""
        facts, minutes = self._facts, self._facts.grid.minutes
        c = facts.contracts
        load, peer_in, peer_out, own = (np.zeros(minutes) for _ in range(4))
        for row in self._rows_at[house]:
            span, part = self._span(row)
            load[span] += c.kw[part]
            if c.producer[row] != GRID:
                (own if facts.maker[row] == house else peer_in)[span] += self.given_kw[part]
        for row in self._rows_made[house]:
            if facts.home[row] != house:
                span, part = self._span(row)
                peer_out[span] += self.given_kw[part]
        left = self._left_kw.get(house, np.zeros(minutes))
        made = left + own + peer_out
        if house in self._base:
            times, energies = facts.neighbourhood.base_load.curves.points(self._base[house])
            base = np.diff(np.interp(np.arange(minutes + 1) * MINUTE_S, times, energies)) * 60.0
            used = np.minimum(base, left)
            load, own, left = load + base, own + used, left - used
        return HouseFlows(made, load, peer_in, peer_out, own, load - own - peer_in, left)

    def parts(self) -> Iterator[tuple[int, float, float]]:
        """Energy of each contract, and what its producer gave of it [kWh]."""
        c = self._facts.contracts
        for row in range(len(c)):
            _, part = self._span(row)
            yield row, float(c.kw[part].sum()) / 60.0, float(self.given_kw[part].sum()) / 60.0

    def _span(self, row: int) -> tuple[slice, slice]:
        """Minutes of a contract, and its points."""
        c = self._facts.contracts
        first, begin, end = int(c.minute[row]), int(c.offset[row]), int(c.offset[row + 1])
        return slice(first, first + end - begin), slice(begin, end)


def _rows_of(key: NDArray[np.int64], chosen: NDArray[np.bool_], count: int) -> list[list[int]]:
    """Rows that are chosen, by key."""
    rows: list[list[int]] = [[] for _ in range(count)]
    for row in np.flatnonzero(chosen & (key >= 0)).tolist():
        rows[int(key[row])].append(row)
    return rows
