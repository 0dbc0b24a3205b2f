"""A hash of everything that a network run is made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.network.network_hash import hash_network
from sparewatt.inputs.profiles.metered import MeteredPower
from sparewatt.inputs.profiles.simbench import ShapedPower

if TYPE_CHECKING:
    from sparewatt.inputs.network.read import NetworkInputs


def hash_network_inputs(inputs: NetworkInputs, seed: int) -> str:
    """SHA-256 over network, zones, settings, meters, cars and prices, as hexadecimal digits.

    What is generated follows from the seed and the settings; what was measured counts by its values. The
    number of workers does not count.
    """
    digest = hashlib.sha256()
    settings = inputs.settings.model_dump(mode="json", exclude={"workers", "zones"})
    _add_text(digest, "network run 1", str(seed), json.dumps(settings, sort_keys=True))
    _add_text(digest, hash_network(inputs.network), *inputs.zones.ids, *inputs.customers.ids)
    _add_array(digest, inputs.zones.load_zone)
    for source in (inputs.profiles.demand, inputs.profiles.heat_pump, inputs.profiles.pv):
        if isinstance(source, MeteredPower):
            _add_text(digest, "metered", str(source.first_s), str(source.step_s))
            _add_array(digest, source.meter_kw)
            _add_array(digest, source.meter)
        elif isinstance(source, ShapedPower):
            _add_text(digest, "shapes")
            for array in (source.shapes, source.shape, source.scale):
                _add_array(digest, array)
        else:
            _add_text(digest, "generated")
    _add_array(digest, inputs.temperature_c)
    _add_array(digest, inputs.price_per_kwh)
    cars = inputs.pool.cars
    _add_text(digest, "cars", str(inputs.pool.seed is None), *cars.ids)
    for field in fields(cars):
        value = getattr(cars, field.name)
        if isinstance(value, np.ndarray):
            _add_array(digest, value)
    return digest.hexdigest()


def _add_text(digest: hashlib._Hash, *texts: str) -> None:
    """Feed texts with their lengths, so that no two lists feed the same bytes."""
    for text in (str(len(texts)), *texts):
        encoded = text.encode()
        digest.update(f"text {len(encoded)}:".encode() + encoded)


def _add_array(digest: hashlib._Hash, array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> None:
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    digest.update(f"array {array.dtype.kind} {array.shape}".encode())
    digest.update(little.tobytes())
