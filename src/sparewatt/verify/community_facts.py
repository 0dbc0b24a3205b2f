"""What the judge works out anew of a neighbourhood: forecasts as they were merged, loads, and names."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.model.contract import GRID, ContractState, contract_ids
from sparewatt.model.minute_grid import MINUTE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sparewatt.model.contract import MarketTrace
    from sparewatt.model.minute_grid import MinuteGrid
    from sparewatt.model.neighbourhood import Neighbourhood

    Points = tuple[list[int], list[float]]

NOBODY = -1
"""House of a contract's supplier where it is the grid."""
HOUR_S = 3600


class MarketFacts:
    """Facts of a trace whose shapes fit together.

    Parameters
    ----------
    neighbourhood, grid
        What was simulated, and its minutes.
    trace
        What is judged.
    """

    def __init__(self, neighbourhood: Neighbourhood, grid: MinuteGrid, trace: MarketTrace) -> None:
        self.neighbourhood = neighbourhood
        self.grid = grid
        self.trace = trace
        self.contracts = trace.contracts
        self.jobs = neighbourhood.jobs

    @cached_property
    def simulated(self) -> NDArray[np.bool_]:
        """Which jobs are registered within the simulated days."""
        days = self.grid.days
        if days is None:
            return np.ones(len(self.jobs), np.bool_)
        return np.asarray(self.jobs.registered_s < days * 86400, np.bool_)

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """Which contracts were not cancelled."""
        return np.asarray(self.contracts.state != ContractState.CANCELLED, np.bool_)

    @cached_property
    def home(self) -> NDArray[np.int64]:
        """House of the job of each contract."""
        return self.jobs.house[self.contracts.job]

    @cached_property
    def maker(self) -> NDArray[np.int64]:
        """House of the producer of each contract, ``NOBODY`` for the grid."""
        houses = np.append(self.neighbourhood.producers.house, NOBODY)
        return houses[np.where(self.contracts.producer == GRID, -1, self.contracts.producer)]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Ids of the contracts."""
        n = self.neighbourhood
        return contract_ids(self.contracts, n.jobs, n.producers, n.origin_s)

    @cached_property
    def news(self) -> list[list[int]]:
        """Forecasts of each producer in the order in which they become known."""
        rows: list[list[int]] = [[] for _ in self.neighbourhood.producers.ids]
        forecasts = self.neighbourhood.forecasts
        for row in sorted(range(len(forecasts)), key=lambda n: int(forecasts.issued_s[n])):
            rows[int(forecasts.producer[row])].append(row)
        return rows

    def merged(self, producer: int) -> Iterator[tuple[int, Points]]:
        """When each forecast of a producer becomes known, and the curve merged from all until then.

        Of what stood before, only what lies more than an hour before the new first row counts; from
        there on the new forecast is put on top.
        """
        curve: Points | None = None
        forecasts = self.neighbourhood.forecasts
        for row in self.news[producer]:
            times, energies = (part.tolist() for part in forecasts.curves.points(row))
            if curve is not None:
                turn = times[0] - HOUR_S
                height = _height(curve, turn)
                old = bisect_left(curve[0], turn)
                times = [*curve[0][:old], turn, *times]
                energies = [*curve[1][:old], height, *(height + e for e in energies)]
            curve = (times, energies)
            yield int(forecasts.issued_s[row]), curve

    def profile_kw(self, job: int, start_s: int, minutes: int) -> NDArray[np.float64]:
        """What a job's profile draws from a start on, minute by minute from the first one [kW].

        Parameters
        ----------
        job
            Row of a job with a profile.
        start_s
            When it starts [s since time 0].
        minutes
            How many minutes are wanted.
        """
        times, energies = self.jobs.profiles.points(int(self.jobs.profile[job]))
        into = np.arange(minutes + 1) * MINUTE_S - start_s % MINUTE_S
        return np.asarray(np.diff(np.interp(into, times, energies)) * 60.0, np.float64)

    def stamp(self, second: int) -> str:
        """``2016-04-10 05:00+00:00``, to the second where it is no whole minute."""
        moment = self.grid.time_at(second)
        return moment.isoformat(sep=" ", timespec="seconds" if second % MINUTE_S else "minutes")

    def contract_name(self, row: int) -> str:
        """``contract grid;[57]:[219]:[1];1460246400``."""
        return f"contract {self.names[row]}"

    def job_name(self, job: int) -> str:
        """``job [57]:[219]:[1]``."""
        return f"job {self.jobs.ids[job]}"

    def house_name(self, house: int, minute: int | None = None) -> str:
        """``house 57, 2016-04-10 05:00+00:00``; without a minute the house alone."""
        name = f"house {self.neighbourhood.house_ids[house]}"
        return name if minute is None else f"{name}, {self.stamp(minute * MINUTE_S)}"

    def supplier_name(self, producer: int) -> str:
        """Id of a producer, or ``grid``."""
        return "grid" if producer == GRID else self.neighbourhood.producers.ids[producer]


def curve_kw(curve: tuple[list[int], list[float]], first: int, minutes: int) -> NDArray[np.float64]:
    """Mean power of a cumulative curve in so many minutes from the first on [kW]."""
    edges = np.arange(first, first + minutes + 1) * MINUTE_S
    return np.maximum(np.diff(np.interp(edges, curve[0], curve[1])) * 60.0, 0.0)


def _height(curve: tuple[list[int], list[float]], time_s: int) -> float:
    """A curve's value, growing evenly between points, level before the first and after the last."""
    times, energies = curve
    after = bisect_left(times, time_s)
    if after == len(times):
        return energies[-1]
    if after == 0 or times[after] == time_s:
        return energies[after]
    part = (time_s - times[after - 1]) / (times[after] - times[after - 1])
    return energies[after - 1] + part * (energies[after] - energies[after - 1])
