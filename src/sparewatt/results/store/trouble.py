"""What databases say when something is wrong, in words for people, and whether trying again may help."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from sparewatt.errors import StoreAway

DRIVER_ERRORS = (SQLAlchemyError, sqlite3.Error, psycopg.Error)
"""What a call of the database may raise."""

_AGAIN_STATES = ("08", "57P01", "57P02", "57P03", "40001", "40P01")
_LOCK_STATES = ("55P03",)

_SQLITE_WORDS = (
    (
        "database is locked",
        "another program has been writing to it for too long; wait for it, or end it, and try again",
    ),
    (
        "not a database",
        "it is not an SQLite database; name another file, or move this one out of the way",
    ),
    (
        "malformed",
        "the file is damaged; put back a copy of it, or move it away to begin a new store",
    ),
    ("readonly", "it is read-only; allow writing to the file and its folder, or name another one"),
    (
        "unable to open",
        "the file cannot be opened; see that its folder exists and that you may write there",
    ),
    ("disk is full", "the disk is full; make room and carry on with --resume"),
    ("disk i/o error", "the disk cannot be read or written; see that it is still there"),
)


class Moved(Exception):  # noqa: N818 - seen inside the store only
    """The file of the store is not the one that was opened any more."""


def may_pass(error: Exception) -> bool:
    """Whether the same call may succeed in a moment: a lock, or a connection that was lost."""
    cause = _driver_error(error)
    if isinstance(cause, sqlite3.OperationalError):
        return "database is locked" in str(cause)
    if isinstance(cause, psycopg.Error):
        state = cause.sqlstate or ""
        refused = isinstance(cause, psycopg.OperationalError) and not state and not _is_hopeless(str(cause))
        return state.startswith(_AGAIN_STATES) or refused
    return isinstance(error, DBAPIError) and error.connection_invalidated


def store_error(doing: str, label: str, error: Exception, secret: str | None) -> StoreAway:
    """The error that people see: what was tried, where, why not, and the way out.

    Parameters
    ----------
    doing
        What was tried, e.g. ``"commit day 3 of scenario 7"``.
    label
        The store without its password.
    error
        What the driver said.
    secret
        The password, struck out wherever the driver repeats it.
    """
    text = f"Cannot {doing}: {label}: {_words(error)}."
    if secret:
        text = text.replace(secret, "***")
    return StoreAway(text)


def _driver_error(error: Exception) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _is_hopeless(text: str) -> bool:
    """Refusals at the door that waiting does not change; libpq gives them no code."""
    marks = (
        "authentication failed",
        "does not exist",
        "no password supplied",
        "could not translate host name",
    )
    return any(mark in text for mark in (*marks, "no pg_hba.conf entry"))


def _words(error: Exception) -> str:
    cause = _driver_error(error)
    text = str(cause).strip()
    lower = text.lower()
    if isinstance(cause, Moved):
        return text
    if isinstance(cause, sqlite3.Error):
        for mark, words in _SQLITE_WORDS:
            if mark in lower:
                return words
        return text
    if isinstance(cause, psycopg.Error):
        return _postgres_words(cause, text)
    return text.splitlines()[0] if text else type(cause).__name__


def _postgres_words(cause: psycopg.Error, text: str) -> str:
    said = (cause.diag.message_primary or " ".join(text.split())).rstrip(".")
    state = cause.sqlstate or ""
    if state.startswith("25006"):
        return "the database is read-only; ask for the right to write, or name another one"
    if state == "42501":
        return f"the rights are missing ({said}); ask the owner of the database"
    if state in _LOCK_STATES:
        return "another program has held a lock for too long; wait for it, or end it, and try again"
    if state == "53100":
        return "the disk of the server is full; make room and carry on with --resume"
    if isinstance(cause, psycopg.OperationalError):
        return f"the database server does not answer ({said}); see that it runs and that the address is right"
    return said
