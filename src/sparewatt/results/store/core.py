"""The core of the store: reading and writing transactions, tried again where that is safe."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Double, cast, func, literal_column

from sparewatt.results.store.opening import Address, Place
from sparewatt.results.store.trouble import DRIVER_ERRORS, Moved, may_pass, store_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Connection, Engine

Result = TypeVar("Result")

RETRY_S = 5.0
"""How long a call is tried again after a lost connection or a lock [s]."""

_FIRST_WAIT_S = 0.1


class Core:
    """Transactions on one database.

    Parameters
    ----------
    address, engine
        Where the store is.
    """

    def __init__(self, address: Address, engine: Engine) -> None:
        self._address = address
        self._engine = engine
        self._place = Place(address.path)

    @property
    def address(self) -> str:
        """The whole address, password included, to open the store in another process; never show it."""
        return self._address.text

    @property
    def label(self) -> str:
        """The store for people, without password."""
        return self._address.label

    def read(self, doing: str, work: Callable[[Connection], Result]) -> Result:
        """``work`` in one snapshot; ``doing`` says in an error what was tried."""
        return self._run(doing, work, writing=False, repeatable=True)

    def write(self, doing: str, work: Callable[[Connection], Result], *, repeatable: bool = True) -> Result:
        """``work`` in one transaction, whole or not at all.

        Parameters
        ----------
        doing
            What was tried, for an error.
        work
            May be called several times; whatever it did before was rolled back, unless the connection
            was lost during the commit itself: then nobody knows.
        repeatable
            Whether ``work`` may run again even then.
        """
        return self._run(doing, work, writing=True, repeatable=repeatable)

    def use_log(self) -> None:
        """Let SQLite write ahead into a log, so that readers and a writer do not wait for each other.

        The file stays so set; it is done once the tables are ours, not to a file that was refused.
        """

        def attempt() -> None:
            with self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.execute("PRAGMA journal_mode = WAL")  # not possible inside a transaction

        if self._address.path is not None:
            self._again("open the store", attempt, lambda: True)

    def _run(
        self, doing: str, work: Callable[[Connection], Result], *, writing: bool, repeatable: bool
    ) -> Result:
        committing = False

        def attempt() -> Result:
            nonlocal committing
            committing = False
            with self._engine.connect() as connection:
                connection.execution_options(writing=writing)
                with connection.begin() as transaction:
                    result = work(connection)
                    self._place.check()
                    committing = writing
                    transaction.commit()
                    return result

        return self._again(doing, attempt, lambda: repeatable or not committing)

    def _again(self, doing: str, attempt: Callable[[], Result], repeatable: Callable[[], bool]) -> Result:
        """``attempt`` until it succeeds, cannot succeed, or ``RETRY_S`` are over."""
        until, wait = time.monotonic() + RETRY_S, _FIRST_WAIT_S
        while True:
            try:
                return attempt()
            except (*DRIVER_ERRORS, Moved) as error:
                again = may_pass(error) and repeatable()
                if not again or time.monotonic() + wait > until:
                    raise store_error(doing, self.label, error, self._address.secret) from None
            time.sleep(wait)
            wait *= 2

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


def is_sqlite(connection: Connection) -> bool:
    """Whether the connection is to SQLite; else it is to PostgreSQL."""
    return connection.dialect.name == "sqlite"


def now_s(connection: Connection) -> ColumnElement[float]:
    """The database's own clock: one for all machines that work on a run [s since the epoch]."""
    if is_sqlite(connection):
        return literal_column("((julianday('now') - 2440587.5) * 86400.0)", Double)
    return cast(func.extract("epoch", func.clock_timestamp()), Double)


def epoch_s(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[int]:
    """A stored time, offset and all, as seconds since the epoch."""
    if is_sqlite(connection):
        return cast(func.strftime("%s", column), BigInteger)
    return cast(func.extract("epoch", column), BigInteger)
