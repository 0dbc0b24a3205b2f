"""Seeds that depend on who and when alone, never on how many are drawn at once or in which order."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Stream = int
"""What a random choice is for: one number per kind of choice, so that none disturbs another."""
PV_ORDER: Final[Stream] = 1
HEAT_PUMP_ORDER: Final[Stream] = 2
DEMAND_CLASS: Final[Stream] = 3
PV_RATING: Final[Stream] = 4
HOUSEHOLD: Final[Stream] = 5
HOUSEHOLD_DAY: Final[Stream] = 6
BUILDING: Final[Stream] = 7
ROOF: Final[Stream] = 8
TEMPERATURE: Final[Stream] = 9
CLOUDS: Final[Stream] = 10
METER: Final[Stream] = 11
HEAT_PUMP_DAY: Final[Stream] = 12
SIMBENCH: Final[Stream] = 13
PHASE_DEAL: Final[Stream] = 14


def stream_rng(seed: int, stream: Stream, *path: int) -> np.random.Generator:
    """Generator of one stream; ``path`` leads to a part of it (a day, a zone)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, *path)))


def name_words(name: str) -> tuple[int, int]:
    """Two 32-bit words that stand for a name."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


def named_rng(seed: int, stream: Stream, name: str) -> np.random.Generator:
    """Generator of one stream for one customer, the same whoever else there is."""
    return stream_rng(seed, stream, *name_words(name))


def named_keys(seed: int, stream: Stream, names: Sequence[str]) -> NDArray[np.uint64]:
    """One key per name, shape (names,), from which kernels draw by day and number of the draw."""
    keys = np.empty(len(names), dtype=np.uint64)
    for n, name in enumerate(names):
        words = name_words(name)
        keys[n] = np.random.SeedSequence(seed, spawn_key=(stream, *words)).generate_state(1, np.uint64)[0]
    return keys
