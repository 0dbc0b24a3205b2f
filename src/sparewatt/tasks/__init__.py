"""Map of pure, repeatable tasks: in process, over processes or over machines; progress, cancel, retry."""

from __future__ import annotations

from sparewatt.fault import RunCancelled, TaskError
from sparewatt.tasks.apart import Apart
from sparewatt.tasks.control import Cancel, Control
from sparewatt.tasks.in_process import InProcess
from sparewatt.tasks.interface import Tasks
from sparewatt.tasks.pool import ProcessPool

__all__ = [
    "Apart",
    "Cancel",
    "Control",
    "InProcess",
    "ProcessPool",
    "RunCancelled",
    "TaskError",
    "Tasks",
    "tasks_for",
]


def tasks_for(workers: int, cluster: str = "") -> Tasks:
    """The map for a number of workers: one works in process, more are processes.

    With the address of a Dask scheduler in ``cluster`` its workers are taken, however many there are.
    """
    if cluster:
        from sparewatt.tasks.dask_cluster import DaskCluster  # noqa: PLC0415 - only where it is asked for

        return DaskCluster(cluster)
    return InProcess() if workers == 1 else ProcessPool(workers)
