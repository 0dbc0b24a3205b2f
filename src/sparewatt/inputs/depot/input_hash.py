"""A hash of everything that a depot run is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sparewatt.inputs.depot.settings import DepotSettings
    from sparewatt.model.depot import DepotRun

_WITHOUT_EFFECT = {"run_id", "scenario_ids", "workers"}


def hash_depot_inputs(run: DepotRun, settings: DepotSettings) -> str:
    """SHA-256 over the run and the settings that matter to its results, as hexadecimal digits.

    The run holds all table content that is used and nothing else, so the hash does not depend on
    the order of rows, on other rows and columns, or on whether files or a database held them.
    """
    digest = hashlib.sha256()
    text = json.dumps(settings.model_dump(mode="json", exclude=_WITHOUT_EFFECT), sort_keys=True)
    _add(digest, text)
    _add(digest, run)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, value: object) -> None:
    """Feed a value with its kind and length, so that no two values feed the same bytes."""
    if is_dataclass(value):
        digest.update(f"{type(value).__name__}(".encode())
        for field in fields(value):
            digest.update(f"{field.name}=".encode())
            _add(digest, getattr(value, field.name))
        digest.update(b")")
    elif isinstance(value, tuple):
        digest.update(f"tuple {len(value)}(".encode())
        for item in value:
            _add(digest, item)
        digest.update(b")")
    elif isinstance(value, np.ndarray):
        little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
        digest.update(f"array {value.dtype.kind} {value.shape}".encode())
        digest.update(little.tobytes())
    else:
        text = value.isoformat() if isinstance(value, datetime) else repr(value)
        if isinstance(value, timedelta):
            text = str(value.total_seconds())
        encoded = text.encode()
        digest.update(f"{type(value).__name__} {len(encoded)}:".encode() + encoded)
