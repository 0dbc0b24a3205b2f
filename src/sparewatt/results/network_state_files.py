"""The files of a network run beside its long series, read once and turned into nouns by others."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pyarrow as pa

from sparewatt.results.network_columns import ROW_LIMIT
from sparewatt.results.network_state import STATE, ZONES
from sparewatt.results.network_view import Charging
from sparewatt.results.series_files import META, read_parquet, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

GRID = (ZONES, "feeders", "nodes", "branches", "loads", "generators", "customers")
"""Those that tell where cables, homes and zones are."""


@dataclass(frozen=True)
class StateFiles:
    """What a network run kept in its series folder beside its long series.

    Parameters
    ----------
    directory
        The folder.
    found
        Tables by name.
    meta
        What is no table.
    """

    directory: Path
    found: Mapping[str, pa.Table]
    meta: Mapping[str, Any]


def read_state_files(directory: Path, names: Sequence[str] = STATE) -> StateFiles:
    """Read some of them, `ZONES` among them; call it within `fitting`."""
    found = {name: read_parquet(directory / f"{name}.parquet", ROW_LIMIT) for name in names}
    return StateFiles(directory, found, json.loads((found[ZONES].schema.metadata or {})[META]))


@contextmanager
def fitting() -> Iterator[None]:
    """Files of a run that do not fit together, or hold what they should not, are an InputError."""
    try:
        yield
    except (KeyError, ValueError, TypeError, OverflowError, IndexError, pa.ArrowException) as error:
        raise refused("series of the network", f"the files do not fit together: {error}") from None


def known_charging(told: Any) -> Charging:  # noqa: ANN401 - from JSON
    """A way of charging; a ValueError where it is none."""
    if told not in get_args(Charging):
        raise ValueError("a way of charging is not known")
    charging: Charging = told
    return charging


def finite_numbers(told: Any, count: int) -> NDArray[np.float64]:  # noqa: ANN401 - from JSON
    """Finite numbers out of JSON; a ValueError where they are others, or not as many."""
    values = np.asarray(told, dtype=np.float64)
    if values.shape != (count,) or not np.isfinite(values).all():
        raise ValueError(f"{count} numbers were expected")
    return values
