"""What the steps of a network run share: inputs, engine, what is done already, progress and cancel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.errors import RunCancelled
from sparewatt.model.case_loads import PowerFactors
from sparewatt.physics.engines import engine_for
from sparewatt.simulate.network_flow import Grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sparewatt.inputs.network.read import NetworkInputs
    from sparewatt.model.customers import Profiles
    from sparewatt.model.headroom import HeadroomSettings
    from sparewatt.studies.pieces import Pieces
    from sparewatt.tasks import Cancel

BLOCK_DAYS = 7
BLOCK_VALUES = 4_000_000
"""Customers × periods of one block at most, so that memory is bounded."""


@dataclass(frozen=True)
class Work:
    """A network run under way.

    Parameters
    ----------
    inputs, seed
        What to work out.
    headroom
        Numbers of limits and headroom.
    grid
        Network, zones, customers and the engine.
    pieces
        What is done.
    workers
        Processes and threads side by side.
    cluster
        See `RunPlace`.
    tell
        Called with the share of the run that is done [0-1].
    is_stopped
        Whether to stop after what is being worked on.
    cancel
        Seen by tasks in other processes.
    """

    inputs: NetworkInputs
    seed: int
    headroom: HeadroomSettings
    grid: Grid
    pieces: Pieces
    workers: int
    cluster: str
    tell: Callable[[float], None]
    is_stopped: Callable[[], bool]
    cancel: Cancel

    @classmethod
    def begin(
        cls,
        inputs: NetworkInputs,
        seed: int,
        pieces: Pieces,
        *,
        workers: int,
        cluster: str,
        tell: Callable[[float], None],
        is_stopped: Callable[[], bool],
        cancel: Cancel,
    ) -> Work:
        """Ready to work: the engine holds the network."""
        s = inputs.settings
        grid = Grid(
            inputs.network,
            inputs.feeders,
            inputs.zones,
            inputs.customers,
            engine_for(s.engine, inputs.network, workers=workers),
            PowerFactors(s.demand_power_factor, s.ev_power_factor, s.pv_power_factor),
        )
        return cls(
            inputs, seed, s.headroom_settings(), grid, pieces, workers, cluster, tell, is_stopped, cancel
        )

    def check(self) -> None:
        """Stop here where the run is to be stopped.

        Raises
        ------
        RunCancelled
            It is.
        """
        if self.is_stopped():
            raise RunCancelled("The run was stopped; what was finished is kept.")

    def blocks(self, first: int, end: int) -> list[tuple[int, int]]:
        """Blocks of the periods ``first..end-1``: at most some days, and as much as memory is meant for."""
        per_day = round(24 / self.inputs.horizon.step_h)
        most = max(1, BLOCK_VALUES // max(1, len(self.inputs.customers)))
        size = min(BLOCK_DAYS * per_day, most)
        return [(a, min(a + size, end)) for a in range(first, end, size)]

    def profiles(self, blocks: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, Profiles]]:
        """Profiles of blocks; the next is made while the present one is worked on."""
        if not blocks:
            return
        source = self.inputs.profiles
        with ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(source.profiles, *blocks[0])
            for k, (first, end) in enumerate(blocks):
                self.check()
                present = coming.result()
                if k + 1 < len(blocks):
                    coming = ahead.submit(source.profiles, *blocks[k + 1])
                yield first, end, present
