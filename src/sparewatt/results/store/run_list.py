"""Lists of runs: filtered, newest first, page by page, and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from sparewatt.results.store.runs import Runs, RunState, StoredRun, run_of_row
from sparewatt.results.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

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


@dataclass(frozen=True)
class RunHead:
    """What a list shows of a run, so that very many can be read at once; see `StoredRun` for the fields."""

    id: int
    study: str
    name: str
    state: RunState
    progress: float
    created: datetime
    started: datetime | None
    ended: datetime | None
    submitted: bool
    stop_wanted: bool


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

    def list_run_heads(
        self, *, limit: int, after: int | None = None, also: Collection[int] = ()
    ) -> tuple[RunHead, ...]:
        """The newest runs, newest first, without what is long.

        Parameters
        ----------
        limit
            At most so many.
        after
            Only what may have changed for somebody who has seen all runs up to this one: newer runs, those
            that wait or are worked on, and those of ``also``.
        also
            Runs that were waiting or worked on when they were seen.
        """
        c = runs.c
        times = (c.created, c.started, c.ended)
        heads = (c.id, c.study, c.name, c.state, c.progress, *times, c.submitted, c.stop_wanted)
        query = select(*heads).order_by(c.id.desc()).limit(limit)
        if after is not None:
            query = query.where(or_(c.id > after, c.state.in_(("queued", "running")), c.id.in_(also)))

        def work(connection: Connection) -> tuple[RunHead, ...]:
            return tuple(
                RunHead(*row[:8], submitted=bool(row.submitted), stop_wanted=bool(row.stop_wanted))
                for row in connection.execute(query)
            )

        return self.read("list the runs", work)
