"""The root of the error tree and the two errors that tasks raise; they stand below every floor.

Everyone else imports them from :mod:`sparewatt.errors`, where the whole tree is drawn.
"""

from __future__ import annotations


class SparewattError(Exception):
    """Base of everything Sparewatt raises on purpose; the message carries the facts and the way out."""


class TaskError(SparewattError):
    """A task failed on every try."""


class RunCancelled(SparewattError):  # noqa: N818 - it is a state, not a fault
    """The run was cancelled by the user; committed pieces stay."""
