"""Clouds over a neighbourhood: a Markov chain of three states in continuous time, the same for all roofs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from sparewatt.inputs.profiles.seeds import CLOUDS, stream_rng
from sparewatt.inputs.profiles.weather import day_anomalies

if TYPE_CHECKING:
    from numpy.typing import NDArray

STATES: Final = 3
CLEAR, BROKEN, OVERCAST = range(STATES)
_DAY_KINDS = (-0.55, 0.45)
"""Days below the first are bright, above the second dull (of a standard normal number)."""
_STAY_MIN: Final = np.array([[90.0, 15.0, 20.0], [20.0, 20.0, 45.0], [6.0, 12.0, 180.0]])
"""Mean stay in clear, broken, overcast on a bright, mixed, dull day [min]."""
_WHERE_TO: Final = ((BROKEN, OVERCAST, 0.85), (CLEAR, OVERCAST, 0.5), (BROKEN, CLEAR, 0.85))
"""From each state: the usual next state, the other one, and the chance of the usual."""
_CHAIN_OF_DAY: Final = 1_000_000_000

_DIRECT: Final = ((1.0, 1.0), (0.25, 0.65), (0.0, 0.0))
"""Share of the direct irradiance of a clear sky that comes through: between which values, by state."""
_DIFFUSE: Final = ((0.0, 0.0), (0.15, 0.29), (0.10, 0.40))
"""Diffuse irradiance that clouds make over the global irradiance of a clear sky: under an overcast sky about
a quarter arrives (Kasten & Czeplak, Solar Energy 24, 1980: 1 - 0.75·(8/8)^3.4), more or less by the cloud."""


@dataclass(frozen=True)
class CloudDays:
    """State of the sky over days.

    The kind of a day (bright, mixed, dull; about 29, 38 and 33 % of days) is a standard normal number with
    memory from day to day; from midnight on a chain of exponential stays follows whose means depend on the
    kind. How thick the clouds of a stay are is drawn for each.

    Parameters
    ----------
    seed
        Same seed, same sky.
    persistence
        Memory of the kind from day to day [0-1).
    """

    seed: int
    persistence: float = 0.45

    def shares(self, day_ordinal: int, midnight_s: int, edges_s: NDArray[np.int64]) -> NDArray[np.float64]:
        """What comes through the sky of one local day, mean between edges.

        Parameters
        ----------
        day_ordinal, midnight_s
            The day (``date.toordinal``) and its begin [s since the epoch].
        edges_s
            Rising, the last one the end of the day, shape (n + 1,) [s since the epoch].

        Returns
        -------
        Direct irradiance over that of a clear sky, share of clear sky, and diffuse irradiance of the clouds
        over the global irradiance of a clear sky, shape (3, n).
        """
        change_s, through = self._chain(day_ordinal, float(edges_s[-1] - midnight_s))
        at = (edges_s - midnight_s).astype(np.float64)
        shares = np.empty((3, len(at) - 1))
        for k in range(3):
            total = np.concatenate([[0.0], np.cumsum(np.diff(change_s) * through[:, k])])
            shares[k] = np.diff(np.interp(at, change_s, total)) / np.diff(at)
        return shares

    def _chain(self, day_ordinal: int, length_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Times of change from midnight with both ends [s], and what comes through, shape (stays, 3)."""
        day = np.array([day_ordinal])
        kind = int(np.searchsorted(_DAY_KINDS, day_anomalies(self.seed, CLOUDS, day, self.persistence)[0]))
        rng = stream_rng(self.seed, CLOUDS, day_ordinal, _CHAIN_OF_DAY)
        stay_s = 60.0 * _STAY_MIN[kind]
        state = int(rng.choice(STATES, p=long_run(kind)))
        at, changes, through = 0.0, [0.0], []
        while at < length_s:
            at = min(at + rng.exponential(stay_s[state]), length_s)
            changes.append(at)
            through.append(
                (rng.uniform(*_DIRECT[state]), float(state == CLEAR), rng.uniform(*_DIFFUSE[state]))
            )
            usual, other, chance = _WHERE_TO[state]
            state = usual if rng.random() < chance else other
        return np.array(changes), np.array(through)


@cache
def long_run(kind: int) -> NDArray[np.float64]:
    """Share of time in each state in the long run: π ∝ stay · (visits of the embedded chain)."""
    moves = np.zeros((STATES, STATES))
    for k, (usual, other, chance) in enumerate(_WHERE_TO):
        moves[k, usual], moves[k, other] = chance, 1 - chance
    visits = np.linalg.solve(
        np.vstack([(moves.T - np.eye(STATES))[:-1], np.ones(STATES)]), np.array([0.0, 0.0, 1.0])
    )
    time = visits * _STAY_MIN[kind]
    return np.asarray(time / time.sum())
