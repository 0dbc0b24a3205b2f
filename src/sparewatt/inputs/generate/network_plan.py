"""NetworkPlan: what a generated low-voltage network has; its cables and transformer sizes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cable:
    """A kind of cable.

    Parameters
    ----------
    name
        What people call it.
    r1, x1, r0, x0
        Impedance of the positive and zero sequence [ohm/km].
    ampacity_a
        Rated current [A].
    """

    name: str
    r1: float
    x1: float
    r0: float
    x0: float
    ampacity_a: float


MAINS = (
    Cable("95 mm2 Al", 0.320, 0.075, 1.280, 0.075, 235.0),
    Cable("185 mm2 Al", 0.164, 0.074, 0.656, 0.074, 330.0),
    Cable("300 mm2 Al", 0.100, 0.073, 0.400, 0.073, 420.0),
)
"""Cables under the street, thin ones first; the neutral is as thick as a phase, so that R0 = 4 R1."""

SERVICES = (
    Cable("25 mm2 Al", 1.200, 0.088, 4.800, 0.088, 100.0),
    Cable("35 mm2 Al", 0.868, 0.085, 3.472, 0.085, 120.0),
)
"""Concentric cables to houses."""

RATINGS_KVA = (200.0, 315.0, 500.0, 800.0, 1000.0, 1250.0, 1600.0, 2000.0)

_LEAST_CUSTOMERS, _MOST_FEEDERS = 1, 8


@dataclass(frozen=True)
class NetworkPlan:
    """A radial network to be made.

    Parameters
    ----------
    customers
        Houses, each with a load.
    feeders
        Ways out of the busbar, 1 to 8; customers are shared out unevenly.
    name
        Of the network.
    rating_kva
        Of the transformer; ``None``: the smallest usual size of at least 1.7 kVA per customer.
    phase_disorder
        Share of the services whose phase is drawn instead of being the next in turn; 0 is as even as can
        be [0-1].
    three_phase_share
        Share of the customers with all three phases [0-1].
    design_kw
        Load of a house among many that cables are chosen for [kW].
    load_kw, power_factor
        What the loads say of themselves; studies bring profiles.
    """

    customers: int = 120
    feeders: int = 4
    name: str = "generated"
    rating_kva: float | None = None
    phase_disorder: float = 0.3
    three_phase_share: float = 0.0
    design_kw: float = 2.0
    load_kw: float = 1.0
    power_factor: float = 0.95

    def __post_init__(self) -> None:
        """Refuse what no network can be made of."""
        if not 1 <= self.feeders <= _MOST_FEEDERS or self.customers < max(self.feeders, _LEAST_CUSTOMERS):
            raise ValueError(f"a network has 1 to {_MOST_FEEDERS} feeders and at least a customer on each")
        if not (
            0 <= self.phase_disorder <= 1 and 0 <= self.three_phase_share <= 1 and 0 < self.power_factor <= 1
        ):
            raise ValueError("shares are from 0 to 1, a power factor above 0 to 1")
        if self.rating_kva is not None and not self.rating_kva > 0 or not self.design_kw > 0:  # noqa: RUF021 - as read
            raise ValueError("ratings and powers that cables are chosen for are above 0")
