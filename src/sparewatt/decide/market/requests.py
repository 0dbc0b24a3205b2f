"""What every producer algorithm asks first: which starts are left, and whether the sun alone would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.algorithm import Reply
from sparewatt.decide.market.filling import fill_flexible
from sparewatt.decide.market.slack_kernels import NOWHERE, find_start
from sparewatt.model.contract import Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Board


def open_rows(board: Board, job: int) -> NDArray[np.int64]:
    """Rows of the starts of a job that are not past, earliest first."""
    starts = board.starts
    begin, end = int(starts.offset[job]), int(starts.offset[job + 1])
    begin += int(np.searchsorted(starts.start_s[begin:end], board.now_s))
    return np.arange(begin, end, dtype=np.int64)


def allowed_kwh(board: Board, job: int, allow_partial: float) -> float:
    """Energy of a job that may come from the grid [kWh]."""
    return allow_partial * float(board.jobs.energy_kwh[job])


def free_kw(board: Board, producer: int) -> NDArray[np.float64]:
    """What contracts leave of a forecast, negative where overbooked, shape (minutes,) [kW]."""
    return np.asarray(board.production_kw[producer] - board.booked_kw[producer], np.float64)


def find_row(
    board: Board, job: int, free: NDArray[np.float64], allow_partial: float, *, is_first: bool = False
) -> int:
    """Row of the covered start with the most slack (or the first covered one), ``NOWHERE`` where none is."""
    starts = board.starts
    return int(
        find_start(
            free,
            open_rows(board, job),
            starts.minute,
            starts.shape,
            starts.shape_offset,
            starts.shape_kw,
            allowed_kwh(board, job, allow_partial),
            is_first,
        )
    )


def is_possible(board: Board, producer: int, job: int, allow_partial: float) -> bool:
    """Whether the forecast of a producer would cover a job if nothing else were booked."""
    production = board.production_kw[producer]
    if board.jobs.is_flexible[job]:
        return fill_flexible(board, job, production, allowed_kwh(board, job, allow_partial)) is not None
    return find_row(board, job, production, allow_partial, is_first=True) != NOWHERE


def refusal(board: Board, producer: int, job: int, allow_partial: float) -> Reply:
    """No, and whether the sun or the other contracts are the cause."""
    possible = is_possible(board, producer, job, allow_partial)
    return Reply((), Reason.BOOKED if possible else Reason.NO_POWER)
