"""The error tree. Expected failure is a value (rule 6); these are broken input, a missing world, or a bug.

::

    SparewattError
    ├── InputError          findings of severity error: nothing was run, nothing was written
    │   └── ScenarioError   the scenario file itself is wrong
    ├── StoreError          the store did not do what it was asked to: of another version, a row refused
    │   ├── StoreAway       the database cannot be reached, read or written
    │   └── StoreMissing    the store answered: what was asked for is not in it
    ├── SolverError         the solver returned what its interface does not promise
    ├── TaskError           a task failed on every try; carries the cause of the last one
    ├── RunElsewhere        another process holds the rest of the run and will finish it
    └── RunCancelled        the user asked to stop; what was committed stays and `--resume` carries on
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.fault import RunCancelled, SparewattError, TaskError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.finding import Finding


__all__ = [
    "InputError",
    "RunCancelled",
    "RunElsewhere",
    "ScenarioError",
    "SolverError",
    "SparewattError",
    "StoreAway",
    "StoreError",
    "StoreMissing",
    "TaskError",
]


class InputError(SparewattError):
    """Input that breaks rules; carries all findings at once.

    Parameters
    ----------
    findings
        Every finding of the check, warnings included.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        errors = [f for f in self.findings if f.severity == "error"]
        head = f"{len(errors)} error{'s' if len(errors) != 1 else ''} in the input"
        super().__init__("\n".join([head, *(f"  {f}" for f in errors[:20])]))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Finding, ...]]]:
        """Findings must survive the way back from a worker process."""
        return type(self), (self.findings,)


class ScenarioError(InputError):
    """The scenario file does not parse, or holds an unknown key or a value out of range."""


class StoreError(SparewattError):
    """The store did not do what it was asked to."""


class StoreAway(StoreError):  # noqa: N818 - it is a state, not a fault
    """The database could not be reached, read or written; trying again later may help."""


class StoreMissing(StoreError):  # noqa: N818 - as above
    """What was asked for is not in the store."""


class SolverError(SparewattError):
    """The solver failed in a way that is neither infeasible nor out of time."""


class RunElsewhere(SparewattError):  # noqa: N818 - it is a state, not a fault
    """Another process holds the rest of the run and will finish it."""
