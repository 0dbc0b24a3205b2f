"""Scenarios of the depot: allocation x mode, claimed by one worker at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, update

from sparewatt.errors import StoreError, StoreMissing
from sparewatt.results.store import scenario_rows as rows_of
from sparewatt.results.store.core import Core, is_sqlite, now_s
from sparewatt.results.store.new_scenarios import insert_scenarios, next_position
from sparewatt.results.store.owner import is_gone
from sparewatt.results.store.scenario_rows import (
    JOINED,
    STALE_S,
    NewScenario,
    StoredScenario,
    hold,
    is_busy,
    let_go,
    scenario_rows,
    set_status,
)
from sparewatt.results.store.tables import depot_days, depot_scenarios, t_charging_scenarios

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection, Row


_LOCKED_S = 5.0
"""How long to wait for the server to notice that a killed worker let go of its rows [s]."""


class Scenarios(Core):
    """The part of the store that knows who works on what."""

    def create_scenarios(self, store_run_id: int, new: Sequence[NewScenario]) -> tuple[StoredScenario, ...]:
        """Note the scenarios of a run, in order; ids follow the highest that is there."""
        return self.write(
            f"note the scenarios of run {store_run_id}",
            lambda c: insert_scenarios(c, store_run_id, new),
            repeatable=False,
        )

    def find_scenarios(self, store_run_id: int) -> tuple[StoredScenario, ...]:
        """The scenarios that a run made last, in order."""
        return self.read(
            f"list the scenarios of run {store_run_id}",
            lambda c: rows_of.find_scenarios(c, depot_scenarios.c.store_run_id == store_run_id),
        )

    def find_scenario(self, scenario_id: int) -> StoredScenario:
        """One scenario.

        Raises
        ------
        StoreError
            There is none of that number.
        """
        found = self.read(
            f"look for scenario {scenario_id}",
            lambda c: rows_of.find_scenarios(c, depot_scenarios.c.scenario_id == scenario_id),
        )
        if not found:
            raise StoreMissing(
                f"There is no scenario {scenario_id} in {self.label}; `sparewatt runs` lists what there is."
            )
        return found[0]

    def claim_scenario(
        self, store_run_id: int, owner: str, *, scenario_id: int | None = None, stale_s: float = STALE_S
    ) -> StoredScenario | None:
        """Claim the next scenario of a run that nobody works on; ``None`` when all are taken.

        New ones, and those in progress whose owner is a dead process of this host or was not heard of
        for ``stale_s`` [s]. One statement: two workers never both win.

        Parameters
        ----------
        store_run_id, owner
            Which run, and who asks: :func:`sparewatt.results.store.current_owner`.
        scenario_id
            Only this one.
        stale_s
            Age of a heartbeat from which on it counts as gone [s].
        """

        def work(connection: Connection) -> tuple[StoredScenario | None, bool]:
            s, d = t_charging_scenarios.c, depot_scenarios.c
            of_run = d.store_run_id == store_run_id
            holders = connection.execute(
                select(d.owner).select_from(JOINED).where(of_run, s.schedule_status == "p").distinct()
            ).scalars()
            gone = [holder for holder in holders if is_gone(holder)]
            left = or_(d.heartbeat.is_(None), d.heartbeat < now_s(connection) - stale_s, d.owner.in_(gone))
            free = and_(of_run, or_(s.schedule_status == "n", and_(s.schedule_status == "p", left)))
            if scenario_id is not None:
                free = and_(free, d.scenario_id == scenario_id)
            first = select(d.scenario_id).select_from(JOINED).where(free).order_by(d.position).limit(1)
            locked = first.with_for_update(skip_locked=True)  # SQLite: the transaction is immediate instead
            taken = connection.execute(
                update(depot_scenarios)
                .where(d.scenario_id == locked.scalar_subquery())
                .values(owner=owner, heartbeat=now_s(connection), attempt=d.attempt + 1, error="")
                .returning(d.scenario_id)
            ).scalar()
            if taken is None:
                return None, connection.execute(first).one_or_none() is not None
            set_status(connection, taken, "p")
            return rows_of.find_scenarios(connection, d.scenario_id == taken)[0], False

        until = time.monotonic() + _LOCKED_S
        while True:
            won, locked_ones = self.write(f"claim a scenario of run {store_run_id}", work, repeatable=False)
            if not locked_ones or time.monotonic() > until:
                return won
            time.sleep(_LOCKED_S / 100)

    def heartbeat_scenario(self, scenario_id: int, owner: str) -> None:
        """Say that ``owner`` still works on a scenario.

        Raises
        ------
        StoreError
            Someone else took it over.
        """
        self.write(f"say that scenario {scenario_id} is alive", lambda c: hold(c, scenario_id, owner))

    def fail_scenario(self, scenario_id: int, owner: str, error: str) -> None:
        """Give a scenario up, with the reason; committed days stay."""

        def work(connection: Connection) -> None:
            hold(connection, scenario_id, owner)
            let_go(connection, scenario_id, error=error)
            set_status(connection, scenario_id, "f")

        self.write(f"mark scenario {scenario_id} as failed", work, repeatable=False)

    def release_scenario(self, scenario_id: int, owner: str) -> None:
        """Put a scenario back for the next worker, who goes on after the days that are committed."""

        def work(connection: Connection) -> None:
            hold(connection, scenario_id, owner)
            let_go(connection, scenario_id, error="")
            set_status(connection, scenario_id, "n")

        self.write(f"release scenario {scenario_id}", work, repeatable=False)

    def requeue_failed(self, store_run_id: int) -> int:
        """Put the failed scenarios of a run back for another try; how many there were."""

        def work(connection: Connection) -> int:
            ids = select(depot_scenarios.c.scenario_id).where(depot_scenarios.c.store_run_id == store_run_id)
            return connection.execute(
                update(t_charging_scenarios)
                .where(
                    t_charging_scenarios.c.scenario_id.in_(ids.scalar_subquery()),
                    t_charging_scenarios.c.schedule_status == "f",
                )
                .values(schedule_status="n")
            ).rowcount

        return self.write(f"put back the failed scenarios of run {store_run_id}", work)

    def rerun_scenarios(
        self, scenario_ids: Sequence[int], store_run_id: int, *, stale_s: float = STALE_S
    ) -> tuple[StoredScenario, ...]:
        """Make existing scenarios anew in another run; their old rows are shown until the new ones are whole.

        A new *edition* begins: its days are committed beside the old result, and `finish_scenario` swaps
        them in within one transaction. A crash in between leaves the old result, and the next claim goes
        on after the last committed day of the new edition. Asking again starts that edition anew.

        Raises
        ------
        StoreError
            One of them is not there, or someone works on it now.
        """

        def work(connection: Connection) -> tuple[StoredScenario, ...]:
            wanted = depot_scenarios.c.scenario_id.in_(scenario_ids)
            if not is_sqlite(connection):
                connection.execute(
                    select(depot_scenarios.c.scenario_id).where(wanted).with_for_update()
                ).all()
            found = {row.scenario_id: row for row in scenario_rows(connection, wanted)}
            missing = [str(i) for i in scenario_ids if i not in found]
            if missing:
                raise StoreMissing(
                    f"There is no scenario {', '.join(missing)} in {self.label}; "
                    "`sparewatt runs` lists what there is."
                )
            now = connection.execute(select(now_s(connection))).scalar_one()
            busy = [str(i) for i, row in found.items() if is_busy(row, now, stale_s)]
            if busy:
                raise StoreError(
                    f"Scenario {', '.join(busy)} is being planned now; wait for it, or stop that run first."
                )
            first = next_position(connection, store_run_id)
            for number, scenario_id in enumerate(dict.fromkeys(scenario_ids)):
                self._begin_edition(connection, found[scenario_id], store_run_id, first + number)
            return rows_of.find_scenarios(connection, wanted)

        return self.write(f"begin scenarios anew in run {store_run_id}", work)

    @staticmethod
    def _begin_edition(connection: Connection, row: Row[Any], store_run_id: int, position: int) -> None:
        """Drop what an unfinished edition left, and begin the next one."""
        connection.execute(
            depot_days.delete().where(
                depot_days.c.scenario_id == row.scenario_id, depot_days.c.edition != row.shown_edition
            )
        )
        connection.execute(
            update(depot_scenarios)
            .where(depot_scenarios.c.scenario_id == row.scenario_id)
            .values(
                store_run_id=store_run_id,
                position=position,
                owner="",
                heartbeat=None,
                attempt=0,
                edition=row.shown_edition + 1,
                error="",
            )
        )
        set_status(connection, row.scenario_id, "n")
