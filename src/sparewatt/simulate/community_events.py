"""Events of a neighbourhood in one strict order; time is the simulation's own."""

from __future__ import annotations

from enum import IntEnum
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class EventKind(IntEnum):
    """What happens; lower kinds come first within an instant."""

    FORECAST_FIRST = 0
    JOB = 1
    FORECAST = 2
    START = 3


class Event(NamedTuple):
    """Something that happens.

    Parameters
    ----------
    time_s
        When [s since time 0].
    kind
        What.
    sequence
        Order among events of one kind at one time: rows of the files, then as they were added.
    row
        Row of the job, of the forecast, or of the contract.
    """

    time_s: int
    kind: EventKind
    sequence: int
    row: int


class EventQueue:
    """Events by time, kind and sequence.

    Registrations and forecasts are known from the start; a load's start is added when it is agreed or
    moved. The end of a load needs no event: what it draws is booked minute by minute until then.

    Parameters
    ----------
    jobs, forecasts
        Times and rows of the registrations and the forecasts, in the order of their files.
    predictions_first
        Forecasts before jobs at equal times; otherwise jobs first.
    """

    def __init__(
        self,
        jobs: Iterable[tuple[int, int]],
        forecasts: Iterable[tuple[int, int]],
        *,
        predictions_first: bool,
    ) -> None:
        kind = EventKind.FORECAST_FIRST if predictions_first else EventKind.FORECAST
        self._heap = [Event(time_s, EventKind.JOB, row, row) for time_s, row in jobs]
        self._heap += [Event(time_s, kind, row, row) for time_s, row in forecasts]
        heapify(self._heap)
        self._sequence = 0

    def __len__(self) -> int:
        """Number of events to come."""
        return len(self._heap)

    def push_start(self, time_s: int, contract: int) -> None:
        """The load of a contract is to start; it takes place after all else at that time."""
        heappush(self._heap, Event(time_s, EventKind.START, self._sequence, contract))
        self._sequence += 1

    def pop(self) -> Event:
        """The next event."""
        return heappop(self._heap)

    def is_more_news_at(self, time_s: int) -> bool:
        """Whether another registration or forecast comes at this very time."""
        return bool(self._heap) and self._heap[0].time_s == time_s and self._heap[0].kind != EventKind.START
