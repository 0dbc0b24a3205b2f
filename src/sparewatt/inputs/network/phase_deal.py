"""Loads of all three phases dealt to one phase each, where homes are known without their phase."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.profiles.seeds import PHASE_DEAL, stream_rng
from sparewatt.model.network import ALL_PHASES, PHASES

if TYPE_CHECKING:
    from sparewatt.model.feeders import Feeders
    from sparewatt.model.network import Network


def deal_phases(network: Network, feeders: Feeders, seed: int) -> Network:
    """The network with a single phase for every load that has all three.

    Balanced models (SimBench) do not say on which phase a home is. Each load gets the phase of its feeder
    that has the fewest loads so far, the lowest number where several have; who comes first is drawn. So the
    phases of a feeder differ by one load at most, beyond what its single-phase loads differ already.

    Parameters
    ----------
    network, feeders
        Loads that have a phase keep it.
    seed
        Same seed, same phases.
    """
    rng = stream_rng(seed, PHASE_DEAL)
    phase = network.loads.phase.copy()
    whole = rng.permutation(np.flatnonzero(phase == ALL_PHASES))
    single = phase != ALL_PHASES
    count = np.zeros((len(feeders) + 1, PHASES), dtype=np.int64)  # the last row: loads at the busbar
    np.add.at(count, (feeders.load_feeder[single], phase[single]), 1)
    for load in whole.tolist():
        of_feeder = count[feeders.load_feeder[load]]
        phase[load] = int(np.argmin(of_feeder))
        of_feeder[phase[load]] += 1
    return replace(network, loads=replace(network.loads, phase=phase))
