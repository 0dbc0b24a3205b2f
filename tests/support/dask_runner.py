"""A Dask cluster of this machine with two workers: ``python -m support.dask_runner``.

Says the address of its scheduler, and ends when its stdin does.
"""

from __future__ import annotations

import contextlib
import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKERS = 2
HAS_DASK = importlib.util.find_spec("distributed") is not None


@contextlib.contextmanager
def dask_cluster() -> Iterator[str]:
    """The address of a scheduler with `WORKERS` workers, each a process."""
    from support.command_line import clean_environment  # noqa: PLC0415 - workers import this module as well

    process = subprocess.Popen(
        [sys.executable, "-m", "support.dask_runner"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**clean_environment(), "PYTHONPATH": ":".join(sys.path)},
        text=True,
    )
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("tcp://"), address
        yield address
    finally:
        process.communicate("", timeout=60)


def main() -> None:
    """Begin, say where, and wait."""
    from distributed import LocalCluster  # noqa: PLC0415 - in this process only

    settings = {"n_workers": WORKERS, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(host="127.0.0.1", processes=True, silence_logs=50, **settings) as cluster:
        sys.stdout.write(f"{cluster.scheduler_address}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
