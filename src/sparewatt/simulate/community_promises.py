"""What producers may do to jobs that wait: whoever breaks that is a bug, and the run ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.decide.market.algorithm import LEAST_GAIN_KWH
from sparewatt.model.contract import GRID

if TYPE_CHECKING:
    from collections.abc import Container

    from sparewatt.decide.market.algorithm import Negotiation, Renegotiation
    from sparewatt.decide.market.board import Board


def check_dropped(board: Board, negotiation: Negotiation, job: int) -> None:
    """Refuse an answer that drops strange jobs, or more energy than it takes."""
    producer, dropped = negotiation.producer, negotiation.dropped
    if not dropped:
        return
    strange = [other for other in dropped if other not in board.waiting[producer]]
    moved = {plan.job for plan in negotiation.plans}
    strange += [other for other in dropped if other in moved]
    if strange or len(set(dropped)) < len(dropped):
        raise ValueError(f"producer {producer} dropped jobs {dropped}, which do not all wait for it")
    lost_kwh = sum(float(board.jobs.energy_kwh[other]) for other in dropped)
    if lost_kwh + LEAST_GAIN_KWH >= board.jobs.energy_kwh[job]:
        raise ValueError(f"producer {producer} dropped {lost_kwh:.6g} kWh for job {job}, which has no more")


def check_renegotiation(board: Board, movable: Container[int], change: Renegotiation) -> None:
    """Refuse a change of jobs that have started, or one by which jobs lose producers for nothing."""
    jobs = (*change.plans, *change.dropped)
    strange = [job for job in jobs if job not in movable]
    strange += [job for job in change.dropped if job in change.plans or board.producer_of[job] == GRID]
    if strange:
        raise ValueError(f"producers renegotiated job {strange[0]}, which does not wait for any")
    if not change.dropped:
        return
    energy_kwh = board.jobs.energy_kwh
    lost_kwh = sum(float(energy_kwh[job]) for job in change.dropped)
    won_kwh = sum(float(energy_kwh[job]) for job in change.plans if board.producer_of[job] == GRID)
    if won_kwh <= lost_kwh + LEAST_GAIN_KWH:
        raise ValueError(f"producers dropped {lost_kwh:.6g} kWh and called {won_kwh:.6g} kWh back")
