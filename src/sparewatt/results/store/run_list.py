"""Lists of runs: filtered, newest first, page by page, and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, select, true

from sparewatt.results.store.runs import Runs, RunState, StoredRun, run_of_row
from sparewatt.results.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection


@dataclass(frozen=True)
class RunPage:
    """Some of the runs that match.

    Parameters
    ----------
    runs
        Newest first.
    count
        How many match in all.
    """

    runs: tuple[StoredRun, ...]
    count: int


class RunList(Runs):
    """The part of the store that lists runs."""

    def list_runs(
        self,
        *,
        study: str | None = None,
        states: Sequence[RunState] | None = None,
        text: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> RunPage:
        """Runs that match everything given, newest first.

        Parameters
        ----------
        study
            Only of this study.
        states
            Only in one of these states; none of them: no run matches.
        text
            Part of the name, whatever the case of its letters.
        limit, offset
            At most so many, after so many.
        """
        c = runs.c
        wanted: list[ColumnElement[bool]] = [true()]
        if study is not None:
            wanted.append(c.study == study)
        if states is not None:
            wanted.append(c.state.in_(states))
        if text:
            wanted.append(func.lower(c.name).contains(text.lower(), autoescape=True))
        matches = and_(*wanted)
        ids = select(c.id).where(matches).order_by(c.id.desc()).limit(limit).offset(offset or None)
        newest = select(runs).where(c.id.in_(ids)).order_by(c.id.desc())  # so that no long row is sorted
        total = select(func.count()).select_from(runs).where(matches)

        def work(connection: Connection) -> RunPage:
            found = tuple(run_of_row(row) for row in connection.execute(newest))
            return RunPage(found, connection.execute(total).scalar_one())

        return self.read("list the runs", work)
