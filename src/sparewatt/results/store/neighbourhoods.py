"""Neighbourhoods: folders of neighbourhoods kept in the store, with the scores of their producers."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from sparewatt.errors import StoreError, StoreMissing
from sparewatt.results.store.core import Core
from sparewatt.results.store.tables import community_neighbourhoods as table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Select
    from sqlalchemy.engine import Connection, Row

MOST_BYTES = 2_000_000_000
"""Unpacked size of a neighbourhood's files at most [bytes]."""


@dataclass(frozen=True)
class StoredNeighbourhood:
    """A neighbourhood, without its files.

    Parameters
    ----------
    id, name
        Number in this store, and what people call it.
    scores
        Scores that its producers begin the next run with, by producer; those that are not named are new.
    created, changed
        Times, UTC.
    """

    id: int
    name: str
    scores: Mapping[str, float]
    created: datetime
    changed: datetime


class Neighbourhoods(Core):
    """The part of the store that keeps neighbourhoods."""

    def create_neighbourhood(
        self, name: str, files: Mapping[str, str], scores: Mapping[str, float] | None = None
    ) -> StoredNeighbourhood:
        """Keep a neighbourhood.

        Parameters
        ----------
        name
            What people call it; two may be called the same.
        files
            Text of each file by its path inside the folder.
        scores
            Of its producers.
        """
        now = datetime.now(UTC)
        row = {"name": name, "files": _packed(files), "scores": dict(scores or {})}

        def work(connection: Connection) -> int:
            done = connection.execute(insert(table).values(**row, created=now, changed=now))
            key = done.inserted_primary_key
            return int(key[0]) if key is not None else 0

        number = self.write(f"keep the neighbourhood {name!r}", work, repeatable=False)
        return StoredNeighbourhood(number, name, dict(scores or {}), now, now)

    def replace_neighbourhood(self, number: int, name: str, files: Mapping[str, str]) -> None:
        """Put other files in the place of those that were there; the scores stay.

        Raises
        ------
        StoreError
            There is no such neighbourhood.
        """
        self._change(number, {"name": name, "files": _packed(files)})

    def write_scores(self, number: int, scores: Mapping[str, float]) -> None:
        """Keep scores for the next run; errors as of `replace_neighbourhood`."""
        self._change(number, {"scores": dict(scores)})

    def reset_scores(self, number: int) -> None:
        """Let all producers begin anew; errors as of `replace_neighbourhood`."""
        self._change(number, {"scores": {}})

    def delete_neighbourhood(self, number: int) -> None:
        """Throw a neighbourhood away; errors as of `replace_neighbourhood`."""

        def work(connection: Connection) -> None:
            if not connection.execute(delete(table).where(table.c.id == number)).rowcount:
                raise _unknown(number)

        self.write(f"throw away neighbourhood {number}", work)

    def find_neighbourhoods(self) -> tuple[StoredNeighbourhood, ...]:
        """All neighbourhoods, the one that was changed last first."""
        query = _heads().order_by(table.c.changed.desc(), table.c.id.desc())
        return self.read("find the neighbourhoods", lambda c: tuple(map(_stored, c.execute(query))))

    def find_neighbourhood(self, number: int) -> StoredNeighbourhood:
        """One neighbourhood; errors as of `replace_neighbourhood`."""
        query = _heads().where(table.c.id == number)
        row = self.read(f"find neighbourhood {number}", lambda c: c.execute(query).one_or_none())
        if row is None:
            raise _unknown(number)
        return _stored(row)

    def read_neighbourhood_files(self, number: int) -> dict[str, str]:
        """Text of each file by its path inside the folder.

        Raises
        ------
        StoreError
            There is no such neighbourhood, or what is kept of it is damaged.
        """
        query = select(table.c.files).where(table.c.id == number)
        packed = self.read(f"read neighbourhood {number}", lambda c: c.execute(query).scalar_one_or_none())
        if packed is None:
            raise _unknown(number)
        files = _unpacked(packed)
        if files is None:
            raise StoreError(f"Neighbourhood {number} is damaged; put back a copy of the store.")
        return files

    def _change(self, number: int, values: Mapping[str, object]) -> None:
        change = update(table).where(table.c.id == number).values(**values, changed=datetime.now(UTC))

        def work(connection: Connection) -> None:
            if not connection.execute(change).rowcount:
                raise _unknown(number)

        self.write(f"change neighbourhood {number}", work)


def _heads() -> Select[Any]:
    return select(table.c.id, table.c.name, table.c.scores, table.c.created, table.c.changed)


def _stored(row: Row[Any]) -> StoredNeighbourhood:
    return StoredNeighbourhood(row.id, row.name, row.scores, row.created, row.changed)


def _packed(files: Mapping[str, str]) -> bytes:
    """Files as JSON, packed; the same files give the same bytes."""
    return zlib.compress(json.dumps(dict(files)).encode(), 6)


def _unpacked(packed: bytes) -> dict[str, str] | None:
    """The files, or ``None`` where the bytes are not what `_packed` made."""
    try:
        unpacking = zlib.decompressobj()
        text = unpacking.decompress(packed, MOST_BYTES)
        content = json.loads(text) if unpacking.eof else None
    except (zlib.error, ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or not all(isinstance(text, str) for text in content.values()):
        return None
    return content


def _unknown(number: int) -> StoreMissing:
    return StoreMissing(f"There is no neighbourhood {number} in this store.")
