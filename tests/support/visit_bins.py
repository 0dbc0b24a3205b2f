"""Small distributions of visits whose chances can be told by hand."""

from __future__ import annotations

import numpy as np

from sparewatt.inputs.generate.visit_bins import (
    IndependentBins,
    JointBins,
    SocBins,
    TimeBins,
    VehicleModels,
)


def hours(*edges: tuple[float, float]) -> TimeBins:
    """Bins of the clock from hours."""
    return TimeBins(np.array([a for a, _ in edges]) * 60.0, np.array([b for _, b in edges]) * 60.0)


def socs(*edges: float) -> SocBins:
    """Adjoining bins of the state of charge."""
    return SocBins(np.array(edges[:-1]), np.array(edges[1:]))


def independent() -> IndependentBins:
    """Mornings on weekdays, noon at weekends; leaving in the afternoon, the evening or the night."""
    return IndependentBins(
        hours((7, 8), (8, 10), (12, 13)),
        np.array([[0.5, 0.3, 0.2], [0.0, 0.1, 0.9]]),
        hours((1, 2), (9, 10), (16, 18), (20, 21)),
        np.array([[0.1, 0.2, 0.4, 0.3], [0.0, 0.0, 0.5, 0.5]]),
        socs(0.1, 0.3, 0.5, 0.7),
        np.array([0.2, 0.5, 0.3]),
        socs(0.2, 0.4, 0.6, 0.8, 1.0),
        np.array([0.1, 0.2, 0.3, 0.4]),
    )


def joint() -> JointBins:
    """Three kinds of stays, one of them over midnight."""
    table = np.array([[0.0, 0.5, 0.0], [0.0, 0.2, 0.0], [0.3, 0.0, 0.0]])
    return JointBins(
        hours((7, 8), (16, 17), (22, 23)),
        np.stack([table, table]),
        socs(0.0, 0.25, 0.5, 1.0),
        np.array([[0.1, 0.0, 0.4], [0.0, 0.2, 0.3], [0.0, 0.0, 0.0]]),
    )


def models() -> VehicleModels:
    """A small and a large car."""
    return VehicleModels(
        ("small", "large"),
        np.array([30.0, 90.0]),
        np.array([7.4, 11.0]),
        np.array([50.0, 150.0]),
        np.array([0.25, 0.75]),
    )
