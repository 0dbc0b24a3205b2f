"""OperatingRules: how a hub is run; what the scenario file's table ``[cluster]`` says, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Control = Literal[
    "uncontrolled",
    "first_come_first_served",
    "earliest_deadline_first",
    "least_laxity_first",
    "equal_share",
    "milp",
    "feasible_milp",
    "central_milp",
]
"""Names of the control rules (spec, section 4)."""

Reservation = Literal["none", "simple", "smart"]

CONTROLS: tuple[Control, ...] = get_args(Control)
KERNEL_CONTROLS: tuple[Control, ...] = CONTROLS[:5]
"""Rules that are kernels on arrays; the position is the code that kernels know them by."""


@dataclass(frozen=True)
class OperatingRules:
    """How a hub is run.

    Parameters
    ----------
    control
        Control rule.
    reservation
        Whether vehicles with a reservation time book, and how.
    queue
        Whether a vehicle that finds nothing waits, first come first served, until it would leave.
    reroute
        Whether a vehicle that finds nothing in its cluster tries the others.
    grace_s
        How long after its beginning a booking is kept for a vehicle that has not come, and how long
        after a rejection for one that was turned away [s].
    horizon_periods
        How far ahead the rolling optimisers look.
    deviation_per_kwh
        Penalty ρ_y on missing the contracted energy at the end of the horizon [1/kWh].
    excess_per_kw
        Penalty ρ_ε on exceeding a limit inside its tolerance [1/kW].
    f_markup, f_discount
        Price rise above the upper limit and fall below the lower one [currency/kWh per kW].
    arbitrage
        Share that the operator keeps of the price of energy given back [0-1].
    solve_seconds
        Deadline of each optimisation [s].
    """

    control: Control = "least_laxity_first"
    reservation: Reservation = "none"
    queue: bool = False
    reroute: bool = False
    grace_s: int = 900
    horizon_periods: int = 12
    deviation_per_kwh: float = 1.0
    excess_per_kw: float = 1.0
    f_markup: float = 0.05
    f_discount: float = 0.05
    arbitrage: float = 0.1
    solve_seconds: float = 10.0
