"""Owner: which process holds a claim, told apart even when its process id is used again."""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from pathlib import Path

_STATE, _STARTED = 0, 19  # fields of /proc/PID/stat behind the name, counted from the state

_UNKNOWN = "unknown"


def current_owner() -> str:
    """``host:pid:start`` of this process; start names the kernel's boot and process table as well."""
    pid = os.getpid()
    return f"{socket.gethostname()}:{pid}:{_start(pid) or _UNKNOWN}"


def is_gone(owner: str) -> bool:
    """Whether that process is surely dead: it was of this host and boot, and is not there any more.

    False where that cannot be known (another host, another system than Linux): then only a stale
    heartbeat tells.
    """
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    start = owner.rpartition(":")[2]
    if host != socket.gethostname() or not rest.isdecimal() or "." not in start:
        return False
    if start.partition(".")[2] != _world() or _world() == _UNKNOWN:
        return False
    return _start(int(rest)) != start


def _start(pid: int) -> str | None:
    """When process ``pid`` was started, in ticks of this boot; ``None`` when it does not run."""
    if sys.platform != "linux":
        return None
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return None
    return None if fields[_STATE] in "ZX" else f"{fields[_STARTED]}.{_world()}"


@cache
def _world() -> str:
    """The boot of the kernel and the table of process ids (a container has its own); may be unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
        return f"{boot}.{os.stat('/proc/self/ns/pid').st_ino}"  # noqa: PTH116 - a link that is no path
    except OSError:
        return _UNKNOWN
