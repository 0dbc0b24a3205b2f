"""Who books, arrives, leaves and is there, by hand: steps of 5 minutes from 07:00."""

from __future__ import annotations

import numpy as np

from sparewatt.simulate.clock import NEVER, Presence
from support.hubs import Unit, Visit, make_fleet, make_system

FLEET = make_fleet(
    [
        Visit(arrival=5, departure=20, books=-10),  # asked before the start: heard in period 0
        Visit(arrival=7, departure=19),  # whole periods only: 10 to 15
        Visit(arrival=None, says_arrival=10, departure=30, books=3),  # never comes
        Visit(arrival=11, departure=14),  # no whole period
        Visit(arrival=-30, departure=600),  # there before, and after the end
    ]
)


def test_presence_by_hand():
    presence = Presence.of_fleet(FLEET, make_system([[Unit()]], periods=12).horizon)
    assert presence.books.tolist() == [0, NEVER, 1, NEVER, NEVER]
    assert presence.arrives.tolist() == [1, 2, NEVER, NEVER, 0]
    assert presence.leaves.tolist() == [4, 3, NEVER, NEVER, NEVER]
    assert presence.booking(0).tolist() == [0]
    assert presence.arriving(2).tolist() == [1]
    assert presence.leaving(4).tolist() == [0]
    there = [presence.present(t).tolist() for t in range(5)]
    assert there == [[4], [0, 4], [0, 1, 4], [0, 4], [4]]
    assert np.array_equal(presence.present(11), [4])
