"""Checkpoint: the state of a run that is under way, in one file of its folder, whole or not there.

A file that is cut, damaged, or of other inputs or versions is taken as none: the run then begins anew,
and comes to the same bytes, only later.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sparewatt.results.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

CHECKPOINT_FILE = "checkpoint.bin"

_MAGIC = b"sparewatt checkpoint 1\n"
_DIGEST = hashlib.sha256().digest_size
_EVERY_S = 2.0
_SHARE = 0.1
"""Writing takes at most about this share of the time [-]."""


def checkpoint_key(input_hash: str, seed: int, versions: Mapping[str, str]) -> bytes:
    """What a checkpoint belongs to: inputs, seed and versions."""
    text = json.dumps([input_hash, seed, dict(versions)], sort_keys=True)
    return hashlib.sha256(text.encode()).digest()


@dataclass
class Checkpoint:
    """Keeps the state of a run; written when enough time has passed for what writing costs.

    Parameters
    ----------
    path
        The file.
    key
        What the state belongs to, see `checkpoint_key`.
    every_s
        Least time between two of them [s].
    """

    path: Path
    key: bytes
    every_s: float = _EVERY_S
    _next: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """The first one comes after ``every_s``."""
        self._next = time.monotonic() + self.every_s

    def read(self) -> bytes | None:
        """The state, or ``None`` where there is none that can be used."""
        try:
            content = self.path.read_bytes()
        except OSError:
            return None
        head = _MAGIC + self.key
        start = len(head) + _DIGEST
        if not content.startswith(head) or len(content) < start:
            return None
        payload = content[start:]
        return payload if hashlib.sha256(payload).digest() == content[len(head) : start] else None

    def keep(self, state: Callable[[], bytes], *, now: bool = False) -> bool:
        """Write the state if it is time to, or at once; whether it was written."""
        started = time.monotonic()
        if not now and started < self._next:
            return False
        payload = state()
        with whole_file(self.path) as partial, partial.open("wb") as out:
            out.write(_MAGIC + self.key + hashlib.sha256(payload).digest())
            out.write(payload)
        ended = time.monotonic()
        self._next = ended + max(self.every_s, (ended - started) / _SHARE)
        return True
