"""How much of a solver's work fits a deadline, told by the size of the model and not by the clock.

The clock ends a solve where this guess was wrong, or the machine is busy; everywhere else the same model and
the same deadline come to the same result, to the byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparewatt.decide.optimise.matrix import Deadline, Solver

MOST_ENTRIES = 4_000_000
"""Minutes of all loads up to which a model is built, whatever the deadline."""
ENTRIES_PER_S = 50_000
"""The same for each second of the deadline: the first relaxation of so many takes about a third of it."""
LOOKS_PER_S = 100_000.0
"""Looks times coefficients for each second of the deadline: that takes from a tenth to a fifth of it."""
LEAST_LOOKS = 2


def most_entries(deadline: Deadline) -> int:
    """Minutes of all loads up to which a model is built."""
    return int(min(MOST_ENTRIES, ENTRIES_PER_S * deadline.seconds))


def most_looks(solver: Solver, deadline: Deadline) -> int:
    """How often a branch and bound may ask whether it is to end, see `Solver.solve`."""
    return max(LEAST_LOOKS, int(LOOKS_PER_S * deadline.seconds / max(1, solver.entries)))
