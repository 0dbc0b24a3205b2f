"""State of a market: the board that deciders see, the ledgers, and what the grid is known to supply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.market.board import FREE, Board
from sparewatt.model.contract import GRID
from sparewatt.model.starts import KW_ZERO
from sparewatt.simulate.community_base import BaseExpectation
from sparewatt.simulate.community_forecasts import ForecastBook
from sparewatt.simulate.community_ledger import ContractLedger
from sparewatt.simulate.community_supply import GridSupply

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.decide.market.board import Plan
    from sparewatt.model.market_rules import MarketRules, Tariff
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood
    from sparewatt.model.starts import Starts
    from sparewatt.simulate.community_events import EventQueue

NO_CONTRACT = -1


class MarketState:
    """What stands at one moment; every change of it is one of the verbs below.

    Parameters
    ----------
    neighbourhood, grid, rules, tariff, starts
        What is simulated.
    queue
        Where the starts of agreed loads are entered.

    Attributes
    ----------
    board
        What deciders see.
    contracts
        Every contract.
    movable
        Jobs that are registered and have not started, in the order of registration.
    """

    def __init__(
        self,
        neighbourhood: Neighbourhood,
        grid: MinuteGrid,
        rules: MarketRules,
        tariff: Tariff,
        starts: Starts,
        queue: EventQueue,
    ) -> None:
        jobs, producers = neighbourhood.jobs, len(neighbourhood.producers)
        self._forecasts = ForecastBook(neighbourhood.forecasts, producers, grid)
        self._forecast_producer = neighbourhood.forecasts.producer
        base = BaseExpectation(neighbourhood.base_load, grid)
        self._supply = GridSupply(jobs, starts, tariff, rules.import_limit_kw, base)
        self._queue = queue
        self._contract_of = np.full(len(jobs), NO_CONTRACT, np.int64)
        self._is_known = np.zeros(producers, bool)
        self.known: NDArray[np.int64] = np.empty(0, np.int64)
        self.contracts = ContractLedger()
        self.movable: dict[int, None] = {}
        self.board = Board(
            jobs=jobs,
            starts=starts,
            grid=grid,
            now_s=0,
            production_kw=self._forecasts.production_kw,
            booked_kw=np.zeros((producers, grid.minutes)),
            producer_of=np.full(len(jobs), FREE, np.int64),
            plans={},
            waiting=[[] for _ in range(producers)],
        )

    def add_forecast(self, row: int) -> tuple[int, slice, NDArray[np.float64]]:
        """A forecast becomes known: its producer, the minutes it changed, and what was expected there."""
        producer = int(self._forecast_producer[row])
        if not self._is_known[producer]:
            self._is_known[producer] = True
            self.known = np.flatnonzero(self._is_known)
        part, before_kw = self._forecasts.add(row)
        if self._supply.is_limited:
            booked_kw = self.board.booked_kw[producer, part]
            after_kw = self.board.production_kw[producer, part]
            more_kw = np.maximum(booked_kw - after_kw, 0.0) - np.maximum(booked_kw - before_kw, 0.0)
            _add(self._supply.drawn_kw[part], more_kw)
        return producer, part, before_kw

    def agree(self, producer: int, plan: Plan) -> None:
        """A job without a contract gets one, with a producer or with `GRID`."""
        board = self.board
        self._book(producer, plan, 1.0)
        board.producer_of[plan.job] = producer
        board.plans[plan.job] = plan
        if producer != GRID:
            board.waiting[producer].append(plan.job)
        contract = self.contracts.add(producer, plan, board.now_s)
        self._contract_of[plan.job] = contract
        self._queue.push_start(plan.start_s, contract)

    def agree_with_grid(self, job: int) -> None:
        """A job that no producer takes gets a contract with the grid."""
        self.agree(GRID, self._supply.plan(job, self.board.now_s))

    def move(self, plan: Plan) -> None:
        """The contract of a waiting job brings another load; it stays the same contract."""
        board, job = self.board, plan.job
        producer = int(board.producer_of[job])
        self._book(producer, board.plans[job], -1.0)
        self._book(producer, plan, 1.0)
        board.plans[job] = plan
        contract = int(self._contract_of[job])
        self.contracts.move(contract, plan)
        self._queue.push_start(plan.start_s, contract)

    def cancel(self, job: int) -> None:
        """The contract of a waiting job is void; the job has none."""
        board = self.board
        producer = int(board.producer_of[job])
        self._book(producer, board.plans.pop(job), -1.0)
        board.producer_of[job] = FREE
        if producer != GRID:
            board.waiting[producer].remove(job)
        self.contracts.cancel(int(self._contract_of[job]), board.now_s)
        self._contract_of[job] = NO_CONTRACT

    def start(self, contract: int) -> None:
        """The load of a contract starts, unless it was cancelled or moved in the meantime."""
        if not self.contracts.is_due(contract, self.board.now_s):
            return
        job = self.contracts.job(contract)
        producer = int(self.board.producer_of[job])
        self.contracts.fulfil(contract)
        del self.movable[job]
        if producer != GRID:
            self.board.waiting[producer].remove(job)

    def _book(self, producer: int, plan: Plan, sign: float) -> None:
        """Add a load to, or take it from, what its supplier has to give."""
        if plan.start_s < self.board.now_s:
            raise ValueError(
                f"job {plan.job} was to start at {plan.start_s} s, but it is {self.board.now_s} s"
            )
        part = slice(plan.minute, plan.minute + len(plan.kw))
        if producer == GRID:
            _add(self._supply.drawn_kw[part], sign * plan.kw)
            return
        booked_kw = self.board.booked_kw[producer, part]
        if not self._supply.is_limited:
            _add(booked_kw, sign * plan.kw)
            return
        production_kw = self.board.production_kw[producer, part]
        before_kw = np.maximum(booked_kw - production_kw, 0.0)
        _add(booked_kw, sign * plan.kw)
        _add(self._supply.drawn_kw[part], np.maximum(booked_kw - production_kw, 0.0) - before_kw)


def _add(total_kw: NDArray[np.float64], kw: NDArray[np.float64]) -> None:
    """Add in place; what is left by rounding is nothing."""
    total_kw += kw
    total_kw[np.abs(total_kw) < KW_ZERO] = 0.0
