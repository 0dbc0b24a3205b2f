"""The queue of runs: submitted whole, taken by one worker each, put back, given up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, insert, or_, select, update

from sparewatt.results.store.core import now_s
from sparewatt.results.store.new_scenarios import insert_scenarios
from sparewatt.results.store.owner import is_gone
from sparewatt.results.store.run_claims import is_left
from sparewatt.results.store.run_orders import FREE, RunOrders
from sparewatt.results.store.runs import StoredRun, first_start, run_of_row
from sparewatt.results.store.scenario_rows import STALE_S
from sparewatt.results.store.tables import runs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

    from sparewatt.results.store.scenario_rows import NewScenario

MOST_DEATHS = 3
"""So many workers in a row may end with a run that did not move on in between; then it is given up."""

_MOVED = 0.005
"""Progress between two deaths that counts as having moved on [-]."""

GIVEN_UP = (
    f"Its worker ended {MOST_DEATHS} times without the run moving on (out of memory, perhaps, or killed), so "
    "it was given up. What was done is kept; queue it again to carry on."
)

_C = runs.c


class RunQueue(RunOrders):
    """The part of the store that hands queued runs to workers."""

    def submit_run(
        self,
        *,
        study: str,
        name: str,
        scenario: str,
        input_hash: str,
        seed: int,
        versions: Mapping[str, str],
        directory: str,
        scenarios: Sequence[NewScenario] = (),
    ) -> StoredRun:
        """Note a run, with the scenarios of a depot run, as queued for workers: whole or not at all."""
        values = {
            "study": study,
            "name": name,
            "scenario": scenario,
            "input_hash": input_hash,
            "seed": seed,
            "versions": dict(versions),
            "directory": directory,
            "state": "queued",
            "owner": "",
            "progress": 0.0,
            "created": datetime.now(UTC),
            "error": "",
            "submitted": 1,
        }

        def work(connection: Connection) -> StoredRun:
            stored = run_of_row(connection.execute(insert(runs).values(values).returning(runs)).one())
            if scenarios:
                insert_scenarios(connection, stored.id, scenarios)
            return stored

        return self.write(f"queue the run {name!r}", work, repeatable=False)

    def take_run(
        self,
        owner: str,
        *,
        below: str = "",
        without: Collection[int] = (),
        versions: Mapping[str, str] | None = None,
        stale_s: float = STALE_S,
    ) -> StoredRun | None:
        """Take the oldest submitted run that nobody works on; ``None`` where there is none.

        Queued ones, and running ones whose owner is a dead process of this host, was not heard of for
        ``stale_s`` [s], or is the one who asks: a worker asks only when it has let go of what it had. One
        statement: two workers never both win.

        Parameters
        ----------
        owner
            Who asks: :func:`sparewatt.results.store.current_owner`.
        below
            Only runs whose folder's path begins so.
        without
            Runs that are not wanted now.
        versions
            Of the programs that will work on it.
        stale_s
            Age of a heartbeat from which on it counts as gone [s].
        """

        def work(connection: Connection) -> StoredRun | None:
            free = or_(_C.state == "queued", _lost(connection, owner, stale_s))
            first = (
                select(_C.id)
                .where(_C.submitted == 1, free, _is_below(below), _C.id.not_in(without))
                .order_by(_C.id)
                .limit(1)
                .with_for_update(skip_locked=True)  # SQLite: the transaction is immediate instead
            )
            values: dict[str, object] = {
                **_deaths(),
                "state": "running",
                "owner": owner,
                "heartbeat": now_s(connection),
                "started": first_start(),
                "ended": None,
                "error": "",
            }
            if versions is not None:
                values["versions"] = dict(versions)
            taken = update(runs).where(_C.id == first.scalar_subquery()).values(values).returning(runs)
            row = connection.execute(taken).one_or_none()
            return None if row is None else run_of_row(row)

        return self.write("take a run from the queue", work, repeatable=False)

    def end_lost_runs(
        self, owner: str, *, below: str = "", stale_s: float = STALE_S
    ) -> tuple[StoredRun, ...]:
        """End the submitted runs that nobody works on and nobody should carry on; those that were ended.

        Those that were asked to stop become cancelled; those whose workers ended `MOST_DEATHS` times without
        the run moving on become failed, with the reason. Parameters as of `take_run`.
        """

        def work(connection: Connection) -> tuple[StoredRun, ...]:
            stopped = _C.stop_wanted == 1
            over = or_(stopped, and_(~_moved(), _C.deaths >= MOST_DEATHS - 1))
            rows = connection.execute(
                update(runs)
                .where(_C.submitted == 1, _lost(connection, owner, stale_s), over, _is_below(below))
                .values(
                    **FREE,
                    state=case((stopped, "cancelled"), else_="failed"),
                    error=case((stopped, ""), else_=GIVEN_UP),
                    ended=datetime.now(UTC),
                )
                .returning(runs)
            )
            return tuple(run_of_row(row) for row in rows)

        return self.write("end the runs that were given up", work, repeatable=False)

    def put_back_run(self, run_id: int, owner: str, *, error: str = "") -> StoredRun | None:
        """Queue a run again that ``owner`` cannot carry on now; ``None`` where it is not its run any more.

        Parameters
        ----------
        run_id, owner
            Which run, and who works on it.
        error
            What went wrong. It then counts as the death of a worker; the last one fails the run for it.
        """

        def work(connection: Connection) -> StoredRun | None:
            over = and_(~_moved(), _C.deaths >= MOST_DEATHS - 1)
            values: dict[str, object] = {**FREE, "state": _queued_unless_stopped()}
            if error:
                values |= _deaths()
                values["state"] = case((over, "failed"), else_=_queued_unless_stopped())
                values["error"] = case((over, error), else_="")
            row = connection.execute(
                update(runs)
                .where(_C.id == run_id, _C.owner == owner, _C.state == "running")
                .values(values)
                .returning(runs)
            ).one_or_none()
            return None if row is None else run_of_row(row)

        return self.write(f"put run {run_id} back", work)


def _lost(connection: Connection, owner: str, stale_s: float) -> ColumnElement[bool]:
    """Whether a running run has no worker any more; ``owner`` asks, and has none."""
    holders = connection.execute(
        select(_C.owner).where(_C.submitted == 1, _C.state == "running").distinct()
    ).scalars()
    gone = [owner, *(holder for holder in holders if holder and is_gone(holder))]
    return and_(_C.state == "running", is_left(connection, gone, stale_s))


def _is_below(path: str) -> ColumnElement[bool]:
    return _C.directory.startswith(path, autoescape=True)


def _moved() -> ColumnElement[bool]:
    return _C.progress > _C.death_progress + _MOVED


def _deaths() -> dict[str, object]:
    """Counts the death of the worker of a run that is said to be running."""
    died = _C.state == "running"
    return {
        "deaths": case((~died, _C.deaths), (_moved(), 1), else_=_C.deaths + 1),
        "death_progress": case((and_(died, _moved()), _C.progress), else_=_C.death_progress),
    }


def _queued_unless_stopped() -> ColumnElement[str]:
    return case((_C.stop_wanted == 1, "cancelled"), else_="queued")
