"""The way to a Dask cluster: a client whose workers have this version of Sparewatt."""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING, Any

from sparewatt.fault import SparewattError
from sparewatt.tasks.dask_worker import sparewatt_version

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT_S = 10.0
"""How long a scheduler may take to answer [s]."""


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of a scheduler whose workers have this version of Sparewatt."""
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise SparewattError(
            "Dask is not installed here; install sparewatt[dask], or leave --dask out."
        ) from None
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False, name="sparewatt")
    except (OSError, ValueError, TimeoutError) as error:
        raise SparewattError(
            f"No Dask scheduler answers at {address} ({type(error).__name__}); start one with "
            "`dask scheduler`, and see that the address is right."
        ) from None
    with client:
        _see_versions(client, address)
        yield client


def _see_versions(client: Any, address: str) -> None:  # noqa: ANN401 - of Dask, which has no types
    """An error where a worker has another Sparewatt than this process, or none, or there is no worker."""
    own = sparewatt_version()
    try:
        found = client.run(sparewatt_version)
    except ImportError:
        found = {"a worker": "none"}
    if not found:
        raise SparewattError(
            f"The Dask scheduler at {address} has no workers; start some with `dask worker {address}`."
        )
    others = {worker: version for worker, version in found.items() if version != own}
    if others:
        worker, version = next(iter(others.items()))
        raise SparewattError(
            f"{worker} has Sparewatt {version}, this process {own}; install the same version on all workers."
        )
