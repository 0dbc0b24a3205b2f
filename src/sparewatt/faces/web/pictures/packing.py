"""Packing: arrays in figures as their bytes, which browsers read fastest."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def packed(values: NDArray[Any]) -> dict[str, Any]:
    """Numbers as Plotly reads them fastest: their bytes."""
    kinds = {"f8": "f8", "f4": "f4", "u1": "u1", "u2": "u2", "i4": "i4", "i2": "i2", "i1": "i1"}
    kind = kinds[values.dtype.str[1:]]
    text = base64.b64encode(np.ascontiguousarray(values, dtype=f"<{kind}").tobytes()).decode()
    shape = {"shape": ", ".join(map(str, values.shape))} if values.ndim > 1 else {}
    return {"dtype": kind, "bdata": text, **shape}


def unpacked(values: object) -> NDArray[Any]:
    """The numbers of `packed`, or of a list."""
    if not isinstance(values, dict):
        return np.asarray(values)
    found = np.frombuffer(base64.b64decode(values["bdata"]), dtype=f"<{values['dtype']}")
    return found.reshape([int(n) for n in values["shape"].split(",")]) if "shape" in values else found
