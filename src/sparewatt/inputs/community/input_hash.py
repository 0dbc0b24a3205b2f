"""A hash of everything that a community run is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, fields
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sparewatt.inputs.community.inputs import CommunityInputs
    from sparewatt.model.neighbourhood import Neighbourhood

_NOT_COUNTED = {"workers", "tariff", "feed_in", "time_zone"}
"""Settings that change no result, or that the prices in each minute tell."""


def hash_community_inputs(inputs: CommunityInputs) -> str:
    """SHA-256 over neighbourhood, minutes, settings and prices, as hexadecimal digits.

    The orders of jobs, producers and forecasts count, as they break ties; names of devices, files and the
    neighbourhood do not, and neither does whether a folder or a database held it.
    """
    digest = hashlib.sha256()
    settings = inputs.settings.model_dump(mode="json", exclude=_NOT_COUNTED)
    grid = [inputs.grid.origin_s, inputs.grid.minutes, inputs.grid.days]
    _add(digest, "community 1", json.dumps(settings, sort_keys=True), json.dumps(grid))
    _add_neighbourhood(digest, inputs.neighbourhood)
    _add(digest, inputs.tariff.import_per_kwh, inputs.tariff.feed_in_per_kwh)
    return digest.hexdigest()


def hash_neighbourhood(neighbourhood: Neighbourhood) -> str:
    """SHA-256 over a neighbourhood alone, as hexadecimal digits."""
    digest = hashlib.sha256()
    _add_neighbourhood(digest, neighbourhood)
    return digest.hexdigest()


def _add_neighbourhood(digest: hashlib._Hash, n: Neighbourhood) -> None:
    _add(digest, "neighbourhood 1", str(n.origin_s), n.house_ids)
    for part in (n.jobs, n.producers, n.forecasts, n.batteries, n.base_load):
        _add(digest, type(part).__name__, *(getattr(part, field.name) for field in fields(part)))
    _add(digest, n.scores)


def _add(digest: hashlib._Hash, *values: Any) -> None:  # noqa: ANN401 - texts, arrays and curves
    """Feed values with their lengths, so that no two lists feed the same bytes."""
    for value in values:
        if isinstance(value, str):
            encoded = value.encode()
            digest.update(f"text {len(encoded)}:".encode() + encoded)
        elif isinstance(value, np.ndarray):
            little = np.ascontiguousarray(value + 0, dtype=value.dtype.newbyteorder("<"))  # -0.0 is 0.0
            digest.update(f"array {value.dtype.kind} {value.shape}".encode())
            digest.update(little.tobytes())
        else:
            parts = value if isinstance(value, tuple) else astuple(value)
            digest.update(f"list {len(parts)}".encode())
            _add(digest, *parts)
