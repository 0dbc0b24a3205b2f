"""Simulating a hub block by block: its state is kept, so that it can be stopped anywhere and carried on."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sparewatt.errors import RunCancelled, StoreError
from sparewatt.simulate.hub import HubSimulation

if TYPE_CHECKING:
    from collections.abc import Callable

    from sparewatt.inputs.cluster.read import ClusterInputs
    from sparewatt.model.trace import Trace
    from sparewatt.studies.checkpoint import Checkpoint

LOG = logging.getLogger(__name__)


def simulate_resumable(
    inputs: ClusterInputs,
    seed: int,
    checkpoint: Checkpoint,
    *,
    on_progress: Callable[[float], None],
    is_stopped: Callable[[], bool],
) -> Trace:
    """Simulate a hub from where it was left to the end of its horizon.

    Parameters
    ----------
    inputs, seed
        What to simulate.
    checkpoint
        Where the state is kept; it is left there, for the run may still be killed before it is written.
    on_progress
        Called with the share of the periods that are done [0-1].
    is_stopped
        Asked after every block of periods.

    Raises
    ------
    RunCancelled
        It was asked to stop; the state is kept.
    """
    simulation, periods = _begun(inputs, seed, checkpoint), inputs.system.horizon.periods

    def after_block(share: float) -> None:
        on_progress(share)
        stopped = is_stopped() and simulation.period < periods
        checkpoint.keep(simulation.to_bytes, now=stopped)
        if stopped:
            done = f"{simulation.period:,} of {periods:,} periods"
            raise RunCancelled(f"The run was stopped after {done}; what was simulated is kept.")

    on_progress(simulation.period / periods)
    simulation.advance(periods, on_progress=after_block)
    return simulation.trace()


def _begun(inputs: ClusterInputs, seed: int, checkpoint: Checkpoint) -> HubSimulation:
    """The simulation where it was left, or a new one."""
    state = checkpoint.read()
    if state is not None:
        try:
            kept = HubSimulation.from_bytes(state, inputs.system, inputs.fleet, inputs.rules, seed=seed)
        except StoreError as error:
            LOG.warning("begins anew: %s", error)
        else:
            LOG.info("goes on with period %d of %d", kept.period, inputs.system.horizon.periods)
            return kept
    return HubSimulation(inputs.system, inputs.fleet, inputs.rules, seed=seed)
