"""Changing neighbourhoods of the store: by whoever knows what is kept, and nobody else's change is lost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from sparewatt.errors import StoreError
from sparewatt.results.store.neighbourhoods import Neighbourhoods, _packed, _unknown, _unpacked
from sparewatt.results.store.tables import community_neighbourhoods as table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.engine import Connection


@dataclass(frozen=True)
class NeighbourhoodFiles:
    """What is kept of a neighbourhood at some moment, for who changes it; equal where the version is.

    Parameters
    ----------
    version
        Another one whenever name or files are others; scores do not count.
    name
        What people call it.
    packed
        The files as they are kept.
    """

    version: str
    name: str = field(compare=False)
    packed: bytes = field(compare=False, repr=False)

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The text of each file by its path inside the folder; a StoreError where they are damaged."""
        files = _unpacked(self.packed)
        if files is None:
            raise StoreError(f"The neighbourhood {self.name} is damaged; put back a copy of the store.")
        return files


class NeighbourhoodChanges(Neighbourhoods):
    """The part of the store that lets neighbourhoods be edited."""

    def open_neighbourhood(self, number: int) -> NeighbourhoodFiles:
        """Name, files and version together; a StoreError where there is no such neighbourhood."""
        query = select(table.c.name, table.c.files).where(table.c.id == number)
        row = self.read(f"read neighbourhood {number}", lambda c: c.execute(query).one_or_none())
        if row is None:
            raise _unknown(number)
        return NeighbourhoodFiles(_version(row.name, row.files), row.name, bytes(row.files))

    def change_neighbourhood(
        self, number: int, version: str, name: str, files: Mapping[str, str], producers: Collection[str]
    ) -> str | None:
        """Put other files in the place of those of a version, if they are still what is kept.

        Parameters
        ----------
        number, version
            Of which neighbourhood, and what the change was made from.
        name, files
            As of `create_neighbourhood`.
        producers
            Producers that keep their scores.

        Returns
        -------
        The new version; ``None`` where somebody else has changed it meanwhile: then nothing was changed.

        Raises
        ------
        StoreError
            There is no such neighbourhood.
        """
        packed = _packed(files)
        query = select(table.c.name, table.c.files, table.c.scores).where(table.c.id == number)

        def work(connection: Connection) -> str | None:
            row = connection.execute(query.with_for_update()).one_or_none()
            if row is None:
                raise _unknown(number)
            if _version(row.name, row.files) != version:
                return None
            scores = {producer: score for producer, score in row.scores.items() if producer in producers}
            values = {"name": name, "files": packed, "scores": scores, "changed": datetime.now(UTC)}
            connection.execute(update(table).where(table.c.id == number).values(**values))
            return _version(name, packed)

        return self.write(f"change neighbourhood {number}", work, repeatable=False)


def _version(name: str, packed: bytes) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass") + b"\0" + bytes(packed)).hexdigest()[:20]
