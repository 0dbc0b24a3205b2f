"""Dropping smaller jobs for a larger one, and the proof that it cannot help, on boards made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sparewatt.decide.optimise import community_renegotiating as renegotiating
from sparewatt.decide.optimise.community_milp import MilpProducer
from sparewatt.decide.optimise.community_search_kernel import OPEN
from sparewatt.model.contract import Reason
from support.boards import board_of
from support.neighbourhoods import Job

HOUR_S = 3600


def at_noon(kw: float, minutes: int = 60, latest: int = HOUR_S) -> Job:
    """A job that may start between one o'clock and a later moment."""
    return Job(registered=0, earliest=HOUR_S, latest=latest, load_kw=(kw,) * minutes)


def asked(*loads_kw: float) -> renegotiating.Reply | None:
    """The last of some jobs, all at one o'clock, asks where the others wait; 2 kW are there."""
    jobs = [at_noon(kw) for kw in loads_kw]
    agreed = [(n, 0, HOUR_S) for n in range(len(jobs) - 1)]
    return renegotiating.drop_for(board_of(jobs, [[2.0] * 180], agreed=agreed), 0, len(jobs) - 1)


def test_smaller_ones_go() -> None:
    """1.5 kW instead of 0.5 and 0.8 kW: 0.5 kW may stay."""
    reply = asked(0.5, 0.8, 1.5)
    assert reply is not None
    assert (reply.dropped, reply.reason) == ((1,), Reason.DROPPED_SMALLER)


@pytest.mark.parametrize("loads_kw", [(1.2, 0.3, 1.0), (1.5, 0.2, 1.5)])
def test_no_search_where_those_that_stay_leave_no_room(
    loads_kw: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is as large as the job never goes for it, and leaves too little: nothing is rearranged."""

    def never(*_: object) -> None:
        raise AssertionError("there was proof")

    monkeypatch.setattr(renegotiating, "rearrange", never)
    assert asked(*loads_kw) is None


def test_a_large_one_that_can_move_does_not_stop_it() -> None:
    """1.2 kW can wait an hour: 0.3 kW goes and 1.8 kW come."""
    jobs = [at_noon(1.2, latest=2 * HOUR_S), at_noon(0.3), at_noon(1.8, minutes=50)]
    board = board_of(jobs, [[2.0] * 240], agreed=[(0, 0, HOUR_S), (1, 0, HOUR_S)])
    reply = renegotiating.drop_for(board, 0, 2)
    assert reply is not None
    assert reply.dropped == (1,)
    starts = {plan.job: plan.start_s for plan in reply.plans}
    assert starts == {0: 2 * HOUR_S, 2: HOUR_S}


def test_an_answer_that_is_open_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps run out and the model would be too large: refused for want of time, and not as impossible."""
    jobs = [at_noon(1.0, 30, latest=2 * HOUR_S), at_noon(1.2, 30, latest=2 * HOUR_S), at_noon(1.1, 30)]
    sun_kw = np.full(160, 1.25)
    board = board_of(jobs, [sun_kw.tolist()], agreed=[(0, 0, HOUR_S), (1, 0, HOUR_S + 2700)])
    module = "sparewatt.decide.optimise.community_milp"
    monkeypatch.setattr("sparewatt.decide.market.search_problem.SearchProblem.place", lambda *_, **__: None)
    monkeypatch.setattr(f"{module}._searched", lambda _: (OPEN, None))
    monkeypatch.setattr(f"{module}.drop_for", lambda *_: None)
    monkeypatch.setattr(f"{module}.MOST_STARTS", 1)
    assert MilpProducer().rearranged(board, 0, 2).reason == Reason.NO_TIME
    monkeypatch.setattr(f"{module}.MOST_STARTS", 1000)
    assert MilpProducer().rearranged(board, 0, 2).is_accepted
